"""OpenAI's Responses API: the same requests, answers, failures and recordings as with chat completions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import factcheck
from factcheck import Report
from factcheck.commands.app import app
from factcheck.commands.doctor import diagnose
from factcheck.llm.batch import Times
from factcheck.settings import Settings, load_settings
from tests.support.batch_server import Desk, serving
from tests.support.responses_server import THOUGHT, Body, Server, message, refusing, responding, response, words
from tests.support.scripted import EMPTY, draft, extracted, source, whole_sentences

TEXT = "The ferry will stop in May, Ida Strand said."
RIGHT = extracted([source(1, "Ida Strand")], [draft(1, by=1, cue="said")])
LIMIT = "max_output_tokens"
Says = Callable[[Body], "Body | tuple[int, Body]"]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(TEXT, encoding="utf-8")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def rightly(asked: Body) -> Body:
    """As a model that thinks answers: its thoughts, a remark, and the answer in the last message."""
    given = words(json.dumps(answer_to(asked)))
    return response(asked, THOUGHT, message(words("A moment."), phase="commentary"), message(given), thought=40)


def answer_to(asked: Body) -> Any:
    name = asked.get("text", {}).get("format", {}).get("name", "extract-v2")
    return RIGHT if name.startswith("extract") else EMPTY[name.split("-", maxsplit=1)[0]]


def settings(server: Server, **changes: Any) -> Settings:
    return load_settings(base_url=server.base_url, model="tern", api="responses", cache=Path("kept"), **changes)


def check(server: Server, **changes: Any) -> Report:
    return factcheck.check(["a.md"], settings=settings(server, **changes), compare=False)


def codes(says: Says, **changes: Any) -> tuple[list[str], list[str], int]:
    """The codes and messages of problems, and how often was asked, with a server that answers so."""
    with responding(says) as server:
        report = check(server, **changes)
    problems = [p for p in report.problems if p.code != "adapted"]
    return [p.code for p in problems], [p.message for p in problems], len(server.asked)


def test_a_request_has_the_form_of_this_api_and_stores_nothing() -> None:
    taken: dict[str, Any] = {"reasoning_effort": "low", "service_tier": "flex", "max_output_tokens": 900}
    extra = {"text": {"verbosity": "low"}, "reasoning": {"summary": "auto"}}
    with responding(rightly) as server:
        report = check(server, **taken, extra_body=extra)
    (asked,) = server.asked
    assert report.claims[0].quotes[0].exact == TEXT
    assert asked.keys() == {
        "model",
        "instructions",
        "input",
        "text",
        "reasoning",
        "service_tier",
        "max_output_tokens",
        "store",
    }
    assert asked["store"] is False
    assert asked["reasoning"] == {"effort": "low", "summary": "auto"}
    assert asked["max_output_tokens"] == 900
    assert asked["text"]["verbosity"] == "low"
    form = asked["text"]["format"]
    assert (form["type"], form["name"], form["strict"]) == ("json_schema", "extract-v2", True)
    assert [m["role"] for m in asked["input"]] == ["user"]
    usage = report.run.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_input_tokens) == (120, 70, 64)


def test_an_answer_with_faults_is_asked_for_again_with_the_first_one_shown() -> None:
    def says(asked: Body) -> Body:
        first = len(asked["input"]) == 1
        return response(asked, message(words('{"claims": "many"}' if first else json.dumps(RIGHT))))

    with responding(says) as server:
        assert len(check(server).claims) == 1
    assert [m["role"] for m in server.asked[1]["input"]] == ["user", "assistant", "user"]


def test_a_refusal_is_told_in_the_models_words() -> None:
    refusal = {"type": "refusal", "refusal": "I cannot read this."}
    found, messages, calls = codes(lambda asked: response(asked, THOUGHT, message(refusal)))
    assert found == ["refused"]
    assert "I cannot read this." in messages[0]
    assert calls == 1


@pytest.mark.parametrize(
    ("reason", "code"), [("content_filter", "filtered"), ("max_output_tokens", "truncated")], ids=lambda one: one
)
def test_an_incomplete_response_says_why(reason: str, code: str) -> None:
    def says(asked: Body) -> Body:
        cut = message(words('{"sources": [{"n": 1, "na'), status="incomplete")
        return response(asked, cut, status="incomplete", incomplete_details={"reason": reason})

    found, _, calls = codes(says)
    assert set(found) == {code}
    assert calls <= 4


def test_a_response_of_thoughts_alone_is_asked_for_with_more_room() -> None:
    def says(asked: Body) -> Body:
        if asked["max_output_tokens"] > 20_000:
            return rightly(asked)
        return response(asked, THOUGHT, thought=2000, status="incomplete", incomplete_details={"reason": LIMIT})

    with responding(says) as server:
        assert len(check(server).claims) == 1
    assert [asked["max_output_tokens"] > 20_000 for asked in server.asked] == [False, True]


def test_a_response_without_a_message_is_no_answer() -> None:
    found, _, _ = codes(lambda asked: response(asked, THOUGHT))
    assert found == ["empty"]


@pytest.mark.parametrize(
    ("error", "code", "most"),
    [
        ({"code": "server_error", "message": "Something went wrong."}, "server_error", 4),
        ({"code": "rate_limit_exceeded", "message": "Too many."}, "rate_limited", 4),
        ({"code": "invalid_prompt", "message": "This prompt was flagged."}, "filtered", 1),
    ],
    ids=lambda one: str(one.get("code")) if isinstance(one, dict) else None,
)
def test_a_response_that_failed_is_asked_again_only_where_that_may_help(
    error: Body, code: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factcheck.llm.client.BACKOFF", lambda state: 0.0)
    found, messages, calls = codes(lambda asked: response(asked, status="failed", error=error))
    assert set(found) == {code}
    assert error["message"] in messages[0]
    assert calls == most


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("temperature", {"temperature": 0.0}, "Unsupported parameter: 'temperature' is not supported with this model."),
        ("reasoning", {"reasoning_effort": "low"}, "Unsupported parameter: 'reasoning.effort' is not supported."),
        (LIMIT, {}, "Unknown parameter: 'max_output_tokens'."),
    ],
)
def test_a_parameter_that_is_refused_by_name_is_left_out_and_remembered(name: str, given: Body, says: str) -> None:
    def picky(asked: Body) -> Body | tuple[int, Body]:
        return refusing(asked, name, says) if name in asked else rightly(asked)

    with responding(picky) as server:
        assert len(check(server, **given).claims) == 1
        Path("a.md").write_text(f"{TEXT} So it is.", encoding="utf-8")
        assert len(check(server, **given).claims) == 1
    assert [name in asked for asked in server.asked] == [True, False, False]


def test_where_schemas_are_refused_json_mode_is_tried_then_the_prompt() -> None:
    def plain(asked: Body) -> Body | tuple[int, Body]:
        form = asked.get("text", {}).get("format", {}).get("type")
        if form:
            return refusing(asked, "text.format", f"Invalid parameter: 'text.format' of type '{form}' is not supported")
        return response(asked, message(words(json.dumps(RIGHT))))

    with responding(plain) as server:
        assert len(check(server).claims) == 1
    forms = [asked.get("text", {}).get("format", {}).get("type") for asked in server.asked]
    assert forms == ["json_schema", "json_object", None]
    assert "The JSON schema of the answer, extract-v2:" in server.asked[2]["instructions"]


def test_an_endpoint_without_this_api_names_the_setting() -> None:
    with responding(rightly) as server:
        away = load_settings(base_url=f"{server.base_url}/none/v1", model="m", api="responses", cache=Path("kept"))
        report = factcheck.check(["a.md"], settings=away, compare=False)
    assert report.problems[0].code == "not_found"
    assert 'set api = "chat"' in report.problems[0].message


def test_it_is_recorded_and_replayed_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTCHECK_API", "responses")
    with responding(rightly) as server:
        options = ("extract", "a.md", "--base-url", server.base_url, "--model", "tern", "--format", "json")
        recorded = CliRunner().invoke(app, [*options, "--record", "kept"])
    assert recorded.exit_code == 0, recorded.output
    replayed = CliRunner().invoke(app, [*options[:2], "--format", "json", "--replay", "kept"])
    first, second = (Report.model_validate_json(one.stdout) for one in (recorded, replayed))
    assert first.claims == second.claims
    assert second.run.usage.replayed == 1
    (kept,) = Path("kept").glob("extract.v2/*.json")
    record = json.loads(kept.read_text(encoding="utf-8"))
    assert record["request"]["path"] == "v1/responses"
    assert TEXT in "\n".join(record["request"]["input"][0]["content"])
    assert isinstance(record["request"]["instructions"], list)
    listed = CliRunner().invoke(app, ["recordings", "kept"])
    assert "extract.v2 by tern-2026-11-01" in listed.stdout
    assert "stale" not in listed.stdout
    Path("a.md").write_text(f"{TEXT} So it is.", encoding="utf-8")
    missed = CliRunner().invoke(app, [*options[:2], "--replay", "kept"])
    assert missed.exit_code == 4
    assert "differs in the user message" in missed.output


def test_doctor_asks_it(tmp_path: Path) -> None:
    def ready(asked: Body) -> Body:
        word = {"word": "ready", "number": 7, "parts": ["a"], "nothing": None}
        return response(asked, message(words(json.dumps(word))))

    with responding(ready) as server:
        checks = {one.name: one for one in diagnose(settings(server))}
    assert checks["model"].message.endswith("/v1/responses")
    assert checks["output"].message == "limited by max_output_tokens"
    assert checks["schema"].message.startswith("strict schemas; the answer fits its schema")


def test_its_requests_go_in_batches_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factcheck.llm.batch.Times", lambda: Times(0.05, 0.01, 0.02, 0.3, 0.01))
    desk = Desk(whole_sentences)
    with serving(desk) as url:
        batched = load_settings(base_url=url, model="m", api="responses", cache=Path("kept"), batch=True)
        report = factcheck.check(["a.md"], settings=batched, compare=False)
    assert report.claims[0].quotes[0].exact == TEXT
    assert [one["endpoint"] for one in desk.batches.values()] == ["/v1/responses"]
    assert not desk.live
