"""What pdfium knows of the characters of a page, as runs of text with their places."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from factcheck.inputs.layers import Layer, address_of
from factcheck.text.bidi import RTL_LETTER

HYPHEN = "\x02"
"""What pdfium gives for a hyphen that ends a line."""

WORD_GAP, SPACE, OVERLAP = 0.14, 0.8, 0.3
"""Of the font size: letters of a word are nearer to each other, words of a line are, too; letters overlap less."""

TURN = 360
WORD = re.compile(r"[^\t\n\r \xa0]+")
HALVES = re.compile("[\ud800-\udfff]")


class Run(NamedTuple):
    """Characters that one drawing operation put side by side; places are in points, upwards, in reading direction."""

    text: str
    left: float
    right: float
    y: float
    """Of the baseline."""
    size: float
    spaced: bool = False
    """Whether a space stands before it; at another height nothing is known of that."""
    xs: tuple[float, ...] = ()
    """Where every character begins, on pages with text from right to left."""
    angle: int = 0
    hidden: str | None = None
    """Why it is not seen."""
    raised: bool = False
    """Whether it stands above the line beside it, as the mark of a note or an exponent does."""


def runs_of(text: pypdfium2.PdfTextPage, layer: Layer) -> list[Run]:
    """All runs of a page that hold anything, those that are not seen among them."""
    chars = _characters(text)
    places = bool(RTL_LETTER.search(chars))
    runs: list[Run] = []
    for span in _spans(text, chars):
        run = _run(text, chars, span, layer, places=places)
        if runs and (joined := _joined(runs[-1], run)):
            runs[-1] = joined
        else:
            runs.append(run)
    return runs


def _joined(last: Run, run: Run) -> Run | None:
    """Two runs as one where the second goes on at once: some programs draw every letter for itself."""
    alike = last.y == run.y and last.size == run.size and last.angle == run.angle and last.hidden == run.hidden
    gap = (run.left - last.right) / (run.size or 1.0)
    if run.xs or not alike or not -OVERLAP < gap < (SPACE if run.spaced else WORD_GAP):
        return None
    return last._replace(text=f"{last.text}{' ' if run.spaced else ''}{run.text}", right=run.right)


def _characters(text: pypdfium2.PdfTextPage) -> str:
    """One character for each that pdfium counts; halves of characters stay halves."""
    handle = text.raw
    units = [raw.FPDFText_GetUnicode(handle, index) or 0xFFFD for index in range(raw.FPDFText_CountChars(handle))]
    return "".join(map(chr, units)).replace(HYPHEN, "-")


class _Span(NamedTuple):
    start: int
    end: int
    spaced: bool
    owner: int


def _spans(text: pypdfium2.PdfTextPage, chars: str) -> list[_Span]:
    """Where runs begin and end: at another operation, and at white space that is wider than between words."""
    spans: list[_Span] = []
    for word in WORD.finditer(chars):
        for piece in _pieces(text, word.start(), word.end()):
            last = spans[-1] if spans else None
            gap = piece.start - last.end if last else 0
            if last and last.owner == piece.owner and gap <= 1:
                spans[-1] = last._replace(end=piece.end)
            else:
                between = chars[last.end : piece.start] if last else ""
                spans.append(piece._replace(spaced=bool(between) and "\n" not in between))
    return spans


def _pieces(text: pypdfium2.PdfTextPage, start: int, end: int) -> list[_Span]:
    """The parts of a word by the operation that drew them; mostly it is one."""
    first, last = _owner(text, start), _owner(text, end - 1)
    if first == last:
        return [_Span(start, end, spaced=False, owner=first)]
    middle = next(index for index in range(start + 1, end) if _owner(text, index) != first)
    return [_Span(start, middle, spaced=False, owner=first), *_pieces(text, middle, end)]


def _owner(text: pypdfium2.PdfTextPage, index: int) -> int:
    return address_of(raw.FPDFText_GetTextObject(text.raw, index))


def _run(text: pypdfium2.PdfTextPage, chars: str, span: _Span, layer: Layer, *, places: bool) -> Run:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, span.start, matrix)
    angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % TURN
    size = raw.FPDFText_GetFontSize(text, span.start) * (math.hypot(matrix.c, matrix.d) or 1.0)
    edges = [*_edges(text, span.start, angle), *_edges(text, span.end - 1, angle)]
    return Run(
        _whole(chars[span.start : span.end]),
        min(edges),
        max(edges),
        _turned(*_origin(text, span.start), angle)[1],
        size,
        span.spaced,
        tuple(_origin(text, index)[0] for index in range(span.start, span.end)) if places and not angle else (),
        angle,
        layer.hidden.get(span.owner),
    )


def _origin(text: pypdfium2.PdfTextPage, index: int) -> tuple[float, float]:
    x, y = raw.c_double(), raw.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    return x.value, y.value


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


def _whole(chars: str) -> str:
    """The characters, halves put together."""
    if not HALVES.search(chars):
        return chars
    return chars.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def upright(runs: list[Run]) -> list[list[Run]]:
    """Runs by their direction: most of the page first, then what stands sideways, such as a note on the margin."""
    letters = Counter[int]()
    for run in runs:
        letters[run.angle] += len(run.text)
    return [[run for run in runs if run.angle == angle] for angle, _ in letters.most_common()]
