"""What programs get of evidence: words of other documents that bear on a statement; never whether it is true."""

from __future__ import annotations

from factcheck.models import Evidence, Nature, Outcome, Problem, Rating, Relation, Report, Search, Timing, Usage
from factcheck.tools.shapes import NOTICE, Answered, FindingCard, Shape, Source, Words, source_of, statements_of


class EvidenceCard(Shape):
    """Words of a document that bear on a statement."""

    id: str
    relation: Relation
    strong: bool
    """Of what conflicts or qualifies: an independent second look agreed."""
    quotes: tuple[Words, ...]
    speaker: str | None
    said_on: str | None
    why: str
    how_both_could_stand: str
    independent: bool
    dependence: str
    """Why it is not independent, e.g. that it is the speaker's own words."""
    timing: Timing
    """Whether it is from before the statement."""
    nature: Nature
    rating: Rating | None
    """What somebody else concluded, in their words and with their name."""
    source: Source
    found_in: str


class Looked(Shape):
    """What was searched for one statement, and what came of it."""

    statement: Answered
    outcome: Outcome
    """What the evidence does; never whether the statement is true."""
    searched: tuple[Search, ...]
    evidence: tuple[EvidenceCard, ...]
    leaves_out: str
    """What the statement does not say and evidence does."""


class EvidenceFound(Shape):
    """What bears on a statement."""

    notice: str = NOTICE
    report: str
    """Where the whole report can be read from these tools."""
    looked: tuple[Looked, ...]
    """Empty where nothing could be weighed; see the problems."""
    problems: tuple[Problem, ...]
    complete: bool
    usage: Usage


class StatementEvidence(Shape):
    """What a ledger holds about a statement."""

    notice: str = NOTICE
    looked: tuple[Looked, ...]
    """Empty where nobody looked into it."""


class Checked(Shape):
    """What came of checking a text or an address."""

    notice: str = NOTICE
    report: str
    """Where the whole report can be read from these tools."""
    documents: tuple[Source, ...]
    statements: tuple[Answered, ...]
    findings: tuple[FindingCard, ...]
    looked: tuple[Looked, ...]
    """Evidence, where the settings name sources of it."""
    problems: tuple[Problem, ...]
    """What could not be done, or was refused."""
    complete: bool
    """False where something was not done."""
    kept: bool
    """Whether the document is in the ledger now."""
    compared_with_ledger: bool
    usage: Usage


def looked_in(report: Report) -> tuple[Looked, ...]:
    """All checks of a report with their evidence, in its order."""
    known = {found.id: found for found in report.evidence}
    said = {statement.id: statement for statement in statements_of(report)}
    return tuple(
        Looked(
            statement=said[check.claim_id],
            outcome=check.outcome,
            searched=check.searched,
            evidence=tuple(_card(report, known[key]) for key in check.evidence),
            leaves_out=check.leaves_out,
        )
        for check in report.checks
    )


SHARED = ("id", "relation", "strong", "speaker", "said_on", "why", "independent", "dependence", "timing", "nature")


def _card(report: Report, found: Evidence) -> EvidenceCard:
    return EvidenceCard(
        quotes=tuple(Words(exact=q.exact, start=q.start, end=q.end, page=q.page, time=q.time) for q in found.quotes),
        how_both_could_stand=found.reading,
        rating=found.rating,
        source=source_of(report.document(found.document_id)),
        found_in=found.source,
        **{name: getattr(found, name) for name in SHARED},
    )
