"""Choose which blocks of a page are its article: trafilatura judges, and its choice is traced back to the tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import trafilatura

from factcheck.inputs.blocks import Block, Extra, Node, drop, lineage, taken_apart
from factcheck.inputs.hidden import Hidden

SIGNS = 255
FIRST_SIGN = 0x2801
"""Patterns of Braille stand before each text node while the article is chosen: they count as signs, not as words."""

SIGN = re.compile("[\u2800-\u28ff]")
BY_HALF = 0.5
MIN_PARAGRAPH = 60
"""Characters from which on hidden words are as long as a paragraph."""

MUCH_LONGER = 1.5
"""Of two choices on one page, the longer is taken from here on: what is hidden misled the shorter one."""


class Chosen(NamedTuple):
    """A page taken apart, which of its blocks are the article, and what had to be shown again for that."""

    blocks: tuple[Block, ...]
    is_article: list[bool]
    shown_again: Mapping[Any, str]
    """Elements that hold the article although the page's own styles hide them, and how these do."""


def choose(root: Any, hidden: Hidden, language: str | None, url: str | None) -> Chosen:
    """Choose the article of a page; where what is hidden is the article, it is shown again first.

    Scripts and sheets that are not fetched show such articles: pages fade in, galleries turn their leaves.
    """
    taken = taken_apart(root, hidden.whole, hidden.own, language)
    chosen = _by_half(taken.blocks, _chosen_nodes(root, taken.nodes, url, hidden.whole))
    read = _length(taken.blocks, chosen)
    covered = sum(len(extra.text) for block in taken.blocks for extra in block.extras if _is_long(extra))
    if covered <= read:
        return Chosen(taken.blocks, chosen, {})
    everything = _chosen_nodes(root, taken.nodes, url)
    lost = _lost(hidden, taken.nodes, everything)
    if sum(lost.values()) <= read:
        other = _by_half(taken.blocks, everything)
        is_misled = _length(taken.blocks, other) > MUCH_LONGER * read
        return Chosen(taken.blocks, other if is_misled else chosen, {})
    shown = _without_keys(hidden, lost)
    again = taken_apart(root, shown.whole, shown.own, language)
    nodes = _chosen_nodes(root, again.nodes, url, shown.whole)
    return Chosen(
        again.blocks, _by_half(again.blocks, nodes), {e: (hidden.whole.get(e) or hidden.own[e]) for e in lost}
    )


def _chosen_nodes(root: Any, nodes: Sequence[Node], url: str | None, without: Iterable[Any] = ()) -> set[int]:
    """The text nodes of a tree that belong to its main text, those of the elements `without` left out."""
    width = 2 if len(nodes) < SIGNS**2 else 3
    copy = _marked(root, nodes, width, set(without))
    for fast, recall in ((False, False), (True, True)):
        found: Any = trafilatura.bare_extraction(
            copy, url=url, fast=fast, favor_recall=recall, include_comments=False, with_metadata=False
        )
        if found is not None:
            return _numbers(found.text or "", width)
    return set()


def _by_half(blocks: Sequence[Block], nodes: set[int]) -> list[bool]:
    """Which blocks are the article: those of whose text at least half was chosen."""
    return [_share(block, nodes) >= BY_HALF for block in blocks]


def _share(block: Block, nodes: set[int]) -> float:
    total = sum(length for _, length in block.nodes)
    return sum(length for number, length in block.nodes if number in nodes) / total if total else 0.0


def _length(blocks: Sequence[Block], chosen: Sequence[bool]) -> int:
    return sum(len(block.text) for block, is_in in zip(blocks, chosen, strict=True) if is_in)


def _is_long(extra: Extra) -> bool:
    return extra.kind == "hidden" and extra.note != "comment" and len(extra.text) >= MIN_PARAGRAPH


def _lost(hidden: Hidden, nodes: Sequence[Node], everything: set[int]) -> Counter[Any]:
    """How much of what would be the article is hidden, by the element that is."""
    lost: Counter[Any] = Counter()
    for number in everything:
        node = nodes[number]
        inside = node.element.getparent() if node.is_tail else node.element
        hiding = next((a for a in lineage(inside) if a in hidden.whole or a in hidden.own), None)
        if hiding is not None:
            lost[hiding] += len(node.text.strip())
    return lost


def _without_keys(hidden: Hidden, elements: Iterable[Any]) -> Hidden:
    shown = set(elements)
    return Hidden(
        {element: how for element, how in hidden.whole.items() if element not in shown},
        {element: how for element, how in hidden.own.items() if element not in shown},
    )


def _marked(root: Any, nodes: Sequence[Node], width: int, without: set[Any]) -> Any:
    """A copy of a tree with the number of each text node before it, without some elements, comments and styles."""
    copy = deepcopy(root)
    twins = dict(zip(root.iter(), copy.iter(), strict=True))
    for number, node in enumerate(nodes):
        text = SIGN.sub(".", node.text)
        lead = len(text) - len(text.lstrip())
        value = text[:lead] + _signs(number, width) + text[lead:]
        setattr(twins[node.element], "tail" if node.is_tail else "text", value)
    for element, twin in twins.items():
        if element in without or not isinstance(twin.tag, str):  # a comment's tag is a function
            drop(twin)
        else:
            twin.attrib.pop("style", None)  # what it says is known; the extraction would guess from it
    return copy


def _signs(number: int, width: int) -> str:
    signs = ""
    for _ in range(width):
        signs += chr(FIRST_SIGN + number % SIGNS)
        number //= SIGNS
    return signs


def _numbers(text: str, width: int) -> set[int]:
    found = re.findall(rf"[\u2801-\u28ff]{{{width}}}", text)
    return {sum((ord(sign) - FIRST_SIGN) * SIGNS**place for place, sign in enumerate(signs)) for signs in found}
