"""The command line: formats, exit codes, pipes, broken input, and messages that one can act on."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

import factcheck
from factcheck.commands.app import app
from factcheck.commands.doctor import diagnose
from factcheck.settings import load_settings
from tests.support.pier import JULY, JUNE, stubborn
from tests.support.scripted import completion, transport, whole_sentences


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no settings of the person who runs the tests, and an empty home."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "FACTCHECK_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Requests that reach an endpoint which finds Ann Roe's reversal."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(stubborn, seen))
    return seen


def files(tmp_path: Path) -> list[str]:
    for name, day, text in (("june.md", "2024-06-01", JUNE), ("july.md", "2024-07-01", JULY)):
        head = f"---\ntitle: Pier\npublisher: Echo\npublished: {day}\n---\n"
        (tmp_path / name).write_text(head + text, encoding="utf-8")
    return ["june.md", "july.md"]


def call(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=text, catch_exceptions=False)


LOCAL = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m")


def test_json_is_the_report(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    result = call("check", *files(tmp_path), *LOCAL, "--format", "json")
    report = factcheck.Report.model_validate_json(result.stdout)
    assert result.exit_code == 0
    assert [f.kind for f in report.findings] == ["reversal"]
    value = json.loads(result.stdout)
    assert value["format"] == "factcheck.report/1"
    assert set(value) == {
        *("format", "run", "documents", "claims", "findings", "answers", "ties"),
        *("evidence", "checks", "problems"),
    }
    assert set(value["claims"][0]["attribution"]) == {
        "speaker", "role", "organisation", "on_behalf_of", "via", "cue", "voice", "stated_on",
        "as_written", "known_from",
    }  # fmt: skip


def test_a_pipe_gets_plain_text_of_80_columns(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    result = call("check", *files(tmp_path), *LOCAL)
    assert "1. Ann Roe: position changed" in result.stdout
    assert "full · strong · not reviewed" in result.stdout
    assert "“Ann Roe wants the pier" in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(("level", "code"), [("never", 0), ("lead", 3), ("strong", 3), ("full", 3)])
def test_fail_on(tmp_path: Path, endpoint: list[dict[str, Any]], level: str, code: int) -> None:
    assert call("check", *files(tmp_path), *LOCAL, "--fail-on", level).exit_code == code


def test_a_second_run_costs_nothing(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    first = call("check", *files(tmp_path), *LOCAL, "--format", "json")
    asked = len(endpoint)
    second = call("check", *files(tmp_path), *LOCAL, "--format", "json")
    assert len(endpoint) == asked
    usage = [json.loads(r.stdout)["run"]["usage"] for r in (first, second)]
    assert usage[0]["replayed"] == 0
    assert usage[1]["replayed"] == usage[1]["calls"] == usage[0]["calls"]
    call("check", *files(tmp_path), *LOCAL, "--no-cache")
    assert len(endpoint) == 2 * asked


def test_record_then_replay_is_the_same_report(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    names = files(tmp_path)
    recorded = call("check", *names, *LOCAL, "--record", "tape", "--format", "json")
    replays = [call("check", *names, "--replay", "tape", "--format", "json").stdout for _ in range(2)]
    assert replays[0] == replays[1]
    kept, played = json.loads(recorded.stdout), json.loads(replays[0])
    assert kept["findings"] == played["findings"]
    assert kept["claims"] == played["claims"]
    assert played["run"]["model"] == "m"


def test_a_replay_miss_names_the_prompt_and_the_change(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    names = files(tmp_path)
    call("check", *names, *LOCAL, "--record", "tape")
    Path("june.md").write_text(Path("june.md").read_text().replace("rained", "snowed"))
    result = call("check", *names, "--replay", "tape", "--format", "json")
    assert result.exit_code == 4
    assert "no recording for this extract.v2 request" in result.stderr
    assert "[-rained.-] {+snowed.+}" in result.stderr


def test_standard_input_and_extract(endpoint: list[dict[str, Any]]) -> None:
    result = call("extract", "-", *LOCAL, "--format", "json", text=JUNE)
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["documents"][0]["path"] is None
    assert len(report["claims"]) == 1
    assert len(endpoint) == 1


def test_out_writes_json_by_its_ending(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    result = call("check", *files(tmp_path), *LOCAL, "--out", "report.json")
    assert result.stdout == ""
    assert json.loads(Path("report.json").read_text())["findings"]
    call("check", *files(tmp_path), *LOCAL, "--out", "report.txt")
    assert "position changed" in Path("report.txt").read_text()


@pytest.mark.parametrize("name", ["html", "markdown", "findings-csv", "jsonl", "sarif", "junit", "github"])
def test_check_writes_every_output(tmp_path: Path, endpoint: list[dict[str, Any]], name: str) -> None:
    files(tmp_path)
    Path("binary.bin").write_bytes(b"\x00\x01")
    result = call("check", "june.md", "july.md", "binary.bin", *LOCAL, "--format", name)
    assert result.exit_code == 4
    assert "position changed" in result.stdout or "position-changed" in result.stdout
    assert "factcheck: binary.bin: is not text" in result.stderr


def test_messages_do_nothing_on_a_terminal(endpoint: list[dict[str, Any]]) -> None:
    result = call("check", "no\x1b[31mfile\u202e.md", *LOCAL)
    assert result.exit_code == 2
    assert not re.search("[\x1b\u202e]", result.stderr)
    assert "no\ufffd[31mfile" in result.stderr


def test_bad_input_is_listed_and_the_rest_goes_on(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    good = files(tmp_path)
    Path("binary.bin").write_bytes(b"\x00\x01\x02")
    Path("latin.txt").write_bytes("Grüße".encode("latin-1"))
    Path("empty.md").write_text("")
    result = call("check", *good, "binary.bin", "latin.txt", "empty.md", "gone.md", *LOCAL, "--format", "json")
    assert result.exit_code == 4
    report = json.loads(result.stdout)
    assert len(report["claims"]) == 2
    assert [p["code"] for p in report["problems"]] == ["binary", "encoding", "empty", "missing"]
    assert len([line for line in result.stderr.splitlines() if line.startswith("factcheck: ")]) == 4


@pytest.mark.parametrize("arguments", [["gone.md"], ["."], ["https://example.org/a"]])
def test_nothing_readable_is_exit_2(arguments: list[str]) -> None:
    result = call("check", *arguments, *LOCAL)
    assert result.exit_code == 2
    assert result.stderr.startswith("factcheck: ")


def test_no_key_says_what_to_set(tmp_path: Path) -> None:
    result = call("check", *files(tmp_path), "--format", "json")
    assert result.exit_code == 4
    assert "set OPENAI_API_KEY" in result.stderr
    assert {p["code"] for p in json.loads(result.stdout)["problems"]} == {"no_key"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--record", "a", "--replay", "b"], "exclude each other"),
        (["--replay", "nowhere"], "no such folder"),
        (["--prompts", "nowhere"], "no such folder"),
        (["--concurrency", "0"], "concurrency"),
        (["--max-cost", "1", "--model", "tern-2"], "price_input"),
        (["--out", "nowhere/report.json"], "cannot be written"),
    ],
)
def test_wrong_options_are_one_line_and_exit_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = call("check", *files(tmp_path), *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_prompts_are_listed_and_shown_as_sent(tmp_path: Path) -> None:
    listed = call("prompts").stdout
    assert all(name in listed for name in ("extract.v2#", "repair.v2#", "judge.v2#", "review.v2#"))
    name = files(tmp_path)[0]
    assert "$sentences" in call("prompts", "extract").stdout
    shown = call("prompts", "extract", name).stdout
    assert "[1] Ann Roe wants the pier leased this year." in shown
    assert "$sentences" not in shown
    assert call("prompts", "nothing").exit_code == 2


def test_what_is_shown_is_what_is_sent(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    name = files(tmp_path)[0]
    shown = call("prompts", "extract", name).stdout
    call("extract", name, *LOCAL)
    assert all(message["content"] in shown for message in endpoint[0]["messages"])


def test_dry_run_asks_nobody(tmp_path: Path, endpoint: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTCHECK_PRICE_INPUT", "1")
    monkeypatch.setenv("FACTCHECK_PRICE_OUTPUT", "4")
    result = call("check", *files(tmp_path), "--dry-run")
    assert result.exit_code == 0
    assert "about 4 calls (2 to extract, 1 for who is who, 1 to compare)" in result.stdout
    remembered = call("check", *files(tmp_path), "--dry-run", "--ledger", str(tmp_path / "desk.db"))
    assert "about 4 calls (2 to extract, 1 for who is who, 1 to compare)" in remembered.stdout
    assert not (tmp_path / "desk.db").exists()
    assert "USD" in result.stdout
    assert not endpoint


def test_recordings_are_counted_and_stale_ones_named(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    call("check", *files(tmp_path), *LOCAL, "--record", "tape")
    fresh = call("recordings", "tape")
    assert fresh.exit_code == 0
    assert "2  extract.v2 by scripted" in fresh.stdout
    own = tmp_path / "own"
    own.mkdir()
    shipped = next(p for p in (Path(factcheck.__file__).parent.parent / "prompts").glob("extract.v*.md"))
    (own / "extract.v9.md").write_text(shipped.read_text(encoding="utf-8").replace("fact-checking desk", "desk"))
    stale = call("recordings", "tape", "--prompts", "own")
    assert stale.exit_code == 4
    assert stale.stdout.count("stale: extract.v2") == 2


def test_doctor_without_key_and_with_a_dead_endpoint() -> None:
    without = call("doctor")
    assert without.exit_code == 4
    assert "set OPENAI_API_KEY" in without.stdout
    dead = call("doctor", *LOCAL)
    assert dead.exit_code == 4
    assert "cannot be reached" in dead.stdout


def test_doctor_says_what_an_endpoint_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if "input" in body:
            return httpx2.Response(200, json={"data": [{"index": 0, "embedding": [0.6, 0.8]}]})
        if "response_format" in body or "max_tokens" in body:
            named = "response_format" if "response_format" in body else "max_tokens"
            return httpx2.Response(400, json={"error": {"message": f"{named} is not supported"}})
        return completion({"word": "ready", "number": "7", "parts": ["a"], "nothing": None})

    made = load_settings(
        model="m", base_url="127.0.0.1:9", cache=tmp_path, embedding_model="e", embedding_base_url="127.0.0.1:8"
    )
    checks = {c.name: c for c in diagnose(made, network=httpx2.MockTransport(answer))}
    assert all(c.ok for c in checks.values()), checks
    assert "the schema in the prompt; the answer fits its schema; refuses" in checks["schema"].message
    assert "max_tokens" in checks["schema"].message
    assert checks["forms"].message == "read from another form: 1 × number: text for a number"
    assert checks["embeddings"].message == "e at http://127.0.0.1:8/v1: 2 numbers a claim"
    assert checks["prices"].message.startswith("unknown")


def test_doctor_lists_prices_with_their_date() -> None:
    shown = call("doctor", "--prices")
    assert shown.exit_code == 0
    assert "OpenAI, 2026-11: https://developers.openai.com" in shown.stdout
    assert "gpt-5.4-mini" in shown.stdout


def test_help_and_version() -> None:
    assert call("--version").stdout.startswith("factcheck ")
    helped = subprocess.run([sys.executable, "-m", "factcheck", "--help"], capture_output=True, text=True, check=True)
    assert "check" in helped.stdout


def test_start_up_imports_nothing_heavy() -> None:
    heavy = "('openai', 'pydantic', 'tiktoken', 'httpx2')"
    code = f"import sys, factcheck.commands.app; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_head_closing_the_pipe_is_no_crash(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "factcheck", "prompts", "extract"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.wait()
    process.stderr.close()
    assert b"Traceback" not in errors


def test_own_prompts_are_asked(tmp_path: Path, endpoint: list[dict[str, Any]]) -> None:
    shipped = next(p for p in (Path(factcheck.__file__).parent.parent / "prompts").glob("extract.v*.md"))
    own = tmp_path / "own"
    own.mkdir()
    (own / "extract.v2.md").write_text(shipped.read_text(encoding="utf-8").replace("fact-checking desk", "magazine"))
    result = call("extract", files(tmp_path)[0], *LOCAL, "--prompts", "own", "--format", "json")
    assert "magazine" in endpoint[0]["messages"][0]["content"]
    assert json.loads(result.stdout)["run"]["prompts"]["extract"].startswith("extract.v2#")


def test_library_and_command_line_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpx2.AsyncHTTPTransport", lambda **_: transport(whole_sentences))
    names = files(tmp_path)
    settings = factcheck.load_settings(model="m", base_url="http://127.0.0.1:9/v1", use_cache=False)
    seen: list[factcheck.Progress] = []
    report = factcheck.check(names, settings=settings, observe=seen.append)
    shown = json.loads(call("check", *names, *LOCAL, "--no-cache", "--format", "json").stdout)
    assert [c.id for c in report.claims] == [c["id"] for c in shown["claims"]]
    assert seen[-1].done == 2
    document = factcheck.document_from_text(JUNE)
    assert len(factcheck.check([document], settings=settings, compare=False).claims) == 2
    assert io.StringIO().read() == ""


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("procrastinate", "workers", ["worker", "--ledger", "postgresql://desk@127.0.0.1:1/desk"]),
        ("procrastinate", "workers", ["jobs", "list", "--ledger", "postgresql://desk@127.0.0.1:1/desk"]),
        ("protego", "watch", ["watch", "run", "--once", "--ledger", "desk.db"]),
    ],
)
def test_a_package_that_is_not_installed_gets_one_line(package: str, extra: str, arguments: list[str]) -> None:
    without = f"import sys; sys.modules[{package!r}] = None; from factcheck.commands.app import main; main()"
    done = subprocess.run([sys.executable, "-c", without, *arguments], capture_output=True, text=True, check=False)
    assert done.stderr == f"factcheck: this needs an extra: python3 -m pip install 'factcheck-desk[{extra}]'\n"
    assert done.returncode == 2
