"""The commands of watched sources: add, list, remove, run."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Annotated, Any

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import AllowPrivate, with_settings

Place = Annotated[str | None, typer.Option("--ledger", help="The ledger: a file, or postgresql://.")]
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

watch = typer.Typer(help="Feeds, sitemaps and folders whose new articles are checked.", no_args_is_help=True)


@watch.command()
def add(
    sources: Annotated[list[str], typer.Argument(metavar="FEED...", help="Feeds, sitemaps or folders.")],
    ledger: Place = None,
    every: Annotated[str, typer.Option(help="How often to look, e.g. 90s, 15m, 2h, 1d.")] = "15m",
) -> None:
    """Watch sources; one that is watched already gets the new --every."""
    from factcheck.work.watch import add as begin

    with errors():
        seconds = _seconds(every)
        with closing(_opened(ledger)) as opened:
            for source in sources:
                said = "is watched" if begin(opened, source, seconds) else "was watched already"
                typer.echo(f"{source}: {said}, every {every}")


@watch.command("list")
def show(ledger: Place = None) -> None:
    """List what is watched, when each was looked at, and what was wrong."""
    import datetime

    from factcheck.outputs.inert import visible
    from factcheck.work.watch import watched

    with errors(), closing(_opened(ledger)) as opened:
        found = watched(opened)
    for feed in found:
        when = (
            datetime.datetime.fromtimestamp(feed.looked, datetime.UTC).isoformat(timespec="minutes")
            if feed.looked
            else "never"
        )
        typer.echo(
            visible(
                f"{feed.address}  every {feed.every:g} s, looked at {when}{': ' + feed.problem if feed.problem else ''}"
            )
        )
    if not found:
        typer.echo("nothing is watched")


@watch.command()
def remove(
    sources: Annotated[list[str], typer.Argument(metavar="FEED...", help="As `list` shows them.")], ledger: Place = None
) -> None:
    """Watch sources no longer; what was checked stays in the ledger."""
    from factcheck.errors import UsageError
    from factcheck.work.watch import remove as end

    with errors(), closing(_opened(ledger)) as opened:
        unknown = [source for source in sources if not end(opened, source)]
        if unknown:
            raise UsageError(f"{', '.join(unknown)}: not watched; see factcheck watch list")


@watch.command()
@with_settings()
def run(
    flags: dict[str, Any],
    ledger: Place = None,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due, e.g. for cron.")] = False,
    allow_private: AllowPrivate = False,
) -> None:
    """Look at what is due and check what is new, with this one process, until Ctrl-C."""
    from factcheck.outputs.inert import visible
    from factcheck.settings import load_settings
    from factcheck.work.alone import watch as look
    from factcheck.work.polite import guest_of

    with errors():
        settings = load_settings(**flags)
        try:
            good = look(
                _place(ledger or settings.ledger),
                settings,
                lambda opened: guest_of(opened, settings, allow_private=allow_private),
                once=once,
                tell=lambda line: typer.echo(visible(line), err=True),
            )
        except KeyboardInterrupt:
            good = True
    raise typer.Exit(0 if good else 4)


def _seconds(given: str) -> float:
    from factcheck.errors import UsageError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", given.strip())
    if not found or float(found[1]) * UNITS[found[2]] < 1:
        raise UsageError(f"--every {given}: write a number and a unit, e.g. 90s, 15m, 2h or 1d")
    return float(found[1]) * UNITS[found[2]]


def _place(ledger: str | None) -> str:
    from factcheck.errors import UsageError

    if not ledger:
        raise UsageError(
            "what is watched is kept in a ledger: name one with --ledger FILE, or set it in factcheck.toml"
        )
    return ledger


def _opened(ledger: str | None) -> Any:
    from factcheck.ledger.connection import open_ledger
    from factcheck.settings import load_settings

    return open_ledger(_place(ledger or load_settings().ledger))
