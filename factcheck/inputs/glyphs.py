"""What pdfium knows of the characters of a page, as runs of text with their places."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from factcheck.inputs.layers import Layer, address_of

HYPHEN = 2
"""What pdfium gives for a hyphen that ends a line."""

TURN = 360


class Run(NamedTuple):
    """Characters that one drawing operation put side by side; places are in points, upwards, in reading direction."""

    text: str
    left: float
    right: float
    y: float
    """Of the baseline."""
    size: float
    spaced: bool = False
    """Whether white space stands before it."""
    xs: tuple[float, ...] = ()
    """The left edge of every character, on pages with text from right to left."""
    angle: int = 0
    hidden: str | None = None
    """Why it is not seen."""
    raised: bool = False
    """Whether it stands above the line beside it, as the mark of a note or an exponent does."""


def runs_of(text: pypdfium2.PdfTextPage, layer: Layer) -> list[Run]:
    """All runs of a page that hold anything, those that are not seen among them."""
    units = [raw.FPDFText_GetUnicode(text, index) for index in range(raw.FPDFText_CountChars(text))]
    places = any(0x590 <= unit <= 0x8FF or 0xFB1D <= unit <= 0xFEFF for unit in units)  # noqa: PLR2004
    return [_run(text, units, span, layer, places=places) for span in _spans(text, units)]


class _Span(NamedTuple):
    start: int
    end: int
    spaced: bool
    address: int


def _spans(text: pypdfium2.PdfTextPage, units: list[int]) -> list[_Span]:
    """Where runs begin and end: at another operation, and at white space that is wider than between words."""
    spans: list[_Span] = []
    start, owner, blanks, spaced = -1, 0, 0, False
    for index, unit in enumerate(units):
        if unit in {9, 10, 13, 32, 160}:
            blanks += 1
            continue
        address = address_of(raw.FPDFText_GetTextObject(text, index))
        if start < 0 or address != owner or blanks > 1:
            if start >= 0:
                spans.append(_Span(start, index - blanks, spaced, owner))
            start, owner, spaced = index, address, blanks > 0 or start < 0
        blanks = 0
    if start >= 0:
        spans.append(_Span(start, len(units) - blanks, spaced, owner))
    return spans


def _run(text: pypdfium2.PdfTextPage, units: list[int], span: _Span, layer: Layer, *, places: bool) -> Run:
    x, y, matrix = raw.c_double(), raw.c_double(), raw.FS_MATRIX()
    raw.FPDFText_GetCharOrigin(text, span.start, x, y)
    raw.FPDFText_GetMatrix(text, span.start, matrix)
    angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % TURN
    size = raw.FPDFText_GetFontSize(text, span.start) * (math.hypot(matrix.c, matrix.d) or 1.0)
    inside = range(span.start, span.end)
    edges = [*_edges(text, span.start, angle), *_edges(text, span.end - 1, angle)]
    return Run(
        _decoded(units[span.start : span.end]),
        min(edges),
        max(edges),
        _turned(x.value, y.value, angle)[1],
        size,
        span.spaced,
        tuple(_edges(text, index, angle)[0] for index in inside) if places and not angle else (),
        angle,
        layer.hidden.get(span.address),
    )


def _edges(text: pypdfium2.PdfTextPage, index: int, angle: int) -> tuple[float, float]:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    if not angle:
        return box.left, box.right
    ends = [_turned(x, y, angle)[0] for x in (box.left, box.right) for y in (box.bottom, box.top)]
    return min(ends), max(ends)


def _turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A place as it is when the page is turned so that text of this angle stands upright."""
    if not angle:
        return x, y
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cos + y * sin, y * cos - x * sin


def _decoded(units: list[int]) -> str:
    chars = "".join("-" if unit == HYPHEN else chr(unit or 0xFFFD) for unit in units)
    if any(0xD800 <= unit <= 0xDFFF for unit in units):  # noqa: PLR2004  (halves of characters)
        return chars.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return chars


def upright(runs: list[Run]) -> list[list[Run]]:
    """Runs by their direction: most of the page first, then what stands sideways, such as a note on the margin."""
    letters = Counter[int]()
    for run in runs:
        letters[run.angle] += len(run.text)
    return [[run for run in runs if run.angle == angle] for angle, _ in letters.most_common()]


