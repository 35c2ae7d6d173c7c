"""Tell the marks of footnotes from powers, ordinals and formulas, which belong to the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

POWERS = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
POWER = re.compile(r"[0-9+\-−–n]{1,4}")
UNIT = re.compile(r"(?:^|[\s\d(/·⋅.×*])(?:[munkcdMµμh]?m|km|mi|ft|in|yd|[a-zA-Z]|min|sec|kg|mol|px|µg|mg)$")
"""A unit or a single letter, behind which a raised number is a power."""

TEN = re.compile(r"(?:^|\D)10$")
SIGNS = re.compile(r"[*†‡§¶‖#]{1,3}")
BRACKETED = re.compile(r"[\[(]\s*(?:\d{1,3}|[a-z]{1,2}|[ivx]{1,4}|note \d+|nb \d+|[*†‡§¶])\s*[\])]", re.IGNORECASE)
NUMBERS = re.compile(r"\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*")
REMARK = re.compile(r"\[[^\[\]]{3,60}\]")
"""What editors put beside a text: `[citation needed]`."""

NOTE_NAMES = re.compile(
    r"foot-?note|fnref|\bfn\b|\bnoteref\b|end-?note|reference\b|note-?ref|fuss?note|cite_ref", re.IGNORECASE
)
RAISED_STYLE = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
RAISED_CLASS = frozenset(["sup", "superscript", "super"])


class Superscripts:
    """Reads the raised signs of one page in their order, so that the numbers of notes are known as they go on."""

    def __init__(self) -> None:
        self._last = 0
        """The number of the last note."""

    def may_be(self, element: Any) -> bool:
        """Whether an element is raised, or links to a note of its own page."""
        if element.tag == "sup":
            return True
        if element.tag == "a":
            return (element.get("href") or "").startswith("#") or element.get("role") == "doc-noteref"
        if element.tag != "span":
            return False
        names = set((element.get("class") or "").lower().split())
        return bool(names & RAISED_CLASS) or bool(RAISED_STYLE.search(element.get("style") or ""))

    def kind_of(self, element: Any, before: Callable[[], str]) -> Literal["note", "power"] | None:
        """What a raised element is, by its words and those `before` it; None for what stays as it is."""
        text = " ".join("".join(element.itertext()).split())
        if not text or len(text) > 60:  # noqa: PLR2004
            return None
        if self._is_note(element, text, before):
            if text.strip("[]()").isdigit():
                self._last = int(text.strip("[]()"))
            return "note"
        is_raised = element.tag != "a"
        return "power" if is_raised and POWER.fullmatch(text) and before().strip() else None

    def raised(self, text: str) -> str:
        """Digits and signs in the characters for raised ones, so that 10⁶ does not become 106."""
        return text.translate(POWERS)

    def _is_note(self, element: Any, text: str, before: Callable[[], str]) -> bool:
        linked = element.get("role") == "doc-noteref" or any(
            (link.get("href") or "").startswith("#") or NOTE_NAMES.search(link.get("href") or "")
            for link in element.iter("a")
        )
        is_mark = bool(NUMBERS.fullmatch(text) or BRACKETED.fullmatch(text) or SIGNS.fullmatch(text))
        if element.tag == "a":  # a link in the line is a note's mark only in brackets, or where it is named so
            named = NOTE_NAMES.search(
                " ".join((element.get("class") or "", element.get("id") or "", element.get("href") or ""))
            )
            return linked and bool(before().strip()) and bool(BRACKETED.fullmatch(text) or (is_mark and named))
        if is_mark and (linked or NOTE_NAMES.search(element.get("class") or "")):
            return True
        if BRACKETED.fullmatch(text) or SIGNS.fullmatch(text) or REMARK.fullmatch(text):
            return True
        return bool(NUMBERS.fullmatch(text)) and self._follows(text, before())

    def _follows(self, text: str, before: str) -> bool:
        """Whether a bare raised number is the mark of a note, by what it stands behind."""
        if not before.strip() or before[-1:].isspace() or TEN.search(before):
            return False
        if UNIT.search(before):
            return False
        if before[-1].isdigit():
            return text.isdigit() and int(text) == self._last + 1
        return True
