"""The whole flow on one screen: documents in; claims, findings and what could not be done are kept in a ledger.

    Document → Passage → Draft → Claim → kept → Window → Finding → kept
             split    extract  ground       pair     judge, second look

Documents become claims side by side and are kept in the order of their dates. Documents that
are read together are compared with each other and with all that stands before them, side by side with every other
comparison; so each pair of documents meets once, and nothing waits for another document's answers. A run without a
ledger is the same run with a ledger in memory. An article that speaks to its reader as a machine is compared alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from factcheck import __about__
from factcheck.errors import OF_THE_ENDPOINT
from factcheck.ledger.connection import Ledger, memory_ledger
from factcheck.ledger.features import topic_words
from factcheck.ledger.store import Comparison, Entry
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.llm.tokens import estimate
from factcheck.models import Claim, Document, Problem, Report, Run, content_id
from factcheck.order import in_time
from factcheck.redaction import shown
from factcheck.stages.claims import Extracted, claims_of, embedded
from factcheck.stages.compare import Member, compare, within
from factcheck.stages.excerpts import Excerpt, excerpts
from factcheck.stages.losses import told_once
from factcheck.stages.pair import CANDIDATE_TOKENS, WINDOW_TOKENS, Gathering, Window
from factcheck.text.names import folded

AHEAD = 16
"""Documents whose claims are extracted at least, before an earlier one is kept."""

TOGETHER = 32
"""Documents that are kept in one transaction at most, where several can be kept."""

Done = Callable[[Document], None]
Watch = Callable[[Window], None]
"""Told of every window that is compared."""


class Flow(NamedTuple):
    """What all steps of one run share."""

    ledger: Ledger
    chat: Chat
    prompts: Mapping[str, Prompt]
    run: Run
    lock: asyncio.Lock
    """Held by whoever writes into the ledger."""
    window: int = WINDOW_TOKENS
    """Estimated tokens of articles in one comparison."""
    ahead: int = AHEAD
    """Documents whose claims may be extracted before an earlier one is kept."""
    done: Done = lambda document: None
    watch: Watch = lambda window: None


class Kept(NamedTuple):
    """A document in the ledger, with its place in the sequence."""

    document: Document
    claims: Sequence[Claim]
    seq: int
    machine: bool
    compared: bool


class Heard(NamedTuple):
    """What extraction gave, and the names of the answers that it came from."""

    extracted: Extracted
    vectors: Mapping[str, Sequence[float]]
    problems: list[Problem]
    recordings: list[str]


class Waiting(NamedTuple):
    """A document whose claims are being extracted; without a task it is known, or a copy of another."""

    document: Document
    task: asyncio.Task[Heard] | None


class OfRun(NamedTuple):
    """The documents of a run by their ids, and those that no comparison has seen before."""

    ids: frozenset[str]
    new: frozenset[str]


async def check(
    documents: Sequence[Document],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    ledger: Ledger | None = None,
    compare: bool = True,
    window: int = WINDOW_TOKENS,
    done: Done = lambda document: None,
    watch: Watch = lambda window: None,
    started: str | None = None,
) -> Report:
    """Put documents through all steps, and report what the ledger then holds about them; without one it is in memory.

    A failure never ends the run: it leaves a Problem, and everything else goes on. Raises LedgerError.
    """
    run = run_of(chat, prompts, documents)
    ahead = max(AHEAD, 2 * chat.endpoint.concurrency)
    with contextlib.nullcontext(ledger) if ledger else contextlib.closing(memory_ledger()) as kept:
        now = run.model_copy(update={"started": started})
        flow = Flow(kept, chat, prompts, now, asyncio.Lock(), window, ahead, done, watch)
        problems = await keep(documents, flow, comparing=compare)
        ordered = in_time(documents)
        report = kept.report([d.id for d in ordered], run_of(chat, prompts, documents), problems)
    held = {d.id: d for d in report.documents}
    own = {d.id: held.pop(d.id, d) for d in ordered}
    every = (*own.values(), *held.values())
    told = told_once(report.problems, every, chat.line.failures, chat.line.closed)
    return report.model_copy(update={"documents": every, "problems": (*told, *_found_out(chat))})


def _found_out(chat: Chat) -> list[Problem]:
    """What this run found out about the endpoint, which later runs know."""
    place = f"{chat.endpoint.model} at {shown(chat.endpoint.base_url)}"
    return [Problem(stage="extract", code="adapted", message=f"{place}: {one}") for one in chat.line.traits.news]


async def keep(documents: Sequence[Document], flow: Flow, *, comparing: bool = True) -> list[Problem]:
    """Keep the claims of documents, and what comes of comparing them; returns what was left for next time, and why."""
    ids = [d.id for d in documents]
    run = OfRun(frozenset(ids), frozenset(ids) - {key for key, held in flow.ledger.held(ids).items() if held.compared})
    problems: list[Problem] = []
    comparisons: set[asyncio.Task[list[Problem]]] = set()
    try:
        async for group in _read_together(_kept(in_time(documents), flow, problems), flow.window):
            if comparing and any(not k.compared for k in group):
                comparisons.add(asyncio.ensure_future(_compared(group, flow, run)))
                await asyncio.sleep(0)
        for found in await asyncio.gather(*comparisons):
            problems += found
    finally:
        for task in comparisons:
            task.cancel()
    return problems


async def _kept(ordered: Sequence[Document], flow: Flow, problems: list[Problem]) -> AsyncIterator[Kept]:
    """Documents in their order, as soon as each and all before it are in the ledger; copies of others are kept only."""
    waiting: deque[Waiting] = deque()
    rest = iter(ordered)
    there, copies = flow.ledger.held([d.id for d in ordered]), _copies(ordered, flow)
    try:
        while True:
            while len(waiting) < flow.ahead and (document := next(rest, None)) is not None:
                known = document.id in there or document.id in copies
                waiting.append(Waiting(document, None if known else asyncio.ensure_future(_heard(document, flow))))
                await asyncio.sleep(0)  # let it send its request before the next is prepared
            if not waiting:
                return
            batch = await _ready(waiting)
            problems += await _keep(batch, flow)
            for one in _in_ledger([w.document for w in batch], flow):
                if one.document.id not in copies:
                    yield one
    finally:
        for _, task in waiting:
            if task is not None:
                task.cancel()


def _copies(ordered: Sequence[Document], flow: Flow) -> set[str]:
    """Documents whose text another one has, in this run or in the ledger."""
    first = {d.sha256: d.id for d in reversed(ordered)} | flow.ledger.originals([d.sha256 for d in ordered])
    return {d.id for d in ordered if first[d.sha256] != d.id}


async def _ready(waiting: deque[Waiting]) -> list[Waiting]:
    """The first of those that wait, as soon as it can be kept, and those behind it that can be kept with it."""
    first = waiting.popleft()
    if first.task is not None:
        await asyncio.wait([first.task])
    batch = [first]
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


async def _heard(document: Document, flow: Flow) -> Heard:
    heard: list[str] = []
    chat = flow.chat.noting(heard)
    extracted = await claims_of(document, chat, flow.prompts)
    vectors, problems = await embedded(extracted.claims, document, chat)
    return Heard(extracted, vectors, [*extracted.problems, *problems], heard)


async def _keep(batch: Sequence[Waiting], flow: Flow) -> list[Problem]:
    """Put documents into the ledger; what comes back says why one was left for next time."""
    left: list[Problem] = []
    entries: list[Entry] = []
    for document, task in batch:
        if task is None:
            left += _keep_known(document, flow)
            continue
        heard = await task
        if _is_left(heard.problems, flow, some=bool(heard.extracted.claims)):
            left += heard.problems
        else:
            entries.append(_entry(document, heard, flow))
    if entries:
        await _written(flow, lambda: flow.ledger.keep(entries, flow.run))
    return left


def _keep_known(document: Document, flow: Flow) -> list[Problem]:
    if flow.ledger.held([document.id]) or flow.ledger.keep_copy(document, flow.run):
        return []
    message = f"{document.name}: waits for another document with the same text, which could not be read"
    return [Problem(stage="extract", code="waits", document_id=document.id, message=message)]


def _entry(document: Document, heard: Heard, flow: Flow) -> Entry:
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


async def _written(flow: Flow, write: Callable[[], object]) -> None:
    """Write in a thread, one transaction after the other, so that answers are heard while the disk is waited for."""
    if flow.ledger.is_memory:
        write()
        return
    async with flow.lock:
        await asyncio.to_thread(write)


def _addressed(document: Document, extracted: Extracted) -> list[Problem]:
    """The problem of a document that speaks to the program that reads it."""
    if not extracted.machine:
        return []
    said = "holds words for the program that reads it, so it is compared alone and shown beside no other article"
    return [
        Problem(stage="extract", code="addresses_machine", document_id=document.id, message=f"{document.name}: {said}")
    ]


def _is_left(problems: Sequence[Problem], flow: Flow, *, some: bool) -> bool:
    """Whether the endpoint failed, so that it is done next time; what a ledger in memory has is better than nothing."""
    failed = any(p.code in OF_THE_ENDPOINT for p in problems)
    return failed and not (flow.ledger.is_memory and some)


async def _read_together(kept: AsyncIterator[Kept], window: int) -> AsyncIterator[list[Kept]]:
    """Documents that share a comparison, see `Gathering`; one that speaks to its reader as a machine is alone."""
    gathering: Gathering[Kept] = Gathering(window, _terms)
    alone: list[Kept] = []
    async for document in kept:
        if document.machine:
            alone.append(document)
            continue
        for group in gathering.add(document, estimate(document.document.text)):
            yield group
    for group in (*gathering.rest(), *([document] for document in alone)):
        yield group


def _terms(kept: Kept) -> frozenset[str]:
    """The people and bodies that a document names, and the words of its topics."""
    said = [c.attribution for c in kept.claims]
    names = {folded(n) for a in said for n in (a.speaker, a.organisation, a.on_behalf_of) if n}
    names |= {folded(c.target) for c in kept.claims if c.target}
    parts = {word for name in names for word in name.split() if len(word) > 3}  # noqa: PLR2004
    return frozenset(names | parts | {word for c in kept.claims for word in topic_words(c.topic)})


async def _compared(group: Sequence[Kept], flow: Flow, run: OfRun) -> list[Problem]:
    """Compare documents with each other and with all before them, and keep what came of it.

    One that was compared before is shown whole where it stands before all new ones. What stands between the new ones,
    e.g. from another process, meets those before it in its own comparison; so it is shown apart to those after it.
    Only documents of the run itself that stand between, and were put into another group, are among the candidates.
    """
    heard: list[str] = []
    new = [k for k in group if not k.compared]
    first = min(k.seq for k in new)
    shown = [k for k in group if not k.compared or k.seq < first]
    ids = {k.document.id for k in shown}
    places = {k.document.id: None if k.machine else k.seq for k in new}

    between = flow.ledger.between(ids | run.new, first, max(k.seq for k in new))
    model = flow.chat.endpoint.embedding_model

    def seek(claims: Sequence[Claim], tokens: int, only: Collection[str] | None = None) -> list[Excerpt]:
        without = ids if only else ids | between.keys()
        found = flow.ledger.candidates(claims, places, without=without, only=only, of_run=run.ids, model=model)
        return excerpts(found, tokens)

    has_earlier = flow.ledger.holds_others(ids, places)
    made = await compare(
        [Member(k.document, k.claims, not k.compared) for k in shown],
        flow.chat.noting(heard, documents=len(new)),
        flow.prompts,
        seek=seek,
        seek_between=partial(seek, only=between) if between else None,
        window=flow.window,
        candidates=min(CANDIDATE_TOKENS * len(new), flow.window // 2) if has_earlier else 0,
        watch=flow.watch,
    )
    if _is_left(made.problems, flow, some=True):
        return made.problems
    if any(k.machine for k in new):
        made = within(made, ids)
    kept = Comparison(
        [k.document.id for k in new],
        claims=made.claims,
        findings=made.findings,
        answers=made.answers,
        ties=made.ties,
        problems=made.problems,
        recordings=sorted(set(heard)),
    )
    await _written(flow, lambda: flow.ledger.finish(kept, flow.run))
    return [p for p in made.problems if p.document_id is None]


STAGE_PROMPTS = ("extract", "repair", "who", "judge", "review")


def run_of(chat: Chat, prompts: Mapping[str, Prompt], documents: Sequence[Document]) -> Run:
    """How a report comes about; the same tool, model, prompts and documents have the same id."""
    used = {name: prompts[name].fingerprint for name in STAGE_PROMPTS}
    inputs = tuple(d.id for d in in_time(documents))
    return Run(
        id=content_id("r", __about__.TOOL, chat.endpoint.model, *used.values(), *inputs),
        tool=__about__.TOOL,
        started=None,
        model=chat.endpoint.model,
        prompts=used,
        inputs=inputs,
        usage=chat.usage(),
    )
