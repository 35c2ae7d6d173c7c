"""A folded copy of a text that forgets typography and remembers where every character came from.

Forgotten are quote marks, kinds of dash (`--` included) and space, ligatures, widths, marks of Markdown and the targets
of its links, HTML's character references, Arabic tatweel and vowel marks, Hebrew points, and spaces beside Chinese and
Japanese characters. Letters, digits, case, spelling and inner punctuation stay.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

QUOTE_MARKS = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″「」『』｢｣〝〞〟＂＇ʼ״׳")
VARIATION_SELECTORS = range(0xFE00, 0xFE10)
APOSTROPHES = frozenset("'’ʼ‘`´′＇")
DASHES = frozenset("-‐‑‒–—―−﹘﹣－")
WAVES = frozenset("〜～")
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

POINTS = re.compile(
    "[\u0640\u064b-\u0652\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0591-\u05bd\u05bf\u05c1-\u05c7]"
)
"""Tatweel, Arabic vowel marks, Hebrew points and accents. The hamza and madda of a letter are spelling and stay."""

WIDE = re.compile("[\u3001-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Characters of scripts that need no space between words, with their marks."""

PLAIN_RUN = re.compile(r"[A-Za-z0-9]+")
REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
LINK = re.compile(
    r"!?\[(?P<label>[^\[\]\n]{0,400}+)\]\("
    r"(?P<target><[^<>\n]{0,2000}+>|[^\s()<>]{0,2000}+(?:\([^\s()<>]{0,200}+\)[^\s()<>]{0,200}+)?)"
    r"(?:\s{1,9}(?:\"[^\"\n]{0,300}+\"|'[^'\n]{0,300}+'))?\)"
)
ADDRESS = re.compile(r"<?(?:[a-z][a-z+.-]{1,15}:|[/#?.]|[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
NOTE_MARK = re.compile(r"\[\^[\w-]{1,40}\]")
ESCAPED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
EMPHASIS = re.compile(r"\*+|_+")


class Folded(NamedTuple):
    """Folded characters and, for each, the offset in the text of the character that it came from."""

    chars: str
    origin: tuple[int, ...]


class _Copy:
    """The folded copy while it is made."""

    def __init__(self) -> None:
        self.chars: list[str] = []
        self.origin: list[int] = []
        self._apostrophe: int | None = None

    def mark(self, char: str, at: int) -> None:
        """A quote mark: it stays where it turns out to stand between two letters."""
        if char in APOSTROPHES and self.chars and _is_letter(self.chars[-1]):
            self._apostrophe = at

    def run(self, run: str, at: int) -> None:
        """Letters and digits that stay as they are."""
        self._settle(run[0])
        self.chars.extend(run)
        self.origin.extend(range(at, at + len(run)))

    def put(self, char: str, at: int) -> None:
        """One character; spaces that say nothing are left out."""
        self._settle(char)
        chars = self.chars
        last = chars[-1] if chars else ""
        if char == " " and (not last or last in " -" or last in OPENING or self._follows_wide(last)):
            return
        if last == " " and (char == "-" or char in CLOSING or WIDE.match(char)):
            chars.pop()
            self.origin.pop()
        chars.append(char)
        self.origin.append(at)

    def _settle(self, following: str) -> None:
        if self._apostrophe is not None and _is_letter(following):
            self.chars.append("'")
            self.origin.append(self._apostrophe)
        self._apostrophe = None

    def _follows_wide(self, last: str) -> bool:
        before = self.chars[-2] if last in CLOSING and len(self.chars) > 1 else last
        return before > "\u3000" and WIDE.match(before) is not None


@lru_cache(maxsize=64)
def fold(text: str) -> Folded:
    """The folded copy of a text; a match in folded copies is a match word for word, typography aside."""
    copy = _Copy()
    for char, at in _shown(text):
        if len(char) > 1:
            copy.run(char, at)
        else:
            _fold_one(copy, char, text, at)
    return Folded("".join(copy.chars), tuple(copy.origin))


def _fold_one(copy: _Copy, char: str, text: str, at: int) -> None:
    if char.isascii() and char.isalnum():
        copy.run(char, at)
    elif char in QUOTE_MARKS:
        copy.mark(char, at)
    elif char.isspace():
        copy.put(" ", at)
    elif char in DASHES:
        if not (char == "-" and text[at - 1 : at] == "-" and copy.chars[-1:] == ["-"]):
            copy.put("-", at)
    elif char in WAVES:
        copy.put("~", at)
    elif not (unicodedata.category(char) in {"Cf", "Cc"} or ord(char) in VARIATION_SELECTORS or POINTS.match(char)):
        for plain in _plain(char):
            copy.put(" " if plain.isspace() else plain, at)


def _shown(text: str) -> Iterator[tuple[str, int]]:
    """Characters and runs of plain ones, with their offsets, without what marks them up."""
    hidden = _marked_up(text)
    at = 0
    while at < len(text):
        if at in hidden:
            at = hidden[at]
            continue
        run = PLAIN_RUN.match(text, at)
        reference = REFERENCE.match(text, at) if text[at] == "&" else None
        if run:
            yield run[0], at
            at = run.end()
        elif reference:
            yield from ((char, at) for char in html.unescape(reference[0]))
            at = reference.end()
        else:
            yield text[at], at
            at += 1


def _marked_up(text: str) -> dict[int, int]:
    """Where stretches begin that are markup or points, and where each ends."""
    hidden = {m.start(): m.end() for m in POINTS.finditer(text)}
    hidden |= {m.start(): m.end() for m in ESCAPED.finditer(text)}
    hidden |= {m.start(): m.end() for m in EMPHASIS.finditer(text) if _emphasises(text, m.start(), m.end())}
    if "](" in text:
        for link in LINK.finditer(text):
            if ADDRESS.match(link["target"]):
                hidden[link.start()] = link.start("label")
                hidden[link.end("label")] = link.end()
    if "[^" in text:
        hidden |= {m.start(): m.end() for m in NOTE_MARK.finditer(text)}
    return hidden


def _emphasises(text: str, start: int, end: int) -> bool:
    """Whether stars or underscores mark words, and are neither an operator nor part of a name."""
    before, after = text[max(0, start - 2) : start].rstrip("\\")[-1:], text[end : end + 1]
    if text[start] == "_":
        return not (before.isalnum() and after.isalnum())
    apart = (not before or before.isspace()) and (not after or after.isspace())
    return not apart and not (before.isdigit() and after.isdigit())


def reference_end(text: str, at: int) -> int:
    """The end of the character at `at`, or of the character reference that begins there."""
    reference = REFERENCE.match(text, at) if text[at] == "&" else None
    return reference.end() if reference else at + 1


def _is_letter(char: str) -> bool:
    return bool(char) and (char.isalpha() or unicodedata.category(char)[0] == "M")


def _plain(char: str) -> str:
    """The character without its compatibility form, canonically decomposed."""
    mapping = unicodedata.decomposition(char)
    if mapping.startswith("<") and not mapping.startswith(FOLDED_DECOMPOSITIONS):
        return char
    return unicodedata.normalize("NFKD" if mapping.startswith("<") else "NFD", char)
