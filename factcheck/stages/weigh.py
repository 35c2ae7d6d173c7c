"""Ask what sentences of other documents do to claims; every place is grounded, and code derives the outcome."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from factcheck.errors import OF_THE_TEXT, ModelError
from factcheck.llm.answers import PieceWire, WeighAnswer
from factcheck.llm.client import Chat, Reply
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import Claim, Document, Outcome, Problem, Relation
from factcheck.plural import counted, was
from factcheck.stages.drafts import Draft, Pointer, Rejection, Source
from factcheck.stages.excerpts import Excerpt, in_context, sentences_with
from factcheck.stages.extract import repair
from factcheck.stages.ground import ground, occurrences
from factcheck.text.sentences import Sentence

BATCH = 12
"""Claims in one request; a normal article has fewer that are worth a look."""

PIECE_TOKENS = 90
"""Tokens of what an answer says of one claim, for estimates; measured on the recordings of the cases."""

BEFORE = 1
"""Sentences before a claim that are shown with it."""

PLACE = re.compile(r"\W*(?P<label>[A-Z]+)\.?(?P<sentence>\d{1,9})\]?(?:[\s:]+(?P<words>.*))?", re.DOTALL)


class Piece(NamedTuple):
    """Words of one or more documents that together do one thing to a claim; as claims, since grounding made them."""

    claim: Claim
    relation: Relation
    words: tuple[Claim, ...]
    why: str
    reading: str
    replaced: bool = False
    """Whether a newer figure of the same series had replaced these words before the claim was made."""
    strong: bool = False


class Weighed(NamedTuple):
    """What bears on claims, what claims leave out (by id), which of them got no answer, and problems."""

    pieces: list[Piece]
    lacks: dict[str, str]
    unread: frozenset[str]
    problems: list[Problem]


class _Shown(NamedTuple):
    article: Document
    claims: dict[int, Claim]
    sources: dict[str, Excerpt]


async def weigh(
    claims: Sequence[Claim],
    article: Document,
    sources: Sequence[Excerpt],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    again: bool = True,
) -> Weighed:
    """One call for up to twelve claims of an article; where its text gets no answer it is asked in two halves.

    Sources of which the answer says that they speak to their reader as a machine are left out, and the others weighed
    anew without them, once.
    """
    if not sources:
        return Weighed([], {}, frozenset(), [])
    filled, shown = _request(claims, article, sources, prompts["weigh"])
    try:
        reply = await chat.ask(filled, WeighAnswer)
    except ModelError as error:
        if error.code in OF_THE_TEXT and len(claims) > 1:
            return await _halved(claims, article, sources, chat, prompts)
        message = f"{counted(len(claims), 'statement')} {was(len(claims))} not weighed: {error}"
        return Weighed([], {}, frozenset(c.id for c in claims), [_problem(article, error.code, message)])
    if again and (hostile := {key for key in map(_letters, reply.answer.machine) if key in shown.sources}):
        rest = [part for key, part in shown.sources.items() if key not in hostile]
        made = await weigh(claims, article, rest, chat, prompts, again=False)
        left = [addressed(shown.sources[key].document) for key in sorted(hostile)]
        return made._replace(problems=[*left, *made.problems])
    return await _read(reply, shown, chat, prompts["repair"])


def addressed(document: Document) -> Problem:
    """The problem of a document that was found as evidence and speaks to the program that reads it."""
    said = "holds words for the program that reads it, so it was not weighed; read it yourself"
    return Problem(stage="weigh", code="addresses_machine", message=f"{document.name}: {said}")


def _letters(label: str) -> str:
    return label.strip("[]. ").rstrip("0123456789")


async def _read(reply: Reply[WeighAnswer], shown: _Shown, chat: Chat, prompt: Prompt) -> Weighed:
    """An answer with every place grounded, and what of it could not be used."""
    article = shown.article
    problems = [_problem(article, "malformed", f"a part of the answer was left out: {e}") for e in reply.errors]
    problems += [_problem(article, "shortened", reply.warning)] if reply.warning else []
    answer = reply.answer
    seen = {*answer.nothing, *(wire.n for wire in answer.pieces)}
    problems += [
        _problem(article, "unknown_claim", f"the answer names statement {n}, which was not shown")
        for n in sorted(seen - shown.claims.keys())
    ]
    unread = frozenset(c.id for n, c in shown.claims.items() if n not in seen)
    problems += (
        [_problem(article, "incomplete", f"{counted(len(unread), 'statement')} {was(len(unread))} not weighed")]
        if unread
        else []
    )
    meant = [(shown.claims[w.n], w) for w in answer.pieces if w.same and w.n in shown.claims]
    pieces, more = await _grounded(meant, shown, chat, prompt)
    lacks = {shown.claims[w.n].id: w.what for w in answer.lacks if w.n in shown.claims}
    return Weighed(pieces, lacks, unread, [*problems, *more])


async def _halved(
    claims: Sequence[Claim], article: Document, sources: Sequence[Excerpt], chat: Chat, prompts: Mapping[str, Prompt]
) -> Weighed:
    middle = len(claims) // 2
    parts = (claims[:middle], claims[middle:])
    a, b = await asyncio.gather(*(weigh(part, article, sources, chat, prompts) for part in parts))
    return Weighed([*a.pieces, *b.pieces], a.lacks | b.lacks, a.unread | b.unread, [*a.problems, *b.problems])


def weigh_prompt(claims: Sequence[Claim], article: Document, sources: Sequence[Excerpt], prompt: Prompt) -> Filled:
    """The prompt for claims of one article, exactly as it is sent."""
    return _request(claims, article, sources, prompt)[0]


def _request(
    claims: Sequence[Claim], article: Document, sources: Sequence[Excerpt], prompt: Prompt
) -> tuple[Filled, _Shown]:
    numbered = dict(enumerate(claims, 1))
    labelled = {_label(i): part for i, part in enumerate(sources)}
    slots = {
        "article": head(article),
        "claims": "\n".join(_statements(numbered, article)),
        "sources": "\n\n".join(_source(label, part) for label, part in labelled.items()),
    }
    return fill(prompt, slots, expected_output=PIECE_TOKENS * len(claims)), _Shown(article, numbered, labelled)


def _label(index: int) -> str:
    """Letters: A to Z, then AA, AB and so on."""
    first, last = divmod(index, 26)
    return (_label(first - 1) if first else "") + chr(ord("A") + last)


def head(document: Document) -> str:
    """Who published a document, when, and under which title."""
    return f"{document.publisher or 'unknown'}, {document.published or 'undated'}: {document.title or ''}".rstrip(": ")


def _statements(numbered: Mapping[int, Claim], article: Document) -> Iterator[str]:
    """A line a claim: who says it and its words, with the sentence before them where no other claim shows that."""
    shown: set[int] = set()
    for n, claim in numbered.items():
        own = {s.number for s in sentences_with(article, claim)}
        before = 0 if min(own) - 1 in shown else BEFORE
        shown |= own
        yield f"#{n} {_who(claim)}: {in_context(claim, article, before=before, after=0)}{_meant(claim)}"


def _who(claim: Claim) -> str:
    said = claim.attribution
    office = ", ".join(filter(None, (said.role, said.organisation, said.on_behalf_of)))
    when = f", said {said.stated_on}" if said.stated_on else ""
    return f"{said.speaker or '(article)'}{f' ({office})' if office else ''}{when}"


def _meant(claim: Claim) -> str:
    """What the words are about, and what they refer to, as extraction says."""
    notes = claim.text.count("[") > sum(quote.exact.count("[") for quote in claim.quotes)
    parts = [f"about: {claim.topic}"] if claim.topic else []
    parts += [f"in full: {claim.text}"] if notes else []
    return f" ({'; '.join(parts)})" if parts else ""


def _source(label: str, part: Excerpt) -> str:
    text = part.document.text
    lines = [f"{label}: {head(part.document)}"]
    previous = part.sentences[0].number - 1 if part.sentences else 0
    for sentence in part.sentences:
        gap = "" if sentence.number == previous + 1 else "[…] "
        lines.append(f"{gap}[{label}{sentence.number}] {' '.join(text[sentence.start : sentence.end].split())}")
        previous = sentence.number
    return "\n".join(lines)


class _Draft(NamedTuple):
    """The words of one document in one piece of an answer, `at` being the place of the piece among all."""

    at: int
    draft: Draft


async def _grounded(
    answered: Sequence[tuple[Claim, PieceWire]], shown: _Shown, chat: Chat, prompt: Prompt
) -> tuple[list[Piece], list[Problem]]:
    """Pieces of which some words were found; what was not found is repaired once, a call a document, or listed."""
    problems: list[Problem] = []
    drafts = [d for at, (_, wire) in enumerate(answered) for d in _drafts(at, wire, shown, problems)]
    made = [(d.at, ground(d.draft)) for d in drafts]
    found = [(at, one) for at, one in made if isinstance(one, Claim)]
    rejected = [(at, one) for at, one in made if isinstance(one, Rejection)]
    for same in _by_document(rejected):
        mended = await repair([r for _, r in same], chat, prompt)
        problems += [p.model_copy(update={"stage": "weigh"}) for p in mended.problems]
        for at, rejection in same:
            bare = rejection.draft._replace(pointers=())
            again = next((ground(d) for d in mended.drafts if d._replace(pointers=()) == bare), rejection)
            if isinstance(again, Claim):
                found.append((at, again))
            else:
                message = f"evidence was left out: {again.reason}"
                problems.append(_problem(rejection.draft.document, again.code, message))
    return [p for at, (claim, wire) in enumerate(answered) if (p := _piece(at, claim, wire, found))], problems


def _by_document(rejected: Sequence[tuple[int, Rejection]]) -> list[list[tuple[int, Rejection]]]:
    groups: dict[str, list[tuple[int, Rejection]]] = {}
    for at, rejection in rejected:
        groups.setdefault(rejection.draft.document.id, []).append((at, rejection))
    return list(groups.values())


def _drafts(at: int, wire: PieceWire, shown: _Shown, problems: list[Problem]) -> list[_Draft]:
    """One draft a document; a place that was not shown is a problem."""
    pointers: dict[str, list[Pointer]] = {}
    for place in wire.at:
        match = PLACE.fullmatch(place.strip())
        part = shown.sources.get(match["label"]) if match else None
        if match is None or part is None or not _has(part.sentences, int(match["sentence"])):
            message = f"the answer points at {place[:60]!r}, which was not shown"
            problems.append(_problem(shown.article, "unknown_sentence", message))
            continue
        words = (match["words"] or "").strip()
        pointers.setdefault(match["label"], []).append(Pointer(int(match["sentence"]), words))
    return [_Draft(at, _draft(at, wire, shown.sources[key].document, there)) for key, there in pointers.items()]


def _has(sentences: Iterable[Sentence], number: int) -> bool:
    return any(sentence.number == number for sentence in sentences)


def _draft(at: int, wire: PieceWire, document: Document, pointers: Sequence[Pointer]) -> Draft:
    """The topic is the place of the piece, which tells drafts of one document apart after a repair."""
    named = wire.by if wire.by and occurrences(document.text, wire.by) else None
    source = Source(named) if named else None
    return Draft(document, tuple(pointers), source, "assertion", str(at), "indirect" if source else "own")


def _piece(at: int, claim: Claim, wire: PieceWire, found: Sequence[tuple[int, Claim]]) -> Piece | None:
    words = tuple(one for place, one in found if place == at)
    if not words:
        return None
    relation: Relation = "supports" if wire.rel == "replaced" else wire.rel
    reading = "" if relation == "supports" else wire.reading
    return Piece(claim, relation, words, wire.why, reading, replaced=wire.rel == "replaced")


def outcome_of(pieces: Iterable[Piece]) -> Outcome:
    """What all pieces about one claim amount to; what had been replaced before the claim supports nothing."""
    given = list(pieces)
    relations = {p.relation for p in given if not p.replaced}
    if "conflicts" in relations:
        return "mixed" if "supports" in relations else "conflicting"
    if "qualifies" in relations or (given and not relations):
        return "qualified"
    return "supported" if relations else "nothing_found"


def _problem(document: Document, code: str, message: str) -> Problem:
    return Problem(stage="weigh", code=code, document_id=document.id, message=f"{document.name}: {message}")
