"""Thousands of documents in a few batches, and runs that are killed at any moment while theirs are under way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import factcheck
from tests.support.batch_server import Desk, serving
from tests.support.newsroom import answer, write

DOCUMENTS = int(os.environ.get("FACTCHECK_BENCH_DOCUMENTS", "5000"))
KILLS = int(os.environ.get("FACTCHECK_BENCH_KILLS", "50"))
SEED = int(os.environ.get("FACTCHECK_BENCH_SEED", "4"))
KILLED = int(os.environ.get("FACTCHECK_BENCH_KILLED", "200"))
"""Documents of the runs that are killed."""

QUICKLY = (
    "from factcheck.llm import batch\n"
    "times = batch.Times({quiet}, 0.05, 0.2, 0.5, 0.05)\n"
    "batch.Times = lambda: times\n"
    "from factcheck.commands.app import main\n"
    "main()\n"
)
"""The command line with the times of a provider that answers at once."""


def start(url: str, home: Path, articles: list[Path], quiet: float = 0.3) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(factcheck.__file__).parents[1]), "HOME": str(home)}
    command = [
        "check",
        *map(str, articles),
        "--ledger",
        str(home / "desk.db"),
        "--cache",
        str(home / "cache"),
        "--batch",
    ]
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            QUICKLY.format(quiet=quiet),
            *command,
            "--base-url",
            url,
            "--model",
            "m",
            "--format",
            "json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=home,
    )


def matters(number: int) -> list[list[str]]:
    """Each article shares a matter with the one half the stack away."""
    return [[f"pier{n}", f"quay{n % (number // 2)}"] for n in range(number)]


def stages(desk: Desk) -> Counter[str]:
    return Counter(json.loads(asked)[0].split("-")[0] for asked in desk.paid.elements())


def test_documents_through_batches(tmp_path: Path) -> None:
    desk = Desk(answer)
    articles = write(tmp_path / "articles", matters(DOCUMENTS), unlisted=0)
    began = time.monotonic()
    with serving(desk) as url:
        process = start(url, tmp_path, articles, quiet=2.0)
        out, told = process.communicate(timeout=3600)
    assert process.returncode == 0, told.decode()[-2000:]
    report = json.loads(out)
    assert len(report["documents"]) == DOCUMENTS
    assert not desk.twice()
    print(
        f"\n{DOCUMENTS:,} documents: {len(desk.batches)} batches with {dict(stages(desk))}, "
        f"{len(report['claims']):,} claims, {len(report['findings']):,} findings in {time.monotonic() - began:.0f} s"
    )


def test_runs_that_are_killed_submit_nothing_twice(tmp_path: Path) -> None:
    dice, desk = random.Random(SEED), Desk(answer, seconds=1.0)
    articles = write(tmp_path / "articles", matters(KILLED), unlisted=0)
    finished = kills = 0
    with serving(desk) as url:
        began = time.monotonic()
        process = start(url, tmp_path, articles)
        process.communicate(timeout=600)
        length = time.monotonic() - began
        alone = sum(desk.paid.values())
        while kills < KILLS:
            for name in ("desk.db", "desk.db-wal", "desk.db-shm"):
                (tmp_path / name).unlink(missing_ok=True)
            for path in (tmp_path / "cache").rglob("*.v*/*.json"):
                path.unlink()
            desk.paid.clear()
            while True:
                process = start(url, tmp_path, articles)
                time.sleep(dice.uniform(0.25, 0.9) * length)
                if process.poll() is not None or kills == KILLS:
                    break
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
            _, told = process.communicate(timeout=600)
            assert process.returncode == 0, told.decode()[-2000:]
            assert not desk.twice(), desk.twice()
            assert sum(desk.paid.values()) == alone
            finished += 1
        more = write(tmp_path / "more", [["heron"], ["otter"]], unlisted=0)
        last = start(url, tmp_path, more)
        last.communicate(timeout=600)
        assert last.returncode == 0
    assert not list((tmp_path / "cache" / "batches").rglob("*.json*")), "what is over is taken over and forgotten"
    print(f"\n{kills} kills in {finished} runs over {KILLED} documents: {alone} requests a run, none paid twice")
