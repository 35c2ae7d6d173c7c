"""Watched sources: feeds, sitemaps and folders are looked at now and then, and what is new or revised is handed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from factcheck.errors import UsageError
from factcheck.inputs.article import Listed, Original, UnreadableError
from factcheck.inputs.documents import Fetching, read, read_listed
from factcheck.inputs.feeds import read_feed
from factcheck.inputs.fetch import Fetched
from factcheck.inputs.loading import is_address
from factcheck.ledger.connection import Ledger
from factcheck.models import Document
from factcheck.work.polite import Guest, is_final
from factcheck.work.tables import entries, feeds, hosts, prepare

FIRST_LOOK, OLDEST = 3600.0, 7 * 24 * 3600.0
"""Seconds until an article is looked at for changes, each time after twice as long; and until it is no more."""

AT_ONCE = 100
"""Articles that are read in one look, so that what was read is safe before the next ones are."""

AMONG = 200
"""Feeds that are due of which one is taken."""

DONE = frozenset({"robots", "unsupported", "empty", "too_long", "private_address", "address"})
"""Problems of an article that the next look would meet again; the others are tried again."""


class Feed(NamedTuple):
    """A source that is watched: every so many seconds, when next, and what was wrong the last time."""

    address: str
    every: float
    due: float
    looked: float | None
    problem: str | None


class Seen(NamedTuple):
    """What a look gave: documents that are new or changed, and what to note once they are safe."""

    feed: str
    documents: list[Document]
    notes: list[dict[str, Any]]
    validators: dict[str, str | None]
    problems: list[str]
    has_more: bool = False
    """Whether the list names more than was read, so that it is looked at again at once."""


class _Wanted(NamedTuple):
    """An article to read: what its feed says, what is known of it, and a hash of the former."""

    part: Listed
    row: dict[str, Any] | None
    stamp: str


def add(ledger: Ledger, address: str, every: float) -> bool:
    """Watch a feed, a sitemap or a folder; False where it was watched already, and is so from now on with `every`."""
    if not is_address(address) and not Path(address).is_dir():
        raise UsageError(f"{address}: is neither an address nor a folder")
    prepare(ledger)
    place = address if is_address(address) else str(Path(address).absolute())
    with ledger.beside() as connection:
        found = connection.execute(update(feeds).where(feeds.c.address == place).values(every=every)).rowcount
        if not found:
            connection.execute(feeds.insert().values(address=place, every=every, due=0.0))
    return not found


def remove(ledger: Ledger, address: str) -> bool:
    """Watch it no longer; False where it was not."""
    prepare(ledger)
    with ledger.beside() as connection:
        connection.execute(delete(entries).where(entries.c.feed == address))
        return bool(connection.execute(delete(feeds).where(feeds.c.address == address)).rowcount)


def watched(ledger: Ledger) -> list[Feed]:
    """All that is watched, what is due first."""
    prepare(ledger)
    with ledger.beside() as connection:
        columns = [feeds.c[name] for name in Feed._fields]
        return [Feed(*row) for row in connection.execute(select(*columns).order_by(feeds.c.due, feeds.c.address))]


def claim(ledger: Ledger, now: float) -> Feed | None:
    """Take a feed that is due, so that no other process looks at it now; one whose host is free comes first."""
    with ledger.beside() as connection:
        columns = [feeds.c[name] for name in Feed._fields]
        due = select(*columns).where(feeds.c.due <= now).order_by(feeds.c.due, feeds.c.address).limit(AMONG)
        found = [Feed(*row) for row in connection.execute(due.with_for_update(skip_locked=True))]
        if not found:
            return None
        busy = set(connection.execute(select(hosts.c.host).where(hosts.c.next_at > now)).scalars())
        feed = next((one for one in found if urlsplit(one.address).netloc not in busy), found[0])
        connection.execute(update(feeds).where(feeds.c.address == feed.address).values(due=now + feed.every))
        return feed


def look(ledger: Ledger, feed: Feed, guest: Guest) -> Seen:
    """Look at a feed, and read what is new or changed. What cannot be read is in `problems`."""
    known = _known(ledger, feed.address)
    if not is_address(feed.address):
        return _folder(feed, known, guest.clock.now())
    try:
        page = guest.get(feed.address, **_validators(ledger, feed.address))
        listed = [] if page.is_same else _listed(page)
    except UnreadableError as error:
        return Seen(feed.address, [], [], {}, [f"{feed.address}: {error}"])
    seen = Seen(feed.address, [], [], {} if page.is_same else _kept(page), [])
    unsaid = [Listed(address) for address in known] if page.is_same else []
    wanted = [_wanted(part, known, guest.clock.now()) for part in listed]
    wanted += [_wanted(part, known, guest.clock.now(), is_old=True) for part in unsaid]
    due = [one for one in wanted if one is not None]
    _read(due[:AT_ONCE], guest, seen)
    return seen if len(due) <= AT_ONCE else seen._replace(validators={}, has_more=True)


def next_look(ledger: Ledger, guest: Guest) -> Seen | None:
    """Look at the next source that is due; None where none is."""
    feed = claim(ledger, guest.clock.now())
    return look(ledger, feed, guest) if feed else None


def note(ledger: Ledger, seen: Seen, now: float) -> None:
    """The documents of a look are safe: note what was seen, so that it is not read again."""
    problem = seen.problems[0] if seen.problems else None
    values: dict[str, Any] = {"looked": now, "problem": problem} | ({} if problem else seen.validators)
    values |= {"due": now} if seen.has_more and seen.notes else {}
    with ledger.beside() as connection:
        for row in seen.notes:
            where = (entries.c.feed == seen.feed) & (entries.c.address == row["address"])
            if not connection.execute(update(entries).where(where).values(**row)).rowcount:
                connection.execute(entries.insert().values(feed=seen.feed, first=now, **row))
        connection.execute(update(feeds).where(feeds.c.address == seen.feed).values(**values))


def _wanted(part: Listed, known: Mapping[str, dict[str, Any]], now: float, *, is_old: bool = False) -> _Wanted | None:
    """An article that is new, that its feed says something new of, or that is due to be looked at again."""
    row = known.get(part.address)
    if row is None:
        return _Wanted(part, None, _stamp(part))
    stamp = str(row["stamp"]) if is_old else _stamp(part)
    if stamp == row["stamp"] and not row["due"] <= now <= row["first"] + OLDEST:
        return None
    return _Wanted(part._replace(text=""), row, stamp)  # the text of a feed is no new version of a page


def _read(wanted: Sequence[_Wanted], guest: Guest, seen: Seen) -> None:
    """Read articles, and say what to note of each."""
    if not wanted:
        return
    known, pages = {one.part.address: one.row or {} for one in wanted}, dict[str, Fetched]()

    def take(address: str) -> Fetched:
        row = known.get(address, {})
        pages[address] = guest.get(address, etag=row.get("etag"), modified=row.get("modified"))
        if pages[address].is_same:
            raise UnreadableError("empty", "is the same as before")
        return pages[address]

    reading = read_listed([one.part for one in wanted], Fetching(take=take))
    seen.documents.extend(reading.documents)
    wrong = [p for p in reading.problems if p.document_id is None and p.leaves_undone]
    for one in wanted:
        page = pages.get(one.part.address)
        own = [p for p in wrong if p.message.startswith(f"{one.part.address}: ") and not (page and page.is_same)]
        seen.problems.extend(p.message for p in own)
        if all(p.code in DONE or is_final(p.code, p.message) for p in own):
            seen.notes.append(_noted(one, page, guest.clock.now()))


def _noted(one: _Wanted, page: Fetched | None, now: float) -> dict[str, Any]:
    """What is noted of an article that was read: the next look is due after twice the time that it is known."""
    wait = max(FIRST_LOOK, 2 * (now - one.row["first"])) if one.row else FIRST_LOOK
    kept = _kept(page) if page and not page.is_same else {}
    return {"address": one.part.address, "stamp": one.stamp, "due": now + wait, **kept}


def _folder(feed: Feed, known: dict[str, dict[str, Any]], now: float) -> Seen:
    """Files of a folder that are new or were changed."""
    seen = Seen(feed.address, [], [], {}, [])
    root = Path(feed.address)
    if not root.is_dir():
        seen.problems.append(f"{feed.address}: there is no such folder")
        return seen
    files = {str(path): path.stat() for path in sorted(root.rglob("*")) if path.is_file()}
    stamps = {path: f"{found.st_mtime_ns}-{found.st_size}" for path, found in files.items()}
    fresh = [path for path, stamp in stamps.items() if path not in known or known[path]["stamp"] != stamp]
    reading = read(fresh)
    seen.documents.extend(reading.documents)
    seen.problems.extend(p.message for p in reading.problems if p.leaves_undone)
    seen.notes.extend({"address": path, "stamp": stamps[path], "due": now + OLDEST} for path in fresh)
    return seen


def _listed(page: Fetched) -> list[Listed]:
    original = Original(page.address, page.content, page.media_type, page.charset, page.address)
    return [part for part in read_feed(original) if isinstance(part, Listed)]


def _stamp(part: Listed) -> str:
    """What a feed says of an article, as a hash."""
    said = json.dumps([part.address, dict(part.fields), part.text], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _kept(page: Fetched) -> dict[str, str | None]:
    """By what a server tells whether a page has changed."""
    headers = page.hops[-1].headers
    return {"etag": headers.get("etag"), "modified": headers.get("last-modified")}


def _validators(ledger: Ledger, address: str) -> dict[str, str | None]:
    with ledger.beside() as connection:
        row = connection.execute(select(feeds.c.etag, feeds.c.modified).where(feeds.c.address == address)).first()
    return {"etag": row[0], "modified": row[1]} if row else {}


def _known(ledger: Ledger, feed: str) -> dict[str, dict[str, Any]]:
    with ledger.beside() as connection:
        rows = connection.execute(select(entries).where(entries.c.feed == feed)).mappings()
        return {row["address"]: dict(row) for row in rows}
