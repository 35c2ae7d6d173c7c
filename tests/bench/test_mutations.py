"""Break originals of every kind in 3,000 ways: `pytest tests/bench/test_mutations.py -o addopts="" -s`."""

from __future__ import annotations

import os
from collections import Counter

from factcheck.inputs.sandbox import sandbox
from tests.support.mutations import ORIGINALS, memory, mutants, outcome

ALL = int(os.environ.get("FACTCHECK_BENCH_ORIGINALS", "3000"))
MAX_SECONDS = 12.0
MAX_BYTES = 600_000_000


def test_three_thousand_broken_originals_are_read_or_refused() -> None:
    codes: Counter[str] = Counter()
    slowest = ("", 0.0)
    each = -(-ALL // len(ORIGINALS))
    with sandbox(1) as processes:
        for name in ORIGINALS:
            for n, content in enumerate(mutants(name, each, seed=2)):
                found = outcome(name, content, processes)
                codes[found.code] += 1
                slowest = max(slowest, (f"{name} {n}", found.seconds), key=lambda pair: pair[1])
                assert found.seconds < MAX_SECONDS, (name, n)
    print(f"\n{codes.total():,} broken originals: {dict(codes.most_common())}; slowest {slowest[0]} {slowest[1]:.1f} s")
    print(f"memory {memory() / 1e6:.0f} MB; no traceback, none took {MAX_SECONDS:.0f} s")
    assert memory() < MAX_BYTES
