"""Which documents of a ledger are about the same people and places as a new one: those that share rare names.

A name is found by its sound, so that languages and scripts meet (see `text.terms`). The index holds it for a document,
not for each claim, so that an affair of a few articles stays rare however much each of them says.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from factcheck.ledger.features import number
from factcheck.ledger.postings import NEWEST, index, newest
from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import claims, documents
from factcheck.models import Claim, Document
from factcheck.text.terms import names_of, words_of

POWER = 3
"""How much more a rare name says than a common one: a name that two documents hold says more than ten that fifty do."""

HALF = 200.0
"""Shared names' weight at which a document is half as close as one can be; two names that few others hold have it."""

MOST_NAMES = 200
"""Names by which one document is found; those of its sources and topics come first."""


BATCH = 500
"""Documents that are read at once."""


def sources_of(claim: Claim) -> list[str]:
    """Whom a claim names: its speaker, for whom and what they speak, whom it is against."""
    said = claim.attribution
    return [n for n in (said.speaker, said.organisation, said.on_behalf_of, said.role, claim.target) if n]


def namings(claims: Sequence[Claim], document: Document | None) -> list[int]:
    """The features under which a document is found by its names: those of its sources, topics and text."""
    own = {key for claim in claims for name in sources_of(claim) for key in words_of(name)}
    own |= {key for claim in claims for key in names_of(claim.topic)}
    names = [*sorted(own), *sorted(names_of(document.text) - own if document else ())]
    return [number("name", name) for name in names[:MOST_NAMES]]


def index_names(connection: Connection, numbered: Mapping[int, Claim], homes: Mapping[str, Document]) -> None:
    """Make documents findable by their names, under the number of their first claim among these."""
    said: dict[str, dict[int, Claim]] = {}
    for place, claim in sorted(numbered.items()):
        said.setdefault(claim.document_id, {})[place] = claim
    rows = {min(own): namings(list(own.values()), homes[key]) for key, own in said.items()}
    index(connection, "documents", rows)


def close_ones(
    connection: Connection, new: Sequence[Claim], home: Document | None, most: int, *, before: int | None = None
) -> dict[int, float]:
    """How close the closest documents are to the new one of these claims, 0 to 1, by their first claim's number."""
    found = newest(connection, "documents", namings(new, home), before=before)
    shared: Counter[int] = Counter()
    for numbers in found.values():
        weight = math.log(NEWEST / max(1, len(numbers))) ** POWER
        for place in numbers:
            shared[place] += weight  # type: ignore[assignment]  # a Counter of floats
    ranked = sorted(shared.items(), key=lambda row: (-row[1], row[0]))[:most]
    return {place: weight / (weight + HALF) for place, weight in ranked if weight}


def fill(connection: Connection) -> None:
    """Index the names of a ledger that was made before there was an index of them."""
    said = select(claims.c.seq, claims.c.body).where(claims.c.noticed == 0)
    texts = select(documents.c.seq, documents.c.text, documents.c.body).order_by(documents.c.seq).limit(BATCH)
    last = 0
    while rows := connection.execute(texts.where(documents.c.seq > last)).mappings().all():
        last = rows[-1]["seq"]
        homes = {document.id: document for document in (to_document(dict(row)) for row in rows)}
        own = connection.execute(said.where(claims.c.document_id.in_(homes)))
        index_names(connection, {row.seq: Claim.model_validate_json(row.body) for row in own}, homes)
