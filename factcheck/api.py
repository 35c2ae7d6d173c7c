"""Run the pipeline on documents: the synchronous function for scripts and the asynchronous ones under it."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict, Unpack

import httpx2

from factcheck.connecting import (
    Observed,
    Observer,
    Progress,
    close_chat,
    interruptible,
    open_chat,
    open_store,
    transcriber_for,
    transport_for,
)
from factcheck.ending import exit_code
from factcheck.errors import ModelError, UsageError
from factcheck.inputs.documents import Fetching, Reading, Transcribe, document_from_text, read
from factcheck.inputs.sources import EXPECTED, Sources, folder_of, listed
from factcheck.llm.client import Chat
from factcheck.llm.prompts import load_prompts
from factcheck.llm.speech import Transcriber
from factcheck.llm.whisper import LocalTranscriber
from factcheck.models import Document, Report, Usage, added
from factcheck.settings import Settings, load_settings
from factcheck.streaming import run_to_end, told
from factcheck.views import Event, Listener

__all__ = [
    "Observer",
    "Progress",
    "acheck",
    "check",
    "close_chat",
    "exit_code",
    "open_chat",
    "open_store",
    "stream",
    "transcriber_for",
    "transport_for",
]

Errors = Literal["raise", "report"]


def check(
    sources: Sources | None = None,
    *,
    text: str | None = None,
    settings: Settings | None = None,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    compare: bool = True,
    ledger: str | Path | None = None,
    keep: bool = True,
    snapshot: str | Path | None = None,
    allow_private: bool = False,
    observe: Observer = lambda progress: None,
    tell: Listener = lambda event: None,
    transport: httpx2.AsyncBaseTransport | None = None,
    errors: Errors = "raise",
) -> Report:
    """Read sources, extract and compare their claims, and report what does not fit together.

    Args:
        sources: A file, a folder, an address, `-` or a Document, or several of them.
        text: An article as a string, beside or in place of sources; front matter is allowed.
        settings: Endpoint, model, limits; without them the environment and `factcheck.toml` decide.
        record: A folder in which every answer is kept; all is asked anew.
        replay: A folder from which answers are played; the network is not used.
        compare: False stops after the claims.
        ledger: A SQLite file or a `postgresql://` address: documents are compared with all that it holds, and kept in
            it; the report then has the earlier sides of findings, too.
        keep: False writes nothing into the ledger.
        snapshot: A folder in which fetched pages are kept, and from which a replay takes them.
        allow_private: Permit addresses on this machine and on private networks.
        observe: Told how far the run is, after each call and each document.
        tell: Told of each document, claim and finding as it comes; see `stream`.
        transport: Stands in for the network, e.g. an `httpx2.MockTransport`.
        errors: `raise` ends with an error where a source does not exist, nothing can be read, or there is no key;
            `report` returns a report that lists it. All other problems are in `report.problems` either way.

    Raises:
        UsageError: Options that do not fit, and sources that do not exist.
        LedgerError: A ledger that cannot be used.
        ModelError: A key that is missing or refused.

    Works where an event loop runs, e.g. in a notebook, and holds it up until it is done; see `acheck`.

    >>> report = factcheck.check("seeds/nato-2014", replay="fixtures/recordings")
    >>> report.view.findings[0].a.speaker
    'Alexander Stubb'
    """
    asked = locals()  # every parameter, under its own name
    return run_to_end(acheck(**asked))


async def acheck(
    sources: Sources | None = None,
    *,
    text: str | None = None,
    settings: Settings | None = None,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    compare: bool = True,
    ledger: str | Path | None = None,
    keep: bool = True,
    snapshot: str | Path | None = None,
    allow_private: bool = False,
    observe: Observer = lambda progress: None,
    tell: Listener = lambda event: None,
    transport: httpx2.AsyncBaseTransport | None = None,
    errors: Errors = "raise",
) -> Report:
    """`check` for programs that have an event loop of their own; its parameters and errors are the same.

    >>> report = asyncio.run(factcheck.acheck("seeds/nato-2014", replay="fixtures/recordings"))
    >>> len(report.documents)
    7
    """
    settings = settings or load_settings()
    recorded, replayed = folder_of(record, "record"), folder_of(replay, "replay")
    store = open_store(settings, record=recorded, replay=replayed)
    transcriber = transcriber_for(settings, store, record=recorded, replay=replayed)
    pages = folder_of(snapshot, "snapshot")
    reading = _read(sources, text, Fetching(allow_private, pages, replayed is not None, settings.language), transcriber)
    if errors == "raise":
        _require_documents(reading)
    progress = Observed(observe, len(reading.documents))
    chat = open_chat(settings, store, record=recorded, replay=replayed, network=transport, watch=progress)
    place = str(ledger or settings.ledger or "") if compare else ""
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with interruptible(chat):
        try:
            pipe = _Pipe(place, keep, compare, started, tell)
            report = await _piped(reading.documents, chat, settings, pipe, progress)
        finally:
            await close_chat(chat, settings, replay=replayed)
    if errors == "raise":
        _require_key(report)
    if replayed and store:
        started = store.oldest or ""
    changes = {"started": started or None, "usage": _with_hearing(report.run.usage, transcriber)}
    problems = (*reading.problems, *report.problems, *progress.odd)
    return report.model_copy(update={"run": report.run.model_copy(update=changes), "problems": problems})


class Options(TypedDict, total=False):
    """The options of `check`, all of which `stream` takes."""

    text: str | None
    settings: Settings | None
    record: str | Path | None
    replay: str | Path | None
    compare: bool
    ledger: str | Path | None
    keep: bool
    snapshot: str | Path | None
    allow_private: bool
    observe: Observer
    transport: httpx2.AsyncBaseTransport | None
    errors: Errors


async def stream(sources: Sources | None = None, **options: Unpack[Options]) -> AsyncIterator[Event | Report]:
    """Check sources, and yield what comes of it while it goes on; the last value is the Report.

    A `Document` comes when its claims are there, followed by them (`ClaimView`); a `FindingView` when its comparison
    is done. The report has all of them in its order, names that later documents explain, and the problems. Parameters
    and errors are those of `check`; whoever stops early, with `break`, ends the run.

    >>> async def first_finding():
    ...     async for event in factcheck.stream("seeds/nato-2014", replay="fixtures/recordings"):
    ...         if isinstance(event, factcheck.FindingView):
    ...             return event.b.speaker
    >>> asyncio.run(first_finding())
    'Alexander Stubb'
    """
    values = told(lambda tell: acheck(sources, tell=tell, **options))
    async with contextlib.aclosing(values):
        async for value in values:
            yield value


class _Pipe(NamedTuple):
    """What a run does with its documents."""

    place: str
    """Of the ledger, if there is one."""
    keep: bool
    compare: bool
    started: str
    tell: Listener


async def _piped(
    documents: Sequence[Document], chat: Chat, settings: Settings, pipe: _Pipe, progress: Observed
) -> Report:
    """The pipeline on documents that were read."""
    from factcheck.ledger.connection import open_ledger  # noqa: PLC0415  (SQLAlchemy is slow to import)
    from factcheck.pipeline import check as pipeline_check  # noqa: PLC0415
    from factcheck.preview import preview  # noqa: PLC0415

    prompts = load_prompts(settings.prompts)
    with contextlib.closing(open_ledger(pipe.place)) if pipe.place else contextlib.nullcontext() as opened:
        if opened and not pipe.keep:
            done, started = progress.on_document, pipe.started
            window = settings.window_tokens
            return await preview(documents, chat, prompts, opened, window=window, done=done, started=started)
        return await pipeline_check(
            documents,
            chat,
            prompts,
            ledger=opened,
            compare=pipe.compare,
            window=settings.window_tokens,
            done=progress.on_document,
            tell=pipe.tell,
            started=pipe.started,
        )


def _require_documents(reading: Reading) -> None:
    """Raise where a source does not exist or nothing could be read, before anything is asked."""
    missing = [p.message for p in reading.problems if p.code == "missing"]
    if missing or not reading.documents:
        lines = missing or [p.message for p in reading.problems] or [f"there is nothing to read; {EXPECTED}"]
        more = f" (and {len(lines) - 1} more like it)" if len(lines) > 1 else ""
        raise UsageError(lines[0] + more)


def _require_key(report: Report) -> None:
    """Raise where the endpoint let nobody in."""
    for problem in report.problems:
        if problem.code in {"no_key", "unauthorized"}:
            raise ModelError(problem.code, problem.message)


def _with_hearing(usage: Usage, transcriber: Transcriber | LocalTranscriber | None) -> Usage:
    """What a run took, transcription included; what that costs is not known."""
    if not isinstance(transcriber, Transcriber) or not transcriber.usage.calls:
        return usage
    return added(usage, transcriber.usage).model_copy(update={"cost_usd": usage.cost_usd})


def _read(
    sources: Sources | None, text: str | None, fetching: Fetching, transcribe: Transcribe | None = None
) -> Reading:
    import sys  # noqa: PLC0415  (standard input is only touched when a source is `-`)

    given = listed(sources)
    if text is not None:
        try:
            given.append(document_from_text(text))
        except ValueError as error:
            raise UsageError(f"text: {error}") from None
    return read(given, stdin=getattr(sys.stdin, "buffer", None), fetching=fetching, transcribe=transcribe)
