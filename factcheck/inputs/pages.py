"""Read HTML pages: main text, title, author, publisher, date, canonical address and language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import charset_normalizer
import webencodings
from lxml import etree, html

from factcheck.inputs import walls
from factcheck.inputs.accounts import account
from factcheck.inputs.article import Article, Original, Part, UnreadableError, canonical, invisible
from factcheck.inputs.hidden import clean_data, find_hidden
from factcheck.inputs.hidden_text import hidden_notes
from factcheck.inputs.page_fields import Fields, Page, fields_of
from factcheck.inputs.places import Places
from factcheck.inputs.refine import refined
from factcheck.inputs.selection import Chosen, choose
from factcheck.inputs.several import articles_of, main_of, parts_of, without_others
from factcheck.text.invisible import note_of, visible

META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w:.-]+)""")
PRESCAN = 4096
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def read_html(original: Original) -> list[Part]:
    """The article of a page, or each of several. Raises UnreadableError where there is none."""
    source = decoded_page(original.content, original.charset)
    root = _tree(source)
    language = _language(root)
    unseen = _remove_invisible(root)
    hidden = find_hidden(root)
    clean_data(root)
    chosen = choose(root, hidden, language, original.url)
    places = Places()
    seen = " ".join(block.text for block in chosen.blocks)
    fields = fields_of(Page(root, chosen.blocks, places, seen, original.url, language))
    page = Read(chosen, places, fields, language, tuple(note_of(unseen)))
    if parts := _several(page, original.url):
        return [*parts]
    article = _article(page, page.is_article, fields.values)
    if why := walls.wall(article.text, seen):
        code, message = why
        raise UnreadableError(
            code, message + ("; text that is hidden from readers was not read" if hidden.whole else "")
        )
    left_out = (*article.left_out, *invisible(unseen, len(article.text)))
    notes = article.notes
    if walls.is_paywalled(article.text, seen, source):
        notes += (("paywall", "seems to be the free beginning of an article behind a paywall; only that was read"),)
    return [article._replace(left_out=left_out, notes=notes)]


class Read(NamedTuple):
    """What is known of a page when its articles are written down."""

    chosen: Chosen
    places: Places
    fields: Fields
    language: str | None
    notes: tuple[tuple[str, str], ...]

    @property
    def is_article(self) -> list[bool]:
        """Which blocks are the article, those of other articles left out where one is the page's own."""
        blocks = self.chosen.blocks
        is_article = refined(blocks, self.chosen.is_article, self.places)
        articles = articles_of(blocks, self.places)
        main = main_of(blocks, articles, self.fields.values["title"]) if len(articles) > 1 else None
        return is_article if main is None else without_others(blocks, is_article, articles, main)


def _several(page: Read, url: str | None) -> list[Article]:
    """Each article of a page that lists several and is about none of them; no page of one article."""
    blocks = page.chosen.blocks
    articles = articles_of(blocks, page.places)
    if len(articles) < 2 or main_of(blocks, articles, page.fields.values["title"]) is not None:  # noqa: PLR2004
        return []
    found = []
    for number, part in enumerate(parts_of(blocks, articles, page.is_article, url), 1):
        own = {"title": part.title, "url": part.url, "published": part.published, "author": None}
        article = _article(page, part.is_article, {**page.fields.values, **own})
        sources = {**article.fields_from, "title": "heading", "url": "link of the heading", "published": "element time"}
        sources = {name: source for name, source in sources.items() if article.fields.get(name)}
        found.append(article._replace(part=f"article {number}", fields_from=sources))
    return found


def _article(page: Read, is_article: list[bool], values: Mapping[str, str | None]) -> Article:
    text, left_out = account(page.chosen.blocks, is_article, page.places, values["title"])
    sources = {**page.fields.sources, **({"language": "html lang"} if page.language else {})}
    notes = (*hidden_notes(page.chosen, is_article), *page.notes)
    fields = {**values, "language": page.language}
    return Article(canonical(text).strip(), fields, notes=notes, left_out=left_out, fields_from=sources)


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
    """Take invisible characters out of the tree and count what was taken."""
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
    return visible(text, taken).replace("\u00ad", "")


def _language(root: html.HtmlElement) -> str | None:
    for value in (
        root.get("lang"),
        root.get("xml:lang"),
        *root.xpath("//meta[@http-equiv='content-language']/@content"),
    ):
        if value and (match := LANGUAGE.fullmatch(value.strip())):
            return match[0].replace("_", "-")
    return None
