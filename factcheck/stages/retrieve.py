"""Which sentences of what was found a claim is weighed against, without a model, within a fixed budget of tokens.

A sentence counts by the terms that it shares with the claim (words and names by their sound, figures, periods, units:
see `text.terms`), each the more the rarer it is among all that was found; a little by the terms around it, so that a
sentence about "it" is found through the one before; and by how much its document is about the people and places of the
claim's article. Weights were set on the development dossiers (`tests/bench/test_sources.py` measures them).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from factcheck.llm.tokens import BYTES_PER_TOKEN
from factcheck.models import Claim, Document
from factcheck.text.language import language_of
from factcheck.text.sentences import Sentence, sentences_of
from factcheck.text.terms import terms_of

BUDGET_TOKENS = 300
"""Estimated tokens of sentences for each claim; with prompts, answers and second looks it is about 900 in all."""

NUMBER_TOKENS = 2
"""What the number in front of a sentence takes."""

WEIGHTS = {"figure": 1.6, "name": 1.5, "word": 1.0, "year": 0.9, "month": 0.6, "rounded": 0.5, "unit": 0.4}
"""What a term of each kind says, beside how rare it is."""

TOPIC, BESIDE, TITLE = 0.7, 0.4, 0.25
"""What terms count that stand not in the claim itself, but in its topic, in the sentences beside it, in the title."""

NEIGHBOUR, WHOLE = 0.4, 0.15
"""What terms count that stand not in the sentence itself, but in the one before or behind it, or in the document."""

KIN, OFTEN = 1.0, 5.0
"""What a document counts for the names that it shares with the claim's article, and for being found for all claims."""

FOREIGN = 2.0
"""What shared terms count in a document of another language: there they are names and figures, and few."""

FURTHER = 0.9
"""What each further sentence of one document counts, so that more documents are heard."""

SHORT = 40
"""Tokens of an ordinary sentence; in longer ones more is shared by chance."""


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


Ranking = list[tuple[float, int]]
"""Scores of sentences, and their places in the list of all, the best first."""


class _Piece(NamedTuple):
    """A sentence: its terms, those of its neighbours, those of its document, and its tokens."""

    document: Document
    sentence: Sentence
    own: frozenset[str]
    beside: frozenset[str]
    whole: frozenset[str]
    cost: int
    language: str | None


def passages(
    claims: Sequence[Claim],
    articles: Mapping[str, Document],
    found: Mapping[str, Iterable[Document]],
    *,
    budget_tokens: int = BUDGET_TOKENS,
) -> list[Passage]:
    """For claims, in their order, the sentences that bear on each most likely, of all that was found for any of them.

    `articles` holds the claims' documents by id, `found` what sources gave for each claim by its id. What several
    claims share counts once: together they get `budget_tokens` for each claim, the best of every claim first.
    """
    given = {claim.id: list(found.get(claim.id, ())) for claim in claims}
    often = Counter(document.id for documents in given.values() for document in documents)
    once = {document.id: document for documents in given.values() for document in documents}
    pieces = [piece for document in once.values() for piece in _pieces(document)]
    rarity = _rarity([piece.own for piece in pieces])
    kinship = {key: _kinship(articles[key], pieces) for key in {c.document_id for c in claims} & articles.keys()}
    rankings = []
    for claim in claims:
        kin = kinship.get(claim.document_id, {})
        prior = {key: KIN * kin.get(key, 0.0) + OFTEN * number / len(claims) for key, number in often.items()}
        article = articles.get(claim.document_id)
        terms = wanted(claim, article)
        worth = {key: weight * rarity.get(key, 1.0) for key, weight in terms.items()}
        own = {document.id for document in given[claim.id]}
        rankings.append(_spread(_ranked(worth, pieces, prior, own, _language(article) if article else None), pieces))
    chosen = _within(rankings, pieces, budget_tokens * len(claims))
    return [Passage(claim, _joined(taken, pieces)) for claim, taken in zip(claims, chosen, strict=True)]


def wanted(claim: Claim, article: Document | None) -> dict[str, float]:
    """The terms by which evidence for a claim is looked for, and what each of them says."""
    weights: dict[str, float] = {}
    title = (article.title or "") if article else ""
    beside = around(claim, article) if article else ""
    for text, part in ((claim.text, 1.0), (claim.topic, TOPIC), (beside, BESIDE), (title, TITLE)):
        for term in terms_of(text):
            weights[term.key] = max(weights.get(term.key, 0.0), part * WEIGHTS[term.kind])
    return weights


