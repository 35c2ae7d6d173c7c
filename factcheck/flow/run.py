"""What the steps of one run share: the ledger, the client, the prompts, and what a document is once it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from factcheck import __about__
from factcheck.errors import OF_THE_ENDPOINT
from factcheck.ids import content_id
from factcheck.ledger.connection import Ledger
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Problem, Run
from factcheck.order import in_time
from factcheck.stages.pair import CANDIDATE_TOKENS, WINDOW_TOKENS, Window
from factcheck.views import Listener

AHEAD = 16
"""Documents whose claims are extracted at least, before an earlier one is kept."""

STAGE_PROMPTS = ("extract", "repair", "who", "judge", "review")

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
    candidates: int = CANDIDATE_TOKENS
    """Estimated tokens of earlier documents that one new document is shown beside."""
    ahead: int = AHEAD
    """Documents whose claims may be extracted before an earlier one is kept."""
    done: Done = lambda document: None
    watch: Watch = lambda window: None
    tell: Listener = lambda event: None


class Kept(NamedTuple):
    """A document in the ledger, with its place in the sequence."""

    document: Document
    claims: Sequence[Claim]
    seq: int
    machine: bool
    compared: bool


def run_of(chat: Chat, prompts: Mapping[str, Prompt], documents: Sequence[Document]) -> Run:
    """How a report comes about; the same tool, model, prompts and documents have the same id."""
    used = {name: prompts[name].fingerprint for name in STAGE_PROMPTS if name in prompts}
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


async def written(flow: Flow, write: Callable[[], object]) -> None:
    """Write in a thread, one transaction after the other, so that answers are heard while the disk is waited for."""
    if flow.ledger.is_memory:
        write()
        return
    async with flow.lock:
        await asyncio.to_thread(write)


def is_left(problems: Sequence[Problem], flow: Flow, *, some: bool) -> bool:
    """Whether the endpoint failed, so that it is done next time; what a ledger in memory has is better than nothing."""
    failed = any(p.code in OF_THE_ENDPOINT for p in problems)
    return failed and not (flow.ledger.is_memory and some)
