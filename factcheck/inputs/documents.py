"""Read articles: files, folders, addresses and standard input become documents, or a Problem each."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

from factcheck.inputs.article import (
    Article,
    Listed,
    Original,
    Part,
    Unread,
    UnreadableError,
    canonical,
    without_invisible,
)
from factcheck.inputs.kinds import FORMATS, IN_FOLDERS, Kind, kind_of, media_type_of, read_as
from factcheck.inputs.plain import FIELDS, article_of
from factcheck.inputs.sandbox import Sandbox, sandbox
from factcheck.models import IDENTITY, Correction, Document, Origin, Problem, content_id
from factcheck.text.corrections import corrections_in

MAX_BYTES = 4_000_000
"""About two thousand printed pages of text; a longer one is a corpus and not an article."""

MAX_ORIGINAL = 60_000_000
"""Bytes of a file with layout or pictures, or of a table of articles."""

MAX_LISTED = 100
"""Addresses of one feed or sitemap that are read; sitemaps list whole archives."""

MAX_DEPTH = 2
"""A sitemap of sitemaps leads to pages in two steps."""

AT_ONCE = 4
"""Originals on their way at once: fetching mostly waits."""

HOST = re.compile(r"(?:www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|eu|gov|int|info|[a-z]{2})/)", re.IGNORECASE)
"""What is more likely an address without its beginning than a file."""

SURROGATE = re.compile("[\ud800-\udfff]")

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Fetching(NamedTuple):
    """What may be fetched, where copies are kept, and in which language pictures are."""

    allow_private: bool = False
    """Permit addresses on this machine and on private networks."""
    snapshot: Path | None = None
    """Keep every fetched page in this folder."""
    replay: bool = False
    """Take pages from the snapshot; never use the network."""
    language: str | None = None
    """Of pictures and recordings (ISO 639-1, several with `+`); null where it is to be found out."""


class Reading(NamedTuple):
    """Documents in the order in which they were found, and what could not be read."""

    documents: list[Document]
    problems: list[Problem]


Transcribe = Callable[[Original], Article]
"""Has a recording of sound transcribed; raises UnreadableError."""


class _Loaded(NamedTuple):
    """What one place gave: its parts and their origin, or why nothing could be read."""

    place: str
    parts: list[Part]
    origin: Origin | None = None
    error: UnreadableError | None = None


def read(
    sources: Iterable[str | Path],
    *,
    stdin: BinaryIO | None = None,
    fetching: Fetching | None = None,
    transcribe: Transcribe | None = None,
) -> Reading:
    """Read every source: a file, a folder (searched for all kinds that are read), an address, or `-`.

    Originals are read side by side; the result is in the order of the sources. Recordings of sound go to `transcribe`.
    """
    reading = Reading([], [])
    seen: dict[str, str] = {}
    places = [place for source in sources for place in _places(str(source), reading.problems)]
    with (
        sandbox(min(AT_ONCE, os.cpu_count() or 1)) as processes,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        loader = _Loader(processes, pool, fetching or Fetching(), stdin, transcribe)
        try:
            for loaded in loader.all(places):
                _add(loaded, reading, seen)
        except BaseException:  # Ctrl-C must not wait for everything that has not begun
            pool.shutdown(wait=False, cancel_futures=True)
            processes.close()
            raise
    return reading


def document_from_text(text: str, **fields: str | None) -> Document:
    """A document from a string (front matter allowed); keyword arguments override its front matter.

    Raises ValueError when the text holds no words or its front matter cannot be read.
    """
    try:
        article = article_of(canonical(text))
        _require_words(article.text)
    except UnreadableError as error:
        raise ValueError(str(error)) from None
    if article.notes:
        raise ValueError(article.notes[0][1])
    return _document(article, {"path": None, **article.fields, **fields}, None)


class _Loader:
    """Brings originals in, several at once."""

    def __init__(
        self,
        processes: Sandbox,
        pool: ThreadPoolExecutor,
        fetching: Fetching,
        stdin: BinaryIO | None,
        transcribe: Transcribe | None = None,
    ) -> None:
        self.transcribe = transcribe
        self.processes = processes
        self.pool = pool
        self.fetching = fetching
        self.stdin = stdin
        self.known: set[str] = set()
        self.room = MAX_LISTED
        """Addresses that the present source may still list."""

    def all(self, places: Iterable[str], depth: int = 0) -> Iterator[_Loaded]:
        """What the places give, in their order; what a feed lists follows right behind it."""
        fresh = [place for place in places if not depth or place not in self.known]
        self.known.update(fresh)
        for future in [self.pool.submit(self._load, place) for place in fresh]:
            loaded = future.result()
            listed = [part.address for part in loaded.parts if isinstance(part, Listed)]
            self.room = self.room + bool(listed) if depth else MAX_LISTED  # a list is not counted itself
            if listed and depth >= MAX_DEPTH:
                loaded = loaded._replace(
                    parts=[Unread("depth", "is a list within a list of lists; name it on its own")]
                )
            elif len(listed) > self.room:
                more = Unread("limit", f"lists {len(listed):,} addresses; the first {self.room} are read")
                loaded = loaded._replace(parts=[*loaded.parts, more])
            yield loaded
            if listed and depth < MAX_DEPTH:
                taken = listed[: self.room]
                self.room -= len(taken)
                yield from self.all(taken, depth + 1)

    def _load(self, place: str) -> _Loaded:
        try:
            original, origin = self._fetched(place) if is_address(place) else self._opened(place)
            kind = kind_of(original)
            limit = MAX_BYTES if kind == "text" else MAX_ORIGINAL
            if len(original.content) > limit:
                raise UnreadableError("too_long", f"is longer than {limit:,} bytes; split it into articles")
            parts = self._parts(kind, original)
            return _Loaded(place, parts, origin.model_copy(update={"media_type": media_type_of(kind, original)}))
        except UnreadableError as error:
            return _Loaded(place, [], error=error)

    def _parts(self, kind: Kind, original: Original) -> list[Part]:
        if kind == "sound" and self.transcribe:
            return [self.transcribe(original)]
        return self.processes.read(kind, original) if FORMATS[kind].sandboxed else read_as(kind, original)

    def _opened(self, place: str) -> tuple[Original, Origin]:
        content = _bytes(place, self.stdin)
        name = "standard input" if place == "-" else place
        return Original(name, content, language=self.fetching.language), Origin(
            media_type="", sha256=hashlib.sha256(content).hexdigest()
        )

    def _fetched(self, place: str) -> tuple[Original, Origin]:
        from factcheck.inputs import fetch, snapshot  # noqa: PLC0415  (httpx costs start-up time)

        if self.fetching.replay:
            page, file = snapshot.kept(self.fetching.snapshot, place)
        else:
            page = fetch.fetch(place, allow_private=self.fetching.allow_private)
            file = snapshot.keep(self.fetching.snapshot, place, page) if self.fetching.snapshot else None
        origin = Origin(
            media_type="",
            sha256=hashlib.sha256(page.content).hexdigest(),
            retrieved=page.retrieved,
            address=page.address,
            snapshot=file,
        )
        spoken = self.fetching.language
        return Original(page.address, page.content, page.media_type, page.charset, page.address, spoken), origin


def is_address(source: str) -> bool:
    """Whether a source is to be fetched; whether it may be is decided later."""
    return bool(ADDRESS.match(source))


def _places(source: str, problems: list[Problem]) -> list[str]:
    if source == "-" or is_address(source) or not os.path.isdir(source):  # noqa: PTH112  (pathlib raises on names that are too long)
        return [source]
    found = sorted(p for p in Path(source).rglob("*") if p.suffix.lower() in IN_FOLDERS and not p.is_dir())
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


def _bytes(place: str, stdin: BinaryIO | None) -> bytes:
    try:
        if place == "-":
            content = stdin.read(MAX_ORIGINAL + 1) if stdin else b""
        else:
            with Path(place).open("rb") as file:
                content = file.read(MAX_ORIGINAL + 1)
    except FileNotFoundError:
        hint = "; an address begins with https://" if HOST.match(place) else ""
        raise UnreadableError("missing", f"there is no such file or folder{hint}") from None
    except (OSError, ValueError) as error:
        raise UnreadableError("unreadable", f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    return content


def _add(loaded: _Loaded, reading: Reading, seen: dict[str, str]) -> None:
    if loaded.error:
        reading.problems.append(_problem(loaded.error.code, loaded.place, str(loaded.error)))
    for part in loaded.parts:
        if isinstance(part, Article):
            _add_article(part, loaded, reading, seen)
        elif isinstance(part, Unread):
            reading.problems.append(_problem(part.code, _place(loaded, part), part.message))


def _place(loaded: _Loaded, part: Article | Unread) -> str:
    return f"{loaded.place}, {part.part}" if part.part else loaded.place


def _add_article(article: Article, loaded: _Loaded, reading: Reading, seen: dict[str, str]) -> None:
    place = _place(loaded, article)
    try:
        article = without_invisible(article)
        _require_words(article.text)
        document = _document(article, _fields(article, loaded), loaded.origin)
    except UnreadableError as error:
        reading.problems.append(_problem(error.code, place, str(error)))
        return
    if document.id in seen:
        reading.problems.append(_problem("duplicate", place, f"is the same document as {seen[document.id]}"))
        return
    seen[document.id] = place
    reading.documents.append(document)
    reading.problems.extend(_problem(code, place, message, document) for code, message in article.notes)


def _fields(article: Article, loaded: _Loaded) -> dict[str, str | None]:
    """What is known about an article; what was fetched cannot speak for other sites, or withdraw their articles."""
    origin = loaded.origin
    if origin is None or origin.address is None:
        path = None if loaded.place == "-" else _shown(loaded.place)
        return {**article.fields, "path": path}
    from factcheck.inputs.addresses import same_site  # noqa: PLC0415

    url = article.fields.get("url")
    own = url if url and same_site(url, origin.address) else origin.address
    return {**article.fields, "url": own, "corrects": None, "retracts": None, "path": None}


def _require_words(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise UnreadableError("empty", "holds no words")
    if SURROGATE.search(text):
        raise UnreadableError("encoding", "holds half a character (a lone surrogate)")
    if len(text) > MAX_BYTES:
        raise UnreadableError("too_long", f"holds more than {MAX_BYTES:,} characters; split it into articles")


def _document(article: Article, fields: Mapping[str, str | None], origin: Origin | None) -> Document:
    text = canonical(article.text)
    return Document(
        id=content_id("d", text, *(fields.get(name) for name in IDENTITY)),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        characters=len(text),
        text=text,
        **{name: fields.get(name) for name in (*FIELDS, "path")},
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
