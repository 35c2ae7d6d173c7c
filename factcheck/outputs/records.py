"""A report as JSON Lines: a self-contained record a line, for programs that read one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from factcheck.models import Claim, Evidence, Report
from factcheck.outputs import words
from factcheck.outputs.evidence import text_lines, weighed_in
from factcheck.outputs.inert import as_json


def jsonl(report: Report) -> str:
    """The run, then documents, claims, findings, evidence, checks and problems, each with its `type`."""
    return "".join(f"{as_json(json.dumps(record, ensure_ascii=False))}\n" for record in _records(report))


def _records(report: Report) -> Iterator[dict[str, Any]]:
    answers, weighed = words.answers_in(report), weighed_in(report)
    yield {"type": "run", "format": report.format, **report.run.model_dump()}
    for document in report.documents:
        yield {"type": "document", **document.model_dump()}
    for claim in report.claims:
        yield {
            "type": "claim",
            **_claim(report, claim),
            "answers": [_claim(report, c) for c in answers.get(claim.id, ())],
        }
    for finding in report.findings:
        sides = {
            name: _answered(report, side.claim, answers)
            for name, side in zip("ab", words.sides(report, finding, answers), strict=True)
        }
        yield {"type": "finding", **finding.model_dump(), "label": words.kind_label(report, finding), **sides}
    for evidence in report.evidence:
        yield {"type": "evidence", **_evidence(report, evidence, answers)}
    for check in report.checks:
        yield {
            "type": "check",
            **check.model_dump(),
            "claim": _answered(report, report.claim(check.claim_id), answers),
            "lines": text_lines(weighed[check.claim_id]),
        }
    for problem in report.problems:
        yield {"type": "problem", **problem.model_dump()}


def _answered(report: Report, claim: Claim, answers: words.Answers) -> dict[str, Any]:
    return {**_claim(report, claim), "answers": [_claim(report, answer) for answer in answers.get(claim.id, ())]}


def _claim(report: Report, claim: Claim) -> dict[str, Any]:
    """A claim with what is needed to name its document."""
    return {**claim.model_dump(), "document": _named(report, claim.document_id)}


def _evidence(report: Report, evidence: Evidence, answers: words.Answers) -> dict[str, Any]:
    """A piece of evidence with its claim and what is needed to name its document."""
    return {
        **evidence.model_dump(),
        "document": _named(report, evidence.document_id),
        "claim": _answered(report, report.claim(evidence.claim_id), answers),
    }


def _named(report: Report, key: str) -> dict[str, Any]:
    document = report.document(key)
    return {name: getattr(document, name) for name in ("title", "publisher", "published", "url", "path")}
