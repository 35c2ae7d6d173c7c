"""Dates as people write them, made ISO 8601; partial ones keep what they say (`2014-06`), and nothing is guessed."""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

from factcheck.text.months import NAMES, UNLIKE

Order = Literal["day", "month"]
"""Which of day and month comes first in `03/04/2024`."""

YEARS = range(1500, 2200)
"""Other years are of other calendars, or no years."""

PIVOT = 69
"""Two digits below are years of this century, others of the last one (as POSIX has it)."""

MAX_LENGTH = 80
MOMENTS = (range(10**8, 10**10), range(10**11, 10**13))
"""Seconds and milliseconds since 1970, from 1973 on."""

MONTHS = {name.replace("_", " "): n for n, names in enumerate(NAMES, 1) for name in names.split()}
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{1,2})(?!\d)")
CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일号])?")
ERA = re.compile(r"(令和|平成|昭和)\s*(\d{1,2}|元)\s*年")
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([./\-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T\s,].*)?", re.DOTALL)
WEEK = re.compile(r"\d{4}-?W\d{2}-?\d")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4}(?:\d{2})?Z?|T\d{6}(?:Z|[+-]\d{4}))?")
YEAR_MONTH = re.compile(r"(\d{4})\s?[./]\s?(\d{1,2})|(\d{1,2})\s?[./]\s?(\d{4})")
CLOCK = re.compile(
    r"\d{1,2}[:h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[ap]\.?\s?m\b\.?)?\s*(?:z\b|utc|gmt|[+\-]\d{2}:?\d{2})?"
    r"(?:\s*\([a-z]{2,5}\))?|\d{1,2}\s?(?:[ap]\.?m\b\.?|uhr\b)",
    re.IGNORECASE,
)
TOKEN = re.compile(r"\d+|[^\s\d,;:()/\-]+")


class Date(NamedTuple):
    """A date as far as it is known."""

    value: str | None
    """ISO 8601, possibly partial; null where nothing is known."""
    unclear: bool = False
    """Whether day and month could not be told apart; then `value` is the year alone."""


def iso_date(text: str) -> str | None:
    """The date that a text is, without its time of day; None where it is no date, or not clear which one."""
    date = read_date(text)
    return None if date.unclear else date.value


def read_date(text: str, order: Order | None = None, language: str | None = None) -> Date:
    """The date that a text is; `order` settles which of day and month stands first where the text does not."""
    text = _plain(text)
    if not text or len(text) > MAX_LENGTH:
        return Date(None)
    for read in (_iso, _compact, _year_first):
        if found := read(text):
            return Date(found)
    if match := NUMERIC.search(text):
        return _numeric(match, order)
    return Date(_named(text, language) or _without_day(text))


def order_of(texts: Iterable[str]) -> Order | None:
    """Which of day and month stands first in a column of dates, if any of them tells and none contradicts."""
    told = set()
    for text in texts:
        match = NUMERIC.search(_plain(text)[:MAX_LENGTH])
        if match and match[2] != ".":
            first, second = int(match[1]), int(match[3])
            if first != second and max(first, second) in range(13, 32) and min(first, second) in range(1, 13):
                told.add("day" if first > second else "month")
    return None if len(told) != 1 else "day" if "day" in told else "month"


def moment(number: float) -> str | None:
    """The date (UTC) of a number of seconds or milliseconds since 1970; None for other numbers."""
    if any(int(number) in span for span in MOMENTS):
        seconds = number / 1000 if int(number) in MOMENTS[1] else number
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()
    return None


def first_day(date: str) -> datetime.date:
    """The first day of a date that may be partial. Raises ValueError."""
    return datetime.date.fromisoformat(date + "-01-01"[: 10 - len(date)] if len(date) < len("2014-06-14") else date)


def span_of(date: str) -> tuple[int, int] | None:
    """First and last day of an ISO date that may be partial, as ordinals; None for one that is no date."""
    try:
        year, month, day = ([int(part) for part in date[:10].split("-")] + [0, 0])[:3]
        first = datetime.date(year, month or 1, day or 1)
        last_month = month or 12
        last = datetime.date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError:
        return None
    return first.toordinal(), last.toordinal()


