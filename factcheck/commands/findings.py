"""The commands about findings of a ledger: list them, and decide."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import typer

from factcheck.commands.ledger import Note, Place, opened, show_value
from factcheck.commands.options import ViewOption, with_filters

By = Annotated[str | None, typer.Option(help="Who decides: a name; it is kept.", show_default="settings, or asked for")]


@with_filters
def findings(
    wanted: dict[str, Any],
    order: Annotated[Literal["newest", "strongest"], typer.Option(help="What comes first.")] = "newest",
    limit: Annotated[int, typer.Option(min=0, help="At most so many.")] = 50,
    skip: Annotated[int, typer.Option(min=0, help="Leave out so many.")] = 0,
    place: Place = None,
    format: ViewOption = "auto",  # noqa: A002
) -> None:
    """List the findings of a ledger (open ones, unless another state is named), with how many there are of each."""
    from factcheck.ledger.findings import FindingFilter
    from factcheck.outputs.queue import queue_view

    with opened(place) as ledger:
        page = ledger.queue(FindingFilter(**wanted), order=order, limit=limit, offset=skip)
        show_value(format, page, lambda: queue_view(page))


@with_filters
def review(
    wanted: dict[str, Any],
    key: Annotated[
        str | None, typer.Argument(metavar="ID", help="Of a finding, or its beginning; without one all in turn.")
    ] = None,
    decision: Annotated[
        Literal["accept", "dismiss"] | None, typer.Argument(help="A dismissed finding does not come back.")
    ] = None,
    by: By = None,
    note: Note = "",
    place: Place = None,
) -> None:
    """Decide about findings: one by its id, or all open ones in turn, with one key each.

    A decision is kept with name and time, for these quotes wherever they come back.
    """
    from factcheck.commands.stepping import step
    from factcheck.ledger.findings import FindingFilter

    with opened(place) as ledger:
        if key is None or decision is None:
            keys = [ledger.resolve(key, "finding")] if key else []
            typer.echo(step(ledger, FindingFilter(**wanted), decider(by), keys))
            return
        found = ledger.resolve(key, "finding")
        made = ledger.decide(found, "accepted" if decision == "accept" else "dismissed", by=decider(by), note=note)
        typer.echo(f"{found}: {made.action} by {made.by} (entry {made.seq} of the log)")


def decider(by: str | None) -> str:
    """The name that was given, else that of the settings, else what is typed when asked. Raises UsageError."""
    from factcheck.ledger.decide import named
    from factcheck.settings import load_settings

    name = by if by is not None else load_settings().by
    if name is None and sys.stdin.isatty():
        name = str(typer.prompt("Your name (it is kept with what you decide)"))
    return named(name or "")
