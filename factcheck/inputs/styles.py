"""What a page's own style sheets and attributes say about an element, as far as it decides whether text is seen.

Sheets of other addresses are not fetched; a few class names that hide text everywhere stand in for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, NamedTuple

import cssselect2
import tinycss2
import tinycss2.color3

Rgba = tuple[float, float, float, float]
Declared = dict[str, str]
"""Property names and values in lower case, comments and escapes resolved."""

USED = frozenset(
    {"display", "visibility", "opacity", "filter", "content-visibility", "font", "font-size", "color"}
    | {"-webkit-text-fill-color", "background", "background-color", "background-image", "position", "left", "top"}
    | {"right", "bottom", "inset", "inset-inline-start", "margin-left", "margin-top", "text-indent", "transform"}
    | {"translate", "scale", "clip", "clip-path", "width", "height", "max-width", "max-height"}
    | {"overflow", "overflow-x", "overflow-y", "padding", "padding-top", "padding-bottom", "min-height"}
)
VIEWPORT = 1280.0
"""Pixels across: a common screen of a desk, by which conditions of width are decided."""

IN_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "cm": 37.8, "mm": 3.78,
             "in": 96.0, "pc": 16.0, "vw": VIEWPORT / 100, "vh": 8.0, "vmin": 8.0, "vmax": VIEWPORT / 100,
             "%": VIEWPORT / 100}  # fmt: skip
LENGTH = re.compile(
    r"(?<![\w#.])([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(px|pt|em|rem|ex|ch|cm|mm|in|pc|vw|vh|vmin|vmax|%)?(?![\w.])"
)


class Length(NamedTuple):
    """A number with its unit."""

    number: float
    unit: str

    @property
    def pixels(self) -> float:
        """How long it is on a common screen."""
        return self.number * IN_PIXELS[self.unit]


def lengths(value: str) -> list[Length]:
    """All numbers and lengths in a value, in order."""
    return [Length(float(m[1]), m[2] or "") for m in LENGTH.finditer(value)]


def color(value: str) -> Rgba | None:
    """The colour that a value names anywhere, or None."""
    for token in tinycss2.parse_component_value_list(value):
        if token.type in {"hash", "ident", "function"}:
            parsed = tinycss2.color3.parse_color(token)
            if parsed is not None and not isinstance(parsed, str):
                red, green, blue, alpha = parsed
                return (red, green, blue, alpha)
    return None


class Rule(NamedTuple):
    """A rule that may hide text: its selectors, the names that they speak of, and what it declares."""

    selectors: str
    names: frozenset[str]
    """Classes and ids of which an element or its surroundings must have each; empty where that is not plain."""
    plain: Declared
    important: Declared


class Sheet:
    """The rules of a page that may hide text."""

    def __init__(self, texts: Sequence[str], names: AbstractSet[str]) -> None:
        """Rules about classes and ids that are not among the page's `names` are left out."""
        self._matcher = cssselect2.Matcher()
        self.empty = True
        for rule in (rule for text in texts for rule in _rules(text)):
            if rule.names <= names:
                for selector in _compiled(rule.selectors):
                    self.empty = False
                    self._matcher.add_selector(selector, (rule.plain, rule.important))

    def declared(self, element: Any) -> Declared:
        """What applies to a wrapped element: rules in their order, then its attribute, then what is important."""
        important: Declared = {}
        values: Declared = {}
        if not self.empty:
            for _, _, pseudo, (plain, strong) in self._matcher.match(element):
                if pseudo is None:
                    values |= plain
                    important |= strong
        plain, strong = _attribute(element.etree_element.get("style") or "")
        return {**values, **plain, **important, **strong}


@lru_cache(maxsize=64)
def _rules(text: str) -> tuple[Rule, ...]:
    """The rules of a sheet that may hide text; pages of one site share their sheets."""
    return tuple(_flat(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))


def _flat(rules: Sequence[Any]) -> Iterator[Rule]:
    for rule in rules:
        if rule.type == "qualified-rule":
            plain, important = _declarations(rule.content)
            if plain or important:
                selectors = tinycss2.serialize(rule.prelude)
                yield Rule(selectors, _names(selectors), plain, important)
        elif rule.type == "at-rule" and rule.content is not None and _applies(rule):
            yield from _flat(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


def _names(selectors: str) -> frozenset[str]:
    """The classes and ids that a selector needs; none for lists, functions and escapes."""
    if re.search(r"[,(\\\[]", selectors):
        return frozenset()
    return frozenset(re.findall(r"[.#](-?[A-Za-z_][\w-]*)", selectors))


@lru_cache(maxsize=8192)
def _compiled(selectors: str) -> tuple[Any, ...]:
    try:
        return tuple(cssselect2.compile_selector_list(selectors))
    except cssselect2.SelectorError:
        return ()


def _applies(rule: Any) -> bool:
    """Whether a conditional group holds on a common screen."""
    if rule.lower_at_keyword in {"supports", "layer", "container"}:
        return True
    if rule.lower_at_keyword != "media":
        return False
    query = tinycss2.serialize(rule.prelude).lower()
    return any(_screen(part) for part in query.split(","))


def _screen(query: str) -> bool:
    if re.search(r"\b(print|speech|not)\b", query):
        return False
    conditions = re.findall(r"\(([^()]*)\)", query)
    for condition in conditions:
        name, _, value = (part.strip() for part in condition.partition(":"))
        size = next((length.pixels for length in lengths(value)), 0.0)
        if name == "min-width" and size <= VIEWPORT:
            continue
        if name == "max-width" and size >= VIEWPORT:
            continue
        return False
    return True


@lru_cache(maxsize=4096)
def _attribute(style: str) -> tuple[Declared, Declared]:
    return _declarations(style) if style else ({}, {})


def _declarations(content: Any) -> tuple[Declared, Declared]:
    """The plain and the important declarations that can hide text."""
    plain: Declared = {}
    strong: Declared = {}
    for item in _declared(content):
        if item.lower_name in USED:
            (strong if item.important else plain)[item.lower_name] = _value(item.value)
    return plain, strong


def _declared(content: Any) -> Iterator[Any]:
    found = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return (item for item in found if item.type == "declaration")


def _value(tokens: Sequence[Any]) -> str:
    kept = [token for token in tokens if token.type != "comment"]
    return str(tinycss2.serialize(kept)).strip().lower()
