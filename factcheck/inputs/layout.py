"""In which order the text of a page is read: columns by geometry, lines, the cells of tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from factcheck.inputs.glyphs import WORD_GAP, Run
from factcheck.text.bidi import is_rtl, logical

SAME_LINE = 0.3
"""Of the font size: baselines of one line differ less."""

SMALLER, SHIFTED_SMALL, RAISED, LOWEST = 0.87, 0.07, 0.25, -0.5
"""What is smaller than this part of its line and stands this much of it higher or lower, or much higher, is shifted."""

SHIFTED = re.compile(r"[\d*†‡§¶‖#+−-][\d*†‡§¶‖#+−,;– -]{,6}|[^\W\d_]{1,3}")
"""What may be raised: the marks of notes, exponents, the endings of ordinals."""

MARK, END = "\ufdd0", "\ufdd1"
"""Stand around raised marks in the text of a line until it is decided what they are."""

EDGE = 3.0
"""Points within which a mark stands beside its word."""

CELL_GAP, WIDE_GAP = 1.2, 2.5
"""Of the font size: cells of a table, and parts of any line that do not belong together, are further apart."""

FLUSH = 1.5
"""Points by which lines of justified text end apart; in them any space may be wide."""

GUTTER = 0.7
"""Of the font size: between columns there is more."""

ALIGNED = 3.0
"""Points by which edges of one column may differ."""

MIN_ROWS, MIN_LINES = 3, 4
"""Lines on both sides of a gutter, and on both together; fewer are columns only if they are long."""

PROSE_WORDS, FEW_WORDS, PROSE_FILL, PROSE_SHARE = 2.5, 4.0, 0.55, 0.5
"""Words of a line of prose on average, and where there are few; the part of its column that
it fills, and how many do."""

CELL_WORDS = 1.8
"""Of a cell of a table on average."""

MAX_GUTTERS = 10
MAX_DEPTH = 8


Box = tuple[int, int, int, int]


class Line(NamedTuple):
    """A line as it is read: its text, with raised marks between MARK and END, and its place and size."""

    text: str
    left: float
    right: float
    y: float
    size: float
    begins: bool = False
    """Whether it is the first of a column or another block."""
    cells: int = 1
    """Parts that stand apart, e.g. in a row of a table."""
    full: bool = False
    """Whether it fills its column."""
    box: Box | None = None
    """Its place on the page, where words were recognised in a picture: left, top, right, bottom, in points."""


class Row(NamedTuple):
    """Runs on one baseline, from left to right."""

    y: float
    size: float
    runs: list[Run]

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.runs[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(run.right for run in self.runs)


class _Band(NamedTuple):
    """A stretch of a page with columns on both sides of a gutter."""

    top: float
    bottom: float
    gutter: float
    runs: int


def lines_of(runs: Sequence[Run], gutters: set[float]) -> list[Line]:
    """The lines of upright runs, in the order in which they are read.

    `gutters` are places between columns on pages before; those that are found here are added.
    """
    from_right = is_rtl("".join(run.text for run in runs))
    lines: list[Line] = []
    for block in _blocks(runs, gutters, from_right=from_right, depth=0):
        lines += _block_lines(rows_of(block))
    return lines


def with_raised(runs: Sequence[Run]) -> list[Run]:
    """The runs, those above or below the baseline of their word set on it; what was above is said to be raised."""
    shifted = [run for run in runs if SHIFTED.fullmatch(run.text)]
    if not shifted:
        return list(runs)
    by_edge: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_edge[round(run.right / EDGE)].append(run)
        by_edge[-1 - round(run.left / EDGE)].append(run)
    hosts = {id(run): _host(run, by_edge) for run in shifted}
    return [
        run._replace(y=host.y, raised=run.y > host.y, spaced=False) if (host := hosts.get(id(run))) else run
        for run in runs
    ]


def _host(run: Run, by_edge: Mapping[int, Sequence[Run]]) -> Run | None:
    """The run beside which one stands that is shifted from its baseline: behind it, else before it."""
    behind, before = round(run.left / EDGE), -1 - round(run.right / EDGE)
    near = [*(behind + n for n in (-1, 0, 1)), *(before + n for n in (-1, 0, 1))]
    fits = [host for edge in near for host in by_edge.get(edge, ()) if host is not run and _is_shifted(run, host)]
    return fits[0] if fits else None


def _is_shifted(run: Run, host: Run) -> bool:
    if run.angle != host.angle or len(host.text) < len(run.text) or run.size > host.size:
        return False
    height = (run.y - host.y) / host.size
    small = run.size <= SMALLER * host.size and abs(height) >= SHIFTED_SMALL
    return LOWEST < height < 1 and (small or height >= RAISED)


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """Runs on common baselines, from the top."""
    rows: list[Row] = []
    for run in sorted(runs, key=lambda run: (-run.y, run.left)):
        row = rows[-1] if rows else None
        if row and abs(row.y - run.y) < SAME_LINE * max(row.size, run.size) and not _over(row, run):
            row.runs.append(run)
            rows[-1] = row._replace(size=max(row.size, run.size))
        else:
            rows.append(Row(run.y, run.size, [run]))
    for row in rows:
        row.runs.sort(key=lambda run: run.left)
    return rows


def row_text(row: Row) -> str:
    """All that stands on one baseline, across columns."""
    return _line(row, [row.runs], begins=False).text.translate({ord(MARK): None, ord(END): None})


def _over(row: Row, run: Run) -> bool:
    """Whether a run is drawn over another one of a row on another baseline."""
    return any(a.y != run.y and a.left < run.right - 1 and run.left < a.right - 1 for a in row.runs)


def _blocks(runs: Sequence[Run], gutters: set[float], *, from_right: bool, depth: int) -> list[list[Run]]:
    """Stretches of a page in reading order: across it, then each column, then on below."""
    bands = _bands(runs, gutters, from_right=from_right) if depth < MAX_DEPTH else []
    if not bands:
        return [list(runs)] if runs else []
    gutters.add(bands[0].gutter)
    blocks: list[list[Run]] = []
    rest = list(runs)
    for band in bands:
        above = [run for run in rest if run.y > band.top]
        inside = [run for run in rest if band.bottom <= run.y <= band.top]
        rest = [run for run in rest if run.y < band.bottom]
        sides = [[run for run in inside if (run.left >= band.gutter - 1) is right] for right in (False, True)]
        for part in (above, *(reversed(sides) if from_right else sides)):
            blocks += _blocks(part, gutters, from_right=from_right, depth=depth + 1)
    return [*blocks, *_blocks(rest, gutters, from_right=from_right, depth=depth + 1)]


def _bands(runs: Sequence[Run], gutters: set[float], *, from_right: bool) -> list[_Band]:
    """The bands of the gutter that parts most of a page, from the top."""
    if len(runs) < MIN_LINES:
        return []
    size = median(run.size for run in runs)
    rows = rows_of(runs)
    tabular = _tabular(rows)
    places = [place for place in _places(rows, size, from_right=from_right) if place > rows[0].left]
    found = [
        _bands_at(x, runs, size, tabular, is_known=any(abs(x - gutter) <= ALIGNED for gutter in gutters))
        for x in places
    ]
    return max(found, key=lambda bands: sum(band.runs for band in bands), default=[])


def _places(rows: Sequence[Row], size: float, *, from_right: bool) -> list[float]:
    """Where a column may begin: the edges that several lines have in common, most common first."""
    ends = [_ends(part) for row in rows for part in _parts(row, GUTTER)]
    alike: dict[int, list[float]] = defaultdict(list)
    for left, right in ends:
        edge = right + GUTTER * size + 1 if from_right else left
        alike[round(edge / ALIGNED)].append(edge)
        alike[round(edge / ALIGNED) + 1].append(edge)
    often = sorted(alike.values(), key=len, reverse=True)
    return list(dict.fromkeys(min(same) for same in often))[:MAX_GUTTERS]


def _bands_at(x: float, runs: Sequence[Run], size: float, tabular: set[float], *, is_known: bool) -> list[_Band]:
    """Stretches in which nothing stands across a place and prose stands on both sides of it."""
    across = {run.y for run in runs if run.left < x - 1 and run.right > x - GUTTER * size} | tabular
    limits = [float("inf"), *sorted(across, reverse=True), float("-inf")]
    bands = []
    for top, bottom in pairwise(limits):
        inside = [run for run in runs if bottom < run.y < top]
        sides = [rows_of([run for run in inside if (run.left >= x - 1) is right]) for right in (False, True)]
        if (is_known and all(sides)) or _are_columns(*sides):
            ys = [run.y for run in inside]
            bands.append(_Band(max(ys), min(ys), x, len(inside)))
    return bands


def _are_columns(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether what stands on both sides of a gutter is read on from line to line; where there are few, long ones."""
    fewest = min(len(left), len(right))
    if not fewest or len(left) + len(right) < MIN_LINES or not _beside(left, right):
        return False
    words = PROSE_WORDS if fewest >= MIN_ROWS else FEW_WORDS
    return _is_prose(left, words) and _is_prose(right, words)


