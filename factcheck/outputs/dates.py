"""Dates as stretches of days, since a year or a month is a date, too."""

from __future__ import annotations

import calendar
import datetime


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
