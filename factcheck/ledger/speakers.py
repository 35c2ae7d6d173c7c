"""Who is who: the people and bodies of a ledger, and which names count as one because a person said so.

Equal names (without case, accents and punctuation) are one speaker; similar names are suggested and never merged.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from factcheck.errors import UsageError
from factcheck.ledger.log import Decision, append, decisions
from factcheck.ledger.schema import claims, log, names
from factcheck.ledger.store import load_claims
from factcheck.originals import Model
from factcheck.text.names import folded

SPEAKS = ("speaker", "on_behalf_of")
"""As what a name must stand in a claim for the claim to be that person's or body's own position."""

SPELLED = 50
"""Claims that are read for how a name is written."""

DESCRIBED = 40
"""Claims of one speaker that are read for names and roles."""


class Speaker(Model):
    """One person or body with everything that the documents call it."""

    names: list[str]
    """As the documents have them, the commonest first."""
    roles: list[str]
    """With the dates between which they were given, oldest first."""
    claims: int


class SpeakerPage(Model):
    """Some of the speakers."""

    rows: list[Speaker]
    total: int
    limit: int
    offset: int


class Suggestion(Model):
    """Two names that may be one speaker; a person decides."""

    a: str
    b: str
    why: str


def same_people(connection: Connection) -> dict[str, frozenset[str]]:
    """For each folded name that was merged, all the names that count as the same; others stand for themselves."""
    made = decisions(connection, "merge", "split", "undo")
    undone = {d.data["seq"] for d in made if d.action == "undo"}
    groups: dict[str, frozenset[str]] = {}
    for decision in made:
        if decision.action == "undo" or decision.seq in undone:
            continue
        a, b = decision.data["names"]
        if decision.action == "merge":
            joined = groups.get(a, frozenset([a])) | groups.get(b, frozenset([b]))
            groups |= dict.fromkeys(joined, joined)
        else:
            rest = groups.get(b, frozenset([b])) - {b}
            groups |= dict.fromkeys(rest, rest)
            groups[b] = frozenset([b])
    return {name: group for name, group in groups.items() if len(group) > 1}


def called(connection: Connection) -> dict[str, str]:
    """For each folded name that was merged the name under which all of its claims are shown: the commonest."""
    found: dict[str, str] = {}
    for group in set(same_people(connection).values()):
        spoken: Counter[str] = Counter()
        for part, column in (("speaker", claims.c.speaker), ("target", claims.c.target)):
            query = select(column, func.count()).join(names, names.c.claim == claims.c.seq)
            query = query.where(names.c.name.in_(group), names.c.part == part).group_by(column)
            spoken.update({name: number for name, number in connection.execute(query) if folded(name) in group})
        if spoken:
            name = min(spoken, key=lambda n: (-spoken[n], -len(n), n))
            found |= dict.fromkeys(group, name)
    return found


def speakers(connection: Connection, name: str | None = None, *, limit: int = 50) -> list[Speaker]:
    """The most quoted speakers, or those whose name holds these words, with what documents call them."""
    return speakers_page(connection, name, limit=limit).rows


class _Everyone(NamedTuple):
    """All speakers of a ledger as it is at one moment, the most quoted first; described as far as anybody looked."""

    state: tuple[int, int]
    ranked: list[tuple[frozenset[str], int]]
    described: dict[frozenset[str], Speaker]


_KNOWN: WeakKeyDictionary[Engine, _Everyone] = WeakKeyDictionary()
"""Of each open ledger: who spoke how often is counted again only after statements or decisions about names came."""


def speakers_page(connection: Connection, name: str | None = None, *, limit: int = 50, offset: int = 0) -> SpeakerPage:
    """A page of speakers, the most quoted first."""
    everyone, words = _everyone(connection), folded(name or "").split()
    found = [one for one in everyone.ranked if any(_begins(key, words) for key in one[0])] if words else everyone.ranked
    rows = []
    for group, number in found[max(0, offset) :][: max(0, limit)]:
        if group not in everyone.described:
            everyone.described[group] = _speaker(connection, group, number)
        rows.append(everyone.described[group])
    return SpeakerPage(rows=rows, total=len(found), limit=limit, offset=offset)


def _everyone(connection: Connection) -> _Everyone:
    """All speakers, counted unless that was done already for what the ledger holds now."""
    merges = select(func.max(log.c.seq)).where(log.c.action.in_(("merge", "split", "undo")))
    last = select(select(func.max(claims.c.seq)).scalar_subquery(), merges.scalar_subquery())
    claim, merge = connection.execute(last).one()
    state = (claim or 0, merge or 0)
    known = _KNOWN.get(connection.engine)
    if known is None or known.state != state:
        known = _KNOWN[connection.engine] = _Everyone(state, _ranked(connection), {})
    return known


def _ranked(connection: Connection) -> list[tuple[frozenset[str], int]]:
    same = same_people(connection)
    query = select(names.c.name, func.count()).where(names.c.part == "speaker").group_by(names.c.name)
    counts: Counter[frozenset[str]] = Counter()
    for key, number in connection.execute(query):
        counts[same.get(key, frozenset([key]))] += number
    return sorted(counts.items(), key=lambda one: (-one[1], sorted(one[0])))


def _speaker(connection: Connection, group: frozenset[str], number: int) -> Speaker:
    """One speaker, described from some of the claims."""
    heard = select(names.c.claim).where(names.c.part == "speaker", names.c.name.in_(group)).limit(DESCRIBED)
    query = select(claims.c.speaker, claims.c.said_on, claims.c.body).where(claims.c.seq.in_(heard))
    called: Counter[str] = Counter()
    held: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query.order_by(claims.c.seq)):
        said = json.loads(row.body)["attribution"]
        called[row.speaker or ""] += 1
        if role := ", ".join(part for part in (said.get("role"), said.get("organisation")) if part):
            held[role].append(row.said_on or "")
    spans = sorted((min(days), max(days), role) for role, days in held.items())
    roles = [f"{role} ({first if first == last else f'{first} to {last}'})" for first, last, role in spans]
    return Speaker(names=[n for n, _ in called.most_common()], roles=roles, claims=number)


def named_like(connection: Connection, name: str, parts: Sequence[str] = SPEAKS) -> list[frozenset[str]]:
    """Whom a name may mean: the one of exactly this name, else all whose names have words that begin with its words.

    Each is the folded names that count as one person's or body's.
    """
    key, same = folded(name), same_people(connection)
    query = select(names.c.name).where(names.c.part.in_(parts)).distinct()
    group = same.get(key, frozenset([key]))
    if connection.execute(query.where(names.c.name.in_(group)).limit(1)).first() is not None:
        return [group]
    words = key.split()
    if not words:
        return []
    near = connection.execute(query.where(names.c.name.contains(max(words, key=len)))).scalars()
    return list(dict.fromkeys(same.get(n, frozenset([n])) for n in sorted(near) if _begins(n, words)))


def sharing(connection: Connection, group: frozenset[str]) -> list[frozenset[str]]:
    """Others who share the last name of these names, the most quoted first; a last name alone is one, too."""
    same = same_people(connection)
    spoken: Counter[frozenset[str]] = Counter()
    for last in {name.split()[-1] for name in group}:
        query = select(names.c.name, func.count()).where(names.c.part.in_(SPEAKS), names.c.name.contains(last))
        for name, number in connection.execute(query.group_by(names.c.name)):
            if last in name.split() and name not in group:
                spoken[same.get(name, frozenset([name]))] += number
    return sorted(spoken, key=lambda other: (-spoken[other], sorted(other)))


def spelled(connection: Connection, group: frozenset[str]) -> str:
    """How documents most often write one of these folded names."""
    query = select(names.c.claim).where(names.c.part.in_(SPEAKS), names.c.name.in_(group)).limit(SPELLED)
    found = load_claims(connection, claims.c.seq, connection.execute(query).scalars().all()).values()
    said = [name for c in found for name in (c.attribution.speaker, c.attribution.on_behalf_of) if name]
    written = Counter(name for name in said if folded(name) in group)
    return written.most_common(1)[0][0] if written else min(group)


def as_written(connection: Connection, pairs: Iterable[Decision]) -> dict[int, str]:
    """What merges and splits are about, with the names as a document writes them; by the numbers of the entries."""
    told = {d.seq: d.data["names"] for d in pairs if d.action in ("merge", "split")}
    query = select(claims.c.speaker).join(names, names.c.claim == claims.c.seq).where(names.c.part == "speaker")
    found = {
        name: connection.execute(query.where(names.c.name == name).limit(1)).scalar() or name
        for name in {name for pair in told.values() for name in pair}
    }
    return {seq: " = ".join(found[name] for name in pair) for seq, pair in told.items()}


def _begins(name: str, words: Sequence[str]) -> bool:
    return all(any(part.startswith(word) for part in name.split()) for word in words)


def suggest(connection: Connection) -> list[Suggestion]:
    """Pairs of speakers' names that may be one's, with the reason; those already decided are left out."""
    from factcheck.ledger.spellings import alike  # noqa: PLC0415  (only this command needs it)

    same = same_people(connection)
    decided = {frozenset(d.data["names"]) for d in decisions(connection, "merge", "split")}
    query = select(names.c.name).where(names.c.part == "speaker").distinct()
    return [
        Suggestion(a=a, b=b, why=why)
        for a, b, why in alike(connection.execute(query).scalars())
        if b not in same.get(a, ()) and frozenset((a, b)) not in decided
    ]


def merge(connection: Connection, a: str, b: str, *, by: str, note: str = "") -> Decision:
    """Let two names count as one speaker from now on. Raises UsageError for a name that nobody has."""
    return _decide(connection, "merge", a, b, by=by, note=note)


def split(connection: Connection, a: str, b: str, *, by: str, note: str = "") -> Decision:
    """Let the second name count as another speaker than the first. Raises UsageError for a name that nobody has."""
    return _decide(connection, "split", a, b, by=by, note=note)


def undo(connection: Connection, number: int, *, by: str, note: str = "") -> Decision:
    """Take back a merge or a split, by its number in the log. Raises UsageError for another number."""
    if number not in {d.seq for d in decisions(connection, "merge", "split")}:
        raise UsageError(f"{number}: is no merge or split; `factcheck speakers log` lists them")
    return append(connection, "undo", str(number), by=by, note=note, data={"seq": number})


def _decide(
    connection: Connection, action: Literal["merge", "split"], a: str, b: str, *, by: str, note: str
) -> Decision:
    pair = [folded(a), folded(b)]
    for name, key in zip((a, b), pair, strict=True):
        if connection.execute(select(names.c.claim).where(names.c.name == key).limit(1)).first() is None:
            raise UsageError(f"{name}: nobody of this name is in the ledger")
    if pair[0] == pair[1]:
        raise UsageError(f"{a}: is the same name as {b}")
    return append(connection, action, " = ".join(pair), by=by, note=note, data={"names": pair})
