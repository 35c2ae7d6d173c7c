"""What goes into a reader and what comes out: the bytes of an original, and what was found in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from factcheck.originals import LeftOut, Machine, Mark
from factcheck.text.invisible import counted, note_of, visible


class Original(NamedTuple):
    """Bytes as they came, and what is known about them before they are read."""

    place: str
    """What messages call it: a path, an address, or `standard input`."""
    content: bytes
    media_type: str | None = None
    """As declared by whoever sent it, without parameters; null where nothing was declared."""
    charset: str | None = None
    url: str | None = None
    """The address that answered, after redirects; null for files."""
    language: str | None = None
    """Of pictures and recordings (ISO 639-1, several with `+`); null where it is to be found out."""


class Article(NamedTuple):
    """One article found in an original; a table holds several."""

    text: str
    fields: Mapping[str, str | None] = {}
    """Any of `title`, `publisher`, `published`, `url`, `language`, `author`; front matter has two more."""
    marks: tuple[Mark, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """Codes and messages of what was noticed but does not keep it from being read."""
    part: str | None = None
    """Which one it is where an original holds several, e.g. `row 3`."""
    left_out: tuple[LeftOut, ...] = ()
    """What of the original is not in the text."""
    fields_from: Mapping[str, str] = {}
    """Where fields were found, by their names."""
    machine: Machine | None = None
    """How a machine made the words, if it did."""


class Unread(NamedTuple):
    """A part of an original that cannot be read while others can: a code, and a line that says why."""

    code: str
    message: str
    part: str | None = None


class Listed(NamedTuple):
    """The address of an article that a feed or a sitemap names, and what it says of it."""

    address: str
    fields: Mapping[str, str | None] = {}
    """What the list says of the article: where its page says nothing, this is taken."""
    text: str = ""
    """The article as the feed itself holds it: read where its page cannot be."""


class Inside(NamedTuple):
    """A file inside of another one (an archive, a mailbox, a mail), to be read as an original of its own."""

    name: str
    content: bytes
    media_type: str | None = None
    charset: str | None = None
    url: str | None = None
    retrieved: str | None = None
    around: tuple[LeftOut, ...] = ()
    """Words around it in the outer file that are no article of their own."""


class UnreadableError(Exception):
    """An original that cannot be read: a code, and a line that says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Part = Article | Unread | Listed | Inside
Reader = Callable[[Original], Sequence[Part]]
"""Every format module has one, named `read_<format>`; it raises UnreadableError and nothing else."""


class Piece(NamedTuple):
    """A stretch of text on its way into an article, and what begins with it."""

    text: str
    before: str = ""
    """What separates it from the piece before: a space, a line feed, an empty line."""
    page: int | None = None
    time: str | None = None


def canonical(text: str) -> str:
    """NFC, line feeds only, no NUL: the form that all offsets refer to."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def joined(pieces: Sequence[Piece]) -> tuple[str, tuple[Mark, ...]]:
    """The text of all pieces that hold any, and a mark wherever a page or a time begins."""
    parts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for piece in pieces:
        text = canonical(piece.text).strip()
        if not text:
            continue
        before = piece.before if parts else ""
        if piece.page is not None or piece.time is not None:
            marks.append(Mark(start=at + len(before), page=piece.page, time=piece.time))
        parts += [before, text]
        at += len(before) + len(text)
    return "".join(parts), tuple(marks)


def without_invisible(article: Article) -> Article:
    """The article without characters that nobody sees; marks and what was left out move along, and it is noted."""
    fields = {name: visible(value) if value else value for name, value in article.fields.items()}
    left_out = tuple(item.model_copy(update={"text": visible(item.text)}) for item in article.left_out)
    article = article._replace(fields=fields, left_out=left_out)
    places = {*(mark.start for mark in article.marks), *(min(item.at, len(article.text)) for item in left_out)}
    kept: list[str] = []
    taken: dict[str, int] = {}
    starts: dict[int, int] = {}
    at = 0
    for start, end in pairwise(sorted({0, len(article.text), *places})):
        starts[start] = at
        kept.append(canonical(visible(article.text[start:end], taken)))
        at += len(kept[-1])
    starts[len(article.text)] = at
    text = canonical("".join(kept))
    if text == article.text:
        return article
    last = len(article.text)
    return article._replace(
        text=text,
        marks=tuple(mark.model_copy(update={"start": min(starts[mark.start], len(text))}) for mark in article.marks),
        left_out=(
            *(item.model_copy(update={"at": min(starts[min(item.at, last)], len(text))}) for item in left_out),
            *invisible(taken, len(text)),
        ),
        notes=(*article.notes, *note_of(taken)),
    )


def invisible(taken: dict[str, int], at: int) -> tuple[LeftOut, ...]:
    """What says that invisible characters were taken out; they are no words."""
    counts = counted(taken)
    return (LeftOut(kind="hidden", text="", at=at, note=f"characters: {counts}"),) if counts else ()
