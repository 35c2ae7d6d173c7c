"""Lines become paragraphs: what goes on, what begins anew, which hyphen stays, and where what was left out stood."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import NamedTuple

from factcheck.inputs.article import canonical
from factcheck.inputs.heads import GAP, leading_of
from factcheck.inputs.layout import Line
from factcheck.inputs.notes import RAISED, is_note_mark, raised
from factcheck.originals import LeftOut, LeftOutKind, Mark
from factcheck.text.hyphens import HYPHENS, unhyphenated, words_in

OTHER_SIZE = 0.12
"""Relative change of the font size that sets a headline apart."""

CLOSED = re.compile(r"[.!?…:;。！？；：।؟۔][\"'”’»)\]」』]*$")
BULLET = re.compile(r"^(?:[•▪■●◦–—*·]|\(?(\d{1,2})[.)]|\(?[a-z]\))\s")
DIVIDED = re.compile(rf"\w[{HYPHENS}]$")
FULL = 0.6
"""Of the width of its column: a line that fills so much was broken for want of room."""

CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Scripts without spaces that close their sentences with a mark; Thai and Lao do not."""

SPACELESS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u0e00-\u0eff]")
ADDRESS = re.compile(r"(?:://|www\.|@)\S*$")
TIGHT = re.compile(r"(?:\S[–—/]|\w[\u2019'])$")
"""What ends a line in the middle of what is written without a space."""


class Out(NamedTuple):
    """Words of a page that stay out of the text."""

    kind: LeftOutKind
    text: str
    note: str = ""


class Sheet(NamedTuple):
    """What a page gives: lines to read, and what stays out of the text, above and below them."""

    number: int
    lines: Sequence[Line]
    above: Sequence[Out] = ()
    below: Sequence[Out] = ()


class Told(NamedTuple):
    """A text, where its pages begin, and what was left out of it."""

    text: str
    marks: tuple[Mark, ...]
    left_out: tuple[LeftOut, ...]


def told(sheets: Sequence[Sheet], notes: Collection[str] = (), language: str | None = None) -> Told:
    """The text of pages. `notes` are the marks of the footnotes that they have."""
    teller = _Teller(sheets, notes, language)
    for sheet in sheets:
        teller.tell(sheet)
    return Told("".join(teller.parts), tuple(teller.marks), tuple(teller.left_out))


