"""A check with an empty ledger reports what a check without one reports: the same findings, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import factcheck
from tests.conftest import Places
from tests.support.newsroom import newsroom, write

DOSSIERS: dict[str, tuple[int, int]] = {"a dossier": (8, 24_000), "an archive": (60, 2_000), "between": (14, 3_000)}
"""Articles, and estimated tokens of a comparison."""


def matters(number: int) -> list[list[str]]:
    """Everybody speaks of the ferry now and then; other matters are of two or three."""
    return [[f"quay{n % 3}", f"pier{n // 2}", *(["ferry"] if n % 4 == 0 else [f"dock{n}"])] for n in range(number)]


def told(report: factcheck.Report) -> dict[str, Any]:
    """A report without what differs between any two runs."""
    value = report.model_dump(exclude={"run": {"started"}})
    return {**value, "problems": sorted(value["problems"], key=str)}


@pytest.mark.parametrize("name", DOSSIERS)
def test_an_empty_ledger_changes_nothing(name: str, places: Places, tmp_path: Path) -> None:
    number, window = DOSSIERS[name]
    with newsroom() as room:
        settings = factcheck.load_settings(model="m", base_url=room.base_url, use_cache=False, window_tokens=window)
        paths: Sequence[Path] = write(tmp_path / "articles", matters(number))
        without = factcheck.check(paths, settings=settings)
        kept = factcheck.check(paths[::-1], settings=settings, ledger=places())
    assert told(kept) == told(without)
    assert len(without.findings) >= number
