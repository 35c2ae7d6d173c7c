"""The command line: options in, one call, output and exit code out. No rules live here.

Imports wait until a command runs, so that `factcheck --help` is quick.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from factcheck.__about__ import TOOL
from factcheck.commands import findings, quality, reading, reports, setup, statements, tools, watch, work
from factcheck.commands import keys as keyring
from factcheck.commands import ledger as desk
from factcheck.commands.console import errors, progress, tell_problems, writable, write
from factcheck.commands.desk import desk as browser
from factcheck.commands.help import arrange
from factcheck.commands.options import (
    AllowPrivate,
    Claims,
    DryRun,
    Evidence,
    FailOn,
    Format,
    FormatOption,
    Ledger,
    Level,
    MaxClaims,
    Out,
    Prompts,
    Quiet,
    Record,
    Replay,
    Snapshot,
    Sources,
    with_settings,
)

if TYPE_CHECKING:
    from factcheck.settings import Settings

app = typer.Typer(
    name="factcheck",
    help="Who said what, about whom, as what kind of statement, and which statements do not fit together.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and stop.", is_eager=True)] = False,
) -> None:
    """Show the version when asked."""
    if show:
        typer.echo(TOOL)
        raise typer.Exit


@app.command()
@with_settings()
def check(
    sources: Sources,
    flags: dict[str, Any],
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    record: Record = None,
    replay: Replay = None,
    ledger: Ledger = None,
    fail_on: FailOn = "never",
    quiet: Quiet = False,
    dry_run: DryRun = False,
    snapshot: Snapshot = None,
    allow_private: AllowPrivate = False,
    evidence: Evidence = None,
    max_claims: MaxClaims = None,
    claims: Claims = False,
) -> None:
    """Extract the claims of documents, compare them, and report what does not fit together."""
    fetching = Fetch(snapshot, allow_private)
    _run(
        sources,
        flags,
        format,
        out,
        record,
        replay,
        fetching,
        ledger=ledger,
        fail_on=fail_on,
        quiet=quiet,
        dry_run=dry_run,
        looking=Look(evidence or None, max_claims),
        claims=claims,
    )


@app.command()
@with_settings()
def extract(
    sources: Sources,
    flags: dict[str, Any],
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    record: Record = None,
    replay: Replay = None,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    snapshot: Snapshot = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Extract the claims of documents, without comparing them."""
    fetching = Fetch(snapshot, allow_private)
    _run(sources, flags, format, out, record, replay, fetching, compare=False, quiet=quiet, dry_run=dry_run)


@app.command("prompts")
def show_prompts(
    name: Annotated[str | None, typer.Argument(help="A prompt to show.")] = None,
    source: Annotated[str | None, typer.Argument(help="A document to fill it with, exactly as it is sent.")] = None,
    prompts: Prompts = None,
) -> None:
    """List the prompts, or show one."""
    from factcheck.commands.inspection import describe_prompts, show_prompt

    with errors():
        typer.echo(show_prompt(name, source, prompts) if name else describe_prompts(prompts))


@app.command()
@with_settings("model", "base_url", "prompts")
def doctor(
    flags: dict[str, Any],
    prices: Annotated[bool, typer.Option("--prices", help="Show the list of prices, and ask nothing.")] = False,
    context: Annotated[int, typer.Option(min=0, help="Send so many words, to see whether all are read.")] = 0,
) -> None:
    """Say what is configured, what the endpoint takes, and how tokens and costs are counted."""
    from factcheck.commands.doctor import diagnose
    from factcheck.llm.prices import as_table

    if prices:
        typer.echo(as_table())
        return
    with errors():
        checks = diagnose(_settings(flags), context=context)
    for item in checks:
        typer.echo(f"{'ok ' if item.ok else '!! '} {item.name:<12} {item.message}")
    raise typer.Exit(0 if all(item.ok or item.optional for item in checks) else 4)


@app.command()
def tokenizer(
    encoding: Annotated[str, typer.Argument(help="o200k_base (newer models) or cl100k_base.")] = "o200k_base",
    file: Annotated[Path | None, typer.Option("--from", help="Take the data from this file.")] = None,
) -> None:
    """Install tiktoken's data, so that tokens are counted exactly and offline."""
    from factcheck.llm.tokens import install

    with errors():
        typer.echo(f"{encoding}: installed as {install(encoding, file)}")


