"""Kept documents are gathered into groups; each is compared with itself and with all that stands before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from typing import NamedTuple

from factcheck.flow.run import Flow, Kept, Watch, is_left, written
from factcheck.ledger.features import topic_words
from factcheck.ledger.store import Comparison
from factcheck.llm.tokens import estimate
from factcheck.models import Claim, Problem
from factcheck.stages.compare import Compared, Member, compare, within
from factcheck.stages.excerpts import Excerpt, excerpts
from factcheck.stages.pair import Gathering, Window
from factcheck.text.names import folded
from factcheck.views import viewed_finding


class OfRun(NamedTuple):
    """The documents of a run by their ids, and those that no comparison has seen before."""

    ids: frozenset[str]
    new: frozenset[str]


async def read_together(kept: AsyncIterator[Kept], window: int) -> AsyncIterator[list[Kept]]:
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


async def compared(group: Sequence[Kept], flow: Flow, run: OfRun) -> list[Problem]:
    """Compare documents with each other and with all before them, and keep what came of it.

    One that was compared before is shown whole where it stands before all new ones. What stands between the new ones,
    e.g. from another process, meets those before it in its own comparison; so it is shown apart to those after it.
    Only documents of the run itself that stand between, and were put into another group, are among the candidates.
    """
    heard: list[str] = []
    laid: list[Window] = []
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
        candidates=min(flow.candidates * len(new), flow.window // 2) if has_earlier else 0,
        watch=_watching(laid, flow),
    )
    if is_left(made.problems, flow, some=True):
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
    await written(flow, lambda: flow.ledger.finish(kept, flow.run))
    _tell_of(made, laid, flow)
    return [p for p in made.problems if p.document_id is None]


def _watching(laid: list[Window], flow: Flow) -> Watch:
    """Collect the windows that are compared, and pass them on."""

    def watch(window: Window) -> None:
        laid.append(window)
        flow.watch(window)

    return watch


def _tell_of(made: Compared, laid: Sequence[Window], flow: Flow) -> None:
    """Tell whoever listens of the findings, with the sides that were shown to the model."""
    shown = [part for window in laid for part in (*window.new, *window.beside)]
    documents = {part.document.id: part.document for part in shown}
    claims = {c.id: c for c in (*(c for part in shown for c in part.claims), *made.claims)}
    for finding in made.findings:
        flow.tell(viewed_finding(finding, claims, documents))
