"""`factcheck read`: what was read from originals and what was left out, without a model."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import AllowPrivate, Snapshot, Sources

Full = Annotated[bool, typer.Option("--full", help="Show all words: those that were read, and those that were not.")]
ReadFormat = Annotated[
    Literal["text", "json"], typer.Option("--format", "-f", help="json: the documents, one to a line, with everything.")
]


def read(
    sources: Sources,
    full: Full = False,
    format: ReadFormat = "text",  # noqa: A002
    snapshot: Snapshot = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Show what is read from documents, what is left out and why, and where dates and names come from."""
    from factcheck.inputs.documents import Fetching
    from factcheck.inputs.documents import read as read_sources
    from factcheck.outputs.inert import as_json, visible
    from factcheck.outputs.reading import reading_lines

    with errors():
        fetching = Fetching(allow_private=allow_private, snapshot=snapshot)
        reading = read_sources(sources, stdin=sys.stdin.buffer, fetching=fetching)
    if format == "json":
        for document in reading.documents:
            typer.echo(as_json(document.model_dump_json()))
    else:
        for line in reading_lines(reading.documents, full=full):
            typer.echo(line)
    for problem in reading.problems:
        typer.echo(visible(f"factcheck: {problem.message}"), err=True)
    if not reading.documents:
        raise typer.Exit(2)
    raise typer.Exit(4 if any(problem.leaves_undone for problem in reading.problems) else 0)
