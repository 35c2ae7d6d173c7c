"""Names in other spellings, scripts and orders are suggested; two people with like names are not merged."""

from __future__ import annotations

import pytest

from factcheck.ledger.spellings import alike
from factcheck.text.names import folded

ONE = [
    ("Volodymyr Zelensky", "Volodymyr Zelenskyy"),
    ("Volodymyr Zelensky", "Володимир Зеленський"),
    ("Bashar al-Assad", "Bashar Assad"),
    ("Mohammed Khalil", "Muhammad Khalil"),
    ("Xi Jinping", "Jinping Xi"),
    ("Sergei Lavrov", "Sergey Lavrov"),
    ("Angela Müller", "Angela Mueller"),
    ("Yevgeny Prigozhin", "Evgeni Prigoschin"),
    ("Владимир Путин", "Wladimir Putin"),
    ("Nikita Khrushchev", "Nikita Chruschtschow"),
    ("Muammar Gaddafi", "Moammar Ghadafi"),
    ("Ann Roe", "Roe"),
]
TWO = [("Ann Roe", "Bo Lind"), ("Ann Roe", "Ben Roe"), ("Olga Falkberg", "Pia Falkberg"), ("Jan Holm", "Ida Holm")]


@pytest.mark.parametrize(("a", "b"), ONE)
def test_spellings_of_one_name_are_suggested(a: str, b: str) -> None:
    assert [{x, y} for x, y, _ in alike([folded(a), folded(b)])] == [{folded(a), folded(b)}]


@pytest.mark.parametrize(("a", "b"), TWO)
def test_other_names_are_not(a: str, b: str) -> None:
    assert list(alike([folded(a), folded(b)])) == []
