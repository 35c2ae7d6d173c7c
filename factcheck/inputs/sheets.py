"""Pages become an article: in reading order, without what belongs to the page and not to its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from factcheck.inputs.article import Article, UnreadableError
from factcheck.inputs.heads import Parted, without_heads
from factcheck.inputs.layout import Line, Row, lines_of, row_text, rows_of
from factcheck.inputs.notes import OWN_MARK, marks_in, without_footnotes
from factcheck.inputs.paragraphs import CLOSED, Out, Sheet, told
from factcheck.text.language import is_language, language_of

if TYPE_CHECKING:
    from factcheck.inputs.ocr import Scan

MIN_LETTERS = 12
"""Letters of a page below which only a picture, a divider or a page number stands on it."""

UNKNOWN = 0.03
"""Part of a page's characters without a meaning of their own, above which its text layer is none."""

MEANINGLESS = re.compile("[\x00-\x1f\ufffd\ue000-\uf8ff]")
LEGIBLE = 70
"""Confidence of 100 below which a recognised page is not read: Tesseract writes words for any noise."""


RECOGNISE = "to recognise it, install Tesseract (apt-get install tesseract-ocr) and 'factcheck-desk[ocr]'"
SAYS = {
    "scanned": "no text was found on pages that hold pictures or are damaged ({}); install Tesseract to recognise them",
    "untrusted": "the letters of pages are not those that they show ({}); to recognise them, install Tesseract",
    "recognised": "the text of pages lies behind a picture of them and may differ from it ({})",
}


class Page(NamedTuple):
    """What stands on a page, and what is known about it."""

    number: int
    rows: Sequence[Row] = ()
    """What is seen and stands upright."""
    sideways: str = ""
    hidden: str = ""
    hiding: Mapping[str, int] = MappingProxyType({})
    """How words are hidden, and how often."""
    picture: bool = False
    """Whether a picture covers most of it, or it is damaged."""
    layered: bool = False
    """Whether its text lies behind such a picture, as text recognition leaves it."""
    trusted: bool = True
    """Whether its text layer can be what the page shows."""
    scan: Scan | None = None
    """How its words were recognised, if they were."""

    @property
    def is_empty(self) -> bool:
        """Whether no more than a stamp or a number stands on it."""
        letters = (char for row in self.rows for run in row.runs for char in run.text if char.isalpha())
        return sum(1 for _ in islice(letters, MIN_LETTERS)) < MIN_LETTERS

    @property
    def is_read(self) -> bool:
        """Whether its words go into the text."""
        any_word = any(char.isalnum() for row in self.rows for run in row.runs for char in run.text)
        legible = self.scan is None or self.scan.confidence >= LEGIBLE
        return any_word and legible and self.trusted and not (self.picture and self.is_empty and not self.scan)

    @property
    def needs_recognition(self) -> bool:
        """Whether its words are to be had from a picture only."""
        return not self.trusted or (self.picture and self.is_empty)


def recognised(page: Page, scan: Scan) -> Page:
    """A page with the words that were recognised on it."""
    return page._replace(rows=rows_of(scan.runs), scan=scan, sideways="", trusted=True, layered=False)


def article_of(pages: Sequence[Page]) -> Article:
    """The article on pages. Raises UnreadableError where none can be read."""
    if not any(page.is_read for page in pages):
        raise UnreadableError(*_no_text(pages))
    sheets, marks, language = _sheets(pages)
    text, places, left_out = told(sheets, marks, language)
    fields = {"language": language} if language else {}
    fields_from = {"language": "the words of the text"} if language else {}
    return Article(text, fields, places, tuple(_notes(pages)), left_out=left_out, fields_from=fields_from)


