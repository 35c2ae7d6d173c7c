"""Take out of a page what its readers cannot see, before anything is read from it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import cssselect2
from lxml import etree
from lxml.html import HtmlElement

from factcheck.inputs.blocks import BLOCKS, drop
from factcheck.inputs.media import WIDTH
from factcheck.inputs.styles import Declared, Rgba, Sheet, color, lengths
from factcheck.text.invisible import visible

BLACK: Rgba = (0.0, 0.0, 0.0, 1.0)
WHITE: Rgba = (1.0, 1.0, 1.0, 1.0)

MIN_FONT = 4.0
"""Pixels; the smallest print on real pages has seven."""

MIN_OPACITY = 0.1
SAME_COLOR = 0.08
"""Difference in every channel below which letters cannot be told from their ground."""

OFF_SCREEN = -480.0
"""Pixels; slides and menus wait less far outside."""

FAR_AWAY = 4000.0
"""Pixels to the right or below that no screen and no long page's corner reaches."""

HIDING_CLASSES = frozenset(
    {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only", "screenreader"}
    | {"offscreen", "d-none", "is-hidden", "u-hidden", "element-invisible", "show-for-sr", "clip-hide", "a11y-hidden"}
    | {"usa-sr-only", "govuk-visually-hidden"}
)
"""What common style sheets, which are not fetched, call text that is not to be seen."""

EDGEWISE = re.compile(
    r"rotate[xy]\(\s*-?(?:90|270)deg\s*\)|rotate\(\s*(?:[xy]\s+-?(?:90|270)deg|-?(?:90|270)deg\s+[xy])\s*\)"
)
"""Turned so that only an edge would be seen."""

SIZES = ("width", "height", "max-width", "max-height", "inline-size", "block-size", "max-inline-size", "max-block-size")
PADDED = ("padding", "padding-top", "padding-bottom", "min-height")

UNSEEN_TAGS = frozenset(["template", "noscript", "datalist", "object", "canvas", "audio", "video", "iframe"])
"""What is shown instead of their content, if anything is."""


ROOTS = frozenset(["html", "head", "body"])

SHOWN_ON_SCREENS = re.compile(r"d-(?:sm|md|lg|xl)-(?!none)")
"""Classes that show again on screens of a common width what `d-none` hides on small ones."""


class Seen(NamedTuple):
    """What an element inherits that decides whether its text is seen."""

    visible: bool = True
    font: float = 16.0
    opacity: float = 1.0
    color: Rgba = BLACK
    ground: Rgba | None = WHITE
    """Null where it is a picture."""


class Hidden(NamedTuple):
    """What of a page is not seen, by what hides it."""

    whole: Mapping[Any, str]
    """Elements that are not seen with all that is in them."""
    own: Mapping[Any, str]
    """Elements whose own text is not seen, while what is inside them may be."""


def find_hidden(root: HtmlElement) -> Hidden:
    """The elements of a page that hold text and are not seen, by its own style sheets and attributes."""
    names = {
        name for node in root.iter(etree.Element) for name in (node.get("class", "") + " " + node.get("id", "")).split()
    }
    sheet = Sheet([style.text or "" for style in root.iter("style")], names)
    is_whole = not _styled_elsewhere(root)
    seen: dict[Any, Seen] = {}
    whole: dict[Any, str] = {}
    own: dict[Any, str] = {}
    inside: set[Any] = set()
    for wrapper in cssselect2.ElementWrapper.from_html_root(root).iter_subtree():
        element, parent = wrapper.etree_element, wrapper.etree_element.getparent()
        if parent in inside:
            inside.add(element)
            continue
        declared = sheet.declared(wrapper)
        if element.tag in ROOTS:  # scripts show a page that begins hidden, and then show all that is in it
            declared = {
                name: value for name, value in declared.items() if name.startswith(("color", "background", "font"))
            }
        before = seen.get(parent, Seen())
        style = seen[element] = _style(before, declared)
        if element.tag not in ROOTS and (how := _gone(element, declared, style)):
            whole[element] = how
            inside.add(element)
        elif (how := _unreadable(style)) and (
            how != "colour" or is_whole or own.get(parent) == how or _is_set_apart(element, before, declared)
        ):
            own[element] = how
    return Hidden(whole, own)


def comments_of(root: HtmlElement) -> list[tuple[Any, str]]:
    """The comments and processing instructions of a page that hold words."""
    found = [(node, node.text or "") for node in root.iter(etree.Comment, etree.ProcessingInstruction)]
    return [(node, text) for node, text in found if _has_words(text)]


def _styled_elsewhere(root: HtmlElement) -> bool:
    """Whether other sheets, which are not fetched, may say what its grounds look like."""
    links = any("stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link"))
    return links or any("@import" in (style.text or "") for style in root.iter("style"))


