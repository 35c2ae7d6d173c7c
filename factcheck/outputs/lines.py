"""Lines and columns of quotes in the files that documents were read from."""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from factcheck.inputs.article import canonical
from factcheck.inputs.documents import MAX_BYTES
from factcheck.inputs.plain import BOMS
from factcheck.models import Claim, Document


class Region(NamedTuple):
    """Where a quote stands in a file; lines and columns are counted from 1, the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def region_of(claim: Claim, document: Document) -> Region | None:
    """The region of a claim's first quote, or None where the file does not hold the document's text as its end.

    Offsets refer to the text after the front matter, so the file is read again; one that was changed since, or
    that is no text file, gives no line rather than a wrong one.
    """
    lines = _lines_of(document.path, document.text) if document.path else None
    if lines is None:
        return None
    start, end = claim.quotes[0].start, claim.quotes[0].end
    line, column = lines.position(start)
    return Region(line, column, *lines.position(end))


def file_of(document: Document) -> str | None:
    """The path of a document relative to the working folder where it lies in it, with forward slashes."""
    return None if document.path is None else within(document.path)


def within(path: str) -> str:
    """A path relative to the working folder where it lies in it, else absolute; with forward slashes, without dots."""
    whole, here = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100  (links stay as they are named)
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


class _Lines(NamedTuple):
    """A file line by line, as it is and in canonical form, and where the document's text begins in the latter."""

    raw: list[str]
    canonical: list[str]
    offset: int

    def position(self, at: int) -> tuple[int, int]:
        """Line and column of an offset into the document's text."""
        rest = self.offset + at
        for number, line in enumerate(self.canonical):
            if rest <= len(line):
                return number + 1, _raw_column(self.raw[number], line, rest) + 1
            rest -= len(line) + 1
        return len(self.canonical), 1


def _lines_of(path: str, text: str) -> _Lines | None:
    try:
        state = Path(path).stat()
        usable = Path(path).is_file() and state.st_size <= MAX_BYTES
    except (OSError, ValueError):
        return None
    return _lines(path, text, state.st_mtime_ns, state.st_size) if usable else None


@lru_cache(maxsize=8)
def _lines(path: str, text: str, changed: int, size: int) -> _Lines | None:  # noqa: ARG001  (a changed file is read anew)
    content = _content(path)
    if content is None:
        return None
    whole = canonical(content)
    whole = whole if whole.endswith(text) else whole.rstrip()  # with front matter the text was stripped
    if not whole.endswith(text):
        return None
    raw = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _Lines(raw, whole.split("\n"), len(whole) - len(text))


def _content(path: str) -> str | None:
    try:
        content = Path(path).read_bytes()
        bom, encoding = next(((b, e) for b, e in BOMS if content.startswith(b)), (b"", "utf-8"))
        return content[len(bom) :].decode(encoding)
    except (OSError, ValueError):
        return None


def _raw_column(raw: str, line: str, column: int) -> int:
    """The column in the file's own line: a letter and its accent may be two characters there and one here."""
    if raw.startswith(line):
        return column
    fitting = [k for k in range(len(raw) + 1) if len(unicodedata.normalize("NFC", raw[:k])) == column]
    return fitting[-1] if fitting else column
