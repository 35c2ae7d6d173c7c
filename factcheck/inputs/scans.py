"""Read pictures of pages: scans in a PDF, and files that are pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from factcheck.inputs.article import Original, Part, UnreadableError
from factcheck.inputs.limits import bound
from factcheck.inputs.sheets import RECOGNISE, Page, article_of, recognised

MAX_SCANNED = 300
"""Pages of one document that are recognised; at a second or two a page that is ten minutes."""

PAGE_SECONDS = 30
"""Of processor time to draw a page and to clean it; recognition has its own."""

Picture = tuple[Any, float]
"""A picture of a page, and how many dots it has on an inch."""


def recognised_pages(
    pages: Sequence[Page], picture: Callable[[int], Picture | None], language: str | None
) -> list[Page]:
    """The pages, those recognised whose words are to be had from pictures only, if Tesseract is installed."""
    wanted = [page.number for page in pages if page.needs_recognition][:MAX_SCANNED]
    if not wanted or not _can_recognise():
        return list(pages)
    from factcheck.inputs.ocr import Scanner  # noqa: PLC0415  (an extra)

    scanner = Scanner(language)
    found: dict[int, Any] = {}
    for number in wanted:
        bound(PAGE_SECONDS)
        drawn = picture(number)
        scan = scanner.scan(*drawn) if drawn else None
        if scan and (scan.runs or pages[number - 1].trusted):
            found[number] = scan
    return [recognised(page, scan) if (scan := found.get(page.number)) else page for page in pages]


def read_picture(original: Original) -> list[Part]:
    """The words on a picture, or on the pages of one that has several. Raises UnreadableError."""
    if not _can_recognise():
        raise UnreadableError("extra", f"is a picture; {RECOGNISE}")
    from factcheck.inputs.ocr import Scanner, pictures  # noqa: PLC0415

    scanner = Scanner(original.language)
    return [article_of(list(_pages(pictures(original.content, MAX_SCANNED), scanner.scan)))]


def _pages(pictures: Iterable[Picture], scan: Callable[[Any, float], Any]) -> Iterable[Page]:
    for number, drawn in enumerate(pictures, 1):
        bound(PAGE_SECONDS)
        yield recognised(Page(number), scan(*drawn))


def _can_recognise() -> bool:
    try:
        from factcheck.inputs.ocr import available  # noqa: PLC0415
    except ImportError:
        return False
    return available()
