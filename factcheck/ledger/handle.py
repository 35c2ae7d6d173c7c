"""A ledger for programs: open it by its place, look things up, decide, close it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.desk import Desk


class Ledger(Desk):
    """An open ledger: a SQLite file, a `postgresql://` address, or `default` for the one of this user.

    Raises UsageError where there is none (unless `create` starts one) and LedgerError where it cannot be used.
    Usable in a `with` statement, which closes it.

    >>> with factcheck.Ledger("desk.db") as ledger:
    ...     [said.claim.attribution.speaker for said in ledger.timeline("Alexander Stubb").said][:1]
    ['Alexander Stubb']
    """

    def __init__(self, place: str | Path = "default", *, create: bool = False) -> None:
        self._open = open_ledger(str(place), create=create)

    @property
    def place(self) -> str:
        """Where it is; holds no password."""
        return self._open.place

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the ledger. Raises LedgerError."""
        return self._open.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction with no other writer beside it. Raises LedgerError."""
        return self._open.writing()

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
