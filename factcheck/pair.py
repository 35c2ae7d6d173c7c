"""Choose what a new document is compared with: earlier claims by who, about what and when, without a model.

Claims are ranked, not filtered: the best ones are shown in their sentences until a budget of tokens is
full, so that a small collection is compared whole and a large one at constant cost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from factcheck.models import Claim, Document
from factcheck.sentences import Sentence, sentences_of
from factcheck.tokens import estimate

CANDIDATE_TOKENS = 3000
"""Estimated tokens of other documents' sentences beside a new one: about six short articles."""

NEIGHBOURS = 1
"""Sentences on either side of a candidate that are shown with it."""

SAME_SPEAKER, SAME_BODY, NAMED = 3.0, 2.0, 1.0
"""Weights of who: the same person, the same organisation or principal, a speaker that the other side targets."""

TOPIC, WORDS = 4.0, 2.0
"""Weights of about what: the share of topic words and of content words (names, numbers) in common."""


class Excerpt(NamedTuple):
    """Sentences of a document that are shown together with the claims that stand in them."""

    document: Document
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]


def pair(
    new_claims: Sequence[Claim],
    earlier: Sequence[tuple[Document, Sequence[Claim]]],
    *,
    budget: int = CANDIDATE_TOKENS,
) -> list[Excerpt]:
    """Excerpts of earlier documents with the claims most like the new ones, best claims first into the budget."""
    ranked = sorted(
        ((likeness(claim, new_claims), -i, document, claim) for i, (document, claim) in enumerate(_flat(earlier))),
        key=lambda row: row[:2],
        reverse=True,
    )
    shown: dict[str, set[int]] = {}
    room = budget
    for _, _, document, claim in ranked:
        wanted = _around(document, claim) - shown.get(document.id, set())
        cost = sum(_cost(document, number) for number in wanted)
        if cost > room:
            continue
        room -= cost
        shown.setdefault(document.id, set()).update(wanted)
    return [_excerpt(document, claims, shown[document.id]) for document, claims in earlier if document.id in shown]


def likeness(claim: Claim, others: Sequence[Claim]) -> float:
    """How likely a claim is to meet one of the others: who, then about what."""
    return max((_likeness(claim, other) for other in others), default=0.0)


def _likeness(a: Claim, b: Claim) -> float:
    who_a, who_b = _parties(a), _parties(b)
    score = SAME_SPEAKER if who_a.speaker and who_a.speaker == who_b.speaker else 0.0
    score += SAME_BODY if who_a.bodies & who_b.bodies else 0.0
    score += NAMED if who_a.targets & who_b.bodies or who_b.targets & who_a.bodies else 0.0
    return score + TOPIC * _share(_words(a.topic), _words(b.topic)) + WORDS * _share(_words(a.text), _words(b.text))


class _Parties(NamedTuple):
    speaker: str | None
    bodies: frozenset[str]
    targets: frozenset[str]


@lru_cache(maxsize=4096)
def _parties(claim: Claim) -> _Parties:
    said = claim.attribution
    bodies = {folded(name) for name in (said.speaker, said.organisation, said.on_behalf_of) if name}
    targets = {folded(claim.target)} if claim.target else set()
    return _Parties(folded(said.speaker) if said.speaker else None, frozenset(bodies), frozenset(targets))


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without case, accents and punctuation; equal names are one speaker, similar ones are not."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if unicodedata.category(c) != "Mn").split())


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"\w+", folded(text)) if len(w) > 3 or w.isdigit())  # noqa: PLR2004


def _share(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _flat(earlier: Sequence[tuple[Document, Sequence[Claim]]]) -> list[tuple[Document, Claim]]:
    return [(document, claim) for document, claims in earlier for claim in claims]


def sentences_with(document: Document, claim: Claim) -> list[Sentence]:
    """The sentences that a claim's quotes touch."""
    return [
        s
        for s in sentences_of(document.text, document.language)
        if any(q.start < s.end and q.end > s.start for q in claim.quotes)
    ]


def _around(document: Document, claim: Claim) -> set[int]:
    numbers = [s.number for s in sentences_with(document, claim)]
    last = len(sentences_of(document.text, document.language))
    return {m for n in numbers for m in range(max(1, n - NEIGHBOURS), min(last, n + NEIGHBOURS) + 1)}


def _cost(document: Document, number: int) -> int:
    sentence = sentences_of(document.text, document.language)[number - 1]
    return estimate(document.text[sentence.start : sentence.end])


def _excerpt(document: Document, claims: Sequence[Claim], numbers: set[int]) -> Excerpt:
    sentences = tuple(s for s in sentences_of(document.text, document.language) if s.number in numbers)
    inside = tuple(c for c in claims if all(s.number in numbers for s in sentences_with(document, c)))
    return Excerpt(document, sentences, inside)
