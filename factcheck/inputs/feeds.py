"""Read RSS and Atom feeds and sitemaps, as they are in the wild: addresses, and what is said of each article."""

from __future__ import annotations

import calendar
import io
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import feedparser

from factcheck.inputs.article import Listed, Original, Part, UnreadableError, canonical
from factcheck.inputs.fragments import text_of
from factcheck.inputs.leftout import LeftOuts, tidy
from factcheck.inputs.trees import name_of, parsed
from factcheck.text.dates import iso_date
from factcheck.text.invisible import line

SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
ENTITY = re.compile(rb"<!(?:ENTITY|DOCTYPE[^>]*\[)", re.IGNORECASE)
HEAD = 4096
"""Bytes in which the root of a feed stands, and the declarations before it."""

BROKEN = "is not well-formed XML"
MAX_ENTRIES = 5_000
MAX_TITLE = 500
MAX_NAME = 200
FULL = 400
"""Characters from which on a summary is more than a teaser."""


def read_feed(original: Original) -> list[Part]:
    """The articles that a feed or a sitemap lists, each once, with what it says of them. Raises UnreadableError."""
    content = original.content.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if ENTITY.search(content[: 4 * HEAD]):
        raise UnreadableError("damaged", "declares entities, as no feed does; it may be built to use up the machine")
    if SITEMAP.search(content[:HEAD]):
        found = list(_sitemap(content, original.url or ""))
    elif FEED.search(content[:HEAD]):
        found = list(_feed(content, original))
    elif content[:1] == b"<":
        parsed(content, BROKEN)
        raise UnreadableError("unsupported", "is XML, but neither RSS, Atom nor a sitemap")
    else:
        raise UnreadableError("damaged", "is not well-formed XML (line 1)")
    once = {part.address: part for part in reversed(found) if part.address.startswith(("http://", "https://"))}
    listed = [once.pop(part.address) for part in found if part.address in once]
    if not listed:
        parsed(content, BROKEN)
        raise UnreadableError("empty", "lists no addresses of articles")
    return [*listed]


def _sitemap(content: bytes, base: str) -> Iterator[Listed]:
    root = parsed(content, BROKEN, recover=True)
    for item in root.iter():
        if name_of(item).lower() in {"url", "sitemap"}:
            values = {name_of(child): " ".join("".join(child.itertext()).split()) for child in item.iter()}
            if values.get("loc"):
                date = iso_date(values.get("publication_date") or "")
                fields = {"title": line(values.get("title"), MAX_TITLE) if date else None, "published": date}
                yield Listed(urljoin(base, values["loc"]), {k: v for k, v in fields.items() if v})


def _feed(content: bytes, original: Original) -> Iterator[Listed]:
    headers = {"content-type": f"application/xml; charset={original.charset}"} if original.charset else {}
    parsed = feedparser.parse(io.BytesIO(content), response_headers=headers, sanitize_html=False)
    if parsed.bozo and not parsed.entries:
        parsed(content, BROKEN)
    outlet = line(_plain(parsed.feed.get("title", "")), MAX_NAME)
    language = line(parsed.feed.get("language") or "", 20)
    for entry in parsed.entries[:MAX_ENTRIES]:
        if address := _address(entry):
            yield Listed(urljoin(original.url or "", address), _fields(entry, outlet, language), _text(entry))


def _address(entry: Any) -> str | None:
    """The address of an entry: its link as a page, else an identifier that is one."""
    links = [item.get("href") for item in entry.get("links", []) if item.get("rel", "alternate") == "alternate"]
    found = next((href.strip() for href in [*links, entry.get("link")] if href), None)
    identifier = str(entry.get("id") or "")
    return found or (identifier if identifier.startswith("http") else None)


def _fields(entry: Any, outlet: str | None, language: str | None) -> dict[str, str | None]:
    fields = {
        "title": line(_plain(entry.get("title", "")), MAX_TITLE),
        "author": line(_plain(entry.get("author", "")), MAX_NAME),
        "published": _date(entry, "published") or _date(entry, "created") or _date(entry, "updated"),
        "publisher": line(_plain(entry.get("source", {}).get("title", "")), MAX_NAME) or outlet,
        "language": language,
    }
    return {name: value for name, value in fields.items() if value}


def _date(entry: Any, name: str) -> str | None:
    """The day of a date as it is written; where that is not known, the day in Greenwich as the library reads it."""
    written = entry.get(name) if name in entry else None
    if written and (date := iso_date(str(written))):
        return date
    parsed = entry.get(f"{name}_parsed") if name in entry else None
    return time.strftime("%Y-%m-%d", time.gmtime(calendar.timegm(parsed))) if parsed else None


def _text(entry: Any) -> str:
    """The article itself, where the feed holds it."""
    bodies = [item.get("value") or "" for item in entry.get("content", [])]
    text = max((_plain(body) for body in bodies), key=len, default="")
    summary = _plain(entry.get("summary", ""))
    return text or (summary if len(summary) >= FULL else "")


def _plain(markup: str) -> str:
    """The words of a value, which may be markup or not."""
    if "<" not in markup and "&" not in markup:
        return canonical(markup).strip()
    try:
        left = LeftOuts()
        return left.settle(canonical(tidy(text_of(markup, left)[0])).strip()).text
    except UnreadableError:
        return ""
