"""The whole flow on one screen: documents in; claims, findings and what could not be done are kept in a ledger.

    Document → Passage → Draft → Claim → kept → Window → Finding → kept
             split    extract  ground       pair     judge, second look

Documents become claims side by side and are kept in the order of their dates. Documents that
are read together are compared with each other and with all that stands before them, side by side with every other
comparison; so each pair of documents meets once, and nothing waits for another document's answers. A run without a
ledger is the same run with a ledger in memory. An article that speaks to its reader as a machine is compared alone.
Where sources were named, evidence about the claims is looked for last (see `flow/evidence.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from factcheck.flow.comparing import OfRun, compared, read_together
from factcheck.flow.evidence import Looking, add_evidence
from factcheck.flow.keeping import kept
from factcheck.flow.known import keep_found, remembered
from factcheck.flow.run import AHEAD, Done, Flow, Watch, run_of
from factcheck.ledger.connection import Ledger, memory_ledger
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Document, Problem, Report
from factcheck.order import in_time
from factcheck.redaction import shown
from factcheck.stages.losses import told_once
from factcheck.stages.pair import CANDIDATE_TOKENS, WINDOW_TOKENS
from factcheck.stages.priority import ranked
from factcheck.views import Listener


async def check(
    documents: Sequence[Document],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    ledger: Ledger | None = None,
    compare: bool = True,
    window: int = WINDOW_TOKENS,
    candidates: int = CANDIDATE_TOKENS,
    done: Done = lambda document: None,
    watch: Watch = lambda window: None,
    tell: Listener = lambda event: None,
    started: str | None = None,
    looking: Looking | None = None,
) -> Report:
    """Put documents through all steps, and report what the ledger then holds about them; without one it is in memory.

    A failure never ends the run: it leaves a Problem, and everything else goes on. Raises LedgerError.
    """
    run = run_of(chat, prompts, documents)
    ahead = max(AHEAD, 2 * chat.endpoint.concurrency)
    with contextlib.nullcontext(ledger) if ledger else contextlib.closing(memory_ledger()) as book:
        now = run.model_copy(update={"started": started})
        flow = Flow(book, chat, prompts, now, asyncio.Lock(), window, candidates, ahead, done, watch, tell)
        problems = await keep(documents, flow, comparing=compare)
        ordered = in_time(documents)
        report = book.report([d.id for d in ordered], run_of(chat, prompts, documents), problems)
        report, memory = remembered(_told(report, ordered, chat), book)
        if looking is None:
            return report
        found = await add_evidence(report, looking, chat, prompts, memory.settles)
        return keep_found(report, found, memory, book)


def _told(report: Report, ordered: Sequence[Document], chat: Chat) -> Report:
    """The report with its own documents first, claims in their order, and each failure once."""
    held = {d.id: d for d in report.documents}
    own = {d.id: held.pop(d.id, d) for d in ordered}
    every = (*own.values(), *held.values())
    told = told_once(report.problems, every, chat.line.failures, chat.line.closed)
    claims = tuple(ranked(report.claims, {d.id: d for d in every}))
    return report.model_copy(update={"documents": every, "claims": claims, "problems": (*told, *_found_out(chat))})


async def keep(documents: Sequence[Document], flow: Flow, *, comparing: bool = True) -> list[Problem]:
    """Keep the claims of documents, and what comes of comparing them; returns what was left for next time, and why."""
    ids = [d.id for d in documents]
    there = flow.ledger.held(ids)
    run = OfRun(frozenset(ids), frozenset(ids) - {key for key, held in there.items() if held.compared})
    problems: list[Problem] = []
    comparisons: set[asyncio.Task[list[Problem]]] = set()
    try:
        async for group in read_together(kept(in_time(documents), there, flow, problems), flow.window):
            if comparing and any(not k.compared for k in group):
                comparisons.add(asyncio.ensure_future(compared(group, flow, run)))
                await asyncio.sleep(0)
        for found in await asyncio.gather(*comparisons):
            problems += found
    finally:
        for task in comparisons:
            task.cancel()
    return problems


def _found_out(chat: Chat) -> list[Problem]:
    """What this run found out about the endpoint, which later runs know."""
    place = f"{chat.endpoint.model} at {shown(chat.endpoint.base_url)}"
    return [Problem(stage="extract", code="adapted", message=f"{place}: {one}") for one in chat.line.traits.news]
