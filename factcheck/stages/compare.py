"""Claims of documents become findings: who is who, windows side by side, and a second look at what they found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Answer, Claim, Document, Finding, Problem, Tie
from factcheck.stages.excerpts import Excerpt, whole
from factcheck.stages.identify import Identified, identify
from factcheck.stages.judge import Judgement, judge
from factcheck.stages.pair import CANDIDATE_TOKENS, LEAST, WINDOW_TOKENS, Unit, Window, windows
from factcheck.stages.second_look import BATCH, Case, Looked, second_look
from factcheck.text.names import renamed

Seek = Callable[[Sequence[Claim], int], list[Excerpt]]
"""From new claims and a number of tokens to excerpts of what was said before, elsewhere."""


class Compared(NamedTuple):
    """What came of a comparison of documents with each other and with what stands before them."""

    findings: list[Finding]
    answers: list[Answer]
    claims: list[Claim]
    """Sides that extraction had not listed."""
    ties: list[Tie]
    problems: list[Problem]


class Member(NamedTuple):
    """A document with its claims on its way into a comparison."""

    document: Document
    claims: Sequence[Claim]
    is_new: bool = True
    """False for one that was compared before and is only shown beside the others."""


def nothing_before(claims: Sequence[Claim], tokens: int) -> list[Excerpt]:  # noqa: ARG001
    """The `Seek` of a collection with nothing before it."""
    return []


async def compare(
    members: Sequence[Member],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    seek: Seek = nothing_before,
    seek_between: Seek | None = None,
    window: int = WINDOW_TOKENS,
    candidates: int = 0,
    knows_names: bool = False,
    watch: Callable[[Window], None] = lambda window: None,
) -> Compared:
    """Find what does not fit among documents, and between the new ones and `candidates` tokens of what is sought.

    What `seek_between` finds for a document is shown to it apart from the others. `knows_names` says that equal names
    are all that is to be known of who is who; `watch` is told of every window.
    """
    said = {m.document.id: m.claims for m in members}
    documents = [m.document for m in members]
    who = Identified([], []) if knows_names else await identify(said, documents, chat, prompts["who"])
    units = [
        Unit(part, m.is_new) for m in members for part in whole(m.document, renamed(m.claims, who.ties)) if part.claims
    ]
    budget = _budget(candidates, window - sum(u.excerpt.size for u in units))
    laid = [_with_candidates(w, seek, budget) for w in windows(units, window - budget)]
    laid += _apart([u.excerpt for u in units if u.is_new], seek_between) if seek_between else []
    for one in laid:
        watch(one)
    judged = [j for part in await asyncio.gather(*(_judged(w, chat, prompts["judge"]) for w in laid)) for j in part]
    looked = await _looked(judged, laid, chat, prompts["review"])
    answers = list(dict.fromkeys([*(a for j in judged for a in j.answers), *looked.answers]))
    return Compared(
        looked.findings,
        answers,
        _used([c for j in judged for c in j.claims], looked.findings, answers),
        who.ties,
        [*who.problems, *(p for j in judged for p in j.problems), *looked.problems],
    )


def _budget(candidates: int, spare: int) -> int:
    """Tokens for what is sought: what whole documents leave of the window, or a little where they fill it."""
    return min(candidates, max(spare, LEAST))


def within(made: Compared, ids: Collection[str]) -> Compared:
    """A comparison without the sides that it noticed in other documents than these, and what rests on them.

    So an article that commands its reader adds nothing to another one that later comparisons would meet.
    """
    gone = {c.id for c in made.claims if c.document_id not in ids}
    return made._replace(
        claims=[c for c in made.claims if c.id not in gone],
        findings=[f for f in made.findings if gone.isdisjoint((f.a, f.b))],
        answers=[a for a in made.answers if gone.isdisjoint((a.accusation, a.answer))],
    )


def _with_candidates(window: Window, seek: Seek, tokens: int) -> Window:
    """The window with the nearest of what was said before, where it is the first one of its new documents."""
    if not tokens or not window.seeks:
        return window
    found = seek([claim for part in window.new for claim in part.claims], tokens)
    return window._replace(beside=(*found, *window.beside))


def _apart(parts: Sequence[Excerpt], seek: Seek) -> list[Window]:
    """A window of its own for each part for which something is found."""
    found = ((part, seek(part.claims, CANDIDATE_TOKENS)) for part in parts)
    return [Window((part,), tuple(beside), seeks=False) for part, beside in found if beside]


async def _judged(window: Window, chat: Chat, prompt: Prompt) -> list[Judgement]:
    """The window's comparison; where its text got no answer its halves, and what could be read of them together."""
    judgement = await judge(window.new, window.beside, chat, prompt)
    if not judgement.splittable:
        return [judgement]
    middle = len(window.new) // 2
    halves = [Window(part, window.beside) for part in (window.new[:middle], window.new[middle:])]
    done = [j for part in await asyncio.gather(*(_judged(w, chat, prompt) for w in halves)) for j in part]
    unread = frozenset().union(*(j.unread for j in done))
    first, second = (tuple(e for e in w.new if e.document.id not in unread) for w in halves)
    return [*done, *(await _judged(Window(second, first), chat, prompt) if first and second else [])]


async def _looked(judged: Sequence[Judgement], laid: Sequence[Window], chat: Chat, prompt: Prompt) -> Looked:
    """Each conflict once, with its tier after a second look, in a stable order."""
    shown = [part for w in laid for part in (*w.new, *w.beside)]
    claims = {c.id: c for part in shown for c in part.claims}
    claims = {c.id: c for j in judged for c in j.claims} | claims
    cases = _cases(judged, claims, {part.document.id: part.document for part in shown})
    parts = [cases[i : i + BATCH] for i in range(0, len(cases), BATCH)]
    looks = await asyncio.gather(*(second_look(part, chat, prompt) for part in parts))
    return Looked(
        [f for look in looks for f in look.findings],
        [a for look in looks for a in look.answers],
        [p for look in looks for p in look.problems],
    )


def _cases(judged: Sequence[Judgement], claims: Mapping[str, Claim], documents: Mapping[str, Document]) -> list[Case]:
    """Each conflict once, with what a second look needs."""
    cases: list[Case] = []
    for finding in (f for j in judged for f in j.findings):
        a, b = claims[finding.a], claims[finding.b]
        case = Case(finding, a, b, documents[a.document_id], documents[b.document_id])
        if not any(_overlap(case.a, other.a) and _overlap(case.b, other.b) for other in cases):
            cases.append(case)
    return cases


def _overlap(a: Claim, b: Claim) -> bool:
    return a.document_id == b.document_id and any(
        p.start < q.end and q.start < p.end for p in a.quotes for q in b.quotes
    )


def _used(noticed: Sequence[Claim], findings: Sequence[Finding], answers: Sequence[Answer]) -> list[Claim]:
    """Of the sides that only a comparison noticed, those that a finding or an answer rests on, each once."""
    sides = {key for f in findings for key in (f.a, f.b)} | {key for a in answers for key in (a.accusation, a.answer)}
    return list({c.id: c for c in noticed if c.id in sides}.values())
