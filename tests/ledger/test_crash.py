"""A ledger survives processes that are killed, and many that write at once; `make bench` does it at full size."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Places
from tests.support.crash import add_at_once, kill_at_random, lose_power_at_random
from tests.support.newsroom import newsroom


def test_killed_runs_lose_nothing_and_resume(places: Places, tmp_path: Path) -> None:
    with newsroom(delay=0.05) as room:
        assert kill_at_random(room, tmp_path, 24, places, kills=3) >= 1


def test_processes_that_write_at_once_all_get_their_turn(places: Places, tmp_path: Path) -> None:
    with newsroom() as room:
        add_at_once(room, tmp_path, 24, places(), processes=4)


def test_what_a_machine_without_power_leaves_is_whole_and_is_gone_on_with(tmp_path: Path) -> None:
    with newsroom(delay=0.05) as room:
        lose_power_at_random(room, tmp_path, 24, copies=2)
