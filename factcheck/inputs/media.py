"""Decide whether the conditions of a style sheet's groups hold on a common screen of a desk."""

from __future__ import annotations

import re

WIDTH = 1280.0
HEIGHT = 800.0
"""Pixels of the window."""

IN_PIXELS = {"px": 1.0, "em": 16.0, "rem": 16.0, "pt": 4 / 3, "": 1.0}
HOLD = frozenset(
    {"hover:hover", "any-hover:hover", "pointer:fine", "any-pointer:fine", "orientation:landscape", "color", "hover"}
    | {"prefers-color-scheme:light", "prefers-reduced-motion:no-preference", "prefers-contrast:no-preference"}
    | {"scripting:enabled", "display-mode:browser", "forced-colors:none", "update:fast", "grid:0", "pointer"}
)
"""What is so on such a screen, besides its size."""

RANGE = re.compile(r"(?:([\d.]+)(\w*)\s*(<=?|>=?)\s*)?(width|height)(?:\s*(<=?|>=?|=)\s*([\d.]+)(\w*))?")


def holds(keyword: str, condition: str) -> bool:
    """Whether a group's rules apply; what is asked of the browser's abilities is taken to be there."""
    if keyword in {"supports", "layer", "container", "scope", "starting-style"}:
        return keyword != "starting-style"
    return keyword == "media" and any(_query(part.strip()) for part in condition.lower().split(","))


def _query(query: str) -> bool:
    if query.startswith("not "):
        return not _query(query[4:].strip())
    kind = re.match(r"(?:only\s+)?(all|screen|print|speech|tty|tv|projection|handheld)?\b", query)
    if kind and kind[1] not in {None, "all", "screen"}:
        return False
    parts = [_feature(" ".join(part.split())) for part in re.findall(r"\(([^()]*)\)", query)]
    return any(parts) if re.search(r"\)\s*or\s*\(", query) else all(parts)


def _feature(condition: str) -> bool:
    name, _, value = (part.strip() for part in condition.partition(":"))
    bound = re.fullmatch(r"(min|max)-(?:device-)?(width|height)", name)
    if bound and (size := re.match(r"([\d.]+)(\w*)", value)):
        pixels = _pixels(size[1], size[2])
        window = WIDTH if bound[2] == "width" else HEIGHT
        return window >= pixels if bound[1] == "min" else window <= pixels
    if (found := RANGE.fullmatch(condition)) and (found[3] or found[5]):
        return _in_range(found)
    return f"{name}:{value}" in HOLD or condition in HOLD


def _in_range(found: re.Match[str]) -> bool:
    window = WIDTH if found[4] == "width" else HEIGHT
    low = found[3] is None or _compared(_pixels(found[1], found[2]), found[3], window)
    return low and (found[5] is None or _compared(window, found[5], _pixels(found[6], found[7])))


def _compared(a: float, sign: str, b: float) -> bool:
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b}[sign]


def _pixels(number: str, unit: str) -> float:
    return float(number) * IN_PIXELS.get(unit, 1.0) if re.fullmatch(r"\d*\.?\d+|\d+\.", number) else 0.0
