"""Batches at a provider: what is gathered, what comes back, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factcheck.api import acheck, exit_code
from factcheck.errors import UsageError
from factcheck.inputs.documents import document_from_text
from factcheck.llm import batch as under_test
from factcheck.llm.batch import Times
from factcheck.llm.batch_journal import Journal
from factcheck.llm.batch_lines import Limits, line_of, parts
from factcheck.models import Document, Report
from factcheck.settings import load_settings
from tests.support.batch_server import Desk, LineAnswer, serving
from tests.support.pier import answer as pier_answer
from tests.support.scripted import whole_sentences

QUICK = Times(quiet=0.05, first_look=0.01, longest_look=0.02, settled=0.3, pause=0.01)
LEASED = "Ann Roe said the council will lease the pier. It rained."
NEVER = "The pier will never be leased, Ann Roe said. Nobody else spoke."


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "Times", lambda: QUICK)


def articles(number: int) -> list[Document]:
    return [document_from_text(f"Bridge {n} was painted in May. Nobody saw it.", title=f"{n}") for n in range(number)]


def clash() -> list[Document]:
    return [
        document_from_text(LEASED, title="a", published="2024-01-10", publisher="The Echo"),
        document_from_text(NEVER, title="b", published="2024-02-10", publisher="The Echo"),
    ]


def run(url: str, folder: Path, documents: list[Document], said: list[str] | None = None, **more: Any) -> Report:
    settings = load_settings(base_url=url, cache=folder / "cache", batch=True, model="m", **more)
    heard = said if said is not None else []
    return asyncio.run(acheck(documents, settings=settings, observe=lambda p: heard.append(p.said), errors="report"))


def noted(folder: Path) -> list[Path]:
    return list((folder / "cache" / "batches").rglob("*.json*"))


def test_each_stage_is_one_batch_and_the_findings_are_those_of_a_live_run(tmp_path: Path) -> None:
    desk, said = Desk(pier_answer), list[str]()
    with serving(desk) as url:
        report = run(url, tmp_path, clash(), said)
        again = run(url, tmp_path, clash())
    asked = {json.loads(one)[0].split("-")[0] for one in desk.paid}
    assert {"extract", "judge", "review"} <= asked
    assert [f.kind for f in report.findings] == ["reversal"]
    assert desk.calls["POST /v1/batches"] == len(desk.batches) == len(asked)
    assert not report.problems
    assert not desk.twice()
    assert not noted(tmp_path)
    assert any("2 requests submitted" in line for line in said)
    assert again.run.usage.calls == again.run.usage.replayed == report.run.usage.calls
    assert desk.calls["POST /v1/batches"] == len(asked), "answers are kept"


def test_files_are_split_at_the_provider_s_limits() -> None:
    lines = {f"n{n}": line_of(f"n{n}", "/v1/chat/completions", {"messages": ["x" * 100]}) for n in range(10)}
    one = len(lines["n0"].content) + 1
    assert [len(p) for p in parts(lines, Limits(lines=4))] == [4, 4, 2]
    assert [len(p) for p in parts(lines, Limits(size=3 * one))] == [3, 3, 3, 1]
    assert [len(p) for p in parts(lines, Limits(size=1))] == [1] * 10, "a line that is too long goes alone"
    texts = {f"n{n}": line_of(f"n{n}", "/v1/embeddings", {"input": ["a"] * 6}) for n in range(3)}
    assert [len(p) for p in parts(texts, Limits(texts=12))] == [2, 1]


def expired(number: int, lines: list[LineAnswer]) -> tuple[list[LineAnswer], list[LineAnswer]]:
    """The first batch expires with half of its lines done."""
    if number > 1:
        return lines, []
    error = {"code": "batch_expired", "message": "This request could not be executed before the window expired."}
    half = len(lines) // 2
    return lines[:half], [{**line, "response": None, "error": error} for line in lines[half:]]


def missing(number: int, lines: list[LineAnswer]) -> tuple[list[LineAnswer], list[LineAnswer]]:
    return (lines, []) if number > 1 else (lines[1:], [])


def with_errors(number: int, lines: list[LineAnswer]) -> tuple[list[LineAnswer], list[LineAnswer]]:
    """In the first batch one line meets an overloaded server, and one is answered twice."""
    if number > 1:
        return lines, []
    bad = {"status_code": 503, "request_id": "r", "body": {"error": {"message": "overloaded"}}}
    foreign = {**lines[1], "custom_id": "nobody's"}
    return [*lines[1:], foreign], [{**lines[0], "response": bad}]


@pytest.mark.parametrize(
    ("ending", "lines", "says"),
    [
        ("expired", expired, "batch batch_1: expired, 2 of 4 requests answered; 2 expired"),
        ("completed", missing, "batch batch_1: completed, 3 of 4 requests answered; 1 missing"),
        ("completed", with_errors, "batch batch_1: completed, 3 of 4 requests answered; 1 with status 503"),
    ],
)
def test_what_a_batch_leaves_open_is_asked_again_and_said(
    tmp_path: Path, ending: str, lines: Callable[..., Any], says: str
) -> None:
    desk = Desk(whole_sentences, ending=lambda n: ending if n == 1 else "completed", lines=lines)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(4))
    assert [p.message for p in report.problems] == [says]
    assert exit_code(report) == 0
    assert len(report.claims) == 8
    assert not {asked: n for asked, n in desk.twice().items() if "overloaded" not in asked and n > 2}
    assert not noted(tmp_path)


def test_a_batch_that_somebody_cancelled_ends_the_run_and_what_is_open_is_asked_next_time(tmp_path: Path) -> None:
    def half(number: int, lines: list[LineAnswer]) -> tuple[list[LineAnswer], list[LineAnswer]]:
        return (lines[:3], []) if number == 1 else (lines, [])

    desk = Desk(whole_sentences, ending=lambda n: "cancelled" if n == 1 else "completed", lines=half)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(4), ledger=str(tmp_path / "desk.db"))
        assert exit_code(report) == 4
        assert any("cancelled at the provider; run again" in p.message for p in report.problems)
        again = run(url, tmp_path, articles(4), ledger=str(tmp_path / "desk.db"))
    assert exit_code(again) == 0
    assert len(again.claims) == 8
    assert not desk.twice()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "model_not_found", "message": "The model `m` does not exist", "line": 1}, "not_found"),
        ({"code": "billing_hard_limit_reached", "message": "Billing hard limit has been reached"}, "quota"),
        ({"code": "invalid_json_line", "message": "This line is not parseable", "line": 3}, "bad_request"),
    ],
)
def test_a_batch_that_fails_as_a_whole_is_said_in_the_provider_s_words(
    tmp_path: Path, error: dict[str, Any], code: str
) -> None:
    desk = Desk(whole_sentences, ending=lambda n: "failed", errors=[error])
    with serving(desk) as url:
        report = run(url, tmp_path, articles(2), schema_mode="strict")
    problem = next(p for p in report.problems if p.code == code)
    assert error["message"] in problem.message
    assert exit_code(report) == 4
    assert len(desk.batches) <= 2
    assert not noted(tmp_path)


def test_where_too_much_waits_at_the_provider_it_is_submitted_in_halves(tmp_path: Path) -> None:
    desk = Desk(whole_sentences, most_lines=2)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(7))
    assert len(report.claims) == 14
    assert exit_code(report) == 0
    assert not desk.twice()
    assert any("submitted again in turn" in p.message for p in report.problems)


def test_a_submission_whose_answer_is_lost_is_found_and_not_made_again(tmp_path: Path) -> None:
    for forgets in (False, True):
        lost = Desk(
            whole_sentences,
            failing=lambda method, path, n: -1 if (method, path, n) == ("POST", "/v1/batches", 1) else 0,
            forgets=forgets,
        )
        with serving(lost) as url:
            report = run(url, tmp_path / str(forgets), articles(3))
        assert exit_code(report) == 0
        assert not report.problems
        assert not lost.twice()


def test_outages_between_submission_and_answer_are_waited_out(tmp_path: Path) -> None:
    troubles = {
        ("POST", "/v1/files", 1): 503,
        ("GET", "/v1/batches/ID", 1): 500,
        ("GET", "/v1/files/ID/content", 1): 502,
    }
    desk = Desk(whole_sentences, failing=lambda method, path, n: troubles.get((method, path, n), 0))
    said: list[str] = []
    with serving(desk) as url:
        report = run(url, tmp_path, articles(3), said)
    assert exit_code(report) == 0
    assert not desk.twice()
    assert any("looking again" in line for line in said)


@pytest.mark.parametrize(("status", "code"), [(404, "not_found"), (401, "unauthorized")])
def test_an_endpoint_without_batches_or_with_another_key_says_so(tmp_path: Path, status: int, code: str) -> None:
    desk = Desk(whole_sentences, failing=lambda method, path, n: status if path == "/v1/files" else 0)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(2))
    assert [p.code for p in report.problems] == [code]
    assert status != 404 or "has no Batch API" in report.problems[0].message


class Killed(BaseException):
    """The end of a process, without any of its last words."""


@pytest.mark.parametrize(
    "moment", ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/ID", "GET /v1/files/ID/content"]
)
def test_a_run_that_is_killed_finds_its_batch_and_pays_nothing_twice(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends at its first call of each kind, after the server has heard it."""
    reached = threading.Event()

    def stall(method: str, path: str, number: int) -> int:
        if f"{method} {path}" == moment and not reached.is_set():
            reached.set()
        return 0

    desk = Desk(whole_sentences, failing=stall)
    with serving(desk) as url:
        killed(url, tmp_path, articles(3), reached)
        monkeypatch.setattr(under_test, "Times", lambda: QUICK)
        report = run(url, tmp_path, articles(3))
    assert exit_code(report) == 0
    assert len(report.claims) == 6
    assert not desk.twice()
    assert len(desk.batches) == 2
    assert not noted(tmp_path)


