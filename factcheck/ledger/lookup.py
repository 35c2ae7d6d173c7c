"""Look things up: what was said with these words, and where a claim or finding stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from factcheck.ledger.decide import history
from factcheck.ledger.evidence import as_kept, documents_of
from factcheck.ledger.log import Decision
from factcheck.ledger.postings import matching
from factcheck.ledger.prefixes import resolve
from factcheck.ledger.schema import claims, documents, runs
from factcheck.ledger.store import load_claims, load_documents, replaced, rows_with
from factcheck.ledger.view import current, finding_rows, findings_with
from factcheck.ledger.words import meanings
from factcheck.models import (
    Check,
    Claim,
    Document,
    Evidence,
    Finding,
    said_on,
)
from factcheck.originals import Model


class Said(Model):
    """A claim with the document that it stands in."""

    date: str
    """When it was said, as far as known (ISO 8601, possibly partial); empty if nobody knows."""
    claim: Claim
    document: Document
    stale: str | None
    """Why the document no longer stands; null if it does."""


class Provenance(Model):
    """How a document came into the ledger."""

    document_id: str
    added: str
    tool: str
    model: str
    started: str | None
    prompts: dict[str, str]
    recordings: list[str]


class Looked(Model):
    """What was searched for a statement and what bears on it, with the claim that was looked into."""

    claim: Claim
    article: Document
    check: Check
    evidence: tuple[Evidence, ...]
    documents: tuple[Document, ...]
    """Those that the evidence stands in."""


class Shown(Model):
    """A claim or a finding with everything around it."""

    finding: Finding | None
    sides: list[Said]
    provenance: list[Provenance]
    history: list[Decision]
    """What people decided about the finding, oldest first."""
    findings: list[Finding]
    """Of a claim: the findings that it is a side of."""
    looked: tuple[Looked, ...] = ()
    """What was found about each side, or about the same statement elsewhere."""


def search(connection: Connection, words: str, *, limit: int = 20) -> list[Said]:
    """Claims that hold all these words in their text, speaker or topic: in any form first, then within words.

    Of both the newest first; case and accents do not count.
    """
    meant = meanings(connection, words)
    close = matching(connection, [m.forms for m in meant], limit)
    wide = matching(connection, [m.every for m in meant], limit) if len(close) < limit else []
    order = list(dict.fromkeys([*close, *wide]))[:limit]
    found = load_claims(connection, claims.c.seq, order)
    return said(connection, [found[number] for number in order])


def said(connection: Connection, found: Sequence[Claim]) -> list[Said]:
    """Claims with their documents, in the order given."""
    homes = load_documents(connection, (claim.document_id for claim in found))
    gone = replaced(connection, homes)
    return [
        Said(
            date=said_on(claim, homes[claim.document_id]) or "",
            claim=claim,
            document=homes[claim.document_id],
            stale=gone.get(claim.document_id),
        )
        for claim in found
    ]


def show(connection: Connection, key: str) -> Shown:
    """A claim (`c-…`) or a finding (`f-…`, or the key of its statements, `p-…`). Raises UsageError for another id."""
    key = resolve(connection, key, "claim", "finding")
    rows = finding_rows(connection, key)
    finding = current(connection, rows)[0] if rows else None
    wanted = [finding.a, finding.b] if finding else [key]
    by_id = {c.id: c for c in load_claims(connection, claims.c.id, wanted).values()}
    return Shown(
        finding=finding,
        sides=said(connection, [by_id[side] for side in wanted]),
        provenance=provenance_of(connection, [by_id[side].document_id for side in wanted]),
        history=history(connection, rows[0]["pair"]) if rows else [],
        findings=[] if finding else findings_with(connection, [key]),
        looked=tuple(one for side in wanted if (one := _looked(connection, by_id[side]))),
    )


def _looked(connection: Connection, claim: Claim) -> Looked | None:
    found = as_kept(connection, claim)
    if found is None:
        return None
    (weighed,) = load_claims(connection, claims.c.id, [found.check.claim_id]).values()
    article = load_documents(connection, [weighed.document_id])[weighed.document_id]
    pages = documents_of(connection, [piece.document_id for piece in found.evidence])
    return Looked(
        claim=weighed, article=article, check=found.check, evidence=found.evidence, documents=tuple(pages.values())
    )


def provenance_of(connection: Connection, ids: Iterable[str]) -> list[Provenance]:
    """How documents came into the ledger."""
    homes = list(dict.fromkeys(ids))
    query = select(documents.c.id, documents.c.added, documents.c.recordings, runs).join(
        runs, runs.c.id == documents.c.run, isouter=True
    )
    rows = {row["id"]: row for row in rows_with(connection, query, documents.c.id, homes)}
    return [
        Provenance(
            document_id=key,
            added=rows[key]["added"],
            tool=rows[key]["tool"],
            model=rows[key]["model"],
            started=rows[key]["started"],
            prompts=json.loads(rows[key]["prompts"]),
            recordings=json.loads(rows[key]["recordings"]),
        )
        for key in homes
    ]
