"""One document becomes claims: passage by passage, every draft grounded, what was rejected repaired once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.errors import ModelError
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Problem
from factcheck.stages.drafts import Draft, Rejection
from factcheck.stages.extract import extract, repair, together
from factcheck.stages.ground import ground, occurrences
from factcheck.stages.split import split
from factcheck.text.orders import speaks_to_machine


class Extracted(NamedTuple):
    """The claims of one document, in the order of its text, and what could not be done."""

    document: Document
    claims: list[Claim]
    problems: list[Problem]
    machine: bool = False
    """Whether the document speaks to the program that reads it."""


async def claims_of(document: Document, chat: Chat, prompts: Mapping[str, Prompt]) -> Extracted:
    """Extract passage by passage, ground every draft, and repair once what was rejected."""
    parts = await asyncio.gather(*(extract(p, chat, prompts["extract"]) for p in split(document)))
    problems = together(document, [p for part in parts for p in part.problems])
    claims, rejected = _grounded([draft for part in parts for draft in part.drafts])
    if rejected:
        mended = await repair(rejected, chat, prompts["repair"])
        more, still = _grounded(mended.drafts)
        claims += more
        problems += mended.problems
        problems += _rejections(document, rejected, mended.drafts, still)
    machine = any(part.machine for part in parts) or any(map(speaks_to_machine, _shown(document)))
    if machine:
        claims, invented = _by_its_own(document, claims)
        problems += invented
    return Extracted(document, _in_order(claims), problems, machine)


def _by_its_own(document: Document, claims: Sequence[Claim]) -> tuple[list[Claim], list[Problem]]:
    """The claims of a document that gives orders to its reader, without those of speakers whom it does not name.

    An order may have put words into the mouth of somebody else.
    """
    names = {claim.attribution.speaker for claim in claims} - {None}
    known = {name for name in names if name and any(occurrences(text, name) for text in _shown(document))}
    said = f"{document.name}: a statement was left out: its speaker does not stand in the document"
    problems = [
        Problem(stage="ground", code="unknown_source", document_id=document.id, message=f"{said}: {name}")
        for name in sorted(names - known, key=str)
    ]
    return [c for c in claims if c.attribution.speaker is None or c.attribution.speaker in known], problems


def _shown(document: Document) -> list[str]:
    """All of a document that a model ever reads."""
    return [text for text in (document.title, document.publisher, document.text) if text]


async def embedded(
    claims: Sequence[Claim], document: Document, chat: Chat
) -> tuple[dict[str, list[float]], list[Problem]]:
    """Embeddings of a document's claims by id, where a model is set; one that fails is a problem of the comparison."""
    model = chat.endpoint.embedding_model
    if model is None or not claims:
        return {}, []
    try:
        made = await chat.embed([f"{c.topic}: {c.text}" for c in claims], model)
    except ModelError as error:
        message = f"{document.name}: has no embeddings: {error}"
        return {}, [Problem(stage="judge", code=error.code, document_id=document.id, message=message)]
    return dict(zip((c.id for c in claims), made, strict=True)), []


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
