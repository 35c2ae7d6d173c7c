"""How likely earlier claims are to meet new ones, without a model: the one score of all ledgers.

A pair counts by its words, its topics (which extraction writes in English, so that languages meet), by who says it and
about whom, by embeddings where there are any, and by how close the two documents are (see `kinship`). A term says the
more the rarer it is among the claims that are looked at.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from factcheck.ledger.features import topic_words
from factcheck.ledger.kinship import sources_of
from factcheck.models import Claim
from factcheck.text.names import folded
from factcheck.text.terms import words_of

MATTERS = {0: 0.35, 1: 0.6, 2: 1.0}
"""What a claim counts by its importance: what nothing hangs on is seldom contradicted."""

SPOKEN = 1.3
"""What a claim counts in somebody's own words, beside one in those of the article."""

DISTANT = 0.05
"""Closeness of documents that share no rare name: their claims may meet all the same, by speaker and topic."""

COSINE = 1.0
"""Weight of a centred cosine of embeddings: as much as equal topics, so that chance displaces nothing."""

POWER, FURTHER = 2, 0.2
"""An earlier claim counts for all new ones that it may meet, more for those that it is nearest to."""

TOTAL = 0.033
"""What an earlier claim has to count for each new one on the average to be worth its tokens: chosen so that an
article without relatives in a ledger is shown little, and one of an affair all that may matter (`make bench`)."""

NEAREST, ALIKE = 5, 0.05
"""Of the earlier claims so many of the nearest of each new one are worth their tokens anyhow, if they are alike."""

Parts = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""The terms of a claim: of its words, of its topic, of the names of its sources."""


class Meeting(NamedTuple):
    """How likely an earlier claim is to meet new ones."""

    total: float
    """Over all new claims; the more of them it may meet, the higher."""
    best: float
    """With the nearest of the new claims, whatever hangs on them."""
    rank: int
    """Its best place among the earlier claims that a new one may meet, from 1."""

    def is_likely(self, new: int) -> bool:
        """Whether it is worth showing beside so many new claims: near to many of them, or the nearest of one."""
        return self.total >= TOTAL * new or (self.rank <= NEAREST and self.best >= ALIKE)


Same = Mapping[str, frozenset[str]]
"""For folded names those that stand for the same person or body."""


def likeness(
    new: Sequence[Claim],
    earlier: Sequence[Claim],
    same: Same,
    closeness: Mapping[str, float],
    cosines: Mapping[str, Mapping[str, float]],
    apart: Callable[[Claim, Claim], bool] = lambda a, b: True,
) -> list[Meeting]:
    """For each earlier claim how likely it is to meet the new ones.

    `closeness` is that of documents by id, from 0 to 1; `cosines` are those of claims by the ids of a new and an
    earlier one; only pairs of which `apart` holds are counted.
    """
    scored = _pairs(new, earlier, same, cosines)
    worth = [_worth(claim) for claim in earlier]
    near = [closeness.get(claim.document_id, 0.0) for claim in earlier]
    total, best, place = [0.0] * len(earlier), [0.0] * len(earlier), [len(earlier) + 1] * len(earlier)
    for claim, found in zip(new, scored, strict=True):
        own = _worth(claim)
        pairs: list[tuple[float, int]] = []
        for j, likely in enumerate(found):
            if likely and apart(claim, earlier[j]):
                value = likely * math.sqrt(max(near[j], DISTANT)) + near[j]
                best[j] = max(best[j], value)
                pairs.append((own * worth[j] * value, j))
        for rank, (value, j) in enumerate(sorted(pairs, key=lambda row: (-row[0], row[1])), 1):
            total[j] += value**POWER / rank**FURTHER
            place[j] = min(place[j], rank)
    return list(map(Meeting, total, best, place))


def _worth(claim: Claim) -> float:
    return MATTERS[claim.importance] * (SPOKEN if claim.attribution.voice in {"direct", "mixed"} else 1.0)


def _pairs(
    new: Sequence[Claim], earlier: Sequence[Claim], same: Same, cosines: Mapping[str, Mapping[str, float]]
) -> list[list[float]]:
    """For each new claim how much it has in common with each earlier one, from 0 to 3, with embeddings to 4."""
    place = {claim.id: j for j, claim in enumerate(earlier)}
    result = [[0.0] * len(earlier) for _ in new]
    mine, theirs = ([_parts(claim, same) for claim in claims] for claims in (new, earlier))
    for part in range(3):
        _add_shared([m[part] for m in mine], [t[part] for t in theirs], result)
    for claim, row in zip(new, result, strict=True):
        for key, cosine in cosines.get(claim.id, {}).items():
            if key in place:
                row[place[key]] += COSINE * max(0.0, cosine)
    return result


def _parts(claim: Claim, same: Same) -> Parts:
    names = {other for name in sources_of(claim) for other in same.get(folded(name), (name,))}
    who = frozenset(key for name in names for key in words_of(name))
    return frozenset(words_of(claim.text)), topic_words(claim.topic), who


def _add_shared(mine: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]], result: list[list[float]]) -> None:
    """Add the cosine of each two sets of terms, each term weighted by how rare it is among all sets."""
    held = Counter(term for terms in (*mine, *theirs) for term in terms)
    number = len(mine) + len(theirs)
    weight = {term: math.log(1 + number / count) ** 2 for term, count in held.items()}
    holders: dict[str, list[int]] = defaultdict(list)
    for j, terms in enumerate(theirs):
        for term in terms:
            holders[term].append(j)
    lengths = [_length(terms, weight) for terms in theirs]
    for terms, row in zip(mine, result, strict=True):
        own = _length(terms, weight)
        for term in terms:
            share = weight[term] / own
            for j in holders.get(term, ()):
                row[j] += share / lengths[j]


def _length(terms: Iterable[str], weight: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight[term] for term in terms)) or 1.0
