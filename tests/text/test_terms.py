"""What texts are found by: the same word, name or figure in another language, alphabet or way of writing."""

from __future__ import annotations

import pytest

from factcheck.text.terms import capitalised, keys_of, terms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the minister", "le ministre"),
        ("the president", "президент"),
        ("Zelenskyy spoke", "Зеленський сказав"),
        ("2,730 flats", "2 730 logements"),
        ("2,730 flats", "2.730 Wohnungen"),
        ("17.3 per cent", "17,3 Prozent"),
        ("17.3 per cent", "17.30 %"),
        ("Twenty-six thousand people", "26 000 voyageurs"),
        ("vingt-six mille voyageurs", "26,000 passengers"),
        ("3.2 million", "3 200 000 euros"),
        ("eleven people", "11 Personen"),
        ("in October", "im Oktober"),
        ("in October", "en octobre"),
        ("61.7 per cent", "sixty-two of them"),
        ("the plant's manager", "the plant managers"),
        ("北京大学", "在北京"),
        ("Pellby's harbour", "à Pellby"),
        ("l'inspection", "the inspection"),
    ],
)
def test_texts_meet(one: str, other: str) -> None:
    assert {*keys_of(one)} & {*keys_of(other)}


@pytest.mark.parametrize(
    ("one", "other"), [("17.3 per", "173"), ("29 knots", "29 000"), ("the of", "the of"), ("", "")]
)
def test_texts_do_not_meet(one: str, other: str) -> None:
    assert not {*keys_of(one)} & {*keys_of(other)}


def test_kinds_of_terms() -> None:
    kinds = {term.key: term.kind for term in terms_of("In March 2019 the mayor of Pellby spent 12.5 per cent.")}
    assert kinds == {
        "m3": "month", "n2019": "year", "maior": "word", "pelbi": "name", "spent": "word",
        "n12d5": "figure", "n13": "rounded", "upercent": "unit",
    }  # fmt: skip


def test_names_are_words_with_capitals_within_sentences() -> None:
    text = "The Sea Bird left on Monday in May. It met the Ana Sol off Pellby."
    assert capitalised(text) == ["Sea Bird", "Ana Sol", "Pellby"]
