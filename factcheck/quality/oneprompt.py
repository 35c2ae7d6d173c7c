"""The honest alternative to the pipeline: a whole dossier in one good prompt, read into the same report.

Used by `factcheck eval --against one-prompt` and by nothing else. Quotes are grounded with the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from factcheck import __about__
from factcheck.ids import content_id
from factcheck.llm.answers import Wire
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import (
    Claim,
    Document,
    Finding,
    FindingKind,
    Kind,
    Problem,
    Report,
    Run,
    Severity,
    Voice,
)
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground

OUTPUT_SHARE = 2


class OneClaimWire(Wire):
    """A claim with all its fields, as the one-prompt alternative gives it."""

    n: int
    doc: str
    quote: str
    text: str
    kind: Kind
    speaker: str | None
    role: str | None
    organisation: str | None
    on_behalf_of: str | None
    via: list[str]
    cue: str | None
    voice: Voice
    stated_on: str | None
    target: str | None
    topic: str
    checkworthy: bool


class OneContradictionWire(Wire):
    """Two claims by number, and how they clash."""

    a: int
    b: int
    kind: FindingKind
    severity: Severity
    explanation: str
    reading: str


class OnePromptAnswer(Wire):
    """Everything about a dossier at once."""

    claims: list[OneClaimWire]
    contradictions: list[OneContradictionWire]


async def ask_once(documents: Sequence[Document], chat: Chat, prompts: Mapping[str, Prompt]) -> Report:
    """Claims and contradictions of all documents from one call. Raises ModelError."""
    prompt = prompts["one-prompt"]
    reply = await chat.ask(one_prompt(documents, prompt), OnePromptAnswer)
    labelled = {f"D{n}": document for n, document in enumerate(documents, 1)}
    problems: list[Problem] = []
    claims: dict[int, Claim] = {}
    for item in reply.answer.claims:
        grounded = _grounded(item, labelled, problems)
        if grounded is not None:
            claims[item.n] = grounded
    findings = {f.id: f for c in reply.answer.contradictions if (f := _finding(c, claims, problems))}
    run = Run(
        id=content_id("r", prompt.fingerprint, *(d.id for d in documents)),
        tool=__about__.TOOL,
        started=None,
        model=chat.endpoint.model,
        prompts={prompt.name: prompt.fingerprint},
        usage=chat.usage(),
    )
    unique = {claim.id: claim for claim in claims.values()}
    return Report(
        run=run,
        documents=tuple(documents),
        claims=tuple(unique.values()),
        findings=tuple(findings.values()),
        problems=tuple(problems),
    )


def one_prompt(documents: Sequence[Document], prompt: Prompt) -> Filled:
    """The whole dossier, as it is sent."""
    texts = [
        f"D{n}: {d.publisher or 'unknown'}, {d.published or 'undated'}: {d.title or ''}\n\n{d.text}"
        for n, d in enumerate(documents, 1)
    ]
    size = sum(len(text) // 4 for text in texts)
    return fill(prompt, {"documents": "\n\n".join(texts)}, expected_output=OUTPUT_SHARE * size)


def _grounded(item: OneClaimWire, labelled: Mapping[str, Document], problems: list[Problem]) -> Claim | None:
    document = labelled.get(item.doc)
    if document is None:
        problems.append(Problem(stage="ground", code="unknown_document", message=f"there is no document {item.doc}"))
        return None
    source = None
    if item.speaker is not None:
        named = item.voice != "anonymous"
        source = Source(item.speaker, item.role, item.organisation, item.on_behalf_of, named)
    draft = Draft(
        document=document,
        pointers=(Pointer(0, item.quote),),
        source=source,
        kind=item.kind,
        topic=item.topic,
        voice=item.voice,
        via=tuple(item.via),
        target=item.target,
        cue=item.cue,
        stated_on=item.stated_on,
        importance=1 if item.checkworthy else 0,
    )
    result = ground(draft)
    if isinstance(result, Claim):
        return result
    problems.append(Problem(stage="ground", code=result.code, document_id=document.id, message=result.reason))
    return None


def _finding(item: OneContradictionWire, claims: Mapping[int, Claim], problems: list[Problem]) -> Finding | None:
    if item.a not in claims or item.b not in claims:
        message = f"a contradiction between {item.a} and {item.b} has a side without a claim"
        problems.append(Problem(stage="judge", code="unknown_claim", message=message))
        return None
    a, b = claims[item.a], claims[item.b]
    return Finding(
        id=content_id("f", a.id, b.id),
        kind=item.kind,
        severity=item.severity,
        tier="strong",
        a=a.id,
        b=b.id,
        explanation=item.explanation,
        reading=item.reading,
    )
