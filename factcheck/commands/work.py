"""The commands of work on many machines: enqueue, worker, jobs."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import AllowPrivate, Language, Sources, with_settings

if TYPE_CHECKING:
    from factcheck.work.metrics import Metrics

PATIENCE, LOOK = 60.0, 2.0
"""Seconds that a worker waits for a database that does not answer, and between two tries."""

SWITCH = 0.0005
"""Seconds for which a thread that writes waits for one that computes: a tenth of what Python takes by itself, since
all workers wait for whoever writes."""

Place = Annotated[str | None, typer.Option("--ledger", help="The PostgreSQL ledger that all workers share.")]
Status = Literal["todo", "doing", "succeeded", "failed", "cancelled"]

jobs = typer.Typer(help="What waits, runs and failed: list, retry, cancel, budget.", no_args_is_help=True)


def enqueue(
    sources: Sources,
    ledger: Place = None,
    priority: Annotated[
        int | None, typer.Option(help="Higher comes first.", show_default="10 if published within two days, else 0")
    ] = None,
    language: Language = None,
    later: Annotated[bool, typer.Option("--later", help="Addresses are read by the workers, not now.")] = False,
    allow_private: AllowPrivate = False,
) -> None:
    """Put documents into the queue that workers take them from; a document is put in once."""
    import asyncio

    from factcheck.inputs.documents import Fetching, read
    from factcheck.inputs.loading import is_address
    from factcheck.outputs.inert import visible
    from factcheck.work.items import item_of
    from factcheck.work.queue import enqueue as put_in

    with errors(), closing(_opened(ledger)) as opened:
        addresses = [source for source in sources if later and is_address(source)]
        rest = [source for source in sources if source not in addresses]
        reading = read(rest, stdin=_stdin(), fetching=Fetching(allow_private, language=language)) if rest else None
        items = [item_of(one) for one in (*addresses, *(reading.documents if reading else ()))]
        known = opened.held([item.id for item in items])
        new = [item for item in items if item.id not in known or not known[item.id].compared]
        number = asyncio.run(put_in(opened, new, priority=priority))
    for problem in reading.problems if reading else ():
        typer.echo(visible(f"factcheck: {problem.message}"), err=True)
    typer.echo(f"{number} put in, {len(items) - number} known already")
    undone = any(p.leaves_undone for p in (reading.problems if reading else ()))
    raise typer.Exit(2 if not items else 4 if undone else 0)


@with_settings("model", "base_url", "prompts", "cache", "no_cache", "concurrency", "deadline", "language")
def worker(
    flags: dict[str, Any],
    ledger: Place = None,
    drain: Annotated[bool, typer.Option("--drain", help="End when nothing waits.")] = False,
    grace: Annotated[float, typer.Option(help="Seconds for what is under way when it is told to stop.")] = 300.0,
    metrics: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Serve figures for Prometheus.")] = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Take documents from the queue, read, compare and keep them, until told to stop (Ctrl-C, SIGTERM)."""
    import asyncio
    import gc
    import sys

    from factcheck.settings import load_settings
    from factcheck.work.metrics import Metrics as Figures
    from factcheck.work.queue import counted
    from factcheck.work.worker import Pace, Worker

    def say(line: str) -> None:
        typer.echo(line, err=True)

    with errors():
        settings = load_settings(**flags)
        figures = Figures(say)
        with closing(_awaited(ledger or settings.ledger, figures)) as opened:
            if metrics:
                figures.serve(metrics, lambda: counted(opened))

            async def work() -> Worker:
                made = Worker(opened, settings, figures, allow_private=allow_private)
                sys.setswitchinterval(SWITCH)
                gc.freeze()  # what is loaded stays, and need not be looked through again and again
                figures.log("started", model=made.endpoint.model, concurrency=made.endpoint.concurrency)
                await made.run(drain=drain, pace=Pace(grace=grace))
                return made

            done = asyncio.run(work())
            left = counted(opened).get("todo", 0) if drain else 0
            figures.log("stopped", documents=figures.documents, undone=figures.undone, error=done.fatal)
    if done.fatal:
        typer.echo(f"factcheck: {done.fatal}", err=True)
    if left:
        typer.echo(f"factcheck: {left:,} wait for another try; see factcheck jobs list --status todo", err=True)
    raise typer.Exit(4 if done.fatal or left else 0)


