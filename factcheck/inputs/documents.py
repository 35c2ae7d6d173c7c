"""Read articles: files, folders, addresses and standard input become documents, or a Problem each."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from factcheck.ids import IDENTITY, content_id
from factcheck.inputs.article import Article, Listed, Unread, UnreadableError, canonical, without_invisible
from factcheck.inputs.kinds import IN_FOLDERS
from factcheck.inputs.loading import AT_ONCE, MAX_BYTES, Fetching, Loaded, Loader, Transcribe, is_address
from factcheck.inputs.plain import FIELDS, article_of
from factcheck.inputs.sandbox import sandbox
from factcheck.inputs.sources import Sources, listed
from factcheck.models import Document, Problem
from factcheck.originals import Correction, Origin
from factcheck.text.corrections import corrections_in

ENDINGS = tuple(sorted(IN_FOLDERS))
"""An ending may have two dots, as `.warc.gz`."""

SURROGATE = re.compile("[\ud800-\udfff]")

__all__ = ["MAX_BYTES", "Fetching", "Reading", "Transcribe", "document_from_text", "read", "read_listed"]


class Reading(NamedTuple):
    """Documents in the order in which they were found, and what could not be read."""

    documents: list[Document]
    problems: list[Problem]


def read(
    sources: Sources,
    *,
    stdin: BinaryIO | None = None,
    fetching: Fetching | None = None,
    transcribe: Transcribe | None = None,
) -> Reading:
    """Read sources: files, folders (searched for all kinds that are read), addresses, or `-`, one or several.

    Originals are read side by side; the result is in the order of the sources, after documents that were read already.
    Recordings of sound go to `transcribe`, and `-` is read from `stdin`. What cannot be read is a problem each; raises
    UsageError for what is no source.

    >>> reading = factcheck.read("seeds/nato-2014")
    >>> len(reading.documents), reading.documents[0].publisher
    (7, 'Baltic Wire')
    """
    given = listed(sources)
    reading = Reading([], [])
    seen: dict[str, str] = {}
    for one in given:
        if isinstance(one, Document):
            _add_document(one, one.name, reading, seen)
    places = [p for one in given if not isinstance(one, Document) for p in _places(str(one), reading.problems)]
    with (
        sandbox(min(AT_ONCE, os.cpu_count() or 1)) as processes,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        loader = Loader(processes, pool, fetching or Fetching(), stdin, longest=MAX_BYTES, transcribe=transcribe)
        try:
            for loaded in loader.all(places):
                _add(loaded, reading, seen)
        except BaseException:  # Ctrl-C must not wait for everything that has not begun
            pool.shutdown(wait=False, cancel_futures=True)
            processes.close()
            raise
    return reading


def read_listed(listed: Sequence[Listed], fetching: Fetching) -> Reading:
    """Read what a feed or a sitemap names, completed by what it says of it."""
    reading = Reading([], [])
    seen: dict[str, str] = {}
    with sandbox(1) as processes, ThreadPoolExecutor(1) as pool:
        for loaded in Loader(processes, pool, fetching, longest=MAX_BYTES).listed(listed):
            _add(loaded, reading, seen)
    return reading


def document_from_text(text: str, **fields: str | None) -> Document:
    """A document from a string (front matter allowed); keyword arguments override its front matter.

    These are `title`, `publisher`, `author`, `published` (ISO 8601, possibly partial), `url` and `language`
    (ISO 639-1). Raises ValueError when the text holds no words or its front matter cannot be read.

    >>> factcheck.document_from_text("The pier was leased.", publisher="Echo", published="2024-07").characters
    20
    """
    try:
        article = article_of(canonical(text))
        _require_words(article.text)
    except UnreadableError as error:
        raise ValueError(str(error)) from None
    if wrong := [message for code, message in article.notes if code == "front_matter"]:
        raise ValueError(wrong[0])
    return _document(article, {"path": None, **article.fields, **fields}, None)


def _places(source: str, problems: list[Problem]) -> list[str]:
    if source == "-" or is_address(source) or not os.path.isdir(source):  # noqa: PTH112  (pathlib raises on names that are too long)
        return [source]
    found = sorted(p for p in Path(source).rglob("*") if p.name.lower().endswith(ENDINGS) and not p.is_dir())
    files = [path for path in found if path.is_file() or path.is_symlink()]
    waiting = "is no file but a pipe, a socket or a device; leave it out"  # it would be waited for without an end
    problems.extend(_problem("unreadable", str(path), waiting) for path in sorted(set(found) - set(files)))
    if not found:
        kinds = ", ".join(sorted(IN_FOLDERS))
        problems.append(_problem("empty", source, f"the folder holds no files of a kind that is read ({kinds})"))
    return [str(path) for path in files]


def _problem(code: str, place: str, message: str, document: Document | None = None) -> Problem:
    name = "standard input" if place == "-" else " ".join(_shown(place).split())
    line = " ".join(_shown(message).split())
    return Problem(stage="read", code=code, message=f"{name}: {line}", document_id=document.id if document else None)


def _shown(name: str) -> str:
    """A file name as text; bytes that are no UTF-8, which Python keeps as halves of characters, become hex digits."""
    return SURROGATE.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", name)


def _add(loaded: Loaded, reading: Reading, seen: dict[str, str]) -> None:
    if loaded.error:
        reading.problems.append(_problem(loaded.error.code, loaded.source.place, str(loaded.error)))
    for part in loaded.parts:
        if isinstance(part, Article):
            _add_article(part, loaded, reading, seen)
        elif isinstance(part, Unread):
            reading.problems.append(_problem(part.code, _place(loaded, part), part.message))


def _place(loaded: Loaded, part: Article | Unread) -> str:
    place = loaded.source.place
    return f"{place}, {part.part}" if part.part else place


def _add_article(article: Article, loaded: Loaded, reading: Reading, seen: dict[str, str]) -> None:
    place = _place(loaded, article)
    try:
        article = without_invisible(article)
        _require_words(article.text)
        document = _document(article, _fields(article, loaded), loaded.origin)
    except UnreadableError as error:
        reading.problems.append(_problem(error.code, place, str(error)))
        return
    if not _add_document(document, place, reading, seen):
        return
    reading.problems.extend(_problem(code, place, message, document) for code, message in article.notes)


def _add_document(document: Document, place: str, reading: Reading, seen: dict[str, str]) -> bool:
    """Whether it is the first of its kind."""
    if document.id in seen:
        reading.problems.append(_problem("duplicate", place, f"is the same document as {seen[document.id]}"))
        return False
    seen[document.id] = place
    reading.documents.append(document)
    return True


def _fields(article: Article, loaded: Loaded) -> dict[str, str | None]:
    """What is known about an article; what was fetched cannot speak for other sites, or withdraw their articles."""
    origin = loaded.origin
    if origin is None or origin.address is None:
        return {**article.fields, "path": _path(loaded)}
    from factcheck.inputs.addresses import same_site  # noqa: PLC0415

    url = article.fields.get("url")
    own = url if url and same_site(url, origin.address) else origin.address
    return {**article.fields, "url": own, "corrects": None, "retracts": None, "path": _path(loaded)}


def _path(loaded: Loaded) -> str | None:
    return _shown(loaded.source.path) if loaded.source.path else None


def _require_words(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise UnreadableError("empty", "holds no words")
    if SURROGATE.search(text):
        raise UnreadableError("encoding", "holds half a character (a lone surrogate)")
    if len(text) > MAX_BYTES:
        raise UnreadableError("too_long", f"holds more than {MAX_BYTES:,} characters; split it into articles")


def _document(article: Article, fields: Mapping[str, str | None], origin: Origin | None) -> Document:
    text = canonical(article.text)
    named: dict[str, Any] = {name: fields.get(name) for name in (*FIELDS, "path")}
    return Document(
        id=content_id("d", text, *(fields.get(name) for name in IDENTITY)),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        characters=len(text),
        text=text,
        **named,
        origin=origin,
        marks=article.marks,
        left_out=article.left_out,
        corrections=_corrections(text, fields.get("language")),
        fields_from=dict(article.fields_from),
        machine=article.machine,
    )


def _corrections(text: str, language: str | None) -> tuple[Correction, ...]:
    return tuple(
        Correction(
            start=found.start,
            end=found.end,
            corrected_start=found.target[0] if found.target else None,
            corrected_end=found.target[1] if found.target else None,
        )
        for found in corrections_in(text, language)
    )
