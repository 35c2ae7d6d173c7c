"""Which names may be one person's, kept as long as nothing changes that."""

from __future__ import annotations

import threading

from factcheck.ledger.connection import Ledger
from factcheck.ledger.log import decisions
from factcheck.ledger.speakers import Suggestion


class Suggestions:
    """Suggested pairs of names, found again only when names came or somebody decided: there may be many names."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[int, int] | None = None
        self._found: list[Suggestion] = []

    def of(self, ledger: Ledger) -> list[Suggestion]:
        """The pairs as they are now."""
        with ledger.reading() as connection:
            last = decisions(connection, "merge", "split", "undo")[-1:]
        state = ledger.holdings()["claims"], last[0].seq if last else 0
        with self._lock:
            if self._of != state:
                self._found, self._of = ledger.suggestions(), state
            return self._found