def _tabular(rows: Sequence[Row]) -> set[float]:
    """The baselines of rows of tables: two or more together, of short parts that stand apart."""
    short = []
    for row in rows:
        parts = _parts(row, CELL_GAP)
        words = len(row_text(row).split())
        short.append(len(parts) > 1 and words <= CELL_WORDS * len(parts))
    beside = [False, *short, False]
    return {run.y for at, row in enumerate(rows) if short[at] and (beside[at] or beside[at + 2]) for run in row.runs}


def _beside(a: Sequence[Row], b: Sequence[Row]) -> bool:
    """Whether two columns stand beside each other, for the most of the shorter one."""
    shared = min(a[0].y, b[0].y) - max(a[-1].y, b[-1].y)
    return shared >= (min(a[0].y - a[-1].y, b[0].y - b[-1].y)) / 2


def _is_prose(rows: Sequence[Row], least: float) -> bool:
    """Whether lines read on from one to the next: several words each, and most fill the column."""
    texts = list(map(row_text, rows))
    words = sum(len(text.split()) for text in texts)
    letters, figures = (sum(map(test, "".join(texts))) for test in (str.isalpha, str.isdecimal))
    widths = [max(right - left for left, right in map(_ends, _parts(row, GUTTER))) for row in rows]
    full = sum(width >= PROSE_FILL * max(widths) for width in widths)
    spaceless = letters > 8 * words  # a script without spaces
    long = spaceless or words >= least * len(rows)
    return long and figures <= letters and full >= PROSE_SHARE * len(rows)


