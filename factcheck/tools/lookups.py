"""What programs can look up in a ledger: findings, statements, speakers and articles, each with words and places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from factcheck.__about__ import TOOL
from factcheck.errors import UsageError
from factcheck.ledger.connection import Ledger
from factcheck.ledger.lookup import Said
from factcheck.models import Document, Finding, FindingKind, Report, Run, Tier, Usage
from factcheck.outputs.inert import one_line
from factcheck.outputs.words import Side, answers_in
from factcheck.tools.shapes import (
    Answered,
    FindingCard,
    FindingDetail,
    FindingPage,
    StatementPage,
    TimelinePage,
    answered,
    cards_of,
    context_of,
    status_of,
)

RUN = Run(id="r-ledger", tool=TOOL, started=None, model="", prompts={}, usage=Usage())
"""A report from the ledger is of no run of its own."""

Wanted = Literal["open", "accepted", "dismissed", "stale", "decided", "all"]


def findings(
    ledger: Ledger,
    *,
    status: Wanted = "open",
    tier: Tier | None = None,
    kind: FindingKind | None = None,
    speaker: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> FindingPage:
    """Findings that fit, the newest first, strong ones before leads."""
    every = [f for f in reversed(ledger.findings()) if _fits(f, status, tier, kind)]
    if speaker:
        own = {f.id for f in ledger.timeline(speaker).findings}
        every = [f for f in every if f.id in own]
    every.sort(key=lambda f: f.tier != "strong")
    part = every[offset : offset + limit]
    return FindingPage(findings=cards(ledger, part), total=len(every), next=_next(offset, limit, len(every)))


def _fits(finding: Finding, status: Wanted, tier: Tier | None, kind: FindingKind | None) -> bool:
    now = status_of(finding)
    is_wanted = status in {"all", now} or (status == "decided" and now in {"accepted", "dismissed"})
    return is_wanted and tier in {None, finding.tier} and kind in {None, finding.kind}


def _next(offset: int, limit: int, total: int) -> int | None:
    return offset + limit if offset + limit < total else None


def cards(ledger: Ledger, found: Sequence[Finding]) -> tuple[FindingCard, ...]:
    """Findings with both of their sides."""
    homes = {side.document.id for f in found for side in ledger.show(f.id).sides}
    return cards_of(ledger.report(sorted(homes), RUN), tuple(found)) if found else ()


def finding(ledger: Ledger, key: str) -> FindingDetail:
    """One finding with the paragraphs around its words, and its history. Raises UsageError for another id."""
    shown = ledger.show(key)
    if shown.finding is None:
        raise UsageError(f"{key}: is no finding of this ledger")
    return FindingDetail(
        finding=cards(ledger, [shown.finding])[0],
        context=tuple(context_of(side.claim, side.document) for side in shown.sides),
        history=tuple(shown.history),
    )


def search(ledger: Ledger, words: str, *, limit: int = 20, offset: int = 0) -> StatementPage:
    """Statements that hold all these words in their text, speaker or topic, the newest first."""
    found = ledger.search(words, limit=offset + limit + 1)
    part = found[offset : offset + limit]
    return StatementPage(statements=_statements(ledger, part), next=_next(offset, limit, len(found)))


def timeline(
    ledger: Ledger, speaker: str, *, topic: str | None = None, limit: int = 50, offset: int = 0
) -> TimelinePage:
    """What a person or body said, oldest first. Raises UsageError for a name that nobody has."""
    found = ledger.timeline(speaker, topic)
    part = found.said[offset : offset + limit]
    shown = {said.claim.id for said in part}
    among = [f for f in found.findings if f.a in shown or f.b in shown]
    return TimelinePage(
        names=tuple(found.names),
        statements=_statements(ledger, part),
        next=_next(offset, limit, len(found.said)),
        findings=cards(ledger, among),
    )


def _statements(ledger: Ledger, found: Sequence[Said]) -> tuple[Answered, ...]:
    """Statements, accusations with the answers to them."""
    accused = {said.document.id for said in found if said.claim.kind == "accusation"}
    report = report_on(ledger, accused)
    answers = answers_in(report)
    return tuple(answered(Side(s.claim, s.document, answers.get(s.claim.id, ())), s.stale, report) for s in found)


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
