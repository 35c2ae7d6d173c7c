"""A second, independent look at evidence that conflicts with a claim or qualifies it: documents first, claim last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.errors import ModelError
from factcheck.llm.answers import WeighLookWire, WeighReviewAnswer
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import Document, Problem, said_on
from factcheck.plural import counted
from factcheck.stages.excerpts import in_context
from factcheck.stages.weigh import Piece, head

BATCH = 24
"""Pieces in one request."""

CONTEXT = 1
"""Sentences shown on either side of evidence, and before the claim."""

FULL_DATE = len("2024-06-14")

LOOK_TOKENS = 45
"""Tokens of one look in an answer, for estimates."""


class Reviewed(NamedTuple):
    """The pieces that remain, with what the second look says of them, and problems."""

    pieces: list[Piece]
    problems: list[Problem]


async def review_pieces(
    pieces: Sequence[Piece], documents: Mapping[str, Document], chat: Chat, prompt: Prompt
) -> Reviewed:
    """One call for the pieces of up to 24 that do not support; `documents` has those of claims and words by id.

    Where the two looks differ the milder one holds: a conflict may become a qualification, but for a figure that by the
    dates had replaced the stated one before the statement was made. What the second look takes for something else, or
    for no conflict, is left out and listed.
    """
    doubted = [p for p in pieces if p.relation != "supports"]
    if not doubted:
        return Reviewed(list(pieces), [])
    kept, problems = [p for p in pieces if p.relation == "supports"], []
    outdated = {p.claim.id for p in pieces if p.replaced}
    for i in range(0, len(doubted), BATCH):
        batch = doubted[i : i + BATCH]
        try:
            reply = await chat.ask(review_prompt(batch, documents, prompt), WeighReviewAnswer)
        except ModelError as error:
            message = f"{counted(len(batch), 'piece')} of evidence had no second look: {error}"
            problems.append(Problem(stage="weigh", code=error.code, message=message))
            kept += batch
            continue
        looks = {look.n: look for look in reply.answer.looks}
        for n, piece in enumerate(batch, 1):
            firm = piece.claim.id in outdated and _came_before(piece, documents)
            after, problem = _after(piece, looks.get(n), documents, firm=firm)
            kept += [after] if after else []
            problems += [problem] if problem else []
    order = {id(piece.words): n for n, piece in enumerate(pieces)}
    return Reviewed(sorted(kept, key=lambda p: order[id(p.words)]), problems)


def review_prompt(pieces: Sequence[Piece], documents: Mapping[str, Document], prompt: Prompt) -> Filled:
    """The prompt for a batch of pieces, exactly as it is sent."""
    rendered = [f"Piece {n}\n{_rendered(piece, documents)}" for n, piece in enumerate(pieces, 1)]
    return fill(prompt, {"pieces": "\n\n".join(rendered)}, expected_output=LOOK_TOKENS * len(pieces))


def _rendered(piece: Piece, documents: Mapping[str, Document]) -> str:
    claim, article = piece.claim, documents[piece.claim.document_id]
    lines = []
    for words in piece.words:
        document = documents[words.document_id]
        lines.append(f"- {head(document)}: {in_context(words, document, before=CONTEXT, after=CONTEXT)}")
    said = claim.attribution
    who = said.speaker or "its own voice"
    when = f", said {said.stated_on}" if said.stated_on else ""
    shown = in_context(claim, article, before=CONTEXT, after=0)
    return "\n".join([*lines, f"Statement ({who}{when}; {head(article)}): {shown}"])


def _came_before(piece: Piece, documents: Mapping[str, Document]) -> bool:
    """Whether all documents of a piece are from a day before that of the statement."""
    said = said_on(piece.claim, documents[piece.claim.document_id]) or ""
    dates = [documents[words.document_id].published or "" for words in piece.words]
    return all(len(date) == len(said) == FULL_DATE and date < said for date in dates)


def _after(
    piece: Piece, look: WeighLookWire | None, documents: Mapping[str, Document], *, firm: bool
) -> tuple[Piece | None, Problem | None]:
    """What a second look leaves of a piece; one that is `firm` becomes no milder."""
    document = documents[piece.words[0].document_id]
    if look is None:
        message = f"{document.name}: a piece of evidence had no second look"
        return piece, Problem(stage="weigh", code="incomplete", document_id=document.id, message=message)
    if look.verdict in {"conflicts", "qualifies"}:
        milder = look.verdict == "qualifies" and not firm
        return piece._replace(strong=True, relation="qualifies" if milder else piece.relation), None
    words = " ".join(piece.words[0].quotes[0].exact.split())
    message = f"{document.name}: left out as evidence, since a second look disagrees: “{words[:80]}”: {look.because}"
    return None, Problem(stage="weigh", code="no_conflict", document_id=document.id, message=message)
