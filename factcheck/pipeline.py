"""The whole flow on one screen: documents in, a report out.

    Document → Passage → Draft → Claim → (candidates) → Finding → Report
             split    extract  ground          pair        judge, review

Stages are plain functions from values to (values, problems); only this module calls them, and remember.py, which
has the flow with a ledger. `factcheck eval` calls the comparison alone for suites of pairs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from factcheck import __about__
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Finding, Problem, Report, Run, content_id
from factcheck.stages.drafts import Draft, Rejection
from factcheck.stages.extract import extract, repair
from factcheck.stages.ground import ground
from factcheck.stages.judge import Judgement, judge, read_together, readable_parts
from factcheck.stages.pair import known, pair, rarities
from factcheck.stages.second_look import BATCH, Case, Review, review
from factcheck.stages.split import split

STAGE_PROMPTS = ("extract", "repair", "judge", "review")


class Extracted(NamedTuple):
    """The claims of one document, in the order of its text, and what could not be done."""

    document: Document
    claims: list[Claim]
    problems: list[Problem]


T = TypeVar("T")
Done = Callable[[Document], None]


async def check(
    documents: Sequence[Document],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    compare: bool = True,
    done: Done = lambda document: None,
) -> Report:
    """Extract and ground the claims of every document, compare them, and report.

    A failure never ends the run: it leaves a Problem, and everything else goes on.
    """
    ordered = sorted(documents, key=lambda d: d.published or "9999")
    extracted = await _in_turn(claims_of(d, chat, prompts, done) for d in ordered)
    problems = [p for e in extracted for p in e.problems]
    claims = {c.id: c for e in extracted for c in e.claims}
    findings: list[Finding] = []
    if compare:
        judgements = await _judged(extracted, chat, prompts)
        claims |= {c.id: c for j in judgements for c in j.claims}
        problems += [p for j in judgements for p in j.problems]
        looked = await second_look(judgements, claims, {d.id: d for d in ordered}, chat, prompts["review"])
        findings = looked.findings
        problems += looked.problems
    return _report(ordered, claims, findings, problems, chat, prompts)


async def _in_turn(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Start all, letting each send its request before the next is prepared; results in the order given."""
    tasks = []
    for coroutine in work:
        tasks.append(asyncio.ensure_future(coroutine))
        await asyncio.sleep(0)
    return list(await asyncio.gather(*tasks))


async def claims_of(
    document: Document, chat: Chat, prompts: Mapping[str, Prompt], done: Done = lambda document: None
) -> Extracted:
    """Extract passage by passage, ground every draft, and repair once what was rejected."""
    parts = await asyncio.gather(*(extract(p, chat, prompts["extract"]) for p in split(document)))
    problems = [p for part in parts for p in part.problems]
    claims, rejected = _grounded([draft for part in parts for draft in part.drafts])
    if rejected:
        mended = await repair(rejected, chat, prompts["repair"])
        more, still = _grounded(mended.drafts)
        claims += more
        problems += mended.problems
        problems += _rejections(document, rejected, mended.drafts, still)
    done(document)
    return Extracted(document, _in_order(claims), problems)


def _grounded(drafts: Sequence[Draft]) -> tuple[list[Claim], list[Rejection]]:
    results = [ground(draft) for draft in drafts]
    return [r for r in results if isinstance(r, Claim)], [r for r in results if isinstance(r, Rejection)]


def _rejections(
    document: Document, rejected: list[Rejection], mended: list[Draft], still: list[Rejection]
) -> list[Problem]:
    """A problem for each draft that has no words in the document, even after the repair."""
    tried = [draft._replace(pointers=()) for draft in mended]
    gone = [r for r in rejected if r.draft._replace(pointers=()) not in tried]
    return [
        Problem(
            stage="ground",
            code=r.code,
            document_id=document.id,
            message=f"{document.name}: a statement was left out: {r.reason}",
        )
        for r in (*gone, *still)
    ]


