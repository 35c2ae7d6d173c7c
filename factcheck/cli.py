"""The command line: options in, one call, output and exit code out. No rules live here.

Imports wait until a command runs, so that `factcheck --help` is quick.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck import quality_commands
from factcheck.__about__ import TOOL

if TYPE_CHECKING:
    from factcheck.models import Report
    from factcheck.runs import Observer
    from factcheck.settings import Settings

app = typer.Typer(
    name="factcheck",
    help="Who said what, about whom, as what kind of statement, and which statements do not fit together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Sources = Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, or - for standard input.")]
Format = Literal["auto", "terminal", "text", "json"]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="auto draws on a terminal and writes plain text in a pipe.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write the report to this file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; problems are still in the report.")]
Model = Annotated[str | None, typer.Option(help="Model to ask.", show_default="gpt-5-mini")]
BaseUrl = Annotated[str | None, typer.Option(help="Any endpoint that speaks OpenAI's chat completions.")]
Record = Annotated[Path | None, typer.Option(help="Ask anew and keep every answer in this folder.")]
Replay = Annotated[Path | None, typer.Option(help="Play answers from this folder; never use the network.")]
Prompts = Annotated[Path | None, typer.Option(help="Folder with prompts of your own, in place of the shipped ones.")]
Cache = Annotated[Path | None, typer.Option(help="Keep answers between runs here.", show_default="user cache folder")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Do not keep or use answers of earlier runs.")]
Concurrency = Annotated[int | None, typer.Option(help="Calls under way at once.", show_default="8")]
Deadline = Annotated[float | None, typer.Option(help="Seconds for one call, retries included.", show_default="300")]
MaxTokens = Annotated[int | None, typer.Option(help="Stop before spending more tokens than this.")]
MaxCost = Annotated[float | None, typer.Option(help="Stop before spending more US dollars than this (needs prices).")]
FailOn = Annotated[
    Literal["never", "lead", "strong", "full"],
    typer.Option(help="Exit with 3 if there is a finding at or above this."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only estimate calls, tokens and cost.")]


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and stop.", is_eager=True)] = False,
) -> None:
    """Show the version when asked."""
    if show:
        typer.echo(TOOL)
        raise typer.Exit


@app.command()
def check(
    sources: Sources,
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    model: Model = None,
    base_url: BaseUrl = None,
    record: Record = None,
    replay: Replay = None,
    fail_on: FailOn = "never",
    quiet: Quiet = False,
    prompts: Prompts = None,
    cache: Cache = None,
    no_cache: NoCache = False,
    concurrency: Concurrency = None,
    deadline: Deadline = None,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    dry_run: DryRun = False,
) -> None:
    """Extract the claims of documents, compare them, and report what does not fit together."""
    flags = _flags(model, base_url, prompts, cache, no_cache, concurrency, deadline, max_tokens, max_cost)
    _run(sources, flags, format, out, record, replay, fail_on=fail_on, quiet=quiet, dry_run=dry_run)


@app.command()
def extract(
    sources: Sources,
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    model: Model = None,
    base_url: BaseUrl = None,
    record: Record = None,
    replay: Replay = None,
    quiet: Quiet = False,
    prompts: Prompts = None,
    cache: Cache = None,
    no_cache: NoCache = False,
    concurrency: Concurrency = None,
    deadline: Deadline = None,
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    dry_run: DryRun = False,
) -> None:
    """Extract the claims of documents, without comparing them."""
    flags = _flags(model, base_url, prompts, cache, no_cache, concurrency, deadline, max_tokens, max_cost)
    _run(sources, flags, format, out, record, replay, compare=False, quiet=quiet, dry_run=dry_run)


@app.command("prompts")
def show_prompts(
    name: Annotated[str | None, typer.Argument(help="A prompt to show.")] = None,
    source: Annotated[str | None, typer.Argument(help="A document to fill it with, exactly as it is sent.")] = None,
    prompts: Prompts = None,
) -> None:
    """List the prompts, or show one."""
    from factcheck.inspection import describe_prompts, show_prompt

    with _errors():
        typer.echo(show_prompt(name, source, prompts) if name else describe_prompts(prompts))


@app.command()
def doctor(model: Model = None, base_url: BaseUrl = None, prompts: Prompts = None) -> None:
    """Say what is configured, whether the endpoint answers and honours schemas, and how tokens are counted."""
    from factcheck.inspection import diagnose

    with _errors():
        checks = diagnose(_settings({"model": model, "base_url": base_url, "prompts": prompts}))
    for item in checks:
        typer.echo(f"{'ok ' if item.ok else '!! '} {item.name:<12} {item.message}")
    raise typer.Exit(0 if all(item.ok or item.optional for item in checks) else 4)


@app.command()
def tokenizer(
    encoding: Annotated[str, typer.Argument(help="o200k_base (newer models) or cl100k_base.")] = "o200k_base",
    file: Annotated[Path | None, typer.Option("--from", help="Take the data from this file.")] = None,
) -> None:
    """Install tiktoken's data, so that tokens are counted exactly and offline."""
    from factcheck.tokens import install

    with _errors():
        typer.echo(f"{encoding}: installed as {install(encoding, file)}")


