"""Claims as schema.org JSON-LD, and drafts of ClaimReviews where a person has accepted a finding."""

from __future__ import annotations

import json
from typing import Any

from factcheck.models import Claim, Document, Finding, Report
from factcheck.outputs import words
from factcheck.outputs.evidence import (
    Piece,
    Weighed,
    head,
    leaves_out,
    lines,
    outcome,
    quoted,
    searched,
    weighed_in,
)
from factcheck.outputs.inert import as_json
from factcheck.outputs.links import address


def schema_org(report: Report) -> str:
    """A graph of `Claim`s; a finding that a named person accepted and that still stands adds a `ClaimReview` draft."""
    answers, weighed = words.answers_in(report), weighed_in(report)
    graph = [_claim(report, claim, answers, weighed.get(claim.id)) for claim in report.claims]
    graph += [review for finding in report.findings if (review := _review(report, finding, answers))]
    value = {"@context": "https://schema.org", "@graph": graph}
    return as_json(json.dumps(value, ensure_ascii=False, indent=1)) + "\n"


def _claim(report: Report, claim: Claim, answers: words.Answers, weighed: Weighed | None) -> dict[str, Any]:
    document = report.document(claim.document_id)
    return _known(
        {
            "@type": "Claim",
            "@id": _id(claim),
            "identifier": claim.id,
            "text": claim.text,
            "abstract": words.quoted(claim),
            "author": _author(claim, document),
            "about": {"@type": "Thing", "name": claim.topic},
            "keywords": words.charge(claim),
            "inLanguage": document.language,
            "dateCreated": claim.attribution.stated_on,
            "appearance": _article(document),
            "comment": [_comment(answer, report) for answer in answers.get(claim.id, ())] or None,
            "citation": [_citation(piece) for piece in weighed.pieces] or None if weighed else None,
            "description": "\n".join(_found(weighed)) if weighed else None,
        }
    )


def _author(claim: Claim, document: Document) -> dict[str, Any]:
    """Whoever is committed to the claim: a person where the text gives an office or an employer, else a body."""
    said = claim.attribution
    if said.speaker is None or not (said.role or said.organisation):
        return {"@type": "Organization", "name": said.speaker or words.outlet(document)}
    works_for = {"@type": "Organization", "name": said.organisation} if said.organisation else None
    return _known({"@type": "Person", "name": said.speaker, "jobTitle": said.role, "affiliation": works_for})


def _article(document: Document) -> dict[str, Any]:
    publisher = {"@type": "Organization", "name": document.publisher} if document.publisher else None
    return _known(
        {
            "@type": "CreativeWork",
            "identifier": document.id,
            "headline": document.title,
            "publisher": publisher,
            "datePublished": document.published,
            "url": address(document.url),
        }
    )


def _comment(answer: Claim, report: Report) -> dict[str, Any]:
    """What the target of an accusation answers."""
    document = report.document(answer.document_id)
    return {"@type": "Comment", "text": words.quoted(answer), "author": _author(answer, document)}


def _citation(piece: Piece) -> dict[str, Any]:
    """Words of another document that bear on a claim; what they do to it is said, and rated by nobody here."""
    evidence = piece.evidence
    speaker = {"@type": "Person", "name": evidence.speaker} if evidence.speaker else None
    return _known(
        {
            "@type": "Quotation",
            "@id": f"urn:factcheck:{evidence.id}",
            "identifier": evidence.id,
            "text": quoted(evidence),
            "creator": speaker,
            "abstract": head(piece),
            "description": "\n".join(lines(piece)),
            "isPartOf": _article(piece.document),
            "isBasedOn": f"urn:factcheck:{evidence.origin_of}" if evidence.origin_of else None,
        }
    )


def _found(weighed: Weighed) -> list[str]:
    """What came of looking for evidence, and where it was looked for."""
    return [line for line in (outcome(weighed), leaves_out(weighed), searched(weighed)) if line]


def _review(report: Report, finding: Finding, answers: words.Answers) -> dict[str, Any] | None:
    """A draft about both statements. It rates neither: what a person accepted is that they do not fit together."""
    verdict = finding.verdict
    if verdict is None or verdict.decision != "accepted" or finding.stale:
        return None
    sides = words.sides(report, finding, answers)
    return {
        "@type": "ClaimReview",
        "@id": f"urn:factcheck:{finding.id}",
        "identifier": finding.id,
        "creativeWorkStatus": "Draft",
        "claimReviewed": " / ".join(f"{words.source(side)}: {words.quoted(side.claim)}" for side in sides),
        "itemReviewed": [{"@type": "Claim", "@id": _id(side.claim)} for side in sides],
        "author": {"@type": "Person", "name": verdict.by},
        "dateCreated": verdict.on,
        "reviewBody": words.message(report, finding, answers),
        "reviewRating": {
            "@type": "Rating",
            "alternateName": f"{words.kind_label(report, finding)} ({finding.severity})",
        },
    }


def _id(claim: Claim) -> str:
    return f"urn:factcheck:{claim.id}"


def _known(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None}
