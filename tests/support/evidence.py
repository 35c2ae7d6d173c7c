"""Evidence built for tests: pieces whose words stand in their documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from factcheck.ids import evidence_id
from factcheck.ledger.evidence import Found
from factcheck.models import Check, Claim, Document, Evidence, Quote, Rating, Report, Search
from factcheck.stages.origins import origins
from tests.support.reports import article


def source(text: str, **fields: str | None) -> Document:
    """A document in the role of evidence."""
    return article(text, **fields).model_copy(update={"role": "evidence"})


def piece(claim: Claim, document: Document, *words: str, **fields: Any) -> Evidence:
    """Evidence for a claim: these words of a document, where they first stand; it supports unless said otherwise."""
    quotes = []
    for exact in words:
        start = document.text.index(exact)
        end = start + len(exact)
        before, after = document.text[max(0, start - 32) : start], document.text[end : end + 32]
        quotes.append(Quote(exact=exact, prefix=before, suffix=after, start=start, end=end))
    quotes.sort(key=lambda quote: quote.start)
    given: dict[str, Any] = {
        "relation": "supports",
        "why": "It gives the same figure.",
        "reading": "",
        "source": "archive",
        **fields,
    }
    key = evidence_id(claim.id, document.id, str(given["relation"]), [(q.start, q.end) for q in quotes])
    return Evidence(**{"id": key, "claim_id": claim.id, "document_id": document.id, "quotes": tuple(quotes), **given})


def looked_into(one: Claim, pages: Sequence[Document], **fields: Any) -> Found:
    """What was found about a claim: a conflicting piece in each of these documents, their first sentence."""
    relation = {"relation": "conflicts", "reading": "It may be another one.", "strong": True}
    found = [piece(one, page, page.text.split(",")[0], **{**relation, **fields}) for page in pages]
    searched = (Search(source="archive", query="pier", hits=len(pages)),)
    outcome: Any = "conflicting" if found else "nothing_found"
    check = Check(claim_id=one.id, outcome=outcome, searched=searched, evidence=tuple(e.id for e in found))
    return Found(check, tuple(found), tuple(sorted(page.id for page in pages)))


RECORD = (
    "QUESTION: Have you paid?\n\nROE: I have paid the bill, but for the last 40 crowns.\n\n"
    "QUESTION: Which bill?\n\nROE: The one of May."
)
BOOKS = "The town has no payment of Ann Roe on its books for 2024. Its bill of 140 crowns is open, the treasurer wrote."


def weighed(made: Report) -> Report:
    """The report of `bills` with evidence: on the first claim five pieces, on the accusation none."""
    books = source(BOOKS, publisher="Town of Tollmere", published="2024-02-01", title="Open bills",
                   url="https://tollmere.example/open")  # fmt: skip
    copy = source(f"{BOOKS} So says the town.", publisher="Radio Tollmere", published="2024-02-02", title="Who owes?")
    record = source(RECORD, publisher="The Echo", published="2024-03-04", title="Interview, transcript")
    later = source("Roe paid 140 crowns in June.", publisher="The Post", published="2024-06-02", title="Paid")
    rated = source("We looked into it: mostly wrong.", publisher="Check Desk", published="2024-04-01")
    one, accusation = made.claims[0], made.claims[1]
    words = "The town has no payment of Ann Roe on its books"
    found = [
        piece(one, books, words, relation="conflicts", reading="She may have paid in cash.", strong=True),
        piece(one, copy, words, relation="conflicts", reading="She may have paid in cash."),
        piece(one, record, "I have paid the bill, but for the last 40 crowns.", relation="qualifies", strong=True,
              reading="Both may be meant.", speaker="Ann Roe", said_on="2024-03-03"),
        piece(one, later, "Roe paid 140 crowns in June."),
        piece(one, rated, "mostly wrong", relation="conflicts", reading="It may be about May.",
              rating=Rating(text="False", by="Check Desk", url=None)),
    ]  # fmt: skip
    documents = [books, copy, record, later, rated]
    articles = {d.id: d for d in made.documents}
    told = origins(found, {d.id: d for d in documents}, {one.id: one}, articles)
    searches = (
        Search(source="archive", query="Roe bill paid", hits=12),
        Search(source="wikipedia:en", query="Roe bill", hits=0, problem="no answer in time"),
    )
    checks = (
        Check(claim_id=one.id, outcome="mixed", searched=searches, evidence=tuple(e.id for e in told),
              leaves_out="which bill"),
        Check(claim_id=accusation.id, outcome="nothing_found", searched=searches, evidence=()),
    )  # fmt: skip
    return made.model_copy(
        update={"documents": (*made.documents, *documents), "evidence": tuple(told), "checks": checks}
    )
