"""Read PDFs: paragraphs in reading order, with the page on which they begin; heads, footnotes and hidden text apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from factcheck.inputs.article import Article, Original, Part, UnreadableError
from factcheck.inputs.glyphs import Run, runs_of, upright
from factcheck.inputs.heads import Parted, without_heads
from factcheck.inputs.layers import Layer, layer_of
from factcheck.inputs.layout import Line, Row, lines_of, row_text, rows_of, with_raised
from factcheck.inputs.notes import OWN_MARK, marks_in, without_footnotes
from factcheck.inputs.paragraphs import CLOSED, Out, Sheet, told
from factcheck.text.invisible import line as one_line
from factcheck.text.language import is_language, language_of

MAX_PAGES = 1000
"""Longer than reports and books of documents that people check; bounds time."""

MIN_LETTERS = 12
"""Letters of a page below which only a picture, a divider or a page number stands on it."""

UNKNOWN = 0.03
"""Part of a page's characters without a meaning of their own, above which its text layer is none."""

MEANINGLESS = re.compile("[\x00-\x1f\ufffd\ue000-\uf8ff]")
SIDEWAYS = 0.2
"""Part of a page's characters that stand in another direction, up to which they are a note on the margin or a stamp."""

NOBODY = frozenset({"anonymous", "unknown", "user", "admin", "administrator", "microsoft office user", "windows user"})
"""Authors that programs put in where nobody gave a name."""


class Page(NamedTuple):
    """What stands on a page, and what is known about it."""

    number: int
    rows: list[Row]
    """What is seen and stands upright."""
    layer: Layer
    sideways: str = ""
    hidden: str = ""
    trusted: bool = True
    """Whether its text layer can be what the page shows."""


def read_pdf(original: Original) -> list[Part]:
    """The one article of a PDF. Raises UnreadableError."""
    document = _opened(original.content)
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableError("too_long", f"has {len(document):,} pages; split it, {MAX_PAGES:,} are the limit")
        pages = _judged([_page(document, number) for number in range(1, len(document) + 1)])
        title = one_line(document.get_metadata_value("Title"), 300)
        author = one_line(document.get_metadata_value("Author"), 120)
    finally:
        document.close()
    if not any(page.trusted and _has_words(page) for page in pages):
        raise UnreadableError(*_no_text(pages))
    sheets, notes, language = _sheets(pages)
    text, marks, left_out = told(sheets, notes, language)
    found = {
        "title": title if title and title.casefold() in " ".join(text[:5000].split()).casefold() else None,
        "author": author if author and author.casefold() not in NOBODY else None,
    }
    fields_from = {name: "metadata of the PDF" for name, value in found.items() if value}
    if language:
        fields_from["language"] = "the words of the text"
    fields = {**found, "language": language}
    return [Article(text, fields, marks, tuple(_notes(pages)), left_out=left_out, fields_from=fields_from)]


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
        return Page(number, [], Layer(broken=True))
    layer = layer_of(page)
    runs = runs_of(text, layer)
    text.close()
    page.close()
    seen = upright([run for run in runs if not run.hidden])
    main, other = (seen[0] if seen else []), [run for group in seen[1:] for run in group]
    if _length(other) > SIDEWAYS * _length(main):
        main, other = [run for group in seen for run in group], []
    rows = rows_of(with_raised(main))
    return Page(number, rows, layer, _words(other), _words([run for run in runs if run.hidden]))


