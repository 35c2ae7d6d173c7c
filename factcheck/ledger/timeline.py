"""What one speaker said over time: put in order from a few columns, and loaded whole for one page only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from factcheck.errors import UsageError
from factcheck.ledger.features import topic_words
from factcheck.ledger.lookup import Said, said
from factcheck.ledger.schema import claims, names
from factcheck.ledger.speakers import SPEAKS, named_like, sharing, spelled
from factcheck.ledger.store import load_claims, numbered
from factcheck.ledger.view import findings_with
from factcheck.models import Finding
from factcheck.originals import Model
from factcheck.text.names import folded

NEAR = 5
"""Names that a hint lists."""

UNDATED = "9999"
"""Stands behind every date."""


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


class _Line(NamedTuple):
    """A claim without its words."""

    seq: int
    id: str
    statement: str
    topic: str
    said_on: str | None
    speaker: str | None


def timeline(
    connection: Connection, speaker: str, topic: str | None = None, *, limit: int | None = None, offset: int = 0
) -> Timeline:
    """What a person or body said, also through others; one statement once, at its first outlet.

    `topic` keeps claims whose topic has all of its words. Of all that is left, `offset` statements are skipped and
    `limit` taken; findings are those that have one of these as a side. Raises UsageError for a name that nobody has,
    or that may mean several.
    """
    wanted = _one(connection, speaker)
    lines = _about(topic, _lines(connection, wanted))
    once = {line.statement: line for line in reversed(lines)}
    order = sorted(once.values(), key=lambda line: (line.said_on or UNDATED, line.id))
    shown = order[max(0, offset) :][: None if limit is None else max(0, limit)]
    there = {line.statement: line.id for line in shown}
    whole = load_claims(connection, claims.c.seq, [line.seq for line in shown])
    return Timeline(
        names=_names(lines, wanted) or [speaker],
        said=said(connection, [whole[line.seq] for line in shown]),
        findings=findings_with(connection, [line.id for line in shown]),
        others=tuple(spelled(connection, group) for group in sharing(connection, wanted)[:NEAR]),
        total=len(order),
        repeats={x.id: there[x.statement] for x in lines if there.get(x.statement, x.id) != x.id},
    )


def _lines(connection: Connection, wanted: frozenset[str]) -> list[_Line]:
    """The claims of these names, in the order in which they came into the ledger."""
    heard = select(names.c.claim).where(names.c.name.in_(wanted), names.c.part.in_(SPEAKS))
    query = select(*(claims.c[name] for name in _Line._fields)).where(numbered(connection, claims.c.seq, heard))
    return sorted(map(_Line._make, connection.execute(query)))


def _about(topic: str | None, lines: list[_Line]) -> list[_Line]:
    if topic is None:
        return lines
    words = topic_words(topic)
    fitting = {name for name in {line.topic for line in lines} if words <= topic_words(name)}
    return [line for line in lines if line.topic in fitting]


def _names(lines: Sequence[_Line], wanted: frozenset[str]) -> list[str]:
    """How documents write these names, the commonest first."""
    spoken = Counter(line.speaker or "" for line in lines)
    return sorted((n for n in spoken if folded(n) in wanted), key=lambda n: (-spoken[n], n))


def _one(connection: Connection, speaker: str) -> frozenset[str]:
    """The names of the one person or body that is meant. Raises UsageError."""
    found = named_like(connection, speaker)
    if not found:
        raise UsageError(f"{speaker}: nobody of this name is in the ledger{_hint(connection, folded(speaker).split())}")
    inner = [group for group in found if all(_is_within(group, other) for other in found)]
    if len(found) > 1 and len(inner) != 1:
        listed = ", ".join(spelled(connection, group) for group in found[:NEAR])
        more = f" and {len(found) - NEAR} more" if len(found) > NEAR else ""
        raise UsageError(f"{speaker}: could be {listed}{more}; write more of the name")
    return (inner or found)[0]


def _is_within(names: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a name stands whole in another, as a head of government's does in what the government is called."""
    return any(f" {name} " in f" {other} " for name in names for other in others)


def _hint(connection: Connection, words: Iterable[str]) -> str:
    """Names that share a word with the one that was asked for."""
    query = select(names.c.name).where(names.c.part.in_(SPEAKS)).distinct()
    near = sorted({n for word in words for n in connection.execute(query.where(names.c.name.contains(word))).scalars()})
    return f"; there is {', '.join(near[:NEAR])}" if near else ""
