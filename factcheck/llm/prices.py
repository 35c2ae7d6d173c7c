"""What models cost by their providers' lists, with the date of the lists."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

TABLE = Path(__file__).parent / "prices.toml"
VERSION = re.compile(r"[-@](\d{4}-?\d{2}-?\d{2}|\d{3,4}|latest|preview|\d{3})")
"""What stands behind a model's name to tell its version."""


Rate = Literal["standard", "batch", "flex"]
"""How a provider is asked: at once, in batches, or when it has time."""


class Prices(NamedTuple):
    """US dollars for a million tokens; `as_of` is the month of a list, None for prices that the user set."""

    input: float
    output: float
    as_of: str | None = None
    cached_input: float | None = None
    """For input that the endpoint had in its cache; None where it costs as much as any."""
    rate: Rate = "standard"


class Listed(NamedTuple):
    """A row of a provider's list; batches and flex cost `batch` and `flex` times the price.

    Cached input costs `batch_cached` and `flex_cached` there; None where it is no cheaper than any.
    """

    model: str
    as_of: str
    input: float
    output: float
    cached: float | None = None
    batch: float | None = None
    batch_cached: float | None = None
    flex: float | None = None
    flex_cached: float | None = None

    def at(self, rate: Rate) -> Prices:
        """The prices at a rate; those for requests at once where the rate has none of its own."""
        factor, cached = {
            "standard": (None, self.cached),
            "batch": (self.batch, self.batch_cached),
            "flex": (self.flex, self.flex_cached),
        }[rate]
        if factor is None:
            return Prices(self.input, self.output, self.as_of, self.cached)
        return Prices(self.input * factor, self.output * factor, self.as_of, cached, rate)


class List(NamedTuple):
    """What one provider published: its name, the month (ISO 8601), where, and the rows."""

    provider: str
    as_of: str
    source: str
    rows: tuple[Listed, ...]


@cache
def lists() -> tuple[List, ...]:
    """The lists of all providers."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(
        List(
            provider,
            one["as_of"],
            one["source"],
            tuple(Listed(model, one["as_of"], **row) for model, row in one["models"].items()),
        )
        for provider, one in table.items()
    )


def price_of(model: str, rate: Rate = "standard") -> Prices | None:
    """The list price of a model, also of a dated version of it or behind a gateway's prefix; None where unknown."""
    name = model.rsplit("/", 1)[-1]
    rows = [row for one in lists() for row in one.rows]
    for row in sorted(rows, key=lambda row: len(row.model), reverse=True):
        rest = name.removeprefix(row.model)
        if rest != name and (not rest or VERSION.fullmatch(rest)):
            return row.at(rate)
    return None


def as_table() -> str:
    """The lists in lines for people."""
    head = "list prices, US dollars for a million tokens; check them, and set price_input and price_output"
    columns = f"{'model':<24}{'input':>8}{'cached':>8}{'output':>8}{'batch':>8}{'cached':>8}{'flex':>8}{'cached':>8}"
    lines = [head]
    for one in lists():
        lines += ["", f"{one.provider}, {one.as_of}: {one.source}", columns, *map(_line, one.rows)]
    return "\n".join(lines)


def _line(row: Listed) -> str:
    prices = f"{row.input:>8g}{_shown(row.cached)}{row.output:>8g}"
    rates = f"{_times(row.batch)}{_shown(row.batch_cached)}{_times(row.flex)}{_shown(row.flex_cached)}"
    return f"{row.model:<24}{prices}{rates}".rstrip()


def _shown(price: float | None) -> str:
    return f"{'' if price is None else format(price, 'g'):>8}"


def _times(factor: float | None) -> str:
    return f"{'' if factor is None else f'× {factor:g}':>8}"
