"""Choose what a new document is compared with: earlier claims by who, about what and when, without a model.

Claims are ranked, not filtered: the best ones are shown in their sentences until a budget of tokens is
full, so that a small collection is compared whole and a large one at constant cost.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from factcheck.llm.tokens import estimate
from factcheck.models import Claim, Document
from factcheck.text.names import folded
from factcheck.text.sentences import Sentence, sentences_of

CANDIDATE_TOKENS = 3000
"""Estimated tokens of other documents' sentences beside a new one: about six short articles."""

SMALLEST = 8
"""Estimated tokens below which no sentence is likely to fit any more."""

NEIGHBOURS = 1
"""Sentences on either side of a candidate that are shown with it."""

SAME_SPEAKER, SAME_BODY, NAMED = 3.0, 2.0, 1.0
"""Weights of who: the same person, the same organisation or principal, a party that the other side targets."""

TOPIC, WORDS = 4.0, 2.0
"""Weights of about what: the shares of topic words and of content words in common, rare words counting more."""


class Excerpt(NamedTuple):
    """Sentences of a document that are shown together with the claims that stand in them."""

    document: Document
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]


class Known(NamedTuple):
    """A claim with what makes it cheap to compare: names and words folded once."""

    document: Document
    claim: Claim
    speaker: str | None
    bodies: frozenset[str]
    targets: frozenset[str]
    topic: frozenset[str]
    words: frozenset[str]
    sentences: frozenset[int]
    """Numbers of the sentences that its quotes touch."""
    shown: range
    """Numbers of the sentences that are shown when this claim is a candidate."""


def known(document: Document, claims: Sequence[Claim]) -> list[Known]:
    """The claims of a document, made ready to be compared."""
    return [_known(document, claim) for claim in claims]


def rarities(every: Sequence[Known]) -> dict[str, float]:
    """How much each word tells: the logarithm of claims by claims that hold it."""
    held = Counter(word for k in every for word in k.topic | k.words)
    return {word: math.log((1 + len(every)) / number) for word, number in held.items()}


def pair(
    new: Sequence[Known],
    earlier: Sequence[Sequence[Known]],
    rarity: Mapping[str, float],
    *,
    budget: int = CANDIDATE_TOKENS,
) -> list[Excerpt]:
    """Excerpts of earlier documents with the claims most like the new ones, best claims first into the budget."""
    wanted = _sought(new)
    every = [k for group in earlier for k in group]
    scores = [likeness(k, wanted, rarity) for k in every]
    shown: dict[str, set[int]] = {}
    room = budget
    for i in sorted(range(len(every)), key=lambda i: -scores[i]):
        document = every[i].document
        numbers = set(every[i].shown) - shown.get(document.id, set())
        cost = sum(_cost(document, number) for number in numbers)
        if cost <= room:
            room -= cost
            shown.setdefault(document.id, set()).update(numbers)
        elif room < SMALLEST:
            break
    by_document: dict[str, list[Known]] = {}
    for k in every:
        by_document.setdefault(k.document.id, []).append(k)
    return [_excerpt(group, shown[key]) for key, group in by_document.items() if key in shown]


class Sought(NamedTuple):
    """Everything that the claims of a new document are by, against and about."""

    speakers: frozenset[str]
    bodies: frozenset[str]
    targets: frozenset[str]
    topic: frozenset[str]
    words: frozenset[str]


def _sought(new: Sequence[Known]) -> Sought:
    return Sought(
        frozenset(k.speaker for k in new if k.speaker),
        _union(k.bodies for k in new),
        _union(k.targets for k in new),
        _union(k.topic for k in new),
        _union(k.words for k in new),
    )


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def likeness(old: Known, new: Sought, rarity: Mapping[str, float]) -> float:
    """How likely an earlier claim is to meet one of the new ones: who, then about what."""
    score = SAME_SPEAKER if old.speaker in new.speakers else 0.0
    score += SAME_BODY if old.bodies & new.bodies else 0.0
    score += NAMED if old.targets & new.bodies or new.targets & old.bodies else 0.0
    return score + TOPIC * _share(old.topic, new.topic, rarity) + WORDS * _share(old.words, new.words, rarity)


def _share(old: frozenset[str], new: frozenset[str], rarity: Mapping[str, float]) -> float:
    common = sum(rarity.get(word, 0.0) for word in old & new)
    return common / sum(rarity.get(word, 0.0) for word in old) if common else 0.0


def _known(document: Document, claim: Claim) -> Known:
    said = claim.attribution
    numbers = [s.number for s in sentences_with(document, claim)]
    last = len(sentences_of(document.text, document.language))
    return Known(
        document=document,
        claim=claim,
        speaker=folded(said.speaker) if said.speaker else None,
        bodies=frozenset(folded(name) for name in (said.speaker, said.organisation, said.on_behalf_of) if name),
        targets=frozenset([folded(claim.target)] if claim.target else []),
        topic=_words(claim.topic),
        words=_words(claim.text),
        sentences=frozenset(numbers),
        shown=range(max(1, numbers[0] - NEIGHBOURS), min(last, numbers[-1] + NEIGHBOURS) + 1),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"\w+", folded(text)) if len(w) > 3 or w.isdigit())  # noqa: PLR2004


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


def _cost(document: Document, number: int) -> int:
    sentence = sentences_of(document.text, document.language)[number - 1]
    return estimate(document.text[sentence.start : sentence.end])


def _excerpt(group: Sequence[Known], numbers: set[int]) -> Excerpt:
    document = group[0].document
    sentences = tuple(s for s in sentences_of(document.text, document.language) if s.number in numbers)
    inside = tuple(k.claim for k in group if k.sentences <= numbers)
    return Excerpt(document, sentences, inside)
