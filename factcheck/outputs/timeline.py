"""Where the dated statements of a speaker stand on a line of time: the geometry of a drawing, as values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.models import Claim, Finding, Report
from factcheck.text.dates import span_of
from factcheck.text.names import folded

WIDTH, MARGIN = 900, 24
TOP, ROW, AXIS = 8, 52, 34
"""Pixels: above the first row, a row with its topic, and the axis with its dates."""

STACK = 15
"""Pixels between statements of one day and one topic."""

BEND = 40
"""Pixels that a row with curves is taller."""

MOST_ROWS = 12
"""Topics that get a row of their own; the rest shares one."""

TICKS = 6


class Dot(NamedTuple):
    """A statement: its number among the claims, its place, and the stretch of time that its date leaves open."""

    number: int
    claim: Claim
    date: str
    x: float
    y: float
    low: float
    high: float


class Link(NamedTuple):
    """A finding between two statements of the speaker: a curve, and where its number stands."""

    finding: int
    path: str
    x: float
    y: float


class Timeline(NamedTuple):
    """The drawing of one speaker."""

    speaker: str
    dots: tuple[Dot, ...]
    links: tuple[Link, ...]
    rows: tuple[tuple[str, float], ...]
    ticks: tuple[tuple[str, float], ...]
    height: float


def timelines(report: Report) -> list[Timeline]:
    """A drawing for every speaker with statements of several dates, those with most findings first."""
    said: dict[str, list[tuple[int, Claim, str]]] = {}
    for number, claim in enumerate(report.claims, 1):
        date = claim.attribution.stated_on or report.document(claim.document_id).published
        if claim.attribution.speaker and date and span_of(date):
            said.setdefault(_same(claim.attribution.speaker), []).append((number, claim, date))
    several = [claims for claims in said.values() if len({date for _, _, date in claims}) > 1]
    drawn = [_timeline(claims, report.findings) for claims in several]
    return sorted(drawn, key=lambda t: (-len(t.links), -len(t.dots), t.speaker))


def _timeline(claims: Sequence[tuple[int, Claim, str]], findings: Sequence[Finding]) -> Timeline:
    spans = {date: span for _, _, date in claims if (span := span_of(date))}
    scale = _Scale(min(s[0] for s in spans.values()), max(s[1] for s in spans.values()))
    ids = {claim.id for _, claim, _ in claims}
    inner = [(n, f) for n, f in enumerate(findings, 1) if f.a in ids and f.b in ids]
    linked = {side for _, f in inner for side in (f.a, f.b)}
    rows = _rows(claims, linked)
    dots: dict[str, Dot] = {}
    heights = dict.fromkeys(rows.values(), 0)
    places: dict[tuple[str, str], int] = {}
    for number, claim, date in claims:
        row = rows[_same(claim.topic)]
        level = places[row, date] = places.get((row, date), -1) + 1
        heights[row] = max(heights[row], level)
        low, high = (scale.x(day) for day in spans[date])
        dots[claim.id] = Dot(number, claim, date, round((low + high) / 2, 1), level, low, high)
    curved = {rows[_same(dots[side].claim.topic)] for side in linked if side in dots}
    tall = {row: ROW + STACK * extra + (BEND if row in curved else 0) for row, extra in heights.items()}
    tops = _tops(tall)
    placed = {key: dot._replace(y=tops[rows[_same(dot.claim.topic)]] + 30 + STACK * dot.y) for key, dot in dots.items()}
    height = TOP + sum(tall.values())
    links = [_link(n, placed[f.a], placed[f.b], 36 + 18 * (i % 3)) for i, (n, f) in enumerate(inner)]
    named = tuple((row, tops[row] + 14) for row in heights)
    speaker = claims[0][1].attribution.speaker or ""
    return Timeline(speaker, tuple(placed.values()), tuple(links), named, scale.ticks(), height + AXIS)


def _link(finding: int, a: Dot, b: Dot, bend: float) -> Link:
    """A curve from one statement to the other that hangs down in the middle."""
    x, low = round((a.x + b.x) / 2, 1), max(a.y, b.y) + bend
    path = f"M{a.x:g} {a.y:g}Q{x:g} {low:g} {b.x:g} {b.y:g}"
    return Link(finding, path, x, round(((a.y + b.y) / 2 + low) / 2, 1))


def _rows(claims: Sequence[tuple[int, Claim, str]], linked: set[str]) -> Mapping[str, str]:
    """For each folded topic the name of its row; topics with findings come first, then those with most statements."""
    names: dict[str, str] = {}
    weight: dict[str, tuple[int, int]] = {}
    for _, claim, _ in claims:
        key = _same(claim.topic)
        names.setdefault(key, claim.topic)
        inside, total = weight.get(key, (0, 0))
        weight[key] = (inside + (claim.id in linked), total + 1)
    ranked = sorted(names, key=lambda key: (-weight[key][0], -weight[key][1]))
    spare = MOST_ROWS if len(ranked) <= MOST_ROWS else MOST_ROWS - 1
    return {key: names[key] if i < spare else "other topics" for i, key in enumerate(ranked)}


def _same(name: str) -> str:
    return folded(name) or name


def _tops(heights: Mapping[str, int]) -> dict[str, float]:
    """Where each row begins."""
    tops: dict[str, float] = {}
    at = float(TOP)
    for row, height in heights.items():
        tops[row] = at
        at += height
    return tops


class _Scale:
    """Days to pixels."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.days = first, max(1, last - first)

    def x(self, day: float) -> float:
        """The place of a day."""
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (day - self.first) / self.days, 1)

    def ticks(self) -> tuple[tuple[str, float], ...]:
        """Dates for the axis, evenly apart, each once."""
        days = dict.fromkeys(self.first + round(self.days * i / (TICKS - 1)) for i in range(TICKS))
        return tuple((datetime.date.fromordinal(day).isoformat(), self.x(day)) for day in days)
