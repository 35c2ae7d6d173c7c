"""The endpoint of a run: live, recorded, replayed, from the cache or in batches."""

from __future__ import annotations

from pathlib import Path

import httpx2

from factcheck.errors import UsageError
from factcheck.keys import with_key
from factcheck.llm.arrival import Arrival, live_transport
from factcheck.llm.batch import BatchTransport, Tell
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import NoKeyTransport
from factcheck.llm.recordings import RecordingTransport, Store
from factcheck.llm.speech import Transcriber
from factcheck.llm.traits import remember, remembered
from factcheck.llm.whisper import LocalTranscriber
from factcheck.settings import DEFAULT_MODEL, Settings
from factcheck.watching import Observed


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
    settings = settings if replay or network else with_key(settings)
    endpoint = settings.endpoint(model_for(settings, store if replay else None))
    is_cache = store is not None and not record and not replay
    return Chat(
        endpoint,
        transport_for(settings, store, record=record, replay=replay, network=network, tell=watch.on_batch),
        watch.on_call,
        traits=remembered(None if replay else settings.traits_folder(), endpoint.place, endpoint.model),
        unusable=store.forget if store and is_cache else lambda name: None,
    )


async def close_chat(chat: Chat, settings: Settings, *, replay: Path | None) -> None:
    """Close connections, and remember what the endpoint turned out to take."""
    await chat.aclose()
    folder = settings.traits_folder()
    if folder is not None and replay is None:
        remember(chat.line.traits, folder, chat.endpoint.place, chat.endpoint.model)


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
    hearing = settings.transcription() if replay else with_key(settings.transcription())
    return Transcriber(
        hearing.endpoint(), lambda: transport_for(hearing, store, record=record, replay=replay), settings.language
    )
