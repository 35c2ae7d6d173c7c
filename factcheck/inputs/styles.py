"""What a page's own style sheets and attributes say about an element, as far as it decides whether text is seen.

Sheets of other addresses are not fetched; a few class names that hide text everywhere stand in for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

import cssselect2
import tinycss2
import tinycss2.color4

from factcheck.inputs.media import WIDTH, holds

Rgba = tuple[float, float, float, float]
Declared = dict[str, str]
"""Property names and values in lower case, comments and escapes resolved."""

USED = frozenset(
    {"display", "visibility", "opacity", "filter", "content-visibility", "font", "font-size", "color"}
    | {"-webkit-text-fill-color", "background", "background-color", "background-image", "position", "left", "top"}
    | {"right", "bottom", "inset", "inset-inline-start", "margin-left", "margin-top", "text-indent", "transform"}
    | {"translate", "scale", "clip", "clip-path", "width", "height", "max-width", "max-height"}
    | {"inline-size", "block-size", "max-inline-size", "max-block-size", "rotate", "zoom"}
    | {"overflow", "overflow-x", "overflow-y", "padding", "padding-top", "padding-bottom", "min-height"}
)
IN_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "cm": 37.8, "mm": 3.78,
             "in": 96.0, "pc": 16.0, "vw": WIDTH / 100, "vh": 8.0, "vmin": 8.0, "vmax": WIDTH / 100,
             "%": WIDTH / 100}  # fmt: skip
LENGTH = re.compile(
    r"(?<![\w#.])([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(px|pt|em|rem|ex|ch|cm|mm|in|pc|vw|vh|vmin|vmax|%)?(?![\w.])"
)


SKIPPED = re.compile(r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
"""Comments and strings, in which braces are no braces."""

VARIABLE = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]*)")
USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
MAX_NESTED = 4
"""Variables that stand for variables."""

MAX_LEVEL = 12
"""Rules inside rules; what is deeper is built to use up the machine."""

BRACE = re.compile("[{}]")
IN_SELECTOR = re.compile(r"=\s*(?:\"[^\"\n]*[{}]|'[^'\n]*[{}])")
ODD = re.compile(r"\\[{}\"']|@[\w-]*\\|/\*|<!--|-->|[\"']|url\([^)]*[{}]")
"""What makes a sheet hard to take apart without a parser, once comments and strings are gone."""


class Length(NamedTuple):
    """A number with its unit."""

    number: float
    unit: str

    @property
    def pixels(self) -> float:
        """How long it is on a common screen."""
        return self.number * IN_PIXELS[self.unit]


@lru_cache(maxsize=4096)
def lengths(value: str) -> tuple[Length, ...]:
    """All numbers and lengths in a value, in order."""
    return tuple(Length(float(m[1]), m[2] or "") for m in LENGTH.finditer(value))


@lru_cache(maxsize=4096)
def color(value: str) -> Rgba | None:
    """The colour that a value names anywhere, or None."""
    for token in tinycss2.parse_component_value_list(value):
        if token.type in {"hash", "ident", "function"}:
            parsed = tinycss2.color4.parse_color(token)
            if parsed is not None and not isinstance(parsed, str):
                with suppress(NotImplementedError):  # colour spaces that it does not convert
                    red, green, blue = parsed.to("srgb").coordinates
                    return (red, green, blue, parsed.alpha)
    return None


class Rule(NamedTuple):
    """A rule that may hide text: its selectors, and what it declares."""

    selectors: str
    plain: Declared
    important: Declared


class Sheet:
    """The rules of a page that may hide text."""

    def __init__(self, texts: Sequence[str], names: AbstractSet[str]) -> None:
        """Rules about classes and ids that are not among the page's `names` are left out."""
        self._matcher = cssselect2.Matcher()
        self.empty = True
        self._variables: dict[str, str] = {
            name: value.strip() for text in texts for name, value in VARIABLE.findall(text)
        }
        for rule in (rule for text in texts for rule in _rules(text, names)):
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
        found = {**values, **plain, **important, **strong}
        return {name: self._resolved(value) if "var(" in value else value for name, value in found.items()}

    def _resolved(self, value: str) -> str:
        """A value with the variables that a sheet of the page sets, wherever it sets them, else their fallbacks."""
        for _ in range(MAX_NESTED):
            if "var(" not in value:
                break
            value = USE.sub(lambda use: self._variables.get(use[1]) or str(use[2] or ""), value)
        return value.lower()


