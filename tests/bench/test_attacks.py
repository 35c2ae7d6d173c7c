"""All canary runs and broken answers; `make test` runs a sample of each."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from pathlib import Path

import pytest

import factcheck
from tests.attacks.canaries import leaks
from tests.attacks.canaries import sampled as sampled_cases
from tests.attacks.injections import cells, come_in, harm, sampled
from tests.attacks.odd_answers import SCHEMAS, attacks, faults
from tests.attacks.odd_reports import faults as report_faults
from tests.attacks.odd_reports import reports
from tests.conftest import Places, new_database
from tests.support.kills import kill_each

KILLS = int(os.environ.get("FACTCHECK_BENCH_COMMAND_KILLS", "150"))
"""On each database."""

RUNS = int(os.environ.get("FACTCHECK_BENCH_CANARIES", "520"))
"""Of 920 runs with a secret: every second place and form, over all commands."""

ANSWERS = int(os.environ.get("FACTCHECK_BENCH_ANSWERS", "2500"))
"""Four of five are right ones that were broken, the others what a grammar allows."""

MOST_CELLS = int(os.environ.get("FACTCHECK_BENCH_CELLS", "600"))
"""Cells of the matrix of injections; all of them take half an hour of processor time."""


def test_the_whole_matrix_of_injections(tmp_path: Path) -> None:
    found = {}
    articles = come_in(chosen := sampled(MOST_CELLS), tmp_path)
    for number, cell in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        if wrong := harm(cell, articles, folder):
            found[cell.name] = wrong
    print(f"{len(chosen)} of {len(cells())} cells, {len(found)} with harm")
    assert found == {}


def test_no_canary_leaks(postgres: str, tmp_path: Path) -> None:
    found = {}
    for number, case in enumerate(chosen := sampled_cases(RUNS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        place = new_database(postgres) if case.command == "worker" else None
        if places := leaks(case, folder, place):
            found[case] = places
    ways = Counter(case.command for case in chosen)
    print(f"{len(chosen)} canary runs, {len(found)} leaks: {dict(ways)}")
    assert found == {}


def test_kills_of_every_command_that_writes(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = places()
    killed = kill_each(place, tmp_path, KILLS)
    kind = "PostgreSQL" if "://" in place else "SQLite, files copied at each as without power"
    print(f"{killed.kills.total()} kills on {kind}: {dict(killed.kills)}, {killed.late} more had ended")
    assert killed.faults == []


def test_no_answer_breaks_a_run() -> None:
    found: dict[str, list[str]] = {}
    slowest = 0.0
    for attack in attacks(ANSWERS * 4 // 5, ANSWERS // 5):
        started = time.monotonic()
        try:
            wrong = faults(attack)
        except Exception as error:  # noqa: BLE001  (that none comes is what is measured)
            wrong = [f"{type(error).__name__}: {error}"[:200]]
        slowest = max(slowest, time.monotonic() - started)
        if wrong:
            found[f"{attack.name} {attack.schema}"] = wrong
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{ANSWERS} answers to {len(SCHEMAS)} prompts, {len(found)} faults, slowest {slowest:.1f} s, {megabytes:.0f} MB"
    )
    assert found == {}
    assert megabytes < 600


def test_no_broken_report_is_shown(tmp_path: Path) -> None:
    found, held, slowest = [], 0, 0.0
    for content in reports(500):
        started = time.monotonic()
        try:
            wrong = report_faults(content, tmp_path)
        except Exception as error:  # noqa: BLE001  (that none comes is what is measured)
            wrong = [f"{type(error).__name__}: {error}"[:200]]
        slowest = max(slowest, time.monotonic() - started)
        found += [(wrong, content[:200])] if wrong else []
        held += _holds(tmp_path)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"500 reports, {held} hold, {len(found)} faults, slowest {slowest:.1f} s, at most {megabytes:.0f} MB")
    assert found == []
    assert 0 < held < 250
    assert megabytes < 600


def _holds(folder: Path) -> bool:
    try:
        factcheck.load_report(folder / "report.json")
    except factcheck.UsageError:
        return False
    return True
