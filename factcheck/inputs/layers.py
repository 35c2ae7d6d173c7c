"""Which text of a PDF page is seen: drawn at all, large enough, on the page, and not in the colour of its ground."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""

Rgb = tuple[int, int, int]
WHITE: Rgb = (255, 255, 255)

MIN_SIZE = 2.5
"""Points; footnotes in the smallest print have five."""

SAME_COLOR = 20
"""Of 255 in every channel; nobody reads letters that differ less from their ground."""

MAX_DEPTH = 4
MAX_SHAPES = 400
"""Grounds that are kept in mind on one page; charts have more, but not under text."""

MIN_GROUND = 4.0
"""Points across; what is thinner is a line and has no text on it."""

RECTANGLE = 5
"""Segments at most of a plain rectangle; other shapes may have holes."""

PAGE_PICTURE = 0.5
"""Share of the page that a picture covers when it is a picture of the page."""

UNDRAWN = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})


class Layer(NamedTuple):
    """What is known about the visibility of a page's text."""

    hidden: Mapping[int, str] = MappingProxyType({})
    """Why text is not seen, by the address of its object."""
    picture: bool = False
    """Whether a picture covers most of the page."""
    recognised: bool = False
    """Whether its text is an undrawn one behind such a picture, as text recognition leaves it."""
    broken: bool = False


class _Shape(NamedTuple):
    box: Box
    color: Rgb | None
    """Null for pictures and for shapes whose look is not known."""
    is_rectangle: bool
    covers: bool


class _Text(NamedTuple):
    address: int
    box: Box
    color: Rgb
    mode: int
    size: float
    shapes_before: int
    inside_form: bool


def layer_of(page: pypdfium2.PdfPage) -> Layer:
    """Look at every object of a page."""
    width, height = page.get_size()
    shapes: list[_Shape] = []
    texts: list[_Text] = []
    for item, depth in _objects(page):
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            texts.append(_text(item, len(shapes), inside_form=depth > 0))
        elif len(shapes) < MAX_SHAPES and (shape := _shape(item, kind)):
            shapes.append(shape)
    picture = any(
        s.color is None and not s.is_rectangle and _area(s.box) > PAGE_PICTURE * width * height for s in shapes
    )
    undrawn = [text for text in texts if text.mode in UNDRAWN]
    recognised = picture and bool(undrawn)
    box = page.get_mediabox()
    hidden = {text.address: how for text in texts if (how := _why(text, shapes, box, recognised=recognised))}
    return Layer(hidden, picture, recognised)


def _objects(page: Any) -> Iterator[tuple[Any, int]]:
    """Objects in the order in which they are drawn, those of forms in their place."""
    waiting = [(raw.FPDFPage_GetObject(page, i), 0) for i in reversed(range(raw.FPDFPage_CountObjects(page)))]
    while waiting:
        item, depth = waiting.pop()
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            count = raw.FPDFFormObj_CountObjects(item)
            waiting += [(raw.FPDFFormObj_GetObject(item, i), depth + 1) for i in reversed(range(max(0, count)))]
        else:
            yield item, depth


def _text(item: Any, shapes_before: int, *, inside_form: bool) -> _Text:
    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(item, size)
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, matrix)
    scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
    mode = raw.FPDFTextObj_GetTextRenderMode(item)
    return _Text(address_of(item), _box(item), _color(item)[0], mode, size.value * scale, shapes_before, inside_form)


def _shape(item: Any, kind: int) -> _Shape | None:
    box = _box(item)
    if min(box[2] - box[0], box[3] - box[1]) < MIN_GROUND:
        return None
    if kind == raw.FPDF_PAGEOBJ_PATH:
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, mode, stroke)
        if not mode.value:
            return None
        is_rectangle = 0 < raw.FPDFPath_CountSegments(item) <= RECTANGLE
        color, alpha = _color(item)
        covers = is_rectangle and alpha == 255 and not raw.FPDFPageObj_HasTransparency(item)  # noqa: PLR2004
        return _Shape(box, color if is_rectangle else None, is_rectangle, covers)
    if kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING}:
        return _Shape(box, None, is_rectangle=False, covers=False)
    return None


def _why(text: _Text, shapes: list[_Shape], page: Box, *, recognised: bool) -> str | None:
    """Why text is not seen, or None."""
    if text.mode in UNDRAWN:
        return None if recognised else "undrawn"
    if text.size < MIN_SIZE:
        return "size"
    if not text.inside_form:
        left, bottom, right, top = text.box
        if right < page[0] or left > page[2] or top < page[1] or bottom > page[3]:
            return "off the page"
        if any(shape.covers and _contains(shape.box, text.box) for shape in shapes[text.shapes_before :]):
            return "covered"
    under = [shape for shape in shapes[: text.shapes_before] if _contains(shape.box, text.box)]
    ground = under[-1].color if under else WHITE
    if ground and all(abs(a - b) < SAME_COLOR for a, b in zip(text.color, ground, strict=True)):
        return "colour"
    return None


def _contains(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _box(item: Any) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *sides)
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def _color(item: Any) -> tuple[Rgb, int]:
    channels = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(item, *channels):
        return (0, 0, 0), 255
    red, green, blue, alpha = (channel.value for channel in channels)
    return (red, green, blue), alpha


def address_of(item: Any) -> int:
    """What tells one object of a page from another; 0 for none."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0