def _block_lines(rows: list[Row]) -> list[Line]:
    edge = sorted(row.right for row in rows)[len(rows) * 2 // 3]
    flush = [abs(edge - row.right) < FLUSH for row in rows]
    justified = 2 * sum(flush) >= len(rows) > 1
    lines = []
    for number, row in enumerate(rows):
        beside = rows[max(0, number - 1) : number] + rows[number + 1 : number + 2]
        cells = _cells(row, beside, may_stretch=justified and row.right > edge - FLUSH)
        lines.append(_line(row, cells, begins=not number))
    return lines


def _cells(row: Row, beside: Sequence[Row], *, may_stretch: bool) -> list[list[Run]]:
    """The parts of a line that stand apart: by much, or by less where the lines around it stand apart there, too."""
    narrow = _parts(row, CELL_GAP)
    if len(narrow) > 1:
        telling = 1 if may_stretch else 2  # all lines of justified text end at the same edge
        edges = {edge for other in beside for part in _parts(other, CELL_GAP)[1:] for edge in _ends(part)[:telling]}
        if all(any(abs(a - b) <= ALIGNED for a in _ends(part)[:telling] for b in edges) for part in narrow[1:]):
            return narrow
    return [row.runs] if may_stretch else _parts(row, WIDE_GAP)


def _ends(part: Sequence[Run]) -> tuple[float, float]:
    return part[0].left, part[-1].right


def _parts(row: Row, gap: float) -> list[list[Run]]:
    parts = [[row.runs[0]]]
    for before, run in pairwise(row.runs):
        if run.left - before.right > gap * row.size:
            parts.append([run])
        else:
            parts[-1].append(run)
    return parts


def _line(row: Row, cells: list[list[Run]], *, begins: bool) -> Line:
    from_right = is_rtl("".join(run.text for run in row.runs))
    texts = map(_from_right, reversed(cells)) if from_right else map(_from_left, cells)
    return Line(" | ".join(texts), row.left, row.right, row.y, row.size, begins, len(cells))


def _from_left(cell: Sequence[Run]) -> str:
    text = ""
    for before, run in zip([None, *cell], cell, strict=False):
        text += " " if before and _is_apart(before, run) else ""
        text += f"{MARK}{run.text}{END}" if run.raised else " ".join(run.text.split())
    return text


def _is_apart(before: Run, run: Run) -> bool:
    return (run.spaced and run.left > before.right - WORD_GAP * run.size) or run.left - before.right > WORD_GAP * max(
        before.size, run.size
    )


def _from_right(cell: Sequence[Run]) -> str:
    if not any(run.xs for run in cell):  # recognised words come in the order in which they are read
        return " ".join(run.text for run in reversed(cell))
    chars: list[tuple[float, str]] = []
    for before, run in zip([None, *cell], cell, strict=False):
        if before and run.left - before.right > WORD_GAP * max(before.size, run.size):
            chars.append(((before.right + run.left) / 2, " "))
        if run.raised:
            chars.append((run.left, f"{MARK}{run.text[::-1]}{END}"))
            continue
        chars += zip(run.xs, run.text, strict=False) if run.xs else [(run.left, run.text)]
    return logical(chars)
