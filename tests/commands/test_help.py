"""Help says what one types: every command has an example that it would take, and belongs to a group."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.commands.help import EXAMPLES, PANELS, commands_of

EVERY = [name for name, _ in commands_of(app)]


def test_every_command_has_an_example_and_a_group() -> None:
    assert {*EVERY, "desk"} == set(EXAMPLES)
    assert {name.split()[0] for name in EVERY} == {name for names in PANELS.values() for name in names}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_taken(name: str) -> None:
    words = shlex.split(EXAMPLES[name])
    command: Any = typer.main.get_command(app)
    context = command.make_context("factcheck", ["--help"], resilient_parsing=True)
    for part in name.split():
        assert words.pop(0) == part
        command = command.get_command(context, part)
    assert command.make_context(name, words, parent=context).params


def test_help_shows_groups_and_the_example() -> None:
    shown = CliRunner().invoke(app, ["check", "--help"]).stdout
    assert "What it costs" in shown
    assert "Example: factcheck check article.md" in shown
    assert all(panel in CliRunner().invoke(app, ["--help"]).stdout for panel in PANELS)


def test_init_writes_settings_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--base-url", "http://localhost:11434/v1", "--model", 'odd "name"', "--ledger", "desk.db"]
    assert CliRunner().invoke(app, ["init", *options]).exit_code == 0
    written = tomllib.loads(Path("factcheck.toml").read_text(encoding="utf-8"))
    assert written == {"base_url": "http://localhost:11434/v1", "model": 'odd "name"', "ledger": "desk.db"}
    from factcheck.settings import load_settings

    assert load_settings().model == 'odd "name"'


def test_init_overwrites_nothing_and_takes_what_is_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["init"]).exit_code == 0
    before = Path("factcheck.toml").read_bytes()
    assert b"ledger" not in before
    again = CliRunner().invoke(app, ["init", "--model", "other"])
    assert again.exit_code == 2
    assert "factcheck.toml: is there already" in again.output
    assert Path("factcheck.toml").read_bytes() == before


def test_init_refuses_what_cannot_be_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init", "--base-url", "http://[bad/v1"])
    assert done.exit_code == 2
    assert not Path("factcheck.toml").exists()
