"""Look things up: what was said with these words, by one speaker over time, and where a claim or finding stands."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from factcheck.errors import UsageError
from factcheck.ledger.features import searchable, topic_words
from factcheck.ledger.log import Decision, decisions_about
from factcheck.ledger.postings import matching
from factcheck.ledger.schema import claims, documents, names, runs
from factcheck.ledger.speakers import same_people
from factcheck.ledger.store import load_claims, load_documents, replaced, rows_with
from factcheck.ledger.view import current, finding_rows, findings_with
from factcheck.models import (
    Claim,
    Document,
    Finding,
    said_on,
)
from factcheck.originals import Model
from factcheck.text.names import folded

SPEAKS = ("speaker", "on_behalf_of")
"""As what a name must stand in a claim for the claim to be that person's or body's own position."""


class Said(Model):
    """A claim with the document that it stands in."""

    date: str
    """When it was said, as far as known (ISO 8601, possibly partial); empty if nobody knows."""
    claim: Claim
    document: Document
    stale: str | None
    """Why the document no longer stands; null if it does."""


class Timeline(Model):
    """All that one speaker said, oldest first, and the findings among it."""

    names: list[str]
    """As the documents have them, the commonest first."""
    said: list[Said]
    findings: list[Finding]


class Provenance(Model):
    """How a document came into the ledger."""

    document_id: str
    added: str
    tool: str
    model: str
    started: str | None
    prompts: dict[str, str]
    recordings: list[str]


class Shown(Model):
    """A claim or a finding with everything around it."""

    finding: Finding | None
    sides: list[Said]
    provenance: list[Provenance]
    history: list[Decision]
    """What people decided about the finding, oldest first."""
    findings: list[Finding]
    """Of a claim: the findings that it is a side of."""


def search(connection: Connection, words: str, *, limit: int = 20) -> list[Said]:
    """Claims that hold all these words in their text, speaker or topic, the newest first."""
    found = load_claims(connection, claims.c.seq, matching(connection, searchable(words), limit))
    return said(connection, [claim for _, claim in sorted(found.items(), reverse=True)])


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


def timeline(connection: Connection, speaker: str, topic: str | None = None) -> Timeline:
    """What a person or body said, also through others; one statement once, at its first outlet.

    `topic` keeps claims whose topic has all of its words. Raises UsageError for a name that nobody has.
    """
    wanted = same_people(connection).get(folded(speaker), frozenset([folded(speaker)]))
    query = select(names.c.claim).where(names.c.name.in_(wanted), names.c.part.in_(SPEAKS))
    found = load_claims(connection, claims.c.seq, list(connection.execute(query).scalars()))
    if not found:
        raise UsageError(f"{speaker}: nobody of this name is in the ledger{_hint(connection, speaker)}")
    kept = [c for c in found.values() if topic is None or topic_words(topic) <= topic_words(c.topic)]
    known = {row["id"]: row["statement"] for row in _statements(connection, kept)}
    once = {known[c.id]: c for c in reversed(kept)}
    every = sorted(said(connection, list(once.values())), key=lambda s: (s.date or "9999", s.claim.id))
    spoken = [c.attribution.speaker or "" for c in kept]
    return Timeline(
        names=sorted({n for n in spoken if folded(n) in wanted}, key=lambda n: (-spoken.count(n), n)) or [speaker],
        said=every,
        findings=findings_with(connection, [s.claim.id for s in every]),
    )


def _statements(connection: Connection, found: Sequence[Claim]) -> Sequence[dict[str, str]]:
    query = select(claims.c.id, claims.c.statement)
    return [dict(row) for row in rows_with(connection, query, claims.c.id, [c.id for c in found])]


def _hint(connection: Connection, speaker: str) -> str:
    """Names that share a word with the one that was asked for."""
    words = folded(speaker).split()
    query = select(names.c.name).where(names.c.part.in_(SPEAKS)).distinct()
    near = sorted({n for word in words for n in connection.execute(query.where(names.c.name.contains(word))).scalars()})
    return f"; there is {', '.join(near[:5])}" if near else ""


def show(connection: Connection, key: str) -> Shown:
    """A claim (`c-…`) or a finding (`f-…`, or the key of its statements, `p-…`). Raises UsageError for another id."""
    found = load_claims(connection, claims.c.id, [key])
    if found:
        sides = said(connection, list(found.values()))
        provenance = _provenance(connection, sides)
        return Shown(
            finding=None, sides=sides, provenance=provenance, history=[], findings=findings_with(connection, [key])
        )
    rows = finding_rows(connection, key)
    if not rows:
        raise UsageError(f"{key}: is neither a claim nor a finding of this ledger; `factcheck search` finds ids")
    finding = current(connection, rows)[0]
    by_id = {c.id: c for c in load_claims(connection, claims.c.id, [finding.a, finding.b]).values()}
    sides = said(connection, [by_id[finding.a], by_id[finding.b]])
    pair = rows[0]["pair"]
    history = decisions_about(connection, [pair])
    return Shown(finding=finding, sides=sides, provenance=_provenance(connection, sides), history=history, findings=[])


def _provenance(connection: Connection, sides: Sequence[Said]) -> list[Provenance]:
    homes = {side.document.id: side.document for side in sides}
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
