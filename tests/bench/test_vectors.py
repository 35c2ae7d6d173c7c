"""Embeddings in a ledger of many claims: how long candidates take with them, and what the scan in two steps misses.

OPENBLAS_NUM_THREADS=1 pytest tests/bench/test_vectors.py -o addopts= -s   # one processor, as outside of tests
FACTCHECK_BENCH_CLAIMS=20000 pytest …                # fewer claims
FACTCHECK_VECTORS=FILE.npy pytest … -k recall        # real vectors, one a row, in place of invented ones
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.store import Entry, add, held
from factcheck.ledger.vectors import Vectors, packed
from tests.conftest import Places
from tests.support.desk import RUN, batches, entries

HELD = int(os.environ.get("FACTCHECK_BENCH_CLAIMS", "200000"))
CLAIMS = 15
LENGTH = 384
MODEL = "invented"
PROBES = 60


def vectors(number: int, *, seed: int = 1) -> Any:
    """Vectors as models make them: in a narrow cone, in groups of a hundred about one thing, along few axes most."""
    dice = np.random.default_rng(seed)
    cone = np.random.default_rng(0)
    along = cone.normal(size=(LENGTH, LENGTH)) * (1 + np.arange(LENGTH)) ** -0.5
    groups = cone.normal(size=(max(1, number // 100), LENGTH))
    made = (groups[dice.integers(0, len(groups), number)] + dice.normal(size=(number, LENGTH))) @ along
    away = cone.normal(size=LENGTH)
    made += away * 2 * np.linalg.norm(made, axis=1).mean() / np.linalg.norm(away)  # a cosine of .8 where unrelated
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype("float32")


def embedded(found: Iterator[Entry], made: Any) -> Iterator[Entry]:
    """Entries with these vectors for their claims."""
    at = 0
    for entry in found:
        own = {c.id: made[(at + i) % len(made)].tolist() for i, c in enumerate(entry.claims)}
        at += len(entry.claims)
        yield entry._replace(vectors=own, embedded_by=MODEL)


def test_candidates_with_vectors(places: Places) -> None:
    probes = list(embedded(entries(PROBES, seed=99), vectors(PROBES * CLAIMS, seed=2)))
    with closing(open_ledger(place := places())) as ledger:
        spent = 0.0
        for part in batches(embedded(entries(HELD // CLAIMS), vectors(HELD)), 200):
            began = time.perf_counter()
            with ledger.writing() as connection:
                add(connection, part, RUN)
            spent += time.perf_counter() - began
        with ledger.writing() as connection:
            add(connection, probes, RUN)
    with closing(open_ledger(place)) as ledger:
        first = timed(ledger, probes[:1], MODEL)[0]
        timed(ledger, probes[:10], MODEL)
        rows = {name: sorted(timed(ledger, probes, model)) for name, model in (("with", MODEL), ("without", None))}
    told = ", ".join(
        f"{name} vectors {statistics.median(row) * 1000:.0f} ms (p95 {row[int(len(row) * 0.95)] * 1000:.0f} ms)"
        for name, row in rows.items()
    )
    print(
        f"\n{place.partition(':')[0] if '://' in place else 'sqlite'}, {HELD:,} claims with vectors, added at "
        f"{HELD / spent:,.0f} claims/s; candidates of an article {told}; the first one of a process {first:.1f} s; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def timed(ledger: Ledger, probes: Sequence[Entry], model: str | None) -> list[float]:
    """Seconds to find the candidates of each."""
    times = []
    for probe in probes:
        with ledger.reading() as connection:
            seq = held(connection, [probe.document.id])[probe.document.id].seq
        began = time.perf_counter()
        assert ledger.candidates(probe.claims, {probe.document.id: seq}, without={probe.document.id}, model=model)
        times.append(time.perf_counter() - began)
    return times


def test_recall_of_the_scan() -> None:
    file = os.environ.get("FACTCHECK_VECTORS")
    made = np.load(file) if file else vectors(HELD)
    kept, asked = Vectors(), made[:: max(1, len(made) // 300)][:300]
    for at in range(0, len(made), 10_000):
        kept.add([(at + i + 1, packed(row)) for i, row in enumerate(made[at : at + 10_000])])
    plain = made - made.mean(axis=0)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    shares: dict[int, list[float]] = {10: [], 50: []}
    for vector, own in zip(asked, asked - made.mean(axis=0), strict=True):
        exact = np.argsort(-(plain @ own))[:50] + 1
        found = [near.claim for near in kept.nearest({"x": vector.tolist()}, 50)["x"]]
        for number, share in shares.items():
            share.append(len({*exact[:number].tolist()} & {*found[:number]}) / number)
    recall = {number: statistics.mean(share) for number, share in shares.items()}
    print(f"\nrecall of the nearest among {len(made):,}: " + ", ".join(f"{r:.3f} at {n}" for n, r in recall.items()))
    assert min(recall.values()) >= 0.95
