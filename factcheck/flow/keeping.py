"""Documents become claims side by side, and are put into the ledger in the order of their dates."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple

from factcheck.flow.run import Flow, Kept, is_left, written
from factcheck.ledger.store import Entry
from factcheck.models import Claim, Document, Problem
from factcheck.stages.claims import Extracted, claims_of, embedded
from factcheck.views import ClaimView

TOGETHER = 32
"""Documents that are kept in one transaction at most, where several can be kept."""


class _Heard(NamedTuple):
    """What extraction gave, and the names of the answers that it came from."""

    extracted: Extracted
    vectors: Mapping[str, Sequence[float]]
    problems: list[Problem]
    recordings: list[str]


class _Waiting(NamedTuple):
    """A document whose claims are being extracted; without a task it is known, or a copy of another."""

    document: Document
    task: asyncio.Task[_Heard] | None


async def kept(
    ordered: Sequence[Document], there: Collection[str], flow: Flow, problems: list[Problem]
) -> AsyncIterator[Kept]:
    """Documents in their order, as soon as each and all before it are in the ledger; copies of others are kept only.

    Those that are `there` by their ids are not asked about.
    """
    waiting: deque[_Waiting] = deque()
    rest = iter(ordered)
    copies = _copies(ordered, flow)
    try:
        while True:
            while len(waiting) < flow.ahead and (document := next(rest, None)) is not None:
                known = document.id in there or document.id in copies
                waiting.append(_Waiting(document, None if known else asyncio.ensure_future(_heard(document, flow))))
                await asyncio.sleep(0)  # let it send its request before the next is prepared
            if not waiting:
                return
            batch = await _ready(waiting)
            problems += await _keep(batch, flow)
            for one in _in_ledger([w.document for w in batch], flow):
                _tell_of(one, flow)
                if one.document.id not in copies:
                    yield one
    finally:
        for _, task in waiting:
            if task is not None:
                task.cancel()


def _tell_of(one: Kept, flow: Flow) -> None:
    """Tell whoever listens of a document and its claims."""
    flow.tell(one.document)
    for claim in one.claims:
        flow.tell(ClaimView(claim, one.document))


def _copies(ordered: Sequence[Document], flow: Flow) -> set[str]:
    """Documents whose text another one has, in this run or in the ledger."""
    first = {d.sha256: d.id for d in reversed(ordered)} | flow.ledger.originals([d.sha256 for d in ordered])
    return {d.id for d in ordered if first[d.sha256] != d.id}


async def _ready(waiting: deque[_Waiting]) -> list[_Waiting]:
    """The first of those that wait, as soon as it can be kept, and those behind it that can be kept with it."""
    first = waiting[0]
    if first.task is not None:
        await asyncio.wait([first.task])  # it stays among those that wait, so that it ends where this is cancelled
    batch = [waiting.popleft()]
    while first.task and waiting and len(batch) < TOGETHER and (task := waiting[0].task) and task.done():
        batch.append(waiting.popleft())
    return batch


def _in_ledger(documents: Sequence[Document], flow: Flow) -> list[Kept]:
    """Documents as the ledger holds them; those that were left for next time are missing."""
    held = flow.ledger.held([d.id for d in documents])
    said: dict[str, list[Claim]] = {key: [] for key in held}
    for claim in flow.ledger.claims(list(held)):
        said[claim.document_id].append(claim)
    for document in documents:
        flow.done(document)
    now = ((d, held[d.id]) for d in documents if d.id in held)
    return [Kept(d, said[d.id], h.seq, h.machine, h.compared) for d, h in now]


async def _heard(document: Document, flow: Flow) -> _Heard:
    heard: list[str] = []
    chat = flow.chat.noting(heard)
    extracted = await claims_of(document, chat, flow.prompts)
    vectors, problems = await embedded(extracted.claims, document, chat)
    return _Heard(extracted, vectors, [*extracted.problems, *problems], heard)


async def _keep(batch: Sequence[_Waiting], flow: Flow) -> list[Problem]:
    """Put documents into the ledger; what comes back says why one was left for next time."""
    left: list[Problem] = []
    entries: list[Entry] = []
    for document, task in batch:
        if task is None:
            left += _keep_known(document, flow)
            continue
        heard = await task
        if is_left(heard.problems, flow, some=bool(heard.extracted.claims)):
            left += heard.problems
        else:
            entries.append(_entry(document, heard, flow))
    if entries:
        await written(flow, lambda: flow.ledger.keep(entries, flow.run))
    return left


def _keep_known(document: Document, flow: Flow) -> list[Problem]:
    if flow.ledger.held([document.id]) or flow.ledger.keep_copy(document, flow.run):
        return []
    message = f"{document.name}: waits for another document with the same text, which could not be read"
    return [Problem(stage="extract", code="waits", document_id=document.id, message=message)]


def _entry(document: Document, heard: _Heard, flow: Flow) -> Entry:
    return Entry(
        document,
        heard.extracted.claims,
        problems=[*heard.problems, *_addressed(document, heard.extracted)],
        recordings=sorted(set(heard.recordings)),
        vectors=heard.vectors,
        embedded_by=flow.chat.endpoint.embedding_model or "",
        machine=heard.extracted.machine,
        compared=False,
    )


def _addressed(document: Document, extracted: Extracted) -> list[Problem]:
    """The problem of a document that speaks to the program that reads it."""
    if not extracted.machine:
        return []
    said = "holds words for the program that reads it, so it is compared alone and shown beside no other article"
    return [
        Problem(stage="extract", code="addresses_machine", document_id=document.id, message=f"{document.name}: {said}")
    ]
