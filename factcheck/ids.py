"""Ids that rest on content: the same words at the same place have the same id, in every run and on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from factcheck.models import Claim, Document

IDENTITY = ("url", "publisher", "published", "title")
"""What makes two documents with one text two: who published it, where, when, under which title."""


def document_id(document: Document) -> str:
    """The id that a document's text and identifying fields give."""
    return content_id("d", document.text, *(getattr(document, name) for name in IDENTITY))


def claim_id(document: str, spans: Iterable[tuple[int, int]], speaker: str | None) -> str:
    """The id of a claim: its document, its spans, and the speaker as the document names them."""
    return content_id("c", document, ",".join(f"{start}-{end}" for start, end in spans), speaker)


def evidence_id(claim: str, document: str, relation: str, spans: Iterable[tuple[int, int]]) -> str:
    """The id of a piece of evidence: its claim, its document, what it does, and its spans."""
    return content_id("e", claim, document, relation, ",".join(f"{start}-{end}" for start, end in spans))


def carried(claim: Claim, document: Document) -> Claim:
    """The same claim in another document with the same text, e.g. at another outlet that ran the same wire copy.

    Raises ValueError where the text is another one.
    """
    if any(document.text[q.start : q.end] != q.exact for q in claim.quotes):
        raise ValueError(f"{document.name}: has another text than the document of {claim.id}")
    said = claim.attribution
    key = claim_id(document.id, [(q.start, q.end) for q in claim.quotes], said.as_written or said.speaker)
    return claim.model_copy(update={"id": key, "document_id": document.id})


def content_id(prefix: str, *parts: object) -> str:
    """A stable id: the prefix and 12 hex digits of a hash over the parts."""
    joined = "\x1f".join(str(part) for part in parts)
    return f"{prefix}-{hashlib.sha256(joined.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