def _in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in the order of the text, each once."""
    unique = {claim.id: claim for claim in reversed(claims)}
    return sorted(unique.values(), key=lambda c: (c.quotes[0].start, c.quotes[-1].end, c.id))


async def _judged(extracted: Sequence[Extracted], chat: Chat, prompts: Mapping[str, Prompt]) -> list[Judgement]:
    """Compare documents with themselves and with the earlier ones; without claims there is nothing to compare."""
    parts = [part for e in extracted for part in readable_parts(e.document, e.claims) if part.claims]
    groups = [known(part.document, part.claims) for part in parts]
    rarity = rarities([k for group in groups for k in group])

    async def compared(new: range) -> list[Judgement]:
        claims = [k for i in new for k in groups[i]]
        others = pair(claims, groups[: new.start], rarity)
        judgement = await judge([parts[i] for i in new], others, chat, prompts["judge"])
        if not judgement.splittable:
            return [judgement]
        half = new.start + len(new) // 2
        halves = (range(new.start, half), range(half, new.stop))
        return [j for done in await asyncio.gather(*map(compared, halves)) for j in done]

    return [j for done in await _in_turn(compared(new) for new in read_together(parts)) for j in done]


async def second_look(
    judgements: Sequence[Judgement],
    claims: Mapping[str, Claim],
    documents: Mapping[str, Document],
    chat: Chat,
    prompt: Prompt,
) -> Review:
    """Each conflict once, with its tier after a second look, in a stable order."""
    cases = _cases(judgements, claims, documents)
    parts = [cases[i : i + BATCH] for i in range(0, len(cases), BATCH)]
    reviews = await asyncio.gather(*(review(part, chat, prompt) for part in parts))
    return Review([f for r in reviews for f in r.findings], [p for r in reviews for p in r.problems])


def _cases(
    judgements: Sequence[Judgement], claims: Mapping[str, Claim], documents: Mapping[str, Document]
) -> list[Case]:
    """Each conflict once, with what a second look needs, in a stable order."""
    cases: list[Case] = []
    for finding in (f for j in judgements for f in j.findings):
        a, b = claims[finding.a], claims[finding.b]
        case = Case(finding, a, b, documents[a.document_id], documents[b.document_id])
        if not any(_overlap(case.a, other.a) and _overlap(case.b, other.b) for other in cases):
            cases.append(case)
    return cases


def _overlap(a: Claim, b: Claim) -> bool:
    return a.document_id == b.document_id and any(
        p.start < q.end and q.start < p.end for p in a.quotes for q in b.quotes
    )


def _report(
    documents: Sequence[Document],
    claims: Mapping[str, Claim],
    findings: Sequence[Finding],
    problems: Sequence[Problem],
    chat: Chat,
    prompts: Mapping[str, Prompt],
) -> Report:
    place = {document.id: i for i, document in enumerate(documents)}
    in_order = sorted(claims.values(), key=lambda c: (place[c.document_id], c.quotes[0].start, c.quotes[-1].end, c.id))
    rank = {claim.id: i for i, claim in enumerate(in_order)}
    return Report(
        run=run_of(chat, prompts, *place),
        documents=tuple(documents),
        claims=tuple(in_order),
        findings=tuple(
            sorted(findings, key=lambda f: (f.tier == "lead", f.severity == "partial", rank[f.a], rank[f.b]))
        ),
        problems=tuple(problems),
    )


def run_of(chat: Chat, prompts: Mapping[str, Prompt], *inputs: str) -> Run:
    """How a report came about; the same tool, model, prompts and inputs have the same id."""
    used = {name: prompts[name].fingerprint for name in STAGE_PROMPTS}
    return Run(
        id=content_id("r", __about__.TOOL, chat.endpoint.model, *used.values(), *inputs),
        tool=__about__.TOOL,
        started=None,
        model=chat.endpoint.model,
        prompts=used,
        usage=chat.usage(),
    )
