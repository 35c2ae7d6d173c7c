"""What people did, as a chain: every row is hashed with the one before it, and the end is kept apart.

An edited, removed, added or reordered row breaks the chain; a cut at the end is noticed by its kept end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Connection, func, select

from factcheck.ledger.schema import heads, log
from factcheck.ledger.seals import goes_on, last_of
from factcheck.ledger.store import now, rows_with
from factcheck.ledger.successions import withdraw
from factcheck.originals import Model

Decided = Literal["accepted", "dismissed", "merge", "split", "undo", "retract", "comment", "assign"]
Noted = Literal["added", "sign_in", "refused", "account", "token"]
"""Who added a document, who signed in or was refused, and what became of accounts and their tokens."""

Action = Decided | Noted
ACTIONS: tuple[Action, ...] = get_args(Decided)
"""What people decided about findings, names and documents; an export hands it on, and leaves out what is only noted."""

NOTED: tuple[Action, ...] = get_args(Noted)
START = "0" * 64
END = "log"
LAST = 2**62
HASHED = ("seq", "action", "subject", "data", "by", "note", "at", "previous")


class Decision(Model):
    """One row of the log."""

    seq: int
    action: Action
    subject: str
    data: dict[str, Any]
    by: str
    note: str
    at: str


def append(
    connection: Connection,
    action: Action,
    subject: str,
    *,
    by: str,
    note: str = "",
    data: Mapping[str, Any] | None = None,
    at: str | None = None,
) -> Decision:
    """Add a decision at the end of the chain, in the transaction that is open."""
    last, previous = last_of(connection, log.name)
    row = {
        "seq": last + 1,
        "action": action,
        "subject": subject,
        "data": json.dumps(data or {}, sort_keys=True, ensure_ascii=False),
        "by": by,
        "note": note,
        "at": at or now(),
        "previous": previous or START,
    }
    row["hash"] = _hash(row)
    connection.execute(log.insert().values(row))
    goes_on(connection, log.name, last + 1, str(row["hash"]))
    connection.execute(heads.delete().where(heads.c.name == END))
    connection.execute(heads.insert().values(name=END, value=f"{row['seq']}:{row['hash']}"))
    return _decision(row)


def take_in(
    connection: Connection,
    decision: Decision,
    known: dict[str, int],
    numbers: Mapping[int, int],
    key: Callable[[Decision], str],
) -> int:
    """Add a decision of another ledger unless it is known; returns its number here. Raises ValueError.

    `numbers` says which numbers the decisions before it have here: one that is taken back goes by its number.
    """
    if decision.action == "undo":
        if decision.data.get("seq") not in numbers:
            raise ValueError("it takes back a decision that is not in the file before it")
        number = numbers[decision.data["seq"]]
        decision = decision.model_copy(update={"subject": str(number), "data": {"seq": number}})
    elif decision.action in {"merge", "split"}:
        pair = decision.data.get("names")
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(n, str) for n in pair):  # noqa: PLR2004
            raise ValueError("it does not name two names")
    if key(decision) in known:
        return known[key(decision)]
    if decision.action == "retract":
        reason = f"retracted by {decision.by}{f': {decision.note}' if decision.note else ''}"
        withdraw(connection, decision.subject, reason, decision.at)
    made = append(connection, **decision.model_dump(exclude={"seq"}))
    known[key(made)] = made.seq
    return made.seq


def decisions(connection: Connection, *actions: Action) -> list[Decision]:
    """All decisions of these kinds, in their order."""
    rows = connection.execute(select(log).where(log.c.action.in_(actions)).order_by(log.c.seq)).mappings()
    return [_decision(dict(row)) for row in rows]


def decisions_after(connection: Connection, seq: int, actions: Sequence[str], limit: int) -> list[Decision]:
    """The first entries of these kinds behind a number, in their order."""
    query = select(log).where(log.c.seq > seq, log.c.action.in_(actions)).order_by(log.c.seq).limit(max(0, limit))
    return [_decision(dict(row)) for row in connection.execute(query).mappings()]


def latest(
    connection: Connection, actions: Sequence[Action], *, by: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[Decision], int]:
    """Entries of these kinds, of one person where one is named, the last first; and how many there are."""
    where = [log.c.action.in_(actions), *([log.c.by == by] if by else [])]
    total = connection.execute(select(func.count()).select_from(log).where(*where)).scalar() or 0
    rows = connection.execute(select(log).where(*where).order_by(log.c.seq.desc()).limit(limit).offset(offset))
    return [_decision(dict(row)) for row in rows.mappings()], total


def entry(connection: Connection, number: int) -> Decision | None:
    """The entry with this number; None if there is none."""
    row = connection.execute(select(log).where(log.c.seq == number)).mappings().first() if number < LAST else None
    return _decision(dict(row)) if row else None


def undone(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Which of these entries were taken back."""
    rows = rows_with(connection, select(log.c.subject, log.c.action), log.c.subject, map(str, numbers))
    return {int(row["subject"]) for row in rows if row["action"] == "undo"}


def decisions_about(connection: Connection, subjects: Iterable[str]) -> list[Decision]:
    """All decisions about these subjects, in their order."""
    rows = rows_with(connection, select(log), log.c.subject, subjects)
    return [_decision(row) for row in sorted(rows, key=lambda row: int(row["seq"]))]


def faults(connection: Connection) -> list[str]:
    """What is wrong with the chain; an empty list if nothing is."""
    found: list[str] = []
    previous = START
    count = 0
    rows = [dict(row) for row in connection.execute(select(log).order_by(log.c.seq)).mappings()]
    for count, row in enumerate(rows, 1):
        if row["seq"] != count:
            found.append(f"log: row {row['seq']} stands where row {count} belongs")
        if row["previous"] != previous:
            found.append(f"log: row {row['seq']} does not follow the row before it")
        if row["hash"] != _hash(row):
            found.append(f"log: row {row['seq']} was changed")
        previous = row["hash"]
    kept = connection.execute(select(heads.c.value).where(heads.c.name == END)).scalar()
    if kept != (f"{count}:{previous}" if count else None):
        found.append(f"log: ends after row {count}, but row {END} of heads is {kept or 'missing'}")
    return found


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([row[name] for name in HASHED], ensure_ascii=False).encode()).hexdigest()


def _decision(row: Mapping[str, Any]) -> Decision:
    kept = {name: row[name] for name in Decision.model_fields}
    return Decision.model_validate({**kept, "data": json.loads(row["data"])})
