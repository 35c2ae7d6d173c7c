"""What goes into a ledger comes out again, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from factcheck.errors import LedgerError, UsageError
from factcheck.ledger import engines, log
from factcheck.ledger.candidates import Among, candidates
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.features import searchable, statement_key
from factcheck.ledger.postings import matching
from factcheck.ledger.schema import claims, documents, findings, names
from factcheck.ledger.schema import log as log_table
from factcheck.ledger.store import Entry, add, head, load_claims, load_documents, replaced
from factcheck.ledger.verify import verify
from factcheck.ledger.view import holdings, report_of
from factcheck.text.names import folded
from tests.conftest import new_database
from tests.support.desk import RUN, entries
from tests.support.statements import JULY, JUNE, article, claim, entry, finding


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with closing(open_ledger(place)) as opened:
        yield opened


def kept(ledger: Ledger, *found: Entry) -> list[str]:
    with ledger.writing() as connection:
        return add(connection, found, RUN)


def test_documents_and_claims_come_back_as_they_went_in(ledger: Ledger) -> None:
    some = list(entries(5, claims=4))
    assert kept(ledger, *some) == [e.document.id for e in some]
    with ledger.reading() as connection:
        assert load_documents(connection, [e.document.id for e in some]) == {e.document.id: e.document for e in some}
        assert list(load_claims(connection, claims.c.document_id, [some[3].document.id]).values()) == list(
            some[3].claims
        )
        assert head(connection) == 20
        said = some[0].claims[0].attribution.speaker or ""
        assert 1 in connection.execute(select(names.c.claim).where(names.c.name == folded(said))).scalars().all()


def test_a_document_is_added_once(ledger: Ledger) -> None:
    assert kept(ledger, JUNE, JULY, JUNE) == [JUNE.document.id, JULY.document.id]
    assert kept(ledger, JULY) == []
    with ledger.reading() as connection:
        assert connection.execute(select(claims.c.seq)).scalars().all() == [1, 2]


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.writing() as connection:
            add(connection, [JUNE], RUN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with ledger.reading() as connection:
        assert head(connection) == 0
        assert matching(connection, [["lease"]], 5) == []


def test_a_report_has_findings_with_both_sides_and_says_what_became_of_them(ledger: Ledger) -> None:
    kept(ledger, JUNE, JULY._replace(findings=[finding(JUNE, JULY)]))
    with ledger.writing() as connection:
        (pair,) = connection.execute(select(findings.c.pair)).scalars()
        log.append(connection, "dismissed", pair, by="Mina Ek", note="The plan had changed.")
        report = report_of(connection, [JULY.document.id], RUN)
    assert [d.id for d in report.documents] == [JULY.document.id, JUNE.document.id]
    (found,) = report.findings
    assert report.claim(found.a) == JUNE.claims[0]
    assert found.verdict is not None
    assert (found.verdict.decision, found.verdict.by) == ("dismissed", "Mina Ek")
    assert found.stale is None


def test_a_later_version_replaces_an_earlier_one(ledger: Ledger) -> None:
    first = entry("The board will lease the pier, Ann Roe said.", url="https://echo.example/pier")
    second = entry(
        "The board may lease the pier, Ann Roe said.", url="https://echo.example/pier", published="2024-01-11"
    )
    kept(ledger, first, JULY._replace(findings=[finding(first, JULY)]))
    kept(ledger, second)
    with ledger.reading() as connection:
        assert replaced(connection, [first.document.id, second.document.id]) == {
            first.document.id: "a later version exists"
        }
        assert report_of(connection, [JULY.document.id], RUN).findings[0].stale == "a later version exists"
        found = {c.claim.document_id for c in candidates(connection, JUNE.claims)}
    assert found == {second.document.id, JULY.document.id}


def test_an_older_version_that_comes_late_replaces_nothing(ledger: Ledger) -> None:
    new = entry("The board may lease the pier, Ann Roe said.", url="https://echo.example/p", published="2024-01-11")
    old = entry("The board will lease the pier, Ann Roe said.", url="https://echo.example/p", published="2024-01-09")
    kept(ledger, new)
    kept(ledger, old)
    with ledger.reading() as connection:
        assert replaced(connection, [new.document.id, old.document.id]) == {old.document.id: "a later version exists"}


@pytest.mark.parametrize("word", ["corrects", "retracts"])
def test_a_correction_makes_findings_stale_and_a_retraction_ends_comparison(ledger: Ledger, word: str) -> None:
    first = entry("The board will lease the pier, Ann Roe said.", url="https://echo.example/pier")
    address = {word: "https://echo.example/pier"}
    note = entry("We got this wrong, the paper said.", published="2024-02-01", **address)  # type: ignore[arg-type]
    kept(ledger, first, JULY._replace(findings=[finding(first, JULY)]), note)
    with ledger.reading() as connection:
        reason = report_of(connection, [JULY.document.id], RUN).findings[0].stale
        found = {c.claim.document_id for c in candidates(connection, JULY.claims)}
    assert reason == f"{word.removesuffix('s')}ed by The Echo on 2024-02-01"
    assert (first.document.id in found) == (word == "corrects")


def test_copies_are_one_statement_with_several_sources(ledger: Ledger) -> None:
    text = "The board will lease the pier, Ann Roe said."
    outlets = [entry(text, publisher=f"Paper {n}") for n in range(5)]
    assert len({statement_key(e.claims[0]) for e in outlets}) == 1
    kept(ledger, *outlets, JULY._replace(findings=[finding(outlets[0], JULY), finding(outlets[3], JULY)]))
    with ledger.reading() as connection:
        (found,) = report_of(connection, [JULY.document.id], RUN).findings
        near = candidates(connection, JULY.claims)
    assert {found.a, *found.also} == {e.claims[0].id for e in outlets}
    assert len(near) == 1


def test_candidates_are_few_and_the_likeliest_first(ledger: Ledger) -> None:
    kept(ledger, *entries(40, claims=15), JUNE, entry("Rain fell.", topic="weather in Tollmere", speaker=None))
    with ledger.reading() as connection:
        found = candidates(connection, JULY.claims)
        assert found[0].claim == JUNE.claims[0]
        assert len(found) < 40
        assert all(a.score >= b.score for a, b in pairwise(found))
        assert candidates(connection, JULY.claims, Among(before=1)) == []


def test_a_claim_in_another_language_is_found_by_its_topic(ledger: Ledger) -> None:
    finnish = entry("Lautakunta ei vuokraa laituria, sanoi Liisa Salo.", topic="pier lease", speaker="Liisa Salo")
    kept(ledger, *entries(20, claims=5), finnish)
    with ledger.reading() as connection:
        assert candidates(connection, JULY.claims)[0].claim == finnish.claims[0]


def test_merged_names_are_one_speaker_and_namesakes_stay_two(ledger: Ledger) -> None:
    maiden = entry("The quay will be dug, Ann Berg said.", topic="digging", speaker="Ann Berg")
    kept(ledger, *entries(20, claims=5), maiden)
    married = entry("She promised the quay, Ann Roe said.", topic="promise of digging").claims
    with ledger.writing() as connection:
        before = candidates(connection, married)[0]
        names = [folded("Ann Roe"), folded("Ann Berg")]
        log.append(connection, "merge", " = ".join(names), by="Mina Ek", data={"names": names})
        after = candidates(connection, married)[0]
    assert before.claim == after.claim == maiden.claims[0]
    assert after.score > before.score


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Die Brücke öffnet", "brucke"),
        ("東京都は橋を閉鎖する", "閉鎖"),
        ("أغلق الجسر أمس", "الجسر"),
        ("สะพานปิดแล้ว", "ปิด"),
    ],
)
def test_words_are_found_in_any_script(ledger: Ledger, text: str, query: str) -> None:
    document = article(text)
    kept(ledger, *entries(3, claims=2), Entry(document, [claim(document)]))
    with ledger.reading() as connection:
        assert matching(connection, [[word] for word in searchable(query).split()], 5) == [7]
        assert matching(connection, [["nothing"], ["like"]], 5) == []


def test_an_edited_log_is_noticed(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        for n in range(5):
            log.append(connection, "accepted", f"p-{n}", by="Mina Ek", note=f"note {n}")
        assert log.faults(connection) == []
        connection.execute(log_table.update().where(log_table.c.seq == 3).values(note="another"))
        assert log.faults(connection) == ["log: row 3 was changed"]


def test_the_tables_are_plain_for_any_client(tmp_path: Path) -> None:
    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        kept(ledger, JUNE)
    with closing(sqlite3.connect(tmp_path / "desk.db")) as plain:
        row = plain.execute("SELECT speaker, topic, published FROM claims JOIN documents ON document_id = documents.id")
        assert row.fetchone() == ("Ann Roe", "leasing the pier", "2024-06-01")


def test_a_newer_schema_is_refused(place: str, ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.exec_driver_sql("INSERT INTO migrations (version, tool) VALUES (99, 'factcheck 9')")
    with pytest.raises(LedgerError, match=r"made by a newer factcheck \(schema 99\)"):
        open_ledger(place)


def test_what_is_no_ledger_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("No database at all, but long enough to look at." * 50, encoding="utf-8")
    with pytest.raises(LedgerError, match=r"text\.db: is not a ledger"):
        open_ledger(str(tmp_path / "text.db"))
    with pytest.raises(UsageError, match="is a folder"):
        open_ledger(str(tmp_path))
    with pytest.raises(UsageError, match="is no ledger; name a file"):
        open_ledger("mysql://desk")
    with pytest.raises(LedgerError, match="does not answer") as told:
        open_ledger("postgresql://desk:geheim@127.0.0.1:1/desk")
    assert "geheim" not in str(told.value)


@pytest.mark.parametrize("name", ["Who said it?/desk.db", "a?mode=memory.db", "100%/desk%20.db", "#1/desk;.db"])
def test_a_path_is_taken_letter_by_letter(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    with closing(open_ledger(str(tmp_path / name))) as ledger:
        kept(ledger, JUNE)
    assert (tmp_path / name).is_file()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://desk:geheim@127.0.0.1:port/desk", "this address cannot be read"),
        ("postgresql://desk:geheim@[::1/desk", "this address cannot be read"),
        ("postgresql://desk@127.0.0.1:1/desk?password=geheim", "does not answer"),
        ("postgresql://desk@127.0.0.1:1/desk?password=geheim&nonsense=1", "nonsense"),
        (":memory:", "keeps nothing"),
    ],
)
def test_an_address_that_is_none_gets_one_line_without_its_password(address: str, words: str) -> None:
    with pytest.raises((UsageError, LedgerError), match=words) as told:
        open_ledger(address)
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "nobody"}, "does not know this user"),
        ({"database": "nowhere"}, "there is no such database"),
    ],
)
def test_what_a_server_refuses_is_not_called_a_server_that_is_away(
    postgres: str, changes: dict[str, str], words: str
) -> None:
    address = sqlalchemy.make_url(postgres).set(**changes)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match=words) as told:
        open_ledger(address.render_as_string(hide_password=False))
    assert "[secret]" not in str(told.value), "the folder of a socket is none"


def test_a_wrong_password_is_said() -> None:
    failed = "connection failed: server at 10.0.0.1 failed: FATAL: password authentication failed for desk"
    with pytest.raises(LedgerError, match="did not accept the user"), engines.explained("postgresql://db/desk"):
        raise OperationalError("", {}, Exception(failed))


def test_status_counts_what_waits(ledger: Ledger) -> None:
    kept(ledger, JUNE, JULY._replace(compared=False))
    with ledger.reading() as connection:
        assert holdings(connection) == {"documents": 2, "claims": 2, "findings": 0, "problems": 0, "waiting": 1}


def test_a_ledger_that_cannot_be_written_gets_one_line(tmp_path: Path) -> None:
    def protect(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only = ON")

    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        sqlalchemy.event.listen(ledger.engine, "begin", protect)
        with pytest.raises(LedgerError, match=r"desk\.db: is read-only; make the file and its folder writable"):
            kept(ledger, JUNE)
    with pytest.raises(LedgerError, match=r"desk\.db: cannot be opened; check that its folder exists"):
        open_ledger(str(tmp_path / "no such folder" / "desk.db"))


def test_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/desk {tmp_path} nfs4 rw 0 0\n", encoding="utf-8")
    found = engines._filesystem(tmp_path / "desk.db", mounts)
    monkeypatch.setattr(engines, "_filesystem", lambda path: found)
    with pytest.raises(LedgerError, match=r"network share \(nfs4\)"):
        open_ledger(str(tmp_path / "desk.db"))


def test_a_full_disk_gets_one_line_and_loses_nothing(tmp_path: Path) -> None:
    def fill(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 60")

    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        kept(ledger, JUNE)
        sqlalchemy.event.listen(ledger.engine, "begin", fill)
        with pytest.raises(LedgerError, match="the disk is full; free some space"):
            kept(ledger, *entries(200))
        with ledger.reading() as connection:
            assert connection.execute(select(documents.c.id)).scalars().all() == [JUNE.document.id]


def test_what_a_driver_says_by_itself_gets_one_line(ledger: Ledger) -> None:
    def ask(connection: sqlalchemy.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("SELECT 1 FROM nowhere")

    with pytest.raises(LedgerError, match=r"the database says: .*nowhere"), ledger.reading() as connection:
        ask(connection)


def test_an_index_that_cannot_be_written_keeps_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: sqlalchemy.Connection, words: dict[int, str]) -> None:
        raise LedgerError(f"no room for {len(words)} claims")

    monkeypatch.setattr("factcheck.ledger.store.index_words", broken)
    with pytest.raises(LedgerError, match="no room for 1 claims"):
        kept(ledger, JUNE)
    with ledger.reading() as connection:
        assert connection.execute(select(documents.c.id)).all() == []


def test_edits_deletions_and_reorderings_of_the_log_are_all_noticed(ledger: Ledger) -> None:
    dice = random.Random(5)
    with ledger.writing() as connection:
        for n in range(12):
            log.append(connection, "accepted", f"p-{n}", by=f"Mina {n}", note=f"note {n}")

    for _ in range(300):
        with ledger.engine.execution_options(writes=True).connect() as connection:
            tamper(connection, dice)
            assert log.faults(connection), "an edit went unnoticed"
            connection.rollback()
    with ledger.reading() as connection:
        assert log.faults(connection) == []


def tamper(connection: sqlalchemy.Connection, dice: random.Random) -> None:
    """Edit a value, delete rows anywhere, or let two rows change places, as somebody with a database client might."""
    row, other = dice.sample(range(1, 13), 2)
    what = dice.choice(["edit", "delete", "cut", "swap", "renumber"])
    if what == "edit":
        column = dice.choice(["action", "subject", "data", "by", "note", "at", "previous", "hash"])
        connection.execute(log_table.update().where(log_table.c.seq == row).values({column: f"x{dice.random()}"}))
    elif what == "delete":
        connection.execute(log_table.delete().where(log_table.c.seq == row))
    elif what == "cut":
        connection.execute(log_table.delete().where(log_table.c.seq >= row))
    elif what == "swap":
        for old, new in ((row, 99), (other, row), (99, other)):
            connection.execute(log_table.update().where(log_table.c.seq == old).values(seq=new))
    else:
        connection.execute(log_table.delete().where(log_table.c.seq == row))
        connection.execute(log_table.update().where(log_table.c.seq > row).values(seq=log_table.c.seq - 1))


def test_few_rows_and_many_are_written_alike(ledger: Ledger) -> None:
    """PostgreSQL gets few rows in statements that it has prepared, and many as a COPY."""
    few, many = list(entries(2, claims=3, seed=1)), list(entries(1, claims=150, seed=2))
    for part in ([few[0]], many, [few[1]]):
        kept(ledger, *part)
    with ledger.reading() as connection:
        assert verify(connection) == []
        again = load_documents(connection, [e.document.id for e in (*few, *many)])
        assert again == {e.document.id: e.document for e in (*few, *many)}
        for one in (*few, *many):
            assert list(load_claims(connection, claims.c.document_id, [one.document.id]).values()) == list(one.claims)


def test_several_chains_go_on_in_one_transaction(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        for one in (JUNE, JULY):
            add(connection, [one], RUN)
            log.append(connection, "added", one.document.id, by="Eva")
    with ledger.writing() as connection:
        log.append(connection, "added", "again", by="Eva")
    with ledger.reading() as connection:
        assert verify(connection) == []
        assert [d.seq for d in log.decisions(connection, "added")] == [1, 2, 3]


def test_statements_stay_prepared_from_one_look_to_the_next(postgres: str) -> None:
    """A ROLLBACK at the end of a look would have the driver prepare all of them again."""
    with closing(open_ledger(new_database(postgres))) as ledger:
        for _ in range(2):
            with ledger.reading() as connection:
                load_documents(connection, ["d1"])
                load_documents(connection, ["d1"])
        with ledger.reading() as connection:
            query = sqlalchemy.text("SELECT statement FROM pg_prepared_statements")
            assert any("FROM documents" in statement for statement in connection.execute(query).scalars())
