"""A ledger of years: calls and tokens for a new document as it grows, candidates, memory; kills and crowds."""

from __future__ import annotations

import itertools
import json
import math
import re
import resource
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import factcheck
from factcheck.ledger.candidates import candidates
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.store import Entry, add
from tests.attacks.test_hostile_imports import lines_of, unproved
from tests.attacks.test_tampering import desk as tampered
from tests.attacks.test_tampering import unnoticed
from tests.conftest import Places
from tests.support.crash import add_at_once, finish, kill_at_random, lose_power_at_random, stack, start
from tests.support.desk import RUN, batches, entries
from tests.support.newsroom import newsroom
from tests.support.scripted import draft, source, transport

desk = tampered
LARGEST = 1_000_000
GROWTH = (100, 1_000, 10_000, 100_000)
CLAIMS = 15
BYTES_PER_TOKEN = 4


def test_a_million_claims(places: Places, tmp_path: Path) -> None:
    probes = list(entries(60, seed=99))
    with closing(open_ledger(place := places())) as ledger:
        spent, began = 0.0, time.perf_counter()
        for part in batches(entries(LARGEST // CLAIMS), 200):
            began = time.perf_counter()
            with ledger.writing() as connection:
                add(connection, part, RUN)
            spent += time.perf_counter() - began
        timed(ledger, probes[:10])
        times = sorted(timed(ledger, probes))
    with newsroom() as room:
        finish(start(room, place, stack(tmp_path, 4), tmp_path))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    p95 = times[int(len(times) * 0.95)] * 1000
    print(
        f"\n{LARGEST:,} claims: {LARGEST / spent:,.0f} claims/s added, candidates of a document with {CLAIMS} claims "
        f"in {statistics.median(times) * 1000:.0f} ms (p95 {p95:.0f} ms), {memory:.0f} MB resident in a check"
    )


def timed(ledger: Ledger, probes: list[Entry]) -> list[float]:
    """Seconds to find the candidates of each."""
    times = []
    for probe in probes:
        began = time.perf_counter()
        with ledger.reading() as connection:
            assert candidates(connection, probe.claims)
        times.append(time.perf_counter() - began)
    return times


def test_cost_of_a_document_as_the_ledger_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "desk.db")
    archive, probes, held = entries(GROWTH[-1] // CLAIMS + 50), list(entries(25, seed=99)), 0
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr("factcheck.connecting.transport_for", lambda *a, **k: transport(read_out, seen))
    settings = factcheck.load_settings(model="m", base_url="http://127.0.0.1:1/v1", use_cache=False)
    rows = []
    for size, probe in zip(GROWTH, batches(iter(probes), 5), strict=False):
        held += fill(place, archive, size - held)
        seen.clear()
        report = factcheck.check([e.document for e in probe], settings=settings, ledger=place)
        assert not report.problems
        rows.append((size, len(seen) / len(probe), tokens(seen) / len(probe)))
    for size, calls, cost in rows:
        print(f"\n{size:>7,} claims: {calls:.2f} calls and {cost:,.0f} tokens in for a new document", end="")
    slope = statistics.linear_regression([math.log(r[0]) for r in rows], [math.log(r[1]) for r in rows]).slope
    print(f"\nexponent of all calls: {1 + slope:.3f}; tokens grow by {rows[-1][2] / rows[0][2] - 1:.1%}")


def fill(place: str, archive: Iterator[Entry], claims: int) -> int:
    """Add about so many claims; returns how many they are."""
    some = list(itertools.islice(archive, round(claims / CLAIMS)))
    with closing(open_ledger(place)) as ledger:
        for part in batches(iter(some), 200):
            with ledger.writing() as connection:
                add(connection, part, RUN)
    return len(some) * CLAIMS


def read_out(schema: str, user: str) -> Any:
    """The statements of an invented document, as a model would list them; no pair that does not fit."""
    if not schema.startswith("extract"):
        return {"matters": [], "missed": [], "answers": [], "pairs": []}
    found = re.findall(r"^\[(\d+)\] (.+) spoke for (.+), at", user, re.MULTILINE)
    return {
        "sources": [source(int(n), who) for n, who, _ in found],
        "claims": [draft(int(n), by=int(n), topic=what) for n, _, what in found],
    }


def tokens(seen: list[dict[str, Any]]) -> float:
    return sum(len(json.dumps(body["messages"], ensure_ascii=False).encode()) for body in seen) / BYTES_PER_TOKEN


def test_two_hundred_kills(places: Places, tmp_path: Path) -> None:
    with newsroom(delay=0.05) as room:
        completed = kill_at_random(room, tmp_path, 60, places, kills=200)
    print(f"\n200 kills: nothing lost, nothing torn; {completed} ledgers completed, each like an uninterrupted run's")


def test_twenty_losses_of_power(tmp_path: Path) -> None:
    with newsroom(delay=0.05) as room:
        lose_power_at_random(room, tmp_path, 80, copies=20)
    print("\n20 copies of a running ledger's files at one instant: whole, and gone on with like an uninterrupted run")


def test_eight_processes_at_once(places: Places, tmp_path: Path) -> None:
    with newsroom() as room:
        add_at_once(room, tmp_path, 400, places(), processes=8)
    print("\n8 processes with 50 documents each: all there, once")


def test_six_hundred_edits(desk: Ledger) -> None:
    missed = unnoticed(desk, 600, seed=1)
    print(f"\n600 edits behind the ledger's back: {len(missed)} unnoticed")
    assert missed == []


def test_four_hundred_imports(desk: Ledger, tmp_path: Path) -> None:
    bad = unproved(lines_of(desk), tmp_path, 400, seed=1)
    print(f"\n400 forged exports: {len(bad)} neither refused with one line nor proved")
    assert bad == []
