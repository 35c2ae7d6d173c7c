"""Find the claims of a large ledger that a new document may not fit, without a model.

Shared features vote for claims; the best are loaded and ranked by who, about what, and quantities; at most
eight a new claim are kept, one for each statement.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from factcheck.ledger.features import Quantity, features, quantities, statement_key, topic_words
from factcheck.ledger.postings import NEWEST, newest
from factcheck.ledger.schema import claims
from factcheck.ledger.speakers import same_people
from factcheck.ledger.store import load_vectors, rows_with, withdrawn
from factcheck.ledger.vectors import bands, cosine
from factcheck.models import Claim
from factcheck.text.names import folded

MOST = 8
"""Candidates of one new claim."""

LOADED = 24
"""Claims that are loaded for one new claim, to rank them."""

SAME_WHO, SAME_UNIT = 1.0, 1.0
"""What is added for the same person or body, and for a quantity in the same unit."""

BAND, COSINE = 0.5, 4.0
"""Weights of embeddings: a shared band counts less than a shared word, since near vectors share several and must not
crowd out everything else; the cosine ranks what they bring in."""

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


class Vectors(NamedTuple):
    """Embeddings of new claims, by id, and the model that made them."""

    model: str = ""
    by_claim: Mapping[str, Sequence[float]] = {}


NO_VECTORS = Vectors()


def candidates(
    connection: Connection, new: Sequence[Claim], *, after: int = 0, vectors: Vectors = NO_VECTORS
) -> list[Candidate]:
    """Earlier claims worth comparing with the new ones, the likeliest first; only those numbered above `after`.

    Embeddings, where there are any, bring in claims that share no word.
    """
    same = same_people(connection)
    near = {key: dict.fromkeys(bands(vector), BAND) for key, vector in vectors.by_claim.items()}
    wanted = [features(claim, same) | near.get(claim.id, {}) for claim in new]
    found = newest(connection, sorted({f for weights in wanted for f in weights}), after=after)
    votes = [_votes(weights, found) for weights in wanted]
    numbers = {number for vote in votes for number, _ in vote.most_common(LOADED)}
    earlier = _standing(connection, numbers, {claim.document_id for claim in new})
    kept = load_vectors(connection, earlier, vectors.model) if vectors.by_claim else {}
    best: dict[str, Candidate] = {}
    for claim, vote in zip(new, votes, strict=True):
        if mine := vectors.by_claim.get(claim.id):
            vote.update({n: COSINE * cosine(mine, theirs) for n, theirs in kept.items() if n in vote})
        for candidate in _ranked(claim, vote, earlier, same)[:MOST]:
            known = best.get(candidate.claim.id)
            if known is None or known.score < candidate.score:
                best[candidate.claim.id] = candidate
    return sorted(best.values(), key=lambda c: (-c.score, c.claim.id))


def _votes(weights: Mapping[int, float], found: Mapping[int, Sequence[int]]) -> Counter[int]:
    """The sum of shared features' weights for each claim; common features count little."""
    votes: Counter[int] = Counter()
    for feature, weight in weights.items():
        value = weight * math.log(2 * NEWEST / (1 + len(found[feature])))
        for number in found[feature]:
            votes[number] += value  # type: ignore[assignment]  # a Counter of floats
    return votes


def _standing(connection: Connection, numbers: set[int], own: set[str]) -> dict[int, Earlier]:
    """The claims with these numbers, without those of withdrawn documents and of the new ones themselves."""
    query = select(claims.c.seq, claims.c.document_id, claims.c.statement, claims.c.body)
    rows = rows_with(connection, query, claims.c.seq, numbers)
    gone = own | withdrawn(connection, {row["document_id"] for row in rows})
    return {
        row["seq"]: Earlier(Claim.model_validate_json(row["body"]), row["statement"])
        for row in rows
        if row["document_id"] not in gone
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
