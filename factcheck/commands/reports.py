"""The commands about saved reports: `factcheck report` and `factcheck diff`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck.commands.console import writable, write
from factcheck.commands.ledger import opened
from factcheck.commands.options import FormatOption, Level, Out, with_filters

if TYPE_CHECKING:
    from factcheck.models import Report

Saved = Annotated[
    str | None, typer.Argument(metavar="REPORT", help="A report in JSON, - for standard input; none with --ledger.")
]
DiffFormat = Annotated[Literal["text", "json"], typer.Option("--format", "-f")]


@with_filters
def report(
    wanted: dict[str, Any],
    saved: Saved = None,
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    place: Annotated[
        str | None, typer.Option("--ledger", "-l", help="Report what this ledger holds, decisions included.")
    ] = None,
    fail_on: Annotated[
        Level | None,
        typer.Option(help="Exit with 3 if there is a finding at or above this, which also fails in JUnit."),
    ] = None,
) -> None:
    """Turn a saved report (`--format json`), or what a ledger holds, into any other output.

    Of a ledger, the options from --open to --text choose findings; their documents come with them.
    """
    from factcheck.ending import fails
    from factcheck.errors import UsageError

    writable(out, format)
    if (saved is None) == (place is None):
        raise UsageError("give either a saved report, or --ledger with a ledger to report from")
    if saved is not None and wanted:
        raise UsageError(f"--{next(iter(wanted))}: findings are chosen out of a ledger; a saved report stays whole")
    made = _digest(place, wanted) if place else _loaded(saved or "-")
    write(made, format, out, fail_on=fail_on or "strong")
    if fail_on and any(fails(finding, fail_on) for finding in made.findings):
        raise typer.Exit(3)


def _loaded(saved: str) -> Report:
    from factcheck.outputs.saved import load_report

    return load_report(saved, stdin=sys.stdin.buffer)


def _digest(place: str, wanted: dict[str, Any]) -> Report:
    from factcheck.ledger.findings import FindingFilter

    with opened(place) as ledger:
        return ledger.digest(FindingFilter(**{"state": "all", **wanted}))


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="The earlier report in JSON.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The later one.")],
    format: DiffFormat = "text",  # noqa: A002
) -> None:
    """Show what was added, lost or changed between two saved reports."""
    from factcheck.outputs.changes import diff as differences
    from factcheck.outputs.inert import as_json, visible
    from factcheck.outputs.saved import load_report

    changes = differences(load_report(old), load_report(new))
    if format == "json":
        typer.echo(as_json(json.dumps(changes, ensure_ascii=False, indent=1)))
        return
    for change in changes:
        typer.echo(visible(" ".join(change.split())))
    typer.echo(f"{len(changes)} change{'' if len(changes) == 1 else 's'}")


def show_page(saved: Annotated[str, typer.Argument(metavar="REPORT", help="A report in JSON.")]) -> None:
    """Open the page of a saved report in the browser.

    Example: factcheck open report.json
    """
    import tempfile
    import webbrowser

    from factcheck.outputs.render import render

    page = Path(tempfile.mkdtemp(prefix="factcheck-")) / "report.html"
    page.write_text(render(_loaded(saved), "html"), encoding="utf-8")
    if not webbrowser.open(page.as_uri()):
        typer.echo(f"factcheck: no browser could be started; open {page} yourself", err=True)
        raise typer.Exit(4)
    typer.echo(str(page))