def _is_set_apart(element: HtmlElement, before: Seen, declared: Declared) -> bool:
    """Whether an element has its ground's colour of itself, among text that can be read on the same ground.

    Where other sheets may colour its ground, that alone shows that they do not.
    """
    named = element.get("class") or element.get("id")
    return not named and bool(declared) and _unreadable(before) is None


def clean_data(root: HtmlElement) -> None:
    """Keep of scripts only structured data, and of that only what describes the page: no text that is not on it."""
    for script in [*root.iter("script")]:
        data = _described(script.text or "") if script.get("type") == "application/ld+json" else None
        if data is None:
            drop(script)
        else:
            script.text = data


def _described(text: str) -> str | None:
    try:
        return visible(json.dumps(_without_bodies(json.loads(text)), ensure_ascii=False))
    except (ValueError, RecursionError):
        return None


def _without_bodies(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_bodies(v) for k, v in value.items() if k not in {"articleBody", "text", "description"}}
    return [_without_bodies(item) for item in value] if isinstance(value, list) else value


def _style(inherited: Seen, declared: Declared) -> Seen:
    """What an element makes of what it inherits."""
    if not declared:
        return inherited
    visibility = declared.get("visibility")
    return Seen(
        visible=inherited.visible if visibility in {None, "inherit"} else visibility not in {"hidden", "collapse"},
        font=_font(inherited.font, declared),
        opacity=inherited.opacity * _opacity(declared),
        color=_color(inherited.color, declared),
        ground=_ground(inherited.ground, declared),
    )


def _font(inherited: float, declared: Declared) -> float:
    value = declared.get("font-size")
    if value is None and (short := declared.get("font")):
        found = re.search(r"(?:^|\s)(\d*\.?\d+(?:px|pt|em|rem|%|vw|vh|cm|mm)?)(?=\s*/|\s)", short)
        value = found[1] if found else None
    size = next(iter(lengths(value or "")), None)
    if size is None:
        return 16.0 if value else inherited
    if size.unit in {"em", "%"}:
        return inherited * size.number / (100 if size.unit == "%" else 1)
    return size.pixels


def _opacity(declared: Declared) -> float:
    value = declared.get("opacity", "1")
    faded = re.search(r"opacity\(([^)]*)\)", declared.get("filter", ""))
    result = 1.0
    for text in (value, faded[1] if faded else "1"):
        size = next(iter(lengths(text)), None)
        if size is not None:
            result *= size.number / (100 if size.unit == "%" else 1)
    return result


def _color(inherited: Rgba, declared: Declared) -> Rgba:
    value = declared.get("-webkit-text-fill-color") or declared.get("color")
    return (color(value) if value else None) or inherited


def _ground(inherited: Rgba | None, declared: Declared) -> Rgba | None:
    values = [declared[name] for name in ("background", "background-color", "background-image") if name in declared]
    if any("url(" in value or "gradient(" in value for value in values):
        return None
    own = next((found for value in reversed(values) if (found := color(value))), None)
    return own if own and own[3] >= MIN_OPACITY else inherited


