"""Scores in words, and cases of all kinds through the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from factcheck.commands.app import app
from factcheck.models import Claim, Document
from factcheck.quality.suite import load_suite
from factcheck.stages.excerpts import Excerpt, excerpts
from tests.support.keys import KEY
from tests.support.scripted import completion, transport, whole_sentences

PAIRS: list[dict[str, Any]] = [
    {
        "id": "p1",
        "category": "ladder",
        "language": "en",
        "a": {"date": "2024-01-01", "speaker": "Ann Roe", "role": "chair", "text": "The pier will open, Ann Roe said."},
        "b": {
            "date": "2024-02-01",
            "speaker": "Ann Roe",
            "role": "chair",
            "text": "Ann Roe said the pier will never open.",
        },
        "expected": "full",
        "why": "opposites",
    },
    {
        "id": "p2",
        "category": "irony",
        "language": "de",
        "a": {"date": "2024-01-01", "speaker": None, "text": "Es regnet in Kehlbach. Der Fluss steigt."},
        "b": {"date": "2024-01-01", "speaker": None, "text": "Der Fluss fällt wieder."},
        "expected": "none",
        "same_article": True,
    },
]


def answered(a: int, b: int) -> Any:
    pair = {
        "a": a,
        "b": b,
        "about": "the pier",
        "same_thing": True,
        "reading": "r",
        "both_can_be_true": False,
        "speakers": "same",
        "moved": "no",
        "why": "opposites",
    }

    def answer(schema: str, user: str) -> Any:
        if schema.startswith("judge") and "Later digest" in user:
            return {"matters": [], "missed": [], "answers": [], "pairs": [pair]}
        if schema.startswith("review"):
            return {"looks": [{"n": 1, "because": "no room", "verdict": "clash"}]}
        return whole_sentences(schema, user)

    return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k.json").write_text(json.dumps(KEY), encoding="utf-8")
    lines = [json.dumps(pair, ensure_ascii=False) for pair in PAIRS]
    (tmp_path / "s.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, answer: Any, *arguments: str) -> Result:
    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(answer))
    local = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m"]
    return CliRunner().invoke(app, ["eval", *arguments, *local], catch_exceptions=False)


def test_a_right_verdict_on_every_pair(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, answered(4, 1), "s.jsonl", "--format", "json")
    (outcome,) = json.loads(result.stdout)
    assert outcome["tallies"]["pairs right"] == {"hits": 2, "total": 2, "share": 1.0}
    assert outcome["tallies"]["false alarms"]["hits"] == 0
    assert outcome["tallies"]["severity right"]["hits"] == 1
    assert outcome["parts"]["category irony"]["pairs right"]["total"] == 1
    assert outcome["misses"] == []


def test_a_false_alarm_and_a_miss_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, answered(2, 3), "s.jsonl")
    assert "pair p1:" in result.stdout
    assert "none, not full" in result.stdout
    assert "pair p2:" in result.stdout
    assert "full strong: opposites, not none" in result.stdout


def test_a_finding_between_two_pairs_is_no_hit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, answered(1, 3), "s.jsonl")
    assert "extra finding between pairs: opposites" in result.stdout


def test_dossiers_and_suites_of_a_folder_and_every_format(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        f: call(monkeypatch, whole_sentences, ".", "--format", f) for f in ("terminal", "markdown", "junit", "json")
    }
    assert {result.exit_code for result in texts.values()} == {0}
    assert "claims found" in texts["terminal"].stdout
    assert "dossier k" in texts["terminal"].stdout
    assert "| claims found | 4/4 = 1.000" in texts["markdown"].stdout
    cases = list(ET.fromstring(texts["junit"].stdout).iter("testcase"))
    assert [case.get("name") for case in cases] == ["k", "s"]
    assert all(case.find("failure") is not None for case in cases)


def test_against_one_prompt_stands_beside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(schema: str, user: str) -> Any:
        return (
            {"claims": [], "contradictions": []} if schema.startswith("one-prompt") else whole_sentences(schema, user)
        )

    result = call(monkeypatch, answer, "k.json", "--against", "one-prompt", "--save", "kept")
    assert "one-prompt: missed claim" in result.stdout
    assert "cost of the dossiers, pipeline = 1" in result.stdout
    assert sorted(p.name for p in (folder / "kept").iterdir()) == ["k.one-prompt.json", "k.pipeline.json"]


@pytest.mark.parametrize("shown", [True, False])
def test_what_was_shown_together_is_scored_apart(folder: Path, monkeypatch: pytest.MonkeyPatch, shown: bool) -> None:
    if not shown:
        monkeypatch.setattr("factcheck.flow.comparing.Gathering.rest", lambda self: [[d] for d, _ in self._waiting])
        monkeypatch.setattr("factcheck.ledger.connection.candidates", lambda *a, **k: [])
    result = call(monkeypatch, whole_sentences, "k.json", "--ledger", str(folder / "desk.db"), "--format", "json")
    for outcome in json.loads(result.stdout):
        assert outcome["tallies"]["shown together"]["hits"] == int(shown)
        assert outcome["tallies"]["shown together"]["total"] == 1
        assert any("never shown together k: a" in miss for miss in outcome["misses"]) is not shown


def test_a_ledger_shows_as_much_as_the_settings_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets: list[int] = []

    def noted(found: Iterable[tuple[Document, Claim]], budget: int) -> list[Excerpt]:
        budgets.append(budget)
        return excerpts(found, budget)

    monkeypatch.setattr("factcheck.flow.comparing.Gathering.rest", lambda self: [[d] for d, _ in self._waiting])
    monkeypatch.setattr("factcheck.flow.comparing.excerpts", noted)
    monkeypatch.setenv("FACTCHECK_CANDIDATE_TOKENS", "700")
    call(monkeypatch, whole_sentences, "k.json", "--ledger", str(folder / "desk.db"))
    assert budgets
    assert set(budgets) == {700}


def test_what_could_not_be_asked_is_no_score(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(monkeypatch, lambda schema, user: completion("", finish="content_filter"), "k.json")
    assert result.exit_code == 4
    assert "not done:" in result.stdout


def test_a_broken_suite_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "p"}\n')
    result = CliRunner().invoke(app, ["eval", str(path)])
    assert result.exit_code == 2
    assert "x.jsonl: is not a suite of pairs" in result.stderr


def test_the_benchmarks_own_shape_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    path.write_text('{"id": "i-1", "text_a": "We want it.", "text_b": "We do not.", "gold": "contradiction"}\n')
    (pair,) = load_suite(path)
    assert (pair.expected, pair.a.speaker, pair.b.speaker) == ("full", "Party 1", "Party 1")
