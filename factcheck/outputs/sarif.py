"""Findings as SARIF 2.1.0, for code hosts and editors that show results at the lines of files.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote as percent_encoded

from factcheck.models import Document, Finding, FindingKind, Problem, Report
from factcheck.outputs import words
from factcheck.outputs.inert import as_json, visible
from factcheck.outputs.lines import Region, file_of, region_of, within

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MACHINE = "MACHINE"
"""The base of addresses of files outside of the working folder; code hosts know none of them."""

RULES: dict[FindingKind, str] = {
    "reversal": "One speaker or body cannot hold or have meant both statements, or has moved between them.",
    "dispute": "Two speakers make incompatible claims about the same fact.",
    "inconsistency": "An article's own facts clash with each other or with what another document reports.",
}


def sarif(report: Report) -> str:
    """One run: a rule for each kind of finding, a result for each finding, a notification for each problem."""
    answers = words.answers_in(report)
    name, version = report.run.tool.partition(" ")[::2]
    rules = [_rule(kind) for kind in get_args(FindingKind)]
    run = {
        "tool": {"driver": {"name": name or "factcheck", **({"version": version} if version else {}), "rules": rules}},
        "automationDetails": {"id": f"factcheck/{report.run.id}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {MACHINE: {"uri": "file:///"}},
        "invocations": [
            {
                "executionSuccessful": not any(problem.leaves_undone for problem in report.problems),
                "toolExecutionNotifications": [_notification(report, problem) for problem in report.problems],
            }
        ],
        "results": [_result(report, finding, answers) for finding in report.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_json(json.dumps(log, ensure_ascii=False, indent=1)) + "\n"


def _rule(kind: FindingKind) -> dict[str, Any]:
    name = words.LABELS[kind]
    return {
        "id": name.replace(" ", "-"),
        "name": "".join(part.capitalize() for part in name.split()),
        "shortDescription": {"text": f"{name.capitalize()}."},
        "fullDescription": {"text": RULES[kind]},
        "help": {"text": f"{RULES[kind]} A person decides what follows from it."},
        "defaultConfiguration": {"level": "warning"},
    }


def _result(report: Report, finding: Finding, answers: words.Answers) -> dict[str, Any]:
    """The later statement is the place of the result, the earlier one and all others stand beside it."""
    first, second = words.sides(report, finding, answers)
    related = [first, *words.elsewhere(report, finding)]
    related += [words.Side(c, report.document(c.document_id), ()) for side in (first, second) for c in side.answers]
    return {
        "ruleId": words.LABELS[finding.kind].replace(" ", "-"),
        "ruleIndex": get_args(FindingKind).index(finding.kind),
        "level": "warning" if finding.tier == "strong" and finding.stands else "note",
        "message": _message(words.message(report, finding, answers)),
        "locations": [_location(second)],
        "relatedLocations": [
            {**_location(side), "id": number, "message": _message(f"{words.source(side)}: {words.quoted(side.claim)}")}
            for number, side in enumerate(related, 1)
        ],
        "partialFingerprints": {"factcheckFinding/v1": finding.id},
        "properties": {"tier": finding.tier, "severity": finding.severity, "review": words.status(finding)},
        **_suppressed(finding),
    }


def _location(side: words.Side) -> dict[str, Any]:
    """The file and the region in it; what has no lines, e.g. a PDF, is pointed at by its first line, with its words."""
    region = region_of(side.claim, side.document) or Region(1, 1, 1, 2)
    place = {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
        "snippet": {"text": visible(side.claim.quotes[0].exact)},
    }
    named = {"logicalLocations": [{"name": visible(side.document.name), "kind": "document"}]}
    return {"physicalLocation": {"artifactLocation": _artifact(side.document), "region": place}, **named}


def _artifact(document: Document) -> dict[str, str]:
    """The file; of a fetched page the copy that was kept; else a name by its id, since code hosts take files only.

    Always a relative address: within the working folder, or else below the root of this machine's files.
    """
    origin = document.origin
    copy = Path(origin.snapshot_folder or "", origin.snapshot).as_posix() if origin and origin.snapshot else None
    path = within(file_of(document) or copy or f"{document.id}.txt")
    uri = percent_encoded(path.lstrip("/"), safe="/", errors="replace")
    return {"uri": uri, "uriBaseId": MACHINE} if Path(path).is_absolute() else {"uri": uri}


def _suppressed(finding: Finding) -> dict[str, Any]:
    """A finding that a person dismissed stays in the file and is not shown as open."""
    verdict = finding.verdict
    if verdict is None or verdict.decision != "dismissed":
        return {}
    reason = visible(f"{words.status(finding)} {verdict.note}").strip()
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": reason}]}


def _notification(report: Report, problem: Problem) -> dict[str, Any]:
    document = next((d for d in report.documents if d.id == problem.document_id and d.path), None)
    place = {"locations": [{"physicalLocation": {"artifactLocation": _artifact(document)}}]} if document else {}
    return {
        "level": "error" if problem.leaves_undone else "note",
        "message": _message(problem.message),
        "descriptor": {"id": f"{problem.stage}/{problem.code}"},
        **place,
    }


def _message(text: str) -> dict[str, str]:
    """Plain text: brackets would be links and braces placeholders."""
    text = visible(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": text.replace("{", "{{").replace("}", "}}")}
