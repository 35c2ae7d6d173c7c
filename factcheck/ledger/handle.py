"""A ledger for programs: open it by its place, look things up, decide, close it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.log import Decision
from factcheck.ledger.lookup import Said, Shown, Timeline
from factcheck.models import Finding


class Ledger:
    """An open ledger: a SQLite file, a `postgresql://` address, or `default` for the one of this user.

    Raises UsageError where there is none (unless `create` starts one) and LedgerError where it cannot be used.
    Usable in a `with` statement, which closes it.

    >>> with factcheck.Ledger("desk.db") as ledger:
    ...     [said.claim.attribution.speaker for said in ledger.timeline("Stubb").said][:1]
    ['Alexander Stubb']
    """

    def __init__(self, place: str | Path = "default", *, create: bool = False) -> None:
        self._open = open_ledger(str(place), create=create)

    @property
    def place(self) -> str:
        """Where it is; holds no password."""
        return self._open.place

    def timeline(self, speaker: str, topic: str | None = None) -> Timeline:
        """What a speaker said, oldest first, with the findings among it; only on topics that hold these words.

        Raises UsageError for a name that it does not hold, with the names that are like it.
        """
        return self._open.timeline(speaker, topic)

    def search(self, words: str, *, limit: int = 20) -> list[Said]:
        """At most `limit` claims that hold all these words, the newest first."""
        return self._open.search(words, limit=limit)

    def show(self, key: str) -> Shown:
        """A claim (`c-…`) or finding (`f-…`) with everything around it. Raises UsageError for another id."""
        return self._open.show(key)

    def findings(self) -> list[Finding]:
        """All findings with what was decided about them, in the order in which they were found."""
        return self._open.findings()

    def decide(self, key: str, decision: Literal["accepted", "dismissed"], *, by: str, note: str = "") -> Decision:
        """Accept or dismiss a finding, by its id. Raises UsageError for another id, and without a name."""
        return self._open.decide(key, decision, by=by, note=note)

    def retract(self, document_id: str, *, by: str, note: str) -> Decision:
        """Say that a document (`d-…`) no longer stands. Raises UsageError for another id, and without a name."""
        return self._open.retract(document_id, by=by, note=note)

    def head(self) -> str:
        """What stands for all that it holds now; kept elsewhere, it shows whether anything of it was changed since."""
        return self._open.head()

    def close(self) -> None:
        """Close all connections."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
