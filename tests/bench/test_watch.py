"""Feeds watched for a simulated week: nothing missed or doubled, and no host asked more often than its pause."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import closing, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from factcheck.inputs import documents
from factcheck.inputs.sandbox import sandbox
from factcheck.ledger.connection import open_ledger
from factcheck.work.polite import Clock, Guest
from factcheck.work.watch import add, next_look, note
from tests.support.sites import Sites, Turned, page, rss

FEEDS = int(os.environ.get("FACTCHECK_BENCH_FEEDS", "200"))
DAYS = float(os.environ.get("FACTCHECK_BENCH_DAYS", "7"))
EVERY = float(os.environ.get("FACTCHECK_BENCH_EVERY", "900"))
"""Seconds between two looks at a feed."""

A_DAY = 3
"""New articles of a feed."""

PAUSE = 5.0
SHARED = 10
"""Feeds that share a host."""


MEMORY = Path("/dev/shm")
"""Where the ledger of a simulated week is kept, if there is such a place: it waits for no disk."""


def test_a_week_of_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    place = MEMORY if MEMORY.is_dir() else None
    with TemporaryDirectory(dir=place) as folder, sandbox(1) as processes:  # one for all, not one a look
        monkeypatch.setattr(documents, "sandbox", lambda size: nullcontext(processes))
        watched(Path(folder))


def watched(folder: Path) -> None:
    dice, sites = random.Random(6), Sites(Turned())
    start, listed = sites.clock.at, dict[str, dict[str, str]]()
    coming: list[tuple[float, str, str]] = []
    for n in range(FEEDS):
        feed = f"http://outlet{n // SHARED}.example/{n}.xml"
        listed[feed] = {}
        at = f"http://outlet{n // SHARED}.example/{n}"
        last = DAYS * 86400 - 7200
        coming += [(start + dice.uniform(0, last), feed, f"{at}-{k}") for k in range(int(A_DAY * DAYS))]
    coming.sort(reverse=True)
    published = len(coming)
    found: Counter[str] = Counter()
    looks, began = 0, time.monotonic()
    with closing(open_ledger(str(folder / "desk.db"))) as ledger:
        for feed in listed:
            sites.pages[feed] = rss(feed, {})
            add(ledger, feed, EVERY)
        guest = Guest(ledger, pause=PAUSE, clock=Clock(sites.clock.now, sites.clock.sleep), take=sites.take)
        while sites.clock.at < start + DAYS * 86400:
            while coming and coming[-1][0] <= sites.clock.at:
                _, feed, address = coming.pop()
                listed[feed][address] = f"Matter {len(listed[feed])}"
                sites.pages[address] = page(f"Matter of {address}", f"The mayor said that {address[-8:]} opens in May.")
                sites.pages[feed] = rss(feed, listed[feed])
            seen = next_look(ledger, guest)
            if seen is None:
                sites.clock.at += 30
                continue
            looks += 1
            if dice.random() < 0.01:  # whoever looked dies before it is noted
                continue
            found.update(str(document.url) for document in seen.documents)
            note(ledger, seen, sites.clock.at)
    same = sum(one.same for one in sites.asked)
    print(
        f"\n{FEEDS} feeds, {DAYS:g} days, every {EVERY:g} s, {published} articles: {looks} looks, "
        f"{len(sites.asked)} requests ({same} "
        f"answered with 'not modified') in {time.monotonic() - began:.0f} s; {len(found)} articles found, at most "
        f"{max(found.values())} times; shortest pause of a host {sites.shortest_pause():.1f} s"
    )
    assert len(found) == published
    assert set(found.values()) == {1}
    assert sites.shortest_pause() >= PAUSE - 0.01