class _Teller:
    """Writes line after line; what joins two lines depends on both."""

    def __init__(self, sheets: Sequence[Sheet], notes: Collection[str], language: str | None) -> None:
        self.sheets = sheets
        self.notes = notes
        self.language = language
        self.parts: list[str] = []
        """Separators and lines in turn."""
        self.length = 0
        self.marks: list[Mark] = []
        self.left_out: list[LeftOut] = []
        self.last: Line | None = None
        self.item = 0
        """The number of the last item of a list."""

    def tell(self, sheet: Sheet) -> None:
        self._leave_out(sheet.above, sheet.number)
        leading = leading_of([line.y for line in sheet.lines])
        widths = _widths(sheet.lines)
        turned = True
        for line, width in zip(sheet.lines, widths, strict=True):
            text = canonical(line.text).strip()
            if not text:
                continue
            if self.last:
                self._join(line._replace(text=text), leading, turned=turned or line.begins)
            if turned or line.box:
                self.marks.append(Mark(start=self.length, page=sheet.number, box=line.box))
            self._write(text, sheet.number)
            self.last = line._replace(text=self.parts[-1], full=line.right - line.left >= FULL * width)
            turned = False
        self._leave_out(sheet.below, sheet.number)

    def _leave_out(self, outs: Sequence[Out], page: int) -> None:
        self.left_out += [
            LeftOut(kind=out.kind, text=out.text, at=self.length, page=page, note=out.note) for out in outs if out.text
        ]

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _write(self, text: str, page: int) -> None:
        """Add a line; the marks of notes in it stay out, other raised signs become superscripts."""
        written, end = "", 0
        for match in RAISED.finditer(text):
            written += text[end : match.start()]
            end = match.end()
            if not match.start():
                written, end = f"{match[1]} ", end + len(text[end:]) - len(text[end:].lstrip())
            elif is_note_mark(written, match[1], self.notes):
                at = self.length + len(written)
                self.left_out.append(LeftOut(kind="note_mark", text=match[1], at=at, page=page))
            else:
                written += raised(match[1])
        self._add(written + text[end:])

    def _join(self, line: Line, leading: float, *, turned: bool) -> None:
        """Add what stands between the last line and this one, and take away a hyphen that divides a word."""
        assert self.last  # noqa: S101  (the caller looks)
        if turned:
            separator = " " if _goes_on(self.last, line) else "\n\n"
        else:
            separator = self._separator(self.last, line, leading)
        if separator == " ":
            divided, separator = self._space(self.last.text, line.text)
            if divided:
                self.parts[-1] = self.parts[-1][:-1]
                self.length -= 1
        self._add(separator)

    def _separator(self, before: Line, line: Line, leading: float) -> str:
        """What stands between two lines: a space, a line feed before an item of a list or a row, or an empty line."""
        gap = before.y - line.y
        apart = gap < -1 or (leading > 0 and gap > GAP * leading)
        if self._is_item(before, line, apart=apart):
            return "\n"
        if before.cells > 1 or line.cells > 1:
            return "\n\n" if apart else "\n"
        unfinished = not CLOSED.search(before.text) and line.text[:1].islower()
        resized = abs(before.size - line.size) > OTHER_SIZE * max(before.size, line.size)
        indented = line.left > before.left + line.size and bool(CLOSED.search(before.text))
        return "\n\n" if (apart or resized or indented) and not unfinished else " "

    def _is_item(self, before: Line, line: Line, *, apart: bool) -> bool:
        """Whether a line begins an item; a number at its beginning may also belong to the sentence before."""
        match = BULLET.match(line.text)
        if RAISED.match(line.text):
            return True
        if not match or DIVIDED.search(before.text):
            return False
        if not match[1]:
            return True
        number, expected = int(match[1]), self.item + 1
        if not (apart or number in {1, expected} or CLOSED.search(before.text)):
            return False
        self.item = number
        return True

    def _space(self, before: str, after: str) -> tuple[bool, str]:
        """Whether a hyphen before it divides a word, and what stands between two lines that belong together."""
        if before[-1:] in HYPHENS:
            if ADDRESS.search(before):
                return False, ""
            if (hyphen := unhyphenated(before, after, self.known, self.language)) is not None:
                return not hyphen, ""
        tight = TIGHT.search(before) or (SPACELESS.match(before[-1:]) and SPACELESS.match(after[:1]))
        return False, "" if tight else " "

    @cached_property
    def known(self) -> set[str]:
        """The words of the text, without halves at the ends of lines."""
        texts = (line.text for sheet in self.sheets for line in sheet.lines)
        return words_in("\n".join(re.sub(rf"\S+[{HYPHENS}]$", "", text) for text in texts))


def _widths(lines: Sequence[Line]) -> list[float]:
    """For each line the width of its column."""
    columns: list[int] = []
    widest: list[float] = []
    for line in lines:
        if line.begins or not widest:
            widest.append(0.0)
        columns.append(len(widest) - 1)
        widest[-1] = max(widest[-1], line.right - line.left)
    return [widest[column] for column in columns]


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a sentence goes on in the next column or on the next page."""
    divided = bool(DIVIDED.search(before.text))
    if before.cells > 1 or line.cells > 1 or CLOSED.search(before.text) or (BULLET.match(line.text) and not divided):
        return False
    small = line.text[:1].islower() or CJK.match(line.text) or divided
    tells = bool(CJK.match(before.text[-1:])) or not SPACELESS.match(before.text[-1:])  # by a mark where sentences end
    alike = abs(before.size - line.size) <= OTHER_SIZE * before.size
    return bool(small) or (before.full and alike and tells)
