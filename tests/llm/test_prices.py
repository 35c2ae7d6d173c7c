"""The lists of prices are whole and fit together, and a price is found by every name that a model goes by."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from factcheck.llm.prices import Listed, as_table, lists, price_of

ROWS = [row for one in lists() for row in one.rows]


def test_each_list_names_its_month_and_its_source() -> None:
    for one in lists():
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", one.as_of)
        assert one.source.startswith("https://")
        assert f"{one.provider}, {one.as_of}: {one.source}" in as_table()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.model)
def test_the_prices_of_a_row_fit_together(row: Listed) -> None:
    is_embedding = row.model.startswith("text-embedding")
    assert 0 < row.input <= row.output or is_embedding
    assert row.cached is None or 0 < row.cached < row.input
    for factor, cached in ((row.batch, row.batch_cached), (row.flex, row.flex_cached)):
        assert factor is None or 0 < factor < 1
        assert cached is None or (factor is not None and row.cached is not None)
        if cached is not None and factor is not None and row.cached is not None:
            least = row.cached * factor * 0.99
            assert least <= cached <= min(row.cached, row.input * factor), "at most both discounts, never dearer"


def test_no_model_is_listed_twice_and_each_is_found() -> None:
    assert Counter(row.model for row in ROWS).most_common(1)[0][1] == 1
    for row in ROWS:
        assert price_of(row.model) == row.at("standard")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai/gpt-5-mini", "gpt-5-mini"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("models/gemini-2.5-flash-001", "gemini-2.5-flash"),
        ("gpt-5-mini-tuned", None),
        ("gpt-7", None),
    ],
)
def test_a_price_is_found_by_other_names(name: str, model: str | None) -> None:
    assert price_of(name) == (price_of(model) if model else None)


def test_cached_input_in_batches_costs_what_the_list_says() -> None:
    old, new, none = (price_of(name, "batch") for name in ("gemini-2.5-flash", "gemini-3.8-flash", "gpt-4.1"))
    assert old
    assert new
    assert none
    assert (old.input, old.cached_input) == (0.15, 0.03)
    assert (new.input, new.cached_input) == (0.375, 0.0375)
    assert (none.input, none.cached_input) == (1.0, None)
