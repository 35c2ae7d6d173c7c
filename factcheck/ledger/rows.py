"""Between the values of a report and the rows of the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from factcheck.ledger.features import statement_key
from factcheck.models import Claim, Document, Finding, Problem, Run, Tie, said_on
from factcheck.text.names import folded

PARTS = ("speaker", "organisation", "on_behalf_of", "target")

DOCUMENT_COLUMNS = (
    *("id", "title", "publisher", "published", "url", "path", "language"),
    *("corrects", "retracts", "sha256", "text"),
)


def document_row(document: Document) -> dict[str, Any]:
    """A row of `documents`, without what the moment of adding decides."""
    values = {name: getattr(document, name) for name in DOCUMENT_COLUMNS}
    return {**values, "body": document.model_dump_json(exclude={"text"})}


def to_document(row: Mapping[str, Any]) -> Document:
    """The document of a row."""
    return Document.model_validate({**json.loads(row["body"]), "text": row["text"]})


def claim_row(claim: Claim, document: Document) -> dict[str, Any]:
    """A row of `claims`, without its number."""
    return {
        "id": claim.id,
        "document_id": claim.document_id,
        "statement": statement_key(claim),
        "kind": claim.kind,
        "speaker": claim.attribution.speaker,
        "target": claim.target,
        "topic": claim.topic,
        "said_on": said_on(claim, document),
        "text": claim.text,
        "body": claim.model_dump_json(),
    }


def name_rows(claim: Claim, number: int) -> list[dict[str, Any]]:
    """Rows of `names`: everyone whom a claim names, by folded name."""
    said = claim.attribution
    values = (said.speaker, said.organisation, said.on_behalf_of, claim.target)
    found = {(folded(value), part) for part, value in zip(PARTS, values, strict=True) if value and folded(value)}
    return [{"name": name, "part": part, "claim": number} for name, part in sorted(found)]


def finding_row(finding: Finding, pair: str, document_id: str) -> dict[str, Any]:
    """A row of `findings`, without its number."""
    shown = ("id", "a", "b", "kind", "severity", "tier", "explanation")
    values = {name: getattr(finding, name) for name in shown}
    body = finding.model_dump_json(exclude={"verdict", "stale", "also"})
    return {**values, "pair": pair, "document_id": document_id, "body": body}


def problem_row(problem: Problem, run: str) -> dict[str, Any]:
    """A row of `problems`, without its number."""
    return {**problem.model_dump(), "run": run}


def run_row(run: Run) -> dict[str, Any]:
    """A row of `runs`."""
    return {
        "id": run.id,
        "tool": run.tool,
        "model": run.model,
        "started": run.started,
        "prompts": json.dumps(run.prompts, sort_keys=True),
        "inputs": json.dumps(list(run.inputs)),
    }


def tie_row(tie: Tie) -> dict[str, Any]:
    """A row of `ties`, without its number."""
    return tie.model_dump()