def killed(url: str, folder: Path, documents: list[Document], reached: threading.Event) -> None:
    """Run until `reached`, and leave everything as it lies."""

    async def go() -> None:
        settings = load_settings(base_url=url, cache=folder / "cache", batch=True, model="m")
        task = asyncio.ensure_future(acheck(documents, settings=settings))
        await asyncio.to_thread(reached.wait, 60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())


def test_what_a_run_notes_is_found_after_it_also_when_it_had_taken_over_another_s(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.plan("/v1/chat/completions", [("a", b"{}")])
    alive = Journal(tmp_path)
    assert alive.left() == [], "the first one still lives"
    first.close()
    second = Journal(tmp_path)
    assert [noted.ids for noted in second.left()] == [("a",)]
    second.plan("/v1/chat/completions", [("b", b"{}")])
    second.close()
    third = Journal(tmp_path)
    found = third.left()
    assert sorted(noted.ids for noted in found) == [("a",), ("b",)]
    for noted in found:
        third.forget(noted)
    third.close()
    assert list(tmp_path.iterdir()) == []


def test_a_budget_holds_in_batches_and_at_their_price(tmp_path: Path) -> None:
    desk = Desk(whole_sentences)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(12), max_tokens=30_000)
    assert any(p.code == "budget" for p in report.problems)
    assert 0 < sum(desk.paid.values()) * 2600 <= 30_000


