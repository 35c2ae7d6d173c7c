"""Lay out what is read together: windows of whole documents, so that each pair of a dossier meets in one of them.

What fits is read whole in one window. A little more is cut into blocks of half a window, and each pair of blocks
gets a window. An archive is read in groups of documents about one matter, beside candidates from all before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from factcheck.stages.excerpts import Excerpt

WINDOW_TOKENS = 24_000
"""Estimated tokens of articles in one comparison, about 12,000 English words; a setting."""

DOSSIER = 1
"""Windows' worth of documents' text that is compared whole, each with each; more than that is an archive."""

ARCHIVE = 8
"""Windows' worth of an archive's documents that are sorted by matter at once."""

ONE_MATTER = 0.08
"""Likeness of terms from which two documents of an archive may be about one matter; chosen on the cases' dossiers."""

CANDIDATE_TOKENS = 4_000
"""Estimated tokens of earlier documents' excerpts for each new document beside which they are shown."""

LEAST = 3_000
"""Estimated tokens of excerpts for which whole documents need not be parted."""

T = TypeVar("T")
Terms = Callable[[T], AbstractSet[str]]


class Window(NamedTuple):
    """One comparison: pairs with a side in `new` are looked for; `beside` holds earlier documents."""

    new: tuple[Excerpt, ...]
    beside: tuple[Excerpt, ...] = ()
    seeks: bool = True
    """Whether excerpts of still earlier documents are shown with it, too."""


class Unit(NamedTuple):
    """A document's part on its way into windows; one that was compared before is only shown beside others."""

    excerpt: Excerpt
    is_new: bool = True


class Gathering(Generic[T]):
    """Puts documents that come in the order of the sequence into groups that are compared together.

    A window's worth or less is one group, a dossier. More is an archive: of every few windows' worth those that
    name the same people and matters share a group, which may fill a little more than half a window.
    """

    def __init__(self, window: int = WINDOW_TOKENS, terms: Terms[T] = lambda document: frozenset()) -> None:
        self.window = window
        self.terms = terms
        """The names and words by which documents are told to be about one matter."""
        self._waiting: list[tuple[T, int]] = []
        self._is_archive = False

    def add(self, document: T, size: int) -> list[list[T]]:
        """The groups that are complete now that this document, of so many estimated tokens, came."""
        self._waiting.append((document, size))
        total = sum(size for _, size in self._waiting)
        self._is_archive = self._is_archive or total > DOSSIER * self.window
        return self.rest() if total > ARCHIVE * self.window else []

    def rest(self) -> list[list[T]]:
        """The groups of all that waits."""
        waiting, self._waiting = self._waiting, []
        if not self._is_archive:
            return [[document for document, _ in waiting]] if waiting else []
        sizes = [size for _, size in waiting]
        groups = _by_matter([self.terms(document) for document, _ in waiting], sizes, self.window * 5 // 8)
        return [[waiting[i][0] for i in group] for group in _packed(groups, sizes, self.window // 2)]


def _by_matter(terms: Sequence[AbstractSet[str]], sizes: Sequence[int], room: int) -> list[list[int]]:
    """Positions of documents in groups, the most alike joined first, as long as a group stays within the room.

    Two are as alike as the terms that they share are rare, by the cosine of their terms' weights.
    """
    held = Counter(term for own in terms for term in own)
    weight = {term: math.log(len(terms) / number) for term, number in held.items()}
    length = [math.sqrt(sum(weight[t] for t in own)) or 1.0 for own in terms]
    alike = [
        (sum(weight[t] for t in terms[i] & terms[j]) / (length[i] * length[j]), i, j)
        for i, j in combinations(range(len(terms)), 2)
    ]
    group = {i: [i] for i in range(len(terms))}
    for cosine, i, j in sorted(alike, key=lambda row: (-row[0], row[1], row[2])):
        a, b = group[i], group[j]
        if cosine >= ONE_MATTER and a is not b and sum(sizes[k] for k in (*a, *b)) <= room:
            a += b
            group |= dict.fromkeys(b, a)
    return sorted({id(g): sorted(g) for g in group.values()}.values())


def _packed(groups: Sequence[list[int]], sizes: Sequence[int], room: int) -> list[list[int]]:
    """Small groups together, in their order, until so many tokens are full; so that no call is spent on one article."""
    packed: list[list[int]] = []
    for group in groups:
        if packed and sum(sizes[k] for k in (*packed[-1], *group)) <= room:
            packed[-1] = sorted([*packed[-1], *group])
        else:
            packed.append(group)
    return packed


def windows(units: Sequence[Unit], window: int = WINDOW_TOKENS) -> list[Window]:
    """The fewest windows in which each pair of these parts meets, where one of the pair is new."""
    if sum(u.excerpt.size for u in units) <= window:
        return _window(units, ())
    blocks = _blocks(units, window // 2)
    if len(blocks) == 1:
        return _window(blocks[0], ())
    pairs = list(combinations(range(len(blocks)), 2))
    return [w for i, j in pairs for w in _met(blocks[i], blocks[j], first=(i, j) == (0, 1), seeks=i == 0)]


def _met(earlier: Sequence[Unit], later: Sequence[Unit], *, first: bool, seeks: bool) -> list[Window]:
    """The window of two blocks; pairs inside the earlier block are looked for in the first window only."""
    if first:
        return _window([*earlier, *later], ())
    if any(u.is_new for u in later):
        return [w._replace(seeks=seeks) for w in _window(later, earlier)]
    return [w._replace(seeks=False) for w in _window(earlier, later)]


def _window(units: Sequence[Unit], beside: Sequence[Unit]) -> list[Window]:
    """A window, or none where nothing is new."""
    new = tuple(u.excerpt for u in units if u.is_new)
    old = (*(u.excerpt for u in beside), *(u.excerpt for u in units if not u.is_new))
    return [Window(new, old)] if new else []


def _blocks(units: Sequence[Unit], room: int) -> list[list[Unit]]:
    """Neighbours in blocks that hold so many tokens each."""
    rest, blocks = list(units), []
    while rest:
        number = _filled([u.excerpt.size for u in rest], room)
        blocks.append(rest[:number])
        rest = rest[number:]
    return blocks


def _filled(sizes: Sequence[int], room: int) -> int:
    """How many of the first documents fit into so many tokens together; at least one, if there is any."""
    number = total = 0
    for size in sizes:
        total += size
        if number and total > room:
            break
        number += 1
    return number
