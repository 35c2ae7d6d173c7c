"""What a comparison shows of a document: all of it, or the paragraphs around claims that may matter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from factcheck.llm.tokens import estimate
from factcheck.models import Claim, Document
from factcheck.stages.split import split
from factcheck.text.sentences import Sentence, sentences_of

WHOLE_TOKENS = 8000
"""Estimated tokens of a document that is read in one piece, about 4,500 English words."""

CAPTION_TOKENS = 25
"""Estimated tokens of the line about a claim under its sentence; measured on the recordings of the cases."""

NEIGHBOURS = 1
"""Sentences of its paragraph on either side of a candidate that are shown with it."""

SMALLEST = 20
"""Estimated tokens below which no further candidate is likely to fit."""


class Excerpt(NamedTuple):
    """Sentences of a document that are shown together with the claims that stand in them."""

    document: Document
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]

    @property
    def size(self) -> int:
        """Estimated tokens that it takes in a prompt."""
        text = sum(estimate(self.document.text[s.start : s.end]) for s in self.sentences)
        return text + CAPTION_TOKENS * len(self.claims)


def whole(document: Document, claims: Sequence[Claim]) -> list[Excerpt]:
    """The document with its claims, in parts that fit a comparison; a normal article is one part.

    The parts of a long document are compared with each other like different documents.
    """
    parts = [p.sentences for p in split(document, budget=WHOLE_TOKENS)]
    if len(parts) == 1:
        return [Excerpt(document, parts[0], tuple(claims))]
    first = {c.id: sentences_with(document, c)[0] for c in claims}
    return [Excerpt(document, part, tuple(c for c in claims if first[c.id] in part)) for part in parts]


def excerpts(ranked: Iterable[tuple[Document, Claim]], budget: int) -> list[Excerpt]:
    """The best claims in their paragraphs, until the budget of estimated tokens is full; oldest document first."""
    shown: dict[str, set[int]] = {}
    taken: dict[str, list[Claim]] = {}
    documents: dict[str, Document] = {}
    room = budget
    for document, claim in ranked:
        numbers = _around(document, claim) - shown.get(document.id, set())
        cost = CAPTION_TOKENS + sum(_cost(document, number) for number in numbers)
        if cost <= room:
            room -= cost
            shown.setdefault(document.id, set()).update(numbers)
            taken.setdefault(document.id, []).append(claim)
            documents[document.id] = document
        elif room < SMALLEST:
            break
    order = sorted(documents.values(), key=lambda d: (d.published or "9999", d.id))
    return [_excerpt(document, taken[document.id], shown[document.id]) for document in order]


def _excerpt(document: Document, claims: Sequence[Claim], numbers: set[int]) -> Excerpt:
    every = sentences_of(document.text, document.language)
    in_order = sorted(claims, key=lambda c: (c.quotes[0].start, c.id))
    return Excerpt(document, tuple(s for s in every if s.number in numbers), tuple(in_order))


def _around(document: Document, claim: Claim) -> set[int]:
    """Numbers of the sentences of a claim and of their neighbours in the same paragraph."""
    every = sentences_of(document.text, document.language)
    numbers = {s.number for s in sentences_with(document, claim)}
    for step, edge in ((-1, min(numbers)), (1, max(numbers))):
        for number in range(edge + step, edge + step * (NEIGHBOURS + 1), step):
            if not 1 <= number <= len(every) or _parted(document, every, min(number, number - step)):
                break
            numbers.add(number)
    return numbers


def _parted(document: Document, every: Sequence[Sentence], number: int) -> bool:
    """Whether a line break stands between a sentence and the next one."""
    return "\n" in document.text[every[number - 1].end : every[number].start]


def sentences_with(document: Document, claim: Claim) -> list[Sentence]:
    """The sentences that a claim's quotes touch."""
    every = sentences_of(document.text, document.language)
    touched: set[int] = set()
    for quote in claim.quotes:
        first = max(0, bisect_right(every, quote.start, key=lambda s: s.start) - 1)
        for i in range(first, len(every)):
            if every[i].start >= quote.end:
                break
            if every[i].end > quote.start:
                touched.add(i)
    return [every[i] for i in sorted(touched)]


def in_context(claim: Claim, document: Document, *, before: int, after: int) -> str:
    """The sentences of a claim on one line, some before and after them included, with its words between ⟦ and ⟧."""
    numbers = [s.number for s in sentences_with(document, claim)]
    shown = [
        s
        for s in sentences_of(document.text, document.language)
        if min(numbers) - before <= s.number <= max(numbers) + after
    ]
    start, end = shown[0].start, shown[-1].end
    text = document.text[start:end]
    for quote in reversed(claim.quotes):
        text = f"{text[: quote.start - start]}⟦{quote.exact}⟧{text[quote.end - start :]}"
    return " ".join(text.split())


def _cost(document: Document, number: int) -> int:
    sentence = sentences_of(document.text, document.language)[number - 1]
    return estimate(document.text[sentence.start : sentence.end])
