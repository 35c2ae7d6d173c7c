"""What models cost by their providers' lists, with the date of the lists."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "prices.toml"
VERSION = re.compile(r"[-@](\d{4}-?\d{2}-?\d{2}|\d{3,4}|latest|preview|\d{3})")
"""What stands behind a model's name to tell its version."""


class Prices(NamedTuple):
    """US dollars for a million tokens; `as_of` is the month of a list, None for prices that the user set."""

    input: float
    output: float
    as_of: str | None = None


class Listed(NamedTuple):
    """A row of the list; a batch costs `batch` times the price."""

    model: str
    input: float
    output: float
    cached_input: float | None
    batch: float | None


@cache
def listed() -> tuple[str, tuple[Listed, ...]]:
    """The month of the list (ISO 8601), and its rows."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = (
        Listed(name, row["input"], row["output"], row.get("cached_input"), row.get("batch"))
        for name, row in table["models"].items()
    )
    return table["as_of"], tuple(rows)


def price_of(model: str) -> Prices | None:
    """The list price of a model, also of a dated version of it or behind a gateway's prefix; None where unknown."""
    as_of, rows = listed()
    name = model.rsplit("/", 1)[-1]
    for row in sorted(rows, key=lambda row: len(row.model), reverse=True):
        rest = name.removeprefix(row.model)
        if rest != name and (not rest or VERSION.fullmatch(rest)):
            return Prices(row.input, row.output, as_of)
    return None


def as_table() -> str:
    """The list in lines for people."""
    as_of, rows = listed()
    head = f"list prices of {as_of}, US dollars for a million tokens; check them, and set price_input and price_output"
    columns = f"{'model':<26}{'input':>9}{'cached':>9}{'output':>9}{'batch':>8}"
    lines = [
        f"{row.model:<26}{row.input:>9g}{'' if row.cached_input is None else format(row.cached_input, 'g'):>9}"
        f"{row.output:>9g}{'' if row.batch is None else f'× {row.batch:g}':>8}"
        for row in rows
    ]
    return "\n".join([head, "", columns, *lines])
