"""The commands that measure: `factcheck eval` and `factcheck regress`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck.commands.options import Record, Replay, with_settings

if TYPE_CHECKING:
    from factcheck.quality.trials import Outcome, Tape, Trial
    from factcheck.settings import Settings

ASKED = ("model", "base_url", "prompts", "concurrency", "deadline")
"""The settings of commands that ask a model without a cache."""

PARTS = ("cases", "evidence", "suite")
"""Where cases stand in a folder of them."""


@with_settings(*ASKED)
def evaluate(
    flags: dict[str, Any],
    keys: Annotated[Path, typer.Argument(help="A folder of answer keys (*.json) and suites (*.jsonl), or one file.")],
    against: Annotated[Literal["one-prompt"] | None, typer.Option(help="Also ask for all in one prompt.")] = None,
    format: Annotated[Literal["terminal", "json", "markdown", "junit"], typer.Option("--format", "-f")] = "terminal",  # noqa: A002
    record: Record = None,
    replay: Replay = None,
    ledger: Annotated[str | None, typer.Option(help="Also add all documents to this ledger, one by one.")] = None,
    among: Annotated[
        Path | None, typer.Option(help="Hide the archives of evidence dossiers among the documents of this folder.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the reports in this folder.")] = None,
) -> None:
    """Score the pipeline against answer keys: what was found, what was right, what it cost."""
    from factcheck.quality import scorecard
    from factcheck.quality.trials import Tape, load_cases, run_trials
    from factcheck.settings import load_settings

    settings = load_settings(**flags, use_cache=False)
    tape = Tape(record, replay)
    outcomes = run_trials(load_cases(keys), settings, tape, against=against is not None, ledger=ledger, among=among)
    if save is not None:
        _save(outcomes, save)
    views = {
        "terminal": scorecard.terminal,
        "json": scorecard.as_json,
        "markdown": scorecard.markdown,
        "junit": scorecard.junit,
    }
    typer.echo(views[format](outcomes))
    raise typer.Exit(4 if any(outcome.incomplete for outcome in outcomes) else 0)


@with_settings(*ASKED)
def regress(
    flags: dict[str, Any],
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER] | init ARTICLES...",
            help="The folder that holds cases/, recordings/ and accepted/; fixtures/ where none is named. "
            "With init: make a case of these articles, ask the model once, and accept what it gives.",
        ),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Accept what the cases give today.")] = False,
    into: Annotated[Path, typer.Option(help="With init: the folder of the case.")] = Path("fixtures"),
    name: Annotated[str | None, typer.Option(help="With init: the case's name; the first article's if none.")] = None,
    format: Annotated[Literal["terminal", "junit", "github"], typer.Option("--format", "-f")] = "terminal",  # noqa: A002
    record: Record = None,
    replay: Replay = None,
) -> None:
    """Replay the recorded cases and compare with what was accepted; exit 3 on a regression.

    `regress init ARTICLES...` makes a case of your own articles; `regress` then runs it without a key or network.
    """
    from factcheck.errors import UsageError
    from factcheck.quality import regress as results
    from factcheck.quality.trials import Tape
    from factcheck.settings import load_settings

    settings = load_settings(**flags, use_cache=False)
    given = places or [Path("fixtures")]
    if given[0] == Path("init"):
        _make_case(given[1:], into, name, settings, replay)
        return
    if len(given) > 1:
        raise UsageError(f"{given[1]}: one folder of cases at a time; `regress init` takes articles")
    folder = given[0]
    trials = _trials(folder, settings, Tape(record, replay if replay or record else folder / "recordings"))
    if update:
        results.accept(folder / "accepted", trials)
    changes = results.compare(folder / "accepted", trials)
    views = {
        "terminal": lambda: results.terminal(changes, len(trials)),
        "junit": lambda: results.junit(changes, [trial.case.name for trial in trials]),
        "github": lambda: results.github(changes),
    }
    typer.echo(views[format]())
    raise typer.Exit(3 if any(change.worse for change in changes) else 0)


def _trials(folder: Path, settings: Settings, tape: Tape) -> list[Trial]:
    from factcheck.errors import UsageError
    from factcheck.quality.trials import load_cases, run_trials

    cases = [case for part in PARTS if (folder / part).is_dir() for case in load_cases(folder / part)]
    if not cases:
        raise UsageError(f"{folder}: holds no cases; make one with: factcheck regress init ARTICLES --into {folder}")
    return run_trials(cases, settings, tape)[0].trials


def _make_case(articles: list[Path], into: Path, name: str | None, settings: Settings, replay: Path | None) -> None:
    from factcheck.errors import UsageError
    from factcheck.quality.newcases import make_case

    if not articles:
        raise UsageError("regress init: name the articles, files or folders, e.g. factcheck regress init articles/")
    made = make_case(articles, into, name, settings, replay)
    for line in made.undone:
        typer.echo(f"factcheck: {line}", err=True)
    if made.undone:
        typer.echo("factcheck: nothing was accepted; the same command goes on where this one stopped", err=True)
        raise typer.Exit(4)
    typer.echo(f"{made.line}\nFrom now on this compares with it, without a key or network: factcheck regress {into}")


def _save(outcomes: list[Outcome], folder: Path) -> None:
    """The reports of all dossiers, for a closer look."""
    from factcheck.models import Report

    folder.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        for trial in outcome.trials:
            if isinstance(trial.result, Report):
                path = folder / f"{trial.case.name}.{outcome.name}.json"
                path.write_text(trial.result.model_dump_json(indent=1), encoding="utf-8")
