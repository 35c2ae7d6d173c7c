"""How fast pages and PDFs are read, without a model, start of the reading processes included."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import NamedTuple

from factcheck.inputs.documents import read
from tests.support.build_pdf import Page, paragraphs, pdf
from tests.support.reading import FIXTURES, words_of

MIN_PAGES = 20.0
MIN_PDF_PAGES = 100.0
"""Per second, on two cores."""

RULES = "".join(
    f".c{n}, nav a.c{n}:hover {{ color: #{n:03x}; margin: {n % 9}px; display: block }}\n" for n in range(400)
)
LINKS = "".join(
    f'<li class="c{n}"><a href="/story/{n}">Another story of the day, number {n}</a></li>' for n in range(250)
)
SCRIPT = "window.data = [" + ",".join(f'"{n:064d}"' for n in range(800)) + "];"


def test_html_pages(tmp_path: Path) -> None:
    source = (FIXTURES / "page-en.html").read_text(encoding="utf-8")
    extra = "".join(f"<p>{text} This is part {n}.</p>" for n in range(10) for text in words_of("en"))
    for n in range(200):
        page = source.replace("</head>", f"<style>/* site {n % 20} */ {RULES}</style><script>{SCRIPT}</script></head>")
        page = page.replace("<aside>", f"<aside><ul>{LINKS}</ul>").replace(
            "</article>", f"{extra}<p>Story {n}.</p></article>"
        )
        (tmp_path / f"{n:03}.html").write_text(page, encoding="utf-8")
    size = (tmp_path / "000.html").stat().st_size
    rate = _rate(tmp_path, 200, 200)
    print(f"\nHTML: {rate}; 200 pages of {size / 1000:.0f} kB, of 20 sites")
    assert max(rate) >= MIN_PAGES


def test_pdf_pages(tmp_path: Path) -> None:
    for n in range(20):
        page = Page(paragraphs(*(f"{text} This is part {n}." for text in words_of("en") * 4), columns=90))
        (tmp_path / f"{n:02}.pdf").write_bytes(pdf([page] * 50))
    letters = sum(len(line.text) for line in page.lines)
    rate = _rate(tmp_path, 1000, 20)
    print(f"\nPDF: {rate}; 20 files of 50 pages, {letters:,} characters a page")
    assert max(rate) >= MIN_PDF_PAGES


class Rate(NamedTuple):
    """Pages a second by the clock, and by the processor time of two cores, which others on the machine do not slow."""

    clock: float
    cores: float

    def __str__(self) -> str:
        return f"{self.clock:.0f} pages/s ({self.cores:.0f} by the processor time of two cores)"


def _rate(folder: Path, pages: int, documents: int) -> Rate:
    began, used = time.perf_counter(), _processor_seconds()
    reading = read([folder])
    seconds, used = time.perf_counter() - began, _processor_seconds() - used
    assert len(reading.documents) == documents
    return Rate(pages / seconds, pages / (used / 2))


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
