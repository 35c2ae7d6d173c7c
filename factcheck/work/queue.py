"""The queue in PostgreSQL: jobs are put in, looked at, tried again and cancelled; Procrastinate keeps them."""

from __future__ import annotations

import asyncio
import datetime
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import procrastinate
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from factcheck.errors import LedgerError, UsageError
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.work.items import Item, note_jobs, put
from factcheck.work.tables import locked, prepare

TASK, QUEUE = "factcheck.document", "factcheck"
MOST_FAILURES = 6
FIRST_WAIT, LONGEST_WAIT = 15.0, 3600.0
BUDGET_WAIT = 300.0
"""Seconds until what did not fit the budget is tried again."""

MANY = 500
TODAY, CATALOGUE = 10, 0
"""Priorities: what was published within two days, and everything else."""

FRESH = datetime.timedelta(days=2)

Do = Callable[[str], Awaitable[None]]


class UndoneError(Exception):
    """A document was not done. `wait` is the seconds until it is tried again, None for never."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


class Waiting(NamedTuple):
    """A job as people see it."""

    id: int
    status: str
    priority: int
    attempts: int
    name: str
    code: str | None
    error: str | None


class _Retry(procrastinate.BaseRetryStrategy):
    """As the error says; what was stopped with its worker is begun again by another one."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        wait: float | None = None
        if isinstance(exception, UndoneError):
            wait = exception.wait
        elif isinstance(exception, JobAborted | asyncio.CancelledError):
            wait = 0.0
        elif isinstance(exception, LedgerError | ConnectorException):
            wait = backoff(job.attempts)
        if wait is None:
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": round(wait)})


def backoff(failures: int) -> float:
    """Seconds until the next attempt."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2.0**failures))


def open_queue(place: str) -> Ledger:
    """The ledger of a queue, with all tables. Raises UsageError, LedgerError."""
    if not re.match(r"postgres(ql)?(\+psycopg)?://", place):
        raise UsageError(
            f"{place or 'no ledger'}: workers share a PostgreSQL ledger; name one with --ledger postgresql://"
        )
    for name in ("procrastinate", "psycopg"):  # what they warn of is told as an event, in JSON
        logging.getLogger(name).setLevel(logging.ERROR)
    ledger = open_ledger(place)
    try:
        prepare(ledger)
        with ledger.beside() as connection:
            locked(ledger, connection)
            if connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is None:
                driver: Any = connection.connection.driver_connection
                driver.execute(SchemaManager.get_schema())
    except LedgerError:
        ledger.close()
        raise
    return ledger


def app_of(ledger: Ledger, do: Do | None = None) -> procrastinate.App:
    """The queue of a ledger as Procrastinate knows it; `do` is what its jobs are, by the id of an item."""
    address = ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address, min_size=1, max_size=4))

    async def document(item: str) -> None:
        if do is not None:
            await do(item)

    app.task(name=TASK, queue=QUEUE, retry=_Retry())(document)
    return app


async def enqueue(ledger: Ledger, new: Sequence[Item], *, priority: int | None = None) -> int:
    """Put items in, those that are there already left out; returns how many were put in."""
    named = {item.id: item for item in new}
    waiting = await asyncio.to_thread(put, ledger, list(named.values()))
    app = app_of(ledger)
    async with app.open_async():
        for start in range(0, len(waiting), MANY):
            part = waiting[start : start + MANY]
            ranks = [_priority(named[key]) if priority is None else priority for key in part]
            jobs = [_job(key, rank) for key, rank in zip(part, ranks, strict=True)]
            made = await app.job_manager.batch_defer_jobs_async(jobs=jobs)
            await asyncio.to_thread(
                note_jobs, ledger, {key: job.id for key, job in zip(part, made, strict=True) if job.id is not None}
            )
    return len(waiting)


def _job(item: str, priority: int) -> Job:
    return Job(
        queue=QUEUE,
        lock=item,
        queueing_lock=None,
        task_name=TASK,
        task_kwargs={"item": item},
        priority=priority,
    )


def _priority(item: Item) -> int:
    """Today's articles before the catalogue; what was found by watching is of today."""
    if item.document is None:
        return TODAY
    published = item.document.published or ""
    newest = (datetime.datetime.now(datetime.UTC) - FRESH).date().isoformat()
    return TODAY if published >= newest else CATALOGUE


LISTED = """
SELECT j.id, j.status::text AS status, j.priority, j.attempts, COALESCE(i.name, j.task_name) AS name, i.code, i.error
FROM procrastinate_jobs j LEFT JOIN work_items i ON i.id = j.args->>'item'
WHERE j.queue_name = :queue AND (CAST(:status AS text) IS NULL OR j.status::text = :status)
ORDER BY j.status::text = 'failed' DESC, j.status::text = 'doing' DESC, j.priority DESC, j.id
LIMIT :most
"""


def jobs(ledger: Ledger, *, status: str | None = None, most: int = 50) -> list[Waiting]:
    """Jobs, those that failed first."""
    with ledger.beside() as connection:
        rows = connection.execute(text(LISTED), {"queue": QUEUE, "status": status, "most": most})
        return [Waiting(*row) for row in rows]


def counted(ledger: Ledger) -> dict[str, int]:
    """How many jobs there are, by status: todo, doing, succeeded, failed, cancelled, aborted."""
    query = "SELECT status::text, count(*) FROM procrastinate_jobs WHERE queue_name = :queue GROUP BY 1"
    with ledger.beside() as connection:
        return {row[0]: row[1] for row in connection.execute(text(query), {"queue": QUEUE})}


IDLE = """
SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name = :queue AND (
    status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))))
"""


def is_idle(ledger: Ledger) -> bool:
    """Whether nothing runs, and nothing waits but for a time that is to come."""
    with ledger.singly() as connection:
        return bool(connection.execute(text(IDLE), {"queue": QUEUE}).scalar())


async def retry(ledger: Ledger, ids: Sequence[int]) -> int:
    """Put jobs that failed back, all of them where none are named; returns how many."""
    query = "SELECT id FROM procrastinate_jobs WHERE queue_name = :queue AND status::text = 'failed'"
    with ledger.beside() as connection:
        found = [row[0] for row in connection.execute(text(query), {"queue": QUEUE})]
        chosen = [job for job in found if not ids or job in ids]
        reset = "UPDATE work_items SET failures = 0 WHERE job = ANY(:ids)"
        connection.execute(text(reset), {"ids": chosen})
    app = app_of(ledger)
    async with app.open_async():
        for job in chosen:
            await app.job_manager.retry_job_by_id_async(job, retry_at=datetime.datetime.now(datetime.UTC))
    return len(chosen)


async def cancel(ledger: Ledger, ids: Sequence[int]) -> int:
    """Take jobs out that have not begun, until they are enqueued again; returns how many."""
    app = app_of(ledger)
    async with app.open_async():
        gone = [job for job in ids if await app.job_manager.cancel_job_by_id_async(job)]
    with ledger.beside() as connection:
        connection.execute(text("UPDATE work_items SET job = NULL WHERE job = ANY(:ids)"), {"ids": gone})
    return len(gone)


async def rescue(app: procrastinate.App, seconds: float) -> int:
    """Put jobs back whose worker has not been heard of for so long; returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for job in stalled:
        await app.job_manager.retry_job(job)
    return len(stalled)
