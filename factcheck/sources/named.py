"""Sources by their names, as `--evidence` and the setting `evidence` give them.

| name | source |
|---|---|
| a file or a folder | reference documents (`sources.files`) |
| `ledger:PLACE` | what was said before (`sources.earlier`) |
| `claimreview:FILE-or-ADDRESS` | fact-checks in a file or feed (`sources.claimreview`) |
| `google:` | Google's Fact Check Tools API (`sources.google`) |
| `searxng:ADDRESS`, `brave:` | the web (`sources.web`) |
| `wikipedia:LANGUAGE` | Wikipedia (`sources.wikipedia`) |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx2
from pydantic import SecretStr

from factcheck.errors import UsageError
from factcheck.inputs.documents import Fetching, Transcribe
from factcheck.keys import kept_key
from factcheck.llm.client import Chat
from factcheck.llm.recordings import Store
from factcheck.models import Problem
from factcheck.redaction import keep_secrets_of, shown
from factcheck.settings import Settings
from factcheck.sources import claimreview
from factcheck.sources.asking import Reach
from factcheck.sources.earlier import Earlier
from factcheck.sources.files import Files
from factcheck.sources.google import Google
from factcheck.sources.results import Embedding, Source
from factcheck.sources.web import Pages, brave, searxng
from factcheck.sources.wikipedia import Wikipedia

SCHEME = re.compile(r"([a-z]{4,12}):(.*)", re.DOTALL)
"""Longer than the letter of a Windows drive."""


class Around(NamedTuple):
    """What sources are made with."""

    settings: Settings
    reach: Reach
    fetching: Fetching
    cache: Path
    """For indexes and for copies of feeds and pages."""
    transcribe: Transcribe | None
    embedding: Embedding | None


def sources_for(
    names: Sequence[str],
    settings: Settings,
    *,
    fetching: Fetching | None = None,
    store: Store | None = None,
    is_record: bool = False,
    network: httpx2.AsyncBaseTransport | None = None,
    transcribe: Transcribe | None = None,
    embedding: Embedding | None = None,
) -> tuple[list[Source], list[Problem]]:
    """The sources with these names, and a problem for each name that is none.

    With `store` what services answer is kept there (`is_record`) or, if `fetching.replay`, taken from there alone;
    pages go with the snapshots, or, where there are none, beside it. Without a store, answers and pages are kept in the
    cache and used again for a day, unless the settings say that there is none. With `embedding` files and folders are
    searched by meaning, too.
    """
    fetching = fetching or Fetching()
    cache = settings.evidence_folder()
    kept = store or (Store(cache / "answers") if settings.use_cache else None)
    reach = Reach(kept, is_record, fetching.replay, network, settings.contact)
    if store and fetching.snapshot is None:
        fetching = fetching._replace(snapshot=store.folder / "pages")
    around = Around(settings, reach, fetching, cache, transcribe, embedding)
    sources: list[Source] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        try:
            sources.append(_source(name, around))
        except UsageError as error:
            code = "no_key" if "_KEY" in str(error) else "unknown_scheme"
            problems.append(Problem(stage="sources", code=code, message=str(error)))
    return sources, problems


def embedding_of(chat: Chat) -> Embedding | None:
    """The embedding model that is set, as sources ask it."""
    model = chat.endpoint.embedding_model
    return Embedding(model, lambda texts: chat.embed(texts, model)) if model else None


def _source(name: str, around: Around) -> Source:
    """The source with this name. Raises UsageError."""
    match = SCHEME.fullmatch(name)
    if match is None or Path(name).exists():
        return Files(Path(name), around.cache, around.fetching, around.transcribe, embedding=around.embedding)
    scheme, at = match[1], match[2].strip()
    make = SCHEMES.get(scheme)
    if make is None:
        known = ", ".join(f"{one}:" for one in SCHEMES)
        raise UsageError(f"{shown(name)}: unknown kind of source; name a file, a folder, or one of {known}")
    if "://" in at:
        keep_secrets_of(at)
    return make(at, around)


def _ledger(at: str, around: Around) -> Source:
    place = at or around.settings.ledger
    if not place:
        raise UsageError("ledger: needs a place, e.g. ledger:desk.sqlite")
    return Earlier(place)


def _claimreview(at: str, around: Around) -> Source:
    if not at:
        raise UsageError("claimreview: needs a file or an address, e.g. claimreview:factchecks.json")
    return claimreview.source(at, around.cache, around.fetching)


def _google(at: str, around: Around) -> Source:
    return Google(around.reach, _key(around, around.settings.google_key, "google"), at)


def _brave(at: str, around: Around) -> Source:
    return brave(around.reach, _pages(around), _key(around, around.settings.brave_key, "brave"), at)


def _searxng(at: str, around: Around) -> Source:
    if "://" not in at:
        raise UsageError("searxng: needs the address of an instance, e.g. searxng:http://localhost:8888")
    return searxng(around.reach, _pages(around), at)


def _wikipedia(at: str, around: Around) -> Source:
    return Wikipedia(around.reach, at or "en")


def _pages(around: Around) -> Pages:
    return Pages(around.fetching, around.cache / "pages" if around.settings.use_cache else None)


def _key(around: Around, key: SecretStr | None, scheme: str) -> str:
    """The key of a service; a replay needs none. Raises UsageError."""
    if key is None and not around.fetching.replay:
        key = kept_key(scheme)
        if key is None:
            raise UsageError(f"{scheme}: has no key; set FACTCHECK_{scheme.upper()}_KEY")
    return key.get_secret_value() if key else ""


SCHEMES: dict[str, Callable[[str, Around], Source]] = {
    "ledger": _ledger,
    "claimreview": _claimreview,
    "google": _google,
    "searxng": _searxng,
    "brave": _brave,
    "wikipedia": _wikipedia,
}
