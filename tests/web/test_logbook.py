"""The log knows who signed in, who was refused, what became of accounts and who added a document; editors see it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.exchange import export
from factcheck.ledger.log import NOTED, decisions
from factcheck.ledger.verify import verify
from factcheck.web.accounts import Accounts
from factcheck.web.options import Options
from tests.support.deskweb import csrf, desk, fill, sign_in
from tests.support.scripted import transport, whole_sentences

PASSWORD = "a long password"


@pytest.fixture
def place(tmp_path: Path) -> str:
    place = str(tmp_path / "desk.db")
    with closing(open_ledger(place)) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mira", "editor", PASSWORD, by="Root")
        accounts.add("Ben", "checker", PASSWORD, by="Root")
    return place


def noted(place: str) -> list[tuple[str, str, str, str]]:
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        return [(d.action, d.subject, d.by, d.note) for d in decisions(connection, *NOTED)]


def faults(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return verify(connection)


def test_sign_ins_are_noted_and_no_word_that_may_be_a_password(place: str) -> None:
    with desk(place) as client:
        sign_in(client, "Mira", "a wrong password")
        sign_in(client, "correct horse battery", "Mira")
        sign_in(client, "Mira", PASSWORD)
    entries = noted(place)[2:]
    assert [(action, subject, note) for action, subject, _, note in entries] == [
        ("refused", "account Mira", "wrong password"),
        ("refused", "account ?", "a name that nobody has"),
        ("sign_in", "account Mira", "with a password"),
    ]
    assert entries[2][2] == "Mira"
    assert "battery" not in str(entries)
    with closing(open_ledger(place)) as ledger:
        assert faults(ledger) == []
        with ledger.writing() as connection:
            connection.execute(text("UPDATE log SET note = 'with a password' WHERE action = 'refused'"))
        assert any("log: row 3 was changed" in line for line in faults(ledger))


def test_what_becomes_of_accounts_is_noted(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "root")
    runner = CliRunner()
    for words in (["users", "add", "Ben", "--role", "editor", "--no-password"], ["tokens", "add", "Ben"],
                  ["users", "remove", "Ben"]):  # fmt: skip
        assert runner.invoke(app, ["desk", *words, "--ledger", place]).exit_code == 0
    told = [(action, subject, note.split(":")[0]) for action, subject, _, note in noted(place)]
    assert told == [
        ("account", "account Mira", "opened as editor, with a password"),
        ("account", "account Ben", "opened as checker, with a password"),
        ("account", "account Ben", "changed as editor, without a password"),
        ("token", "account Ben", "made"),
        ("account", "account Ben", "closed"),
    ]
    assert {by for *_, by, _ in noted(place)[2:]} == {"root"}


def test_a_scope_that_counts_for_nothing_is_said(place: str) -> None:
    runner = CliRunner()
    make = ["desk", "tokens", "add", "Ben", "--ledger", place, "--scopes"]
    result = runner.invoke(app, [*make, "read,add,people"])
    assert "Ben may not people; the token will, once the account's role does" in result.stderr
    assert result.stdout.startswith("fcd_")
    assert runner.invoke(app, [*make, "read,add"]).stderr == ""


def test_the_log_calls_articles_and_findings_by_their_names(tmp_path: Path) -> None:
    place = str(tmp_path / "named.db")
    (key,) = fill(place, 1)
    with closing(open_ledger(place)) as ledger:
        row = ledger.finding(key).row
        ledger.assign(key, "Ola Ny", by="Mina Ek")
        ledger.retract(row.b.document.id, by="Mina Ek", note="Misheard.")
    with desk(place) as client:
        sign_in(client, "Mina Ek")
        page = client.get("/log").text
    who = row.a.claim.attribution.speaker
    assert re.search(rf'gave <a href="/findings/{row.pair}"><bdi>{who}[^<]*: [a-z ]+</bdi></a> to Ola Ny', page)
    assert f'retracted <a href="/articles/{row.b.document.id}"><bdi>{row.b.document.title}</bdi>' in page


def test_who_added_a_document_is_noted_once_and_shown_to_editors_only(place: str) -> None:
    with desk(place, Options(transport=transport(whole_sentences)), api_key="none") as client:
        sign_in(client, "Ben", PASSWORD)
        for _ in range(2):
            form = {"csrf": csrf(client.get("/add").text), "text": "Ann <i>paid</i> the bill.", "title": "Bills"}
            where = client.post("/add", data=form, follow_redirects=False).headers["location"]
            list(client.get(f"{where}/events").iter_lines())
        assert client.get("/log").status_code == 403
        assert 'href="/log"' not in client.get("/").text
        client.cookies.clear()
        sign_in(client, "Mira", PASSWORD)
        assert 'href="/log"' in client.get("/").text
        pages = {show: client.get(f"/log?show={show}").text for show in ("all", "documents", "sign-ins", "nothing")}
        assert "</bdi></b> signed in" not in client.get("/log?show=all&by=Root").text
    with closing(open_ledger(place)) as ledger:
        (row,) = ledger.documents().rows
        assert faults(ledger) == []
        with ledger.reading() as connection:
            lines = "".join(export(connection))
    added = [(subject, by) for action, subject, by, _ in noted(place) if action == "added"]
    assert added == [(row.document.id, "Ben")]
    assert f'<bdi>Ben</bdi></b> added <a href="/articles/{row.document.id}">' in pages["documents"]
    assert "signed in" in pages["sign-ins"]
    assert "signed in" in pages["all"]
    assert "opened as checker" in pages["nothing"]
    assert "sign_in" not in lines


def test_decisions_stand_in_the_log_with_links_and_nobody_undoes_what_is_only_noted(tmp_path: Path) -> None:
    place = str(tmp_path / "names.db")
    key = fill(place, 2)[0]
    with closing(open_ledger(place)) as ledger:
        ledger.decide(key, "dismissed", by="Ola", note="two <b>piers</b>")
    with desk(place) as client:
        sign_in(client, "Mira")
        page = client.get("/log").text
        link = page.split('dismissed <a href="')[1].split('"')[0]
        assert client.get(link).url.path == f"/findings/{key}"
        assert "two &lt;b&gt;piers" in page
        assert "Take it back" not in client.get("/?did=2").text
        form = {"csrf": csrf(page), "act": "undo:", "entries": "2"}
        assert "no entry of the log that can be taken back" in client.post("/decide", data=form).text
