"""A ledger as a source: the documents of what was said before, without those that no longer stand."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import add
from factcheck.settings import load_settings
from factcheck.sources.earlier import Earlier
from factcheck.sources.named import sources_for
from factcheck.sources.results import Query
from tests.support.desk import RUN
from tests.support.statements import JULY, JUNE, entry

SHIPS = entry("The port of Pellby handled 4,210 ships, Ann Roe said.", topic="ships at Pellby")


@pytest.fixture
def place(tmp_path: Path) -> str:
    place = str(tmp_path / "desk.sqlite")
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, [JUNE, JULY, SHIPS], RUN)
    return place


def test_the_documents_of_fitting_statements_are_found(place: str) -> None:
    queries = [Query("Pellby had 4,210 ships"), Query("The board leases the pier"), Query("Nothing of the sort")]
    sources, _ = sources_for([f"ledger:{place}"], load_settings())
    ships, pier, nothing = asyncio.run(sources[0].search(queries))
    assert [f.document.id for f in ships.found] == [SHIPS.document.id]
    assert {f.document.id for f in pier.found} == {JUNE.document.id, JULY.document.id}
    assert {f.document.role for f in (*ships.found, *pier.found)} == {"evidence"}
    assert (nothing.found, nothing.search.hits, nothing.problems) == ([], 0, [])
    assert ships.search.source == f"ledger:{place}"


def test_a_ledger_that_is_not_there_is_one_line_and_not_made(tmp_path: Path) -> None:
    place = tmp_path / "none.sqlite"
    first, second = asyncio.run(Earlier(str(place)).search([Query("ships"), Query("salt")]))
    assert [p.code for p in (*first.problems, *second.problems)] == ["ledger"]
    assert second.search.problem
    assert not place.exists()


def test_a_password_is_not_shown() -> None:
    assert "hunter22hunter" not in Earlier("postgresql://desk:hunter22hunter@127.0.0.1:1/x").name
