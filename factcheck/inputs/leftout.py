"""Keep account of what a reader takes out of a text: where it stood, what it was, why."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from factcheck.inputs.article import canonical
from factcheck.originals import LeftOut, LeftOutKind, Mark

OPEN, CLOSE = "\ufdd2", "\ufdd3"
"""Noncharacters, which no honest text holds: between them stands the number of what was taken out at that point."""

PLACE = re.compile(f"{OPEN}(\\d{{1,9}}){CLOSE}")
STRAY = re.compile(f"[{OPEN}{CLOSE}]")
PLACES = f"(?<!{CLOSE})((?:{OPEN}\\d+{CLOSE})+)"
SPACED = re.compile(rf"\A{PLACES}\s+|(?<=\n\n){PLACES}\n+|(?:(?<=[ \t\n])|^){PLACES}[ \t]|[ \t]{PLACES}(?=\n|$)")
"""A place that stands alone, between two spaces, or at the end of a line: the space belonged to what was taken out."""

LAST = re.compile(rf"{PLACES}\s*\Z")


class Settled(NamedTuple):
    """A text, its marks, and what is not in it."""

    text: str
    marks: tuple[Mark, ...]
    left_out: tuple[LeftOut, ...]


def plain(text: str) -> str:
    """A text of an original without the two characters that mark places here."""
    return STRAY.sub("", text)


def words_only(text: str) -> str:
    """A text without places."""
    return STRAY.sub("", PLACE.sub("", text))


class LeftOuts:
    """What was taken out so far. A reader puts a place into its text for each, and settles the text at the end."""

    def __init__(self) -> None:
        self._taken: list[LeftOut] = []

    def place(self, kind: LeftOutKind, text: str, note: str = "", page: int | None = None) -> str:
        """A stand-in for words that are taken out; empty where there are none."""
        whole = PLACE.sub(lambda match: f" {self._taken[int(match[1])].text} ", canonical(text))
        words = plain(" ".join(whole.split()))
        if not any(char.isalnum() for char in words):
            return ""
        self._taken.append(LeftOut(kind=kind, text=words, at=0, note=note, page=page))
        return f"{OPEN}{len(self._taken) - 1}{CLOSE}"

    def settle(self, text: str, marks: Sequence[Mark] = ()) -> Settled:
        """The text without places, its marks moved along, and what was left out in the order of the text."""
        found: list[LeftOut] = []
        ends, shifts = [0], [0]
        for match in PLACE.finditer(text):
            at = match.start() - shifts[-1]
            found.append(self._taken[int(match[1])].model_copy(update={"at": at}))
            ends.append(match.end())
            shifts.append(shifts[-1] + len(match[0]))
        moved = [m.model_copy(update={"start": m.start - shifts[bisect_right(ends, m.start) - 1]}) for m in marks]
        return Settled(PLACE.sub("", text), tuple(moved), tuple(found))


def tidy(text: str) -> str:
    """Text of which one of two spaces around a place is gone, and none stands before the end of a line."""
    if last := LAST.search(text):
        text = text[: last.start()].rstrip() + last[1]
    return SPACED.sub(lambda match: next(filter(None, match.groups())), text)
