"""Read PDFs: what their pages show as text; pages that are pictures are recognised where that can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pypdfium2
from pypdfium2 import raw

from factcheck.inputs.article import Original, Part, UnreadableError
from factcheck.inputs.glyphs import Run, runs_of, upright
from factcheck.inputs.layers import layer_of
from factcheck.inputs.layout import row_text, rows_of, with_raised
from factcheck.inputs.scans import recognised_pages
from factcheck.inputs.sheets import Page, article_of, judged
from factcheck.text.invisible import line as one_line

MAX_PAGES = 1000
"""Longer than reports and books of documents that people check; bounds time."""

SIDEWAYS = 0.2
"""Part of a page's characters that stand in another direction, up to which they are a note on the margin or a stamp."""

NOBODY = frozenset({"anonymous", "unknown", "user", "admin", "administrator", "microsoft office user", "windows user"})
"""Authors that programs put in where nobody gave a name."""


MIN_DPI, MAX_DPI, USUAL_DPI = 100.0, 300.0, 200.0
"""Dots an inch in which a page is recognised: as many as its picture has, within bounds."""

MAX_DOTS = 5000
"""Along one side of a page; posters are larger."""


def read_pdf(original: Original) -> list[Part]:
    """The one article of a PDF. Raises UnreadableError."""
    document = _opened(original.content)
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableError("too_long", f"has {len(document):,} pages; split it, {MAX_PAGES:,} are the limit")
        pages = judged([_page(document, number) for number in range(1, len(document) + 1)])
        pages = recognised_pages(pages, lambda number: _picture(document, number), original.language)
        title = one_line(document.get_metadata_value("Title"), 300)
        author = one_line(document.get_metadata_value("Author"), 120)
    finally:
        document.close()
    article = article_of(pages)
    beginning = " ".join(article.text[:5000].split()).casefold()
    found = {
        "title": title if title and title.casefold() in beginning else None,
        "author": author if author and author.casefold() not in NOBODY else None,
    }
    told = {name: "metadata of the PDF" for name, value in found.items() if value}
    return [article._replace(fields={**article.fields, **found}, fields_from={**article.fields_from, **told})]


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise UnreadableError("encrypted", "is protected by a password; save it without one") from None
        raise UnreadableError("damaged", "is damaged or no PDF; save it again") from None


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return Page(number, picture=True)
    layer = layer_of(page)
    runs = runs_of(text, layer)
    text.close()
    page.close()
    seen = upright([run for run in runs if not run.hidden])
    main, other = (seen[0] if seen else []), [run for group in seen[1:] for run in group]
    if _length(other) > SIDEWAYS * _length(main):
        main, other = [run for group in seen for run in group], []
    return Page(
        number,
        rows_of(with_raised(main)),
        sideways=_words(other),
        hidden=_words([run for run in runs if run.hidden]),
        hiding=Counter(layer.hidden.values()),
        picture=layer.picture,
        layered=layer.recognised,
    )


def _picture(document: pypdfium2.PdfDocument, number: int) -> tuple[Any, float] | None:
    """A page as a picture, and how many dots it has on an inch; None where it cannot be drawn."""
    try:
        page = document[number - 1]
        sizes = [
            image.get_px_size()[0] / max(1.0, image.get_bounds()[2] - image.get_bounds()[0]) * 72
            for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2)
        ]
        dots = min(max(*sizes, MIN_DPI), MAX_DPI) if sizes else USUAL_DPI
        dots = min(dots, MAX_DOTS / max(page.get_size()) * 72)
        return page.render(scale=dots / 72, grayscale=True).to_pil(), dots
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return None


def _length(runs: Sequence[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _words(runs: Sequence[Run]) -> str:
    return "\n".join(row_text(row) for group in upright(list(runs)) for row in rows_of(group))
