"""The terminal as a desk: list findings, step through them with one key each, report what was decided."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from factcheck.commands import stepping
from factcheck.commands.app import app
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.store import add
from factcheck.models import Finding
from tests.support.desk import RUN
from tests.support.statements import entry, finding

PIER = entry("The board will lease the pier, Ann Roe said.", published="2023-06-01")
NEVER = entry("Intro.\n\nThe board will never lease the pier, Ann Roe said.", published="2024-07-01", sentence=2)
SALT = entry("Salt will cost more, Bo Lind said.", "price of salt", "Bo Lind", published="2022-01-01")
CHEAP = entry("Salt will cost less, Bo Lind said.", "price of salt", "Bo Lind", published="2022-03-01")
ON_PIER: Finding = finding(PIER, NEVER)
ON_SALT = finding(SALT, CHEAP).model_copy(update={"tier": "lead"})


@pytest.fixture
def place(tmp_path: Path) -> str:
    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger, ledger.writing() as connection:
        found = [PIER, SALT, NEVER._replace(findings=[ON_PIER]), CHEAP._replace(findings=[ON_SALT])]
        add(connection, found, RUN)
    return str(tmp_path / "desk.db")


def run(place: str, *arguments: str, keys: str = "", code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--ledger", place], input=keys)
    assert result.exit_code == code, result.output
    return result


def stepped(place: str, keys: str, *arguments: str) -> str:
    return run(place, "review", "--by", "Mina Ek", *arguments, keys=keys).stdout


def actions(place: str, found: Finding = ON_PIER) -> list[tuple[str, str]]:
    with closing(open_ledger(place)) as ledger:
        return [(d.action, d.note) for d in ledger.history(found.id)]


def test_findings_are_listed_with_ids_that_suffice_and_counts(place: str) -> None:
    text = run(place, "findings").stdout
    assert [line[:9] for line in text.splitlines() if line.startswith("f-")] == [ON_PIER.id[:9], ON_SALT.id[:9]]
    assert "Ann Roe: position changed · full · strong · not reviewed" in text
    assert text.endswith("\n2 open\n")
    run(place, "review", ON_PIER.id[:9], "dismiss", "--by", "Mina Ek", "--note", "Another pier.")
    assert "position changed" not in run(place, "findings", "--speaker", "Roe").stdout
    every = run(place, "findings", "--all").stdout
    folded = next(line for line in every.splitlines() if line.startswith(ON_PIER.id[:9]))
    assert "dismissed by Mina Ek" in folded
    assert "will never lease" not in every
    assert every.endswith("\n1 open, 1 dismissed\n")


def test_findings_are_chosen_by_options_and_come_as_data(place: str) -> None:
    told = json.loads(run(place, "findings", "--tier", "lead", "--until", "2022-03", "--format", "json").stdout)
    assert [row["finding"]["id"] for row in told["rows"]] == [ON_SALT.id]
    assert told["counts"]["open"] == 1
    assert "1 to 1 of 2; --skip 1 shows more" in run(place, "findings", "--limit", "1").stdout
    assert "exclude each other" in run(place, "findings", "--open", "--stale", code=2).stderr
    assert "is no date" in run(place, "findings", "--since", "soon", code=2).stderr


def test_open_findings_are_decided_with_one_key_each(place: str) -> None:
    text = stepped(place, "a\nd Another salt.\n")
    assert actions(place) == [("accepted", "")]
    assert actions(place, ON_SALT) == [("dismissed", "Another salt.")]
    assert text.index("(1/2)") < text.index("(2/2)") < text.index("that was the last one")
    assert "⟦The board will never lease the pier, Ann Roe said.⟧" in text
    assert text.endswith("1 accepted, 1 dismissed; in the ledger: 0 open, 1 accepted, 1 dismissed\n")
    assert "no finding is left to look at" in stepped(place, "")


def test_one_goes_to_and_fro_comments_assigns_and_takes_back(place: str) -> None:
    text = stepped(place, "j\nj\nk\nk\nc\nCalled her.\ns Ola Ny\na\nu\nu\nx\n?\nq\na\n")
    assert actions(place) == [("comment", "Called her."), ("assign", ""), ("accepted", ""), ("undo", ""), ("undo", "")]
    assert actions(place, ON_SALT) == []
    for line in (
        "this is the last one",
        "this is the first one",
        "accepted (entry 3) is taken back",
        "'x' does nothing",
    ):
        assert line in text
    assert "Mina Ek gave it to Ola Ny" in text
    assert "d  dismiss, with a reason" in text
    with closing(open_ledger(place)) as ledger:
        assert ledger.finding(ON_PIER.id).row.assignee is None


def test_nothing_is_dismissed_without_a_reason(place: str) -> None:
    assert "a dismissal needs a reason" in stepped(place, "d\n\nq\n")
    assert "a dismissal needs a reason" in run(place, "review", ON_PIER.id, "dismiss", "--by", "Mina Ek", code=2).stderr
    assert actions(place) == []


def test_what_somebody_decided_meanwhile_is_shown_and_overridden_only_on_purpose(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stepping.Pipe.key

    def meanwhile(self: stepping.Pipe) -> str:
        pressed = whole(self)
        if pressed == "a" and len(actions(place)) == 0:
            with closing(open_ledger(place)) as other:
                other.decide(ON_PIER.id, "dismissed", by="Ola Ny", note="Another pier.")
        return pressed

    monkeypatch.setattr(stepping.Pipe, "key", meanwhile)
    text = stepped(place, "a\nn\nq\n")
    assert "Ola Ny was quicker (dismissed, " in text
    assert "Ola Ny dismissed it: Another pier." in text
    assert actions(place) == [("dismissed", "Another pier.")]
    monkeypatch.setattr(stepping.Pipe, "key", whole)
    with closing(open_ledger(place)) as other:
        other.undo(ON_PIER.id, by="Ola Ny")


def test_an_override_is_kept_beside_what_it_overrides(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Ledger.finding

    def stale(self: Ledger, key: str) -> Any:
        detail = plain(self, key)
        return detail.model_copy(update={"row": detail.row.model_copy(update={"seen": 0})})

    run(place, "review", ON_PIER.id, "dismiss", "--by", "Ola Ny", "--note", "Another pier.")
    monkeypatch.setattr(Ledger, "finding", stale)
    stepped(place, "a\ny\nq\n", ON_PIER.id[:8])
    assert [action for action, _ in actions(place)] == ["dismissed", "accepted"]


def test_the_name_comes_from_the_settings(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs the name of whoever decides" in run(place, "review", ON_PIER.id, "accept", code=2).stderr
    monkeypatch.setenv("FACTCHECK_BY", "Ola Ny")
    assert "accepted by Ola Ny" in run(place, "review", ON_PIER.id, "accept").stdout


def test_a_report_comes_out_of_a_ledger_with_what_was_decided(place: str, tmp_path: Path) -> None:
    run(place, "review", ON_PIER.id, "dismiss", "--by", "Mina Ek", "--note", "Another pier.")
    out = tmp_path / "page.html"
    run(place, "report", "--out", str(out))
    page = out.read_text(encoding="utf-8")
    assert "dismissed by Mina Ek" in page
    assert "Another pier." in page
    assert page.count('<details class="folded">') == 1
    assert "2 findings (1 strong, 1 dismissed)" in page
    text = run(place, "report", "--format", "text").stdout
    assert "2 findings (1 strong, 1 dismissed)" in text
    assert text.count("What differs") == 1
    assert "dismissed by Mina Ek" in " ".join(text.split())
    told = json.loads(run(place, "report", "--format", "json").stdout)
    assert [f["id"] for f in told["findings"]] == [ON_SALT.id, ON_PIER.id]
    assert len(told["documents"]) == 4
    some = json.loads(run(place, "report", "--open", "--format", "json").stdout)
    assert [f["id"] for f in some["findings"]] == [ON_SALT.id]
    assert {d["id"] for d in some["documents"]} == {SALT.document.id, CHEAP.document.id}


def test_a_report_has_one_source(place: str, tmp_path: Path) -> None:
    assert "give either a saved report" in CliRunner().invoke(app, ["report"]).stderr
    saved = tmp_path / "a.json"
    saved.write_text(run(place, "report", "--format", "json").stdout, encoding="utf-8")
    assert "give either a saved report" in run(place, "report", str(saved), code=2).stderr
    result = CliRunner().invoke(app, ["report", str(saved), "--open"])
    assert (result.exit_code, "findings are chosen out of a ledger" in result.stderr) == (2, True)
    assert CliRunner().invoke(app, ["report", str(saved), "--format", "text"]).exit_code == 0


def test_ids_on_a_timeline_and_in_a_search_can_be_used_as_they_stand(place: str) -> None:
    for command in (("timeline", "roe"), ("search", "pier"), ("show", ON_PIER.id)):
        text = run(place, *command).stdout
        key = re.search(r"c-[0-9a-f]+", text)
        assert key is not None
        assert "lease the pier" in " ".join(run(place, "show", key[0]).stdout.split())
