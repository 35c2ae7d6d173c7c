"""Compare new documents with themselves and with excerpts of others; code decides what the answers amount to."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from factcheck.errors import OF_THE_TEXT, ModelError
from factcheck.ids import content_id
from factcheck.llm.answers import JudgeAnswer, MissedWire, PairWire, ReplyWire
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import (
    Answer,
    Attribution,
    Claim,
    Document,
    Finding,
    FindingKind,
    Problem,
    Severity,
    said_on,
)
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.excerpts import Excerpt, sentences_with
from factcheck.stages.ground import ground, occurrences
from factcheck.text.names import folded

PAIR_TOKENS = 150
"""Tokens of one judged pair in an answer, for estimates."""

FULL_DATE = len("2014-06-14")
NEW_LABEL = "N"
KIND_WORDS = {"assertion": "assertion", "accusation": "accusation", "official_position": "position"}


class Judgement(NamedTuple):
    """Findings of one comparison, answers to accusations, claims that only it noticed, and problems."""

    findings: list[Finding]
    answers: list[Answer]
    claims: list[Claim]
    problems: list[Problem]
    unread: frozenset[str] = frozenset()
    """Ids of the new documents, where there was no answer."""
    splittable: bool = False
    """Whether there was no answer, and fewer articles at once might get one."""


class _Shown(NamedTuple):
    """What one request shows: excerpts by label, claims by number, and which documents are new."""

    excerpts: dict[str, Excerpt]
    claims: dict[int, Claim]
    new: tuple[Document, ...]

    @property
    def documents(self) -> dict[str, Document]:
        return {e.document.id: e.document for e in self.excerpts.values()}

    @property
    def where(self) -> Document | None:
        """What a problem is about: the new document, or none in particular where there are several."""
        return self.new[0] if len(self.new) == 1 else None


async def judge(new: Sequence[Excerpt], others: Sequence[Excerpt], chat: Chat, prompt: Prompt) -> Judgement:
    """One call: every pair with a side in one of the new documents that does not fit, as findings."""
    filled, shown = _request(new, others, prompt)
    try:
        reply = await chat.ask(filled, JudgeAnswer)
    except ModelError as error:
        problems = [_problem(d, error.code, f"was not compared: {error}") for d in _once(e.document for e in new)]
        unread = frozenset(e.document.id for e in new)
        return Judgement([], [], [], problems, unread, splittable=error.code in OF_THE_TEXT and len(new) > 1)
    answer: JudgeAnswer = reply.answer
    problems = [_problem(shown.where, "malformed", f"a part of the answer was left out: {e}") for e in reply.errors]
    problems += [_problem(shown.where, "shortened", reply.warning)] if reply.warning else []
    claims = dict(shown.claims)
    missed: list[Claim] = []
    for side in answer.missed:
        claim = _missed(side, shown, problems)
        if claim is not None:
            claims[side.n] = claim
            missed.append(claim)
    findings = [f for p in answer.pairs if (f := _finding(p, claims, shown, problems))]
    answers = _answers(answer.answers, claims, shown)
    used = {key for f in findings for key in (f.a, f.b)} | {key for a in answers for key in (a.accusation, a.answer)}
    return Judgement(findings, answers, [c for c in missed if c.id in used], problems)


def _once(documents: Iterable[Document]) -> list[Document]:
    return list({document.id: document for document in documents}.values())


def _answers(replies: Sequence[ReplyWire], claims: dict[int, Claim], shown: _Shown) -> list[Answer]:
    """Replies with a side in a new document to what is an accusation, or at least lays something at somebody's door."""
    known = [(claims[r.to], claims[r.by]) for r in replies if r.to in claims and r.by in claims and r.to != r.by]
    new = {document.id for document in shown.new}
    return [
        Answer(accusation=to.id, answer=by.id)
        for to, by in known
        if (to.kind == "accusation" or to.target is not None) and not new.isdisjoint((to.document_id, by.document_id))
    ]


def judge_prompt(new: Sequence[Excerpt], others: Sequence[Excerpt], prompt: Prompt) -> Filled:
    """The prompt for new documents that are compared together, exactly as it is sent."""
    return _request(new, others, prompt)[0]


