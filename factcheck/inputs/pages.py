"""Read HTML pages: main text, title, author, publisher, date, canonical address and language."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import charset_normalizer
import trafilatura
import webencodings
from lxml import etree, html

from factcheck.inputs import walls
from factcheck.inputs.addresses import same_site
from factcheck.inputs.article import Article, Original, Part, UnreadableError, canonical
from factcheck.inputs.hidden import remove_hidden
from factcheck.inputs.plain import iso_date
from factcheck.text.invisible import line, note_of, visible

MAX_TITLE = 400
MAX_NAME = 120
"""Longer names of outlets and people are not names."""

DATES = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}
"""Only dates that the page declares, never one found in its text; and none that depends on today's."""

JOINERS = str.maketrans({"\u200c": "\U00010600", "\u200d": "\U00010601"})
JOINERS_BACK = {0x10600: "\u200c", 0x10601: "\u200d"}
"""Persian and Indic words need the joiners that the extraction would drop; two letters of a lost script stand in."""

META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w:.-]+)""")
PRESCAN = 4096
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def read_html(original: Original) -> list[Part]:
    """The one article of a page. Raises UnreadableError where there is none."""
    source = decoded_page(original.content, original.charset)
    root = _tree(source)
    language = _language(root)
    unseen = _remove_invisible(root)
    taken = remove_hidden(root)
    page = " ".join(" ".join(root.itertext()).split())
    found = _extracted(root, original.url)
    text = canonical((found.text or "").translate(JOINERS_BACK)).strip() if found else ""
    page = page.translate(JOINERS_BACK)
    if why := walls.wall(text, page):
        code, message = why
        raise UnreadableError(code, f"{message}; text that is hidden from readers was not read" if taken else message)
    fields = _fields(root, found, page, original.url) | {"language": language}
    notes = [*_notes(taken, paywalled=walls.is_paywalled(text, page, source)), *note_of(unseen)]
    return [Article(text, fields, notes=tuple(notes))]


def decoded_page(content: bytes, declared: str | None) -> str:
    """The characters of a page, as browsers find its encoding: mark, header, head of the page, else by its bytes."""
    for bom, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be")):
        if content.startswith(bom):
            return content[len(bom) :].decode(name, "replace")
    head = content[:PRESCAN]
    found = XML_CHARSET.search(head) or META_CHARSET.search(head)
    inside = found[1].decode("ascii", "replace") if found else None
    for label in (declared, inside):
        encoding = webencodings.lookup(label) if label else None
        if encoding is not None:
            name = "utf-8" if encoding.name.startswith("utf-16") and label == inside else encoding.name
            return str(webencodings.decode(content, name)[0])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(content[:100_000]).best()
        return content.decode(best.encoding if best else "cp1252", "replace")


def _tree(source: str) -> html.HtmlElement:
    parser = html.HTMLParser(remove_comments=False, remove_pis=False, huge_tree=False)
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source).replace("\0", "")
    try:
        root = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        if len(source) > PRESCAN:
            raise UnreadableError(
                "damaged", "cannot be taken apart; it is damaged or far too long for a page"
            ) from None
        raise UnreadableError("empty", "holds no words") from None
    return root


def _remove_invisible(root: html.HtmlElement) -> dict[str, int]:
    """Take invisible characters out of the tree, keep joiners through the extraction, and count what was taken."""
    taken: dict[str, int] = {}
    for node in root.iter():
        if node.text and (text := _kept(node.text, taken)) != node.text:
            node.text = text
        if node.tail and (tail := _kept(node.tail, taken)) != node.tail:
            node.tail = tail
        if node.tag == "meta" and (content := node.get("content")):
            node.set("content", _kept(content, {}))
    return taken


def _kept(text: str, taken: dict[str, int]) -> str:
    return visible(text, taken).translate(JOINERS)


def _extracted(root: html.HtmlElement, url: str | None) -> Any:
    for fast, recall in ((False, False), (True, True)):
        found = trafilatura.bare_extraction(
            root,
            url=url,
            fast=fast,
            favor_recall=recall,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=DATES,
        )
        if found is not None:
            return found
    return None


def _fields(root: html.HtmlElement, found: Any, page: str, url: str | None) -> dict[str, str | None]:
    date = iso_date(found.date) if found and found.date else None
    return {
        "title": _title(root, found, page),
        "author": _author(root, found, page),
        "publisher": line((found.sitename or "").translate(JOINERS_BACK), MAX_NAME) if found else None,
        "published": date,
        "url": _canonical_url(root, url),
    }


def _title(root: html.HtmlElement, found: Any, page: str) -> str | None:
    """The title that was found, if it can be seen on the page or on its tab; else the tab's."""
    tab = line(root.findtext(".//title", "").translate(JOINERS_BACK), MAX_TITLE)
    title = line((found.title or "").translate(JOINERS_BACK), MAX_TITLE) if found else None
    seen = f"{page} {tab or ''}".casefold()
    return title if title and title.casefold() in seen else tab


def _author(root: html.HtmlElement, found: Any, page: str) -> str | None:
    """The author as the page's head gives the name; one found elsewhere only if it stands on the page like that."""
    declared = [str(value) for value in root.xpath("//meta[@name='author']/@content")]
    for script in root.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError):
            declared += _names(json.loads(script.text or ""))
    lines = [line(value.translate(JOINERS_BACK), MAX_NAME) for value in declared]
    names = [name for name in lines if name and "://" not in name]  # some pages give their author's profile
    if names:
        return names[0]
    guess = line(found.author, MAX_NAME) if found else None
    return guess if guess and guess in page else None


def _names(data: Any) -> list[str]:
    """The names of authors in structured data."""
    if isinstance(data, list):
        return [name for item in data for name in _names(item)]
    if not isinstance(data, dict):
        return []
    author = data.get("author", data.get("@graph"))
    if "@graph" in data and "author" not in data:
        return _names(author)
    people = author if isinstance(author, list) else [author]
    found = [person.get("name") if isinstance(person, dict) else person for person in people]
    return [name for name in found if isinstance(name, str)]


def _canonical_url(root: html.HtmlElement, url: str | None) -> str | None:
    """The address that the page gives itself, if it is one of the same site."""
    links = root.xpath(
        "//link[translate(@rel,'CANOIL','canoil')='canonical']/@href | //meta[@property='og:url']/@content"
    )
    for link in links:
        address = urljoin(url or "", str(link).strip())
        is_sound = address.startswith(("http://", "https://")) and not re.search(r"[\s\x00-\x1f]", address)
        if is_sound and (url is None or same_site(address, url)):
            return address
    return url


def _language(root: html.HtmlElement) -> str | None:
    for value in (
        root.get("lang"),
        root.get("xml:lang"),
        *root.xpath("//meta[@http-equiv='content-language']/@content"),
    ):
        if value and (match := LANGUAGE.fullmatch(value.strip())):
            return match[0].replace("_", "-")
    return None


def _notes(taken: dict[str, int], *, paywalled: bool) -> list[tuple[str, str]]:
    notes = []
    if taken:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(taken.items()))
        notes.append(("hidden_text", f"text that readers of the page do not see was taken out ({listed})"))
    if paywalled:
        notes.append(("paywall", "seems to be the free beginning of an article behind a paywall; only that was read"))
    return notes