@app.command()
def recordings(
    folder: Annotated[Path, typer.Argument(help="A folder of recordings.")],
    prompts: Prompts = None,
) -> None:
    """Count recordings by prompt and model, and name those that the prompts of today no longer ask for."""
    from factcheck.inspection import describe_recordings

    with _errors():
        described = describe_recordings(folder, prompts)
        typer.echo(described.text)
    raise typer.Exit(4 if described.stale else 0)


@app.command("eval")
@functools.wraps(quality_commands.evaluate)
def evaluate(**options: Any) -> None:
    """Run the command with errors as one line."""
    with _errors():
        quality_commands.evaluate(**options)


@app.command("regress")
@functools.wraps(quality_commands.regress)
def regress(**options: Any) -> None:
    """Run the command with errors as one line."""
    with _errors():
        quality_commands.regress(**options)


def _flags(
    model: str | None,
    base_url: str | None,
    prompts: Path | None,
    cache: Path | None,
    no_cache: bool,
    concurrency: int | None,
    deadline: float | None,
    max_tokens: int | None,
    max_cost: float | None,
) -> dict[str, Any]:
    return {
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "cache": cache,
        "use_cache": False if no_cache else None,
        "concurrency": concurrency,
        "deadline": deadline,
        "max_tokens": max_tokens,
        "max_cost": max_cost,
    }


def _run(
    sources: list[str],
    flags: dict[str, Any],
    format: Format,  # noqa: A002
    out: Path | None,
    record: Path | None,
    replay: Path | None,
    *,
    compare: bool = True,
    fail_on: str = "never",
    quiet: bool = False,
    dry_run: bool = False,
) -> None:
    from factcheck.runs import check as run_check
    from factcheck.runs import exit_code

    with _errors():
        settings = _settings(flags)
        if dry_run:
            from factcheck.inspection import estimate_run

            typer.echo(estimate_run(sources, settings, compare=compare))
            return
        _writable(out)
        with _progress(quiet) as observe:
            report = run_check(
                sources, settings=settings, record=record, replay=replay, compare=compare, observe=observe
            )
        _write(report, format, out)
    if not report.documents or (out is not None or format == "json"):
        for problem in report.problems:
            typer.echo(f"factcheck: {problem.message}", err=True)
    raise typer.Exit(exit_code(report, fail_on))


def _settings(flags: dict[str, Any]) -> Settings:
    from factcheck.settings import load_settings

    return load_settings(**flags)


def _writable(out: Path | None) -> None:
    """Refuse before anything is spent."""
    from factcheck.errors import UsageError

    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise UsageError(f"{out}: cannot be written (is a folder, or its folder does not exist)")


def _write(report: Report, format: Format, out: Path | None) -> None:  # noqa: A002
    """The report to a file or to standard output; a file ending in .json gets JSON unless a format was named."""
    if format == "json" or (format == "auto" and out is not None and out.suffix == ".json"):
        text = report.model_dump_json(indent=1) + "\n"
        if out is not None:
            out.write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
        return
    from factcheck.terminal import draw

    color = False if format == "text" else None
    if out is not None:
        with out.open("w", encoding="utf-8") as file:
            draw(report, file, color=False)
    else:
        draw(report, sys.stdout, color=color)


@contextmanager
def _progress(quiet: bool) -> Iterator[Observer]:
    """A bar on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("documents"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def observe(progress: Any) -> None:
            usage = progress.usage
            words = f"{usage.calls} calls, {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
            bar.update(task, total=progress.documents, completed=progress.done, description=words)

        yield observe


@contextmanager
def _errors() -> Iterator[None]:
    """Errors that a user can act on, as one line and an exit code."""
    from factcheck.errors import ModelError, UsageError

    try:
        yield
    except UsageError as error:
        typer.echo(f"factcheck: {error}", err=True)
        raise typer.Exit(2) from None
    except ModelError as error:
        typer.echo(f"factcheck: {error}", err=True)
        raise typer.Exit(4) from None
    except OSError as error:
        typer.echo(f"factcheck: {error.filename or ''}: {error.strerror or error}", err=True)
        raise typer.Exit(4) from None


def main() -> None:
    """Entry point; output that stops being read (`| head`) is no crash."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
