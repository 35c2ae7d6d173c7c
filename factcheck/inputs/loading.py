"""Bring originals in, several at once: files and addresses, what lists name, what archives hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from factcheck.inputs.article import Article, Inside, Listed, Original, Part, Unread, UnreadableError
from factcheck.inputs.kinds import FORMATS, Kind, kind_of, media_type_of, read_as
from factcheck.inputs.sandbox import Sandbox
from factcheck.originals import LeftOut, Origin

if TYPE_CHECKING:
    from factcheck.inputs.fetch import Fetched

MAX_BYTES = 4_000_000
"""About two thousand printed pages of text; a longer one is a corpus and not an article."""

MAX_ORIGINAL = 60_000_000
"""Bytes of a file with layout or pictures, or of a table of articles."""

MAX_LISTED = 100
"""Addresses of one feed or sitemap that are read; sitemaps list whole archives."""

MAX_DEPTH = 2
"""A sitemap of sitemaps leads to pages in two steps."""

MAX_INSIDE = 2_000
"""Files of one archive or mailbox that are read."""

MAX_NESTED = 3
"""An archive of mailboxes whose mails have attachments is the deepest that is met."""

AT_ONCE = 4
"""Originals on their way at once: fetching mostly waits."""

HOST = re.compile(r"(?:www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|eu|gov|int|info|[a-z]{2})/)", re.IGNORECASE)
"""What is more likely an address without its beginning than a file."""

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
    take: Callable[[str], Fetched] | None = None
    """Fetches an address in place of the usual way, e.g. with pauses; raises UnreadableError."""


Transcribe = Callable[[Original], Article]
"""Has a recording of sound transcribed; raises UnreadableError."""


class Source(NamedTuple):
    """What is to be read: a file, an address, or what a list or another file holds."""

    place: str
    """What messages call it."""
    listed: Listed | None = None
    """What the list that names it says of it."""
    inside: Inside | None = None
    """Its bytes, where it came inside of another file."""
    outer: Origin | None = None
    """Where the list or the file around it came from."""
    path: str | None = None
    """The file that holds it; null for addresses and standard input."""


class Loaded(NamedTuple):
    """What one source gave: its parts and their origin, or why nothing could be read."""

    source: Source
    parts: list[Part]
    origin: Origin | None = None
    error: UnreadableError | None = None


class Loader:
    """Brings originals in, several at once."""

    def __init__(
        self,
        processes: Sandbox,
        pool: ThreadPoolExecutor,
        fetching: Fetching,
        stdin: BinaryIO | None = None,
        *,
        longest: int = MAX_BYTES,
        transcribe: Transcribe | None = None,
    ) -> None:
        self.processes = processes
        self.pool = pool
        self.fetching = fetching
        self.stdin = stdin
        self.longest = longest
        self.transcribe = transcribe
        self.known: set[str] = set()
        self.room = MAX_LISTED
        """Addresses that the present source may still list."""

    def all(self, places: Iterable[str]) -> Iterator[Loaded]:
        """What the places give, in their order; what a list names or a file holds follows right behind it."""
        return self._all([Source(place, path=None if is_address(place) or place == "-" else place) for place in places])

    def listed(self, parts: Iterable[Listed]) -> Iterator[Loaded]:
        """What a list names, with what it says of it."""
        return self._all([Source(part.address, part) for part in parts], 1)

    def _all(self, sources: Iterable[Source], depth: int = 0) -> Iterator[Loaded]:
        fresh = [source for source in sources if source.listed is None or source.place not in self.known]
        self.known.update(source.place for source in fresh)
        for future in [self.pool.submit(self._load, source) for source in fresh]:
            loaded = future.result()
            listed = [part for part in loaded.parts if isinstance(part, Listed)]
            inside = [part for part in loaded.parts if isinstance(part, Inside)]
            if not depth:
                self.room = MAX_LISTED
            elif listed and loaded.source.listed:
                self.room += 1  # a list is not counted itself
            loaded, refused = _bounded(loaded, len(listed), len(inside), self.room, depth)
            yield loaded
            if not refused:
                taken = listed[: self.room]
                self.room -= len(taken)
                yield from self._all([_of_list(part, loaded) for part in taken], depth + 1)
                yield from self._all([_of_file(part, loaded) for part in inside[:MAX_INSIDE]], depth + 1)

    def _load(self, source: Source) -> Loaded:
        try:
            original, origin = self._original(source)
            original = original._replace(language=self.fetching.language)
            kind = kind_of(original)
            limit = self.longest if kind == "text" else MAX_ORIGINAL
            if len(original.content) > limit:
                raise UnreadableError("too_long", f"is longer than {limit:,} bytes; split it into articles")
            parts = self._parts(kind, original)
            loaded = Loaded(source, parts, origin.model_copy(update={"media_type": media_type_of(kind, original)}))
        except UnreadableError as error:
            loaded = Loaded(source, [], error=error)
        if source.inside and source.inside.around:
            return _surrounded(loaded, source.inside.around)
        return _completed(loaded) if source.listed else loaded

    def _parts(self, kind: Kind, original: Original) -> list[Part]:
        if kind == "sound" and self.transcribe:
            return [self.transcribe(original)]
        if FORMATS[kind].sandboxed:
            return self.processes.read(kind, original)
        try:
            return read_as(kind, original)
        except UnreadableError:
            raise
        except (RecursionError, MemoryError):
            raise UnreadableError("bomb", "is nested or repeated beyond measure; it may be built to") from None
        except Exception as error:  # noqa: BLE001  (no input may end the reading of others)
            raise UnreadableError(
                "damaged", f"is damaged or not what its name says ({type(error).__name__}); save it again"
            ) from None

    def _original(self, source: Source) -> tuple[Original, Origin]:
        if source.inside:
            return _unpacked(source, source.inside)
        return self._fetched(source.place) if is_address(source.place) else self._opened(source.place)

    def _opened(self, place: str) -> tuple[Original, Origin]:
        content = _bytes(place, self.stdin)
        name = "standard input" if place == "-" else place
        return Original(name, content), Origin(media_type="", sha256=hashlib.sha256(content).hexdigest())

    def _fetched(self, place: str) -> tuple[Original, Origin]:
        from factcheck.inputs import fetch, snapshot  # noqa: PLC0415  (httpx costs start-up time)

        if self.fetching.replay:
            page, file = snapshot.kept(self.fetching.snapshot, place)
        else:
            take = self.fetching.take or partial(fetch.fetch, allow_private=self.fetching.allow_private)
            page = take(place)
            file = snapshot.keep(self.fetching.snapshot, place, page) if self.fetching.snapshot else None
        origin = Origin(
            media_type="",
            sha256=hashlib.sha256(page.content).hexdigest(),
            retrieved=page.retrieved,
            address=page.address,
            snapshot=file,
            snapshot_folder=self.fetching.snapshot.as_posix() if file and self.fetching.snapshot else None,
        )
        return Original(page.address, page.content, page.media_type, page.charset, page.address), origin


def _bounded(loaded: Loaded, listed: int, inside: int, room: int, depth: int) -> tuple[Loaded, bool]:
    """What was loaded with a line for what of its lists and files is not read; whether none of it is."""
    lines = []
    refused = (listed and depth >= MAX_DEPTH) or (inside and depth >= MAX_NESTED)
    if refused:
        kind = "a list within a list of lists" if listed else "an archive within archives within archives"
        return loaded._replace(parts=[Unread("depth", f"is {kind}; name it on its own")]), True
    if listed > room:
        lines.append(Unread("limit", f"lists {listed:,} addresses; the first {room} are read"))
    if inside > MAX_INSIDE:
        lines.append(Unread("limit", f"holds {inside:,} files; the first {MAX_INSIDE:,} are read"))
    return loaded._replace(parts=[*loaded.parts, *lines]), False


def _of_list(part: Listed, loaded: Loaded) -> Source:
    return Source(part.address, listed=part, outer=loaded.origin)


def _of_file(part: Inside, loaded: Loaded) -> Source:
    place = f"{loaded.source.place}, {part.name}"
    return Source(place, inside=part, outer=loaded.origin, path=loaded.source.path)


def _unpacked(source: Source, part: Inside) -> tuple[Original, Origin]:
    """A file inside of another one, and its origin: what it came in answers for it."""
    outer = source.outer or Origin(media_type="", sha256="")
    origin = outer.model_copy(
        update={
            "sha256": hashlib.sha256(part.content).hexdigest(),
            "retrieved": part.retrieved or outer.retrieved,
            "address": part.url or outer.address,
        }
    )
    return Original(source.place, part.content, part.media_type, part.charset, part.url), origin


def _surrounded(loaded: Loaded, around: tuple[LeftOut, ...]) -> Loaded:
    """What was loaded, its first article with the words that stood around it."""
    at = next((n for n, part in enumerate(loaded.parts) if isinstance(part, Article)), None)
    if at is None:
        return loaded
    first = loaded.parts[at]
    assert isinstance(first, Article)  # noqa: S101
    parts = list(loaded.parts)
    parts[at] = first._replace(left_out=(*around, *first.left_out))
    return loaded._replace(parts=parts)


def _completed(loaded: Loaded) -> Loaded:
    """What a listed page gave, with what the list says where the page says nothing; else the text of the list."""
    listed = loaded.source.listed
    assert listed is not None  # noqa: S101  (only what is listed comes here)
    found = [part for part in loaded.parts if isinstance(part, Article)]
    longest = max((len(article.text) for article in found), default=0)
    is_cut = any(code == "paywall" for article in found for code, _ in article.notes) and len(listed.text) > longest
    if listed.text and (loaded.error or not loaded.parts or is_cut):
        why = str(loaded.error) if loaded.error else "only its free beginning can be read" if is_cut else "it is empty"
        note = ("feed_text", f"its page was not read ({why}); its text is that of the feed")
        fields = {**listed.fields, "url": listed.address}
        text = Article(listed.text, fields, notes=(note,), fields_from=_said_by_list(listed.fields))
        return Loaded(loaded.source, [text], origin=loaded.source.outer)
    return loaded._replace(parts=[_filled(p, listed) if isinstance(p, Article) else p for p in loaded.parts])


def _filled(article: Article, listed: Listed) -> Article:
    """The article of a listed page, with what the list says of it where the page itself says nothing."""
    missing = {name: value for name, value in listed.fields.items() if value and not article.fields.get(name)}
    fields_from = {**article.fields_from, **_said_by_list(missing)}
    return article._replace(fields={**article.fields, **missing}, fields_from=fields_from)


def _said_by_list(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: "the feed that lists it" for name, value in fields.items() if value}


def is_address(source: str) -> bool:
    """Whether a source is to be fetched; whether it may be is decided later."""
    return bool(ADDRESS.match(source))


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
