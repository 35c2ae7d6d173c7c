"""The order of documents and of findings, the same in every output, with a ledger and without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from factcheck.models import Claim, Document, Finding


def in_time(documents: Iterable[Document]) -> list[Document]:
    """Documents in the order of their dates, undated ones last; the same order however they came."""
    return sorted(documents, key=lambda d: (d.published or "9999", d.id))


KINDS = ("reversal", "dispute", "inconsistency")


def finding_rank(finding: Finding, claims: Mapping[str, Claim], documents: Mapping[str, Document]) -> tuple[Any, ...]:
    """What findings are sorted by: open and standing first, then strong, who changed, full, and the newest."""
    dates = [documents[claims[key].document_id].published or "" for key in (finding.a, finding.b)]
    dismissed = finding.verdict is not None and finding.verdict.decision == "dismissed"
    weak = (finding.tier == "lead", KINDS.index(finding.kind), finding.severity == "partial")
    return (dismissed, finding.stale is not None, *weak, [-ord(c) for c in max(dates)], finding.id)
