"""Count the numbers that Word shows before paragraphs of a list and does not write into its files as text."""

from __future__ import annotations

from typing import Any, NamedTuple

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS = 9
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
ROMAN_SMALL = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
MAX_ROMAN = 3999
LETTERS = 26


class Level(NamedTuple):
    """How one level of a list counts."""

    form: str
    """As Word calls it: `decimal`, `lowerLetter`, `bullet` …"""
    shown: str
    """What is shown, e.g. `%1.%2`."""
    start: int


class Numbering:
    """The lists of a document, and how far each has counted."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._lists = _lists(numbering) if numbering is not None else {}
        self._nums = _nums(numbering) if numbering is not None else {}
        self._styles = _styles(styles) if styles is not None else {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()

    def label(self, paragraph: Any) -> str:
        """What stands before a paragraph: `2.`, `(a)`; empty where it is no numbered one or only has a bullet."""
        num, depth = self._place(paragraph)
        kind = self._nums.get(num or "")
        levels = self._lists.get(kind[0]) if kind else None
        if kind is None or not levels or depth not in levels:
            return ""
        counts = self._counts.setdefault(kind[0], [None] * LEVELS)
        if num not in self._begun:
            self._begun.add(num or "")
            for level, start in kind[1].items():
                counts[level] = start - 1
        before = counts[depth]
        counts[depth] = (levels[depth].start - 1 if before is None else before) + 1
        counts[depth + 1 :] = [None] * (LEVELS - depth - 1)
        return _label(levels, counts, depth)

    def is_listed(self, paragraph: Any) -> bool:
        """Whether a paragraph belongs to a list."""
        return self._place(paragraph)[0] not in {None, "0"}

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        own = _number(paragraph.find(f"{W}pPr/{W}numPr"))
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        inherited = self._styles.get(style.get(f"{W}val", "")) if style is not None else None
        num = own[0] or (inherited[0] if inherited else None)
        depth = own[1] if own[1] is not None else inherited[1] if inherited else 0
        return num, min(max(depth or 0, 0), LEVELS - 1)


def _label(levels: dict[int, Level], counts: list[int | None], depth: int) -> str:
    level = levels[depth]
    if level.form in {"bullet", "none"}:
        return ""
    shown = level.shown
    for n in range(LEVELS):
        if f"%{n + 1}" in shown:
            count = counts[n]
            form = levels[n].form if n in levels else "decimal"
            start = levels[n].start if n in levels else 1
            shown = shown.replace(f"%{n + 1}", formatted(start if count is None else count, form))
    return shown.strip()


def formatted(number: int, form: str) -> str:
    """A number as a list shows it; empty in forms that are not known here."""
    if form == "decimal":
        return str(number)
    if form == "decimalZero":
        return f"{number:02}"
    letter = chr(ord("a") + (number - 1) % LETTERS) * ((number - 1) // LETTERS + 1) if 0 < number <= LETTERS**2 else ""
    texts = {"lowerLetter": letter, "upperLetter": letter.upper(), "lowerRoman": roman(number)}
    return texts.get(form, roman(number).upper() if form == "upperRoman" else "")


def roman(number: int) -> str:
    """A number in small Roman figures."""
    if not 0 < number <= MAX_ROMAN:
        return ""
    found = ""
    for value, figure in (*ROMAN, *ROMAN_SMALL):
        found += figure * (number // value)
        number %= value
    return found


def _lists(numbering: Any) -> dict[str, dict[int, Level]]:
    return {
        item.get(f"{W}abstractNumId", ""): {
            _int(level.get(f"{W}ilvl"), 0): Level(
                _value(level, "numFmt") or "decimal", _value(level, "lvlText") or "", _int(_value(level, "start"), 1)
            )
            for level in item.findall(f"{W}lvl")
        }
        for item in numbering.iter(f"{W}abstractNum")
    }


def _nums(numbering: Any) -> dict[str, tuple[str, dict[int, int]]]:
    """Which list each number stands for, and where it begins to count anew."""
    found = {}
    for item in numbering.iter(f"{W}num"):
        starts = {
            min(_int(over.get(f"{W}ilvl"), 0), LEVELS - 1): _int(_value(over, "startOverride"), 1)
            for over in item.findall(f"{W}lvlOverride")
            if over.find(f"{W}startOverride") is not None
        }
        found[item.get(f"{W}numId", "")] = (_value(item, "abstractNumId") or "", starts)
    return found


def _styles(styles: Any) -> dict[str, tuple[str | None, int | None]]:
    own = {style.get(f"{W}styleId", ""): style for style in styles.iter(f"{W}style")}
    found = {}
    for name, style in own.items():
        up, seen = style, set()
        while up is not None and id(up) not in seen:
            seen.add(id(up))
            if (properties := up.find(f"{W}pPr/{W}numPr")) is not None:
                found[name] = _number(properties)
                break
            up = own.get(_value(up, "basedOn") or "")
    return found


def _number(properties: Any) -> tuple[str | None, int | None]:
    if properties is None:
        return None, None
    depth = _value(properties, "ilvl")
    return _value(properties, "numId"), _int(depth, 0) if depth is not None else None


def _value(element: Any, name: str) -> str | None:
    child = element.find(f"{W}{name}")
    return child.get(f"{W}val") if child is not None else None


def _int(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else otherwise  # noqa: PLR2004
