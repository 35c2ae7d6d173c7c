"""Read articles: files, folders and standard input become documents, or a Problem each."""

from __future__ import annotations

import codecs
import datetime
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

import yaml

from factcheck.models import Document, Problem, content_id

TEXT_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".text"})
"""What is read from a folder; a file that is named on its own may end in anything."""

MAX_BYTES = 4_000_000
"""About two thousand printed pages; a longer file is a corpus and not an article."""

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
FIELDS = ("title", "publisher", "published", "url", "language", "author", "corrects", "retracts")
IDENTITY = ("url", "publisher", "published", "title")
"""What makes two documents with one text two: who published it, where, when, under which title."""

ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Reading(NamedTuple):
    """Documents in the order in which they were found, and what could not be read."""

    documents: list[Document]
    problems: list[Problem]


class _UnreadableError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(sources: Iterable[str | Path], *, stdin: BinaryIO | None = None) -> Reading:
    """Read every source: a file, a folder (searched for Markdown and text), or `-` for standard input."""
    reading = Reading([], [])
    seen: dict[str, str] = {}
    for source in sources:
        for place, content in _contents(str(source), stdin, reading.problems):
            _add(place, content, reading, seen)
    return reading


def document_from_text(text: str, **fields: str | None) -> Document:
    """A document from a string (front matter allowed); keyword arguments override its front matter.

    Raises ValueError when the text holds no words or its front matter cannot be read.
    """
    try:
        document, problems = _parse(text, path=None)
    except _UnreadableError as error:
        raise ValueError(str(error)) from None
    if problems:
        raise ValueError(problems[0].message)
    values = {name: getattr(document, name) for name in (*FIELDS, "path")} | fields
    return _document(document.text, values)


def _contents(source: str, stdin: BinaryIO | None, problems: list[Problem]) -> Iterable[tuple[str, bytes]]:
    for place in _places(source, problems):
        try:
            yield place, _bytes(place, stdin)
        except _UnreadableError as error:
            problems.append(_problem(error.code, place, str(error)))


def _places(source: str, problems: list[Problem]) -> list[str]:
    if re.match(r"https?://", source):
        problems.append(_problem("unsupported", source, "addresses are not read; save the text to a file"))
        return []
    if source == "-" or not os.path.isdir(source):  # noqa: PTH112  (pathlib raises on names that are too long)
        return [source]
    files = sorted(p for p in Path(source).rglob("*") if p.suffix.lower() in TEXT_SUFFIXES and not p.is_dir())
    if not files:
        problems.append(_problem("empty", source, "the folder holds no .md or .txt files"))
    return [str(path) for path in files]


def _problem(code: str, place: str, message: str) -> Problem:
    name = "standard input" if place == "-" else " ".join(place.split())
    return Problem(stage="read", code=code, message=f"{name}: {message}")


def _bytes(place: str, stdin: BinaryIO | None) -> bytes:
    try:
        if place == "-":
            content = stdin.read(MAX_BYTES + 1) if stdin else b""
        else:
            with Path(place).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _UnreadableError("missing", "there is no such file or folder") from None
    except (OSError, ValueError) as error:
        raise _UnreadableError("unreadable", f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(content) > MAX_BYTES:
        raise _UnreadableError("too_long", f"is longer than {MAX_BYTES:,} bytes; split it into articles")
    return content


def _add(place: str, content: bytes, reading: Reading, seen: dict[str, str]) -> None:
    try:
        document, problems = _parse(_decoded(content), path=None if place == "-" else place)
    except _UnreadableError as error:
        reading.problems.append(_problem(error.code, place, str(error)))
        return
    if document.id in seen:
        reading.problems.append(_problem("duplicate", place, f"is the same document as {seen[document.id]}"))
        return
    seen[document.id] = place
    reading.documents.append(document)
    reading.problems.extend(problems)


def _decoded(content: bytes) -> str:
    bom, encoding = next(((bom, name) for bom, name in BOMS if content.startswith(bom)), (b"", "utf-8"))
    if encoding == "utf-8" and b"\0" in content:
        raise _UnreadableError("binary", "is not text (it holds NUL bytes)")
    try:
        return content[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        hint = "convert it, e.g. with iconv -f WINDOWS-1252 -t UTF-8" if not bom else "it is damaged; save it again"
        raise _UnreadableError(
            "encoding", f"is not {encoding[:6].rstrip('-')} at byte {len(bom) + error.start}; {hint}"
        ) from None


def document_id(document: Document) -> str:
    """The id that a document's text and identifying fields give."""
    return content_id("d", document.text, *(getattr(document, name) for name in IDENTITY))


def canonical(text: str) -> str:
    """NFC, line feeds only, no NUL: the form that all offsets refer to."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def _parse(raw: str, path: str | None) -> tuple[Document, list[Problem]]:
    text = canonical(raw)
    fields: dict[str, str | None] = {"path": path}
    problems: list[str] = []
    if head := FRONT_MATTER.match(text):
        problems = _front_matter(head[1] or "", fields)
        text = text[head.end() :].strip()
    if not any(char.isalnum() for char in text):
        raise _UnreadableError("empty", "holds no words")
    if re.search("[\ud800-\udfff]", text):
        raise _UnreadableError("encoding", "holds half a character (a lone surrogate)")
    document = _document(text, fields)
    place = path or "standard input"
    return document, [
        Problem(stage="read", code="front_matter", document_id=document.id, message=f"{place}: {message}")
        for message in problems
    ]


def _front_matter(head: str, fields: dict[str, str | None]) -> list[str]:
    """Fill in what the head gives, as it is written; returns what is wrong with it."""
    try:
        values = yaml.load(head, Loader=yaml.BaseLoader) or {}  # noqa: S506  (strings only; `no` stays `no`)
    except yaml.YAMLError as error:
        return [f"the front matter is not YAML (line {_line_of(error, head)}) and was left out"]
    if not isinstance(values, Mapping):
        return ["the front matter is not a list of `name: value` lines and was left out"]
    problems = []
    for name in FIELDS:
        value = values.get(name)
        text = " ".join(canonical(value).split()) if isinstance(value, str) else ""
        fields[name] = None if text in {"", "null", "~"} else text
    if (published := fields["published"]) is not None:
        fields["published"] = _iso_date(published)
        if fields["published"] is None:
            problems.append(f"`published: {published[:40]}` is not a date like 2014-06-14 and was left out")
    return problems


def _line_of(error: yaml.YAMLError, head: str) -> int:
    """The line of the file in which YAML stumbled."""
    mark = getattr(error, "problem_mark", None)
    before = mark.line if mark else head[: getattr(error, "position", 0)].count("\n")
    return int(before) + 2


def _iso_date(text: str) -> str | None:
    """The date without its time of day, or None where it is no date of the calendar."""
    date = re.split(r"[T ]", text, maxsplit=1)[0]
    try:
        datetime.date.fromisoformat(date + "-01-01"[: 10 - len(date)] if ISO_DATE.fullmatch(date) else text)
    except ValueError:
        return None
    return date


def _document(text: str, fields: Mapping[str, str | None]) -> Document:
    text = canonical(text)
    return Document(
        id=content_id("d", text, *(fields.get(name) for name in IDENTITY)),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        characters=len(text),
        text=text,
        title=fields.get("title"),
        publisher=fields.get("publisher"),
        published=fields.get("published"),
        url=fields.get("url"),
        language=fields.get("language"),
        author=fields.get("author"),
        corrects=fields.get("corrects"),
        retracts=fields.get("retracts"),
        path=fields.get("path"),
    )
