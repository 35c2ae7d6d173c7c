"""The commands about saved reports: `factcheck report` and `factcheck diff`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from factcheck.commands.console import writable, write
from factcheck.commands.options import FormatOption, Out

Saved = Annotated[str, typer.Argument(metavar="REPORT", help="A report in JSON, or - for standard input.")]
DiffFormat = Annotated[Literal["text", "json"], typer.Option("--format", "-f")]


def report(saved: Saved, format: FormatOption = "auto", out: Out = None) -> None:  # noqa: A002
    """Turn a saved report (`--format json`) into any other output."""
    from factcheck.outputs.saved import load_report

    writable(out)
    write(load_report(saved, stdin=sys.stdin.buffer), format, out)


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