def around(claim: Claim, article: Document) -> str:
    """The sentences in which a claim stands, with the one before and the one behind."""
    sentences = sentences_of(article.text, article.language)
    own = {s.number for s in sentences for q in claim.quotes if s.start < q.end and q.start < s.end}
    near = [s for s in sentences if own & {s.number - 1, s.number, s.number + 1}]
    return "\n".join(article.text[s.start : s.end] for s in near)


def _pieces(document: Document) -> list[_Piece]:
    sentences = sentences_of(document.text, document.language)
    texts = [document.text[s.start : s.end] for s in sentences]
    terms = [frozenset(term.key for term in terms_of(text)) for text in texts]
    head = f"{document.title or ''}\n{document.publisher or ''}\n{document.published or ''}"
    whole = frozenset(term.key for term in terms_of(head)).union(*terms)
    language = _language(document)
    return [
        _Piece(
            document,
            sentence,
            terms[at],
            frozenset[str]().union(*terms[max(0, at - 1) : at + 2]),
            whole,
            len(texts[at].encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN + NUMBER_TOKENS,
            language,
        )
        for at, sentence in enumerate(sentences)
    ]


def _language(document: Document) -> str | None:
    """The language of a document: as it says, else as its words show."""
    return document.language[:2].lower() if document.language else language_of(document.text)


def _rarity(sets: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much a term tells: the logarithm of how many sets of terms there are for each that has it."""
    counts = Counter(key for terms in sets for key in terms)
    return {key: math.log(1 + len(sets) / count) for key, count in counts.items()}


def _kinship(article: Document, pieces: Sequence[_Piece]) -> dict[str, float]:
    """How much each document is about the people and places that an article names, by its id."""
    names = {term.key for term in terms_of(f"{article.title or ''}\n{article.text}") if term.kind == "name"}
    shared = {piece.document.id: piece.whole & names for piece in pieces}
    worth = _rarity(list(shared.values()))
    return {key: sum(worth[name] for name in sorted(terms)) for key, terms in shared.items()}


def _ranked(
    worth: Mapping[str, float],
    pieces: Sequence[_Piece],
    prior: Mapping[str, float],
    own: AbstractSet[str],
    language: str | None,
) -> Ranking:
    """The pieces of documents that were found for a claim, and those of others that share anything with it."""
    scored = []
    for number, piece in enumerate(pieces):
        shared = sum(
            value * (1.0 if key in piece.own else NEIGHBOUR if key in piece.beside else WHOLE)
            for key, value in worth.items()
            if key in piece.whole
        )
        if language and piece.language and piece.language != language:
            shared *= FOREIGN
        if shared > 0 or piece.document.id in own:
            score = (shared + prior[piece.document.id]) / math.sqrt(1 + piece.cost / SHORT)
            scored.append((score, number))
    return sorted(scored, key=lambda row: (-row[0], row[1]))


def _spread(ranking: Ranking, pieces: Sequence[_Piece]) -> Ranking:
    """The same with every further sentence of a document counting a little less."""
    seen: Counter[str] = Counter()
    found = []
    for score, number in ranking:
        key = pieces[number].document.id
        found.append((score * FURTHER ** seen[key], number))
        seen[key] += 1
    return sorted(found, key=lambda row: (-row[0], row[1]))


def _within(rankings: Sequence[Ranking], pieces: Sequence[_Piece], budget: int) -> list[dict[int, float]]:
    """The best pieces of each claim, by turns, until their tokens are spent; what is taken already costs nothing."""
    chosen: list[dict[int, float]] = [{} for _ in rankings]
    taken: set[int] = set()
    turns = [(0, at) for at, ranking in enumerate(rankings) if ranking]
    heapify(turns)
    while turns:
        rank, at = heappop(turns)
        score, number = rankings[at][rank]
        cost = 0 if number in taken else pieces[number].cost
        if cost > budget:
            continue  # this claim's turns are over; what others share with it may still fit
        budget -= cost
        taken.add(number)
        chosen[at][number] = score
        if rank + 1 < len(rankings[at]):
            heappush(turns, (rank + 1, at))
    return chosen


def _joined(taken: Mapping[int, float], pieces: Sequence[_Piece]) -> tuple[Candidate, ...]:
    """Pieces as candidates; sentences that stand one behind the other are one."""
    found: list[Candidate] = []
    last = -1
    for number in sorted(taken):
        piece, score = pieces[number], taken[number]
        if found and number == last + 1 and found[-1].document.id == piece.document.id:
            found[-1] = found[-1]._replace(end=piece.sentence.end, score=max(found[-1].score, score))
        else:
            found.append(Candidate(piece.document, piece.sentence.start, piece.sentence.end, score))
        last = number
    return tuple(sorted(found, key=lambda c: (-c.score, c.document.id, c.start)))
