"""Take a page apart into blocks of text as a browser shows them, each word with its place in the tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml import etree

from factcheck.inputs.superscripts import Superscripts
from factcheck.originals import LeftOutKind

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "noscript",
        "object",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "video",
        "audio",
        "iframe",
        "canvas",
        "template",
        "datalist",
    ]
)
"""What begins and ends on a line of its own."""

NOT_SHOWN = frozenset(["head", "script", "style", "title", "link", "meta"])
"""What holds no text of the page at all."""

CELLS = frozenset(["td", "th"])
STRUCK = frozenset(["del", "s", "strike"])
STRUCK_STYLE = re.compile(r"text-decoration[^;:]*:[^;]*line-through", re.IGNORECASE)
READINGS = frozenset(["rt", "rp", "rtc"])

QUOTE_MARKS = {
    "de": "„“‚‘", "cs": "„“‚‘", "sk": "„“‚‘", "sl": "„“‚‘", "is": "„“‚‘", "lt": "„“‚‘", "bg": "„“‚‘",
    "da": "”“’‘", "fi": "””’’", "sv": "””’’", "nb": "«»‘’", "no": "«»‘’", "nn": "«»‘’",
    "fr": "«»‹›", "it": "«»“”", "es": "«»“”", "ca": "«»“”", "pt": "“”‘’", "el": "«»“”",
    "ru": "«»„“", "uk": "«»„“", "be": "«»„“", "fa": "«»‹›", "pl": "„”«»", "ro": "„”«»", "hu": "„”»«", "hr": "„”‚’",
    "ja": "「」『』", "he": "””’’", "ar": "”“’‘",
}  # fmt: skip
"""Outer and inner marks around a quotation, by language."""

MARKUP = re.compile(r"<[^<>]*>|\[(?:if|end)[^\]]*\]>?|<!|\s+")
"""Tags and conditions inside a comment, which are no words."""

ANY_QUOTE = frozenset("\"'«»‹›“”„‟‘’‚‛「」『』")


class Extra(NamedTuple):
    """Words within a block that do not belong to its text."""

    at: int
    """Where in the block's text they stood."""
    kind: LeftOutKind
    text: str
    note: str = ""


class Block(NamedTuple):
    """Text between two line breaks of the layout, as it is shown."""

    element: Any
    """The innermost block element that holds it."""
    text: str
    extras: tuple[Extra, ...] = ()
    nodes: tuple[tuple[int, int], ...] = ()
    """Ids and lengths of the text nodes that it is made of."""
    linked: int = 0
    """How many of its characters lead elsewhere."""


class Node(NamedTuple):
    """A text node of the tree: an element's text, or the tail behind it."""

    element: Any
    is_tail: bool

    @property
    def text(self) -> str:
        """What it holds."""
        return (self.element.tail if self.is_tail else self.element.text) or ""


class Taken(NamedTuple):
    """A page taken apart."""

    blocks: tuple[Block, ...]
    nodes: tuple[Node, ...]
    """All text nodes with words, by their ids."""


class _Piece(NamedTuple):
    text: str
    kind: LeftOutKind | None = None
    note: str = ""
    node: int | None = None
    is_linked: bool = False


class _State(NamedTuple):
    """What an element inherits from those around it."""

    kind: LeftOutKind | None = None
    note: str = ""
    is_linked: bool = False
    is_raised: bool = False
    is_pre: bool = False
    quotes: int = 0


def taken_apart(root: Any, whole: Mapping[Any, str], own: Mapping[Any, str], language: str | None) -> Taken:
    """The blocks of a page in their order; `whole` and `own` say which elements, or which texts, are not seen."""
    builder = _Builder(whole, own, language)
    skipped = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"}:
            if skipped is None:
                builder.comment(element)
                builder.tail(element)
        elif event == "start" and skipped is None:
            if element.tag in NOT_SHOWN:
                skipped = element
            else:
                builder.start(element)
        elif event == "end" and (skipped is None or skipped is element):
            builder.end(element, was_shown=skipped is None)
            skipped = None
    builder.flush(root)
    return Taken(tuple(builder.blocks), tuple(builder.nodes))


