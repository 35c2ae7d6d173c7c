"""What programs get of the documents of a ledger, and of what could not be done about them."""

from __future__ import annotations

from factcheck.ledger.connection import Ledger
from factcheck.ledger.pages import DocumentRow
from factcheck.models import Document, Problem
from factcheck.tools.lookups import cards, shown
from factcheck.tools.shapes import NOTICE, Answered, FindingCard, Shape, Source, source_of


class DocumentCard(Shape):
    """A document, without its text."""

    source: Source
    language: str | None
    characters: int
    added: str
    """When it came into the ledger (ISO 8601, UTC)."""
    statements: int
    findings: int
    """That have a side in it."""
    waiting: bool
    """Whether it was not compared yet with all that stands before it."""
    stale: str | None
    """Why it no longer stands."""


class DocumentList(Shape):
    """A part of the documents."""

    notice: str = NOTICE
    documents: tuple[DocumentCard, ...]
    total: int
    next: int | None
    """The offset of the next part; null at the end."""


class DocumentDetail(Shape):
    """One document with its text, and what was found in it."""

    notice: str = NOTICE
    card: DocumentCard
    document: Document
    statements: tuple[Answered, ...]
    findings: tuple[FindingCard, ...]
    problems: tuple[Problem, ...]


class ProblemCard(Shape):
    """Something that could not be done."""

    number: int
    problem: Problem
    source: Source | None


class ProblemList(Shape):
    """A part of the problems."""

    notice: str = NOTICE
    problems: tuple[ProblemCard, ...]
    total: int
    next: int | None


def documents(ledger: Ledger, *, outlet: str | None = None, limit: int = 50, offset: int = 0) -> DocumentList:
    """Documents, those added last first."""
    page = ledger.documents(outlet=outlet, limit=limit, offset=offset)
    rest = offset + limit if offset + limit < page.total else None
    return DocumentList(documents=tuple(_card(row) for row in page.rows), total=page.total, next=rest)


def document_of_ledger(ledger: Ledger, key: str) -> DocumentDetail:
    """One document, by its id or the beginning of it. Raises UsageError."""
    found = ledger.document(key)
    return DocumentDetail(
        card=_card(found.row),
        document=found.row.document,
        statements=shown(ledger, found.statements),
        findings=cards(ledger, found.findings),
        problems=tuple(found.problems),
    )


def problems(ledger: Ledger, *, limit: int = 50, offset: int = 0) -> ProblemList:
    """What could not be done, the last first."""
    page = ledger.problems(limit=limit, offset=offset)
    rest = offset + limit if offset + limit < page.total else None
    cards = tuple(
        ProblemCard(number=r.seq, problem=r.problem, source=source_of(r.document) if r.document else None)
        for r in page.rows
    )
    return ProblemList(problems=cards, total=page.total, next=rest)


def _card(row: DocumentRow) -> DocumentCard:
    return DocumentCard(
        source=source_of(row.document),
        language=row.document.language,
        characters=row.document.characters,
        added=row.added,
        statements=row.claims,
        findings=row.findings,
        waiting=row.waiting,
        stale=row.stale,
    )
