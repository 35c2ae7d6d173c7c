"""What programs can look up in a ledger: findings, statements, speakers and articles, each with words and places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from factcheck.__about__ import TOOL
from factcheck.errors import UsageError
from factcheck.ledger.connection import Ledger
from factcheck.ledger.findings import Context, FindingFilter, FindingRow, Order, said_of
from factcheck.ledger.lookup import Said
from factcheck.ledger.pages import StatementFilter
from factcheck.models import Document, Finding, Report, Run, Usage
from factcheck.outputs.inert import one_line
from factcheck.outputs.words import Side, answers_in, sides
from factcheck.tools.evidence import StatementEvidence, looked_in
from factcheck.tools.shapes import (
    Answered,
    FindingCard,
    FindingDetail,
    FindingList,
    Paragraphs,
    SpeakerTimeline,
    StatementList,
    answered,
    card_of,
)

RUN = Run(id="r-ledger", tool=TOOL, started=None, model="", prompts={}, usage=Usage())
"""A report from the ledger is of no run of its own."""

CONTEXT = 2_000
"""Code points of the text before and after a statement's words at most."""


def findings(
    ledger: Ledger,
    wanted: FindingFilter | None = None,
    *,
    order: Order = "strongest",
    limit: int = 20,
    offset: int = 0,
) -> FindingList:
    """Findings that fit, without a filter the open ones."""
    page = ledger.queue(wanted or FindingFilter(), order=order, limit=limit, offset=offset)
    counts = {str(state): number for state, number in page.counts.items()}
    return FindingList(
        findings=cards(ledger, page.rows), total=page.total, counts=counts, next=_next(offset, limit, page.total)
    )


def evidence(ledger: Ledger, key: str) -> StatementEvidence:
    """What was found when a statement was looked into, here or at another outlet. Raises UsageError for another id."""
    with ledger.reading() as connection:
        (said,) = said_of(connection, [ledger.resolve(key, "claim")])
    known = ledger.known([said.claim])
    one = known.found.get(said.claim.id)
    report = Report.model_construct(
        documents=(said.document, *known.documents.values()),
        claims=(said.claim,),
        checks=(one.check,) if one else (),
        evidence=one.evidence if one else (),
        answers=(),
        ties=(),
    )
    return StatementEvidence(looked=looked_in(report))


def finding(ledger: Ledger, key: str) -> FindingDetail:
    """One finding with the paragraphs around its words, and its history. Raises UsageError for another id."""
    found = ledger.finding(key)
    contexts = zip((found.row.a, found.row.b), found.contexts, strict=True)
    return FindingDetail(
        finding=cards(ledger, [found.row], also=found.also)[0],
        context=tuple(_paragraphs(side, context) for side, context in contexts),
        history=tuple(found.history),
    )


def _paragraphs(side: Said, context: Context) -> Paragraphs:
    """A context, cut where its paragraphs are long."""
    first, last = side.claim.quotes[0].start, side.claim.quotes[-1].end
    start = max(context.start, first - CONTEXT)
    end = min(context.start + len(context.text), last + CONTEXT)
    return Paragraphs(statement_id=side.claim.id, text=side.document.text[start:end], start=start, end=end)


def cards(ledger: Ledger, rows: Sequence[FindingRow], *, also: Sequence[Said] = ()) -> tuple[FindingCard, ...]:
    """Findings of the ledger with both of their sides."""
    said = [side for row in rows for side in (row.a, row.b)]
    report = _report(ledger, [*said, *also], [row.finding for row in rows])
    answers = answers_in(report)
    return tuple(
        card_of(
            report,
            row.finding,
            sides(report, row.finding, answers),
            state=row.state,
            assigned_to=row.assignee,
            comments=row.comments,
            seen=row.seen,
        )
        for row in rows
    )


def card(ledger: Ledger, key: str) -> FindingCard | None:
    """A finding, by its id or the key of its statements; None where there is none."""
    try:
        return cards(ledger, [ledger.finding(key).row])[0]
    except UsageError:
        return None


def statements(
    ledger: Ledger, wanted: StatementFilter | None = None, *, limit: int = 20, offset: int = 0
) -> StatementList:
    """Statements that fit, the latest said first."""
    page = ledger.statements(wanted or StatementFilter(), limit=limit, offset=offset)
    return StatementList(statements=shown(ledger, page.rows), total=page.total, next=_next(offset, limit, page.total))


def timeline(
    ledger: Ledger, speaker: str, *, topic: str | None = None, limit: int = 50, offset: int = 0
) -> SpeakerTimeline:
    """What a person or body said, oldest first. Raises UsageError for a name that nobody has, or several have."""
    found = ledger.timeline(speaker, topic, limit=limit, offset=offset)
    return SpeakerTimeline(
        names=tuple(found.names),
        statements=shown(ledger, found.said),
        total=found.total,
        next=_next(offset, limit, found.total),
        findings=cards(ledger, ledger.rows([f.id for f in found.findings])),
        others=found.others,
    )


def _next(offset: int, limit: int, total: int) -> int | None:
    return offset + limit if offset + limit < total else None


def shown(ledger: Ledger, found: Sequence[Said]) -> tuple[Answered, ...]:
    """Statements, accusations with the answers to them."""
    report = _report(ledger, found)
    answers = answers_in(report)
    return tuple(answered(Side(s.claim, s.document, answers.get(s.claim.id, ())), s.stale, report) for s in found)


def _report(ledger: Ledger, found: Sequence[Said], findings: Sequence[Finding] = ()) -> Report:
    """A report on these statements; of documents with accusations all, so that answers to them are there."""
    accused = {said.document.id for said in found if said.claim.kind == "accusation"}
    whole = report_on(ledger, accused) if accused else None
    documents = {s.document.id: s.document for s in found} | {d.id: d for d in (whole.documents if whole else ())}
    claims = {s.claim.id: s.claim for s in found} | {c.id: c for c in (whole.claims if whole else ())}
    return Report(
        run=RUN,
        documents=tuple(documents.values()),
        claims=tuple(claims.values()),
        findings=tuple(findings),
        answers=whole.answers if whole else (),
        problems=(),
    )


def report_on(ledger: Ledger, ids: Iterable[str]) -> Report:
    """What the ledger holds about these documents."""
    return ledger.report(sorted(ids), RUN)


def report_of(ledger: Ledger, key: str) -> Report:
    """What the ledger holds about one document. Raises UsageError for another id."""
    report = report_on(ledger, [key])
    if not report.documents:
        raise UsageError(f"{one_line(key)}: is no document of this ledger")
    return report


def article(ledger: Ledger, key: str) -> Document:
    """A document with its text, by its id. Raises UsageError for another id."""
    return report_of(ledger, key).document(key)
