"""The desk's commands: look things up in a ledger, decide, verify, take it out and read it in."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from factcheck.commands.app import app
from factcheck.ledger import log
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import claims, documents, findings, vocabulary
from factcheck.ledger.store import Entry, add
from factcheck.models import Finding
from tests.support.desk import RUN, fill
from tests.support.scripted import transport, whole_sentences
from tests.support.statements import article, claim, finding


def said(text: str, published: str, speaker: str = "Ann Roe", topic: str = "leasing the pier", **fields: str) -> Entry:
    document = article(text, published=published, **fields)
    return Entry(document, [claim(document, speaker=speaker, topic=topic)], recordings=("extract.v2/0.json",))


JUNE = said("The board will lease the pier, Ann Roe said.", "2023-06-01", url="https://echo.example/pier")
JULY = said("The board will never lease the pier, Ann Roe said.", "2024-07-01")
SALT = said("Salt will cost a tenth more, Ann Roe said.", "2024-01-01", topic="price of salt")
NAMESAKE = said("The quay is mine, Roe said.", "2024-02-01", speaker="Roe", topic="owner of the quay")
FOUND: Finding = finding(JUNE, JULY)


@pytest.fixture
def desk(place: str) -> str:
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, [JUNE, SALT, NAMESAKE, JULY._replace(findings=[FOUND])], RUN)
    return place


def run(place: str, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--ledger", place])
    assert result.exit_code == code, result.output
    return result


def told(place: str, *arguments: str) -> Any:
    return json.loads(run(place, *arguments, "--format", "json").stdout)


def test_a_timeline_shows_where_a_position_changed(desk: str) -> None:
    text = run(desk, "timeline", "ann roe").stdout
    assert "3 statements, 2023-06-01 to 2024-07-01" in text
    lines = text.splitlines()
    pier = next(i for i, line in enumerate(lines) if line.startswith("leasing the pier"))
    assert lines[pier + 1].count("●") == 2
    assert re.fullmatch("╰─+ position changed ─+╯", lines[pier + 2])
    assert [lines[pier + 1][0], lines[pier + 1][len(lines[pier + 2]) - 1]] == ["●", "●"]
    assert "1 × 3  position changed · full · strong · not reviewed" in text


def test_a_timeline_is_data_too(desk: str) -> None:
    value = told(desk, "timeline", "Ann Roe")
    assert [row["date"] for row in value["said"]] == ["2023-06-01", "2024-01-01", "2024-07-01"]
    assert [(f["a"], f["b"]) for f in value["findings"]] == [(FOUND.a, FOUND.b)]
    assert [row["claim"]["topic"] for row in told(desk, "timeline", "Ann Roe", "--topic", "salt price")["said"]] == [
        "price of salt"
    ]


def test_an_unknown_name_gets_a_hint(desk: str) -> None:
    assert "nobody of this name is in the ledger; there is ann roe" in run(desk, "timeline", "Bo Roe", code=2).stderr


def test_search_finds_words_speakers_and_topics(desk: str) -> None:
    assert [row["claim"]["id"] for row in told(desk, "search", "tenth")] == [SALT.claims[0].id]
    assert len(told(desk, "search", "ann", "pier")) == 2
    assert "nothing found" in run(desk, "search", "unheard").stdout


WORDS = said(
    "Die Beschlüsse zur Offshore-Windkraft gelten, Ann Roe said.", "2024-05-01", topic="policies", language="de"
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("leased", [JULY, JUNE]),  # another form
        ("policy", [WORDS]),
        ("beschluss", [WORDS]),  # without accents, by the stem of its language
        ("BESCHLÜSSE", [WORDS]),
        ("windkr", [WORDS]),  # the beginning of a word, and its middle
        ("indkraft", [WORDS]),
        ("enth", [SALT]),
        ("ew", []),  # too short for the middle of a word
        ("roe pie", [JULY, JUNE]),
        ("pier salt", []),
        ('"; OR', []),
    ],
)
def test_search_finds_other_forms_and_parts_of_words(desk: str, words: str, found: list[Entry]) -> None:
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        add(connection, [WORDS], RUN)
    assert [row["claim"]["id"] for row in told(desk, "search", words)] == [e.claims[0].id for e in found]


def test_whole_words_come_before_parts_of_words(desk: str) -> None:
    late = said("The lessee is late, Ann Roe said.", "2024-09-01", topic="salty")
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        add(connection, [late], RUN)
    assert [row["claim"]["id"] for row in told(desk, "search", "salt")] == [SALT.claims[0].id, late.claims[0].id]


def test_search_says_what_else_it_took_a_word_for(desk: str) -> None:
    assert "leased: also lease, leasing" in run(desk, "search", "leased").stdout
    assert "peir: in no statement; there is pier" in run(desk, "search", "peir").stdout


def test_a_last_name_finds_the_one_who_has_it(desk: str) -> None:
    other = said("The tide is high, Bo Lind said.", "2024-02-01", speaker="Bo Lind", topic="tide")
    third = said("The tide is low, Ida Lind said.", "2024-02-02", speaker="Ida Lind", topic="tide")
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        add(connection, [other, third], RUN)
    assert told(desk, "timeline", "ida")["names"] == ["Ida Lind"]
    assert "Lind: could be Bo Lind, Ida Lind; write more of the name" in run(desk, "timeline", "Lind", code=2).stderr
    assert told(desk, "timeline", "Roe")["others"] == ["Ann Roe"]
    assert "not the same: Ann Roe" in run(desk, "timeline", "Roe").stdout


def test_a_last_name_finds_a_person_whose_name_stands_within_that_of_a_body(desk: str) -> None:
    lind = said("The tide is high, Ida Lind said.", "2024-02-01", speaker="Ida Lind", topic="tide")
    body = said("The tide is low, her office said.", "2024-02-02", speaker="the office of Ida Lind", topic="tide")
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        add(connection, [lind, body], RUN)
    found = told(desk, "timeline", "Lind")
    assert (found["names"], found["others"]) == (["Ida Lind"], ["the office of Ida Lind"])


def test_verify_names_words_that_are_missing_or_of_no_claim(desk: str) -> None:
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        connection.execute(vocabulary.update().where(vocabulary.c.word == "quay").values(stem="dock"))
    lines = run(desk, "ledger", "verify", code=4).stdout
    assert "vocabulary: quay with the stem dock is of no claim" in lines
    assert "vocabulary: quay with the stem quay is missing" in lines


def test_show_gives_the_words_in_their_text_and_how_they_came(desk: str) -> None:
    text = run(desk, "show", FOUND.id).stdout
    for words in ("⟦The board will lease the pier, Ann Roe said.⟧", "characters 0 to 44", "extract.v2/0.json"):
        assert words in text
    claim_text = run(desk, "show", JUNE.claims[0].id).stdout
    assert FOUND.id in claim_text
    assert "is neither a claim nor a finding" in run(desk, "show", "c-nothing", code=2).stderr


def test_a_decision_is_kept_with_its_name_and_the_last_one_counts(desk: str) -> None:
    run(desk, "review", FOUND.id, "dismiss", "--by", "Mina Ek", "--note", "Another pier.")
    shown_text = " ".join(run(desk, "show", FOUND.id).stdout.split())
    assert "dismissed by Mina Ek on 20" in shown_text
    assert "Note by Mina Ek: Another pier." in shown_text
    run(desk, "review", FOUND.id, "accept", "--by", "Ola Ny")
    shown = told(desk, "show", FOUND.id)
    assert shown["finding"]["verdict"]["by"] == "Ola Ny"
    assert [d["action"] for d in shown["history"]] == ["dismissed", "accepted"]
    assert "needs the name" in run(desk, "review", FOUND.id, "accept", "--by", " ", code=2).stderr
    assert "is no finding" in run(desk, "review", "f-0", "accept", "--by", "Ola Ny", code=2).stderr


def test_names_are_suggested_merged_split_and_undone_by_people_only(desk: str) -> None:
    assert told(desk, "speakers", "suggest") == [
        {"a": "ann roe", "b": "roe", "why": "one is the other's last name alone"}
    ]
    assert len(told(desk, "speakers", "list")) == 2
    run(desk, "speakers", "merge", "Ann Roe", "Roe", "--by", "Mina Ek")
    assert [(s["names"], s["claims"]) for s in told(desk, "speakers", "list", "Ann")] == [(["Ann Roe", "Roe"], 4)]
    assert len(told(desk, "timeline", "Roe")["said"]) == 4
    run(desk, "speakers", "undo", "1", "--by", "Mina Ek", "--note", "Her brother.")
    assert len(told(desk, "speakers", "list")) == 2
    assert [d["action"] for d in told(desk, "speakers", "log")] == ["merge", "undo"]
    run(desk, "speakers", "split", "Ann Roe", "Roe", "--by", "Mina Ek")
    assert told(desk, "speakers", "suggest") == []
    assert "nobody of this name" in run(desk, "speakers", "merge", "Ann Roe", "Bo", "--by", "Mina Ek", code=2).stderr
    assert "is no merge or split" in run(desk, "speakers", "undo", "9", "--by", "Mina Ek", code=2).stderr


def test_a_retracted_document_makes_its_findings_stale(desk: str) -> None:
    run(desk, "ledger", "retract", JUNE.document.id, "--by", "Mina Ek", "--note", "Misheard.")
    assert told(desk, "show", FOUND.id)["finding"]["stale"] == "retracted by Mina Ek: Misheard."
    assert "retracted by Mina Ek" in run(desk, "timeline", "Ann Roe").stdout
    assert "is no document" in run(desk, "ledger", "retract", "d-0", "--by", "Mina Ek", "--note", "x", code=2).stderr


def test_a_correction_that_came_first_counts_too(desk: str) -> None:
    late = said("The board owns the ferry, Ann Roe said.", "2024-03-01", url="https://echo.example/ferry")
    note = said("We were wrong, Ann Roe said.", "2024-03-02", corrects="https://echo.example/ferry")
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        add(connection, [note], RUN)
        add(connection, [late], RUN)
    assert told(desk, "show", late.claims[0].id)["sides"][0]["stale"] == "corrected by The Echo on 2024-03-02"


def test_a_sound_ledger_verifies_and_says_what_it_holds(desk: str) -> None:
    fill(desk, 20)
    assert run(desk, "ledger", "verify").stdout.startswith("everything holds; sha256 of the content: ")
    assert told(desk, "ledger", "status")["claims"] == 304


EDITS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "its text": (
        documents,
        {"text": "Another text."},
        "documents: row 1 ({id}): the text of document {id} is not the one",
    ),
    "a quote's claim": (claims, {"body": None}, "claims: row 1 ({id}): the quote of claim {id} does not stand in its"),
    "a column": (claims, {"speaker": "Somebody Else"}, "claims: row 1 ({id}): speaker differs from its body"),
    "a side": (findings, {"b": "c-nothing"}, "findings: row 1 ({id}): b differs from its body"),
    "a pair": (findings, {"pair": "p-0"}, "findings: row 1 ({id}): does not have the key of its statements"),
    "a moment": (documents, {"added": "2001-01-01"}, "documents: row 1 ({id}) was changed"),
}


@pytest.mark.parametrize("name", EDITS)
def test_verify_names_what_was_tampered_with(desk: str, name: str) -> None:
    table, values, message = EDITS[name]
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        row = connection.execute(select(table).where(table.c.seq == 1)).mappings().one()
        if "body" in values:
            values = {"body": row["body"].replace('"exact":"The board will', '"exact":"The board must')}
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys
        connection.execute(table.update().where(table.c.seq == 1).values(values))
    result = run(desk, "ledger", "verify", code=4)
    assert message.format(id=row["id"]) in result.stdout
    assert "faults; sha256" in result.stdout


def test_verify_names_a_claim_that_cannot_be_found_any_more(desk: str) -> None:
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        empty = "INSERT INTO words(words) VALUES ('delete-all')" if ledger.is_sqlite else "DELETE FROM words"
        connection.exec_driver_sql(empty)
    told = run(desk, "ledger", "verify", code=4).stdout
    assert f"claims: row 1 ({JUNE.claims[0].id}): cannot be found by its words and features" in told


def test_an_export_read_into_another_ledger_is_the_same_ledger(desk: str, tmp_path: Path) -> None:
    run(desk, "review", FOUND.id, "dismiss", "--by", "Mina Ek", "--note", "Another pier.")
    run(desk, "speakers", "merge", "Ann Roe", "Roe", "--by", "Mina Ek")
    run(desk, "ledger", "retract", SALT.document.id, "--by", "Mina Ek", "--note", "Misheard.")
    file, copy = tmp_path / "desk.jsonl", str(tmp_path / "copy.db")
    run(desk, "ledger", "export", "--out", str(file))
    assert "4 new documents" in run(copy, "ledger", "import", str(file)).stdout
    assert "0 new documents" in run(copy, "ledger", "import", str(file)).stdout
    seals = {run(place, "ledger", "verify").stdout for place in (desk, copy)}
    assert len(seals) == 1
    assert run(copy, "ledger", "export").stdout == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["no json", "[]", '{"type": "document"}', '{"type": "ledger", "format": "x"}'])
def test_a_foreign_file_is_not_read_in(desk: str, tmp_path: Path, line: str) -> None:
    file = tmp_path / "foreign.jsonl"
    file.write_text(f"{line}\n", encoding="utf-8")
    assert (
        "foreign.jsonl, line 1: is no line of an exported ledger"
        in run(desk, "ledger", "import", str(file), code=2).stderr
    )


def test_a_missing_ledger_is_not_made_by_looking(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.db"), "timeline", "Ann Roe", code=2)
    assert "there is no such ledger" in result.stderr
    assert not (tmp_path / "none.db").exists()


def test_the_default_ledger_can_be_set(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTCHECK_LEDGER", desk)
    assert "3 statements" in CliRunner().invoke(app, ["timeline", "Ann Roe"]).stdout


def test_untrusted_words_do_nothing_in_a_terminal(place: str) -> None:
    nasty = said("The \x1b[31mpier\u202e is red, Ann Roe said.", "2024-01-01", topic="\x1b]0;x\x07pier")
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, [nasty], RUN)
        log.append(connection, "merge", "x", by="\x1b[2J", note="\x1b[2J", data={"names": ["ann roe", "b"]})
    key = nasty.claims[0].id
    for command in (["timeline", "Ann Roe"], ["search", "red"], ["show", key], ["speakers", "log"]):
        output = run(place, *command).output
        assert "\x1b" not in output
        assert "\u202e" not in output


def test_a_head_is_printed_and_can_be_checked_later(desk: str) -> None:
    head = told(desk, "ledger", "status")["head"]
    assert f"head: {head}" in run(desk, "ledger", "verify", "--head", head).stdout
    run(desk, "review", FOUND.id, "dismiss", "--by", "Mina Ek", "--note", "Another pier.")
    assert "everything holds" in run(desk, "ledger", "verify", "--head", head).stdout
    with closing(open_ledger(desk)) as ledger, ledger.writing() as connection:
        connection.execute(documents.update().where(documents.c.seq == 1).values(added="2001-01-01"))
    told_lines = run(desk, "ledger", "verify", "--head", head, code=4).stdout.splitlines()
    assert told_lines[0].startswith(f"documents: row 1 ({JUNE.document.id}) was changed")


def test_a_check_prints_the_head(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A day began.", encoding="utf-8")
    monkeypatch.setattr("factcheck.connecting.transport_for", lambda *args, **options: transport(whole_sentences))
    arguments = ["check", str(tmp_path / "a.md"), "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--no-cache"]
    stderr = run(place, *arguments).stderr
    with closing(open_ledger(place)) as ledger:
        assert f"ledger head: {ledger.head()}\n" in stderr
    assert "ledger head" not in run(place, *arguments, "--quiet").stderr
