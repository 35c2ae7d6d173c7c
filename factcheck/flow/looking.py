"""The sources in which a run looks for evidence, from their names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from factcheck.inputs.documents import Fetching
from factcheck.llm.client import Chat
from factcheck.llm.recordings import Store
from factcheck.models import Problem
from factcheck.settings import Settings

if TYPE_CHECKING:
    from factcheck.flow.evidence import Looking
    from factcheck.sources.results import Embedding


def looking_in(
    evidence: Iterable[str | Path] | None,
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
    from factcheck.sources.named import sources_for  # noqa: PLC0415

    names = [str(place) for place in (settings.evidence if evidence is None else evidence)]
    if not names:
        return None, []
    found, problems = sources_for(
        names,
        settings,
        fetching=fetching,
        store=tape,
        is_record=tape is not None and not fetching.replay,
        network=network,
        embedding=_embedding(chat),
    )
    return Looking(found, max_claims or settings.max_claims), problems


def _embedding(chat: Chat) -> Embedding | None:
    """The embedding model that is set, as sources ask it."""
    from factcheck.sources.results import Embedding  # noqa: PLC0415  (slow to import)

    model = chat.endpoint.embedding_model
    return Embedding(model, lambda texts: chat.embed(texts, model)) if model else None
