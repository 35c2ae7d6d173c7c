"""How much failing a document is worth, and when a whole run is: nothing is asked for again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from factcheck.errors import OF_THE_TEXT, ModelError

FAILURES = 4
"""Calls about one document that may fail, of whatever kind, before no more are made about it."""

DOCUMENTS = 3
"""Documents in a row that may fail in one way, with no answer between, before a run ends."""

HALVED = 3
"""Calls that were cut off, from which on halves do not fit either."""

COUNTED = OF_THE_TEXT | {"bad_request", "rate_limited", "timeout", "connection", "server_error"}
"""Codes that count; those that end a run at once, and misses in a replay, do not."""


class Patience:
    """What is left of the failures that one document, or one comparison, is worth; without a number, no end.

    Calls under way count as failures until they end, so that calls side by side never exceed it either.
    """

    def __init__(self, failures: int | None = None) -> None:
        self.left = failures
        self.spent = 0
        self.place = asyncio.Semaphore(failures) if failures is not None else contextlib.nullcontext()
        """Held by every call from its first to its last attempt; there are as many as calls may fail."""
        self.last: ModelError | None = None
        self._under_way = 0
        self._changed = asyncio.Condition()

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be asked."""
        return self.left is not None and self.left <= 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until one more call could fail; raises the last error where there is no patience left."""
        async with self._changed:
            while self.left is not None and 0 < self.left <= self._under_way:
                await self._changed.wait()
            if self.is_over and self.last is not None:
                raise self.last
            self._under_way += 1
        try:
            yield
        except ModelError as error:
            self.failed(error)
            raise
        finally:
            self._under_way -= 1
            async with self._changed:
                self._changed.notify_all()

    def failed(self, error: ModelError) -> None:
        """One call less."""
        if error.code in COUNTED and self.left is not None:
            self.left -= 1
            self.spent += 1
            self.last = ModelError(error.code, str(error), status=error.status)


class Streak:
    """Documents in a row that failed in one way; an answer ends it."""

    def __init__(self, documents: int = DOCUMENTS) -> None:
        self._documents = documents
        self._code = ""
        self._failed: set[Patience] = set()
        self._has_answered = False

    def answered(self) -> None:
        """An answer that could be used came."""
        self._failed.clear()
        self._has_answered = True

    def failed(self, error: ModelError, patience: Patience) -> ModelError | None:
        """One more document failed; what to stop the run with, where it is one too many."""
        if not self._is_of_all(error, patience):
            return None
        if error.code != self._code:
            self._code, self._failed = error.code, set()
        self._failed.add(patience)
        if len(self._failed) < self._documents:
            return None
        return ModelError(
            error.code, f"{error}; {self._documents} documents in a row failed like this, so the run stopped"
        )

    def _is_of_all(self, error: ModelError, patience: Patience) -> bool:
        """Whether a failure may well be that of every document."""
        if error.code in OF_THE_TEXT:  # a refusal is of its text; and where one answer came, others may
            lasting = error.code in {"empty", "malformed"} or (error.code == "truncated" and patience.spent >= HALVED)
            return lasting and not self._has_answered
        return error.code in COUNTED
