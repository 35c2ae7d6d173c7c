"""Read a saved report back, and check that it holds: no report is shown whose quotes do not stand in its documents."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from factcheck.errors import UsageError
from factcheck.models import Report


def load_report(path: str | Path, *, stdin: BinaryIO | None = None) -> Report:
    """The report in a JSON file, or on standard input for `-`.

    Raises UsageError, naming the file, for one that cannot be read, is no report, or does not hold together.
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
    """The first thing in a report that cannot be: a quote that is not in its document, or a reference to nothing."""
    texts = {document.id: document.text for document in report.documents}
    claims = {claim.id for claim in report.claims}
    if len(texts) < len(report.documents) or len(claims) < len(report.claims):
        return "two parts have one id"
    for claim in report.claims:
        if claim.document_id not in texts:
            return f"the document of claim {claim.id} is missing"
        text = texts[claim.document_id]
        if not claim.quotes or any(q.start < 0 or text[q.start : q.end] != q.exact for q in claim.quotes):
            return f"the quote of claim {claim.id} does not stand in its document"
    for finding in report.findings:
        if not {finding.a, finding.b} <= claims:
            return f"a side of finding {finding.id} is missing"
    return None
