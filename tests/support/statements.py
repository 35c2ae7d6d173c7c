"""Articles of one statement, their claims, and findings between them, as a ledger takes them."""

from __future__ import annotations

from factcheck.ids import content_id
from factcheck.inputs.documents import document_from_text
from factcheck.ledger.store import Entry
from factcheck.models import Claim, Document, Finding, Kind
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground


def article(text: str, **fields: str) -> Document:
    return document_from_text(text, **{"publisher": "The Echo", "published": "2024-01-10", **fields})


def claim(
    document: Document, sentence: int = 1, *, speaker: str | None = "Ann Roe", topic: str = "leasing the pier"
) -> Claim:
    source = Source(speaker) if speaker else None
    kind: Kind = "official_position"
    made = ground(Draft(document, (Pointer(sentence, ""),), source, kind, topic, "indirect"))
    assert isinstance(made, Claim)
    return made


def entry(
    text: str, topic: str = "leasing the pier", speaker: str | None = "Ann Roe", *, sentence: int = 1, **fields: str
) -> Entry:
    document = article(text, **fields)
    return Entry(document, [claim(document, sentence, topic=topic, speaker=speaker)])


def finding(a: Entry, b: Entry) -> Finding:
    return Finding(
        id=content_id("f", *sorted((a.claims[0].id, b.claims[0].id))),
        kind="reversal",
        severity="full",
        tier="strong",
        a=a.claims[0].id,
        b=b.claims[0].id,
        explanation="They do not fit.",
        reading="Plans change.",
    )


JUNE = entry("The board will lease the pier, Ann Roe said.", published="2024-06-01")
JULY = entry("The board will never lease the pier, Ann Roe said.", published="2024-07-01")
