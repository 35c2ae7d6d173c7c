"""Read PDFs: paragraphs with the page on which they begin, without running heads and without hidden text."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, joined
from factcheck.inputs.layers import Layer, layer_of
from factcheck.text.invisible import line as one_line

MAX_PAGES = 1000
"""Longer than reports and books of documents that people check; bounds time."""

MIN_LETTERS = 12
"""Letters of a page below which only a picture, a divider or a page number stands on it."""

GAP = 1.45
"""Lines apart, in leadings of the page, that begin a paragraph; set text varies by a fifth."""

OTHER_SIZE = 0.12
"""Relative change of the font size that sets a headline apart."""

REPEATED = 3
"""Pages on which a first or last line must stand to be a running head."""

CLOSED = re.compile(r"[.!?…:;。！？；：।؟۔][\"'”’»)\]」』]*$")
PAGE_NUMBER = re.compile(
    r"^\W*(?:(?:page|seite|s\.|p\.|página|pagina|strona|стр\.?|sivu|sida|صفحة|עמוד|第)\s*)?\d{1,4}\s*(?:(?:/|of|von|de|sur|z|из)\s*\d{1,4})?\s*(?:页|頁|ページ)?\W*$",
    re.IGNORECASE,
)
BULLET = re.compile(r"^(?:[•▪■●◦–—*·]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Scripts without spaces that close their sentences with a mark; Thai and Lao do not."""

SPACELESS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u0e00-\u0eff]")
HYPHEN = 2
"""What pdfium gives for a hyphen that divides a word at the end of a line."""


class Line(NamedTuple):
    """A line as it is set: its text, where it begins, and how large it is."""

    text: str
    x: float
    y: float
    size: float


class Page(NamedTuple):
    """The lines of a page that are seen, and what is known about it."""

    number: int
    lines: list[Line]
    layer: Layer


def read_pdf(original: Original) -> list[Part]:
    """The one article of a PDF. Raises UnreadableError."""
    document = _opened(original.content)
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableError("too_long", f"has {len(document):,} pages; split it, {MAX_PAGES:,} are the limit")
        pages = [_page(document, number) for number in range(1, len(document) + 1)]
        title = one_line(document.get_metadata_value("Title"), 300)
        author = one_line(document.get_metadata_value("Author"), 120)
    finally:
        document.close()
    empty = [page.number for page in pages if _letters(page) < MIN_LETTERS]
    if len(empty) == len(pages):
        raise UnreadableError(*_no_text(pages))
    text, marks = joined(_pieces(_without_running_heads(pages)))
    fields = {"title": title if title and title.casefold() in " ".join(text[:5000].split()).casefold() else None}
    return [Article(text, {**fields, "author": author}, marks, tuple(_notes(pages, empty)))]


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise UnreadableError("encrypted", "is protected by a password; save it without one") from None
        raise UnreadableError("damaged", "is damaged or no PDF; save it again") from None


def _no_text(pages: list[Page]) -> tuple[str, str]:
    if any(page.layer.picture for page in pages):
        return ("scanned", f"holds pictures of {len(pages)} pages and no text; recognise it first, e.g. with ocrmypdf")
    return ("empty", "holds no words")


def _page(document: pypdfium2.PdfDocument, number: int) -> Page:
    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return Page(number, [], Layer(broken=True))
    layer = layer_of(page)
    lines = _lines(text, layer)
    text.close()
    page.close()
    return Page(number, lines, layer)


def _lines(text: pypdfium2.PdfTextPage, layer: Layer) -> list[Line]:
    found: list[Line] = []
    units: list[int] = []
    first = -1
    for index in range(raw.FPDFText_CountChars(text)):
        unit = raw.FPDFText_GetUnicode(text, index)
        if unit in {10, 13}:
            if unit == 10:  # noqa: PLR2004  (a line feed; pdfium puts a carriage return before it)
                found += _line(text, units, first)
                units, first = [], -1
        elif not layer.hidden or not layer.hides(text, index):
            if unit != HYPHEN:
                units.append(unit or 0xFFFD)
            first = index if first < 0 and unit > 32 else first  # noqa: PLR2004  (a space)
    return [*found, *_line(text, units, first)]


