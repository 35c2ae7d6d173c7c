"""Lay out what is read together: windows of whole documents, so that each pair of a dossier meets in one of them.

What fits is read whole in one window. A little more is cut into blocks of half a window, and each pair of blocks
gets a window. An archive is read in groups of half a window, beside candidates from all that stands before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from factcheck.stages.excerpts import Excerpt

WINDOW_TOKENS = 24_000
"""Estimated tokens of articles in one comparison, about 12,000 English words; a setting."""

DOSSIER = 2
"""Windows' worth of documents that are compared whole, each with each; more than that is an archive."""

CANDIDATE_TOKENS = 2_000
"""Estimated tokens of earlier documents' excerpts for each new document beside which they are shown."""

T = TypeVar("T")


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

    Two windows' worth or less is one group, a dossier. More is an archive: groups that fill half a window each.
    """

    def __init__(self, window: int = WINDOW_TOKENS) -> None:
        self.window = window
        self._waiting: list[tuple[T, int]] = []
        self._is_archive = False

    def add(self, document: T, size: int) -> list[list[T]]:
        """The groups that are complete now that this document, of so many estimated tokens, came."""
        self._waiting.append((document, size))
        total = sum(size for _, size in self._waiting)
        self._is_archive = self._is_archive or total > DOSSIER * self.window
        complete = []
        while self._is_archive and (number := self._filled()) < len(self._waiting):
            complete.append([document for document, _ in self._waiting[:number]])
            self._waiting = self._waiting[number:]
        return complete

    def rest(self) -> list[list[T]]:
        """The last group, when nothing more comes."""
        last, self._waiting = [document for document, _ in self._waiting], []
        return [last] if last else []

    def _filled(self) -> int:
        return _filled([size for _, size in self._waiting], self.window // 2)


def _filled(sizes: Sequence[int], room: int) -> int:
    """How many of the first documents fit into so many tokens together; at least one, if there is any."""
    number = total = 0
    for size in sizes:
        total += size
        if number and total > room:
            break
        number += 1
    return number


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
