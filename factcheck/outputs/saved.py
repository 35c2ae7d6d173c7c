"""Read a saved report back, and check that it holds: no report is shown whose quotes do not stand in its documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from factcheck.errors import UsageError
from factcheck.models import Claim, Document, Report
from factcheck.text.names import folded
from factcheck.text.proof import check_flaw, evidence_flaw, words_flaw


def load_report(path: str | Path, *, stdin: BinaryIO | None = None) -> Report:
    """The report in a JSON file, or on standard input for `-`.

    Raises UsageError, naming the file, for one that cannot be read, is no report, or does not hold together.

    >>> _ = Path("report.json").write_text(factcheck.render(report, "json"), encoding="utf-8")
    >>> factcheck.load_report("report.json") == report
    True
    """
    content = _content(path, stdin)
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"{path}: is not a factcheck report ({where}: {first['msg']})") from None
    if flaw := flaw_in(report):
        raise UsageError(f"{path}: is a damaged report ({flaw})")
    return report


def _content(path: str | Path, stdin: BinaryIO | None) -> bytes:
    try:
        return stdin.read() if stdin is not None and str(path) == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def flaw_in(report: Report) -> str | None:
    """The first thing in a report that cannot be: words that nobody said, or a reference to nothing."""
    documents = {document.id: document for document in report.documents}
    claims = {claim.id: claim for claim in report.claims}
    if len(documents) < len(report.documents) or len(claims) < len(report.claims):
        return "two parts have one id"
    ties = {(tie.document_id, folded(tie.written), tie.name) for tie in report.ties}
    for claim in report.claims:
        if claim.document_id not in documents:
            return f"the document of claim {claim.id} is missing"
        if flaw := words_flaw(claim, documents[claim.document_id]) or _untied(claim, ties):
            return flaw
    if flaw := _evidence_flaw(report, documents, claims):
        return flaw
    for finding in report.findings:
        if not {finding.a, finding.b, *finding.also} <= claims.keys():
            return f"a side of finding {finding.id} is missing"
    for answer in report.answers:
        if not {answer.accusation, answer.answer} <= claims.keys():
            return f"a side of an answer to {answer.accusation} is missing"
    return None


def _evidence_flaw(report: Report, documents: Mapping[str, Document], claims: Mapping[str, Claim]) -> str | None:
    """The first thing in what was found about claims that cannot be."""
    pieces = {piece.id: piece for piece in report.evidence}
    if len(pieces) < len(report.evidence) or len({c.claim_id for c in report.checks}) < len(report.checks):
        return "two parts have one id"
    for piece in report.evidence:
        if piece.claim_id not in claims or piece.document_id not in documents:
            return f"the claim or the document of evidence {piece.id} is missing"
        if flaw := evidence_flaw(piece, documents[piece.document_id]):
            return flaw
        others = [pieces.get(key) for key in (piece.origin_of, piece.replaced_by) if key is not None]
        if any(other is None or other.claim_id != piece.claim_id for other in others):
            return f"what evidence {piece.id} repeats, or what replaces it, is missing"
    for check in report.checks:
        if check.claim_id not in claims:
            return f"the claim {check.claim_id} of a check is missing"
        if flaw := check_flaw(check, pieces):
            return flaw
    return None


def _untied(claim: Claim, ties: set[tuple[str, str, str]]) -> str | None:
    """A name that the claim's document does not use needs a sentence that shows it."""
    said = claim.attribution
    for written, name in ((said.as_written, said.speaker), (claim.target_as_written, claim.target)):
        by_a_person = said.known_from is None  # who merged two names stands in the ledger's log
        if written is not None and not by_a_person and (claim.document_id, folded(written), name) not in ties:
            return f"nothing in the report shows that claim {claim.id} is by or about {name}"
    return None