def judged(pages: Sequence[Page]) -> list[Page]:
    """The pages, those not trusted whose text layer is in no language; where it is short, as that of all."""
    texts = [" ".join(row_text(row) for row in page.rows) for page in pages]
    verdicts = [None if page.is_empty else _is_read(text) for page, text in zip(pages, texts, strict=True)]
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
    if scans := [page.scan for page in pages if page.scan and not page.scan.is_blank]:
        best = max(scan.confidence for scan in scans)
        return ("illegible", f"cannot be recognised ({best} of 100 is sure, {LEGIBLE} are needed); scan it at 300 dpi")
    if any(not page.trusted for page in pages):
        return ("untrusted", f"cannot be read as text: its letters are not those that it shows; {RECOGNISE}")
    if any(page.scan for page in pages):
        return ("empty", "holds pictures in which no words were found")
    if any(page.picture for page in pages):
        return ("scanned", f"holds pictures of {len(pages)} pages and no text; {RECOGNISE}")
    return ("empty", "holds no words")


def _sheets(pages: Sequence[Page]) -> tuple[list[Sheet], set[str], str | None]:
    """The pages as they are read, the marks of their footnotes, and their language."""
    parted = without_heads([page.rows if page.is_read else [] for page in pages])
    gutters = set[float]()
    lines = [lines_of([run for row in part.rows for run in row.runs], gutters) for part in parted]
    size, marks = _size(lines), {mark for page in lines for mark in marks_in(page)}
    sheets, notes, open_note = [], set[str](), False
    for page, part, all_lines in zip(pages, parted, lines, strict=True):
        kept, footnotes = without_footnotes(all_lines, size, marks, goes_on=open_note)
        open_note = bool(footnotes) and not CLOSED.search(footnotes[-1])
        notes |= {match[2] for note in footnotes if (match := OWN_MARK.match(f"{note} ")) and match[2]}
        placed = [_placed(line, page.scan) for line in kept] if page.scan else kept
        sheets.append(Sheet(page.number, placed, _above(page, part), _below(page, part, footnotes)))
    sample = " ".join(line.text for page in lines[:3] for line in page)
    return sheets, notes, language_of(sample)


def _placed(line: Line, scan: Scan) -> Line:
    """A recognised line with its place on the page."""
    half = line.size * 0.6
    top, bottom = scan.height - line.y - half, scan.height - line.y + half
    return line._replace(box=(round(line.left), round(top), round(line.right), round(bottom)))


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
    if not page.is_read:
        why = f"recognised with {page.scan.confidence} of 100" if page.scan else "its text layer is not what it shows"
        return [Out("page", "\n".join(map(row_text, page.rows)), why)]
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
    """What is to be said of pages."""
    scans = [(page.number, page.scan) for page in pages if page.scan and not page.scan.is_blank]
    bad = [f"{number} with {scan.confidence}" for number, scan in scans if scan.confidence < LEGIBLE]
    unsure = [
        f"{number} with {scan.confidence}{' and not all of it' if scan.is_partial else ''}"
        for number, scan in scans
        if scan.confidence >= LEGIBLE and not scan.is_sure
    ]
    numbers = {
        "scanned": [p.number for p in pages if p.picture and p.is_empty and not p.scan],
        "untrusted": [p.number for p in pages if not p.trusted],
        "recognised": [p.number for p in pages if p.layered],
    }
    notes = [(code, SAYS[code].format(_listed(found))) for code, found in numbers.items() if found]
    if scans:
        notes.append(("recognised", f"words recognised in pictures by a machine: {len(scans)} of {len(pages)} pages"))
    if bad:
        notes.append(
            ("illegible", f"pages that could not be recognised (confidence of 100): {_listed(bad)}; scan anew")
        )
    if unsure:
        notes.append(("unsure", f"compare quotes with the page; recognised with doubt (of 100): {_listed(unsure)}"))
    hidden: Counter[str] = Counter()
    for page in pages:
        hidden.update(page.hiding)
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers of the pages do not see was taken out ({listed})"))
    return notes


def _listed(found: Sequence[object]) -> str:
    return ", ".join(map(str, found[:8])) + (" …" if len(found) > 8 else "")  # noqa: PLR2004
