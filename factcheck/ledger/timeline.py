"""What one speaker said over time: put in order by the database, and loaded whole for one page only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, exists, func, select

from factcheck.errors import UsageError
from factcheck.ledger.features import topic_words
from factcheck.ledger.lookup import Said, said
from factcheck.ledger.schema import claims, names
from factcheck.ledger.speakers import SPEAKS, named_like, sharing, spelled
from factcheck.ledger.store import among, in_code_points, load_claims, rows_with
from factcheck.ledger.view import findings_with
from factcheck.models import Finding
from factcheck.originals import Model
from factcheck.text.names import folded

NEAR = 5
"""Names that a hint lists."""

UNDATED = "9999"
"""Stands behind every date."""

EVERYTHING = 2**31 - 1


class Timeline(Model):
    """What one speaker said, oldest first: all of it or a part, and the findings among it."""

    names: list[str]
    """As the documents have them, the commonest first."""
    said: list[Said]
    findings: list[Finding]
    others: tuple[str, ...] = ()
    """Other speakers who share a last name with this one, the most quoted first."""
    total: int
    """Statements in all."""
    repeats: dict[str, str]
    """Claims that are left out because they repeat a statement of `said`, with the id of the claim that is shown."""


def timeline(
    connection: Connection, speaker: str, topic: str | None = None, *, limit: int | None = None, offset: int = 0
) -> Timeline:
    """What a person or body said, also through others; one statement once, at its first outlet.

    `topic` keeps claims whose topic has all of its words. Of all that is left, `offset` statements are skipped and
    `limit` taken; findings are those that have one of these as a side. Raises UsageError for a name that nobody has,
    or that may mean several.
    """
    wanted = _one(connection, speaker)
    these = _these(connection, wanted, topic)
    shown, total = _page(connection, these, limit, offset)
    whole = load_claims(connection, claims.c.seq, shown)
    found = [whole[seq] for seq in shown]
    return Timeline(
        names=_names(connection, these, wanted) or [speaker],
        said=said(connection, found),
        findings=findings_with(connection, [claim.id for claim in found]),
        others=tuple(spelled(connection, group) for group in sharing(connection, wanted)[:NEAR]),
        total=total,
        repeats=_repeats(connection, wanted, these[1:], shown),
    )


def _these(connection: Connection, wanted: frozenset[str], topic: str | None) -> list[ColumnElement[bool]]:
    """That a claim is of these names, and of this topic."""
    heard = select(names.c.claim).where(names.c.name.in_(wanted), names.c.part.in_(SPEAKS))
    these: list[ColumnElement[bool]] = [claims.c.seq.in_(heard)]
    if topic is None:
        return these
    words = topic_words(topic)
    known = connection.execute(select(claims.c.topic).where(*these).distinct()).scalars()
    return [*these, among(connection, claims.c.topic, [name for name in known if words <= topic_words(name)])]


def _page(
    connection: Connection, these: Sequence[ColumnElement[bool]], limit: int | None, offset: int
) -> tuple[list[int], int]:
    """The numbers of the claims that are shown, in their order, and how many there are in all.

    The database reads nothing of them but what decides.
    """
    place = func.row_number().over(partition_by=claims.c.statement, order_by=claims.c.seq)
    every = select(claims.c.seq, claims.c.id, claims.c.said_on, place.label("place")).where(*these).subquery()
    date = func.coalesce(func.nullif(every.c.said_on, ""), UNDATED)
    order = [in_code_points(connection, column) for column in (date, every.c.id)]
    once = select(every.c.seq, func.count().over()).where(every.c.place == 1).order_by(*order)
    part = once.offset(max(0, offset)).limit(EVERYTHING if limit is None else max(0, limit))
    rows = connection.execute(part).all()
    total = rows[0][1] if rows else connection.execute(select(func.count()).select_from(once.subquery())).scalar_one()
    return [seq for seq, _ in rows], total


def _names(connection: Connection, these: Sequence[ColumnElement[bool]], wanted: frozenset[str]) -> list[str]:
    """How documents write these names, the commonest first."""
    query = select(claims.c.speaker, func.count()).where(*these).group_by(claims.c.speaker)
    spoken = {name: number for name, number in connection.execute(query) if name and folded(name) in wanted}
    return sorted(spoken, key=lambda name: (-spoken[name], name))


def _repeats(
    connection: Connection, wanted: frozenset[str], about: Sequence[ColumnElement[bool]], shown: Sequence[int]
) -> dict[str, str]:
    """Claims of these names that repeat a statement of the ones that are shown, with the id of the one."""
    query = select(claims.c.id, claims.c.statement)
    first = {row["statement"]: row["id"] for row in rows_with(connection, query, claims.c.seq, shown)}
    heard = exists().where(names.c.claim == claims.c.seq, names.c.name.in_(wanted), names.c.part.in_(SPEAKS))
    same = rows_with(connection, query.where(heard, *about).order_by(claims.c.seq), claims.c.statement, first)
    return {row["id"]: first[row["statement"]] for row in same if row["id"] != first[row["statement"]]}


def _one(connection: Connection, speaker: str) -> frozenset[str]:
    """The names of the one person or body that is meant. Raises UsageError."""
    found = named_like(connection, speaker)
    if not found:
        raise UsageError(f"{speaker}: nobody of this name is in the ledger{_hint(connection, folded(speaker).split())}")
    if len(found) > 1:
        listed = ", ".join(spelled(connection, group) for group in found[:NEAR])
        more = f" and {len(found) - NEAR} more" if len(found) > NEAR else ""
        raise UsageError(f"{speaker}: could be {listed}{more}; write more of the name")
    return found[0]


def _hint(connection: Connection, words: Iterable[str]) -> str:
    """Names that share a word with the one that was asked for."""
    query = select(names.c.name).where(names.c.part.in_(SPEAKS)).distinct()
    near = sorted({n for word in words for n in connection.execute(query.where(names.c.name.contains(word))).scalars()})
    return f"; there is {', '.join(near[:NEAR])}" if near else ""
