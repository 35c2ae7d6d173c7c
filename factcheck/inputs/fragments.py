"""Read HTML that is all article, a mail or a chapter or an entry of a feed: every visible word, in blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree, html

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.hidden import remove_hidden
from factcheck.inputs.leftout import LeftOuts, plain
from factcheck.models import LeftOutKind

BLOCKS_NAMES = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend main menu nav ol p pre section "
    "summary table ul "
)
BLOCKS = frozenset(BLOCKS_NAMES.split())
LINES = frozenset(["li", "tr", "option"])
CELLS = frozenset(["td", "th"])
SILENT = frozenset(["head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "select"])
TAKEN: dict[str, LeftOutKind] = {
    "del": "struck",
    "s": "struck",
    "strike": "struck",
    "rt": "ruby",
    "rp": "ruby",
    "nav": "navigation",
    "button": "navigation",
}
STRUCK_STYLE = re.compile(r"text-decoration[^;]*:[^;]*line-through", re.IGNORECASE)
NOTE = re.compile(r"\[?[\d*†‡]{1,3}\]?")
NOTE_LINK = re.compile(r"#.*(?:fn|note|ref|cite)", re.IGNORECASE)
RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
"""What is raised must not read on from the number before it."""

QUOTE_DEPTH = 8
"""Levels of quoting that are told apart in mails."""


def tree_of(source: str) -> Any:
    """The tree of a page or a part of one. Raises UnreadableError where it holds nothing or cannot be taken apart."""
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=False)
    source = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", plain(source)).replace("\0", "")
    try:
        return html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise UnreadableError("empty", "holds no words") from None


def text_of(source: str, left: LeftOuts, *, cited: bool = False) -> tuple[str, Mapping[str, int]]:
    """The text of HTML, with places for what was left out, and how many hidden elements by what hides them.

    With `cited`, lines of quotations begin with `> ` as they do in mails. Raises UnreadableError.
    """
    root = tree_of(source)
    silent = "".join(left.place("hidden", words) for words in _silent(root))
    hidden, counts = _without_hidden(root)
    walk = _Walk(left, cited=cited)
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if isinstance(node.tag, str):
            walk.step(event, node)
    return silent + "".join(left.place("hidden", words) for words in hidden) + walk.text(), counts


def _silent(root: Any) -> list[str]:
    """What stands in place of scripts that do not run."""
    return [" ".join(node.itertext()) for node in root.iter("noscript", "template")]


def _without_hidden(root: Any) -> tuple[list[str], Mapping[str, int]]:
    """Take out what readers do not see: the words of it, and what hid it."""
    before = [node for node in root.iter() if isinstance(node.tag, str)]
    texts = {node: (node.text or "", node.tail or "") for node in before}
    silent = {inner for node in root.iter(*SILENT) for inner in node.iter()}
    counts = remove_hidden(root)
    there = set(root.iter())
    gone = [node for node in before if node not in there and node not in silent]
    words = [texts[node][0] for node in gone if texts[node][0].strip()]
    words += [texts[node][1] for node in gone if texts[node][1].strip() and node.getparent() is not None]
    kept = [node for node in before if node in there and texts[node][0].strip() and not (node.text or "").strip()]
    return [*words, *(texts[node][0] for node in kept if node not in silent)], counts


class _Walk:
    """The text so far while a tree is gone through: no recursion, since pages may be nested without end."""

    def __init__(self, left: LeftOuts, *, cited: bool) -> None:
        self._left = left
        self._cited = cited
        self._lines: list[list[str]] = [[]]
        self._gaps: list[str] = [""]
        self._depths: list[int] = [0]
        self._depth = 0
        self._gap = ""
        self._silent: Any = None
        self._taken: tuple[Any, LeftOutKind, list[str]] | None = None
        self._pre = 0
        self._raised = 0

    def step(self, event: str, node: Any) -> None:
        """Take in the beginning or the end of an element."""
        if event == "start":
            if self._silent is None:
                self._start(node)
            return
        if self._silent is None:
            self._end(node)
        elif self._silent is node:
            self._silent = None
        if self._silent is None and node.tail:
            self._say(node.tail)

    def text(self) -> str:
        """The text, with lines of quotations marked where that was asked for."""
        found = ""
        for gap, depth, pieces in zip(self._gaps, self._depths, self._lines, strict=True):
            line = re.sub(r"[ \t\r\f\v]+", " ", "".join(pieces)).strip()
            if line:
                prefix = "> " * depth if self._cited else ""
                found += (gap if found else "") + "\n".join(prefix + part.strip() for part in line.split("\n"))
        return found

    def _start(self, node: Any) -> None:
        tag = node.tag
        if tag in SILENT:
            self._silent = node
            return
        if self._taken is None and (kind := self._kind(node)):
            self._taken = (node, kind, [])
        if tag in BLOCKS or tag in LINES:
            self._break("\n\n" if tag in BLOCKS else "\n")
        if tag == "blockquote":
            self._depth = min(self._depth + 1, QUOTE_DEPTH)
        self._pre += tag == "pre"
        self._raised += tag == "sup"
        if tag in CELLS and any(piece.strip() for piece in self._lines[-1]):
            self._say(" | ")
        if tag == "br":
            self._break("\n" if any(piece.strip() for piece in self._lines[-1]) else "\n\n")
        if tag == "q":
            self._say("“")
        if node.text:
            self._say(node.text)

    def _end(self, node: Any) -> None:
        tag = node.tag
        if tag == "q":
            self._say("”")
        self._pre -= tag == "pre"
        self._raised -= tag == "sup"
        if tag == "blockquote":
            self._depth = max(self._depth - 1, 0)
        if self._taken is not None and self._taken[0] is node:
            _, kind, words = self._taken
            self._taken = None
            self._lines[-1].append(self._left.place(kind, "".join(words)))
        if tag in BLOCKS or tag in LINES:
            self._break("\n\n" if tag in BLOCKS else "\n")

    def _kind(self, node: Any) -> LeftOutKind | None:
        """Why what an element holds is no part of the text, or None."""
        if node.tag in TAKEN:
            return TAKEN[node.tag]
        if STRUCK_STYLE.search(node.get("style") or ""):
            return "struck"
        if node.tag == "sup" and NOTE.fullmatch("".join(node.itertext()).strip()):
            links = [link.get("href") or "" for link in node.iter("a")] + [
                up.get("href") or "" for up in node.iterancestors("a")
            ]
            return "note_mark" if any(NOTE_LINK.search(link) for link in links) else None
        return None

    def _say(self, text: str) -> None:
        if self._taken is not None:
            self._taken[2].append(text)
            return
        text = text.translate(RAISED) if self._raised else text
        if self._pre:
            for n, line in enumerate(text.split("\n")):
                if n:
                    self._break("\n")
                self._lines[-1].append(line)
        else:
            self._lines[-1].append(re.sub(r"\s+", " ", text.replace("\u00a0", " ")))

    def _break(self, gap: str) -> None:
        """End the line; the widest of the gaps that meet counts."""
        if self._taken is not None:
            self._taken[2].append(" ")
            return
        if not any(piece.strip() for piece in self._lines[-1]):
            self._gaps[-1] = max(self._gaps[-1], gap, key=len)
            self._depths[-1] = self._depth
        else:
            self._lines.append([])
            self._gaps.append(gap)
            self._depths.append(self._depth)
