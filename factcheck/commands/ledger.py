"""The commands that look into a ledger, and those with which people decide."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck.commands.console import errors, show_parts
from factcheck.commands.options import View, ViewOption

if TYPE_CHECKING:
    from rich.console import RenderableType

    from factcheck.ledger.connection import Ledger

Place = Annotated[
    str | None, typer.Option("--ledger", "-l", help="A file, or postgresql://.", show_default="settings, or user data")
]
By = Annotated[str, typer.Option(help="Who decides: a name; it is kept.")]
Note = Annotated[str, typer.Option(help="Why; it is kept.")]

speakers = typer.Typer(help="Who is who: list names, and decide which are one person.", no_args_is_help=True)
ledger = typer.Typer(help="Check a ledger, take it out and read it in.", no_args_is_help=True)


@contextmanager
def opened(place: str | None) -> Iterator[Ledger]:
    """The ledger that was named, else that of the settings, else the default one; errors as one line."""
    from factcheck.ledger.connection import open_ledger
    from factcheck.settings import load_settings

    with errors():
        found = open_ledger(place or load_settings().ledger or "default", create=False)
        try:
            yield found
        finally:
            found.close()


def tell_head(place: str) -> None:
    """What stands for all that a ledger now holds, on standard error: kept elsewhere, it shows later edits."""
    with opened(place) as found:
        typer.echo(f"ledger head: {found.head()}", err=True)


def timeline(
    speaker: Annotated[str, typer.Argument(help="A person or body, as documents name it.")],
    topic: Annotated[str | None, typer.Option(help="Only statements whose topic has these words.")] = None,
    place: Place = None,
    format: ViewOption = "auto",  # noqa: A002
) -> None:
    """What a speaker said over time, and where a position changed."""
    with opened(place) as found:
        result = found.timeline(speaker, topic)
        show_value(format, result, lambda: _views().timeline_view(result))


def search(
    words: Annotated[list[str], typer.Argument(help="Words that a claim, its speaker or its topic holds.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    place: Place = None,
    format: ViewOption = "auto",  # noqa: A002
) -> None:
    """Find claims by their words, in any form and within words, the newest first."""
    with opened(place) as found:
        result = found.search(" ".join(words), limit=limit)
        show_value(format, result, lambda: _views().search_view(result, found.meanings(" ".join(words))))


def show(
    key: Annotated[str, typer.Argument(metavar="ID", help="Of a claim (c-…) or a finding (f-…).")],
    place: Place = None,
    format: ViewOption = "auto",  # noqa: A002
) -> None:
    """A claim or finding in its context: the words around it, decisions, run, prompts and recordings."""
    with opened(place) as found:
        result = found.show(key)
        show_value(format, result, lambda: _views().shown_view(result))


@speakers.command("list")
def list_speakers(
    name: Annotated[str | None, typer.Argument(help="Only names that hold these words.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    place: Place = None,
    format: ViewOption = "auto",  # noqa: A002
) -> None:
    """Who said something, the most quoted first, with roles over time."""
    from factcheck.ledger.speakers import speakers as everyone

    with opened(place) as found, found.reading() as connection:
        result = everyone(connection, name, limit=limit)
        show_value(format, result, lambda: _views().speakers_view(result))


@speakers.command()
def suggest(place: Place = None, format: ViewOption = "auto") -> None:  # noqa: A002
    """Names that look alike; nothing is merged by itself."""
    from factcheck.ledger.speakers import suggest as suggestions

    with opened(place) as found, found.reading() as connection:
        result = suggestions(connection)
        show_value(format, result, lambda: _views().suggestions_view(result))


@speakers.command()
def merge(a: str, b: str, by: By, note: Note = "", place: Place = None) -> None:
    """Let two names count as one speaker from now on."""
    _decide_who("merge", a, b, by, note, place)


@speakers.command()
def split(a: str, b: str, by: By, note: Note = "", place: Place = None) -> None:
    """Let the second name count as another speaker than the first."""
    _decide_who("split", a, b, by, note, place)


@speakers.command()
def undo(
    number: Annotated[int, typer.Argument(help="Of a merge or split, see `speakers log`.")],
    by: By,
    note: Note = "",
    place: Place = None,
) -> None:
    """Take back a merge or a split."""
    from factcheck.ledger import speakers as people

    with opened(place) as found, found.writing() as connection:
        made = people.undo(connection, number, by=by, note=note)
    typer.echo(f"entry {number} is undone (entry {made.seq} of the log)")


@speakers.command("log")
def decisions_about_names(place: Place = None, format: ViewOption = "auto") -> None:  # noqa: A002
    """Merges, splits and what was undone, oldest first."""
    from factcheck.ledger.log import decisions

    with opened(place) as found, found.reading() as connection:
        result = decisions(connection, "merge", "split", "undo")
        show_value(format, result, lambda: _lines([_views().decision_line(d) for d in result] or ["no decisions"]))


@ledger.command()
def verify(
    place: Place = None,
    head: Annotated[str | None, typer.Option(help="A head that was printed before: is all of it still there?")] = None,
) -> None:
    """Check every row against its seal, every quote, hash, key and name, and the decisions; exit 4 if one fails."""
    from factcheck.ledger import verify as checks
    from factcheck.outputs.inert import visible

    with opened(place) as found, found.reading() as connection:
        faults, seal = checks.verify(connection, earlier=head), checks.fingerprint(connection)
        now = found.head()
    for line in faults:
        typer.echo(visible(line))
    typer.echo(f"{f'{len(faults)} faults' if faults else 'everything holds'}; sha256 of the content: {seal}")
    typer.echo(f"head: {now}")
    raise typer.Exit(4 if faults else 0)


@ledger.command()
def status(place: Place = None, format: ViewOption = "auto") -> None:  # noqa: A002
    """Where the ledger is, how much it holds, how many documents wait to be compared, and the head of it all."""
    from factcheck.ledger.view import holdings

    with opened(place) as found:
        with found.reading() as connection:
            held = {"place": found.place, **holdings(connection), "head": found.head()}
        show_value(format, held, lambda: _lines([f"{name:<12} {value}" for name, value in held.items()]))


@ledger.command()
def retract(
    document: Annotated[str, typer.Argument(metavar="ID", help="Of a document (d-…).")],
    by: By,
    note: Note,
    place: Place = None,
) -> None:
    """Say that a document no longer stands: its findings become stale, and nothing is compared with it any more."""
    with opened(place) as found:
        made = found.retract(document, by=by, note=note)
    typer.echo(f"{document}: retracted by {made.by} (entry {made.seq} of the log)")


@ledger.command("export")
def take_out(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A JSONL file.", show_default="standard output")
    ] = None,
    place: Place = None,
) -> None:
    """Write the whole ledger as JSONL."""
    from factcheck.ledger.exchange import export

    with opened(place) as found, found.reading() as connection:
        if out is None:
            sys.stdout.writelines(export(connection))
        else:
            with out.open("w", encoding="utf-8") as file:
                file.writelines(export(connection))


@ledger.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="A JSONL file that `ledger export` wrote.")], place: Place = None
) -> None:
    """Add an exported ledger to this one; what is there already stays as it is."""
    from factcheck.ledger.connection import open_ledger
    from factcheck.ledger.exchange import read_in
    from factcheck.settings import load_settings

    with errors(), file.open(encoding="utf-8") as lines:
        found = open_ledger(place or load_settings().ledger or "default")
        try:
            number, head = read_in(found, lines, str(file)), found.head()
        finally:
            found.close()
    typer.echo(f"{number} new documents; ledger head: {head}")


def _decide_who(action: Literal["merge", "split"], a: str, b: str, by: str, note: str, place: str | None) -> None:
    from factcheck.ledger import speakers as people

    with opened(place) as found, found.writing() as connection:
        made = getattr(people, action)(connection, a, b, by=by, note=note)
    typer.echo(f"{made.subject}: {made.action} by {made.by} (entry {made.seq} of the log)")


def _views() -> Any:
    from factcheck.outputs import lookup

    return lookup


def _lines(lines: list[str]) -> list[RenderableType]:
    return [*lines]


def show_value(format: View, value: Any, parts: Any) -> None:  # noqa: A002
    """A result as JSON, or drawn."""
    if format == "json":
        from pydantic import TypeAdapter

        shown = TypeAdapter(Any).dump_json(value, indent=1, exclude_none=False)
        typer.echo(shown.decode())
        return
    show_parts(parts(), color=False if format == "text" else None)
