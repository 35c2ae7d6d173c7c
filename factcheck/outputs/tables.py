"""Claims or findings as CSV for spreadsheets, a row each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, get_args

from factcheck.errors import UsageError
from factcheck.models import Claim, Document, Finding, Report, Rows
from factcheck.outputs import words
from factcheck.outputs.inert import cell
from factcheck.outputs.words import Answers, Side

Row = dict[str, Any]
COLUMNS: dict[Rows, tuple[str, ...]] = {
    "claims": (
        "id", "kind", "speaker", "role", "organisation", "on_behalf_of", "via", "voice", "stated_on", "target", "quote",
        "text", "answers", "topic", "checkworthy", "document", "publisher", "published", "url", "path", "document_id",
        "start", "end", "page", "time",
    ),
    "findings": (
        "id", "finding", "severity", "tier", "review", "reviewed_by", "reviewed_on", "note", "stale",
        *(f"{side}_{name}" for side in "ab"
          for name in ("speaker", "role", "when", "via", "kind", "quote", "answers", "document", "claim")),
        "what_differs", "how_both_could_stand", "days_apart", "also",
    ),
}  # fmt: skip
"""What a table has even where it has no rows."""


def claims_csv(report: Report) -> str:
    """A row for each claim with its attribution, its document, and the answers to accusations."""
    return _csv(COLUMNS["claims"], rows(report, "claims"))


def findings_csv(report: Report) -> str:
    """A row for each finding with both statements side by side."""
    return _csv(COLUMNS["findings"], rows(report, "findings"))


def rows(report: Report, what: Rows) -> list[dict[str, Any]]:
    """The rows of the CSV outputs as plain values. Raises UsageError for anything but claims and findings."""
    if what not in get_args(Rows):
        raise UsageError(f"there are no rows of {what!r}; choose {' or '.join(get_args(Rows))}")
    answers = words.answers_in(report)
    if what == "claims":
        return [_claim(claim, report.document(claim.document_id), answers) for claim in report.claims]
    return [_finding(report, finding, answers) for finding in report.findings]


def _claim(claim: Claim, document: Document, answers: Answers) -> Row:
    said = claim.attribution
    return {
        "id": claim.id,
        "kind": words.KINDS[claim.kind],
        "speaker": words.who(claim),
        "role": said.role,
        "organisation": said.organisation,
        "on_behalf_of": said.on_behalf_of,
        "via": "; ".join(said.via),
        "voice": said.voice,
        "stated_on": said.stated_on,
        "target": claim.target,
        "quote": words.quoted(claim),
        "text": claim.text,
        "answers": _answers(answers.get(claim.id, ())),
        "topic": claim.topic,
        "checkworthy": "yes" if claim.checkworthy else "no",
        "document": document.title,
        "publisher": document.publisher,
        "published": document.published,
        "url": document.url,
        "path": document.path,
        "document_id": document.id,
        "start": claim.quotes[0].start,
        "end": claim.quotes[-1].end,
        "page": claim.quotes[0].page,
        "time": claim.quotes[0].time,
    }


def _answers(claims: Iterable[Claim]) -> str:
    return "\n".join(f"{words.who(claim)}: {words.quoted(claim)}" for claim in claims)


def _finding(report: Report, finding: Finding, answers: Answers) -> Row:
    verdict = finding.verdict
    first, second = words.sides(report, finding, answers)
    return {
        "id": finding.id,
        "finding": words.kind_label(report, finding),
        "severity": finding.severity,
        "tier": finding.tier,
        "review": verdict.decision if verdict else "not reviewed",
        "reviewed_by": verdict.by if verdict else None,
        "reviewed_on": verdict.on if verdict else None,
        "note": verdict.note if verdict else None,
        "stale": finding.stale,
        **_side("a", first),
        **_side("b", second),
        "what_differs": finding.explanation,
        "how_both_could_stand": finding.reading,
        "days_apart": finding.days_apart,
        "also": "\n".join(
            f"{words.source(side)}, {words.outlet(side.document)}: {words.quoted(side.claim)}"
            for side in words.elsewhere(report, finding)
        ),
    }


def _side(name: str, side: Side) -> Row:
    return {
        f"{name}_speaker": words.source(side),
        f"{name}_role": words.role(side.claim),
        f"{name}_when": words.when(side.claim, side.document),
        f"{name}_via": "; ".join(side.claim.attribution.via),
        f"{name}_kind": words.charge(side.claim),
        f"{name}_quote": words.quoted(side.claim),
        f"{name}_answers": _answers(side.answers),
        f"{name}_document": words.outlet(side.document),
        f"{name}_claim": side.claim.id,
    }


def _csv(columns: Iterable[str], rows: Iterable[Row]) -> str:
    """The rows under their names; text that a spreadsheet would calculate is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row.values()])
    return out.getvalue()