def _length(runs: Sequence[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _words(runs: Sequence[Run]) -> str:
    return "\n".join(row_text(row) for group in upright(list(runs)) for row in rows_of(group))


def _is_empty(page: Page) -> bool:
    letters = (char for row in page.rows for run in row.runs for char in run.text if char.isalpha())
    return sum(1 for _ in islice(letters, MIN_LETTERS)) < MIN_LETTERS


def _has_words(page: Page) -> bool:
    """Whether anything is to be read; a few letters on a picture are a stamp."""
    any_word = any(char.isalnum() for row in page.rows for run in row.runs for char in run.text)
    return any_word and not (page.layer.picture and _is_empty(page))


def _judged(pages: Sequence[Page]) -> list[Page]:
    """The pages, those not trusted whose text layer is in no language; where it is short, as that of all."""
    texts = [" ".join(row_text(row) for row in page.rows) for page in pages]
    verdicts = [None if _is_empty(page) else _is_read(text) for page, text in zip(pages, texts, strict=True)]
    if False not in verdicts and True in verdicts:
        return list(pages)
    whole = _is_read(" ".join(texts))
    return [
        page._replace(trusted=(whole if verdict is None else verdict) is not False)
        for page, verdict in zip(pages, verdicts, strict=True)
    ]


def _is_read(text: str) -> bool | None:
    return False if len(MEANINGLESS.findall(text)) > UNKNOWN * len(text) else is_language(text)


def _no_text(pages: Sequence[Page]) -> tuple[str, str]:
    if any(not page.trusted for page in pages):
        return (
            "untrusted",
            "cannot be read as text: its letters are not those that it shows; recognise it, e.g. with "
            "ocrmypdf --force-ocr",
        )
    if any(page.layer.picture for page in pages):
        return ("scanned", f"holds pictures of {len(pages)} pages and no text; recognise it first, e.g. with ocrmypdf")
    return ("empty", "holds no words")


def _sheets(pages: Sequence[Page]) -> tuple[list[Sheet], set[str], str | None]:
    """The pages as they are read, the marks of their footnotes, and their language."""
    parted = without_heads([page.rows if page.trusted else [] for page in pages])
    gutters = set[float]()
    lines = [lines_of([run for row in part.rows for run in row.runs], gutters) for part in parted]
    size, marks = _size(lines), {mark for page in lines for mark in marks_in(page)}
    sheets, notes, open_note = [], set[str](), False
    for page, part, all_lines in zip(pages, parted, lines, strict=True):
        kept, footnotes = without_footnotes(all_lines, size, marks, goes_on=open_note)
        open_note = bool(footnotes) and not CLOSED.search(footnotes[-1])
        notes |= {match[2] for note in footnotes if (match := OWN_MARK.match(f"{note} ")) and match[2]}
        sheets.append(Sheet(page.number, kept, _above(page, part), _below(page, part, footnotes)))
    sample = " ".join(line.text for page in lines[:3] for line in page)
    return sheets, notes, language_of(sample)


def _size(pages: Sequence[Sequence[Line]]) -> float:
    """The font size in which most of the text is set; the larger of two that are about as common."""
    letters: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            letters[round(line.size, 1)] += len(line.text)
    most = max(letters.values(), default=0)
    return max((size for size, number in letters.items() if 2 * number >= most), default=0.0)


def _above(page: Page, part: Parted) -> list[Out]:
    """What stands on a page before its text and stays out of it."""
    if not page.trusted:
        words = "\n".join(map(row_text, page.rows))
        return [Out("page", words, "its text layer is not what it shows")]
    top = part.rows[0].y if part.rows else 0.0
    return [Out("running_head", row_text(row)) for row in part.heads if row.y > top]


def _below(page: Page, part: Parted, footnotes: Sequence[str]) -> list[Out]:
    top = part.rows[0].y if part.rows else 0.0
    return [
        *(Out("footnote", note) for note in footnotes),
        *(Out("running_head", row_text(row)) for row in part.heads if row.y <= top),
        Out("aside", page.sideways, "stands sideways"),
        Out("hidden", page.hidden),
    ]


def _notes(pages: Sequence[Page]) -> list[tuple[str, str]]:
    notes = []
    if pictures := [page.number for page in pages if _is_empty(page) and (page.layer.picture or page.layer.broken)]:
        listed = f"{len(pictures)} pages that hold pictures or are damaged ({_listed(pictures)})"
        notes.append(("scanned", f"no text was found on {listed}"))
    if untrusted := [page.number for page in pages if not page.trusted]:
        listed = f"{len(untrusted)} pages ({_listed(untrusted)})"
        notes.append(("untrusted", f"the letters of {listed} are not those that they show; recognise them with OCR"))
    if recognised := sum(page.layer.recognised for page in pages):
        notes.append(
            ("recognised", f"the text of {recognised} pages lies behind a picture of them and may differ from it")
        )
    hidden = Counter(how for page in pages for how in page.layer.hidden.values())
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers of the pages do not see was taken out ({listed})"))
    return notes


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")  # noqa: PLR2004
