"""Run the pipeline on documents: the synchronous function for scripts and the asynchronous one under it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from factcheck.errors import UsageError
from factcheck.flow.looking import looking_in
from factcheck.inputs.documents import Fetching, Reading, Transcribe, read
from factcheck.llm.arrival import Arrival, live_transport
from factcheck.llm.batch import BatchTransport, Tell
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import NoKeyTransport
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import RecordingTransport, Store
from factcheck.llm.speech import Transcriber
from factcheck.llm.traits import remember, remembered
from factcheck.llm.whisper import LocalTranscriber
from factcheck.models import Document, Report, Usage, added
from factcheck.settings import DEFAULT_MODEL, Settings, load_settings
from factcheck.watching import Observed, Observer, interruptible

if TYPE_CHECKING:
    from factcheck.ledger.connection import Ledger


def check(
    sources: Iterable[str | Path | Document],
    *,
    settings: Settings | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    compare: bool = True,
    ledger: str | Path | None = None,
    keep: bool = True,
    snapshot: Path | None = None,
    allow_private: bool = False,
    observe: Observer = lambda progress: None,
    transport: httpx2.AsyncBaseTransport | None = None,
    evidence: Iterable[str | Path] | None = None,
    max_claims: int | None = None,
) -> Report:
    """Read sources (files, folders, addresses, `-`, or Documents), extract and compare their claims, and report.

    `record` keeps every answer in a folder; `replay` plays them and never reaches the network.
    `compare=False` stops after the claims. With `ledger` (a SQLite file, or a `postgresql://` address) documents
    are compared with all that it holds, and kept in it; the report then has the earlier sides of findings, too.
    With `keep=False` nothing is written into the ledger.
    What could not be done is in `report.problems`; raises UsageError for options that do not fit, LedgerError for
    a ledger that cannot be used. Fetched pages are kept in `snapshot`, from which a replay takes them;
    `allow_private` permits addresses on this machine and on private networks.
    `transport` stands in for the network, e.g. an `httpx2.MockTransport`.
    With `evidence` (files, folders, `ledger:…`, addresses of search services; by default those of the settings) what
    bears on the claims is in `report.evidence` and `report.checks`, for the `max_claims` most worthwhile ones.
    Must not be called where an event loop runs: see `acheck`.
    """
    return asyncio.run(
        acheck(
            sources,
            settings=settings,
            record=record,
            replay=replay,
            compare=compare,
            ledger=ledger,
            keep=keep,
            snapshot=snapshot,
            allow_private=allow_private,
            observe=observe,
            transport=transport,
            evidence=evidence,
            max_claims=max_claims,
        )
    )


async def acheck(
    sources: Iterable[str | Path | Document],
    *,
    settings: Settings | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    compare: bool = True,
    ledger: str | Path | None = None,
    keep: bool = True,
    snapshot: Path | None = None,
    allow_private: bool = False,
    observe: Observer = lambda progress: None,
    transport: httpx2.AsyncBaseTransport | None = None,
    evidence: Iterable[str | Path] | None = None,
    max_claims: int | None = None,
) -> Report:
    """`check` for programs that have an event loop of their own."""
    from factcheck.ledger.connection import open_ledger  # noqa: PLC0415  (SQLAlchemy is slow to import)

    settings = settings or load_settings()
    store = open_store(settings, record=record, replay=replay)
    transcriber = transcriber_for(settings, store, record=record, replay=replay)
    fetching = Fetching(allow_private, snapshot, replay is not None, settings.language)
    reading = _read(sources, fetching, transcriber)
    progress = Observed(observe, len(reading.documents))
    chat = open_chat(settings, store, record=record, replay=replay, network=transport, watch=progress)
    tape = store if record or replay else None
    looking, unasked = looking_in(evidence, max_claims, settings, fetching, tape, transport, chat)
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with interruptible(chat):
        try:
            place = str(ledger or settings.ledger or "") if compare else ""
            with contextlib.closing(open_ledger(place)) if place else contextlib.nullcontext() as opened:
                report = await _reported(
                    reading.documents,
                    chat,
                    settings,
                    ledger=opened,
                    keep=keep,
                    compare=compare,
                    done=progress.on_document,
                    looking=looking if compare else None,
                    started=started,
                )
        finally:
            await close_chat(chat, settings, replay=replay)
    started = (store.oldest or "") if replay and store else started
    changes = {"started": started or None, "usage": _with_hearing(report.run.usage, transcriber)}
    problems = (*reading.problems, *unasked, *report.problems, *progress.odd)
    return report.model_copy(update={"run": report.run.model_copy(update=changes), "problems": problems})


async def _reported(
    documents: Sequence[Document],
    chat: Chat,
    settings: Settings,
    *,
    ledger: Ledger | None,
    keep: bool,
    compare: bool,
    **told: Any,
) -> Report:
    """The report of the pipeline, or of a preview where nothing is to be kept in the ledger."""
    from factcheck.pipeline import check as pipeline_check  # noqa: PLC0415  (slow to import)
    from factcheck.preview import preview  # noqa: PLC0415

    prompts, window = load_prompts(settings.prompts), settings.window_tokens
    if ledger and not keep:
        return await preview(documents, chat, prompts, ledger, window=window, **told)
    return await pipeline_check(documents, chat, prompts, ledger=ledger, compare=compare, window=window, **told)


def evidence(
    statement: str,
    *,
    speaker: str | None = None,
    date: str | None = None,
    evidence: Iterable[str | Path] | None = None,
    settings: Settings | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    snapshot: Path | None = None,
    allow_private: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Report:
    """Look for what bears on one statement, made by `speaker` on `date` (ISO 8601, possibly partial).

    The report has one claim, its check, and the evidence with its documents. `evidence` names sources as for `check`.
    Raises UsageError where there are none, or the statement or date cannot be used. Must not be called where an event
    loop runs: see `aevidence`.
    """
    return asyncio.run(
        aevidence(
            statement,
            speaker=speaker,
            date=date,
            evidence=evidence,
            settings=settings,
            record=record,
            replay=replay,
            snapshot=snapshot,
            allow_private=allow_private,
            transport=transport,
        )
    )


async def aevidence(
    statement: str,
    *,
    speaker: str | None = None,
    date: str | None = None,
    evidence: Iterable[str | Path] | None = None,
    settings: Settings | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    snapshot: Path | None = None,
    allow_private: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Report:
    """`evidence` for programs that have an event loop of their own."""
    from factcheck.flow.evidence import add_evidence  # noqa: PLC0415  (slow to import)
    from factcheck.flow.statement import statement_report  # noqa: PLC0415

    settings = settings or load_settings()
    store = open_store(settings, record=record, replay=replay)
    fetching = Fetching(allow_private, snapshot, replay is not None, settings.language)
    chat = open_chat(settings, store, record=record, replay=replay, network=transport)
    tape = store if record or replay else None
    looking, unasked = looking_in(evidence, None, settings, fetching, tape, transport, chat)
    if looking is None:
        raise UsageError("name at least one source with --evidence, or as evidence in factcheck.toml")
    with interruptible(chat):
        try:
            report = statement_report(statement, chat, speaker=speaker, date=date)
            report = await add_evidence(report, looking, chat, load_prompts(settings.prompts))
        finally:
            await close_chat(chat, settings, replay=replay)
    started = store.oldest if replay and store else datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    run = report.run.model_copy(update={"started": started})
    return report.model_copy(update={"run": run, "problems": (*unasked, *report.problems)})


def _with_hearing(usage: Usage, transcriber: Transcriber | LocalTranscriber | None) -> Usage:
    """What a run took, transcription included; what that costs is not known."""
    if not isinstance(transcriber, Transcriber) or not transcriber.usage.calls:
        return usage
    return added(usage, transcriber.usage).model_copy(update={"cost_usd": usage.cost_usd})


def open_store(settings: Settings, *, record: Path | None, replay: Path | None) -> Store | None:
    """The folder of answers that a run reads or writes, if any. Raises UsageError."""
    if record and replay:
        raise UsageError("--record and --replay exclude each other")
    if replay and not replay.is_dir():
        raise UsageError(f"{replay}: there is no such folder of recordings")
    if record or replay:
        return Store(Path(record or replay or ""))
    return Store(settings.cache_folder()) if settings.use_cache else None


def open_chat(
    settings: Settings,
    store: Store | None,
    *,
    record: Path | None,
    replay: Path | None,
    network: httpx2.AsyncBaseTransport | None = None,
    watch: Observed | None = None,
) -> Chat:
    """A conversation with the endpoint that is set, with what earlier runs found out about it.

    `watch` is told of every call and batch. Raises UsageError.
    """
    watch = watch or Observed()
    endpoint = settings.endpoint(model_for(settings, store if replay else None))
    is_cache = store is not None and not record and not replay
    return Chat(
        endpoint,
        transport_for(settings, store, record=record, replay=replay, network=network, tell=watch.on_batch),
        watch.on_call,
        traits=remembered(None if replay else settings.traits_folder(), endpoint.base_url, endpoint.model),
        unusable=store.forget if store and is_cache else lambda name: None,
    )


async def close_chat(chat: Chat, settings: Settings, *, replay: Path | None) -> None:
    """Close connections, and remember what the endpoint turned out to take."""
    await chat.aclose()
    folder = settings.traits_folder()
    if folder is not None and replay is None:
        remember(chat.line.traits, folder, chat.endpoint.base_url, chat.endpoint.model)


def transport_for(
    settings: Settings,
    store: Store | None,
    *,
    record: Path | None,
    replay: Path | None,
    network: httpx2.AsyncBaseTransport | None = None,
    tell: Tell = lambda news: None,
) -> httpx2.AsyncBaseTransport:
    """Replay, record, cache, batches or live: the one place where they differ. `network` stands in for what is live.

    Raises UsageError for batches without a place to keep answers.
    """
    if store and replay:
        return RecordingTransport(store, None)
    live: httpx2.AsyncBaseTransport
    if network is not None:
        live = Arrival(network)
    elif settings.api_key is None and not settings.is_local and not settings.extra_headers:
        live = NoKeyTransport(settings.base_url)
    else:
        live = live_transport(settings.concurrency)
    if settings.batch and store is None:
        raise UsageError("--batch keeps answers for a run that is killed: leave --no-cache out, or name --record")
    if settings.batch and store is not None:
        live = BatchTransport(store, live, settings.base_url, settings.batches_folder(), tell=tell)
    return RecordingTransport(store, live, read=record is None) if store else live


def model_for(settings: Settings, replayed: Store | None) -> str:
    """The model to ask; a replay asks for the recordings' own unless one was named."""
    if settings.model or replayed is None:
        return settings.model or DEFAULT_MODEL
    models = replayed.models()
    if len(models) > 1:
        raise UsageError(f"{replayed.folder}: holds recordings of {', '.join(sorted(models))}; choose with --model")
    return models.pop() if models else DEFAULT_MODEL


