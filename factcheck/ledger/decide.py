"""What people decide about findings and documents: it goes to the end of the log and is never removed."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from factcheck.errors import UsageError
from factcheck.ledger.log import Decision, append
from factcheck.ledger.store import now, present
from factcheck.ledger.successions import withdraw
from factcheck.ledger.view import finding_rows


def decide(
    connection: Connection, key: str, decision: Literal["accepted", "dismissed"], *, by: str, note: str = ""
) -> Decision:
    """Accept or dismiss a finding, for its two statements wherever they come back; the last decision counts.

    Raises UsageError for an id that is no finding, and for a decision without a name.
    """
    rows = finding_rows(connection, key)
    if not rows:
        raise UsageError(f"{key}: is no finding of this ledger; `factcheck show` and `timeline` name them")
    return append(connection, decision, rows[0]["pair"], by=named(by), note=note)


def retract(connection: Connection, document_id: str, *, by: str, note: str) -> Decision:
    """Say that a document no longer stands, and mark the findings that rest on it as stale. Raises UsageError."""
    if document_id not in present(connection, [document_id]):
        raise UsageError(f"{document_id}: is no document of this ledger; `factcheck search` finds them")
    at = now()
    withdraw(connection, document_id, f"retracted by {named(by)}{f': {note}' if note else ''}", at)
    return append(connection, "retract", document_id, by=named(by), note=note, at=at)


def named(by: str) -> str:
    """The name of whoever decides. Raises UsageError for an empty one."""
    if not by.strip():
        raise UsageError("--by: needs the name of whoever decides")
    return by.strip()
