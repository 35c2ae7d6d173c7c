"""Ask for the statements of a passage; what comes back are drafts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from factcheck.errors import ModelError
from factcheck.llm.answers import ClaimWire, ExtractAnswer, RepairAnswer, SourceWire
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.llm.tokens import estimate
from factcheck.models import Document, Problem
from factcheck.stages.drafts import Draft, Passage, Pointer, Rejection, Source
from factcheck.stages.split import halve
from factcheck.text.nameless import described, holds_office
from factcheck.text.sentences import Sentence, sentences_of

OUTPUT_SHARE = 2
"""Tokens of an extraction's answer for each token of its passage, for estimates; measured on news articles."""

SPLITS = 2
"""How often a passage is halved whose answer was cut off."""

NEIGHBOURS = 2
"""Sentences on either side of a rejected quote that a repair request shows."""


PLACE = re.compile(r"\s*(?:\[?(?P<sentence>\d{1,9})\]?(?:[\s:.]|$))?(?P<words>.*)", re.DOTALL)
"""A sentence number and words; words without a number are looked for in the whole document."""


class Extraction(NamedTuple):
    """The drafts of one passage, and what could not be read."""

    drafts: list[Draft]
    problems: list[Problem]
    machine: bool = False
    """Whether the model says that the passage speaks to it."""


async def extract(passage: Passage, chat: Chat, prompt: Prompt, *, splits: int = SPLITS) -> Extraction:
    """One call a passage; an answer that was cut off is asked for again in two halves, `splits` times over."""
    try:
        reply = await chat.ask(extraction_prompt(passage, prompt), ExtractAnswer)
    except ModelError as error:
        parts = halve(passage) if error.code == "truncated" and splits else [passage]
        if len(parts) == 1:
            return Extraction([], [_problem(passage.document, error.code, _place(passage), str(error))])
        halves = [await extract(part, chat, prompt, splits=splits - 1) for part in parts]
        return Extraction(
            [d for half in halves for d in half.drafts],
            [p for half in halves for p in half.problems],
            any(half.machine for half in halves),
        )
    extraction = _drafts(passage, reply.answer, reply.errors)
    if reply.warning:
        extraction.problems.append(_problem(passage.document, "shortened", _place(passage), reply.warning))
    return extraction


def extraction_prompt(passage: Passage, prompt: Prompt) -> Filled:
    """The prompt for one passage, exactly as it is sent."""
    document = passage.document
    scope = ""
    if passage.context or passage.sentences[-1].number < len(sentences_of(document.text, document.language)):
        first, last = passage.sentences[0].number, passage.sentences[-1].number
        scope = (
            f"This is part of a long article. List only statements of sentences {first} to {last}; the rest is context."
        )
    slots = {
        "title": document.title or "unknown",
        "publisher": document.publisher or "unknown",
        "published": document.published or "unknown",
        "sentences": numbered(document, (*passage.context, *passage.sentences)),
        "scope": scope,
    }
    size = sum(estimate(document.text[s.start : s.end]) for s in passage.sentences)
    return fill(prompt, slots, expected_output=OUTPUT_SHARE * size + 100)


def numbered(document: Document, sentences: tuple[Sentence, ...]) -> str:
    """Sentences one a line behind their numbers, with the paragraphs and gaps of the document."""
    lines: list[str] = []
    for before, sentence in zip((None, *sentences), sentences, strict=False):
        if before is not None and before.number + 1 < sentence.number:
            lines += ["", "[…]", ""]
        elif before is not None and "\n" in document.text[before.end : sentence.start]:
            lines.append("")
        lines.append(f"[{sentence.number}] {' '.join(document.text[sentence.start : sentence.end].split())}")
    return "\n".join(lines)


async def repair(rejections: list[Rejection], chat: Chat, prompt: Prompt) -> Extraction:
    """Ask once for the right places of rejected quotes of one document; returns the drafts that got one."""
    document = rejections[0].draft.document
    try:
        reply = await chat.ask(repair_prompt(rejections, prompt), RepairAnswer)
    except ModelError as error:
        return Extraction([], [_problem(document, error.code, "repair of quotes", str(error))])
    places = {item.n: item.at for item in reply.answer.repairs}
    mended = [
        rejection.draft._replace(pointers=_pointers(places[n]))
        for n, rejection in enumerate(rejections, 1)
        if places.get(n)
    ]
    return Extraction(mended, [])


