"""Evidence built for tests: pieces whose words stand in their documents."""

from __future__ import annotations

from typing import Any

from factcheck.ids import content_id
from factcheck.models import Claim, Document, Evidence, Quote
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
    given = {"relation": "supports", "why": "It gives the same figure.", "reading": "", "source": "archive", **fields}
    key = content_id("e", claim.id, document.id, *words)
    return Evidence(**{"id": key, "claim_id": claim.id, "document_id": document.id, "quotes": tuple(quotes), **given})
