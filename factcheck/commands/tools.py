"""The command that serves tools to a language model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import AllowPrivate, Replay, with_settings

if TYPE_CHECKING:
    from factcheck.ledger.connection import Ledger
    from factcheck.settings import Settings

Place = Annotated[
    str | None, typer.Option("--ledger", "-l", help="What is looked up and compared with: a file, or postgresql://.")
]
Write = Annotated[
    bool, typer.Option("--write", help="Keep what is checked in the ledger, and let the tools decide and comment.")
]
By = Annotated[str | None, typer.Option(help="With --write: the person in whose name decisions are kept.")]


@with_settings()
def mcp(
    flags: dict[str, Any],
    ledger: Place = None,
    write: Write = False,
    by: By = None,
    replay: Replay = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Serve tools and resources to a language model over standard input and output (Model Context Protocol)."""
    from factcheck.settings import load_settings

    with errors():
        settings = load_settings(**flags)
        place = ledger or settings.ledger
        writer = _writer(place, write, by)
        serve = _server(settings, place, writer, replay, allow_private)
        serve()


def _writer(place: str | None, write: bool, by: str | None) -> str | None:
    from factcheck.errors import UsageError

    if not write:
        return None
    if not place:
        raise UsageError("--write: needs a ledger to write into; add --ledger PLACE")
    if not (by or "").strip():
        raise UsageError("--write: needs --by NAME, the person in whose name decisions are kept")
    return (by or "").strip()


def _server(settings: Any, place: str | None, writer: str | None, replay: Path | None, allow_private: bool) -> Any:
    """What runs until standard input ends."""
    from factcheck.errors import UsageError
    from factcheck.ledger.connection import open_ledger

    try:
        from factcheck.tools.mcp import tool_server
    except ImportError:
        raise UsageError("mcp: needs an extra: python3 -m pip install 'factcheck-desk[mcp]'") from None
    from factcheck.tools.checking import Checker

    opened: Ledger | None = open_ledger(place, create=bool(writer)) if place else None
    checker = Checker(settings, place, keep=bool(writer), replay=replay, allow_private=allow_private)

    def serve() -> None:
        try:
            tool_server(checker, opened, (lambda context, right: writer) if writer else None).run("stdio")
        finally:
            if opened:
                opened.close()

    return serve


@contextmanager
def telling(settings: Settings, place: str | None) -> Iterator[None]:
    """Tell the webhook that is set what comes of a run with a ledger, and what waits from before."""
    if not place or not settings.webhook:
        yield
        return
    from factcheck.ledger.connection import open_ledger
    from factcheck.outputs.inert import visible
    from factcheck.tools.webhook import begin, deliver, waits, webhook_of

    hook = webhook_of(settings)
    assert hook is not None  # noqa: S101
    with closing(open_ledger(place)) as opened:
        begin(opened, hook)
    yield
    with closing(open_ledger(place)) as opened:
        sent = deliver(opened, hook)
        left = waits(opened, hook) if sent.problem else 0
    told = f"; {left} wait for the next run, or for `factcheck desk` ({sent.problem})" if left else ""
    if sent.sent or left:
        typer.echo(visible(f"webhook: {sent.sent} sent{told}"), err=True)
