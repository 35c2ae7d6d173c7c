"""Tell what hidden text says something to a reader that does not look: sentences in an article, orders anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from factcheck.inputs.blocks import Block, Extra, lineage
from factcheck.inputs.hidden import UNSEEN_TAGS
from factcheck.inputs.selection import Chosen

MIN_WORDS = 6
MIN_WIDE = 15
"""Words of a sentence, and characters of one in a script without spaces."""

WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SENTENCE = re.compile(r"[^\W\d_][^\n]*[.!?…。！？।؟](?:[\"”’»)\]]|\s|$)")
CODE = re.compile(r"[{};=#|_\[\]]|//|/\*|\bfunction\b|https?:|::|<\w|\w+\(\)|-->|\bv?\d+\.\d+\.\d+")
LEVELS = 3
"""How near hidden text must stand to the article's paragraphs to be read as one of them."""

SHOWN = 80
"""Characters of it that a message shows."""


def hidden_notes(page: Chosen, is_article: Sequence[bool]) -> list[tuple[str, str]]:
    """A note where hidden text reads like a part of the article, and one where the article itself begins hidden."""
    notes = []
    if page.shown_again:
        notes.append(
            ("begins_hidden", "its article is hidden until a script or a style sheet shows it; it was read as shown")
        )
    found = list(_speaking(page.blocks, is_article))
    if found:
        listed = ", ".join(sorted({extra.note for extra in found}))
        words = " ".join(found[0].text.split())[:SHOWN]
        notes.append(("hidden_text", f"text that readers of the page do not see was taken out ({listed}): “{words}”"))
    return notes


def _speaking(blocks: Sequence[Block], is_article: Sequence[bool]) -> Iterator[Extra]:
    near = {
        around
        for block, is_in in zip(blocks, is_article, strict=True)
        if is_in
        for around, _ in zip(lineage(block.element), range(LEVELS), strict=False)
    }
    inside = [n for n, is_in in enumerate(is_article) if is_in]
    for number, block in enumerate(blocks):
        is_within = bool(inside) and inside[0] <= number <= inside[-1] and _is_near(block.element, near)
        yield from (extra for extra in block.extras if is_within and _is_hidden(extra) and _says(extra.text))


def _is_hidden(extra: Extra) -> bool:
    """Whether words are hidden, and not only shown where something else cannot be."""
    return extra.kind == "hidden" and extra.note not in UNSEEN_TAGS


def _is_near(element: Any, near: set[Any]) -> bool:
    return any(around in near for around, _ in zip(lineage(element), range(LEVELS), strict=False))


def _says(text: str) -> bool:
    """Whether a text has a sentence in it, and is no code."""
    if CODE.search(text) or not SENTENCE.search(text):
        return False
    return len(WIDE.findall(text)) >= MIN_WIDE or len(text.split()) >= MIN_WORDS
