"""Each pair of articles is compared once: in any order of arrival, by any number of processes, with kills between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, select

import factcheck
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import comparisons, documents, findings
from tests.conftest import Places
from tests.support.crash import finish, start
from tests.support.newsroom import Newsroom, newsroom, write

ARTICLES = 10
PAIRS = {frozenset(pair): 1 for pair in itertools.combinations([f"T{n:03}" for n in range(ARTICLES)], 2)}


def articles(folder: Path) -> list[Path]:
    """Articles of which each two have a matter of their own, on which they clash."""
    of = {
        n: [f"m{a}x{b}" for a, b in itertools.combinations(range(ARTICLES), 2) if n in {a, b}] for n in range(ARTICLES)
    }
    return write(folder / "articles", list(of.values()), unlisted=0)


def check(room: Newsroom, some: Sequence[Path], place: str | None) -> factcheck.Report:
    settings = factcheck.load_settings(model="m", base_url=room.base_url, use_cache=False)
    return factcheck.check(some, settings=settings, ledger=place)


def found(place: str) -> list[str]:
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        waiting = select(documents.c.id).where(documents.c.id.not_in(select(comparisons.c.document_id)))
        assert connection.execute(waiting).scalars().all() == []
        return sorted(connection.execute(select(findings.c.id)).scalars())


@pytest.mark.parametrize(
    "arrival",
    [
        [range(10)],
        [range(9, -1, -1)],
        [range(6, 10), range(3), range(2, 6)],
        [[n] for n in (7, 2, 9, 0, 4, 1, 8, 3, 6, 5)],
    ],
)
def test_any_order_of_arrival_compares_the_same_pairs(arrival: list[Sequence[int]], tmp_path: Path) -> None:
    paths, place = articles(tmp_path), str(tmp_path / "desk.db")
    with newsroom() as room:
        whole = check(room, paths, None)
        assert room.pairs() == PAIRS
        room.asked.clear()
        for part in arrival:
            check(room, [paths[n] for n in part], place)
        assert room.pairs() == PAIRS
        assert found(place) == sorted(f.id for f in whole.findings)
    assert len(whole.findings) == len(PAIRS)


@pytest.mark.parametrize("processes", [2, 8])
def test_processes_at_once_compare_the_same_pairs(processes: int, tmp_path: Path) -> None:
    paths, place = articles(tmp_path), str(tmp_path / "desk.db")
    with newsroom(delay=0.02) as room:
        for process in [start(room, place, paths[i::processes], tmp_path) for i in range(processes)]:
            finish(process)
        assert room.pairs() == PAIRS
    assert len(found(place)) == len(PAIRS)


def test_what_a_dead_process_left_is_compared_without_what_has_met_it(tmp_path: Path) -> None:
    """The third came while the first two waited, and met them then."""
    paths, place = articles(tmp_path)[:4], str(tmp_path / "desk.db")
    wanted = {pair: 1 for pair in PAIRS if pair <= {f"T{n:03}" for n in range(4)}}
    with newsroom() as room:
        check(room, paths[:2], place)
        with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
            connection.execute(delete(comparisons))
            connection.execute(delete(findings))
        room.asked.clear()
        check(room, paths[2:3], place)
        check(room, paths, place)
        assert room.pairs() == wanted
    assert len(found(place)) == len(wanted)


def test_processes_with_the_same_articles_keep_everything_once(places: Places, tmp_path: Path) -> None:
    paths, place = articles(tmp_path), places()
    with newsroom(delay=0.3) as room:
        running = [start(room, place, some, tmp_path) for some in (paths[:6], paths, paths[3:])]
        for process in running:
            finish(process)
    assert len(found(place)) == len(PAIRS)
