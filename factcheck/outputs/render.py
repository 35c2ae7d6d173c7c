"""Turn a report into any output: the one list of formats."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import PurePath

from factcheck.ending import FailOn
from factcheck.errors import UsageError
from factcheck.models import Report
from factcheck.outputs.annotations import web_annotations
from factcheck.outputs.ci import github, junit
from factcheck.outputs.evidence_rows import evidence_csv
from factcheck.outputs.inert import as_json
from factcheck.outputs.markdown import as_markdown
from factcheck.outputs.records import jsonl
from factcheck.outputs.sarif import sarif
from factcheck.outputs.schemaorg import schema_org
from factcheck.outputs.tables import claims_csv, findings_csv


def render(report: Report, format: str, *, fail_on: FailOn = "strong") -> str:  # noqa: A002
    """The report in this format, e.g. `html`, `markdown` or `sarif`; raises UsageError for one that does not exist.

    `sarif` and `github` read the documents' files again, to find the lines of quotes in them; `junit` fails with
    findings at or above `fail_on`.

    >>> factcheck.render(report, "markdown").splitlines()[0]
    '# Fact-check report'
    """
    if format not in FORMATS:
        raise UsageError(f"there is no format {format!r}; choose one of {', '.join(FORMATS)}")
    return junit(report, fail_on) if format == "junit" else FORMATS[format](report)


def format_for(path: PurePath) -> str:
    """The format that a file's ending stands for: text where it stands for none."""
    return ENDINGS.get(path.suffix.lower(), "text")


def as_text(report: Report) -> str:
    """What a pipe gets: plain text at 80 columns."""
    from factcheck.outputs.terminal import draw  # noqa: PLC0415  (rich is slow to import)

    out = io.StringIO()
    draw(report, out, color=False)
    return out.getvalue()


def the_report(report: Report) -> str:
    """The report itself."""
    return as_json(report.model_dump_json(indent=1)) + "\n"


def html(report: Report) -> str:
    """The page."""
    from factcheck.outputs.page import page  # noqa: PLC0415  (jinja2 is slow to import)

    return page(report)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": the_report,
    "html": html,
    "markdown": as_markdown,
    "claims-csv": claims_csv,
    "findings-csv": findings_csv,
    "evidence-csv": evidence_csv,
    "jsonl": jsonl,
    "web-annotations": web_annotations,
    "schema-org": schema_org,
    "sarif": sarif,
    "junit": junit,
    "github": github,
}
ENDINGS = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "findings-csv",
    ".jsonl": "jsonl",
    ".jsonld": "web-annotations",
    ".sarif": "sarif",
    ".xml": "junit",
}
