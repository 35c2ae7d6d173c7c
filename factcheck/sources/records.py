"""Documents from what services answer: records of fact-checks and texts of encyclopedias, in their own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from factcheck.inputs.article import Article, UnreadableError, canonical, without_invisible
from factcheck.inputs.documents import document_from_text
from factcheck.models import Document, Rating
from factcheck.originals import Origin
from factcheck.sources.results import Found, as_evidence
from factcheck.text.dates import iso_date
from factcheck.text.invisible import visible

ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f\\]{1,2000}")
TAG = re.compile(r"<[^<>]{1,300}>")
SCRIPT = re.compile(r"<script[^>]{0,200}ld\+json[^>]{0,200}>(.*?)</script", re.DOTALL | re.IGNORECASE)
MOST_DEEP = 20
"""Levels of structured data that are looked into."""


def document_of(text: str, fields: Mapping[str, str | None], origin: Origin | None = None) -> Document | None:
    """A document in the role of evidence, without what readers cannot see; None where nothing is left of it."""
    names = ("title", "publisher", "published", "url", "language", "author", "corrects", "retracts")
    try:
        clear = without_invisible(Article(canonical(text), {})).text
        made = document_from_text(clear, **{name: fields.get(name) for name in names})
    except (UnreadableError, ValueError):
        return None
    return as_evidence(made).model_copy(update={"origin": origin})


def review(record: Mapping[str, Any], source: str) -> Found | None:
    """A fact-check from its ClaimReview record (schema.org): its title, the claim, its words and its conclusion."""
    claim, title = plain(record.get("claimReviewed")), plain(record.get("headline") or record.get("name"))
    rated = first(record.get("reviewRating"))
    conclusion = plain(rated.get("alternateName") or rated.get("name") or rated.get("ratingExplanation"))
    body = plain(record.get("reviewBody") or record.get("description"))
    by = first(record.get("author")) or first(record.get("publisher"))
    return reviewed(
        [title, claim, body, conclusion],
        source,
        conclusion=conclusion,
        publisher=plain(by.get("name")) or plain(record.get("author")),
        title=title or claim,
        url=address(record.get("url") or by.get("url")),
        published=plain(record.get("datePublished")),
        language=plain(record.get("inLanguage"))[:2].lower(),
    )


def reviewed(
    paragraphs: list[str], source: str, *, conclusion: str, published: str, **fields: str | None
) -> Found | None:
    """A fact-check with what its author concluded, in their words."""
    text = "\n\n".join(dict.fromkeys(part for part in paragraphs if part))
    known = {name: value or None for name, value in fields.items()}
    document = document_of(text, {**known, "published": iso_date(published)})
    if document is None:
        return None
    by = document.publisher or document.url
    rating = Rating(text=conclusion, by=by, url=document.url) if conclusion and by else None
    return Found(document, source, rating, "fact_check")


def reviews_in(found: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The ClaimReview records anywhere in structured data: on a page, in a graph, in a feed."""
    if depth > MOST_DEEP:
        return
    if isinstance(found, list):
        for one in found:
            yield from reviews_in(one, depth + 1)
    elif isinstance(found, dict):
        kinds = found.get("@type")
        if "ClaimReview" in (kinds if isinstance(kinds, list) else [kinds]):
            yield found
            return
        for inner in found.values():
            if isinstance(inner, dict | list):
                yield from reviews_in(inner, depth + 1)


def first(value: Any) -> Mapping[str, Any]:
    """The object, or the first one of a list."""
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


def plain(value: Any) -> str:
    """A value as one line of text without marks; empty where it is none."""
    return " ".join(visible(TAG.sub(" ", value)).split()) if isinstance(value, str) else ""


def address(value: Any) -> str | None:
    """A value that is an address of a page."""
    return value.strip() if isinstance(value, str) and ADDRESS.fullmatch(value.strip()) else None
