"""Claims and findings as W3C Web Annotations, for tools that show notes on the words of a page.

https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

import json
from typing import Any

from factcheck.models import Claim, Document, Finding, Report
from factcheck.outputs import words
from factcheck.outputs.inert import as_json
from factcheck.outputs.links import address

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def web_annotations(report: Report) -> str:
    """An AnnotationCollection with one page: an annotation for each claim, and one for each finding on both sides."""
    answers = words.answers_in(report)
    items = [
        *(_claim(report, claim, answers) for claim in report.claims),
        *(_finding(report, finding, answers) for finding in report.findings),
    ]
    name = f"urn:factcheck:{report.run.id}"
    page = {"id": f"{name}:1", "type": "AnnotationPage", "partOf": name, "startIndex": 0, "items": items}
    collection = {
        "@context": CONTEXT,
        "id": name,
        "type": "AnnotationCollection",
        "label": "Claims, and statements that do not fit together",
        "total": len(items),
        "first": page,
    }
    return as_json(json.dumps(collection, ensure_ascii=False, indent=1)) + "\n"


def _claim(report: Report, claim: Claim, answers: words.Answers) -> dict[str, Any]:
    side = words.Side(claim, report.document(claim.document_id), answers.get(claim.id, ()))
    lines = [f"{words.source(side)} ({words.origin(side)}), {words.charge(claim)}: {claim.text}"]
    lines += [f"{words.who(answer)} answers: {words.quoted(answer)}" for answer in side.answers]
    return {
        **_annotation(report, claim.id, "describing"),
        "body": [_text("\n".join(lines), "describing"), _text(words.KINDS[claim.kind], "tagging")],
        "target": _targets(claim, side.document),
    }


def _finding(report: Report, finding: Finding, answers: words.Answers) -> dict[str, Any]:
    message = words.message(report, finding, answers)
    sides = words.sides(report, finding, answers)
    return {
        **_annotation(report, finding.id, "commenting"),
        "body": [_text(message, "commenting"), _text(words.kind_label(report, finding), "tagging")],
        "target": [target for side in sides for target in _targets(side.claim, side.document)],
    }


def _annotation(report: Report, key: str, motivation: str) -> dict[str, Any]:
    return {
        "id": f"urn:factcheck:{report.run.id}:{key}",
        "type": "Annotation",
        "motivation": motivation,
        "generator": {"id": "urn:factcheck:tool", "type": "Software", "name": report.run.tool},
    }


def _text(value: str, purpose: str) -> dict[str, str]:
    return {"type": "TextualBody", "value": value, "format": "text/plain", "purpose": purpose}


def _targets(claim: Claim, document: Document) -> list[dict[str, Any]]:
    """One target for each stretch of a quotation; its two selectors name the same words."""
    source = address(document.url) or f"urn:factcheck:{document.id}"
    return [
        {
            "type": "SpecificResource",
            "source": source,
            "selector": [
                {"type": "TextQuoteSelector", "exact": q.exact, "prefix": q.prefix, "suffix": q.suffix},
                {"type": "TextPositionSelector", "start": q.start, "end": q.end},
            ],
        }
        for q in claim.quotes
    ]
