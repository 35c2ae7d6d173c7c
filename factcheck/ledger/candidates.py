"""Find the claims of a large ledger that a new document may not fit, without a model.

Shared features vote for claims; the best are loaded and ranked by who, about what, and quantities; at most
eight a new claim are kept, one for each statement.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, select

from factcheck.ledger.features import Quantity, features, quantities, statement_key, topic_words
from factcheck.ledger.postings import NEWEST, newest
from factcheck.ledger.schema import claims, documents, embeddings
from factcheck.ledger.speakers import aliases
from factcheck.ledger.store import load_vectors, rows_with, withdrawn
from factcheck.ledger.vectors import Near, Vectors
from factcheck.models import Claim
from factcheck.text.names import folded

MOST = 8
"""Candidates of one new claim."""

LOADED = 24
"""Claims that are loaded for one new claim, to rank them."""

SAME_WHO, SAME_UNIT = 1.0, 1.0
"""What is added for the same person or body, and for a quantity in the same unit."""

COSINE = 8.0
"""Weight of a centred cosine, as high as that of a shared speaker and topic together: vectors see through languages."""

READ = 10_000
"""Embeddings that are read from the database at once."""

ABOUT = 3.0
"""What is added for the same topic, in proportion to the share of its words in common."""


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
    """Earlier claims worth comparing with the new ones, the likeliest first.

    `near` brings in claims by their embeddings, which need not share a word.
    """
    same = aliases(connection)
    wanted = [features(claim, same) for claim in new]
    found = newest(connection, sorted({f for weights in wanted for f in weights}), before=among.before)
    found = {f: [n for n in numbers if n >= among.since] for f, numbers in found.items()}
    votes = [_votes(weights, found) for weights in wanted]
    close = [[n for n in near.get(claim.id, ()) if n.claim >= among.since] for claim in new]
    numbers = {number for vote in votes for number, _ in vote.most_common(LOADED)}
    earlier = _standing(
        connection, numbers | {n.claim for row in close for n in row}, among, {c.document_id for c in new}
    )
    best: dict[str, Candidate] = {}
    for claim, vote, row in zip(new, votes, close, strict=True):
        for number, cosine in row:
            vote[number] += COSINE * max(0.0, cosine)  # type: ignore[assignment]  # a Counter of floats
        for candidate in _ranked(claim, vote, earlier, same)[:MOST]:
            known = best.get(candidate.claim.id)
            if known is None or known.score < candidate.score:
                best[candidate.claim.id] = candidate
    return sorted(best.values(), key=lambda c: (-c.score, c.claim.id))


def neighbours(
    connection: Connection, new: Sequence[Claim], vectors: Vectors, model: str, *, before: int | None = None
) -> Neighbours:
    """The nearest claims of claims that are in the ledger, by id, after what was added since has been read."""
    rows = select(embeddings.c.claim, embeddings.c.vector).where(embeddings.c.model == model)
    later = connection.execute(rows.where(embeddings.c.claim > vectors.last).order_by(embeddings.c.claim))
    while part := later.fetchmany(READ):
        vectors.add([(row.claim, row.vector) for row in part])
    own = rows_with(connection, select(claims.c.seq, claims.c.id), claims.c.id, [c.id for c in new])
    kept = load_vectors(connection, [row["seq"] for row in own], model)
    wanted = {row["id"]: kept[row["seq"]] for row in own if row["seq"] in kept}
    return vectors.nearest(wanted, LOADED, before=before)


def _votes(weights: Mapping[int, float], found: Mapping[int, Sequence[int]]) -> Counter[int]:
    """The sum of shared features' weights for each claim; common features count little."""
    votes: Counter[int] = Counter()
    for feature, weight in weights.items():
        value = weight * math.log(2 * NEWEST / (1 + len(found[feature])))
        for number in found[feature]:
            votes[number] += value  # type: ignore[assignment]  # a Counter of floats
    return votes


def _standing(connection: Connection, numbers: set[int], among: Among, own: set[str]) -> dict[int, Earlier]:
    """The claims with these numbers that may be candidates, without those of withdrawn documents."""
    query = select(claims.c.seq, claims.c.document_id, claims.c.statement, claims.c.body, claims.c.noticed)
    query = query.join(documents, documents.c.id == claims.c.document_id)
    query = query.where(documents.c.machine == int(among.machine))
    rows = rows_with(connection, query, claims.c.seq, numbers)
    gone = own | among.without | withdrawn(connection, {row["document_id"] for row in rows})
    return {
        row["seq"]: Earlier(Claim.model_validate_json(row["body"]), row["statement"])
        for row in rows
        if row["document_id"] not in gone and not (row["noticed"] and row["document_id"] in among.of_run)
    }


def _ranked(
    new: Claim, votes: Counter[int], earlier: Mapping[int, Earlier], same: Mapping[str, frozenset[str]]
) -> list[Candidate]:
    """The loaded candidates of one claim, best first, one for each statement, without the claim's own statement."""
    loaded = [(earlier[number], vote) for number, vote in votes.most_common(LOADED) if number in earlier]
    scored = [(Candidate(old.claim, vote + likeness(new, old.claim, same)), old.statement) for old, vote in loaded]
    by_statement = {statement_key(new): Candidate(new, math.inf)}
    for candidate, statement in sorted(scored, key=lambda row: (-row[0].score, row[0].claim.id)):
        by_statement.setdefault(statement, candidate)
    return [candidate for candidate in by_statement.values() if candidate.claim is not new]


def likeness(new: Claim, old: Claim, same: Mapping[str, frozenset[str]]) -> float:
    """How likely two claims are to meet: the same person or body, the same topic, a quantity in the same unit."""
    mine, theirs = topic_words(new.topic), topic_words(old.topic)
    shared = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
    who = SAME_WHO if _who(new, same) & _who(old, same) else 0.0
    units = {q.unit for q in quantities(new) if _counts(q)} & {q.unit for q in quantities(old) if _counts(q)}
    return who + ABOUT * shared + (SAME_UNIT if units and shared else 0.0)


def _counts(quantity: Quantity) -> bool:
    return bool(quantity.unit)


def _who(claim: Claim, same: Mapping[str, frozenset[str]]) -> frozenset[str]:
    said = claim.attribution
    keys = [folded(name) for name in (said.speaker, said.organisation, said.on_behalf_of) if name]
    return frozenset(alias for key in keys for alias in same.get(key, frozenset([key])))
