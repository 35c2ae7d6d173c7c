"""The alternative to looking for evidence: articles, claims and the whole archive in one prompt, into the same report.

Used by `factcheck eval --against one-prompt` and by nothing else. Quotes are grounded with the same code.
"""

from __future__ import annotations

from collections.abc import Mapping

from factcheck import __about__
from factcheck.ids import content_id
from factcheck.llm.answers import Wire
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import Check, Claim, Document, Evidence, Outcome, Problem, Relation, Report, Run
from factcheck.quality.dossiers import Dossier
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.ground import ground, occurrences
from factcheck.text.sentences import sentences_of

CLAIM_TOKENS = 120
"""Tokens of an answer for each claim, for estimates."""


class OnePieceWire(Wire):
    """Words of a document and what they do to a claim."""

    doc: str
    quote: str
    relation: Relation
    why: str


class OneCheckWire(Wire):
    """A claim by number, what came of it, and the evidence."""

    n: int
    evidence: list[OnePieceWire]
    outcome: Outcome


class OneArchiveAnswer(Wire):
    """Every claim of a dossier."""

    checks: list[OneCheckWire]


async def weigh_at_once(dossier: Dossier, chat: Chat, prompts: Mapping[str, Prompt]) -> Report:
    """Evidence for all claims of a dossier from one call. Raises ModelError."""
    prompt = prompts["one-prompt-evidence"]
    reply = await chat.ask(archive_prompt(dossier, prompt), OneArchiveAnswer)
    claims = dict(enumerate(dossier.claims, 1))
    problems: list[Problem] = []
    evidence: dict[str, Evidence] = {}
    checks: list[Check] = []
    for row in (row for row in reply.answer.checks if row.n in claims):
        made = [e for piece in row.evidence if (e := _evidence(piece, claims[row.n], dossier, problems))]
        evidence |= {e.id: e for e in made}
        ids = tuple(dict.fromkeys(e.id for e in made))
        checks.append(Check(claim_id=claims[row.n].id, outcome=row.outcome, searched=(), evidence=ids))
    return Report(
        run=run_of(dossier, chat, {prompt.name: prompt.fingerprint}),
        documents=(*dossier.articles.values(), *dossier.archive.values()),
        claims=dossier.claims,
        findings=(),
        evidence=tuple(evidence.values()),
        checks=tuple({check.claim_id: check for check in checks}.values()),
        problems=tuple(problems),
    )


def run_of(dossier: Dossier, chat: Chat, prompts: dict[str, str]) -> Run:
    """How a report on a dossier comes about."""
    inputs = tuple(d.id for d in dossier.articles.values())
    return Run(
        id=content_id("r", *prompts.values(), *inputs),
        tool=__about__.TOOL,
        started=None,
        model=chat.endpoint.model,
        prompts=prompts,
        inputs=inputs,
        usage=chat.usage(),
    )


def archive_prompt(dossier: Dossier, prompt: Prompt) -> Filled:
    """The whole dossier, as it is sent."""
    labels = {document.id: key for key, document in dossier.articles.items()}
    claims = [
        f"{n}. [{labels[claim.document_id]}] {' … '.join(q.exact for q in claim.quotes)}"
        for n, claim in enumerate(dossier.claims, 1)
    ]
    slots = {
        "articles": "\n\n".join(_text(key, d) for key, d in dossier.articles.items()),
        "claims": "\n".join(claims),
        "archive": "\n\n".join(_text(key, d) for key, d in dossier.archive.items()),
    }
    return fill(prompt, slots, expected_output=CLAIM_TOKENS * len(claims))


def _text(key: str, document: Document) -> str:
    head = f"{document.publisher or 'unknown'}, {document.published or 'undated'}: {document.title or ''}"
    return f"{key}: {head}\n\n{document.text}"


def _evidence(piece: OnePieceWire, claim: Claim, dossier: Dossier, problems: list[Problem]) -> Evidence | None:
    document = dossier.archive.get(piece.doc)
    if document is None:
        problems.append(Problem(stage="weigh", code="unknown_document", message=f"there is no document {piece.doc}"))
        return None
    made = ground(Draft(document, (_pointer(document, piece.quote),), None, "assertion", ""))
    if not isinstance(made, Claim):
        problems.append(Problem(stage="weigh", code=made.code, document_id=document.id, message=made.reason))
        return None
    spans = ",".join(f"{q.start}-{q.end}" for q in made.quotes)
    return Evidence(
        id=content_id("e", claim.id, document.id, piece.relation, spans),
        claim_id=claim.id,
        document_id=document.id,
        quotes=made.quotes,
        relation=piece.relation,
        why=piece.why,
        reading="",
        source="archive",
        said_on=document.published,
    )


def _pointer(document: Document, quote: str) -> Pointer:
    """The first place of a quote, so that one that is short is not refused for it."""
    found = occurrences(document.text, quote)
    sentences = sentences_of(document.text, document.language)
    number = next((s.number for s in sentences if found and s.start <= found[0].start < s.end), 0)
    return Pointer(number, quote)
