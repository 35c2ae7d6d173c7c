"""Read electronic books and magazines (.epub): each chapter or article is a document."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from factcheck.inputs.archives import member, weigh
from factcheck.inputs.article import Article, Original, Part, Unread, UnreadableError, canonical
from factcheck.inputs.charsets import decoded
from factcheck.inputs.fragments import text_of, tree_of
from factcheck.inputs.leftout import LeftOuts, tidy
from factcheck.inputs.trees import name_of, parsed
from factcheck.originals import LeftOut
from factcheck.text.dates import iso_date
from factcheck.text.invisible import line

CONTAINER = "META-INF/container.xml"
MAX_FILE = 8_000_000
MAX_CHAPTERS = 2_000
DAMAGED = "is damaged or no EPUB; save it again"
PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
HEADINGS = ("h1", "h2", "h3")


def read_epub(original: Original) -> list[Part]:
    """The chapters of a book in their order. Raises UnreadableError."""
    weigh(original.content, DAMAGED)
    with zipfile.ZipFile(io.BytesIO(original.content)) as archive:
        if member(archive, "META-INF/encryption.xml", MAX_FILE) and member(archive, "META-INF/rights.xml", MAX_FILE):
            raise UnreadableError("encrypted", "is protected against copying; it cannot be read")
        root = parsed(member(archive, CONTAINER, MAX_FILE) or b"", DAMAGED, recover=True)
        path = next((node.get("full-path", "") for node in root.iter() if name_of(node) == "rootfile"), "")
        package = parsed(member(archive, path, MAX_FILE) or b"", DAMAGED, recover=True)
        book = _book(package)
        parts: list[Part] = list(_chapters(archive, package, posixpath.dirname(path), book))
    if not any(isinstance(part, Article) for part in parts):
        raise UnreadableError("empty", "is a book without words")
    return parts


def _book(package: Any) -> dict[str, str | None]:
    """What the book says of itself."""
    found: dict[str, str] = {}
    for node in package.iter():
        name = name_of(node)
        if name in {"title", "creator", "publisher", "date", "language"} and (node.text or "").strip():
            is_other = name == "date" and node.get("{http://www.idpf.org/2007/opf}event") in {
                "modification",
                "creation",
            }
            if not is_other:
                found.setdefault(name, node.text.strip())
    return {
        "title": line(found.get("title"), 500),
        "author": line(found.get("creator"), 200),
        "publisher": line(found.get("publisher"), 200),
        "published": iso_date(found["date"]) if "date" in found else None,
        "language": line(found.get("language"), 20),
    }


def _chapters(
    archive: zipfile.ZipFile, package: Any, folder: str, book: dict[str, str | None]
) -> Iterator[Article | Unread]:
    items = {node.get("id"): node for node in package.iter() if name_of(node) == "item"}
    spine = [node for node in package.iter() if name_of(node) == "itemref"]
    contents: list[LeftOut] = []
    for number, reference in enumerate(spine[:MAX_CHAPTERS], 1):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in PAGES:
            continue
        part = f"chapter {number}"
        content = member(archive, posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))), MAX_FILE)
        if content is None:
            yield Unread("damaged", "is missing, damaged or far too long", part)
            continue
        article = _chapter(content, book, part)
        if article is not None and "nav" in (item.get("properties") or "").split():
            contents.append(LeftOut(kind="navigation", text=" ".join(article.text.split()), at=0, note="contents"))
        elif article is not None:
            yield article._replace(left_out=(*contents, *article.left_out))
            contents = []


def _chapter(content: bytes, book: dict[str, str | None], part: str) -> Article | None:
    left = LeftOuts()
    try:
        source, note = decoded(content, None)
        raw, hidden = text_of(source, left)
    except UnreadableError:
        return None
    settled = left.settle(canonical(tidy(raw)).strip())
    if not any(char.isalnum() for char in settled.text):
        return None
    heading = _heading(source)
    fields = {**book, "title": heading or book["title"]}
    notes = [("charset", note)] if note else []
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers do not see was taken out ({listed})"))
    said = {name: "the book" for name, value in fields.items() if value} | ({"title": "its heading"} if heading else {})
    return Article(settled.text, fields, (), tuple(notes), part, settled.left_out, said)


def _heading(source: str) -> str | None:
    root = tree_of(source)
    found = (node for name in HEADINGS for node in root.iter(name))
    return next((text for node in found if (text := line(" ".join(node.itertext()), 300))), None)
