"""Choose which blocks of a page are its article: trafilatura judges, and its choice is traced back to the tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import trafilatura

from factcheck.inputs.blocks import Block, Extra, Node, Taken, drop, lineage, taken_apart
from factcheck.inputs.hidden import Hidden

SIGNS = 255
FIRST_SIGN = 0x2801
"""Patterns of Braille stand before each text node while the article is chosen: they count as signs, not as words."""

SIGN = re.compile("[\u2800-\u28ff]")
BY_HALF = 0.5
MIN_PARAGRAPH = 60


def marked(root: Any, nodes: Sequence[Node]) -> int:
    """Put the number of each text node before it, and return how many signs a number takes."""
    width = 2 if len(nodes) < SIGNS**2 else 3
    for number, node in enumerate(nodes):
        text = SIGN.sub(".", node.text)
        lead = len(text) - len(text.lstrip())
        value = text[:lead] + _signs(number, width) + text[lead:]
        if node.is_tail:
            node.element.tail = value
        else:
            node.element.text = value
    return width


def choose(root: Any, hidden: Hidden, taken: Taken, width: int, url: str | None, language: str | None) -> tuple[Taken, list[bool]]:
    """Choose the article of a marked page; where what is hidden is the article, it is shown again first."""
    nodes = chosen_nodes(root, width, url, hidden.whole)
    chosen = chosen_blocks(taken, nodes)
    covered = sum(len(extra.text) for block in taken.blocks for extra in block.extras if is_long(extra))
    read = sum(len(block.text) for block, is_in in zip(taken.blocks, chosen, strict=True) if is_in)
    if covered <= read:
        return taken, chosen
    everything = chosen_nodes(root, width, url)
    shown = shown_again(hidden, taken, everything, read)
    if shown is None:
        return taken, chosen
    again = taken_apart(root, shown.whole, shown.own, language)
    return again, chosen_blocks(again, chosen_nodes(root, width, url, shown.whole))


def is_long(extra: Extra) -> bool:
    """Whether hidden words are as long as a paragraph."""
    return extra.kind == "hidden" and len(extra.text) >= MIN_PARAGRAPH


def shown_again(hidden: Hidden, taken: Taken, nodes: set[int], read: int) -> Hidden | None:
    """Less hidden, where most of what would be the article is: then a script shows it, or other sheets do."""
    lost: Counter[Any] = Counter()
    for number in nodes:
        node = taken.nodes[number]
        inside = node.element.getparent() if node.is_tail else node.element
        for around in lineage(inside):
            if around in hidden.whole or around in hidden.own:
                lost[around] += len(node.text.strip())
                break
    if sum(lost.values()) <= read:
        return None
    whole = {element: how for element, how in hidden.whole.items() if element not in lost}
    own = {element: how for element, how in hidden.own.items() if element not in lost}
    return Hidden(whole, own)


def chosen_nodes(root: Any, width: int, url: str | None, without: Iterable[Any] = ()) -> set[int]:
    """The text nodes of a marked tree that belong to its main text, those of the elements `without` left out."""
    copy = _without(root, without)
    for fast, recall in ((False, False), (True, True)):
        found = trafilatura.bare_extraction(
            copy, url=url, fast=fast, favor_recall=recall, include_comments=False, with_metadata=False
        )
        if found is not None:
            return _numbers(found.text or "", width)
    return set()


def chosen_blocks(taken: Taken, nodes: set[int]) -> list[bool]:
    """Which blocks are the article: those of whose text at least half was chosen."""
    return [_share(block, nodes) >= BY_HALF for block in taken.blocks]


def _share(block: Block, nodes: set[int]) -> float:
    total = sum(length for _, length in block.nodes)
    return sum(length for number, length in block.nodes if number in nodes) / total if total else 0.0


def _signs(number: int, width: int) -> str:
    signs = ""
    for _ in range(width):
        signs += chr(FIRST_SIGN + number % SIGNS)
        number //= SIGNS
    return signs


def _numbers(text: str, width: int) -> set[int]:
    found = re.findall(rf"[\u2801-\u28ff]{{{width}}}", text)
    return {sum((ord(sign) - FIRST_SIGN) * SIGNS**place for place, sign in enumerate(signs)) for signs in found}


def _without(root: Any, elements: Iterable[Any]) -> Any:
    """A copy of a tree without some elements, and without styles, from which the extraction would guess."""
    unwanted = set(elements)
    copy = deepcopy(root)
    twins = list(zip(root.iter(), copy.iter(), strict=True)) if unwanted else []
    for twin in [twin for element, twin in twins if element in unwanted]:
        drop(twin)
    for element in [*copy.iter()]:
        if isinstance(element.tag, str):
            element.attrib.pop("style", None)
        else:
            drop(element)
    return copy