@jobs.command("list")
def list_jobs(
    ledger: Place = None,
    status: Annotated[Status | None, typer.Option(help="Only these.")] = None,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 50,
    format: Annotated[Literal["text", "json"], typer.Option("--format", "-f")] = "text",  # noqa: A002
) -> None:
    """Count jobs by status, and list them with what failed, and why, first."""
    import json

    from factcheck.outputs.inert import visible
    from factcheck.work.queue import counted
    from factcheck.work.queue import jobs as listed

    with errors(), closing(_opened(ledger)) as opened:
        numbers, found = counted(opened), listed(opened, status=status, most=most)
    if format == "json":
        typer.echo(json.dumps({"counts": numbers, "jobs": [job._asdict() for job in found]}, ensure_ascii=False))
        return
    typer.echo(", ".join(f"{number:,} {name}" for name, number in sorted(numbers.items())) or "no jobs")
    for job in found:
        why = f": {job.error}" if job.error and job.status in {"failed", "todo"} else ""
        typer.echo(visible(f"{job.id:>8}  {job.status:<10} {job.priority:>4}  {job.name}{why}"))


@jobs.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of jobs; all that failed without one.")] = None,
    ledger: Place = None,
) -> None:
    """Try jobs again that failed for good."""
    import asyncio

    from factcheck.work.queue import retry as again

    with errors(), closing(_opened(ledger)) as opened:
        typer.echo(f"{asyncio.run(again(opened, ids or []))} put back")


@jobs.command()
def cancel(
    ids: Annotated[list[int], typer.Argument(help="Numbers of jobs that have not begun.")], ledger: Place = None
) -> None:
    """Take jobs out of the queue; enqueue puts them in again."""
    import asyncio

    from factcheck.work.queue import cancel as out

    with errors(), closing(_opened(ledger)) as opened:
        number = asyncio.run(out(opened, ids))
    typer.echo(f"{number} cancelled, {len(ids) - number} have begun already or are unknown")


@jobs.command()
def budget(
    ledger: Place = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Calls of all workers; 0 for no limit.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=0, help="Tokens in and out; 0 for no limit.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="US dollars; 0 for no limit.")] = None,
    per_minute: Annotated[float | None, typer.Option(min=0, help="Calls a minute; 0 for no limit.")] = None,
) -> None:
    """Show or set what all workers together may spend, and how fast they may ask."""
    from factcheck.work.limits import Limits, SharedLimits

    with errors(), closing(_opened(ledger)) as opened:
        shared = SharedLimits(opened)
        shared.set(Limits(max_calls, max_tokens, max_cost, per_minute))
        spent, limits = shared.state()
    for name, used, most in zip(spent._fields, spent, limits[:3], strict=True):
        unit = "USD" if name == "cost" else name
        shown = f"{used:,.4f}" if name == "cost" else f"{used:,}"
        typer.echo(f"{shown} {unit} of {'any number' if most is None else format(most, ',')}")
    typer.echo(f"calls a minute: {'any number' if limits.per_minute is None else format(limits.per_minute, 'g')}")


def _opened(ledger: str | None) -> Any:
    from factcheck.settings import load_settings
    from factcheck.work.queue import open_queue

    return open_queue(ledger or load_settings().ledger or "")


def _awaited(ledger: str | None, figures: Metrics) -> Any:
    """The queue, as soon as its database answers; a worker may be started before it, or while it restarts."""
    import time

    from factcheck.errors import LedgerError

    end = time.monotonic() + PATIENCE
    while True:
        try:
            return _opened(ledger)
        except LedgerError as error:
            if time.monotonic() > end:
                raise
            figures.log("database", error=str(error))
            time.sleep(LOOK)


def _stdin() -> Any:
    import sys

    return getattr(sys.stdin, "buffer", None)
