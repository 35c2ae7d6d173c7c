"""Find a page's title, author, publisher, date and address, and say where each was found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urljoin

from trafilatura.metadata import extract_metadata

from factcheck.inputs.addresses import same_site
from factcheck.inputs.blocks import Block, lineage
from factcheck.inputs.page_dates import Found, published
from factcheck.inputs.places import Places
from factcheck.text.invisible import line

MAX_TITLE = 400
MAX_NAME = 120
"""Longer names of outlets and people are not names."""

ABOUT = ("NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting", "WebPage")
"""Types of structured data that describe the page, those that say most first."""

SITE_NAMES = ("og:site_name", "dc.publisher", "dcterms.publisher", "citation_journal_title", "application-name")
AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl")
NO_DATES = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}


class Page(NamedTuple):
    """What fields are looked for in."""

    root: Any
    blocks: Sequence[Block]
    places: Places
    text: str
    """All that can be seen, in one line."""
    url: str | None
    language: str | None


class Fields(NamedTuple):
    """Values by their names, and where each was found."""

    values: Mapping[str, str | None]
    sources: Mapping[str, str]


def fields_of(page: Page) -> Fields:
    """The fields of a page; what its head declares goes before what its text says."""
    data = structured(page.root)
    found = {
        "title": _title(page, data),
        "author": _author(page, data),
        "publisher": _publisher(page, data),
        "published": published(page.root, page.blocks, page.places, data, page.url, page.language),
        "url": _address(page),
    }
    if found["author"] is None or found["publisher"] is None:
        guessed = _guessed(page)
        found |= {name: guessed.get(name) for name in ("author", "publisher") if found[name] is None}
    values = {name: item.value if item else None for name, item in found.items()}
    return Fields(values, {name: item.source for name, item in found.items() if item})


def structured(root: Any) -> list[dict[str, Any]]:
    """The objects of a page's structured data, those that describe an article first."""
    objects: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if script.get("type") == "application/ld+json":
            with suppress(ValueError, RecursionError):
                objects += _objects(json.loads(script.text or ""))
    return sorted(objects, key=_rank)


def _objects(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, list):
        return [item for part in data for item in _objects(part)]
    if not isinstance(data, dict):
        return []
    return [data, *_objects(data.get("@graph"))]


def _rank(item: Mapping[str, Any]) -> int:
    kind = item.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return min((ABOUT.index(k) for k in kinds if k in ABOUT), default=len(ABOUT))


def _meta(root: Any, names: Sequence[str]) -> Iterator[Found]:
    declared: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        declared.setdefault(name, meta.get("content") or "")
    yield from (Found(declared[name], f"meta {name}") for name in names if declared.get(name, "").strip())


def _title(page: Page, data: Sequence[Mapping[str, Any]]) -> Found | None:
    """The title that is declared, if it can be seen on the page or on its tab; else the heading; else the tab's."""
    tab = line(page.root.findtext(".//title", ""), MAX_TITLE)
    seen = f"{page.text} {tab or ''}".casefold()
    declared = [*_meta(page.root, ("og:title", "twitter:title"))]
    declared += [Found(item["headline"], "JSON-LD headline") for item in data if isinstance(item.get("headline"), str)]
    for found in declared:
        title = line(found.value, MAX_TITLE)
        if title and title.casefold() in seen:
            return Found(title, found.source)
    headings = [b.text for b in page.blocks if any(a.tag == "h1" for a in lineage(b.element)) and b.text]
    for heading in headings:
        title = line(heading, MAX_TITLE)
        if title and (len(set(headings)) == 1 or title.casefold() in (tab or "").casefold()):
            return Found(title, "h1")
    return Found(tab, "title") if tab else None


def _author(page: Page, data: Sequence[Mapping[str, Any]]) -> Found | None:
    """The author as the page's head gives the name; some pages give their author's profile instead."""
    declared = [*_meta(page.root, AUTHORS)]
    declared += [Found(name, "JSON-LD author") for item in data for name in _names(item.get("author"))]
    for found in declared:
        name = line(found.value, MAX_NAME)
        if name and "://" not in name:
            return Found(name, found.source)
    return None


def _names(value: Any) -> list[str]:
    people = value if isinstance(value, list) else [value]
    found = [person.get("name") if isinstance(person, dict) else person for person in people]
    return [name for name in found if isinstance(name, str)]


def _publisher(page: Page, data: Sequence[Mapping[str, Any]]) -> Found | None:
    declared = [*_meta(page.root, SITE_NAMES)]
    declared += [Found(name, "JSON-LD publisher") for item in data for name in _names(item.get("publisher"))]
    for found in declared:
        name = line(found.value, MAX_NAME)
        if name and "://" not in name:
            return Found(name, found.source)
    return None


def _guessed(page: Page) -> dict[str, Found]:
    """An author whose name stands on the page like that, and a site's name, as trafilatura guesses them."""
    found = extract_metadata(page.root, page.url, NO_DATES, True)  # noqa: FBT003
    guesses: dict[str, Found] = {}
    author = line(found.author, MAX_NAME) if found else None
    if author and author in page.text:
        guesses["author"] = Found(author, "byline")
    site = line(found.sitename, MAX_NAME) if found else None
    if site:
        guesses["publisher"] = Found(site, "title or address")
    return guesses


def _address(page: Page) -> Found | None:
    """The address that the page gives itself, if it is one of the same site."""
    canonical = "//link[translate(@rel,'CANOIL','canoil')='canonical']/@href"
    declared = [("link canonical", link) for link in page.root.xpath(canonical)]
    declared += [("meta og:url", link) for link in page.root.xpath("//meta[@property='og:url']/@content")]
    for source, link in declared:
        address = urljoin(page.url or "", str(link).strip())
        is_sound = address.startswith(("http://", "https://")) and not re.search(r"[\s\x00-\x1f]", address)
        if is_sound and (page.url is None or same_site(address, page.url)):
            return Found(address, source)
    return Found(page.url, "address") if page.url else None