def _line(text: pypdfium2.PdfTextPage, units: list[int], first: int) -> list[Line]:
    if first < 0:
        return []
    words = b"".join(unit.to_bytes(2, "little") for unit in units if unit <= 0xFFFF).decode("utf-16-le", "replace")  # noqa: PLR2004
    x, y = raw.c_double(), raw.c_double()
    raw.FPDFText_GetCharOrigin(text, first, x, y)
    return [Line(" ".join(words.split()), x.value, y.value, raw.FPDFText_GetFontSize(text, first))]


def _letters(page: Page) -> int:
    return sum(char.isalpha() for line in page.lines for char in line.text)


def _without_running_heads(pages: list[Page]) -> list[Page]:
    """Pages without page numbers and without first and last lines that repeat from page to page."""
    edges = Counter(key for page in pages for key in {_key(line) for line in (*page.lines[:2], *page.lines[-2:])})
    often = max(REPEATED, len(pages) // 3)
    kept = []
    for page in pages:
        lines, leading = list(page.lines), _leading(page.lines)
        while lines and _is_edge(lines[:2], leading, edges, often):
            del lines[0]
        while lines and _is_edge(lines[:-3:-1], leading, edges, often):
            del lines[-1]
        kept.append(page._replace(lines=lines))
    return kept


def _is_edge(lines: list[Line], leading: float, edges: Counter[str], often: int) -> bool:
    """Whether the first of two lines from the edge is a page number, or a running head set apart from the text."""
    if PAGE_NUMBER.match(lines[0].text):
        return True
    apart = len(lines) == 1 or abs(lines[0].y - lines[1].y) > GAP * leading
    return apart and edges[_key(lines[0])] >= often


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _pieces(pages: list[Page]) -> list[Piece]:
    """Paragraphs; one that goes on over the page goes on behind the new page's mark."""
    pieces: list[Piece] = []
    last = ""
    for page in pages:
        leading = _leading(page.lines)
        for at, line in enumerate(page.lines):
            before = page.lines[at - 1] if at else None
            separator = _separator(before, line, leading) if before else _over_the_page(last, line.text)
            if separator in {" ", ""} and at and pieces:
                pieces[-1] = pieces[-1]._replace(text=f"{pieces[-1].text}{separator}{line.text}")
            else:
                pieces.append(Piece(line.text, separator, page=page.number if not at else None))
            last = line.text
    return pieces


def _leading(lines: list[Line]) -> float:
    """How far lines of a paragraph are apart: a low quartile, since most gaps are within paragraphs."""
    gaps = sorted(a.y - b.y for a, b in pairwise(lines) if a.y > b.y)
    return gaps[len(gaps) // 4] if gaps else 0.0


def _separator(before: Line, line: Line, leading: float) -> str:
    """What stands between two lines: nothing, a space, a line feed before an item of a list, or an empty line."""
    if BULLET.match(line.text):
        return "\n"
    unfinished = not CLOSED.search(before.text) and line.text[:1].islower()
    gap = before.y - line.y
    apart = gap < -1 or (leading > 0 and gap > GAP * leading)
    resized = abs(before.size - line.size) > OTHER_SIZE * max(before.size, line.size)
    indented = line.x > before.x + line.size and bool(CLOSED.search(before.text))
    if (apart or resized or indented) and not unfinished:
        return "\n\n"
    return _space(before.text, line.text)


def _over_the_page(before: str, after: str) -> str:
    goes_on = before and not CLOSED.search(before) and (after[:1].islower() or CJK.match(after))
    return _space(before, after) if goes_on else "\n\n"


def _space(before: str, after: str) -> str:
    return "" if before and SPACELESS.match(before[-1]) and SPACELESS.match(after[:1]) else " "


def _notes(pages: list[Page], empty: list[int]) -> list[tuple[str, str]]:
    notes = []
    pictures = [n for n in empty if pages[n - 1].layer.picture or pages[n - 1].layer.broken]
    if pictures:
        listed = ", ".join(map(str, pictures[:8])) + (" …" if len(pictures) > 8 else "")  # noqa: PLR2004
        notes.append(
            ("scanned", f"no text was found on {len(pictures)} pages that hold pictures or are damaged ({listed})")
        )
    if recognised := sum(page.layer.recognised for page in pages):
        notes.append(
            ("recognised", f"the text of {recognised} pages lies behind a picture of them and may differ from it")
        )
    hidden = Counter(how for page in pages for how in page.layer.hidden.values())
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers of the pages do not see was taken out ({listed})"))
    return notes
