"""How far each webhook was told the news of a ledger; findings and the log themselves are the queue.

A place is moved after an event was taken, so that after a crash an event may be sent twice and none is lost.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, String, Table, func, select

from factcheck.ledger.log import Decision, decisions_after, entry
from factcheck.ledger.schema import findings, log

TOLD = ("accepted", "dismissed", "undo")
"""Actions that a webhook is told of."""

metadata = MetaData()
deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("destination", String, primary_key=True),  # a hash of its address, which may be a secret
    Column("finding", BigInteger, nullable=False),  # the last finding that was dealt with
    Column("entry", BigInteger, nullable=False),  # the last entry of the log that was
    Column("tries", Integer, nullable=False),  # of the event that comes next
    Column("due", Float, nullable=False),  # seconds since 1970, before which it is not tried again
    Column("held", Float, nullable=False),  # until then one sender has it for itself
    Column("problem", String),  # why the last try failed
)


class Place(NamedTuple):
    """How far a webhook is, and what went wrong with the event that comes next."""

    finding: int
    entry: int
    tries: int
    due: float
    held: float
    problem: str | None


class News(NamedTuple):
    """An event: the finding that it is about, or the entry of the log; and the place once it was taken."""

    finding_id: str | None
    decision: Decision | None
    finding: int
    entry: int


def begin(connection: Connection, destination: str) -> None:
    """Let a webhook that is not known begin at the end: it is told what comes from now on."""
    metadata.create_all(connection)
    if place_of(connection, destination) is None:
        last = [connection.execute(select(func.max(table.c.seq))).scalar() or 0 for table in (findings, log)]
        row = {"destination": destination, "finding": last[0], "entry": last[1], "tries": 0, "due": 0, "held": 0}
        connection.execute(deliveries.insert().values(row))


def place_of(connection: Connection, destination: str) -> Place | None:
    """How far a webhook is; None where it has not begun."""
    columns = [deliveries.c[name] for name in Place._fields]
    row = connection.execute(select(*columns).where(deliveries.c.destination == destination)).first()
    return Place(*row) if row else None


def news(connection: Connection, place: Place, limit: int) -> list[News]:
    """What comes next: strong findings in the order in which they were found, then decisions in theirs."""
    query = select(findings.c.seq, findings.c.id).where(findings.c.seq > place.finding, findings.c.tier == "strong")
    found = connection.execute(query.order_by(findings.c.seq).limit(limit)).all()
    told = [News(row.id, None, row.seq, place.entry) for row in found]
    last = told[-1].finding if told else place.finding
    rest = decisions_after(connection, place.entry, TOLD, limit - len(told))
    return told + [News(None, decision, last, decision.seq) for decision in rest]


def hold(connection: Connection, destination: str, now: float, seconds: float) -> Place | None:
    """Take a webhook for oneself for a while; None where another sender has it, or it is not due."""
    place = place_of(connection, destination)
    if place is None or place.due > now or place.held > now:
        return None
    _set(connection, destination, held=now + seconds)
    return place


def taken(connection: Connection, destination: str, event: News) -> None:
    """An event was taken; go on behind it."""
    _set(connection, destination, finding=event.finding, entry=event.entry, tries=0, due=0.0, problem=None)


def failed(connection: Connection, destination: str, *, tries: int, due: float, problem: str) -> None:
    """An event was not taken; it is tried again when it is due."""
    _set(connection, destination, tries=tries, due=due, problem=problem)


def let_go(connection: Connection, destination: str) -> None:
    """Let others send."""
    _set(connection, destination, held=0.0)


def _set(connection: Connection, destination: str, **values: object) -> None:
    connection.execute(deliveries.update().where(deliveries.c.destination == destination).values(**values))


def subject_of(connection: Connection, decision: Decision) -> str | None:
    """The finding that a decision is about, also one that takes another back; None for what concerns no finding."""
    about = entry(connection, int(decision.data["seq"])) if decision.action == "undo" else decision
    return about.subject if about and about.action in {"accepted", "dismissed"} else None
