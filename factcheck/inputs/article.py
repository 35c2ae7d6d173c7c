"""What goes into a reader and what comes out: the bytes of an original, and the articles found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from factcheck.models import Mark


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


class Article(NamedTuple):
    """One article found in an original; a feed, a table or a mailbox holds several."""

    text: str
    """Already canonical: `documents.canonical` leaves it as it is, so that `marks` stay true."""
    fields: Mapping[str, str | None] = {}
    """Any of `title`, `publisher`, `published`, `url`, `language`, `author`."""
    marks: tuple[Mark, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """Codes and messages of what was noticed but does not keep it from being read."""


class UnreadableError(Exception):
    """An original, or a part of it, that cannot be read: a code, and a line that says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Reader = Callable[[Original], Sequence[Article]]
"""Every format module has one, named `read_<format>`; it raises UnreadableError and nothing else."""
