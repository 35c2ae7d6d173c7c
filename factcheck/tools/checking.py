"""Check a text or an address for another program: with progress, and with a report that can be read afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from factcheck.api import acheck, aevidence
from factcheck.errors import UsageError
from factcheck.inputs.documents import Fetching, document_from_text, read
from factcheck.inputs.loading import is_address
from factcheck.models import Document, Problem, Report
from factcheck.settings import Settings
from factcheck.text.dates import iso_date
from factcheck.tools.evidence import Checked, EvidenceFound, looked_in
from factcheck.tools.shapes import cards_of, source_of, statements_of
from factcheck.watching import Observer, Progress

T = TypeVar("T")

REMEMBERED = 50
"""Reports that can still be read after their check, per process."""

AT_ONCE = 2
"""Checks under way; further ones wait."""

LONGEST = 400_000
"""Characters of a text that is checked; a long report of 150 pages has about so many."""


@dataclass
class Checker:
    """Checks, and remembers the last reports by their ids."""

    settings: Settings
    place: str | None = None
    """The ledger to compare with; None for none."""
    keep: bool = False
    """Whether documents are kept in the ledger."""
    replay: Path | None = None
    allow_private: bool = False
    transport: httpx2.AsyncBaseTransport | None = None
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    reports: OrderedDict[str, Report] = field(default_factory=OrderedDict)

    async def check(
        self, document: Document, observe: Observer, problems: tuple[Problem, ...] = (), *, by: str | None = None
    ) -> Checked:
        """Extract the claims of a document, and compare them with each other and the ledger, in somebody's name."""
        loop = asyncio.get_running_loop()
        async with self.room:
            report = await apart(
                lambda: acheck(
                    [document],
                    settings=self.settings.model_copy(update={"ledger": None, "by": by or self.settings.by}),
                    ledger=self.place,
                    keep=self.keep,
                    replay=self.replay,
                    observe=lambda state: _tell(loop, observe, state),
                    errors="report",
                    transport=self.transport,
                )
            )
        report = report.model_copy(update={"problems": (*problems, *report.problems)})
        return self._checked(self._remembered(report), document)

    async def evidence(self, statement: str, *, speaker: str | None, date: str | None) -> EvidenceFound:
        """Look for what bears on a statement, in the sources of the settings. Raises UsageError without any."""
        async with self.room:
            report = await apart(
                lambda: aevidence(
                    statement,
                    speaker=speaker,
                    date=date,
                    settings=self.settings,
                    replay=self.replay,
                    allow_private=self.allow_private,
                    transport=self.transport,
                )
            )
        return EvidenceFound(
            report=f"factcheck://reports/{self._remembered(report).run.id}",
            looked=looked_in(report),
            problems=report.problems,
            complete=not any(p.leaves_undone for p in report.problems),
            usage=report.run.usage,
        )

    def document(self, key: str) -> Document | None:
        """A document of the reports that are remembered."""
        found = (d for report in reversed(self.reports.values()) for d in report.documents if d.id == key)
        return next(found, None)

    def _remembered(self, report: Report) -> Report:
        self.reports[report.run.id] = report
        while len(self.reports) > REMEMBERED:
            self.reports.popitem(last=False)
        return report

    def _checked(self, report: Report, document: Document) -> Checked:
        own = tuple(c for c in report.claims if c.document_id == document.id)
        return Checked(
            report=f"factcheck://reports/{report.run.id}",
            documents=tuple(source_of(d) for d in report.documents),
            statements=statements_of(report, own),
            findings=cards_of(report),
            looked=looked_in(report),
            problems=report.problems,
            complete=not any(p.leaves_undone for p in report.problems),
            kept=bool(self.place) and self.keep,
            compared_with_ledger=bool(self.place),
            usage=report.run.usage,
        )

    async def document_at(self, address: str) -> tuple[Document, tuple[Problem, ...]]:
        """Fetch an article, and what is to be said about reading it. Raises UsageError where there is none."""
        if not is_address(address):
            raise UsageError(f"{address[:200]}: is no address of a web page; it begins with https:// or http://")
        fetching = Fetching(self.allow_private, None, self.replay is not None, self.settings.language)
        reading = await asyncio.to_thread(read, [address], fetching=fetching)
        if not reading.documents:
            raise UsageError(reading.problems[0].message if reading.problems else f"{address}: holds no article")
        return reading.documents[0], tuple(reading.problems)


async def apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run in a thread with an event loop of its own, so that this one answers others meanwhile; cancelled with it."""
    begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []
    given_up = threading.Event()

    async def body() -> T:
        begun.append((asyncio.get_running_loop(), asyncio.ensure_future(work())))
        if given_up.is_set():
            begun[0][1].cancel()
        return await begun[0][1]

    running = asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(body()))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        given_up.set()
        running.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody waits for it any more
        for loop, task in begun:
            with contextlib.suppress(RuntimeError):  # it may be over
                loop.call_soon_threadsafe(task.cancel)
        raise


def _tell(loop: asyncio.AbstractEventLoop, observe: Observer, state: Progress) -> None:
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(observe, state)


def document_of(text: str, **fields: str | None) -> Document:
    """A text as a document; it cannot correct or withdraw other articles. Raises UsageError."""
    if len(text) > LONGEST:
        raise UsageError(f"the text has {len(text):,} characters, and {LONGEST:,} can be checked at once; split it")
    given = {name: value for name, value in fields.items() if value}
    if (day := given.get("published")) and iso_date(day) is None:
        raise UsageError(f"published: {day[:40]} is no date; write 2024-05-31, 2024-05 or 2024")
    try:
        return document_from_text(text, **given, corrects=None, retracts=None)
    except ValueError as error:
        raise UsageError(f"the text: {error}") from None