def test_the_cost_is_that_of_batches_and_of_cached_input(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 2500, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}}
    desk = Desk(whole_sentences, usage=usage)
    with serving(desk) as url:
        report = run(url, tmp_path, articles(1), price_input=2.0, price_output=8.0, price_cached_input=0.5)
    calls = report.run.usage.calls
    assert report.run.usage.cached_input_tokens == 600 * calls
    assert report.run.usage.cost_usd == pytest.approx(calls * (1900 * 2.0 + 600 * 0.5 + 100 * 8.0) / 1e6)


def test_prices_follow_the_way_that_a_provider_is_asked() -> None:
    standard = load_settings(model="gpt-5-mini").endpoint().prices
    batch = load_settings(model="gpt-5-mini", batch=True).endpoint().prices
    flex = load_settings(model="gpt-5-mini", service_tier="flex").endpoint().prices
    assert standard
    assert batch
    assert flex
    assert (standard.input, standard.cached_input, standard.output) == (0.25, 0.025, 2.0)
    assert (batch.input, batch.cached_input, batch.output, batch.rate) == (0.125, 0.0125, 1.0, "batch")
    assert (flex.input, flex.cached_input, flex.output, flex.rate) == (0.125, 0.0125, 1.0, "flex")
    plain = load_settings(model="gpt-4o", batch=True).endpoint().prices
    assert plain
    assert (plain.input, plain.cached_input) == (1.25, None)
    assert load_settings(model="gpt-5-mini", service_tier="priority").endpoint().prices is None


def test_batches_need_a_place_for_their_answers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--no-cache"):
        run("http://127.0.0.1:9/v1", tmp_path, articles(1), use_cache=False)
