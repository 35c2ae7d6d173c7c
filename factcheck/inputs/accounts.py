"""Write down what of a page became text, and what was left out and why: together they are all of its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from factcheck.inputs.blocks import CELLS, Block, lineage
from factcheck.inputs.places import Places
from factcheck.originals import LeftOut, LeftOutKind

MIN_ARTICLE = 40
"""Words of an article beside the article; what is shorter announces one."""


class Account(NamedTuple):
    """The text of an article, and what of its original is not in it."""

    text: str
    left_out: tuple[LeftOut, ...]


def account(blocks: Sequence[Block], chosen: Sequence[bool], places: Places, title: str | None) -> Account:
    """The chosen blocks as one text, and all others with what they are and where they stood."""
    kinds = _Kinds(blocks, chosen, places, title)
    text = ""
    row = None
    left_out: list[LeftOut] = []
    for block, is_in in zip(blocks, chosen, strict=True):
        start = len(text)
        if is_in and block.text:
            cells = _row(block)
            text += (" | " if row is not None and cells is row else "\n" if text else "") + block.text
            row, start = cells, len(text) - len(block.text)
        elif block.text:
            left_out.append(LeftOut(kind=kinds.of(block), text=block.text, at=start))
        left_out += [
            LeftOut(kind=extra.kind, text=extra.text, at=start + (extra.at if is_in else 0), note=extra.note)
            for extra in block.extras
        ]
    return Account(text, tuple(_joined(left_out)))


def words_of(text: str) -> list[str]:
    """The words of a text as they are counted in accounts: letters and digits that stand together."""
    return re.findall(r"[^\W_]+", text)


def summary(left_out: Iterable[LeftOut]) -> dict[str, int]:
    """How many stretches of each kind were left out, in the order of the kinds' names."""
    counts: dict[str, int] = {}
    for item in left_out:
        counts[item.kind] = counts.get(item.kind, 0) + 1
    return dict(sorted(counts.items()))


class _Kinds:
    """Tells what blocks that are not the article are."""

    def __init__(self, blocks: Sequence[Block], chosen: Sequence[bool], places: Places, title: str | None) -> None:
        self._read = {_key(block.text) for block, is_in in zip(blocks, chosen, strict=True) if is_in}
        if title:
            self._read.add(_key(title))
        self._holding = {
            around for block, is_in in zip(blocks, chosen, strict=True) if is_in for around in lineage(block.element)
        }
        self._places = places
        self._articles: dict[Any, bool] = {}

    def of(self, block: Block) -> LeftOutKind:
        kind = self._places.of_block(block)
        if kind in {"comments", "footnote", "caption"}:
            return kind
        if _key(block.text) in self._read:
            return "repeated"
        if any(self._is_other_article(around) for around in lineage(block.element)):
            return "article"
        return kind

    def _is_other_article(self, element: Any) -> bool:
        """Whether an element holds an article that is not the one that is read."""
        if element.tag != "article" or element in self._holding:
            return False
        if element not in self._articles:
            self._articles[element] = len(words_of(" ".join(element.itertext()))) >= MIN_ARTICLE
        return self._articles[element]


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _row(block: Block) -> Any:
    """The row of a table that a block stands in, or None."""
    cell = next((around for around in lineage(block.element) if around.tag in CELLS), None)
    return cell.getparent() if cell is not None else None


def _joined(left_out: Sequence[LeftOut]) -> Iterable[LeftOut]:
    """Neighbours of one kind as one."""
    for (kind, at, note), items in groupby(left_out, key=lambda item: (item.kind, item.at, item.note)):
        yield LeftOut(kind=kind, text="\n".join(item.text for item in items), at=at, note=note)