def transcriber_for(
    settings: Settings, store: Store | None, *, record: Path | None, replay: Path | None
) -> Transcriber | LocalTranscriber | None:
    """What transcribes recordings: a model in a folder, an endpoint's, or nothing."""
    if settings.transcription_folder:
        return LocalTranscriber(settings.transcription_folder, settings.language)
    if not settings.transcription_model:
        return None
    hearing = settings.transcription()
    return Transcriber(
        hearing.endpoint(), lambda: transport_for(hearing, store, record=record, replay=replay), settings.language
    )


def _read(
    sources: Iterable[str | Path | Document], fetching: Fetching, transcribe: Transcribe | None = None
) -> Reading:
    import sys  # noqa: PLC0415  (standard input is only touched when a source is `-`)

    given = list(sources)
    places = [s for s in given if not isinstance(s, Document)]
    reading = read(places, stdin=getattr(sys.stdin, "buffer", None), fetching=fetching, transcribe=transcribe)
    ready = [s for s in given if isinstance(s, Document)]
    return Reading([*ready, *reading.documents], reading.problems)


def exit_code(report: Report, fail_on: str = "never") -> int:
    """0 done, 2 nothing could be read, 4 something was not done, 3 findings at or above `fail_on`.

    What was rejected is listed but makes nothing incomplete; dismissed and stale findings fail nothing.
    """
    if not report.documents:
        return 2
    if any(problem.leaves_undone for problem in report.problems):
        return 4
    return 3 if _findings_at(report, fail_on) else 0


def _findings_at(report: Report, level: str) -> Sequence[str]:
    return [
        f.id
        for f in report.findings
        if f.stands
        and (
            level == "lead"
            or (level == "strong" and f.tier == "strong")
            or (level == "full" and f.tier == "strong" and f.severity == "full")
        )
    ]
