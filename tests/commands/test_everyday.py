"""The command line day by day: nothing to do is no success, odd terminals are no crash, findings come first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from factcheck.commands.app import app
from tests.support.pier import JULY, JUNE, stubborn
from tests.support.scripted import transport

ROOT = Path(__file__).parent.parent.parent
LOCAL = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--no-cache")


@pytest.fixture(autouse=True)
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Requests to an endpoint that finds Ann Roe's reversal in two files of an empty folder."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(stubborn, asked))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name, day, text in (("june.md", "2024-06-01", "The sun set. " + JUNE), ("july.md", "2024-07-01", JULY)):
        head = f"---\ntitle: Pier\npublisher: Echo\npublished: {day}\n---\n"
        Path(name).write_text(head + text, encoding="utf-8")
    return asked


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_regress_without_cases_is_no_green_build(tmp_path: Path) -> None:
    result = call("regress")
    assert result.exit_code == 2
    assert "fixtures: holds no cases" in result.stderr


def test_a_folder_without_recordings_is_no_success(tmp_path: Path) -> None:
    result = call("recordings", str(tmp_path))
    assert result.exit_code == 2
    assert "holds no recordings" in result.stderr


def test_a_file_name_whose_ending_is_no_format_is_refused_before_anything_is_asked(seen: list[Any]) -> None:
    for name in ("report.docx", "report"):
        result = call("check", "june.md", *LOCAL, "--out", name)
        assert result.exit_code == 2
        assert ".json, .html" in result.stderr
        assert not Path(name).exists()
    assert not seen
    assert call("check", "june.md", *LOCAL, "--out", "report.docx", "--format", "text").exit_code == 0


def test_an_output_that_cannot_show_a_character_is_no_crash() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    arguments = ["check", str(ROOT / "seeds" / "nato-2014"), "--replay", str(ROOT / "fixtures" / "recordings")]
    done = subprocess.run(
        [sys.executable, "-m", "factcheck", *arguments], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert not done.stderr
    assert b"?Stubb says that he wants Finland to" in done.stdout


def test_findings_come_first_and_claims_only_when_asked_for() -> None:
    plain = call("check", "june.md", "july.md", *LOCAL).stdout
    assert plain.splitlines()[1].startswith("│ 1. Ann Roe: position changed")
    assert "position  Ann Roe" not in plain
    assert "The claims are shown with --claims." in plain
    whole = call("check", "june.md", "july.md", *LOCAL, "--claims").stdout
    assert whole.index("position changed") < whole.index("position  Ann Roe")
    assert "position  Ann Roe" in call("extract", "june.md", *LOCAL).stdout


def test_a_finding_shows_its_ids_and_the_sentences_around_its_words() -> None:
    shown = " ".join(call("check", "june.md", "july.md", *LOCAL).stdout.replace("│", " ").split())
    assert "f-" in shown
    assert "claims c-" in shown


def test_a_run_that_failed_says_so_first() -> None:
    result = call("check", "june.md", "--base-url", "https://api.example/v1", "--model", "m", "--no-cache")
    assert result.exit_code == 4
    assert result.stdout.startswith("This run failed")


def test_a_dry_run_of_nothing_exits_like_the_run(seen: list[Any]) -> None:
    for more in ([], ["--dry-run"]):
        result = call("check", "gone.md", *LOCAL, *more)
        assert result.exit_code == 2
        assert "gone.md: there is no such file" in result.stderr
    assert call("check", "june.md", *LOCAL, "--dry-run").exit_code == 0
    assert not seen


@pytest.mark.parametrize(("level", "failures"), [("never", "0"), ("lead", "1"), ("strong", "1"), ("full", "1")])
def test_junit_fails_where_the_exit_code_does(level: str, failures: str) -> None:
    result = call("check", "june.md", "july.md", *LOCAL, "--format", "junit", "--fail-on", level)
    assert f'failures="{failures}"' in result.stdout
    assert "position changed" in result.stdout
    assert result.exit_code == (3 if failures == "1" else 0)


def test_open_shows_the_page_of_a_saved_report(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: not opened.append(address))  # type: ignore[func-returns-value]
    call("check", "june.md", "july.md", *LOCAL, "--out", "report.json")
    result = call("open", "report.json")
    assert result.exit_code == 0
    assert Path(result.stdout.strip()).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert opened == [Path(result.stdout.strip()).as_uri()]
    assert call("open", "gone.json").exit_code == 2
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert "open " in call("open", "report.json").stderr