def _gone(element: HtmlElement, declared: Declared, style: Seen) -> str | None:
    """Why an element and all in it is not seen, or None."""
    if element.tag in UNSEEN_TAGS:
        return str(element.tag)
    if element.get("hidden") is not None and declared.get("display", "none") == "none":
        return "attribute"
    if element.tag in BLOCKS and (element.get("aria-hidden") or "").strip().lower() == "true":
        return "aria-hidden"
    if _has_hiding_class(element):
        return "class"
    if not declared:
        return None
    if declared.get("display") == "none" or declared.get("content-visibility") == "hidden":
        return "display"
    if style.opacity < MIN_OPACITY:
        return "opacity"
    if _is_moved_away(declared):
        return "off-screen"
    return "clip" if _is_clipped(declared) else None


def _has_hiding_class(element: HtmlElement) -> bool:
    names = set((element.get("class") or "").lower().split())
    hiding = HIDING_CLASSES & names
    return bool(hiding) and not (hiding == {"d-none"} and any(map(SHOWN_ON_SCREENS.match, names)))


def _unreadable(style: Seen) -> str | None:
    """Why an element's own text is not seen, or None; what is inside it may undo that."""
    if not style.visible:
        return "visibility"
    if style.font < MIN_FONT:
        return "size"
    if style.color[3] < MIN_OPACITY:
        return "colour"
    ground = style.ground
    if ground and all(abs(a - b) < SAME_COLOR for a, b in zip(style.color[:3], ground[:3], strict=True)):
        return "colour"
    return None


def _is_moved_away(declared: Declared) -> bool:
    names = ["margin-left", "margin-top", "text-indent"]
    if declared.get("position") in {"absolute", "fixed", "relative", "sticky"}:
        names += ["left", "top", "right", "bottom", "inset", "inset-inline-start"]
    values = [declared[name] for name in names if name in declared]
    far = [length.pixels for value in values for length in lengths(value)]
    if declared.get("position") == "fixed" and any(at.pixels >= WIDTH for at in lengths(declared.get("left", ""))):
        return True
    moves = [declared.get("translate", ""), *re.findall(r"translate\w*\(([^)]*)\)", declared.get("transform", ""))]
    far += [length.pixels for value in moves for length in lengths(value) if length.unit != "%"]  # of its own size
    return any(pixels <= OFF_SCREEN or pixels >= FAR_AWAY for pixels in far)


def _is_clipped(declared: Declared) -> bool:
    if re.search(r"scale\w*\(\s*0*\.?0*\s*[,)]", declared.get("transform", "")) or declared.get("scale") == "0":
        return True
    if EDGEWISE.search(f"{declared.get('transform', '')} rotate({declared.get('rotate', '')})"):
        return True
    if declared.get("zoom") in {"0", "0%"}:
        return True
    if (clip := declared.get("clip", "")).startswith("rect("):
        sides = [length.pixels for length in lengths(clip)]
        if len(sides) == 4 and (sides[2] - sides[0] <= 1 or sides[1] - sides[3] <= 1):  # noqa: PLR2004
            return True
    path = declared.get("clip-path", "")
    if path.startswith("inset(") and any(at.unit == "%" and at.number >= 50 for at in lengths(path)):  # noqa: PLR2004
        return True
    if path.startswith(("circle(", "ellipse(", "polygon(")) and not any(
        at.number for at in lengths(path.split(" at ")[0])
    ):
        return True
    cut = any(declared.get(name) in {"hidden", "clip"} for name in ("overflow", "overflow-x", "overflow-y"))
    if any(at.number for name in PADDED for at in lengths(declared.get(name, ""))):  # pictures are given room like that
        return False
    sizes = [at.pixels for name in SIZES for at in lengths(declared.get(name, ""))]
    return cut and any(0 <= size <= 1 for size in sizes)


def _has_words(text: str | None) -> bool:
    return bool(text) and any(char.isalnum() for char in text or "")