class _Builder:
    """Collects pieces of text until a block ends."""

    def __init__(self, whole: Mapping[Any, str], own: Mapping[Any, str], language: str | None) -> None:
        self.blocks: list[Block] = []
        self.nodes: list[Node] = []
        self._whole, self._own = whole, own
        self._pieces: list[_Piece] = []
        self._states: list[_State] = [_State()]
        self._raised = Superscripts()
        self._marks = QUOTE_MARKS.get((language or "").split("-")[0].lower(), "“”‘’")

    def start(self, element: Any) -> None:
        if element.tag in BLOCKS:
            self.flush(element.getparent())
        state = self._inside(element)
        self._states.append(state)
        if element.tag == "br":
            self._pieces.append(_Piece("\n"))
        if element.tag == "q" and state.kind is None and not _is_quoted(element):
            self._pieces.append(_Piece(self._mark(state, 0)))
        self._text(Node(element, is_tail=False), state, self._own.get(element))

    def end(self, element: Any, *, was_shown: bool) -> None:
        if was_shown:
            state = self._states.pop()
            if element.tag == "q" and state.kind is None and not _is_quoted(element):
                self._pieces.append(_Piece(self._mark(state, 1)))
            if element.tag in BLOCKS:
                self.flush(element)
        self.tail(element)

    def comment(self, node: Any) -> None:
        """Note a comment of the source in its place, if it holds words."""
        if words := MARKUP.sub(" ", node.text or "").strip():
            self._pieces.append(_Piece(words, "hidden", "comment"))

    def tail(self, element: Any) -> None:
        if element.tail and (parent := element.getparent()) is not None:
            self._text(Node(element, is_tail=True), self._states[-1], self._own.get(parent))

    def flush(self, element: Any) -> None:
        """End the block that is being built; it belongs to this element."""
        if any(piece.text.strip() for piece in self._pieces):
            block = _composed(element, self._pieces)
            if block.text or block.extras:
                self.blocks.append(block)
        self._pieces = []

    def _inside(self, element: Any) -> _State:
        """What is inherited by what is inside an element."""
        state, tag = self._states[-1], element.tag
        if tag == "a" and element.get("href") is not None:
            state = state._replace(is_linked=True)
        if tag == "pre":
            state = state._replace(is_pre=True)
        if tag == "q":
            state = state._replace(quotes=state.quotes + 1)
        if state.kind is not None:
            return state
        if how := self._whole.get(element):
            return state._replace(kind="hidden", note=how)
        if tag in STRUCK or STRUCK_STYLE.search(element.get("style") or ""):
            return state._replace(kind="struck")
        if tag in READINGS:
            return state._replace(kind="ruby")
        what = self._raised.kind_of(element, self._before) if self._raised.may_be(element) else None
        if what == "note":
            return state._replace(kind="note_mark")
        return state._replace(is_raised=True) if what == "power" else state

    def _mark(self, state: _State, side: int) -> str:
        """The quotation mark of a depth; every second depth has the inner ones."""
        return self._marks[(state.quotes - 1) % 2 * 2 + side]

    def _before(self) -> str:
        """The last characters of the block so far."""
        return "".join(piece.text for piece in self._pieces[-4:] if piece.kind is None)[-40:]

    def _text(self, node: Node, state: _State, how: str | None) -> None:
        text = node.text
        if not text:
            return
        kind, note = (state.kind, state.note) if state.kind or not how else ("hidden", how)
        text = text if state.is_pre else re.sub(r"[ \t\r\n\f]+", " ", text)
        number = None
        if not text.isspace():
            number = len(self.nodes)
            self.nodes.append(node)
        if state.is_raised:
            text = self._raised.raised(text)
        self._pieces.append(_Piece(text, kind, note, number, state.is_linked))


def _is_quoted(element: Any) -> bool:
    """Whether a quotation has its marks in the text already."""
    inner = "".join(element.itertext()).strip()
    before = element.getprevious()
    parent = element.getparent()
    outer = ((before.tail if before is not None else parent.text if parent is not None else "") or "").rstrip()
    return (
        not inner
        or inner[0] in ANY_QUOTE
        or (outer[-1:] in ANY_QUOTE and (element.tail or "").lstrip()[:1] in ANY_QUOTE)
    )


def _composed(element: Any, pieces: list[_Piece]) -> Block:
    text = ""
    extras: list[Extra] = []
    nodes: list[tuple[int, int]] = []
    linked = 0
    for piece in pieces:
        if piece.kind is not None:
            if any(char.isalnum() for char in piece.text) or piece.kind == "note_mark":
                extras.append(Extra(len(text), piece.kind, " ".join(piece.text.split()), piece.note))
            continue
        added = _fitted(text, piece.text)
        if text.endswith(" ") and added[:1] in {"\n", ",", ".", ";", ":", "!", "?"}:
            text = text[:-1]
        text += added
        if piece.node is not None:
            nodes.append((piece.node, len(piece.text.strip())))
            linked += len(piece.text.strip()) if piece.is_linked else 0
    return _normalised(element, text, extras, tuple(nodes), linked)


def _fitted(text: str, added: str) -> str:
    """A piece as it stands behind a text: without spaces at the beginning of a line, or twice."""
    if not text or text.endswith((" ", "\n")):
        added = added.lstrip(" ")
    return added


def _normalised(element: Any, text: str, extras: list[Extra], nodes: tuple[tuple[int, int], ...], linked: int) -> Block:
    end = len(text.rstrip())
    found = unicodedata.normalize("NFC", text[:end].lstrip())
    lead = len(text) - len(text.lstrip())
    placed = tuple(
        extra._replace(at=min(len(unicodedata.normalize("NFC", text[lead : max(lead, extra.at)])), len(found)))
        for extra in extras
    )
    return Block(element, found, placed, nodes, linked)


def drop(element: Any) -> None:
    """Remove an element; what follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def lineage(element: Any) -> Iterator[Any]:
    """The element and all around it, from the inside."""
    while element is not None:
        yield element
        element = element.getparent()
