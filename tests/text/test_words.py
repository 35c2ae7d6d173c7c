"""Words and figures of texts, as they are compared."""

from __future__ import annotations

import pytest

from factcheck.text.words import figures, words_of_text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,240 or 1 240 or 1.240 or 1’240 or 1\u202f240", ["1240"] * 5),
        ("12.4 per cent, 12,4 Prozent, 12.40", ["12.4"] * 3),
        ("1.234.567,80 and 1,234,567.80", ["1234567.8"] * 2),
        ("0,125 of 0", ["0.125", "0"]),
        ("in 2022 120 people", ["2022", "120"]),
        ("at 06.14 on 2014-06-14", ["6.14", "2014", "6", "14"]),
        ("٣٨ in three scripts: ３８, 38", ["38"] * 3),
        ("no figure here, twelve", []),
    ],
)
def test_figures_are_plain_decimals_however_they_are_written(text: str, found: list[str]) -> None:
    assert [figure.text for figure in figures(text)] == found
    assert all(text[f.start : f.end].strip() == text[f.start : f.end] for f in figures(text))


def test_words_have_their_places_in_any_script() -> None:
    text = "L’Été à Łódź: 東京は12人"
    assert [word.text for word in words_of_text(text)] == ["l", "ete", "a", "łodz", "東", "京", "は", "12", "人"]
    assert [text[w.start : w.end] for w in words_of_text(text)][1] == "Été"
