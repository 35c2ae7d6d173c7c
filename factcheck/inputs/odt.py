"""Read texts of LibreOffice and others in the OpenDocument format (.odt, .fodt)."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from factcheck.inputs.archives import member, weigh
from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, joined
from factcheck.inputs.leftout import LeftOuts, plain, tidy
from factcheck.inputs.numbering import LETTERS, roman
from factcheck.inputs.trees import attribute, name_of, parsed
from factcheck.originals import LeftOutKind
from factcheck.plural import counted, was
from factcheck.text.invisible import line

MAX_FILE = 60_000_000
MAX_SPACES = 100
DAMAGED = "is damaged or no OpenDocument text; save it again"
BLOCKS = frozenset({"p", "h"})
ASIDE: dict[str, LeftOutKind] = {"note": "footnote", "annotation": "comments", "ruby-text": "ruby"}
"""Elements within paragraphs whose words are no part of them."""

APART: dict[str, LeftOutKind] = {
    "tracked-changes": "struck",
    "table-of-content": "navigation",
    "alphabetical-index": "navigation",
    "illustration-index": "navigation",
}
"""Elements between paragraphs that are no part of the article."""

HIDING = frozenset({"hidden-text", "hidden-paragraph"})
SILENT = frozenset({"forms", "sequence-decls", "note-citation", "desc", "title", "object", "creator", "date"})


class Look(NamedTuple):
    """Why text in a style is not read."""

    kind: LeftOutKind
    how: str


Lists = dict[str, dict[int, tuple[str, str, str]]]
"""How the levels of lists count, by the names of their styles: form, what stands before and behind the number."""


def read_odt(original: Original) -> list[Part]:
    """The one article of an OpenDocument text. Raises UnreadableError."""
    content, styles, meta = _trees(original.content)
    body = next(
        (node for node in content.iter() if name_of(node) == "text" and name_of(node.getparent()) == "body"), None
    )
    if body is None:
        raise UnreadableError("damaged", "is no OpenDocument text (it may be a table or slides); save it as text")
    left, hidden = LeftOuts(), Counter[str]()
    reader = _Reader(left, hidden, {**_looks(styles), **_looks(content)}, _lists(styles) | _lists(content))
    pieces = list(reader.pieces(body))
    heads = "".join(left.place("running_head", text, name) for name, text in _around(styles))
    text, _ = joined([Piece(tidy(piece.text), piece.before) for piece in pieces])
    settled = left.settle(tidy(heads + text))
    struck = sum(item.kind == "struck" for item in settled.left_out)
    notes = []
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers do not see was taken out ({listed})"))
    if struck:
        notes.append(("struck_text", f"{counted(struck, 'passage')} struck through or deleted {was(struck)} left out"))
    fields = _fields(meta, settled.text)
    said = {name: "the properties of the document" for name, value in fields.items() if value}
    return [Article(settled.text, fields, (), tuple(notes), left_out=settled.left_out, fields_from=said)]


def _trees(content: bytes) -> tuple[Any, Any, Any]:
    """The trees of the text, of its styles, and of what it says of itself."""
    if not content.startswith(b"PK"):
        root = parsed(content, DAMAGED)
        return root, root, root
    weigh(content, DAMAGED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = member(archive, "META-INF/manifest.xml", MAX_FILE) or b""
        if b"encryption-data" in manifest:
            raise UnreadableError("encrypted", "is protected by a password; save it without one")
        text = member(archive, "content.xml", MAX_FILE)
        if text is None:
            raise UnreadableError("damaged", DAMAGED)
        empty = b"<nothing/>"
        others = [member(archive, name, MAX_FILE) or empty for name in ("styles.xml", "meta.xml")]
    return parsed(text, DAMAGED), parsed(others[0], DAMAGED), parsed(others[1], DAMAGED)


class _Reader:
    """Reads paragraph after paragraph, and counts the items of lists."""

    def __init__(self, left: LeftOuts, hidden: Counter[str], looks: dict[str, Look], lists: Lists) -> None:
        self._left = left
        self._hidden = hidden
        self._looks = looks
        self._lists = lists
        self._counted: dict[Any, int] = {}
        self._begun: set[Any] = set()

    def pieces(self, body: Any) -> Iterator[Piece]:
        """The paragraphs of a text; the cells of a row stand on one line."""
        row: Any = None
        for node in body.iter(etree.Element):
            name = name_of(node)
            if name in APART:
                yield Piece(self._left.place(APART[name], _words(node), name))
            if name not in BLOCKS or any(name_of(up) in ASIDE or name_of(up) in APART for up in node.iterancestors()):
                continue
            text = " ".join(self._inline(node).split())
            label = self._label(node)
            inside = next((up for up in node.iterancestors() if name_of(up) == "table-row"), None)
            follows = inside is not None and row is not None
            is_list = any(name_of(up) == "list" for up in node.iterancestors())
            if text:
                gap = " | " if follows and inside is row else "\n" if is_list or follows else "\n\n"
                yield Piece(f"{label} {text}".strip(), gap)
                row = inside

    def _inline(self, paragraph: Any) -> str:
        """The text of a paragraph, with places for what is left out of it."""
        words: list[str] = []
        taken: list[tuple[Any, Look, int]] = []
        skipped: Any = None
        for event, node in etree.iterwalk(paragraph, events=("start", "end")):
            name = name_of(node)
            if event == "start" and skipped is None:
                if (name in BLOCKS and node is not paragraph) or name in SILENT or name in ASIDE:
                    skipped = node
                    words.append(self._aside(node, name))
                    continue
                if look := self._look(node, name):
                    taken.append((node, look, len(words)))
                words.append(_said(node, name))
            elif event == "end" and (skipped is None or skipped is node):
                skipped = None
                if taken and taken[-1][0] is node:
                    _, look, start = taken.pop()
                    words[start:] = [self._taken("".join(words[start:]), look)]
                if node is not paragraph:
                    words.append(plain(node.tail or "").replace("\n", " "))
        return "".join(words)

    def _aside(self, node: Any, name: str) -> str:
        if name not in ASIDE:
            return ""
        note = "endnote" if attribute(node, "note-class") == "endnote" else ""
        return self._left.place(ASIDE[name], _words(node), note)

    def _look(self, node: Any, name: str) -> Look | None:
        if name in HIDING:
            return Look("hidden", "hidden")
        return self._looks.get(attribute(node, "style-name") or "") if name in {"span", *BLOCKS} else None

    def _taken(self, text: str, look: Look) -> str:
        place = self._left.place(look.kind, text, look.how)
        self._hidden[look.how] += bool(place) and look.kind == "hidden"
        return place

    def _label(self, paragraph: Any) -> str:
        """The number before the first paragraph of an item of a numbered list."""
        lists = [up for up in paragraph.iterancestors() if name_of(up) == "list"]
        item = next((up for up in paragraph.iterancestors() if name_of(up) == "list-item"), None)
        if not lists or item is None or item in self._begun:
            return ""
        self._begun.add(item)
        self._counted[lists[0]] = self._counted.get(lists[0], 0) + 1
        style = next((name for up in lists if (name := attribute(up, "style-name"))), "")
        form, prefix, suffix = self._lists.get(style, {}).get(len(lists), ("", "", ""))
        number = _formatted(self._counted[lists[0]], form)
        return f"{prefix}{number}{suffix}" if number else ""


def _said(node: Any, name: str) -> str:
    """What an element says before what is inside of it."""
    if name in {"tab", "line-break"}:
        return " "
    if name == "s":
        count = attribute(node, "c") or "1"
        return " " * (min(int(count), MAX_SPACES) if re.fullmatch("[0-9]{1,5}", count) else 1)
    return plain(node.text or "").replace("\n", " ")


def _words(node: Any) -> str:
    """All words of an element, those of its parts that say nothing left away."""
    silent = {inner for part in node.iter() if name_of(part) in SILENT for inner in part.iter()}
    texts = [(part.text or "") if part not in silent else "" for part in node.iter() if isinstance(part.tag, str)]
    tails = [part.tail or "" for part in node.iter() if part is not node]
    return " ".join(plain(" ".join(node.itertext() if not silent else [*texts, *tails])).split())


def _formatted(number: int, form: str) -> str:
    if form == "1":
        return str(number)
    if form in {"a", "A"} and number <= LETTERS:
        letter = chr(ord("a") + number - 1)
        return letter if form == "a" else letter.upper()
    return {"i": roman(number), "I": roman(number).upper()}.get(form, "")


def _looks(root: Any) -> dict[str, Look]:
    """The styles that hide or strike text."""
    found = {}
    for style in root.iter():
        if name_of(style) == "style":
            for inner in style:
                if name_of(inner) == "text-properties":
                    if attribute(inner, "display") == "none":
                        found[attribute(style, "name") or ""] = Look("hidden", "hidden")
                    elif (attribute(inner, "text-line-through-style") or "none") != "none":
                        found[attribute(style, "name") or ""] = Look("struck", "")
    return found


def _lists(root: Any) -> Lists:
    """How the levels of lists count: form, what stands before and behind the number."""
    return {
        attribute(style, "name") or "": {
            int(attribute(level, "level") or 1): (
                attribute(level, "num-format") or "",
                attribute(level, "num-prefix") or "",
                attribute(level, "num-suffix") or "",
            )
            for level in style
            if name_of(level) == "list-level-style-number" and (attribute(level, "level") or "1").isdecimal()
        }
        for style in root.iter()
        if name_of(style) == "list-style"
    }


def _around(styles: Any) -> list[tuple[str, str]]:
    """The words of headers and footers, each text once."""
    found = [
        (name_of(node), " ".join(plain(" ".join(node.itertext())).split()))
        for node in styles.iter()
        if name_of(node) in {"header", "footer", "header-left", "footer-left", "header-first", "footer-first"}
    ]
    return list({text: (name, text) for name, text in found if text}.values())


def _fields(meta: Any, text: str) -> dict[str, str | None]:
    values = {
        name_of(node): node.text or ""
        for node in meta.iter()
        if name_of(node) in {"title", "creator", "initial-creator"}
    }
    title = line(values.get("title"), 300)
    shown = title and title.casefold() in " ".join(text[:5000].split()).casefold()
    author = line(values.get("initial-creator") or values.get("creator"), 120)
    return {"title": title if shown else None, "author": author}
