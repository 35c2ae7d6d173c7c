"""Which names may be one person's, looked for beside the requests and kept as long as nothing changes that."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError

from factcheck.ledger.connection import Ledger
from factcheck.ledger.log import decisions
from factcheck.ledger.speakers import Suggestion

PATIENCE = 2.0
"""Seconds that a page waits for suggestions; with very many names they take longer, and come with a later page."""


class Suggestions:
    """Suggested pairs of names."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "suggestions")
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._looking: Future[list[Suggestion]] | None = None

    def of(self, ledger: Ledger) -> list[Suggestion] | None:
        """The pairs as they are now; None as long as they are looked for."""
        with ledger.reading() as connection:
            last = decisions(connection, "merge", "split", "undo")[-1:]
        state = ledger.holdings()["claims"], last[0].seq if last else 0
        with self._lock:
            if self._looking is None or self._state != state:
                self._looking, self._state = self._pool.submit(ledger.suggestions), state
            looking = self._looking
        try:
            return looking.result(PATIENCE)
        except NotYetError:
            return None

    def close(self) -> None:
        """Look for no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
