"""`factcheck read`: what was read and what was left out, without a model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.inputs.documents import read
from factcheck.originals import LeftOutKind
from factcheck.outputs.reading import NOUNS, left_out_line
from factcheck.outputs.render import render
from tests.support.pages import CORRECTIONS, LINES
from tests.support.reading import report_on


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(LINES["del and ins"][0].replace("</p>", "<sup>[1]</sup></p>", 1), encoding="utf-8")
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["read", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_it_shows_fields_with_their_sources_and_a_line_for_each_kind(file: Path) -> None:
    code, out, err = run(str(file))
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == str(file)
    assert "title Harbour board meets (h1)" in lines
    assert "published not found" in lines
    assert "left out 1 struck passage, 1 word, 2 characters: 12" in lines
    assert "left out 1 footnote mark, 1 word, 3 characters: [1]" in lines
    assert any(re.fullmatch(r"read \d+ words, [\d,]+ characters", line) for line in lines)


def test_all_words_are_shown_on_demand_in_their_order(file: Path) -> None:
    _, out, _ = run(str(file), "--full")
    places = [
        out.index(words) for words in ("[footnote mark] [1]", "The storm killed", "[struck passage] 12", "14 people")
    ]
    assert places == sorted(places)


def test_programs_get_the_documents(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.md"
    other.write_text("The ferry runs.", encoding="utf-8")
    code, out, _ = run(str(file), str(other), "--format", "json")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert {item["kind"] for item in first["left_out"]} == {"struck", "note_mark", "navigation"}
    assert second["text"] == "The ferry runs."


def test_what_cannot_be_read_is_one_line_and_an_exit_code(file: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.html")
    code, out, err = run(missing)
    assert (code, out, err.count("\n")) == (2, "", 1)
    code, out, err = run(str(file), missing)
    assert (code, err.count("\n")) == (4, 1)
    assert str(file) in out


def test_reports_say_in_one_line_what_was_left_out(file: Path, tmp_path: Path) -> None:
    corrected = tmp_path / "corrected.html"
    corrected.write_text(CORRECTIONS["in an aside"][0], encoding="utf-8")
    report = report_on(read([file, corrected]).documents)
    line = left_out_line(next(document for document in report.documents if document.path == str(file)))
    assert line == "2 menus and lists of links, 1 footnote mark, 1 struck passage"
    text, html = render(report, "text"), render(report, "html")
    assert f"left out: {line}" in " ".join(text.split())
    assert f"Left out: {line}." in html
    for shown in (text, html):
        assert "corrects itself: “Correction, 5 March" in " ".join(shown.split())


def test_nothing_is_said_where_nothing_was_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("The ferry runs.", encoding="utf-8")
    report = report_on(read([path]).documents)
    assert "eft out" not in render(report, "text") + render(report, "html")


def test_every_kind_has_a_name() -> None:
    assert set(NOUNS) == set(get_args(LeftOutKind))
