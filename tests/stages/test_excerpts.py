"""Excerpts: the best candidates in their paragraphs, into a budget."""

from __future__ import annotations

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.excerpts import excerpts, whole
from factcheck.stages.ground import ground

TEXT = "It rained.\n\nOne came. Two came. The pier will close, she said. Three came. Four came. Five came.\n\nIt ended."


def article(number: int) -> Document:
    return document_from_text(TEXT, title=str(number), published=f"2024-01-{number + 1:02}")


def claim(document: Document, sentence: int) -> Claim:
    made = ground(Draft(document, (Pointer(sentence, ""),), Source("Ann Roe"), "assertion", "closing the pier"))
    assert isinstance(made, Claim)
    return made


def test_a_candidate_stands_in_its_paragraph_and_not_in_others() -> None:
    document = article(0)
    (excerpt,) = excerpts([(document, claim(document, 4))], 1000)
    assert [s.number for s in excerpt.sentences] == [3, 4, 5]
    (first,) = excerpts([(document, claim(document, 1))], 1000)
    assert [s.number for s in first.sentences] == [1]


def test_the_likeliest_fill_the_budget_and_stand_in_the_order_of_time() -> None:
    documents = [article(n) for n in range(9)]
    ranked = [(d, claim(d, 4)) for d in reversed(documents)]
    (one,) = excerpts(ranked[:1], 1000)
    shown = excerpts(ranked, 3 * one.size + 10)
    assert [e.document.title for e in shown] == ["6", "7", "8"]
    assert all(e.claims for e in shown)


def test_a_claim_of_sentences_that_are_shown_costs_its_line_only() -> None:
    document = article(0)
    (excerpt,) = excerpts([(document, claim(document, n)) for n in (4, 3)], 1000)
    assert [c.quotes[0].exact for c in excerpt.claims] == ["Two came.", "The pier will close, she said."]


def test_a_long_document_is_read_in_parts() -> None:
    text = " ".join(f"In chapter {n} the harbour board told a long story about its pier." for n in range(1200))
    document = document_from_text(text)
    parts = whole(document, [claim(document, n) for n in (1, 700, 1200)])
    assert len(parts) > 1
    assert sum(len(p.sentences) for p in parts) == 1200
    assert [len(p.claims) for p in parts if p.claims] == [1, 1, 1]
