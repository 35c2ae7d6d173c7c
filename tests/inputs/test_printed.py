"""Pages that a browser prints: every letter drawn for itself, real fonts, scripts in both directions."""

# ruff: noqa: E501  (a page and its words, each in one line)

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from factcheck.inputs.article import Article
from tests.support.pdf_reading import article_of, left_out

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")

PAGE = """<!doctype html><meta charset="utf-8"><style>
@page { size: A4; margin: 2cm } body { font: 11pt serif } .columns { columns: 2; text-align: justify; hyphens: auto }
sup, sub { font-size: 70% } table { width: 100%; border-collapse: collapse }
.stamp { position: absolute; transform: rotate(-45deg); top: 300px; left: 200px; font-size: 60px; color: #ccc }
.notes { position: absolute; bottom: 0; font-size: 8pt }
</style><body lang="en"><h1>Council turns down every offer for the north pier of the port</h1>
<div class="columns"><p>The council sat on Tuesday and turned down every offer for the north pier<sup>1</sup>, said its head,
Mia Holt. The yard measures 4,200 m<sup>2</sup>, or 4.2 × 10<sup>3</sup> square metres, and the 5<sup>th</sup> berth is
closed. Emissions of CO<sub>2</sub> fell by a third. The municipality had not been informed about the negotiations, according
to documents that this newspaper has obtained under the freedom of information act.</p><p>“Nobody will buy us,” she said. The
non-European bidder spoke of a German-Swedish conspiracy. New piles cost 740,000 crowns, and the county has not said what it
will give towards the repairs of the pier, which was built more than a hundred years ago.</p></div>
<table><tr><th>Port<th>Berths<th>Income</tr><tr><td>Skarvik<td>12<td>3.2 million</tr><tr><td>Holma<td>7<td>1.1 million</tr></table>
<p>Below the table the text goes on across the page, and here it ends.</p>
<p dir="rtl" lang="ar">قال الوزير إن الرصيف لن يباع قبل عام 2031. وبلغت التكلفة 3.2 مليون في (2029) حسب شركة Nord Marine AS و 40% من المال.</p>
<p dir="rtl" lang="he">הרציף ייסגר ב-12.5.2031, אמרה ראש המועצה (דנה לוי) על Covid 19.</p>
<div class="stamp">DRAFT</div><p class="notes"><sup>1</sup> Built in 1911 by the state.</p>"""

SAYS = [
    "turned down every offer for the north pier, said its head, Mia Holt. The yard measures 4,200 m², or 4.2 × 10³ square",
    (
        "and the 5th berth is closed. Emissions of CO2 fell by a third. The municipality had not been informed about the "
        "negotiations, according to documents that this newspaper has obtained under the freedom of information act."
    ),
    "The non-European bidder spoke of a German-Swedish conspiracy. New piles cost 740,000 crowns,",
    "repairs of the pier, which was built more than a hundred years ago.",
    "Port | Berths | Income\nSkarvik | 12 | 3.2 million\nHolma | 7 | 1.1 million",
    "قال الوزير إن الرصيف لن يباع قبل عام 2031. وبلغت التكلفة 3.2 مليون في (2029) حسب شركة Nord Marine AS و 40% من المال.",
    "הרציף ייסגר ב-12.5.2031, אמרה ראש המועצה (דנה לוי) על Covid 19.",
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Article:
    """The page, printed and read."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "a.html").write_text(PAGE, encoding="utf-8")
    arguments = ["--headless", "--no-sandbox", "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}"]
    subprocess.run(
        [str(CHROMIUM), *arguments, f"--print-to-pdf={folder / 'a.pdf'}", str(folder / "a.html")],
        check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    if not Path(folder / "a.pdf").exists():
        pytest.skip("chromium cannot print here")
    return article_of((folder / "a.pdf").read_bytes())


@pytest.mark.parametrize("words", SAYS)
def test_what_a_browser_printed_is_read_as_it_was_written(printed: Article, words: str) -> None:
    assert words in printed.text


def test_its_notes_and_stamps_are_left_out(printed: Article) -> None:
    assert left_out(printed, "note_mark") == ["1"]
    assert left_out(printed, "footnote") == ["1 Built in 1911 by the state."]
    assert left_out(printed, "aside") == ["DRAFT"]