def date_problem(given: str, date: Date) -> str | None:
    """One line that says what was not understood of a date, or None."""
    shown = given.strip()[:40]
    if date.unclear:
        return f"`{shown}` does not say which is the day and which the month; only its year was kept"
    return None if date.value else f"`{shown}` is not a date like 2014-06-14 and was left out"


def _plain(text: str) -> str:
    """Digits of every script as ASCII, no marks of direction, single spaces."""
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text[: 4 * MAX_LENGTH])
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(text.split()).strip(" =\"'")


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat() if year in YEARS else None
    except ValueError:
        return None


def _month(year: int, month: int) -> str | None:
    return f"{year:04}-{month:02}" if year in YEARS and month in range(1, 13) else None


def _iso(text: str) -> str | None:
    if match := ISO.fullmatch(text):
        year, month, day = (int(group) if group else 0 for group in match.groups())
        return _day(year, month, day) if match[3] else _month(year, month)
    if WEEK.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    return text if re.fullmatch(r"\d{4}", text) and int(text) in YEARS else None


def _compact(text: str) -> str | None:
    match = COMPACT.fullmatch(text)
    if match is None:
        return moment(int(text)) if re.fullmatch(r"\d{9,13}", text) else None
    return _day(int(match[1]), int(match[2]), int(match[3]))


def _year_first(text: str) -> str | None:
    text = ERA.sub(lambda m: f"{ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)
    if match := CJK.search(text):
        year, month = int(match[1]), int(match[2])
        return _day(year, month, int(match[3])) if match[3] else _month(year, month)
    if match := YEAR_FIRST.search(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    return None


def _numeric(match: re.Match[str], order: Order | None) -> Date:
    """`04.03.2024` is day first wherever dots are written; `04/03/2024` is not the same everywhere."""
    first, second = int(match[1]), int(match[3])
    year = _year(match[4])
    by_day, by_month = _day(year, second, first), _day(year, first, second)
    if match[2] == "." or order == "day" or by_month is None or first == second:
        return Date(by_day)
    if order == "month" or by_day is None:
        return Date(by_month)
    return Date(f"{year:04}", unclear=True)


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < PIVOT else 1900)  # noqa: PLR2004  (two digits)


def _named(text: str, language: str | None) -> str | None:
    """A date with the name of its month, e.g. `4 March 2024`, `Mar 4, 2024`, `4. März 2024`, `4-Mar-24`."""
    tokens = TOKEN.findall(unicodedata.normalize("NFC", CLOCK.sub(" ", text).casefold()))
    numbers = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    months = _months(words, language)
    if len(months) != 1 or not 1 <= len(numbers) <= 2:  # noqa: PLR2004  (day and year)
        return None
    month = months.pop()
    long = [n for n in numbers if len(n) == 4]  # noqa: PLR2004
    if len(numbers) == 1:
        return _month(int(long[0]), month) if long else None
    day, year = (numbers if not long else [n for n in numbers if n not in long] + long)[:2]
    return _day(_year(year), month, int(day)) if len(year) in {2, 4} and len(day) <= 2 else None  # noqa: PLR2004


def _months(words: list[str], language: str | None) -> set[int]:
    """The months that these words name; weekdays and words between are none."""
    found = set()
    plain = [word.strip(".").replace("’", "'") for word in words]
    pairs = [f"{a} {b}" for a, b in pairwise(plain)]
    doubles = {MONTHS[pair] for pair in pairs if pair in MONTHS}
    if doubles:
        return doubles
    for word in plain:
        name = word.removeprefix("d'").removeprefix("ב")  # "of" in Catalan, "in" in Hebrew
        other = UNLIKE.get(name, {}).get((language or "")[:2])
        if month := other or MONTHS.get(name):
            found.add(month)
    return found


def _without_day(text: str) -> str | None:
    if match := YEAR_MONTH.fullmatch(text):
        return _month(int(match[1] or match[4]), int(match[2] or match[3]))
    return None
