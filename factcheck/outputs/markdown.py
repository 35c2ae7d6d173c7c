"""A report as Markdown, for the notes of a story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from factcheck.models import Claim, Document, Finding, Report
from factcheck.outputs import evidence, words
from factcheck.outputs.evidence import Weighed, weighed_in
from factcheck.outputs.inert import markdown as inert
from factcheck.outputs.words import Answers, Side


def as_markdown(report: Report) -> str:
    """Findings (dismissed ones as a line), then every document with its claims, the problems, and the run."""
    answers, weighed = words.answers_in(report), weighed_in(report)
    parts = ["# Fact-check report", inert(words.totals(report)) + "."]
    if report.findings:
        parts.append("## Findings")
    for number, finding in enumerate(report.findings, 1):
        parts += _finding(report, finding, number, answers)
    parts.append("## Claims")
    for document in report.articles:
        parts += _document(report, document, answers, weighed)
    if report.problems:
        parts += ["## Problems", "\n".join(f"- {inert(f'{p.stage}: {p.message}')}" for p in report.problems)]
    return "\n\n".join([*parts, *_run(report)]) + "\n"


def _finding(report: Report, finding: Finding, number: int, answers: Answers) -> Iterator[str]:
    if words.is_dismissed(finding):
        yield f"{number}\\. {inert(words.label(report, finding))} · {inert(finding.id)}"
        yield from (f"> {inert(remark)}" for remark in words.remarks(finding))
        return
    first, second = words.sides(report, finding, answers)
    yield f"### {number}\\. {inert(words.kind_label(report, finding))}: {inert(words.topic(report, finding))}"
    yield f"{inert(words.label(report, finding))} · {inert(finding.id)}"
    yield from (*_side(first), *_side(second))
    yield f"**What differs:** {inert(finding.explanation)}"
    yield f"**How both could stand:** {inert(finding.reading)}"
    yield from (inert(remark) for remark in words.remarks(finding))
    for side in words.elsewhere(report, finding):
        also = f"{words.source(side)}, {words.outlet(side.document)}: {words.quoted(side.claim)}"
        yield f"Also: {inert(also)}"


def _side(side: Side) -> Iterator[str]:
    yield f"**{inert(words.source(side))}** ({inert(words.origin(side))}), {inert(words.charge(side.claim))}:"
    yield f"> {inert(words.quoted(side.claim))}"
    yield from (f"> **{inert(words.who(answer))}** answers: {inert(words.quoted(answer))}" for answer in side.answers)


def _document(report: Report, document: Document, answers: Answers, weighed: Mapping[str, Weighed]) -> Iterator[str]:
    yield f"### {inert(document.title or document.name)}"
    known = (document.publisher, document.author, document.published, document.url, document.path)
    yield " · ".join(inert(part) for part in known if part) or inert(document.id)
    claims = [claim for claim in report.claims if claim.document_id == document.id]
    lines = (line for c in claims for line in (*_claim(c, document, answers), *_evidence(weighed.get(c.id))))
    yield "\n".join(lines) or "No claims."


def _claim(claim: Claim, document: Document, answers: Answers) -> Iterator[str]:
    side = Side(claim, document, answers.get(claim.id, ()))
    details = [words.role(claim), words.through(claim), words.place(claim.quotes[0])]
    details.append(f"said {claim.attribution.stated_on}" if claim.attribution.stated_on else "")
    given = "; ".join(part for part in details if part)
    speaker = f"**{inert(words.source(side))}**" + (f" ({inert(given)})" if given else "")
    yield f"- {speaker}, {inert(words.charge(claim))}: {inert(words.quoted(claim))}"
    yield from (f"  - **{inert(words.who(answer))}** answers: {inert(words.quoted(answer))}" for answer in side.answers)


def _evidence(weighed: Weighed | None) -> Iterator[str]:
    """What bears on a claim, in a list below it."""
    if weighed is None:
        return
    yield f"  - **Evidence:** {inert(evidence.outcome(weighed))}"
    for piece in weighed.pieces:
        yield f"    - \\[{piece.number}\\] {inert(evidence.head(piece))}: {inert(evidence.quoted(piece.evidence))}"
        yield from (f"      - {inert(line)}" for line in evidence.lines(piece))
    yield from (f"  - {inert(line)}" for line in (evidence.leaves_out(weighed), evidence.searched(weighed)) if line)


def _run(report: Report) -> Iterator[str]:
    run = report.run
    yield "## Run"
    yield "\n".join(
        f"- {inert(line)}"
        for line in (
            f"{run.tool}, run {run.id}" + (f", {run.started}" if run.started else ""),
            words.cost(report),
            f"prompts: {', '.join(run.prompts.values())}",
        )
    )
