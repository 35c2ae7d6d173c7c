"""The words and the figures of a text with their places, as they are compared: without case, accents and typography."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

SPACELESS = "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e4e\u1780-\u17d3"
"""Scripts that write no spaces between words: each character counts as a word."""

WORD = re.compile(rf"[{SPACELESS}]|(?:(?![{SPACELESS}])[^\W_])(?:(?![{SPACELESS}])[^\W_]|[\u0300-\u036f])*")
THIN = "\u0020\u00a0\u2009\u202f"
FIGURE = re.compile(rf"(?<![\d.,])(?:\d{{1,3}}(?:[{THIN}'’]\d{{3}})+(?!\d)|\d+)(?:[.,]\d+)*")


class Word(NamedTuple):
    """A word as it is compared, and its span in code points."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=512)
def words_of_text(text: str) -> tuple[Word, ...]:
    """The words of a text in order; characters of scripts without spaces are words of their own."""
    return tuple(Word(plain(found[0]), found.start(), found.end()) for found in WORD.finditer(text))


def plain(word: str) -> str:
    """A word without case and accents."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if unicodedata.category(c) != "Mn")


def figures(text: str) -> Iterator[Word]:
    """The numbers that a text writes in digits, each as a plain decimal (`1,240`, `1 240` and `1.240` are `1240`)."""
    for found in FIGURE.finditer(text):
        yield Word(_decimal(found[0]), found.start(), found.end())


def values(texts: Sequence[str]) -> frozenset[str]:
    """The numbers in several texts, whatever their order."""
    return frozenset(figure.text for text in texts for figure in figures(text))


def _decimal(written: str) -> str:
    """A number without separators of thousands, with a point before its decimals.

    One separator before exactly three digits divides thousands, as `1.240` does in half of the world's languages.
    """
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in written if c.isdigit() or c in ".,")
    marks = [c for c in digits if not c.isdigit()]
    if not marks:
        return digits.lstrip("0") or "0"
    *whole, last = re.split(r"[.,]", digits)
    alike = len(set(marks)) == 1
    grouped = alike and len(last) == 3 and all(len(part) == 3 for part in whole[1:]) and 1 <= len(whole[0]) <= 3  # noqa: PLR2004
    if grouped and whole[0] != "0":
        return (("".join(whole)) + last).lstrip("0") or "0"
    if alike and len(marks) > 1:  # a date or a number of a section
        return ".".join(part.lstrip("0") or "0" for part in (*whole, last))
    decimals = last.rstrip("0")
    integer = "".join(whole).lstrip("0") or "0"
    return f"{integer}.{decimals}" if decimals else integer
