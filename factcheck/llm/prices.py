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
    """A row of the list; batches and flex cost `batch` and `flex` times the price.

    Cached input has its own price in a batch where `batch_cached` says so, and none where it does not.
    """

    model: str
    input: float
    output: float
    cached_input: float | None
    batch: float | None
    flex: float | None
    batch_cached: bool

    def at(self, rate: Rate, as_of: str) -> Prices:
        """The prices at a rate; those of the list where the rate has none of its own."""
        factor = {"standard": None, "batch": self.batch, "flex": self.flex}[rate]
        if factor is None:
            return Prices(self.input, self.output, as_of, self.cached_input)
        is_cheaper = self.cached_input is not None and (rate == "flex" or self.batch_cached)
        cached = self.cached_input * factor if is_cheaper and self.cached_input is not None else None
        return Prices(self.input * factor, self.output * factor, as_of, cached, rate)


@cache
def listed() -> tuple[str, tuple[Listed, ...]]:
    """The month of the list (ISO 8601), and its rows."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = (
        Listed(
            name,
            row["input"],
            row["output"],
            row.get("cached_input"),
            row.get("batch"),
            row.get("flex"),
            row.get("batch_cached", False),
        )
        for name, row in table["models"].items()
    )
    return table["as_of"], tuple(rows)


def price_of(model: str, rate: Rate = "standard") -> Prices | None:
    """The list price of a model, also of a dated version of it or behind a gateway's prefix; None where unknown."""
    as_of, rows = listed()
    name = model.rsplit("/", 1)[-1]
    for row in sorted(rows, key=lambda row: len(row.model), reverse=True):
        rest = name.removeprefix(row.model)
        if rest != name and (not rest or VERSION.fullmatch(rest)):
            return row.at(rate, as_of)
    return None


def as_table() -> str:
    """The list in lines for people."""
    as_of, rows = listed()
    head = f"list prices of {as_of}, US dollars for a million tokens; check them, and set price_input and price_output"
    columns = f"{'model':<26}{'input':>9}{'cached':>9}{'output':>9}{'batch':>8}{'flex':>8}"
    lines = [
        f"{row.model:<26}{row.input:>9g}{'' if row.cached_input is None else format(row.cached_input, 'g'):>9}"
        f"{row.output:>9g}{_times(row.batch)}{_times(row.flex)}".rstrip()
        for row in rows
    ]
    return "\n".join([head, "", columns, *lines])


def _times(factor: float | None) -> str:
    return f"{'' if factor is None else f'× {factor:g}':>8}"
