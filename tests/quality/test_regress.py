"""Regression runs: what turns them red, and with which words."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest
from typer.testing import CliRunner, Result

from factcheck.commands.app import app
from factcheck.quality.regress import Change, differences, github, junit, terminal
from tests.support.keys import JULY, JUNE, KEY
from tests.support.pier import PAIR
from tests.support.scripted import draft, extracted, judged, source, transport

ACCEPTED: dict[str, Any] = {
    "format": "factcheck.accepted/1",
    "case": "k",
    "claims": [
        {"at": "a 0-40", "kind": "official_position", "speaker": "Ann Roe", "target": None, "words": "wants the pier"},
        {
            "at": "b 0-34",
            "kind": "official_position",
            "speaker": "Ann Roe",
            "target": None,
            "words": "will not be leased",
        },
        {"at": "b 36-60", "kind": "accusation", "speaker": "Ben Ito", "target": "Ann Roe", "words": "accuses her"},
    ],
    "findings": [
        {
            "a": "a 0-40",
            "b": "b 0-34",
            "kind": "reversal",
            "severity": "full",
            "tier": "strong",
            "words": "wants × will not",
        }
    ],
}


def changed(edit: Any) -> list[tuple[str, bool]]:
    new = copy.deepcopy(ACCEPTED)
    edit(new)
    return differences(ACCEPTED, new)


def test_nothing_changed_is_nothing_said() -> None:
    assert changed(lambda new: None) == []


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda n: n["claims"].pop(0), "claim lost: Ann Roe: “wants the pier”"),
        (
            lambda n: n["claims"][2].update(speaker="Ann Roe"),
            "claim changed speaker: Ann Roe: “accuses her”: Ann Roe, was Ben Ito",
        ),
        (lambda n: n["claims"][2].update(kind="assertion"), "claim changed kind"),
        (lambda n: n["claims"][2].update(target=None), "claim changed target"),
        (lambda n: n["claims"][0].update(at="a 5-40"), "claim changed span"),
        (lambda n: n["findings"].clear(), "finding lost: reversal full: wants × will not"),
        (lambda n: n["findings"][0].update(severity="partial"), "finding changed severity"),
        (lambda n: n["findings"][0].update(kind="dispute"), "finding changed kind"),
        (lambda n: n["findings"][0].update(tier="lead"), "finding changed tier"),
        (lambda n: n["findings"].append({**n["findings"][0], "a": "b 36-60"}), "finding added"),
    ],
)
def test_each_change_is_named_and_worse(edit: Any, message: str) -> None:
    found = changed(edit)
    assert any(said.startswith(message) and worse for said, worse in found), found


def test_an_added_claim_is_named_and_not_worse() -> None:
    more = {"at": "a 50-60", "kind": "assertion", "speaker": None, "target": None, "words": "rain"}
    assert changed(lambda n: n["claims"].append(more)) == [("claim added: the article: “rain”", False)]


def test_pairs_are_compared_by_id() -> None:
    old = {"pairs": {"p1": "none", "p2": "reversal full strong"}, "strays": 0}
    new = {"pairs": {"p1": "reversal full lead", "p2": "reversal full strong"}, "strays": 1}
    assert [said for said, _ in differences(old, new)] == [
        "pair p1: reversal full lead, was none",
        "findings between pairs: 1, were 0",
    ]


def test_outputs_for_people_and_machines() -> None:
    changes = [Change("k", "claim lost: A: 100%\nx", worse=True), Change("k", "claim added: B", worse=False)]
    assert terminal(changes, 2).endswith("2 cases, 2 changes, 1 of them regressions")
    assert github(changes).splitlines() == [
        "::error title=k::claim lost: A: 100%25%0Ax",
        "::notice title=k::claim added: B",
    ]
    root = ET.fromstring(junit(changes, ["k", "other"]))
    assert [len(case.findall("failure")) for case in root.iter("testcase")] == [1, 0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose answers are recorded and accepted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "k.json").write_text(json.dumps(KEY), encoding="utf-8")

    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            return extracted([source(1, "Ann Roe")], [draft(1, by=1, kind="official_position", topic="pier")])
        if schema.startswith("judge"):
            return judged(*([PAIR] if "leased" in user else []))
        return {"looks": [{"n": 1, "because": "none", "verdict": "clash"}]}

    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(answer))
    local = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert call(".", "--record", "recordings", "--update", *local).exit_code == 0
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["regress", *arguments], catch_exceptions=False)


def test_a_replay_of_accepted_cases_is_green(folder: Path) -> None:
    result = call(".")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.strip() == "1 case, 0 changes, 0 of them regressions"


def test_a_swapped_speaker_in_a_recording_is_red(folder: Path) -> None:
    for path in (folder / "recordings" / "extract.v2").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("Ann Roe", "Ben Ito"), encoding="utf-8")
    result = call(".")
    assert result.exit_code == 3
    assert "stale recordings" in result.stdout
    assert "claim lost: Ann Roe: “Ann Roe, the chair" in result.stdout or "claim changed speaker" in result.stdout


def test_a_dropped_finding_is_red(folder: Path) -> None:
    for path in (folder / "recordings" / "judge.v2").iterdir():
        record = json.loads(path.read_text(encoding="utf-8"))
        body = json.loads(record["response"]["body"])
        body["choices"][0]["message"]["content"] = json.dumps(judged())
        record["response"]["body"] = json.dumps(body)
        path.write_text(json.dumps(record), encoding="utf-8")
    result = call(".")
    assert result.exit_code == 3
    assert "finding lost: reversal full" in result.stdout


def test_a_broken_prompt_is_red_and_says_how_to_record_again(folder: Path) -> None:
    shipped = Path(__file__).parent.parent.parent / "prompts" / "extract.v2.md"
    (folder / "own").mkdir()
    broken = shipped.read_text(encoding="utf-8").replace("You are the reader", "You are not the reader")
    (folder / "own" / "extract.v2.md").write_text(broken, encoding="utf-8")
    result = call(".", "--prompts", "own", "--format", "github")
    assert result.exit_code == 3
    assert "stale recordings" in result.stdout
    assert "the system message" in result.stdout
    assert "--record" in result.stdout


def test_without_accepted_results_it_says_so(folder: Path) -> None:
    (folder / "accepted" / "k.json").unlink()
    result = call(".")
    assert result.exit_code == 3
    assert "accept it with --update" in result.stdout


def init(*arguments: str) -> Result:
    return call("init", *arguments, "--base-url", "http://127.0.0.1:9/v1", "--model", "m")


@pytest.fixture
def desk(folder: Path) -> Path:
    """A newsroom's own articles, beside nothing else."""
    (folder / "articles").mkdir()
    for name, day, text in (("june", "2024-06-01", JUNE), ("july", "2024-07-01", JULY)):
        head = f"---\ntitle: {name}\npublisher: Echo\npublished: {day}\n---\n"
        (folder / "articles" / f"{name}.md").write_text(head + text, encoding="utf-8")
    return folder


