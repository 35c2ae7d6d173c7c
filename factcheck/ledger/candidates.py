"""Find the claims of a large ledger that a new document may not fit, without a model.

The documents that are closest by names, and the claims that share the most telling features, are loaded and ranked.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from heapq import nlargest
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, select

from factcheck.ledger.aliases import Aliases, aliases
from factcheck.ledger.features import features, statement_key
from factcheck.ledger.kinship import close_ones
from factcheck.ledger.likeness import likeness
from factcheck.ledger.postings import NEWEST, newest
from factcheck.ledger.schema import claims, documents, embeddings
from factcheck.ledger.store import load_documents, load_vectors, rows_with, withdrawn
from factcheck.ledger.vectors import Near, Vectors
from factcheck.models import Claim

CLOSEST = 16
"""Documents whose claims are all looked at."""

VOTED = 8
"""Claims of other documents that are looked at for one new claim, for the features that they share."""

NEAR = 16
"""Claims that are looked at for one new claim because their embeddings are near."""

READ = 10_000
"""Embeddings that are read from the database at once."""


class Candidate(NamedTuple):
    """An earlier claim, and how likely it is to meet one of the new ones."""

    claim: Claim
    score: float


class Earlier(NamedTuple):
    """A claim of the ledger with the key of its statement."""

    claim: Claim
    statement: str


class Among(NamedTuple):
    """Which of the ledger's claims may be candidates."""

    before: int | None = None
    """Number of a claim; only claims with a lower one are candidates."""
    since: int = 0
    """Number of a claim; only claims with this or a higher one are candidates."""
    without: frozenset[str] = frozenset()
    """Ids of documents whose claims are not."""
    of_run: frozenset[str] = frozenset()
    """Ids of documents whose claims are only as far as extraction found them: what comparisons that are under way
    notice depends on which is quicker."""
    machine: bool = False
    """Claims of documents that speak to their reader as a machine, and of no others."""


EVERYTHING = Among()

Neighbours = Mapping[str, Sequence[Near]]
"""The nearest claims by embeddings, for new claims by id."""

NOBODY: Neighbours = MappingProxyType({})


def candidates(
    connection: Connection, new: Sequence[Claim], among: Among = EVERYTHING, near: Neighbours = NOBODY
) -> list[Candidate]:
    """Earlier claims worth comparing with the new ones of one document, the likeliest first, one for each statement.

    `near` brings in claims by their embeddings, which need not share a word.
    """
    own, same = {claim.document_id for claim in new}, aliases(connection)
    closest = _closest(connection, new, own, among)
    voted = _voted(connection, new, same, among)
    close = {claim.id: {n.claim: n.cosine for n in near.get(claim.id, ()) if n.claim >= among.since} for claim in new}
    numbers = voted | {number for row in close.values() for number in row}
    earlier = _standing(connection, numbers, closest, among, own)
    statements = {claim.id: statement_key(claim) for claim in new}
    ids = {number: old.claim.id for number, old in earlier.items()}
    cosines = {key: {ids[n]: cosine for n, cosine in row.items() if n in ids} for key, row in close.items()}
    said = {old.claim.id: old.statement for old in earlier.values()}
    loaded = [old.claim for _, old in sorted(earlier.items())]
    meetings = likeness(new, loaded, same, closest, cosines, lambda a, b: statements[a.id] != said[b.id])
    by_statement: dict[str, Candidate] = {}
    ranked = [Candidate(claim, m.total) for claim, m in zip(loaded, meetings, strict=True) if m.is_likely(len(new))]
    for candidate in sorted(ranked, key=lambda c: (-c.score, c.claim.id)):
        by_statement.setdefault(said[candidate.claim.id], candidate)
    return list(by_statement.values())


def _closest(connection: Connection, new: Sequence[Claim], own: Collection[str], among: Among) -> dict[str, float]:
    """How close the closest documents are, by id; none of them where only claims after some place may be candidates."""
    homes = load_documents(connection, own)
    found = close_ones(connection, new, next(iter(homes.values()), None), CLOSEST, before=among.before)
    rows = rows_with(connection, select(claims.c.seq, claims.c.document_id), claims.c.seq, found)
    return {row["document_id"]: found[row["seq"]] for row in rows}


def _voted(connection: Connection, new: Sequence[Claim], same: Aliases, among: Among) -> set[int]:
    """The numbers of the claims that share the most telling features with a new one."""
    wanted = [features(claim, same) for claim in new]
    found = newest(connection, "claims", sorted({f for weights in wanted for f in weights}), before=among.before)
    found = {f: [n for n in numbers if n >= among.since] for f, numbers in found.items()} if among.since else found
    return {number for weights in wanted for number in _leading(weights, found)}


def neighbours(
    connection: Connection, new: Sequence[Claim], vectors: Vectors, model: str, *, before: int | None = None
) -> Neighbours:
    """The nearest claims of claims that are in the ledger, by id, after what was added since has been read."""
    rows = select(embeddings.c.claim, embeddings.c.vector).where(embeddings.c.model == model)
    later = connection.execute(rows.where(embeddings.c.claim > vectors.last).order_by(embeddings.c.claim))
    while part := later.fetchmany(READ):
        vectors.add([(number, content) for number, content in part])
    own = rows_with(connection, select(claims.c.seq, claims.c.id), claims.c.id, [c.id for c in new])
    kept = load_vectors(connection, [row["seq"] for row in own], model)
    wanted = {row["id"]: kept[row["seq"]] for row in own if row["seq"] in kept}
    return vectors.nearest(wanted, NEAR, before=before)


def _leading(weights: Mapping[int, float], found: Mapping[int, Sequence[int]]) -> list[int]:
    """The claims with the highest sum of shared features' weights; common features count little."""
    votes: dict[int, float] = {}
    for feature, weight in weights.items():
        value = weight * math.log(2 * NEWEST / (1 + len(found[feature])))
        for number in found[feature]:
            votes[number] = votes.get(number, 0.0) + value
    return nlargest(VOTED, votes, key=votes.__getitem__)


def _standing(
    connection: Connection, numbers: set[int], whole: Collection[str], among: Among, own: set[str]
) -> dict[int, Earlier]:
    """The claims with these numbers or of these documents that may be candidates, none of withdrawn documents."""
    query = select(claims.c.seq, claims.c.document_id, claims.c.statement, claims.c.body, claims.c.noticed)
    query = query.join(documents, documents.c.id == claims.c.document_id)
    query = query.where(documents.c.machine == int(among.machine), claims.c.seq >= among.since)
    query = query if among.before is None else query.where(claims.c.seq < among.before)
    rows = [
        *rows_with(connection, query, claims.c.seq, numbers),
        *rows_with(connection, query, claims.c.document_id, whole),
    ]
    gone = own | among.without | withdrawn(connection, {row["document_id"] for row in rows})
    return {
        row["seq"]: Earlier(Claim.model_validate_json(row["body"]), row["statement"])
        for row in {row["seq"]: row for row in rows}.values()
        if row["document_id"] not in gone and not (row["noticed"] and row["document_id"] in among.of_run)
    }
