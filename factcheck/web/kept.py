"""Pages that were made already, kept as long as the ledger does not change: many look at the same ones.

A page is made once for all who have the same role; what differs between them stands in it as a mark that nobody can
guess, and is filled in for each.
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

from factcheck.web.access import Person, Role

MOST = 256
"""Pages; each takes some 40 kB."""

LONGEST = 30.0
"""Seconds after which a page is made anew whatever the ledger says: accounts change without it."""


UNFINISHED = "no-store"
"""As `cache-control` of a page that something is still looked for for."""

BRIEF = 2.0
"""Seconds after which such a page is made anew."""


class _Key(NamedTuple):
    address: str
    role: Role


class _Page(NamedTuple):
    head: str
    until: float
    body: str


class Kept:
    """Pages by their addresses, for one ledger."""

    def __init__(self) -> None:
        self.name, self.csrf = (f"x{secrets.token_hex(16)}x" for _ in range(2))
        self._pages: OrderedDict[_Key, _Page] = OrderedDict()
        self._making: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def answer(self, address: str, person: Person, head: str, make: Callable[[Person], Response]) -> Response:
        """The page at an address for somebody, made by `make` unless it is there already."""
        key = _Key(address, person.role)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:  # many who ask for one page at once wait for the first
                page = self._there(key, head)
                if page is None:
                    response = make(person._replace(name=self.name, csrf=self.csrf))
                    if response.status_code != 200 or not isinstance(response, HTMLResponse):  # noqa: PLR2004
                        return response
                    longest = BRIEF if response.headers.get("cache-control") == UNFINISHED else LONGEST
                    page = self._keep(key, _Page(head, time.monotonic() + longest, bytes(response.body).decode()))
        finally:
            with self._lock:
                self._making.pop(key, None)
        body = page.body.replace(self.csrf, person.csrf or "").replace(self.name, html.escape(person.name))
        return HTMLResponse(body)

    def _there(self, key: _Key, head: str) -> _Page | None:
        with self._lock:
            page = self._pages.get(key)
        fresh = page is not None and page.head == head and time.monotonic() < page.until
        return page if fresh else None

    def _keep(self, key: _Key, page: _Page) -> _Page:
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > MOST:
                self._pages.popitem(last=False)
        return page