def _rules(text: str, names: AbstractSet[str]) -> Iterator[Rule]:
    """The rules of a sheet that may hide text, and whose classes and ids are on the page."""
    for selectors, body in _split(text):
        if any(_names(selector) <= names for selector in _alternatives(selectors)):
            plain, important = _attribute(body)
            if plain or important:
                yield Rule(selectors, plain, important)


@lru_cache(maxsize=64)
def _split(text: str) -> tuple[tuple[str, str], ...]:
    """Selectors and bodies of the rules that apply on a common screen; pages of one site share their sheets."""
    bare = SKIPPED.sub(lambda found: found[0] if found[0][0] != "/" and not BRACE.search(found[0]) else " ", text)
    if IN_SELECTOR.search(text) or ODD.search(SKIPPED.sub(" ", bare)):
        rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        return tuple(_parsed(rules))
    return tuple(_between_braces(bare, 0, len(bare)))


def _parsed(rules: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield tinycss2.serialize(rule.prelude), tinycss2.serialize(rule.content)
        elif (
            rule.type == "at-rule"
            and rule.content is not None
            and holds(rule.lower_at_keyword, tinycss2.serialize(rule.prelude))
        ):
            yield from _parsed(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


def _between_braces(text: str, at: int, end: int, around: str = "", level: int = 0) -> Iterator[tuple[str, str]]:
    """The same for a sheet without braces in strings, much faster than a parser; rules inside rules are set apart."""
    depth, head, opened = 0, "", at
    if level > MAX_LEVEL:
        return
    for brace in BRACE.finditer(text, at, end):
        if brace[0] == "{":
            if depth == 0:
                head, opened = text[at : brace.start()], brace.end()
            depth += 1
            continue
        depth -= 1
        if depth == 0:
            yield from _rule(text, head, opened, brace.start(), around, level)
        if depth <= 0:  # one that closes nothing is passed over
            depth, at = 0, brace.end()
    if depth:  # the last rule may be left open
        yield from _rule(text, head, opened, end, around, level)


def _rule(text: str, head: str, opened: int, closed: int, around: str, level: int) -> Iterator[tuple[str, str]]:
    """What a head and its body between braces declare, `around` being the selector of the rule that they stand in."""
    prelude = head.rpartition(";")[2].strip()  # declarations, @import and @charset end like that
    if prelude.startswith("@"):
        if holds(*_keyword(prelude)):
            if around:
                yield around, text[opened:closed]
            yield from _between_braces(text, opened, closed, around, level + 1)
        return
    selectors = _nested(prelude, around) if around else prelude
    yield selectors, text[opened:closed]
    if BRACE.search(text, opened, closed):
        yield from _between_braces(text, opened, closed, selectors, level + 1)


def _nested(selectors: str, around: str) -> str:
    """Selectors of a rule inside another, as they would stand alone."""
    outer = f":is({around})"
    parts = selectors.split(",") if "(" not in selectors else [selectors]
    return ", ".join(part.replace("&", outer) if "&" in part else f"{outer} {part}" for part in parts)


def _keyword(prelude: str) -> tuple[str, str]:
    found = re.match(r"@([\w-]+)", prelude)
    return (found[1].lower(), prelude[found.end() :]) if found else ("", "")


def _alternatives(selectors: str) -> list[str]:
    return selectors.split(",") if "(" not in selectors and "[" not in selectors else [selectors]


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


@lru_cache(maxsize=16384)
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
