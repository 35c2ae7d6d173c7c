"""Rows refer to each other by declared foreign keys, in new ledgers and in old ones that are opened."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import NAMED, metadata
from factcheck.ledger.verify import verify
from tests.conftest import Places
from tests.support.desk import RUN, entries
from tests.support.statements import JULY, JUNE, finding

OLD = Path(__file__).parent.parent.parent / "fixtures" / "ledgers" / "v1.db"


def keys(place: str) -> set[tuple[str, str, str]]:
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        found = inspect(connection)
        return {
            (name, key["constrained_columns"][0], f"{key['referred_table']}.{key['referred_columns'][0]}")
            for name in metadata.tables
            for key in found.get_foreign_keys(name)
        }


def wanted() -> set[tuple[str, str, str]]:
    every = [(name, key) for name, table in metadata.tables.items() for key in table.foreign_keys]
    return {(name, key.parent.name, key.target_fullname) for name, key in every}


def test_a_new_ledger_has_all_of_them(places: Places) -> None:
    place = places()
    assert ("claims", "document_id", "documents.id") in keys(place)
    assert keys(place) == wanted()


def test_an_old_ledger_gets_them_and_keeps_every_row_and_index(tmp_path: Path) -> None:
    place = shutil.copy(OLD, tmp_path / "old.db")
    with closing(sqlite3.connect(place)) as before:
        rows = before.execute("SELECT id, body FROM claims ORDER BY id").fetchall()
        indexes = {name for (name,) in before.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert keys(str(place)) == wanted()
    with closing(sqlite3.connect(place)) as after:
        assert after.execute("SELECT id, body FROM claims ORDER BY id").fetchall() == rows
        kept = {name for (name,) in after.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert {name for name in indexes if not name.startswith("sqlite_")} <= kept
        assert after.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(open_ledger(str(place))) as ledger:
        ledger.keep([JUNE, JULY._replace(findings=[finding(JUNE, JULY)])], RUN)
        with ledger.reading() as connection:
            assert verify(connection) == []


def test_a_ledger_from_before_its_index_of_names_is_indexed_part_by_part(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factcheck.ledger.kinship.BATCH", 3)
    monkeypatch.setattr("factcheck.ledger.seals.BATCH", 4)
    place = places()
    with closing(open_ledger(place)) as ledger:
        ledger.keep(list(entries(8, claims=3)), RUN)
        head = ledger.head()
        with ledger.writing() as connection:
            connection.exec_driver_sql("DROP TABLE namings")
            connection.exec_driver_sql(f"DELETE FROM migrations WHERE version = {NAMED}")
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert verify(connection) == []
        assert ledger.head() == head


def test_a_ledger_from_which_rows_were_removed_opens_and_is_told_of(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, JULY._replace(findings=[finding(JUNE, JULY)])], RUN)
        with ledger.writing() as connection:
            connection.exec_driver_sql("DELETE FROM documents WHERE seq = 1")
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert any("its document is missing" in line for line in verify(connection))
