"""Scans and pictures are recognised page by page, and what may be wrong is said to be."""

from __future__ import annotations

import io
import os
import re
import stat
import textwrap
from pathlib import Path

import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein
from reportlab.pdfgen.canvas import Canvas

from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.inputs.ocr import CODES
from factcheck.models import Document
from tests.support.pdf_reading import shifted
from tests.support.reading import assert_exact, flat, read_bytes, words_of
from tests.support.scans import as_pdf, installed, png, scanned

HERE = installed()
needs_tesseract = pytest.mark.skipif(
    "eng" not in HERE, reason="no Tesseract or no font: apt-get install tesseract-ocr fonts-dejavu-core"
)
LANGUAGES = ["en", "de", "fi", "fr", "ru", "el", "ar"]


def error_rate(found: str, wanted: str) -> float:
    """Of characters."""
    return Levenshtein.distance(flat(found), flat(wanted)) / len(wanted)


def read_scan(folder: Path, name: str, content: bytes, language: str | None = None) -> Reading:
    """What reading a scan gives."""
    (folder / name).write_bytes(content)
    return read([folder / name], fetching=Fetching(language=language))


def codes(reading: Reading) -> set[str]:
    """The codes of all problems."""
    return {problem.code for problem in reading.problems}


@needs_tesseract
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clean_scan_is_recognised_in_its_language(tmp_path: Path, language: str) -> None:
    if CODES[language] not in HERE:
        pytest.skip(f"Tesseract has no {CODES[language]}")
    page = scanned(words_of(language), rtl=language == "ar")
    (document,) = read_scan(tmp_path, "a.png", png(page)).documents
    assert error_rate(document.text, " ".join(words_of(language))) <= 0.02
    assert document.origin is not None
    assert document.origin.media_type == "image/png"


@needs_tesseract
@pytest.mark.parametrize("dust", [0.3, 0.6, 0.9])
def test_a_wrong_page_is_flagged(tmp_path: Path, dust: float) -> None:
    reading = read_scan(tmp_path, "a.png", png(scanned(words_of("en"), 110, dust), 110), "en")
    text = reading.documents[0].text if reading.documents else ""
    assert error_rate(text, " ".join(words_of("en"))) <= 0.02 or codes(reading) & {"unsure", "illegible"}


@needs_tesseract
def test_noise_is_not_read_as_words(tmp_path: Path) -> None:
    reading = read_scan(tmp_path, "a.png", png(scanned(words_of("en"), 110, 1.0), 110), "en")
    assert reading.documents == []
    (problem,) = reading.problems
    assert problem.code in {"illegible", "empty"}
    assert "\n" not in problem.message


@needs_tesseract
def test_a_scanned_pdf_is_recognised_page_by_page_with_its_places(tmp_path: Path) -> None:
    pages = [scanned([words_of("en")[0]]), scanned([words_of("en")[1]]), scanned([])]
    reading = read_scan(tmp_path, "a.pdf", as_pdf(pages), "en")
    (document,) = reading.documents
    assert flat(document.text) == " ".join(words_of("en")[:2])
    assert {mark.page for mark in document.marks} == {1, 2}
    assert codes(reading) == {"recognised"}
    _assert_boxes(document)
    report = assert_exact([document])
    assert {quote.page for claim in report.claims for quote in claim.quotes} == {1, 2}


def _assert_boxes(document: Document) -> None:
    """Every line has its place, one under the other, on a page of A4."""
    for page in (1, 2):
        boxes = [mark.box for mark in document.marks if mark.page == page]
        assert len(boxes) >= 2
        assert all(box is not None and 60 < box[0] < 70 and box[0] < box[2] < 595 for box in boxes)
        tops = [box[1] for box in boxes if box]
        assert tops == sorted(tops)
        assert 55 < tops[0] < 75


@needs_tesseract
def test_a_tiff_has_pages(tmp_path: Path) -> None:
    pages = [scanned([words_of("en")[0]]), scanned([words_of("en")[1]])]
    (document,) = read_scan(tmp_path, "a.tif", as_pdf(pages, kind="TIFF"), "en").documents
    assert flat(document.text) == " ".join(words_of("en")[:2])
    assert {mark.page for mark in document.marks} == {1, 2}


