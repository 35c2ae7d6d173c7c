"""A folded copy of a text that forgets typography and remembers where every character came from."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

QUOTE_MARKS = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″「」『』〝〞〟＂＇ʼ")
VARIATION_SELECTORS = range(0xFE00, 0xFE10)
APOSTROPHES = frozenset("'’ʼ‘`´′＇")
DASHES = frozenset("-‐‑‒–—―−﹘﹣－")
CLOSING = frozenset(".,;:!?)]}%…")
OPENING = frozenset("([{")
FOLDED_DECOMPOSITIONS = (
    "<compat>",
    "<wide>",
    "<narrow>",
    "<noBreak>",
    "<initial>",
    "<medial>",
    "<final>",
    "<isolated>",
)
"""Compatibility forms that differ in looks only; superscripts, fractions and circled digits are other characters."""


class Folded(NamedTuple):
    """Folded characters and, for each, the offset in the text of the character that it came from."""

    chars: str
    origin: tuple[int, ...]


@lru_cache(maxsize=64)
def fold(text: str) -> Folded:  # noqa: C901  (one branch a kind of character)
    """Fold quote marks away, dashes and spaces to one form, ligatures and widths to plain characters.

    Words, digits, case and inner punctuation stay, so a match in folded copies is a match word for word.
    """
    chars: list[str] = []
    origin: list[int] = []

    def put(char: str, at: int) -> None:
        if char == " " and (not chars or chars[-1] in {" ", "-"} or chars[-1] in OPENING):
            return
        if (char == "-" or char in CLOSING) and chars and chars[-1] == " ":
            chars.pop()
            origin.pop()
        chars.append(char)
        origin.append(at)

    for i, char in enumerate(text):
        if char in QUOTE_MARKS:
            if char in APOSTROPHES and chars and _is_letter(chars[-1]) and _is_letter(_next_shown(text, i + 1)):
                put("'", i)
        elif char.isspace():
            put(" ", i)
        elif char in DASHES:
            put("-", i)
        elif unicodedata.category(char) not in {"Cf", "Cc"} and ord(char) not in VARIATION_SELECTORS:
            for plain in _plain(char):
                put(" " if plain.isspace() else plain, i)
    return Folded("".join(chars), tuple(origin))


def _is_letter(char: str) -> bool:
    return bool(char) and (char.isalpha() or unicodedata.category(char)[0] == "M")


def _next_shown(text: str, i: int) -> str:
    """The first character from i on that is not invisible, such as a soft hyphen; "" at the end."""
    return next((c for c in text[i : i + 4] if unicodedata.category(c) != "Cf"), "")


def _plain(char: str) -> str:
    """The character without its compatibility form, canonically decomposed."""
    mapping = unicodedata.decomposition(char)
    if mapping.startswith("<") and not mapping.startswith(FOLDED_DECOMPOSITIONS):
        return char
    return unicodedata.normalize("NFKD" if mapping.startswith("<") else "NFD", char)
