"""What a desk leafs through besides findings: statements, documents and problems, in pages, the newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from factcheck.ledger.findings import FindingRow, outlets_like, rows_about, said_of, within
from factcheck.ledger.lookup import Provenance, Said, provenance_of
from factcheck.ledger.postings import holding
from factcheck.ledger.prefixes import resolve
from factcheck.ledger.schema import claims, comparisons, documents, findings, names, problems
from factcheck.ledger.speakers import SPEAKS, named_like
from factcheck.ledger.store import load_documents, replaced, rows_with
from factcheck.ledger.words import meanings
from factcheck.models import Document, Kind, Problem
from factcheck.originals import Model


class StatementFilter(Model):
    """Which statements: all that is set must hold. Dates are ISO 8601, possibly partial, both ends included."""

    speaker: str | None = None
    """A person or body, or for whom was spoken; a part of the name will do."""
    kind: Kind | None = None
    outlet: str | None = None
    document: str | None = None
    """The id of a document, or its beginning."""
    since: str | None = None
    until: str | None = None
    text: str | None = None
    """Words, all of which stand in the statement, its speaker or its topic, in any form or within a word."""


class StatementPage(Model):
    """Some of the statements that a filter lets through."""

    rows: list[Said]
    total: int
    limit: int
    offset: int


class DocumentRow(Model):
    """A document with what a list shows of it."""

    document: Document
    added: str
    """When it came into the ledger (ISO 8601, UTC)."""
    claims: int
    findings: int
    """That have a side in it."""
    waiting: bool
    """Whether it was not compared yet with all that stands before it."""
    stale: str | None
    """Why it no longer stands; null if it does."""


class DocumentPage(Model):
    """Some of the documents."""

    rows: list[DocumentRow]
    total: int
    limit: int
    offset: int


class DocumentDetail(Model):
    """One document with what was found in it."""

    row: DocumentRow
    statements: list[Said]
    """In the order of the text."""
    findings: list[FindingRow]
    problems: list[Problem]
    provenance: list[Provenance]


class ProblemRow(Model):
    """Something that could not be done, in which document and by which run."""

    seq: int
    problem: Problem
    document: Document | None
    run: str


class ProblemPage(Model):
    """Some of the problems."""

    rows: list[ProblemRow]
    total: int
    limit: int
    offset: int


def statements(connection: Connection, wanted: StatementFilter, *, limit: int = 50, offset: int = 0) -> StatementPage:
    """A page of statements, the latest said first, undated ones last. Raises UsageError for a date that is none."""
    conditions = _conditions(connection, wanted)
    query = select(claims.c.id).where(*conditions).order_by(claims.c.said_on.desc().nulls_last(), claims.c.seq.desc())
    ids = connection.execute(_part(query, limit, offset)).scalars().all()
    total = _count(connection, claims, conditions)
    return StatementPage(rows=said_of(connection, ids), total=total, limit=limit, offset=offset)


def _conditions(connection: Connection, wanted: StatementFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.speaker:
        who = {name for group in named_like(connection, wanted.speaker) for name in group}
        heard = select(names.c.claim).where(names.c.name.in_(who), names.c.part.in_(SPEAKS))
        found.append(claims.c.seq.in_(heard))
    found += [claims.c.kind == wanted.kind] if wanted.kind else []
    if wanted.outlet:
        there = select(documents.c.id).where(documents.c.publisher.in_(outlets_like(connection, wanted.outlet)))
        found.append(claims.c.document_id.in_(there))
    if wanted.document:
        found.append(claims.c.document_id == resolve(connection, wanted.document, "document"))
    if wanted.since or wanted.until:
        found += within(func.coalesce(claims.c.said_on, ""), wanted.since, wanted.until)
    words = [meaning.every for meaning in meanings(connection, wanted.text or "")]
    return [*found, holding(connection, words, claims.c.seq)] if wanted.text else found


def documents_page(
    connection: Connection, *, outlet: str | None = None, limit: int = 50, offset: int = 0
) -> DocumentPage:
    """A page of documents, those added last first."""
    conditions = [documents.c.publisher.in_(outlets_like(connection, outlet))] if outlet else []
    query = select(documents.c.id).where(*conditions).order_by(documents.c.seq.desc())
    ids = connection.execute(_part(query, limit, offset)).scalars().all()
    total = _count(connection, documents, conditions)
    return DocumentPage(rows=_documents(connection, ids), total=total, limit=limit, offset=offset)


def document(connection: Connection, key: str) -> DocumentDetail:
    """One document, by its id or the beginning of it. Raises UsageError."""
    found = resolve(connection, key, "document")
    (row,) = _documents(connection, [found])
    query = select(claims.c.id).where(claims.c.document_id == found)
    said = said_of(connection, connection.execute(query).scalars().all())
    told = connection.execute(select(problems).where(problems.c.document_id == found).order_by(problems.c.seq))
    return DocumentDetail(
        row=row,
        statements=sorted(said, key=lambda s: (s.claim.quotes[0].start, s.claim.quotes[-1].end, s.claim.id)),
        findings=rows_about(connection, found),
        problems=[_problem(dict(p)) for p in told.mappings()],
        provenance=provenance_of(connection, [found]),
    )


def _documents(connection: Connection, ids: Sequence[str]) -> list[DocumentRow]:
    """Documents with their numbers, in this order."""
    found, gone = load_documents(connection, ids), replaced(connection, ids)
    added = {row["id"]: row["added"] for row in rows_with(connection, _ADDED, documents.c.id, ids)}
    done = {row["document_id"] for row in rows_with(connection, _DONE, comparisons.c.document_id, ids)}
    said = rows_with(connection, select(claims.c.id, claims.c.document_id), claims.c.document_id, ids)
    number = Counter(row["document_id"] for row in said)
    disputed = _disputed(connection, {row["id"]: row["document_id"] for row in said})
    return [
        DocumentRow(
            document=found[key],
            added=added[key],
            claims=number[key],
            findings=disputed[key],
            waiting=key not in done,
            stale=gone.get(key),
        )
        for key in ids
    ]


_ADDED = select(documents.c.id, documents.c.added)
_DONE = select(comparisons.c.document_id)


def _disputed(connection: Connection, homes: dict[str, str]) -> Counter[str]:
    """How many findings have a side among the claims of each document."""
    met: set[tuple[str, str]] = set()
    for side in (findings.c.a, findings.c.b):
        rows = rows_with(connection, select(findings.c.pair, side.label("side")), side, homes)
        met |= {(homes[row["side"]], row["pair"]) for row in rows}
    return Counter(home for home, _ in met)


def problems_page(connection: Connection, *, limit: int = 50, offset: int = 0) -> ProblemPage:
    """A page of problems, the last ones first."""
    query = select(problems).order_by(problems.c.seq.desc())
    rows = [dict(row) for row in connection.execute(_part(query, limit, offset)).mappings()]
    homes = load_documents(connection, [row["document_id"] for row in rows if row["document_id"]])
    return ProblemPage(
        rows=[
            ProblemRow(seq=row["seq"], problem=_problem(row), document=homes.get(row["document_id"]), run=row["run"])
            for row in rows
        ],
        total=_count(connection, problems, []),
        limit=limit,
        offset=offset,
    )


def _problem(row: dict[str, Any]) -> Problem:
    return Problem.model_validate({name: row[name] for name in Problem.model_fields})


def _part(query: Select[Any], limit: int, offset: int) -> Select[Any]:
    return query.limit(max(0, limit)).offset(max(0, offset))


def _count(connection: Connection, table: Any, conditions: Sequence[ColumnElement[bool]]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar() or 0)
