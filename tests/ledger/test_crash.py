"""A ledger survives processes that are killed, and many that write at once; `make bench` does it at full size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Places
from tests.support.crash import add_at_once, kill_at_random, stack


def test_killed_runs_lose_nothing_and_resume(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kill_at_random(stack(tmp_path, 30, monkeypatch), places, kills=5) >= 1


def test_processes_that_write_at_once_all_get_their_turn(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_at_once(stack(tmp_path, 24, monkeypatch), places(), processes=4)
