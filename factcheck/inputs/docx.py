"""Read Word documents: paragraphs and tables in their order, without deleted and hidden text."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, joined
from factcheck.text.invisible import line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MAX_UNPACKED = 200_000_000
"""Bytes of all parts; pictures are most of it in honest documents."""

MAX_RATIO = 200
"""Times that a part may unpack to; XML packs to a tenth or twentieth."""

MIN_RATIO_BYTES = 5_000_000
"""Below this a high ratio is only a very even file."""

WHITE = re.compile(r"[fF][8-9a-fA-F][fF][8-9a-fA-F][fF][8-9a-fA-F]")
MIN_HALF_POINTS = 5
"""Font size in half points; the smallest print has ten."""


def read_docx(original: Original) -> list[Part]:
    """The one article of a Word document. Raises UnreadableError."""
    _weigh(original.content)
    try:
        document = docx.Document(io.BytesIO(original.content))
    except (OpcError, KeyError, ValueError, zipfile.BadZipFile, etree.XMLSyntaxError):
        raise UnreadableError("damaged", "is damaged or no Word document; save it again") from None
    hidden: Counter[str] = Counter()
    body = document.element.body
    pieces = (
        [Piece(text, before) for text, before in _paragraphs(body, hidden, _hiding_styles(document))]
        if body is not None
        else []
    )
    text, _ = joined(pieces)
    properties = document.core_properties
    title = line(properties.title, 300)
    fields = {
        "title": title if title and title.casefold() in " ".join(text[:5000].split()).casefold() else None,
        "author": line(properties.author, 120),
    }
    listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
    notes = (("hidden_text", f"text that readers do not see was taken out ({listed})"),) if hidden else ()
    return [Article(text, fields, notes=notes)]


def _weigh(content: bytes) -> None:
    """Refuse what unpacks to too much, before it is unpacked. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableError("damaged", "is damaged or no Word document; save it again") from None
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError("encrypted", "is protected by a password; save it without one")
    steep = any(p.file_size > MIN_RATIO_BYTES and p.file_size > MAX_RATIO * max(1, p.compress_size) for p in parts)
    if steep or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableError("bomb", "unpacks to far more than a document can need; it may be built to")


def _hiding_styles(document: Any) -> dict[str, str]:
    """The styles of a document that hide text, by their ids, and how."""
    found = {}
    for style in document.styles.element.iter(f"{W}style"):
        look = style.find(f"{W}rPr")
        if look is not None and (how := _why_look(look, None)):
            found[style.get(f"{W}styleId", "")] = how
    return found


def _paragraphs(body: etree._Element, hidden: Counter[str], styles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The text of every paragraph and what stands before it; the cells of a row stand on one line."""
    row: etree._Element | None = None
    for paragraph in body.iter(f"{W}p"):
        if any(parent.tag in {f"{W}del", f"{W}moveFrom", FALLBACK} for parent in paragraph.iterancestors()):
            continue
        text = " ".join("".join(_runs(paragraph, hidden, styles)).split())
        if not text:
            continue
        inside = next(paragraph.iterancestors(f"{W}tr"), None)
        is_list = paragraph.find(f"{W}pPr/{W}numPr") is not None
        follows = inside is not None and row is not None
        yield text, " | " if follows and inside is row else "\n" if is_list or follows else "\n\n"
        row = inside


def _runs(paragraph: etree._Element, hidden: Counter[str], styles: dict[str, str]) -> Iterator[str]:
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}cr", f"{W}noBreakHyphen", f"{W}delText"):
        if node.tag == f"{W}tab" and node.getparent().tag != f"{W}r":
            continue
        if not _is_own(node, paragraph):
            continue
        run = next(node.iterancestors(f"{W}r"), None)
        if (how := _why(node, run, paragraph, styles)) is not None:
            if (node.text or "").strip():
                hidden[how] += 1
            continue
        yield {f"{W}t": node.text or "", f"{W}noBreakHyphen": "-"}.get(node.tag, " ")


def _is_own(node: etree._Element, paragraph: etree._Element) -> bool:
    """Whether a node stands in this paragraph itself, and not in a text box inside it or in a twin for old programs."""
    own = next(node.iterancestors(f"{W}p"), None) is paragraph
    return own and next(node.iterancestors(FALLBACK), None) is None


def _why(
    node: etree._Element, run: etree._Element | None, paragraph: etree._Element, styles: dict[str, str]
) -> str | None:
    """Why a run is not seen, or None."""
    if node.tag == f"{W}delText" or any(p.tag in {f"{W}del", f"{W}moveFrom"} for p in node.iterancestors()):
        return "deleted"
    for owner, kind in ((run, "r"), (paragraph, "p")):
        style = owner.find(f"{W}{kind}Pr/{W}{kind}Style") if owner is not None else None
        if style is not None and (how := styles.get(style.get(f"{W}val", ""))):
            return how
    look = run.find(f"{W}rPr") if run is not None else None
    return _why_look(look, run) if look is not None else None


def _why_look(look: etree._Element, run: etree._Element | None) -> str | None:
    for name in ("vanish", "webHidden", "specVanish"):
        switch = look.find(f"{W}{name}")
        if switch is not None and switch.get(f"{W}val", "true") not in {"0", "false", "off"}:
            return "hidden"
    size = look.find(f"{W}sz")
    points = size.get(f"{W}val", "") if size is not None else ""
    if points.isdecimal() and int(points) < MIN_HALF_POINTS:
        return "size"
    return "colour" if _is_white_on_white(look, run) else None


def _is_white_on_white(look: etree._Element, run: etree._Element | None) -> bool:
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
