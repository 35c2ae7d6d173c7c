"""Fetch as a polite guest: as robots.txt allows, with a pause for each host, and with a name that can be answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from protego import Protego
from sqlalchemy import select

from factcheck.__about__ import VERSION
from factcheck.inputs.article import UnreadableError
from factcheck.inputs.fetch import Fetched, fetch
from factcheck.ledger.connection import Ledger
from factcheck.settings import Settings
from factcheck.work.tables import hosts

AGENT = "factcheck"
ROBOTS_SECONDS = 24 * 3600.0
UNREAD_SECONDS = 600.0
OURS = frozenset({"private_address", "address"})
"""Codes of an address that we do not ask, whatever its site allows."""

LONGEST_PAUSE = 60.0
"""Seconds of a pause that a site asks for; one that asks for more is asked less often by a longer --every."""

Take = Callable[[str, Mapping[str, str]], Fetched]


class Clock(NamedTuple):
    """The time in seconds since 1970, and how to wait."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class _Rules(NamedTuple):
    until: float
    robots: Protego | None
    why: str = ""
    """Why it could not be read."""


class Guest:
    """Fetches addresses for one or many processes that share a ledger's database; must not be called in a loop."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        contact: str | None = None,
        pause: float = 5.0,
        allow_private: bool = False,
        clock: Clock | None = None,
        take: Take | None = None,
    ) -> None:
        self.ledger = ledger
        self.pause = pause
        self.clock = clock or Clock()
        self.headers = {"User-Agent": f"{AGENT}/{VERSION}" + (f" (+{contact})" if contact else "")}
        self._take = take or (lambda url, more: fetch(url, allow_private=allow_private, headers=more))
        self._rules: dict[str, _Rules] = {}

    def get(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        """A page, or word that it is the same as before (`is_same`). Raises UnreadableError."""
        rules = self._rules_of(address)
        if rules.robots is None:
            raise UnreadableError("robots", f"its robots.txt cannot be read now ({rules.why}); tried again later")
        if not rules.robots.can_fetch(address, AGENT):
            raise UnreadableError("robots", "its robots.txt asks programs to leave this address out")
        asked = min(rules.robots.crawl_delay(AGENT) or 0.0, LONGEST_PAUSE)
        newer = {"If-None-Match": etag, "If-Modified-Since": modified}
        return self._paused(address, {name: value for name, value in newer.items() if value}, max(self.pause, asked))

    def _rules_of(self, address: str) -> _Rules:
        """What robots.txt of its host says: nothing is allowed while it cannot be read, all where there is none."""
        parts = urlsplit(address)
        place = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(place)
        if known is None or known.until < self.clock.now():
            known = self._rules[place] = self._read(place)
        return known

    def _read(self, place: str) -> _Rules:
        try:
            page = self._paused(f"{place}/robots.txt", {}, self.pause)
            robots = Protego.parse(page.content.decode("utf-8", "replace"))
        except UnreadableError as error:
            if error.code in OURS:
                raise
            if not is_final(error.code, str(error)):
                return _Rules(self.clock.now() + UNREAD_SECONDS, None, str(error))
            robots = Protego.parse("")
        return _Rules(self.clock.now() + ROBOTS_SECONDS, robots)

    def _paused(self, address: str, more: Mapping[str, str], pause: float) -> Fetched:
        self.clock.sleep(self._turn(urlsplit(address).netloc, pause))
        return self._take(address, {**self.headers, **more})

    def _turn(self, host: str, pause: float) -> float:
        """Take the next turn at a host; the seconds until it comes."""
        now = self.clock.now()
        with self.ledger.beside() as connection:
            asked = select(hosts.c.next_at).where(hosts.c.host == host).with_for_update()
            free = connection.execute(asked).scalar()
            begin = max(now, free or 0.0)
            if free is None:
                connection.execute(hosts.insert().values(host=host, next_at=begin + pause))
            else:
                connection.execute(hosts.update().where(hosts.c.host == host).values(next_at=begin + pause))
        return begin - now


def guest_of(ledger: Ledger, settings: Settings, *, allow_private: bool = False) -> Guest:
    """A guest by settings."""
    return Guest(ledger, contact=settings.contact, pause=settings.pause, allow_private=allow_private)


def is_final(code: str, message: str) -> bool:
    """Whether a server said that there is nothing, and not that it has a problem or wants fewer requests."""
    return code == "status" and " with 4" in message and " with 429" not in message
