"""Which sentences of what was found a claim is weighed against, without a model, within a fixed budget of tokens.

A sentence counts by what it shares with the claim (words and names by their sound, figures, periods, units: see
`text.terms`), each the more the rarer it is among all that was found; by what its document shares, so that a sentence
about "it" is found through the one before; and, where embeddings are at hand, by how near it is to the claim.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from factcheck.llm.tokens import estimate
from factcheck.models import Claim, Document
from factcheck.text.sentences import Sentence, sentences_of
from factcheck.text.terms import terms_of

BUDGET_TOKENS = 450
"""Estimated tokens of sentences for each claim; with the instructions and the answer, 900 are not passed."""

WEIGHTS = {"figure": 1.6, "name": 1.5, "word": 1.0, "year": 0.9, "month": 0.6, "rounded": 0.5, "unit": 0.4}
"""What a term of each kind says, beside how rare it is."""

TOPIC, BESIDE, ABOUT = 0.7, 0.4, 0.25
"""What terms count that stand not in the claim itself, but in its topic, in the sentences beside it, in the title."""

NEIGHBOUR, WHOLE = 0.4, 0.15
"""What terms count that stand not in the sentence itself, but in the one before or behind it, or in the document."""

FURTHER = 0.9
"""What each further sentence of one document counts less."""

LEVEL, AVERAGE, LENGTH = 1.0, 40, 0.5

NEAR = 8.0
"""What a cosine counts in full."""


class Candidate(NamedTuple):
    """Sentences of a document, whole and one behind the other: code points [start, end), and how well they fit."""

    document: Document
    start: int
    end: int
    score: float


class Passage(NamedTuple):
    """What one claim is weighed against, the likeliest first."""

    claim: Claim
    candidates: tuple[Candidate, ...]


Nearness = Callable[[Claim, Document, Sentence], float]
"""How near a sentence is to a claim by embeddings, from -1 to 1."""


class _Piece(NamedTuple):
    """A sentence, its terms, and those around it."""

    document: Document
    sentence: Sentence
    own: frozenset[str]
    beside: frozenset[str]
    whole: frozenset[str]
    cost: int


def passages(
    claims: Sequence[Claim],
    articles: Mapping[str, Document],
    found: Iterable[Document],
    *,
    budget_tokens: int = BUDGET_TOKENS,
    nearness: Nearness | None = None,
) -> list[Passage]:
    """For claims of `articles` (by id), in their order, the sentences of `found` that bear on each most likely.

    What several claims share is counted once: together they get `budget_tokens` for each claim, the best of every
    claim first.
    """
    pieces = [piece for document in _once(found) for piece in _pieces(document)]
    rarity = _rarity(pieces)
    ranked = [
        _ranked(claim, wanted(claim, articles.get(claim.document_id)), pieces, rarity, nearness) for claim in claims
    ]
    chosen = _within(ranked, pieces, budget_tokens * len(claims))
    return [Passage(claim, _joined(taken, pieces)) for claim, taken in zip(claims, chosen, strict=True)]


def wanted(claim: Claim, article: Document | None) -> dict[str, float]:
    """The terms by which evidence for a claim is looked for, and what each of them says."""
    weights: dict[str, float] = {}
    beside, title = _around(claim, article)
    for text, part in ((claim.text, 1.0), (claim.topic, TOPIC), (beside, BESIDE), (title, ABOUT)):
        for term in terms_of(text):
            weights[term.key] = max(weights.get(term.key, 0.0), part * WEIGHTS[term.kind])
    return weights


def _around(claim: Claim, article: Document | None) -> tuple[str, str]:
    """The sentences of a claim with those beside them, and the title of its article."""
    if article is None:
        return "", ""
    sentences = sentences_of(article.text, article.language)
    own = {s.number for s in sentences for q in claim.quotes if s.start < q.end and q.start < s.end}
    near = [s for s in sentences if own & {s.number - 1, s.number, s.number + 1}]
    return " ".join(article.text[s.start : s.end] for s in near), article.title or ""


def _once(found: Iterable[Document]) -> list[Document]:
    return list({document.id: document for document in found}.values())


def _pieces(document: Document) -> list[_Piece]:
    sentences = sentences_of(document.text, document.language)
    texts = [document.text[s.start : s.end] for s in sentences]
    terms = [frozenset(term.key for term in terms_of(text)) for text in texts]
    head = f"{document.title or ''}\n{document.publisher or ''}\n{document.published or ''}"
    whole = frozenset(term.key for term in terms_of(head)).union(*terms)
    return [
        _Piece(
            document, sentence, terms[i], frozenset().union(*terms[max(0, i - 1) : i + 2]), whole, len(texts[i].encode()) // 4 + 3
        )
        for i, sentence in enumerate(sentences)
    ]


def _rarity(pieces: Sequence[_Piece]) -> dict[str, float]:
    """How much a term tells: the logarithm of how many sentences there are for each that has it."""
    counts = Counter(key for piece in pieces for key in piece.own)
    return {key: math.log(1 + len(pieces) / count) for key, count in counts.items()}


def _ranked(
    claim: Claim,
    weights: Mapping[str, float],
    pieces: Sequence[_Piece],
    rarity: Mapping[str, float],
    nearness: Nearness | None,
) -> list[tuple[float, int]]:
    """Scores of the pieces that share anything with a claim, with their numbers, the best first."""
    worth = {key: weight * rarity.get(key, 1.0) for key, weight in weights.items()}
    scored = []
    for number, piece in enumerate(pieces):
        score = sum(
            value * (1.0 if key in piece.own else NEIGHBOUR if key in piece.beside else WHOLE)
            for key, value in worth.items()
            if key in piece.whole
        )
        if nearness:
            score += NEAR * max(0.0, nearness(claim, piece.document, piece.sentence))
        if score > 0:
            scored.append((score / (LEVEL + piece.cost / AVERAGE) ** LENGTH, number))
    return _spread(sorted(scored, key=lambda row: (-row[0], row[1])), pieces)


def _spread(scored: list[tuple[float, int]], pieces: Sequence[_Piece]) -> list[tuple[float, int]]:
    """The same with every further sentence of a document counting a little less, so that more documents are heard."""
    seen: Counter[str] = Counter()
    found = []
    for score, number in scored:
        key = pieces[number].document.id
        found.append((score * FURTHER ** seen[key], number))
        seen[key] += 1
    return sorted(found, key=lambda row: (-row[0], row[1]))


def _within(ranked: Sequence[list[tuple[float, int]]], pieces: Sequence[_Piece], budget: int) -> list[dict[int, float]]:
    """The best pieces of each claim, by turns, until their tokens are spent; what is taken already costs nothing."""
    chosen: list[dict[int, float]] = [{} for _ in ranked]
    taken: set[int] = set()
    turns = [(0, at) for at, row in enumerate(ranked) if row]
    heapify(turns)
    spent = 0
    while turns:
        rank, at = heappop(turns)
        score, number = ranked[at][rank]
        cost = 0 if number in taken else pieces[number].cost
        if spent + cost > budget:
            continue
        spent += cost
        taken.add(number)
        chosen[at][number] = score
        if rank + 1 < len(ranked[at]):
            heappush(turns, (rank + 1, at))
    return chosen


def _joined(taken: Mapping[int, float], pieces: Sequence[_Piece]) -> tuple[Candidate, ...]:
    """Pieces as candidates; sentences that stand one behind the other are one."""
    found: list[Candidate] = []
    last = -2
    for number in sorted(taken):
        piece = pieces[number]
        if number == last + 1 and found[-1].document.id == piece.document.id:
            score = max(found[-1].score, taken[number])
            found[-1] = found[-1]._replace(end=piece.sentence.end, score=score)
        else:
            found.append(Candidate(piece.document, piece.sentence.start, piece.sentence.end, taken[number]))
        last = number
    return tuple(sorted(found, key=lambda c: -c.score))
