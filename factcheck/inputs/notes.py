"""Footnotes, and the raised marks in a text that point to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from factcheck.inputs.layout import END, MARK, Line

SMALL = 0.94
"""Of the size of the text: footnotes are set smaller."""

RAISED = re.compile(f"{MARK}([^{END}]*){END}")
OWN_MARK = re.compile(f"^(?:{MARK}([^{END}]*){END}|(\\d{{1,3}}|[*†‡§¶‖#]+|[a-z])[.)]?\\s)")
"""The mark with which a footnote begins."""

SYMBOL = re.compile(r"[*†‡§¶‖#,;]+")
NUMBERS = re.compile(r"\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*")
UNIT = re.compile(r"(?:^|[\s\d(/])(?:[kcmdµμ]?m|ft|in|mi|yd|км|см|мм|м)$")
POWER = re.compile(r"(?:^|\D)10$")
SUPERSCRIPT = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")


class Parted(NamedTuple):
    """The lines of a page that belong to its text, and its footnotes."""

    lines: list[Line]
    notes: list[str]


def marks_in(lines: Sequence[Line]) -> set[str]:
    """The marks that point to notes: what is raised inside of lines."""
    found = set[str]()
    for line in lines:
        for match in RAISED.finditer(line.text):
            signs = set(re.findall(r"\d+|[^\W\d_]|[*†‡§¶‖#]+", match[1]))
            if match.start() and is_note_mark(line.text[: match.start()], match[1], signs):
                found |= signs
    return found


def without_footnotes(lines: Sequence[Line], size: float, marks: Collection[str], *, goes_on: bool) -> Parted:
    """The lines without small ones at the end of a column, from the first that begins with a mark of the text.

    `goes_on` says that the last footnote of the page before is not finished.
    """
    kept: list[Line] = []
    notes: list[str] = []
    for column in _columns(lines):
        start = _start(column, size, marks, goes_on=goes_on)
        kept += column[:start]
        for line in column[start:]:
            text = " ".join(RAISED.sub(lambda match: f"{match[1]} ", line.text).split())
            if OWN_MARK.match(line.text) or not notes:
                notes.append(text)
            else:
                notes[-1] += f" {text}"
    return Parted(kept, notes)


def _columns(lines: Sequence[Line]) -> list[list[Line]]:
    columns: list[list[Line]] = []
    for line in lines:
        if line.begins or not columns:
            columns.append([])
        columns[-1].append(line)
    return columns


def _start(column: Sequence[Line], size: float, marks: Collection[str], *, goes_on: bool) -> int:
    """The index of the first line of the footnotes that end a column; its length where there are none."""
    first = len(column)
    while first and column[first - 1].size <= SMALL * size:
        first -= 1
    if goes_on and 0 < first < len(column):
        return first
    for at in range(first, len(column)):
        match = OWN_MARK.match(column[at].text)
        if match and (match[1] or match[2]).strip() in marks:
            return at
    return len(column)


def is_note_mark(before: str, mark: str, notes: Collection[str]) -> bool:
    """Whether a raised mark points to a note; if not, it is part of what is said: an exponent, a unit, an ordinal."""
    last = before[-1:]
    if SYMBOL.fullmatch(mark):
        return True
    if NUMBERS.fullmatch(mark):
        known = set(re.findall(r"\d+", mark)) <= set(notes)
        if (mark in {"2", "3"} and UNIT.search(before)) or POWER.search(before):
            return False
        return known or not last.isdecimal()
    return len(mark) == 1 and mark.islower() and (mark in notes or (last.isalpha() and before[-2:-1].isalpha()))


def raised(mark: str) -> str:
    """A raised mark that is read, so that it is not taken for a digit of the number before it."""
    return mark if any(char.isalpha() and char != "n" for char in mark) else mark.translate(SUPERSCRIPT)
