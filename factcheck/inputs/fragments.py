"""Read HTML that is all article, a mail or a chapter or an entry of a feed: every visible word, in blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lxml import etree, html

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.blocks import CELLS, Block, lineage, taken_apart
from factcheck.inputs.hidden import find_hidden
from factcheck.inputs.leftout import LeftOuts, plain

QUOTE_DEPTH = 8
"""Levels of quoting that are told apart in mails."""

LISTED = frozenset(["li", "tr"])


def tree_of(source: str) -> Any:
    """The tree of a page or a part of one. Raises UnreadableError where it holds nothing or cannot be taken apart."""
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=False)
    source = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", plain(source)).replace("\0", "")
    try:
        return html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise UnreadableError("empty", "holds no words") from None


def text_of(source: str, left: LeftOuts, *, cited: bool = False) -> tuple[str, Mapping[str, int]]:
    """The text of HTML, with places for what was left out, and how many hidden stretches by what hides them.

    With `cited`, lines of quotations begin with `> ` as they do in mails. Raises UnreadableError.
    """
    root = tree_of(source)
    hidden = find_hidden(root)
    blocks = taken_apart(root, hidden.whole, hidden.own, root.get("lang")).blocks
    found = ""
    row: Any = None
    for block in blocks:
        text = _placed(block, left)
        inside = next((up for up in lineage(block.element) if up.tag == "tr"), None)
        is_cell = inside is not None and inside is row and any(up.tag in CELLS for up in lineage(block.element))
        gap = " | " if is_cell else "\n" if block.element.tag in LISTED else "\n\n"
        found += (gap if found else "") + (_cited(text, block) if cited else text)
        row = inside
    extras = (extra for block in blocks for extra in block.extras if extra.kind == "hidden")
    return found, Counter(extra.note or "hidden" for extra in extras)


def _placed(block: Block, left: LeftOuts) -> str:
    """The text of a block with places for what does not belong to it."""
    text = block.text
    for extra in reversed(block.extras):
        text = text[: extra.at] + left.place(extra.kind, extra.text, extra.note) + text[extra.at :]
    return text


def _cited(text: str, block: Block) -> str:
    depth = min(sum(up.tag == "blockquote" for up in lineage(block.element)), QUOTE_DEPTH)
    return "\n".join("> " * depth + line for line in text.split("\n")) if depth else text