def test_a_case_of_ones_own_replays_offline_in_another_folder(
    desk: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = init("articles", "--into", "own", "--name", "pier")
    assert made.exit_code == 0, made.stderr
    assert "own/cases/pier.json: 2 documents, 2 claims, 1 finding" in made.stdout
    elsewhere = tmp_path_factory.mktemp("fresh")
    shutil.copytree(desk / "own", elsewhere / "own")
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: pytest.fail("a replay asked"))
    assert call("own").stdout.strip() == "1 case, 0 changes, 0 of them regressions"
    for path in (elsewhere / "own" / "recordings" / "extract.v2").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("Ann Roe", "Ben Ito"), encoding="utf-8")
    assert call("own").exit_code == 3


def test_a_case_that_was_cut_off_goes_on_and_asks_nothing_twice(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    refused = [True]

    def answer(schema: str, user: str) -> Any:
        asked.append(schema.split("-", maxsplit=1)[0])
        if asked[-1] == "extract":
            return extracted([source(1, "Ann Roe")], [draft(1, by=1, kind="official_position", topic="pier")])
        return httpx2.Response(401, json={"error": {"message": "no"}}) if refused[0] else judged()

    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(answer))
    first = init("articles", "--into", "own")
    assert first.exit_code == 4
    assert "nothing was accepted; the same command goes on" in first.stderr
    assert not (desk / "own" / "accepted").exists()
    assert asked.count("extract") == 2
    refused[0], asked[:] = False, []
    assert init("articles", "--into", "own").exit_code == 0
    assert "extract" not in asked
    again = init("articles", "--into", "own")
    assert again.exit_code == 2
    assert "is a case already" in again.stderr


def test_a_case_is_made_of_recordings_that_are_there(desk: Path) -> None:
    assert init("articles", "--into", "one").exit_code == 0
    made = call("init", "articles", "--into", "two", "--replay", "one/recordings")
    assert made.exit_code == 0, made.stderr
    one, two = ({p.relative_to(desk / n): p.read_bytes() for p in (desk / n).rglob("*.json")} for n in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["init"], "name the articles"),
        (["init", "nowhere.md"], "nowhere.md"),
        (["one", "two"], "one folder of cases at a time"),
        (["empty"], "regress init ARTICLES --into empty"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(folder: Path, arguments: list[str], said: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
