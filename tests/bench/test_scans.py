"""How well scans are recognised, by language and by how bad they are; and that what is wrong is flagged."""

from __future__ import annotations

import time

import pytest
from rapidfuzz.distance import Levenshtein

from factcheck.inputs.ocr import CODES, Scanner
from factcheck.inputs.sheets import Page, article_of, recognised
from tests.support.reading import flat, words_of
from tests.support.scans import installed, scanned

HERE = installed()
LANGUAGES = ["en", "de", "fi", "fr", "ru", "el", "ar"]
BAD = [(200, 0.0), (200, 0.3), (110, 0.0), (110, 0.3), (110, 0.5), (110, 0.8)]
"""The language is found out on clean pages and given on dirty ones."""

WRONG = 0.03
"""Character error rate above which a page has to be flagged."""


@pytest.mark.skipif("eng" not in HERE, reason="no Tesseract or no font")
def test_scans() -> None:
    print(f"\n{'':4}{'dpi':>5}{'dust':>6}{'errors':>9}{'sure':>6}{'flag':>6}{'seconds':>9}")
    unflagged = []
    for language in LANGUAGES:
        if CODES[language] not in HERE:
            print(f"{language}: Tesseract has no {CODES[language]}")
            continue
        wanted = " ".join(words_of(language))
        for dpi, dust in BAD:
            began = time.perf_counter()
            scan = Scanner(language if dust else None).scan(
                scanned(words_of(language), dpi, dust, rtl=language == "ar"), dpi
            )
            seconds = time.perf_counter() - began
            page = recognised(Page(1), scan)
            text = article_of([page]).text if page.is_read else ""
            errors = Levenshtein.distance(flat(text), flat(wanted)) / len(wanted)
            flag = "left" if not page.is_read else "" if scan.is_sure else "yes"
            print(f"{language:4}{dpi:5}{dust:6}{errors:9.3f}{scan.confidence:6}{flag:>6}{seconds:9.1f}")
            unflagged += [(language, dpi, dust, errors)] if errors > WRONG and not flag else []
            assert dpi < 200 or dust or errors <= 0.02
    assert unflagged == []