@needs_tesseract
def test_a_page_among_others_that_is_a_picture_is_recognised(tmp_path: Path) -> None:
    pages = [scanned([words_of("en")[0]]), scanned(words_of("en"), 110, 1.0)]
    reading = read_scan(tmp_path, "a.pdf", as_pdf(pages), "en")
    (document,) = reading.documents
    assert flat(document.text) == words_of("en")[0]
    assert "illegible" in codes(reading)
    assert {out.page for out in document.left_out if out.kind == "page"} <= {2}


def mistold(text: str) -> bytes:
    """A PDF that shows a text and whose text layer has every letter moved by eleven, as damaged fonts do."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont("Vera", "Vera.ttf"))
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=0)
    rows = textwrap.wrap(text, 80)
    for n, row in enumerate(rows):
        canvas.setFont("Vera", 11)
        canvas.drawString(60, 760 - 15 * n, row)
    canvas.save()
    table = re.compile(rb"<(\w\w)> <00(\w\w)>")
    return table.sub(lambda m: b"<%s> <00%02X>" % (m[1], ord(shifted(chr(int(m[2], 16)), 11))), out.getvalue())


def test_a_text_layer_that_is_none_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reading = read_scan(tmp_path, "a.pdf", mistold(" ".join(words_of("en"))))
    assert reading.documents == []
    assert codes(reading) == {"untrusted"}


@needs_tesseract
def test_a_text_layer_that_is_none_is_recognised_as_it_is_seen(tmp_path: Path) -> None:
    reading = read_scan(tmp_path, "a.pdf", mistold(" ".join(words_of("en"))))
    (document,) = reading.documents
    assert error_rate(document.text, " ".join(words_of("en"))) <= 0.02
    assert codes(reading) - {"unsure"} == {"recognised"}


@needs_tesseract
def test_a_page_on_its_side_is_turned(tmp_path: Path) -> None:
    page = scanned(words_of("en")).rotate(90, expand=True)
    (document,) = read_scan(tmp_path, "a.png", png(page), "en").documents
    assert error_rate(document.text, " ".join(words_of("en"))) <= 0.02


@needs_tesseract
def test_a_language_that_is_not_installed_is_named(tmp_path: Path) -> None:
    reading = read_scan(tmp_path, "a.png", png(scanned(words_of("en"))), "xxx")
    (problem,) = reading.problems
    assert (problem.code, "tesseract-ocr-xxx" in problem.message) == ("extra", True)


def test_without_the_program_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, content in (("a.png", png(scanned_blank())), ("b.pdf", as_pdf([scanned_blank()]))):
        (problem,) = read_bytes(tmp_path, name, content).problems
        assert problem.code in {"extra", "scanned"}
        assert "install Tesseract" in problem.message


def scanned_blank() -> Image.Image:
    """An empty page."""
    return Image.new("L", (800, 1100), 255)


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "sleep 30",
        "echo nonsense",
        "head -c 300000 /dev/urandom",
        "printf 'level\\n5\\t1\\n'",
        "printf 'level\\n2\\n2\\t1\\n'",
        "kill -9 $$",
    ],
)
def test_a_program_that_fails_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    fake = folder / "tesseract"
    body = 'case "$*" in *list-langs*) printf "langs\\neng\\n"; exit 0;; esac\n'
    fake.write_text(f"#!/bin/sh\n{body}{script}\n", encoding="utf-8")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr("factcheck.inputs.ocr.SECONDS", 1.0)
    from factcheck.inputs import ocr
    from factcheck.inputs.article import Original, UnreadableError
    from factcheck.inputs.scans import read_picture

    ocr._installed.cache_clear()
    monkeypatch.setattr("factcheck.inputs.scans.bound", lambda seconds: None)
    try:
        with pytest.raises(UnreadableError) as raised:
            read_picture(Original("a.png", png(scanned_blank()), language="en"))
        assert raised.value.code in {"illegible", "empty"}
    finally:
        ocr._installed.cache_clear()
