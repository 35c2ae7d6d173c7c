"""What was made of the ledger already, kept as long as the ledger does not change: many look at the same.

A page is made once for all who have the same role; what differs between them stands in it as a mark that nobody can
guess, and is filled in for each. An answer of the API is the same for all who may have it.
"""

from __future__ import annotations

import html
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from starlette.responses import HTMLResponse, Response

from factcheck.web.access import Person

MOST = 16_000_000
"""Bytes of all that is kept; a page takes some 40,000."""

LARGEST = MOST // 16
"""Bytes of one page or answer; a larger one is made anew each time."""

LONGEST = 30.0
"""Seconds after which a page is made anew whatever the ledger says: accounts change without it."""


UNFINISHED = "no-store"
"""As `cache-control` of a page that something is still looked for for."""

BRIEF = 2.0
"""Seconds after which such a page is made anew."""


class Key(NamedTuple):
    """What is kept: at which address, and for whom."""

    address: str
    whom: str


class Made(NamedTuple):
    """A body, the state that it is of (of one finding), and for how many seconds it may be kept."""

    body: bytes
    state: int | None = None
    seconds: float = LONGEST


class _Entry(NamedTuple):
    head: str
    until: float
    made: Made


class Kept:
    """Pages and answers by their addresses, for one ledger."""

    def __init__(self) -> None:
        self.name, self.csrf = (f"x{secrets.token_hex(16)}x" for _ in range(2))
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._size = 0
        self._making: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def page(self, address: str, person: Person, head: str, make: Callable[[Person], Response]) -> Response:
        """The page at an address for somebody, made by `make` unless it is there already."""
        other: list[Response] = []

        def made() -> Made | None:
            response = make(person._replace(name=self.name, csrf=self.csrf))
            if response.status_code != 200 or not isinstance(response, HTMLResponse):  # noqa: PLR2004
                other.append(response)
                return None
            longest = BRIEF if response.headers.get("cache-control") == UNFINISHED else LONGEST
            return Made(bytes(response.body), seconds=longest)

        page = self.once(Key(address, person.role), head, made)
        if page is None:
            return other[0]
        body = page.body.replace(self.csrf.encode(), (person.csrf or "").encode())
        return HTMLResponse(body.replace(self.name.encode(), html.escape(person.name).encode()))

    def once(self, key: Key, head: str, make: Callable[[], Made | None]) -> Made | None:
        """What `make` made of the ledger with this head, now or before; None, which is not kept, where it says so."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:  # many who ask for one thing at once wait for the first
                found = self._there(key, head)
                if found is None and (found := make()) is not None:
                    self._keep(key, head, found)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return found

    def _there(self, key: Key, head: str) -> Made | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.head != head or time.monotonic() >= entry.until:
                return None
            self._entries.move_to_end(key)
            return entry.made

    def _keep(self, key: Key, head: str, made: Made) -> None:
        """Keep what is new, and let go of what was asked for longest ago where all would be too much."""
        with self._lock:
            if (old := self._entries.pop(key, None)) is not None:
                self._size -= len(old.made.body)
            if len(made.body) <= LARGEST:
                self._entries[key] = _Entry(head, time.monotonic() + made.seconds, made)
                self._size += len(made.body)
            while self._size > MOST:
                self._size -= len(self._entries.popitem(last=False)[1].made.body)
