"""Run the pipeline on documents: the synchronous function for scripts and the asynchronous ones under it."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, Unpack

import httpx2

from factcheck.connecting import close_chat, open_chat, open_store, transcriber_for, transport_for
from factcheck.ending import exit_code
from factcheck.errors import ModelError, UsageError
from factcheck.inputs.documents import Fetching, Reading, Transcribe, document_from_text, read
from factcheck.inputs.sources import EXPECTED, Sources, folder_of, listed
from factcheck.llm.client import Chat
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import Store
from factcheck.llm.speech import Transcriber
from factcheck.llm.whisper import LocalTranscriber
from factcheck.models import Document, Problem, Report, Usage, added
from factcheck.settings import Settings, load_settings
from factcheck.streaming import run_to_end, told
from factcheck.views import Event, Listener
from factcheck.watching import Observed, Observer, Progress, interruptible

if TYPE_CHECKING:
    from factcheck.flow.evidence import Looking
    from factcheck.ledger.connection import Ledger

__all__ = [
    "Observer",
    "Progress",
    "acheck",
    "aevidence",
    "check",
    "close_chat",
    "evidence",
    "exit_code",
    "looking_in",
    "open_chat",
    "open_store",
    "stream",
    "transcriber_for",
    "transport_for",
]

Errors = Literal["raise", "report"]


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
    tell: Listener
    transport: httpx2.AsyncBaseTransport | None
    errors: Errors
    evidence: str | Path | Iterable[str | Path] | None
    max_claims: int | None


class _Asked(NamedTuple):
    """The options of `check` with what holds without them."""

    text: str | None = None
    settings: Settings | None = None
    record: str | Path | None = None
    replay: str | Path | None = None
    compare: bool = True
    ledger: str | Path | None = None
    keep: bool = True
    snapshot: str | Path | None = None
    allow_private: bool = False
    observe: Observer = lambda progress: None
    tell: Listener = lambda event: None
    transport: httpx2.AsyncBaseTransport | None = None
    errors: Errors = "raise"
    evidence: str | Path | Iterable[str | Path] | None = None
    max_claims: int | None = None


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
    evidence: str | Path | Iterable[str | Path] | None = None,
    max_claims: int | None = None,
) -> Report:
    """Read sources, extract and compare their claims, and report what does not fit together.

    Args:
        sources: A file, a folder, an address, `-` or a Document, or several of them.
        text: An article as a string, beside or in place of sources; front matter is allowed.
        settings: Endpoint, model, limits; without them the environment and `factcheck.toml` decide.
        record: A folder in which every answer is kept; all is asked anew.
        replay: A folder from which answers are played; the network is not used.
        compare: False stops after the claims.
        ledger: A SQLite file or `postgresql://`: documents are compared with all that it holds, and kept in it.
        keep: False writes nothing into the ledger.
        snapshot: A folder in which fetched pages are kept, and from which a replay takes them.
        allow_private: Permit addresses on this machine and on private networks.
        observe: Told how far the run is, after each call and each document.
        tell: Told of each document, claim and finding as it comes; see `stream`.
        transport: Stands in for the network, e.g. an `httpx2.MockTransport`.
        errors: `raise` ends with an error where a source does not exist, nothing can be read, or there is no key;
            `report` returns a report that lists it, as it lists all other problems.
        evidence: Files, folders, `ledger:…` or search services in which is looked for what bears on the claims; by
            default those of the settings. What is found is in `report.evidence` and `report.checks`.
        max_claims: Look for evidence on so many claims, the most worthwhile ones.

    Raises UsageError for options that do not fit and sources that do not exist, LedgerError for a ledger that cannot be
    used, ModelError for a key that is missing or refused. Where an event loop runs it holds that up; see `acheck`.

    >>> report = factcheck.check("seeds/nato-2014", replay="fixtures/recordings")
    >>> report.view.findings[0].a.speaker
    'Alexander Stubb'
    """
    asked = locals()  # every parameter, under its own name
    return run_to_end(acheck(**asked))


async def acheck(sources: Sources | None = None, **options: Unpack[Options]) -> Report:
    """`check` for programs that have an event loop of their own; its parameters and errors are the same.

    >>> report = asyncio.run(factcheck.acheck("seeds/nato-2014", replay="fixtures/recordings"))
    >>> len(report.documents)
    7
    """
    asked = _Asked(**options)
    settings = asked.settings or load_settings()
    record, replay = folder_of(asked.record, "record"), folder_of(asked.replay, "replay")
    store = open_store(settings, record=record, replay=replay)
    transcriber = transcriber_for(settings, store, record=record, replay=replay)
    fetching = Fetching(
        asked.allow_private, folder_of(asked.snapshot, "snapshot"), replay is not None, settings.language
    )
    reading = _read(sources, asked.text, fetching, transcriber)
    if asked.errors == "raise":
        _require_documents(reading)
    progress = Observed(asked.observe, len(reading.documents))
    chat = open_chat(settings, store, record=record, replay=replay, network=asked.transport, watch=progress)
    looking, unasked = looking_in(
        asked.evidence, asked.max_claims, settings, fetching, _tape(store, record, replay), asked.transport, chat
    )
    started = _now()
    with interruptible(chat):
        try:
            with _opened(asked, settings) as opened:
                report = await _reported(
                    reading.documents,
                    chat,
                    settings,
                    ledger=opened,
                    keep=asked.keep,
                    compare=asked.compare,
                    done=progress.on_document,
                    tell=asked.tell,
                    looking=looking if asked.compare else None,
                    started=started,
                )
        finally:
            await close_chat(chat, settings, replay=replay)
    if asked.errors == "raise":
        _require_key(report)
    made = store.oldest if replay and store else started
    usage = _with_hearing(report.run.usage, transcriber)
    return _told(report, made or None, usage, [*reading.problems, *unasked], progress)


def _opened(asked: _Asked, settings: Settings) -> contextlib.AbstractContextManager[Ledger | None]:
    """The ledger that was named, if statements are compared at all."""
    from factcheck.ledger.connection import open_ledger  # noqa: PLC0415  (SQLAlchemy is slow to import)

    place = str(asked.ledger or settings.ledger or "") if asked.compare else ""
    return contextlib.closing(open_ledger(place, by=settings.by)) if place else contextlib.nullcontext()


def _told(report: Report, started: str | None, usage: Usage, before: Sequence[Problem], progress: Observed) -> Report:
    """The report with how its run came about, and with what could not be read, asked or done in a batch."""
    run = report.run.model_copy(update={"started": started, "usage": usage})
    return report.model_copy(update={"run": run, "problems": (*before, *report.problems, *progress.odd)})


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

    def run(tell: Listener) -> Awaitable[Report]:
        asked: Options = {**options, "tell": tell}
        return acheck(sources, **asked)

    async with contextlib.aclosing(told(run)) as values:
        async for value in values:
            yield value


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


async def _reported(
    documents: Sequence[Document],
    chat: Chat,
    settings: Settings,
    *,
    ledger: Ledger | None,
    keep: bool,
    compare: bool,
    tell: Listener,
    **told: Any,
) -> Report:
    """The report of the pipeline, or of a preview where nothing is to be kept in the ledger."""
    from factcheck.pipeline import check as pipeline_check  # noqa: PLC0415  (slow to import)
    from factcheck.preview import preview  # noqa: PLC0415

    prompts = load_prompts(settings.prompts)
    told |= {"window": settings.window_tokens, "candidates": settings.candidate_tokens}
    if ledger and not keep:
        return await preview(documents, chat, prompts, ledger, **told)
    return await pipeline_check(documents, chat, prompts, ledger=ledger, compare=compare, tell=tell, **told)


def evidence(
    statement: str,
    *,
    speaker: str | None = None,
    date: str | None = None,
    evidence: str | Path | Iterable[str | Path] | None = None,
    settings: Settings | None = None,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    snapshot: str | Path | None = None,
    allow_private: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Report:
    """Look for what bears on one statement, made by `speaker` on `date` (ISO 8601, possibly partial).

    The report has one claim, its check, and the evidence with its documents. `evidence` names sources as for `check`.
    Raises UsageError where there are none, or the statement or date cannot be used. Works where an event loop runs.
    """
    asked = locals()  # every parameter, under its own name
    return run_to_end(aevidence(**asked))


async def aevidence(
    statement: str,
    *,
    speaker: str | None = None,
    date: str | None = None,
    evidence: str | Path | Iterable[str | Path] | None = None,
    settings: Settings | None = None,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    snapshot: str | Path | None = None,
    allow_private: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Report:
    """`evidence` for programs that have an event loop of their own."""
    from factcheck.flow.evidence import add_evidence  # noqa: PLC0415  (slow to import)
    from factcheck.flow.statement import statement_report  # noqa: PLC0415

    settings = settings or load_settings()
    record, replay = folder_of(record, "record"), folder_of(replay, "replay")
    store = open_store(settings, record=record, replay=replay)
    fetching = Fetching(allow_private, folder_of(snapshot, "snapshot"), replay is not None, settings.language)
    chat = open_chat(settings, store, record=record, replay=replay, network=transport)
    looking, unasked = looking_in(evidence, None, settings, fetching, _tape(store, record, replay), transport, chat)
    if looking is None:
        raise UsageError("name at least one source with --evidence, or as evidence in factcheck.toml")
    with interruptible(chat):
        try:
            report = statement_report(statement, chat, speaker=speaker, date=date)
            report = await add_evidence(report, looking, chat, load_prompts(settings.prompts))
        finally:
            await close_chat(chat, settings, replay=replay)
    started = store.oldest if replay and store else _now()
    run = report.run.model_copy(update={"started": started})
    return report.model_copy(update={"run": run, "problems": (*unasked, *report.problems)})


def _tape(store: Store | None, record: Path | None, replay: Path | None) -> Store | None:
    return store if record or replay else None


def looking_in(
    evidence: str | Path | Iterable[str | Path] | None,
    max_claims: int | None,
    settings: Settings,
    fetching: Fetching,
    tape: Store | None,
    network: httpx2.AsyncBaseTransport | None,
    chat: Chat,
) -> tuple[Looking | None, list[Problem]]:
    """The sources that were named, or those of the settings; None where there are none. Raises UsageError.

    What services answer is recorded on `tape`, or played from it in a replay.
    """
    from factcheck.flow.evidence import Looking  # noqa: PLC0415  (slow to import)
    from factcheck.sources.named import embedding_of, sources_for  # noqa: PLC0415

    names = [str(place) for place in listed(settings.evidence if evidence is None else evidence)]
    if not names:
        return None, []
    is_record = tape is not None and not fetching.replay
    found, problems = sources_for(
        names,
        settings,
        fetching=fetching,
        store=tape,
        is_record=is_record,
        network=network,
        embedding=embedding_of(chat),
    )
    return Looking(found, max_claims or settings.max_claims), problems


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