def repair_prompt(rejections: list[Rejection], prompt: Prompt) -> Filled:
    """The rejected quotes with their reasons, and the sentences around the places that were named."""
    document = rejections[0].draft.document
    named = {p.sentence for r in rejections for p in r.draft.pointers}
    shown = tuple(
        s
        for s in sentences_of(document.text, document.language)
        if any(abs(s.number - number) <= NEIGHBOURS for number in named)
    ) or sentences_of(document.text, document.language)
    lines = [
        f"{n}. {' | '.join(f'[{p.sentence}] {p.words}' for p in r.draft.pointers)} (rejected: {r.reason})"
        for n, r in enumerate(rejections, 1)
    ]
    slots = {"rejected": "\n".join(lines), "sentences": numbered(document, shown)}
    return fill(prompt, slots, expected_output=40 * len(rejections) + 20)


def _drafts(passage: Passage, answer: ExtractAnswer, errors: list[str]) -> Extraction:
    document = passage.document
    problems = [
        _problem(document, "malformed", _place(passage), f"a part of the answer was left out: {e}") for e in errors
    ]
    sources = {s.n: _source(document, s) for s in answer.sources}
    drafts = []
    for claim in answer.claims:
        if claim.by != 0 and claim.by not in sources:
            message = f"a statement names source {claim.by}, which is not listed"
            problems.append(_problem(document, "unknown_source", _place(passage), message))
            continue
        drafts.append(_draft(document, claim, sources.get(claim.by)))
    return Extraction(drafts, problems, answer.machine)


def _source(document: Document, wire: SourceWire) -> Source:
    """A source as the article introduces it; "the president of the court" without a name is one person all the same."""
    held = bool(wire.org) and holds_office(wire.name, wire.role, document.text, document.language)
    named = wire.named or held
    name = wire.name if named else described(wire.name)
    return Source(name, wire.role, wire.org, wire.behalf, named)


def _draft(document: Document, claim: ClaimWire, source: Source | None) -> Draft:
    return Draft(
        document=document,
        pointers=_pointers(claim.at),
        source=source,
        kind="official_position" if claim.kind == "position" else claim.kind,
        topic=claim.topic,
        voice=claim.voice,
        via=tuple(claim.via),
        target=claim.target,
        cue=claim.cue,
        stated_on=claim.on,
        notes=tuple(claim.notes),
        importance=claim.check,
    )


def _pointers(at: list[str]) -> tuple[Pointer, ...]:
    """Places as a model writes them, e.g. `12` or `12 the bridge will … next winter`."""
    found = (PLACE.match(place) for place in at)
    return tuple(Pointer(int(m["sentence"] or 0), m["words"].strip()) for m in found if m)


LOST = re.compile(r"(?P<first>\d+) to (?P<last>\d+): (?P<why>.*)", re.DOTALL)


def together(document: Document, problems: Sequence[Problem]) -> list[Problem]:
    """The problems of a document's passages; those of one cause in one line with all their places."""
    head = f"{document.name}, sentences "
    places: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        found = LOST.fullmatch(problem.message.removeprefix(head)) if problem.message.startswith(head) else None
        key = (problem.code, found["why"]) if found else (problem.code, problem.message)
        places.setdefault(key, []).extend([f"{found['first']} to {found['last']}"] if found else [])
    return [
        _problem(document, code, f"sentences {', '.join(at)}", why)
        if at
        else Problem(stage="extract", code=code, document_id=document.id, message=why)
        for (code, why), at in places.items()
    ]


def _place(passage: Passage) -> str:
    return f"sentences {passage.sentences[0].number} to {passage.sentences[-1].number}"


def _problem(document: Document, code: str, place: str, message: str) -> Problem:
    return Problem(stage="extract", code=code, document_id=document.id, message=f"{document.name}, {place}: {message}")
