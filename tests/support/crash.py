"""Many real processes and one ledger: killed at any moment, or all writing at once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

import factcheck
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import claims, comparisons, documents, findings
from factcheck.ledger.verify import fingerprint, verify
from tests.support.newsroom import Newsroom, write

CLAIMS = 3
WINDOW = 2_000
"""Estimated tokens of a comparison: so few that an archive of short articles takes several."""


class State(NamedTuple):
    """What a ledger holds: extracted claims by title, titles that were compared, faults, and a hash of the whole."""

    claims: dict[str, int]
    compared: set[str]
    findings: int
    faults: list[str]
    seal: str


def stack(folder: Path, number: int) -> list[Path]:
    """So many articles; each shares a matter with the one half the stack away, and with no other."""
    half = number // 2
    matters = [[*(f"pier{n}x{i}" for i in range(1, CLAIMS)), f"quay{n % half}"] for n in range(number)]
    return write(folder / "articles", matters)


def start(room: Newsroom, place: str, articles: Sequence[Path], home: Path) -> subprocess.Popen[bytes]:
    """The real command line."""
    command = [sys.executable, "-m", "factcheck", "check", *map(str, articles), "--ledger", place, "--no-cache"]
    code = str(Path(factcheck.__file__).parents[1])  # what is tested, whatever else is installed
    environment = {**os.environ, "PYTHONPATH": code, "HOME": str(home), "FACTCHECK_WINDOW_TOKENS": str(WINDOW)}
    return subprocess.Popen(
        [*command, "--base-url", room.base_url, "--model", "m", "--format", "json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=home,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that must succeed."""
    _, told = process.communicate(timeout=600)
    assert process.returncode == 0, told.decode()


def state(place: str) -> State:
    """Look into a ledger from outside."""
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        counted = select(documents.c.title, func.count(claims.c.id)).join(
            claims, (claims.c.document_id == documents.c.id) & (claims.c.noticed == 0), isouter=True
        )
        held = {row[0]: row[1] for row in connection.execute(counted.group_by(documents.c.title))}
        done = select(documents.c.title).join(comparisons, comparisons.c.document_id == documents.c.id)
        return State(
            held,
            set(connection.execute(done).scalars()),
            connection.execute(select(func.count()).select_from(findings)).scalar() or 0,
            verify(connection),
            fingerprint(connection),
        )


def kill_at_random(room: Newsroom, folder: Path, number: int, new_place: Any, kills: int, *, seed: int = 1) -> int:
    """Kill so many runs at random moments, each resuming the one before; returns how many ledgers were completed.

    What was there before a kill must be there after it, whole, and is not asked for again; a ledger that is completed
    after any number of kills must be the one of an uninterrupted run.
    """
    dice = random.Random(seed)
    articles = stack(folder, number)
    place = new_place()
    began = time.monotonic()
    finish(start(room, place, articles, folder))
    length = time.monotonic() - began
    whole = state(place)
    assert set(whole.claims.values()) == {CLAIMS}
    assert whole.findings >= number // 2
    completed, place = 0, new_place()
    before = state(place)
    for _ in range(kills):
        room.asked.clear()
        process = start(room, place, articles, folder)
        time.sleep(dice.uniform(0.3, 1.0) * length)
        acknowledged = state(place)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        after = state(place)
        assert acknowledged.claims.items() <= after.claims.items(), "an acknowledged document was lost"
        assert acknowledged.compared <= after.compared, "an acknowledged comparison was lost"
        assert set(after.claims.values()) <= {CLAIMS}, "a document is torn"
        assert after.faults == [], after.faults
        nothing_again(room, before)
        before = after
        if len(after.compared) == len(articles):
            assert after.seal == whole.seal
            completed, place = completed + 1, new_place()
            before = state(place)
    finish(start(room, place, articles, folder))
    assert state(place).seal == whole.seal
    room.asked.clear()
    finish(start(room, place, articles, folder))
    assert room.asked == []
    return completed + 1


def lose_power_at_random(room: Newsroom, folder: Path, number: int, copies: int, *, seed: int = 2) -> None:
    """Copy a SQLite ledger's files at random moments, all at one instant, as a machine without power leaves them.

    Each copy must hold what was acknowledged before it was made, whole, and a run that goes on with it must end like an
    uninterrupted one. The shared-memory file is left out: it does not outlive a machine.
    """
    dice = random.Random(seed)
    articles = stack(folder, number)
    whole, place = str(folder / "whole.db"), str(folder / "desk.db")
    began = time.monotonic()
    finish(start(room, whole, articles, folder))
    length = time.monotonic() - began
    before = state(place)
    process = start(room, place, articles, folder)
    for n in range(copies):
        time.sleep(dice.uniform(0.2, 1.0) * length / copies)
        before = state(place)
        process.send_signal(signal.SIGSTOP)
        left = folder / f"left{n}"
        left.mkdir()
        for name in ("desk.db", "desk.db-wal"):
            if (folder / name).exists():
                shutil.copy(folder / name, left / name)
        process.send_signal(signal.SIGCONT)
        after = state(str(left / "desk.db"))
        assert before.claims.items() <= after.claims.items(), "an acknowledged document was lost"
        assert before.compared <= after.compared, "an acknowledged comparison was lost"
        assert set(after.claims.values()) <= {CLAIMS}, "a document is torn"
        assert after.faults == [], after.faults
    finish(process)
    assert len(before.claims) > 0, "no copy was made of a ledger that held something"
    for left in sorted(folder.glob("left*")):
        finish(start(room, str(left / "desk.db"), articles, folder))
        assert state(str(left / "desk.db")).seal == state(whole).seal


def nothing_again(room: Newsroom, before: State) -> None:
    """What was kept when a run began is not asked for by it."""
    for asked in room.asked:
        if asked.stage == "extract":
            assert asked.about.isdisjoint(before.claims), "an article was read twice"
        if asked.stage == "judge":
            assert asked.about.isdisjoint(before.compared), "an article was compared twice"


def add_at_once(room: Newsroom, folder: Path, number: int, place: str, processes: int) -> None:
    """Deal articles out to so many processes that all write into one ledger, and look at the result."""
    articles = stack(folder, number)
    running = [start(room, place, articles[i::processes], folder) for i in range(processes)]
    for process in running:
        finish(process)
    after = state(place)
    assert len(after.claims) == len(after.compared) == len(articles)
    assert set(after.claims.values()) == {CLAIMS}
    assert after.faults == [], after.faults
