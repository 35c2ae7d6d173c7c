"""A worker: takes documents from the queue, reads, compares and keeps them, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import httpx2
import procrastinate
from procrastinate.exceptions import ConnectorException

from factcheck.api import transport_for
from factcheck.errors import OF_THE_ENDPOINT, STOPS_RUN, LedgerError
from factcheck.flow.run import Flow, run_of
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.ledger.connection import Ledger
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import preload
from factcheck.llm.prompts import Prompt, load_prompts
from factcheck.llm.recordings import Store
from factcheck.llm.traits import Traits, remembered
from factcheck.models import Document, Problem
from factcheck.pipeline import keep
from factcheck.settings import Settings
from factcheck.tools.webhook import begin, deliver, webhook_of
from factcheck.work.answers import Answered
from factcheck.work.items import Item, failed, finished, item_of, load
from factcheck.work.limits import Paced, SharedBudget, SharedLimits
from factcheck.work.metrics import Metrics
from factcheck.work.polite import guest_of
from factcheck.work.queue import (
    BUDGET_WAIT,
    MOST_FAILURES,
    QUEUE,
    UndoneError,
    app_of,
    backoff,
    enqueue,
    is_idle,
    rescue,
)
from factcheck.work.watch import next_look, note

LATER = frozenset({"connection", "status", "timeout"})
"""Codes of an address that may be read another time."""

PAUSE = 60.0
"""Seconds until another worker tries what stopped this one."""


class Pace(NamedTuple):
    """Seconds: between signs of life, until a worker without one is given up, and for what is under way at a stop."""

    sign: float = 10.0
    given_up: float = 60.0
    grace: float = 300.0
    look: float = 5.0


class Worker:
    """Does documents one after the other, several at once; `log` is told of each."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        metrics: Metrics,
        *,
        network: httpx2.AsyncBaseTransport | None = None,
        allow_private: bool = False,
    ) -> None:
        preload()
        self.ledger = ledger
        self.settings = settings
        self.metrics = metrics
        self.shared = SharedLimits(ledger)
        self.endpoint = replace(settings.endpoint(), max_tokens=None, max_cost=None)
        self.prompts: Mapping[str, Prompt] = load_prompts(settings.prompts)
        self.store = Store(settings.cache_folder()) if settings.use_cache else None
        self.traits: Traits | None = remembered(settings.traits_folder(), self.endpoint.place, self.endpoint.model)
        live = transport_for(settings, self.store, record=None, replay=None, network=network)
        self.transport = Paced(live, self.shared, self.endpoint.concurrency)
        self.fetching = Fetching(allow_private, language=settings.language)
        self.guest = guest_of(ledger, settings, allow_private=allow_private)
        self.lock = asyncio.Lock()
        self.fatal: str | None = None
        self.stopping = asyncio.Event()

    async def do(self, key: str) -> None:
        """Do an item of the queue. Raises UndoneError, LedgerError."""
        item = await asyncio.to_thread(load, self.ledger, key)
        if item is None:
            return
        began = time.monotonic()
        try:
            if item.document is not None:
                await self._checked(item, item.document)
            elif item.address is not None:
                await self._fetched(item.address)
            await asyncio.to_thread(finished, self.ledger, key)
        except UndoneError as error:
            self.metrics.log("undone", item=item.name, error=str(error), again_in=error.wait)
            raise
        except LedgerError as error:
            self.metrics.log("undone", item=item.name, error=str(error))
            raise
        self.metrics.done(item.name, time.monotonic() - began)

    async def _checked(self, item: Item, document: Document) -> None:
        """Extract, compare and keep one document."""
        transport = Answered(self.transport, self.ledger, item, self._lost)
        stores: list[Answered | Store] = [transport, *([self.store] if self.store else [])]
        chat = Chat(self.endpoint, transport, traits=self.traits, unusable=lambda name: _forgotten(name, stores))
        self.traits = chat.line.traits
        budget = SharedBudget(self.endpoint, self.shared)
        chat.line.budget = budget
        run, chosen = run_of(chat, self.prompts, []), self.settings
        flow = Flow(self.ledger, chat, self.prompts, run, self.lock, chosen.window_tokens, chosen.candidate_tokens)
        try:
            problems = await keep([document], flow)
        finally:
            await chat.aclose()
            spent = await budget.settle()
            self.metrics.spent(chat.line.usage, spent.cost)
        if problems and not await asyncio.to_thread(self._is_done, document.id):
            await self._undone(document.id, problems)

    def _is_done(self, key: str) -> bool:
        held = self.ledger.held([key]).get(key)
        return held is not None and held.compared

    def _lost(self, error: LedgerError) -> None:
        self.metrics.log("not_kept", error=str(error))

    async def _fetched(self, address: str) -> None:
        """Read an address, and put what stands there into the queue."""
        reading = await asyncio.to_thread(_reading, address, self.fetching)
        if reading.documents:
            await enqueue(self.ledger, [item_of(document) for document in reading.documents])
            return
        await self._undone(item_of(address).id, reading.problems)

    async def _undone(self, key: str, problems: list[Problem]) -> None:
        """Note why it was not done, and raise for how long it waits."""
        found = [p for p in problems if p.code in OF_THE_ENDPOINT | LATER] or problems
        code, message = (found[0].code, found[0].message) if found else ("waits", "waits for another document")
        stops = code in STOPS_RUN
        wait = await self._wait(key, code, message)
        if stops and code not in {"budget", "interrupted"}:
            self.fatal = message
            self.stopping.set()
        raise UndoneError(message, wait)

    async def _wait(self, key: str, code: str, message: str) -> float | None:
        """Seconds until it is tried again; None for what would fail again."""
        counts = code not in STOPS_RUN
        failures = await asyncio.to_thread(failed, self.ledger, key, code, message, counts=counts)
        if not counts:
            return BUDGET_WAIT if code == "budget" else PAUSE
        retryable = code in LATER or code in {"rate_limited", "timeout", "connection", "server_error", "waits"}
        if not retryable or failures >= MOST_FAILURES:
            return None
        return backoff(failures - 1) * random.uniform(0.8, 1.2)  # noqa: S311  (no secret)

    async def run(self, *, drain: bool = False, pace: Pace | None = None) -> None:
        """Work until a signal, until the endpoint refuses (see `fatal`), or until the queue is drained (`drain`).

        It is when nothing runs or waits any more, at other workers neither, but for a time that is to come.
        """
        pace = pace or Pace()
        app = app_of(self.ledger, self.do)
        asyncio.get_running_loop().set_exception_handler(self._late)
        with _signals(self.stopping):
            while not self.stopping.is_set():
                try:
                    async with app.open_async():
                        await self._session(app, pace, drain=drain)
                    if drain and await asyncio.to_thread(is_idle, self.ledger):
                        break
                except (ConnectorException, LedgerError) as error:
                    self.metrics.log("database", error=" ".join(str(error).split()))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), pace.look / 5)
        await self.transport.close()

    def _late(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG002
        """An error that nobody waits for any more, e.g. of a document that another worker has finished meanwhile."""
        error = context.get("exception")
        said = error.__cause__ or error if isinstance(error, BaseException) else context.get("message")
        self.metrics.log("late", error=" ".join(str(said).split())[:300])

    async def _session(self, app: procrastinate.App, pace: Pace, *, drain: bool) -> None:
        """Work as long as the database is there."""
        options: dict[str, Any] = {
            "queues": [QUEUE],
            "concurrency": self.endpoint.concurrency,
            "wait": not drain,
            "install_signal_handlers": False,
            "shutdown_graceful_timeout": pace.grace,
            "fetch_job_polling_interval": pace.look,
            "update_heartbeat_interval": pace.sign,
            "stalled_worker_timeout": pace.given_up,
        }
        working = asyncio.create_task(app.run_worker_async(**options))
        beside = [
            asyncio.create_task(self._rescue(app, pace.given_up)),
            asyncio.create_task(self._watch(pace.look)),
        ]
        stopping = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            if self.stopping.is_set() and not working.done():
                self.metrics.log("stopping", grace=pace.grace)
                working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
        finally:
            for task in (*beside, stopping):
                task.cancel()

    async def _rescue(self, app: procrastinate.App, seconds: float) -> None:
        """Now and then, put back what dead workers left."""
        while True:
            with contextlib.suppress(ConnectorException):
                if number := await rescue(app, seconds):
                    self.metrics.log("rescued", jobs=number)
            await asyncio.sleep(seconds / 4 * random.uniform(0.8, 1.2))  # noqa: S311

    async def _watch(self, seconds: float) -> None:
        """Look at watched sources that are due, put what is new into the queue, and tell the webhook of findings."""
        hook = webhook_of(self.settings)
        if hook is not None:
            await asyncio.to_thread(begin, self.ledger, hook)
        while True:
            with contextlib.suppress(LedgerError, ConnectorException):
                while (seen := await asyncio.to_thread(next_look, self.ledger, self.guest)) is not None:
                    await enqueue(self.ledger, [item_of(document) for document in seen.documents])
                    await asyncio.to_thread(note, self.ledger, seen, self.guest.clock.now())
                    self.metrics.log(
                        "looked", source=seen.feed, found=len(seen.documents), problems=seen.problems or None
                    )
                if hook is not None:
                    await asyncio.to_thread(deliver, self.ledger, hook)
            await asyncio.sleep(seconds * 2)


def _reading(address: str, fetching: Fetching) -> Reading:
    return read([address], fetching=fetching)


def _forgotten(name: str, stores: Sequence[Answered | Store]) -> None:
    """Forget an answer that nobody could use wherever it is kept."""
    for store in stores:
        store.forget(name)


@contextlib.contextmanager
def _signals(stopping: asyncio.Event) -> Any:
    """The first SIGINT or SIGTERM stops gracefully; a second one ends the program."""
    loop = asyncio.get_running_loop()
    kinds = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        stopping.set()
        for kind in kinds:
            loop.remove_signal_handler(kind)

    for kind in kinds:
        loop.add_signal_handler(kind, stop)
    try:
        yield
    finally:
        for kind in kinds:
            loop.remove_signal_handler(kind)
