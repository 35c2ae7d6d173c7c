"""Running heads: lines at the edge of pages that repeat from page to page, and page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from factcheck.inputs.layout import Row, row_text

GAP = 1.45
"""Lines apart, in leadings of the page, that begin a paragraph; set text varies by a fifth."""

MAX_LEADING = 1.6
"""Of the font size, where pages have too few lines to tell."""

SAME_HEIGHT = 4.0
"""Points by which a running head may move from page to page."""

FULL = 0.7
MAX_HEADS = 4
"""Lines of a running head; a letterhead with its address has as many."""

PAGE_NUMBER = re.compile(
    r"^\W*(?:(?:page|seite|s\.|p\.|página|pagina|strona|стр\.?|sivu|sida|صفحة|עמוד|第)\s*)?\d{1,4}\s*(?:(?:/|of|von|de|sur|z|из)\s*\d{1,4})?\s*(?:页|頁|ページ)?[^\w.]*$",
    re.IGNORECASE,
)


class Parted(NamedTuple):
    """The rows of a page without its running heads, and those heads."""

    rows: list[Row]
    heads: list[Row]


def without_heads(pages: Sequence[Sequence[Row]]) -> list[Parted]:
    """Pages without page numbers and without lines at their edges that stand on another page at the same height."""
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, rows in enumerate(pages):
        for row in (*rows[:MAX_HEADS], *rows[-MAX_HEADS:]):
            places[_key(row)].append((number, row.y))
    leadings = [leading for rows in pages if (leading := leading_of([row.y for row in rows]))]
    sizes = [row.size for rows in pages for row in rows]
    leading = min(*leadings, MAX_LEADING * median(sizes)) if leadings else 0.0
    return [_parted(list(rows), number, leading, places) for number, rows in enumerate(pages)]


def leading_of(ys: Sequence[float]) -> float:
    """How far lines of a paragraph are apart: a low quartile, since most gaps are within paragraphs."""
    gaps = sorted(a - b for a, b in pairwise(ys) if a > b)
    return gaps[len(gaps) // 4] if gaps else 0.0


def _parted(rows: list[Row], page: int, leading: float, places: Mapping[str, Sequence[tuple[int, float]]]) -> Parted:
    top = _heads(rows, page, leading, places)
    rest = rows[top:]
    bottom = _heads(rest[::-1], page, leading, places)
    kept = rest[: len(rest) - bottom]
    return Parted(kept, [*rows[:top], *rest[len(kept) :]])


def _heads(rows: Sequence[Row], page: int, leading: float, places: Mapping[str, Sequence[tuple[int, float]]]) -> int:
    """How many rows from an edge are a running head: all that repeat there, if they are set apart from the text."""
    number = 0
    for at, row in enumerate(rows[:MAX_HEADS]):
        if not (PAGE_NUMBER.match(row_text(row)) or _repeats(row, page, places)):
            break
        if at + 1 == len(rows) or abs(row.y - rows[at + 1].y) > GAP * leading:
            number = at + 1
        elif _is_full(row, rows):
            break
    return number


def _is_full(row: Row, rows: Sequence[Row]) -> bool:
    """Whether a line is as wide and as large as lines of the text; one that repeats then is a repeated paragraph."""
    return row.right - row.left > FULL * max(r.right - r.left for r in rows) and row.size >= median(
        r.size for r in rows
    )


def _repeats(row: Row, page: int, places: Mapping[str, Sequence[tuple[int, float]]]) -> bool:
    return any(other != page and abs(y - row.y) <= SAME_HEIGHT for other, y in places[_key(row)])


def _key(row: Row) -> str:
    """A line without its page number, its date; sentences that differ in figures are different ones."""
    text = row_text(row)
    return text if text.endswith(".") else re.sub(r"\d+", "#", text)
