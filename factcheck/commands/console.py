"""What commands share at a terminal: errors as one line, progress, and where output goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from factcheck.commands.options import Format, Level
from factcheck.plural import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from factcheck.models import Report
    from factcheck.watching import Observer


def writable(out: Path | None, format: Format) -> None:  # noqa: A002
    """Refuse before anything is spent: a place that cannot be written, and an ending that stands for no format."""
    from factcheck.errors import UsageError
    from factcheck.outputs.render import ENDINGS

    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise UsageError(f"{out}: cannot be written (is a folder, or its folder does not exist)")
    if out is not None and format == "auto" and out.suffix.lower() not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise UsageError(f"{out}: no format has this ending; end it in {known}, or choose with --format")


def write(
    report: Report,
    format: Format,  # noqa: A002
    out: Path | None,
    *,
    claims: bool = True,
    fail_on: Level = "strong",
) -> None:
    """The report to a file, in the format of its ending unless one was named, or to standard output."""
    from factcheck.outputs.render import format_for, render

    if out is None and format in {"auto", "terminal"}:
        from factcheck.outputs.terminal import draw

        draw(report, sys.stdout, claims=claims)
        return
    chosen = format_for(out) if out is not None and format == "auto" else format
    text = render(report, "text" if chosen in {"auto", "terminal"} else chosen, fail_on=fail_on)
    if out is None:
        sys.stdout.write(text)
        return
    encoding = "utf-8-sig" if chosen.endswith("-csv") else "utf-8"  # without the mark Excel takes it for Latin
    out.write_text(text, encoding=encoding, newline="")


def tell_problems(report: Report, format: Format, out: Path | None) -> None:  # noqa: A002
    """What could not be done, on standard error, where standard output does not show it."""
    from factcheck.outputs.inert import visible

    if not report.documents or out is not None or format not in {"auto", "terminal", "text"}:
        for problem in report.problems:
            typer.echo(visible(f"factcheck: {problem.message}"), err=True)


def show_parts(parts: Sequence[RenderableType], *, color: bool | None) -> None:
    """Draw on standard output."""
    from factcheck.outputs.terminal import draw_parts

    draw_parts(parts, sys.stdout, color=color)


@contextmanager
def progress(quiet: bool) -> Iterator[Observer]:
    """A bar on standard error where that is a terminal."""
    if quiet:
        yield lambda progress: None
        return
    said = _Said()
    if not sys.stderr.isatty():
        yield lambda progress: said.show(progress.said)
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
            said.show(progress.said)
            words = f"{counted(usage.calls, 'call')}, {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
            bar.update(task, total=progress.documents, completed=progress.done, description=words)

        yield observe


class _Said:
    """Lines about batches, each once, on standard error."""

    def __init__(self) -> None:
        self.last = ""

    def show(self, line: str) -> None:
        from factcheck.outputs.inert import visible

        if line != self.last:
            self.last = line
            typer.echo(visible(f"factcheck: {line}"), err=True)


@contextmanager
def errors() -> Iterator[None]:
    """Errors that a user can act on, as one line and an exit code."""
    from factcheck.errors import LedgerError, ModelError, UsageError
    from factcheck.outputs.inert import visible

    try:
        yield
    except UsageError as error:
        typer.echo(visible(f"factcheck: {error}"), err=True)
        raise typer.Exit(2) from None
    except (LedgerError, ModelError) as error:
        typer.echo(visible(f"factcheck: {error}"), err=True)
        raise typer.Exit(4) from None
    except OSError as error:
        typer.echo(visible(f"factcheck: {error.filename or ''}: {error.strerror or error}"), err=True)
        raise typer.Exit(4) from None
