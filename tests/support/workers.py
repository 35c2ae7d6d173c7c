"""Real workers as processes, over a queue in a real database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import factcheck
from factcheck.errors import LedgerError
from factcheck.ledger.verify import verify
from factcheck.work.queue import counted, open_queue
from tests.support.newsroom import Newsroom, write

LOGS: dict[int, Path] = {}
"""Where each process writes what it says, by its number."""

QUICKLY = (
    "from factcheck.work import worker\n"
    "pace = worker.Pace(sign=0.5, given_up=8.0, grace=60.0, look=0.5)\n"
    "worker.Pace = lambda grace: pace\n"
    "from factcheck.commands.app import main\n"
    "main()\n"
)
"""The command line with workers that are given up after eight seconds without a sign of life."""


PLAINLY = "from factcheck.commands.app import main\nmain()\n"
"""The command line with workers that are given up after a minute, so that a busy machine gives none up."""


def run(place: str, *arguments: str, home: Path, program: str = QUICKLY) -> subprocess.Popen[bytes]:
    """A command, e.g. `worker`, as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(factcheck.__file__).parents[1]), "HOME": str(home)}
    with NamedTemporaryFile(dir=home, prefix="log-", suffix=".txt", delete=False) as log:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments, "--ledger", place],
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=home,
        )
    LOGS[process.pid] = Path(log.name)
    return process


def started(process: subprocess.Popen[bytes]) -> None:
    """Wait until a worker says that it has begun."""
    end = time.monotonic() + 120
    while '"started"' not in LOGS[process.pid].read_text(encoding="utf-8"):
        assert process.poll() is None, LOGS[process.pid].read_text(encoding="utf-8")
        assert time.monotonic() < end
        time.sleep(0.05)


def worker(place: str, room: Newsroom, home: Path, *more: str, program: str = QUICKLY) -> subprocess.Popen[bytes]:
    """A worker that keeps no answers: what it loses is asked for again."""
    options = ("--base-url", room.base_url, "--model", "m", "--no-cache", *more)
    return run(place, "worker", *options, home=home, program=program)


def fill_queue(place: str, home: Path, number: int) -> list[str]:
    """Put articles in, each with a matter of the one half the stack away; returns their titles."""
    matters = [[f"pier{n}", f"quay{n % (number // 2)}"] for n in range(number)]
    write(home / "articles", matters, unlisted=0)
    out, _ = run(place, "enqueue", str(home / "articles"), home=home).communicate(timeout=600)
    assert out.decode().startswith(f"{number} put in"), out
    return [f"T{n:03}" for n in range(number)]


def until_done(place: str, seconds: float = 1200.0) -> Counter[str]:
    """Wait until nothing waits or runs; jobs by status."""
    end = time.monotonic() + seconds
    with closing(open_queue(place)) as ledger:
        while True:
            with suppress(LedgerError):  # while the database restarts
                numbers = Counter(counted(ledger))
                if not numbers["todo"] + numbers["doing"]:
                    return numbers
                assert time.monotonic() < end, numbers
            time.sleep(0.2)


def faults(place: str, titles: list[str]) -> list[str]:
    """What is wrong with a ledger that should hold each of these documents once, and compared."""
    with closing(open_queue(place)) as ledger, ledger.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT d.title, count(DISTINCT d.seq), count(c.document_id) FROM documents d "
            "LEFT JOIN comparisons c ON c.document_id = d.id GROUP BY d.title"
        ).all()
        wrong = [f"{title}: kept {kept}, compared {done}" for title, kept, done in rows if (kept, done) != (1, 1)]
        missing = set(titles) - {row[0] for row in rows}
        return [*wrong, *(f"{title}: missing" for title in sorted(missing)), *verify(connection)]
