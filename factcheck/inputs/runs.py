"""Read the runs of a paragraph of Word: what is seen becomes text, everything else has its place and its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from factcheck.inputs.leftout import LeftOuts, plain, words_only
from factcheck.inputs.symbols import symbol
from factcheck.originals import LeftOutKind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
READ = (
    *(f"{W}{name}" for name in ("t", "tab", "br", "cr", "noBreakHyphen", "delText", "sym")),
    *(f"{W}{name}Reference" for name in ("footnote", "endnote", "comment")),
    f"{M}oMath",
)
WHITE = re.compile(r"[fF][8-9a-fA-F][fF][8-9a-fA-F][fF][8-9a-fA-F]")
MIN_HALF_POINTS = 5
"""Font size in half points; the smallest print has ten."""

RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
"""What is raised must not read on from the number before it."""

NOTE_MARK = re.compile(r"[\d*†‡]{1,3}")
UNIT = re.compile(r"(?:^|[\s\d(/])(?:[kcdmµ]?m|ft|in|yd|s|h|CO|x|y|n|r)$")
"""What stands before a raised number that is a power."""

Note = tuple[LeftOutKind, str, str]


class Bit(NamedTuple):
    """A stretch of text of one kind: null for what is read."""

    text: str
    kind: LeftOutKind | None = None
    note: str = ""
    number: int = 0
    """Tells notes apart that stand side by side."""


class Runs:
    """Reads paragraphs, and keeps account of what was referred to."""

    def __init__(
        self,
        left: LeftOuts,
        hidden: Counter[str],
        styles: Mapping[str, tuple[LeftOutKind, str]],
        notes: Mapping[tuple[str, str], Note],
    ) -> None:
        self._left = left
        self._hidden = hidden
        self._styles = styles
        self._notes = dict(notes)

    def text(self, paragraph: Any) -> str:
        """The text of a paragraph, with line feeds for breaks and places for what is left out."""
        found = ""
        for (kind, note, _), bits in groupby(self._bits(paragraph), key=lambda bit: bit[1:]):
            text = "".join(bit.text for bit in bits)
            if kind is None:
                found += text
            elif (kind == "note_mark" and UNIT.search(words_only(found)[-12:])) or (
                kind == "note_mark" and words_only(found)[-1:].isdigit()
            ):
                found += text.translate(RAISED)
            else:
                found += self._left.place(kind, text, note)
        return found

    def unused(self) -> str:
        """Places for notes that nothing refers to."""
        return "".join(self._left.place(*note) for note in self._notes.values())

    def _bits(self, paragraph: Any) -> Iterator[Bit]:
        equation: Any = None
        for node in paragraph.iter(*READ):
            if not _is_own(node, paragraph) or (node.tag == f"{W}tab" and node.getparent().tag != f"{W}r"):
                continue
            if node.tag == f"{M}oMath":
                if equation is None or equation not in set(node.iterancestors()):
                    equation = node
                    yield Bit(_equation(node))
                continue
            run = next(node.iterancestors(f"{W}r"), None)
            yield self._bit(node, run, paragraph)

    def _bit(self, node: Any, run: Any, paragraph: Any) -> Bit:
        name = node.tag[len(W) :]
        if name.endswith("Reference"):
            kind, words, note = self._notes.pop((name, node.get(f"{W}id", "")), ("footnote", "", ""))
            return Bit(words, kind, note, len(self._notes) + 1)
        text = _text(node)
        why = self._why(node, run, paragraph)
        if why is None:
            if name == "sym" and text is None:
                return Bit(f"symbol {node.get(f'{W}char')}", "other", f"font {node.get(f'{W}font')}")
            return Bit(text or "", *(("note_mark", "") if _is_note_mark(text, run) else ()))
        kind, how = why
        if (text or "").strip() and kind != "ruby" and (kind != "struck" or how):
            self._hidden[how] += 1
        return Bit(text or "", kind, how)

    def _why(self, node: Any, run: Any, paragraph: Any) -> tuple[LeftOutKind, str] | None:
        """Why a run is no part of the text, or None."""
        around = {parent.tag for parent in node.iterancestors()}
        if node.tag == f"{W}delText" or around & {f"{W}del", f"{W}moveFrom"}:
            return "struck", "deleted"
        if f"{W}rt" in around:
            return "ruby", ""
        look = run.find(f"{W}rPr") if run is not None else None
        own = why_look(look, run) if look is not None else None
        for owner, kind in ((run, "r"), (paragraph, "p")):
            style = owner.find(f"{W}{kind}Pr/{W}{kind}Style") if owner is not None else None
            if own is None and style is not None and (how := self._styles.get(style.get(f"{W}val", ""))):
                return how
        return own


def hiding_styles(styles: Any) -> dict[str, tuple[LeftOutKind, str]]:
    """The styles of a document that hide or strike text, by their ids, and how."""
    found = {}
    for style in styles.iter(f"{W}style"):
        look = style.find(f"{W}rPr")
        if look is not None and (how := why_look(look, None)):
            found[style.get(f"{W}styleId", "")] = how
    return found


def why_look(look: Any, run: Any) -> tuple[LeftOutKind, str] | None:
    """Why text of this look is not read, or None."""
    if any(_is_on(look, name) for name in ("vanish", "webHidden", "specVanish")):
        return "hidden", "hidden"
    size = look.find(f"{W}sz")
    points = size.get(f"{W}val", "") if size is not None else ""
    if points.isdecimal() and int(points) < MIN_HALF_POINTS:
        return "hidden", "size"
    if _is_white_on_white(look, run):
        return "hidden", "colour"
    return ("struck", "") if _is_on(look, "strike") or _is_on(look, "dstrike") else None


def _is_on(look: Any, name: str) -> bool:
    switch = look.find(f"{W}{name}")
    return switch is not None and switch.get(f"{W}val", "true") not in {"0", "false", "off"}


def _is_own(node: Any, paragraph: Any) -> bool:
    """Whether a node stands in this paragraph itself, and not in a text box inside it or in a twin for old programs."""
    own = next(node.iterancestors(f"{W}p"), None) is paragraph
    return own and next(node.iterancestors(FALLBACK), None) is None


def _text(node: Any) -> str | None:
    """What a node shows; None for a symbol that is not known."""
    name = node.tag[len(W) :]
    if name == "sym":
        number = node.get(f"{W}char", "")
        return symbol(node.get(f"{W}font", ""), int(number, 16)) if re.fullmatch("[0-9A-Fa-f]{1,6}", number) else None
    if name in {"t", "delText"}:
        return plain(node.text or "").replace("\n", " ")
    return {"noBreakHyphen": "-", "tab": "\t", "br": "\n", "cr": "\n"}[name]


def _is_note_mark(text: str | None, run: Any) -> bool:
    """Whether a run is a raised number or sign, as typed by hand for a footnote."""
    place = run.find(f"{W}rPr/{W}vertAlign") if run is not None else None
    return (
        place is not None and place.get(f"{W}val") == "superscript" and bool(NOTE_MARK.fullmatch((text or "").strip()))
    )


def _is_white_on_white(look: Any, run: Any) -> bool:
    color = look.find(f"{W}color")
    if color is None or not WHITE.fullmatch(color.get(f"{W}val", "")):
        return False
    paragraph = next(run.iterancestors(f"{W}p"), None) if run is not None else None
    cell = next(run.iterancestors(f"{W}tc"), None) if run is not None else None
    looks = (
        look,
        *(owner.find(f"{W}{name}") for owner, name in ((paragraph, "pPr"), (cell, "tcPr")) if owner is not None),
    )
    grounds = [shade for owner in looks if owner is not None for shade in owner.findall(f"{W}shd")]
    marked = look.find(f"{W}highlight") is not None
    return not marked and all((s.get(f"{W}fill") or "auto").upper() in {"AUTO", "FFFFFF"} for s in grounds)


def _equation(node: Any) -> str:
    """An equation on one line: a/b, x^2, √(x); no figure of it runs on into another."""
    inner = {child.tag[len(M) :]: child for child in node if isinstance(child.tag, str) and child.tag.startswith(M)}
    name = node.tag[len(M) :] if isinstance(node.tag, str) and node.tag.startswith(M) else ""
    if name == "t":
        return plain(node.text or "")
    if name == "f" and {"num", "den"} <= inner.keys():
        return f"{_grouped(inner['num'])}/{_grouped(inner['den'])}"
    if name in {"sSup", "sSub", "sSubSup"} and "e" in inner:
        below = f"_{_grouped(inner['sub'])}" if "sub" in inner else ""
        return _equation(inner["e"]) + below + (f"^{_grouped(inner['sup'])}" if "sup" in inner else "")
    if name == "rad" and "e" in inner:
        return f"√{_grouped(inner['e'])}"
    if name == "d":
        return "(" + ", ".join(_equation(child) for child in node if child.tag == f"{M}e") + ")"
    if name == "nary":
        sign = node.find(f"{M}naryPr/{M}chr")
        return (sign.get(f"{M}val", "") if sign is not None else "∫") + "".join(_equation(child) for child in node)
    return "".join(_equation(child) for child in node if isinstance(child.tag, str))


def _grouped(node: Any) -> str:
    text = _equation(node)
    return text if len(text) == 1 or text.isalnum() else f"({text})"
