"""Tell apart several articles on one page: the one that the page is about, or each of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

from factcheck.inputs.addresses import same_site
from factcheck.inputs.blocks import Block, lineage
from factcheck.inputs.page_dates import as_date
from factcheck.inputs.places import Places

MIN_WORDS = 60
"""Visible words of an article; what is shorter announces one."""

MIN_CHARACTERS = 250
"""The same for scripts without spaces."""

MIN_COVERED = 0.9
"""Share of the text of a page that must stand in its articles, where it is a list of them."""

TEXT = frozenset(["p", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "td", "dd", "dt"])


class Part(NamedTuple):
    """One of several articles of a page: which blocks are its text, and what it says of itself."""

    is_article: list[bool]
    title: str
    url: str | None
    published: str | None


def without_others(
    blocks: Sequence[Block], is_article: Sequence[bool], articles: Sequence[Any], main: Any
) -> list[bool]:
    """The choice without what stands in articles that are not the main one."""
    others = {article for article in articles if article is not main and _is_signed(article, blocks)}
    return [
        is_in and not others.intersection(lineage(block.element))
        for block, is_in in zip(blocks, is_article, strict=True)
    ]


def articles_of(blocks: Sequence[Block], places: Places) -> list[Any]:
    """The elements that each hold a whole article, in their order; comments are none."""
    words: dict[Any, tuple[int, int]] = {}
    for block in blocks:
        outer = [around for around in lineage(block.element) if around.tag == "article"]
        if outer and block.text and places.of(outer[-1]) not in {"comments", "navigation", "aside"}:
            count, size = words.get(outer[-1], (0, 0))
            words[outer[-1]] = (count + len(block.text.split()), size + len(block.text))
    return [
        a for a, (count, size) in words.items() if count >= MIN_WORDS or (size >= MIN_CHARACTERS and count < size / 20)
    ]


def main_of(blocks: Sequence[Block], articles: Sequence[Any], title: str | None) -> Any:
    """The article whose heading is the page's title, or the only one with a heading of the first rank; else None."""
    headed: dict[Any, str] = {}
    for block in blocks:
        around = list(lineage(block.element))
        article = next((a for a in around if a in articles), None)
        if article is not None and any(a.tag == "h1" for a in around):
            headed.setdefault(article, block.text)
    named = [a for a, text in headed.items() if title and text.casefold() in title.casefold()]
    if named:
        return named[0]
    return next(iter(headed)) if len(headed) == 1 else None


def parts_of(
    blocks: Sequence[Block], articles: Sequence[Any], is_article: Sequence[bool], url: str | None
) -> list[Part]:
    """Each article of a list, if all have headings that lead to them; else none: they are sections of one."""
    parts = []
    total = sum(len(block.text) for block, is_in in zip(blocks, is_article, strict=True) if is_in)
    covered = 0
    for article in articles:
        inside = [article in lineage(block.element) for block in blocks]
        heading = next((b for b, is_in in zip(blocks, inside, strict=True) if is_in and _is_heading(b)), None)
        link = _link(heading, article) if heading is not None else None
        if heading is None or link is None:
            return []
        chosen = [is_in and was for is_in, was in zip(inside, is_article, strict=True)]
        covered += sum(len(block.text) for block, is_in in zip(blocks, chosen, strict=True) if is_in)
        if not any(chosen):
            chosen = [is_in and _is_text(block) for block, is_in in zip(blocks, inside, strict=True)]
        address = urljoin(url, link) if url else link if link.startswith(("http://", "https://")) else None
        if url and address and not same_site(address, url):
            address = None
        parts.append(Part(chosen, heading.text, address, _date(article)))
    return parts if covered >= MIN_COVERED * total else []


def _is_signed(article: Any, blocks: Sequence[Block]) -> bool:
    """Whether an article has a heading with an address or a date of its own, as sections of another have not."""
    heading = next((b for b in blocks if article in lineage(b.element) and _is_heading(b)), None)
    return heading is not None and (_link(heading, article) is not None or _date(article) is not None)


def _is_heading(block: Block) -> bool:
    return any(a.tag in {"h1", "h2", "h3"} for a in lineage(block.element))


def _link(heading: Block, article: Any) -> str | None:
    """Where a heading leads."""
    top = next(a for a in lineage(heading.element) if a.tag in {"h1", "h2", "h3"})
    around = [a for a in lineage(top) if a.tag == "a" and article in lineage(a)]
    links = [link.get("href") for link in (*top.iter("a"), *around) if link.get("href")]
    return next((link.strip() for link in links if not link.startswith("#")), None)


def _date(article: Any) -> str | None:
    times = (time.get("datetime") or time.text_content() for time in article.iter("time"))
    return next((date for value in times if (date := as_date(value))), None)


def _is_text(block: Block) -> bool:
    return bool(block.text) and block.element.tag in TEXT and block.linked <= len(block.text) / 2
