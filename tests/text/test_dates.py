"""Dates in every common notation; what is not clear is said, never guessed."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text.dates import Date, date_problem, first_day, iso_date, moment, order_of, read_date

FOURTH_OF_MARCH = [
    "2024-03-04",
    "20240304",
    "2024-03-04T23:30:00-05:00",
    "2024-03-04 10:00",
    "20240304T100000Z",
    "20240304100000",
    "2024/03/04",
    "2024/3/4",
    "2024.03.04",
    "2024. 3. 4.",
    "2024-3-4",
    "2024-W10-1",
    "1709546400",
    "04.03.2024",
    "4.3.2024",
    "4. 3. 2024",
    "4.3.24",
    "4-Mar-24",
    "04-Mar-2024",
    '="2024-03-04"',
    "4 March 2024",
    "4th March 2024",
    "March 4, 2024",
    "Mar 04 2024",
    "Monday 4 March 2024 at 10:00 am GMT",
    "Mon, 04 Mar 2024 10:00:00 +0100",
    "Tue Mar  4 10:00:00 2024",
    "4. März 2024",
    "4. März 2024, 10 Uhr",
    "4 mars 2024 à 10h30",
    "4 de marzo de 2024",
    "4 de març de 2024",
    "4 marca 2024 r.",
    "4. března 2024",
    "4 марта 2024 г.",
    "4 березня 2024 року",
    "4 Μαρτίου 2024",
    "4. maaliskuuta 2024",
    "4 Mart 2024",
    "٤ مارس ٢٠٢٤",
    "4 آذار 2024",
    "4 במרץ 2024",
    "4 मार्च 2024",
    "2024年3月4日",
    "２０２４年３月４日（月）",
    "令和6年3月4日",
    "2024년 3월 4일",
    "\u200e4 March 2024",
]


@pytest.mark.parametrize("text", FOURTH_OF_MARCH)
def test_a_date_is_read_in_every_common_notation(text: str) -> None:
    assert read_date(text) == Date("2024-03-04")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("March 2024", "2024-03"),
        ("03/2024", "2024-03"),
        ("2024年3月", "2024-03"),
    ],
)
def test_a_partial_date_stays_partial(text: str, date: str) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        *["31.02.2024", "2024-02-30"],
        *["2024-13-01", "20241301", "2567-03-04", "1402-12-14", "0001-01-01", "12:30", "yesterday"],
        *("March 4, 2024 - updated March 5, 2024", "version 2.3.1", "4 listopada 2024", "", "x" * 10_000, "1" * 40),
    ],
)
def test_what_is_no_date_gives_none_and_is_said(text: str) -> None:
    assert read_date(text) == Date(None)
    assert "is not a date" in (date_problem(text, Date(None)) or "")


def test_day_and_month_are_told_apart_or_said_to_be_unclear() -> None:
    assert read_date("03/04/2024") == Date("2024", unclear=True)
    assert iso_date("03/04/2024") is None
    assert "day" in (date_problem("03/04/2024", read_date("03/04/2024")) or "")
    assert read_date("03/04/2024", "day") == Date("2024-04-03")
    assert read_date("03/04/2024", "month") == Date("2024-03-04")
    assert [read_date(t).value for t in ("13/04/2024", "04/13/2024", "04-04-2024")] == [
        "2024-04-13",
        "2024-04-13",
        "2024-04-04",
    ]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["03/04/2024", "13/04/2024"], "day"),
        (["3/4/24", "4/13/24"], "month"),
        (["13/04/2024", "04/13/2024"], None),
        (["03/04/2024", "05/06/2024"], None),
        (["04.03.2024", "13.04.2024"], None),
        ([], None),
    ],
)
def test_a_column_tells_its_order(column: list[str], order: str | None) -> None:
    assert order_of(column) == order


def test_a_month_that_two_languages_name_alike_needs_the_language() -> None:
    assert read_date("4 listopada 2024", language="pl").value == "2024-11-04"
    assert read_date("4 listopada 2024", language="hr").value == "2024-10-04"


def test_moments_and_first_days() -> None:
    assert moment(1_709_546_400) == moment(1_709_546_400_000) == "2024-03-04"
    assert moment(42) is None
    assert first_day("2024-03") == datetime.date(2024, 3, 1)
    assert first_day("2024") == datetime.date(2024, 1, 1)


@given(
    st.dates(datetime.date(1500, 1, 1), datetime.date(2199, 12, 31)), st.sampled_from(["de", "fr", "ru", "pl", "el"])
)
def test_dates_that_a_library_writes_out_are_read_back(date: datetime.date, language: str) -> None:
    babel = pytest.importorskip("babel.dates")
    for length in ("long", "full"):
        assert read_date(babel.format_date(date, length, language), language=language).value == date.isoformat()


@given(st.text(max_size=90))
def test_no_text_raises(text: str) -> None:
    for order in (None, "day", "month"):
        date = read_date(text, order)
        assert date.value is None or first_day(date.value)
