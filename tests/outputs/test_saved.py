"""Saved reports: read back, refused where they do not hold, turned into other outputs, and compared."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

import factcheck
from factcheck.commands.app import app
from factcheck.commands.options import Format
from factcheck.models import Report
from factcheck.outputs.changes import diff
from factcheck.outputs.render import FORMATS
from tests.support.evidence import weighed
from tests.support.reports import ACCEPTED, BEN, article, bills, claim, finding, report


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    made = bills(Path())
    Path("report.json").write_text(factcheck.render(made, "json"), encoding="utf-8")
    return made


def call(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=text, catch_exceptions=False)


def test_json_comes_back_as_the_same_report(made: Report) -> None:
    assert factcheck.load_report("report.json") == made
    assert call("report", "report.json", "--format", "json").stdout == Path("report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("a.md", "# Fact-check report"),
        ("a.csv", "\ufeffid,finding,"),
        ("a.jsonl", '{"type": "run"'),
        ("a.sarif", "{"),
        ("a.xml", "<?xml"),
        ("a.txt", "╭─"),
    ],
)
def test_the_ending_of_out_chooses_the_format(made: Report, name: str, beginning: str) -> None:
    assert call("report", "report.json", "--out", name).exit_code == 0
    assert Path(name).read_text(encoding="utf-8").startswith(beginning)


def test_the_command_line_offers_every_format() -> None:
    assert set(get_args(Format)) == {"auto", "terminal", *FORMATS}


def test_a_named_format_wins_and_standard_input_is_read(made: Report) -> None:
    saved = Path("report.json").read_text(encoding="utf-8")
    result = call("report", "-", "--format", "github", text=saved)
    assert result.stdout == factcheck.render(made, "github")
    assert "position changed" in call("report", "report.json").stdout


def broken(edit: Any) -> str:
    value = json.loads(Path("report.json").read_text(encoding="utf-8"))
    edit(value)
    return json.dumps(value)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda v: v["claims"][0]["quotes"][0].update(start=1), "does not stand in its document"),
        (lambda v: v["claims"][0]["quotes"][0].update(exact="I have not paid"), "does not stand in its document"),
        (lambda v: v["claims"][0]["quotes"].clear(), "does not stand in its document"),
        (lambda v: v["claims"][0].update(text="Ann Roe stole it."), "is not its quoted words"),
        (lambda v: v["claims"][0].update(document_id="d-0"), "is missing"),
        (lambda v: v["findings"][0].update(a="c-0"), "is missing"),
        (lambda v: v["claims"].append(v["claims"][0]), "two parts have one id"),
        (lambda v: v.update(format="factcheck.report/9"), "format"),
        (lambda v: v.pop("run"), "run: Field required"),
        (lambda v: v["run"].update(surprise=1), "run.surprise"),
    ],
)
def test_a_report_that_does_not_hold_is_one_line_and_exit_2(made: Report, edit: Any, words: str) -> None:
    Path("broken.json").write_text(broken(edit), encoding="utf-8")
    for arguments in (["report", "broken.json"], ["diff", "report.json", "broken.json"]):
        result = call(*arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith("factcheck: broken.json: ")
        assert words in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
        assert not result.stdout


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda v: v["evidence"][0]["quotes"][0].update(exact="The town was paid"), "does not stand in its document"),
        (lambda v: v["evidence"][0]["quotes"][0].update(start=1), "does not stand in its document"),
        (lambda v: v["evidence"][0]["quotes"][0].update(suffix="and so on"), "the words around the quote of evidence"),
        (lambda v: v["evidence"][0]["quotes"].clear(), "it has none"),
        (lambda v: v["evidence"][0].update(document_id="d-0"), "the claim or the document of evidence"),
        (lambda v: v["evidence"][0].update(claim_id="c-0"), "the claim or the document of evidence"),
        (lambda v: v["evidence"][1].update(origin_of="e-0"), "what evidence"),
        (lambda v: v["evidence"][1].update(independent=True), "has an origin and is called independent"),
        (lambda v: v["evidence"].append(v["evidence"][0]), "two parts have one id"),
        (lambda v: v["evidence"].pop(), "is missing"),
        (lambda v: v["checks"][1].update(outcome="supported"), "has an outcome and no words"),
        (lambda v: v["checks"][1]["evidence"].append(v["evidence"][0]["id"]), "is missing"),
        (lambda v: v["checks"][0].update(claim_id="c-0"), "the claim c-0 of a check is missing"),
        (lambda v: v["checks"].append(v["checks"][0]), "two parts have one id"),
        (lambda v: v["checks"][0].update(outcome="true"), "outcome"),
    ],
)
def test_no_evidence_without_exact_words_is_ever_shown(made: Report, edit: Any, words: str) -> None:
    Path("report.json").write_text(factcheck.render(weighed(made), "json"), encoding="utf-8")
    assert factcheck.load_report("report.json") == weighed(made)
    Path("broken.json").write_text(broken(edit), encoding="utf-8")
    result = call("report", "broken.json", "--format", "evidence-csv")
    assert result.exit_code == 2
    assert words in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{", b"null", b'{"a": 1}', b"\x00" * 9, b"[" * 5000])
def test_a_foreign_file_is_one_line_and_exit_2(made: Report, content: bytes) -> None:
    Path("foreign.json").write_bytes(content)
    result = call("report", "foreign.json")
    assert result.exit_code == 2
    assert "is not a factcheck report" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["gone.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_one_line_and_exit_2(made: Report, name: str) -> None:
    result = call("report", name)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_nothing_changed(made: Report) -> None:
    result = call("diff", "report.json", "report.json")
    assert (result.exit_code, result.stdout) == (0, "0 changes\n")


def test_what_was_added_lost_and_changed(made: Report) -> None:
    first, _second = made.findings
    claims = (made.claims[0].model_copy(update={"kind": "official_position"}), *made.claims[2:])
    later = made.model_copy(update={"claims": claims, "findings": (first.model_copy(update={"tier": "lead"}),)})
    assert diff(made, later) == [
        "claim changed kind: Ann Roe: “I have paid the bill”: official_position, was assertion",
        "claim lost: Ben Ito: “Ben Ito says Ann Roe hid the bill.”",
        (
            "finding changed tier: Ann Roe: I have paid the bill × Ann Roe: Ann Roe now says that she has not paid "
            "the bill yet.: lead, was strong"
        ),
        "finding lost: dispute partial: Ben Ito: Ben Ito says Ann Roe hid the bill. × Ben Ito: The bill was never paid",
    ]
    assert "claim added: Ben Ito: “Ben Ito says Ann Roe hid the bill.”" in diff(later, made)
    Path("later.json").write_text(factcheck.render(later, "json"), encoding="utf-8")
    shown = call("diff", "report.json", "later.json", "--format", "json").stdout
    assert json.loads(shown) == diff(made, later)


def test_words_that_moved_in_an_edited_article_are_no_change(tmp_path: Path) -> None:
    def checked(text: str) -> Report:
        document = article(text, url="https://example.org/ben")
        claims = [claim(document, "The bill was never paid", speaker="Ben Ito"), claim(document, "Ann Roe now says")]
        return report([document], claims, [finding(claims[0], claims[1])])

    old, new = checked(BEN), checked("A new first paragraph.\n\n" + BEN)
    assert diff(old, new) == [f"document changed: {old.documents[0].name}"]
    assert diff(old, checked(BEN)) == []


def test_documents_that_came_and_went_are_named(made: Report) -> None:
    kept = [c for c in made.claims if c.document_id != made.documents[2].id]
    fewer = report(made.documents[:2], kept, [made.findings[1]])
    assert "document lost: copy.md" in diff(made, fewer)
    assert "document added: copy.md" in diff(fewer, made)


def test_decisions_of_people_are_a_change(made: Report) -> None:
    later = made.findings[1].model_copy(update={"verdict": ACCEPTED, "stale": "ann.md was withdrawn"})
    assert diff(made, made.model_copy(update={"findings": (made.findings[0], later)})) == [
        f"finding changed review: {later.id}: accepted by Kim Oda",
        f"finding changed: {later.id}: ann.md was withdrawn",
    ]


def test_lines_of_a_difference_do_nothing_on_a_terminal(made: Report) -> None:
    hostile = made.claims[0].attribution.model_copy(update={"speaker": "A\x1b[31m\u202eB\nC"})
    claims = (made.claims[0].model_copy(update={"attribution": hostile}), *made.claims[1:])
    Path("b.json").write_text(factcheck.render(made.model_copy(update={"claims": claims}), "json"), encoding="utf-8")
    shown = call("diff", "report.json", "b.json").stdout
    assert "A\ufffd[31m\ufffdB C" in shown
    assert os.linesep.join(shown.splitlines()) == shown.strip()


@pytest.mark.parametrize(("level", "code", "failures"), [(None, 0, 1), ("never", 0, 0), ("full", 3, 1), ("lead", 3, 2)])
def test_junit_of_a_saved_report_goes_by_fail_on(tmp_path: Path, level: str | None, code: int, failures: int) -> None:
    (tmp_path / "r.json").write_text(factcheck.render(bills(tmp_path), "json"), encoding="utf-8")
    options = ["--fail-on", level] if level else []
    done = CliRunner().invoke(app, ["report", str(tmp_path / "r.json"), "--format", "junit", *options])
    assert done.exit_code == code
    messages = [f.get("message") or "" for f in ET.fromstring(done.stdout).iter("failure")]
    assert sum(int(message.split()[0]) for message in messages) == failures
