"""`factcheck evidence`: what bears on one typed statement."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from factcheck.commands.console import errors, tell_problems, writable, write
from factcheck.commands.options import (
    AllowPrivate,
    Evidence,
    FormatOption,
    Out,
    Quiet,
    Record,
    Replay,
    Snapshot,
    with_settings,
)


@with_settings()
def evidence(
    statement: Annotated[str, typer.Argument(help="The statement, in quotation marks.")],
    flags: dict[str, Any],
    speaker: Annotated[str | None, typer.Option(help="Who made it.")] = None,
    date: Annotated[str | None, typer.Option(help="When it was made, e.g. 2024-06-14 or 2024-06.")] = None,
    evidence: Evidence = None,
    format: FormatOption = "auto",  # noqa: A002
    out: Out = None,
    record: Record = None,
    replay: Replay = None,
    quiet: Quiet = False,
    snapshot: Snapshot = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Look for what bears on one statement, and show it word for word; a person decides."""
    from factcheck.api import evidence as look_for
    from factcheck.api import exit_code
    from factcheck.settings import load_settings

    with errors():
        writable(out, format)
        report = look_for(
            statement,
            speaker=speaker,
            date=date,
            evidence=evidence or None,
            settings=load_settings(**flags),
            record=record,
            replay=replay,
            snapshot=snapshot,
            allow_private=allow_private,
        )
        write(report, format, out)
    if not quiet:
        tell_problems(report, format, out)
    raise typer.Exit(exit_code(report))