@app.command()
def recordings(
    folder: Annotated[Path, typer.Argument(help="A folder of recordings.")],
    prompts: Prompts = None,
) -> None:
    """Count recordings by prompt and model, and name those that the prompts of today no longer ask for."""
    from factcheck.commands.inspection import describe_recordings

    with errors():
        described = describe_recordings(folder, prompts)
        typer.echo(described.text)
    raise typer.Exit(4 if described.stale else 0)


app.command("read")(reading.read)
app.command("evidence")(statements.evidence)
app.command()(desk.timeline)
app.command()(desk.search)
app.command()(desk.show)
app.command()(findings.findings)
app.command()(findings.review)
app.command("mcp")(tools.mcp)
app.add_typer(desk.speakers, name="speakers")
app.add_typer(desk.ledger, name="ledger")
app.add_typer(browser, name="desk")
app.add_typer(keyring.keys, name="keys")
app.command()(work.enqueue)
app.command()(work.worker)
app.add_typer(work.jobs, name="jobs")
app.add_typer(watch.watch, name="watch")
app.command("eval")(errors()(quality.evaluate))
app.command("regress")(errors()(quality.regress))
app.command("report")(errors()(reports.report))
app.command("open")(errors()(reports.show_page))
app.command("diff")(errors()(reports.diff))
app.command()(setup.init)
arrange(app)


class Fetch(NamedTuple):
    """What may be fetched, and where it is kept."""

    snapshot: Path | None
    allow_private: bool


class Look(NamedTuple):
    """Where evidence is looked for (None: where the settings say), and for how many claims at most."""

    places: list[str] | None = None
    max_claims: int | None = None


def _run(
    sources: list[str],
    flags: dict[str, Any],
    format: Format,  # noqa: A002
    out: Path | None,
    record: Path | None,
    replay: Path | None,
    fetching: Fetch,
    *,
    compare: bool = True,
    ledger: str | None = None,
    fail_on: Level = "never",
    quiet: bool = False,
    dry_run: bool = False,
    looking: Look | None = None,
    claims: bool = True,
) -> None:
    from factcheck.api import check as run_check
    from factcheck.ending import exit_code

    looking = looking or Look()
    with errors():
        settings = _settings(flags)
        if dry_run:
            known = bool(ledger or settings.ledger)
            _estimate(sources, settings, looking, compare=compare, ledger=known, allow_private=fetching.allow_private)
            return
        writable(out, format)
        place = (ledger or settings.ledger) if compare else None
        with tools.telling(settings, place):
            with progress(quiet) as observe:
                report = run_check(
                    sources,
                    settings=settings,
                    record=record,
                    replay=replay,
                    compare=compare,
                    ledger=ledger,
                    snapshot=fetching.snapshot,
                    allow_private=fetching.allow_private,
                    observe=observe,
                    errors="report",
                    evidence=looking.places,
                    max_claims=looking.max_claims,
                )
            write(report, format, out, claims=claims, fail_on=fail_on)
    tell_problems(report, format, out)
    if place and not quiet:
        desk.tell_head(place)
    raise typer.Exit(exit_code(report, fail_on))


def _estimate(sources: list[str], settings: Settings, looking: Look, *, compare: bool, **options: bool) -> None:
    from factcheck.commands.inspection import estimate_run

    places = list(looking.places or settings.evidence) if compare else []
    limit = looking.max_claims or settings.max_claims
    text, is_whole = estimate_run(sources, settings, compare=compare, evidence=places, limit=limit, **options)
    typer.echo(text)
    if not is_whole:
        raise typer.Exit(4)


def _settings(flags: dict[str, Any]) -> Settings:
    from factcheck.settings import load_settings

    return load_settings(**flags)


EXTRAS = {"procrastinate": "workers", "protego": "watch"}
"""The extras of commands that cannot begin without a package."""


def main() -> None:
    """Entry point; output that stops being read (`| head`), or that cannot show a character, is no crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except ModuleNotFoundError as error:
        if (extra := EXTRAS.get(error.name or "")) is None:
            raise
        typer.echo(f"factcheck: this needs an extra: python3 -m pip install 'factcheck-desk[{extra}]'", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
