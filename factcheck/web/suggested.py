"""Which names may be one person's, looked for beside the requests and kept as long as nothing changes that."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import closing
from typing import NamedTuple

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.log import decisions
from factcheck.ledger.speakers import Suggestion, spelled

PATIENCE = 1.0
"""Seconds that a page waits for suggestions; with many names they take longer, and come with a later page."""

MANY = 10_000
"""Statements from which names are compared in a process of its own: it takes seconds and much memory."""

MOST = 40


class Suggested(NamedTuple):
    """Pairs of names as documents write them, the first ones, and how many there are."""

    pairs: list[Suggestion]
    total: int


class Suggestions:
    """Suggested pairs of names for the ledger at a place."""

    def __init__(self, ledger: Ledger, place: str) -> None:
        self._ledger, self._place = ledger, place
        self._pool = ThreadPoolExecutor(1, "suggestions")
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._looking: Future[Suggested] | None = None

    def now(self) -> Suggested | None:
        """The pairs as they are now; None as long as they are looked for."""
        with self._ledger.reading() as connection:
            last = decisions(connection, "merge", "split", "undo")[-1:]
        state = self._ledger.holdings()["claims"], last[0].seq if last else 0
        with self._lock:
            if self._looking is None or self._state != state:
                self._looking, self._state = self._pool.submit(self._look(state[0])), state
            looking = self._looking
        try:
            return looking.result(PATIENCE if state[0] <= MANY else 0)
        except NotYetError:
            return None

    def _look(self, claims: int) -> Callable[[], Suggested]:
        return (lambda: _apart(self._place)) if claims > MANY else (lambda: _first(self._ledger))

    def close(self) -> None:
        """Look for no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _apart(place: str) -> Suggested:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_opened, place).result()


def _opened(place: str) -> Suggested:
    with closing(open_ledger(place, create=False)) as ledger:
        return _first(ledger)


def _first(ledger: Ledger) -> Suggested:
    found = ledger.suggestions()
    with ledger.reading() as connection:
        written = {name: spelled(connection, frozenset([name])) for pair in found[:MOST] for name in (pair.a, pair.b)}
    shown = [pair.model_copy(update={"a": written[pair.a], "b": written[pair.b]}) for pair in found[:MOST]]
    return Suggested(shown, len(found))