def _request(new: Sequence[Excerpt], others: Sequence[Excerpt], prompt: Prompt) -> tuple[Filled, _Shown]:
    labels = _labels(len(new) + len(others))
    if len(new) == 1:
        labels = [NEW_LABEL, *labels[:-1]]
    excerpts = dict(zip(labels, (*new, *others), strict=True))
    claims: dict[int, Claim] = {}
    texts = [_render(label, excerpt, claims) for label, excerpt in excerpts.items()]
    slots = {"new": "\n\n".join(texts[: len(new)]), "other": "\n\n".join(texts[len(new) :]) or "(none)"}
    expected = PAIR_TOKENS * (1 + sum(len(e.claims) for e in new) // 6)
    return fill(prompt, slots, expected_output=expected), _Shown(excerpts, claims, tuple(e.document for e in new))


def _labels(number: int) -> list[str]:
    letters = string.ascii_uppercase.replace(NEW_LABEL, "")
    return [letters[i % 25] + (str(i // 25) + "." if i >= 25 else "") for i in range(number)]  # noqa: PLR2004


def _render(label: str, excerpt: Excerpt, numbered: dict[int, Claim]) -> str:
    """An article's head, its sentences behind labels, and under each the claims that start in it."""
    document = excerpt.document
    lines = [f"{label}: {document.publisher or 'unknown'}, {document.published or 'undated'}: {document.title or ''}"]
    starts: dict[int, list[Claim]] = {}
    for claim in excerpt.claims:
        starts.setdefault(sentences_with(document, claim)[0].number, []).append(claim)
    introduced: set[str] = set()
    previous = 0
    for sentence in excerpt.sentences:
        if sentence.number != previous + 1:
            lines.append("[…]")
        previous = sentence.number
        lines.append(f"[{label}{sentence.number}] {' '.join(document.text[sentence.start : sentence.end].split())}")
        for claim in starts.get(sentence.number, []):
            number = len(numbered) + 1
            numbered[number] = claim
            lines.append(f"  #{number} {_caption(claim, introduced)}")
    return "\n".join(lines)


def _caption(claim: Claim, introduced: set[str]) -> str:
    """Who says what sort of thing, against whom and about what; an office is named once in an article."""
    said = claim.attribution
    who = said.speaker or "(article)"
    about = ", ".join(
        part
        for part in (said.role, said.organisation, f"for {said.on_behalf_of}" if said.on_behalf_of else None)
        if part
    )
    if who in introduced or not about:
        about = ""
    introduced.add(who)
    when = f", said {said.stated_on}" if said.stated_on else ""
    against = f" against {claim.target}" if claim.target else ""
    return f"{who}{f' ({about})' if about else ''}{when}: {KIND_WORDS[claim.kind]}{against}: {claim.topic}"


def _missed(side: MissedWire, shown: _Shown, problems: list[Problem]) -> Claim | None:
    """A side that extraction had not listed, grounded like any other claim."""
    if side.n in shown.claims:
        message = f"the comparison gives a new statement the number {side.n}, which another has"
        problems.append(_problem(shown.where, "unknown_claim", message))
        return None
    label = side.at.strip("[] ").rstrip("0123456789")
    number = side.at.strip("[] ")[len(label) :]
    excerpt = shown.excerpts.get(label)
    if excerpt is None or not number:
        problems.append(
            _problem(shown.where, "unknown_sentence", f"the comparison points at {side.at!r}, which was not shown")
        )
        return None
    known = next((c for c in excerpt.claims if side.speaker and c.attribution.speaker == side.speaker), None)
    if side.speaker and known is None and not occurrences(excerpt.document.text, side.speaker):
        message = f"the comparison names a speaker who does not stand in the document: {side.speaker}"
        problems.append(_problem(shown.where, "unknown_source", message))
        return None
    draft = Draft(
        document=excerpt.document,
        pointers=(Pointer(int(number), side.words),),
        source=_source(side.speaker, known.attribution if known else None),
        kind=side.kind,
        topic=known.topic if known else "",
        voice="indirect",
    )
    grounded = ground(draft)
    if isinstance(grounded, Claim):
        return grounded
    problems.append(_problem(shown.where, grounded.code, f"a side of a comparison was rejected: {grounded.reason}"))
    return None


def _source(speaker: str | None, known: Attribution | None) -> Source | None:
    if speaker is None:
        return None
    if known is None:
        return Source(speaker)
    written = known.as_written or speaker
    return Source(written, known.role, known.organisation, known.on_behalf_of, known.voice != "anonymous")


def _finding(answered: PairWire, claims: dict[int, Claim], shown: _Shown, problems: list[Problem]) -> Finding | None:
    documents = shown.documents
    unknown = [n for n in (answered.a, answered.b) if n not in claims]
    if unknown:
        message = f"the comparison names statement {unknown[0]}, which was not shown or not found"
        problems.append(_problem(shown.where, "unknown_claim", message))
        return None
    a, b = _in_order(claims[answered.a], claims[answered.b], documents)
    own_voice = any(c.attribution.speaker is None for c in (a, b))
    severity = severity_of(answered, own_voice=own_voice)
    old = {a.document_id, b.document_id}.isdisjoint(document.id for document in shown.new)
    if severity is None or a.id == b.id or old:
        return None
    kind = kind_of(a, b, documents[a.document_id], documents[b.document_id], same_speaker=answered.speakers == "same")
    return Finding(
        id=content_id("f", *sorted((a.id, b.id))),
        kind=kind,
        severity=severity,
        tier="lead",
        a=a.id,
        b=b.id,
        explanation=answered.why,
        reading=answered.reading,
        days_apart=_days_apart(a, b, documents),
        moved=answered.moved if answered.moved != "no" else None,
    )


def severity_of(answered: PairWire, *, own_voice: bool) -> Severity | None:
    """Full if both cannot be true, partial if both can and one speaker moved; otherwise there is no finding.

    An article that ascribes more to a party than the party says has moved, too. Two programmes of one body may work
    against each other though they are about different things, so only a second look rules these out.
    """
    same_speaker = answered.speakers == "same"
    if not answered.both_can_be_true:
        return "full" if answered.same_thing else None
    moved = same_speaker or (own_voice and answered.same_thing)
    return "partial" if moved and answered.moved != "no" else None


def kind_of(a: Claim, b: Claim, in_a: Document, in_b: Document, *, same_speaker: bool) -> FindingKind:
    """Reversal, dispute or inconsistency, from whose voice the two sides are in."""
    own_a, own_b = _own_voice(a, in_a), _own_voice(b, in_b)
    same_document = in_a.id == in_b.id
    if own_a and own_b:
        committed = "official_position" in {a.kind, b.kind} and _same_publisher(in_a, in_b)
        return "reversal" if committed and not same_document else "inconsistency"
    if same_speaker and not (own_a or own_b):
        return "reversal"
    if (own_a and _speaks_for(b, in_a.publisher)) or (own_b and _speaks_for(a, in_b.publisher)):
        return "reversal" if not same_document else "inconsistency"
    if own_a or own_b:
        return "inconsistency" if same_document or _same_publisher(in_a, in_b) else "dispute"
    return "dispute"


def _own_voice(claim: Claim, document: Document) -> bool:
    speaker = claim.attribution.speaker
    return speaker is None or folded(speaker) == folded(document.publisher or "")


def _speaks_for(claim: Claim, publisher: str | None) -> bool:
    """Whether a claim commits the body that published the other side, as a director's words commit her agency."""
    said = claim.attribution
    return bool(publisher) and folded(publisher or "") in {
        folded(name) for name in (said.speaker, said.organisation, said.on_behalf_of) if name
    }


def _same_publisher(a: Document, b: Document) -> bool:
    return bool(a.publisher and b.publisher) and folded(a.publisher or "") == folded(b.publisher or "")


def _in_order(a: Claim, b: Claim, documents: dict[str, Document]) -> tuple[Claim, Claim]:
    """The earlier claim first: as the model has it, unless two full dates say otherwise.

    The model reads what a publication date does not tell, e.g. that a later article sums up an old statement.
    """
    first, second = (said_on(claim, documents[claim.document_id]) or "" for claim in (a, b))
    return (b, a) if len(first) == len(second) == FULL_DATE and first > second else (a, b)


def _days_apart(a: Claim, b: Claim, documents: dict[str, Document]) -> int | None:
    try:
        days = [date.fromisoformat(said_on(claim, documents[claim.document_id]) or "") for claim in (a, b)]
    except ValueError:
        return None
    return abs((days[0] - days[1]).days)


def _problem(document: Document | None, code: str, message: str) -> Problem:
    name = document.name if document else "articles compared together"
    return Problem(
        stage="judge", code=code, document_id=document.id if document else None, message=f"{name}: {message}"
    )
