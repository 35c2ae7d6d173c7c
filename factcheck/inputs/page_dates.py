"""Find when a page was published, and say where that stands: declared, in its address, or beside its title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from factcheck.inputs.blocks import Block, lineage
from factcheck.inputs.places import Places
from factcheck.inputs.plain import iso_date

PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "bt:pubdate", "datepublished",
    "date.published", "publishdate", "publish-date", "publish_date", "published-date", "published_date",
    "published", "published_at", "pubdate", "pub_date", "parsely-pub-date", "sailthru.date", "article.published",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created", "dc.date", "dcterms.date", "dc:date", "date", "originalpublicationdate",
    "article_date_original", "content_create_date", "citation_publication_date", "citation_date",
    "vr:published_time", "release_date", "last-published", "displaydate",
)  # fmt: skip
"""Names under which a page's head declares its date of publication, the surer ones first."""

IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")
ISO = re.compile(r"(?<!\d)((?:19|20)\d\d-\d\d-\d\d)(?!\d)")
BYLINE = re.compile(r"date|time|byline|meta|publish|posted|datum|fecha|data|author|info", re.IGNORECASE)
CHANGED = re.compile(
    r"modif|updat|aktualis|changed|stand:|mis à jour|actualizad|aggiorna|atualizad|bijgewerkt|uppdatera|päivitetty|"
    r"zaktualiz|обновлен|оновлен|更新|تحديث",
    re.IGNORECASE,
)
"""What names and words of elements say that hold the time of a change."""

MONTHS = 12
MAX_BYLINE = 160
MAX_FROM_TITLE = 12
"""Blocks from the title within which the line with author and date stands."""


class Found(NamedTuple):
    """A value, and where it was found."""

    value: str
    source: str


def published(root: Any, blocks: Sequence[Block], places: Places, data: Sequence[dict[str, Any]], url: str | None,
              language: str | None) -> Found | None:  # fmt: skip
    """The date of publication (ISO 8601), the surest source first; None where none says it."""
    sources = (
        _in_data(data),
        _in_head(root),
        _in_elements(root, places),
        _in_address(url),
        _in_byline(blocks, places, language),
    )
    return next((found for source in sources for found in source), None)


def as_date(value: str, language: str | None = None) -> str | None:
    """A date as it is written on pages, as ISO 8601; None where day, month and year are not all there."""
    value = " ".join(value.split())
    if found := ISO.search(value):
        return iso_date(found[1])
    if compact := re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d{4,6}Z?)?", value):
        return iso_date("-".join(compact.groups()))
    return _parsed(value, language) if re.search(r"\d", value) and len(value) <= MAX_BYLINE else None


def _in_data(data: Sequence[dict[str, Any]]) -> Iterator[Found]:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        for item in data:
            value = item.get(name)
            if isinstance(value, str) and (date := as_date(value)):
                yield Found(date, f"JSON-LD {name}")


def _in_head(root: Any) -> Iterator[Found]:
    declared: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        declared.setdefault(name, meta.get("content") or "")
    for name in PUBLISHED:
        if (value := declared.get(name)) and (date := as_date(value)):
            yield Found(date, f"meta {name}")


def _in_elements(root: Any, places: Places) -> Iterator[Found]:
    """Elements that say of themselves that they hold the date; then the first time element of the article."""
    named = root.xpath("//*[@itemprop='datePublished' or @pubdate or contains(@class,'dt-published')]")
    for element in named:
        if _is_beside(element, places):
            continue
        for value in (element.get("datetime"), element.get("content"), element.text_content()):
            if value and (date := as_date(value)):
                yield Found(date, "element datePublished")
    for element in root.iter("time"):
        value = element.get("datetime") or element.text_content()
        if not _is_beside(element, places) and not _is_changed(element) and (date := as_date(value)):
            yield Found(date, "element time")


def _is_beside(element: Any, places: Places) -> bool:
    return places.of(element) in {"navigation", "aside", "comments"}


def _is_changed(element: Any) -> bool:
    """Whether an element holds the time of the last change."""
    names = " ".join(
        f"{a.get('class') or ''} {a.get('itemprop') or ''}" for a, _ in zip(lineage(element), range(2), strict=False)
    )
    return bool(CHANGED.search(f"{names} {(element.text or '')[:40]}"))


def _in_address(url: str | None) -> Iterator[Found]:
    if url and (found := IN_ADDRESS.search(url)) and (date := iso_date(f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}")):
        yield Found(date, "address")


def _in_byline(blocks: Sequence[Block], places: Places, language: str | None) -> Iterator[Found]:
    """A short line near the title that holds a whole date and is called a byline, or holds little else."""
    title = next((n for n, b in enumerate(blocks) if any(a.tag == "h1" for a in lineage(b.element))), 0)
    for block in blocks[max(0, title - 3) : title + MAX_FROM_TITLE]:
        if not 0 < len(block.text) <= MAX_BYLINE or _is_beside(block.element, places) or _is_changed(block.element):
            continue
        names = " ".join(
            f"{a.get('class') or ''} {a.get('id') or ''}"
            for a in (block.element, block.element.getparent())
            if a is not None
        )
        date = next((date for part in DATE.findall(block.text) if (date := as_date(part, language))), None)
        if date and (BYLINE.search(names) or len(block.text) <= 60):  # noqa: PLR2004
            yield Found(date, "line under the title")


DATE = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d|(?:19|20)\d\d\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]|"
    r"\d{1,2}\.?(?:st|nd|rd|th|er|º)?\s(?:de\s|di\s)?[^\W\d_]{3,14}\.?,?\s(?:de\s)?(?:19|20)\d\d|"
    r"[^\W\d_]{3,14}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d|\d{1,2}\s?[./]\s?\d{1,2}\s?[./]\s?(?:19|20)\d\d"
)
"""A whole date as it is written in text, with the month as a word or a number."""


def _parsed(value: str, language: str | None) -> str | None:
    import dateparser  # noqa: PLC0415  (slow to load, and seldom needed)

    numbers = re.fullmatch(r"\W*(\d{1,2})\s?([./])\s?(\d{1,2})\s?[./]\s?((?:19|20)\d\d).*", value)
    if numbers and not _is_told_apart(int(numbers[1]), int(numbers[3]), numbers[2], language):
        return None
    code = (language or "").split("-")[0].lower()
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PREFER_LOCALE_DATE_ORDER": True, "STRICT_PARSING": True}
    if numbers:
        is_american = numbers[2] == "/" and (int(numbers[3]) > MONTHS or (language or "").lower() == "en-us")
        settings["DATE_ORDER"] = "MDY" if is_american and int(numbers[1]) <= MONTHS else "DMY"
    for languages in ([code], None) if code else (None,):
        try:
            found = dateparser.parse(value, languages=languages, settings=settings)
        except ValueError:  # a language that it does not know
            continue
        if found is not None:
            return str(found.date().isoformat())
    return None


def _is_told_apart(first: int, second: int, mark: str, language: str | None) -> bool:
    """Whether day and month of a date in numbers can be told apart."""
    if first > MONTHS or second > MONTHS or first == second or mark == ".":
        return True
    return bool(language) and (language or "").lower() != "en"
