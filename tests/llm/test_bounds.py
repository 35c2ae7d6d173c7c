"""What an endpoint may cost: bytes, time, calls. And what is sent by default, which recordings rest on."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import random
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from factcheck import Report
from factcheck.errors import ModelError
from factcheck.flow.run import AHEAD
from factcheck.inputs.documents import document_from_text
from factcheck.llm import client
from factcheck.llm.answers import ExtractAnswer, JudgeAnswer, RepairAnswer, ReviewAnswer, Wire
from factcheck.llm.arrival import ANSWER_BYTES, Arrival
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint, request_body
from factcheck.llm.failures import Refusal, failure
from factcheck.llm.parsing import parse
from factcheck.llm.patience import DOCUMENTS, FAILURES
from factcheck.llm.prompts import Filled, Prompt, fill, load_prompts
from factcheck.llm.recordings import RecordingTransport, Store, recording_name
from factcheck.models import Document
from factcheck.pipeline import check
from tests.support.odd_endpoints import spoken
from tests.support.scripted import completion, draft, extracted

URL = "https://models.example/v1/chat/completions"
GOOD = json.dumps(extracted([], [draft(1)]))


def filled(expected: int = 100) -> Filled:
    prompt = Prompt("extract", 9, "", ("text",), ("text",), "List.", "$text in $tag", "")
    return fill(prompt, {"text": "The ferry runs."}, expected_output=expected)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (ExtractAnswer, "ad52118dc753c5f5d0dfb9cf"),
        (JudgeAnswer, "e799bdbfd0c1a488ff8c7329"),
        (RepairAnswer, "15cff90f08f8b2af02cc9023"),
        (ReviewAnswer, "114ea2b518ded60233a1b3ab"),
    ],
)
def test_the_recordings_key_of_a_default_request_never_changes(answer: type[Wire], name: str) -> None:
    body = request_body(Endpoint("tern-2"), filled(), list(filled().messages), answer)
    assert recording_name(body) == f"extract.v9/{name}.json"
    limited = request_body(Endpoint("tern-2", max_output_tokens=7), filled(), list(filled().messages), answer)
    assert recording_name(limited) == recording_name(body)


def test_a_default_request_word_for_word() -> None:
    body = request_body(Endpoint("tern-2"), filled(), list(filled().messages), RepairAnswer)
    item = {
        "additionalProperties": False,
        "properties": {"n": {"type": "integer"}, "at": {"items": {"type": "string"}, "type": "array"}},
        "required": ["n", "at"],
        "type": "object",
    }
    schema = {
        "additionalProperties": False,
        "properties": {"repairs": {"items": item, "type": "array"}},
        "required": ["repairs"],
        "type": "object",
    }
    assert body == {
        "model": "tern-2",
        "messages": [
            {"role": "system", "content": "List."},
            {"role": "user", "content": "The ferry runs. in cf16bc"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "extract-v9", "strict": True, "schema": schema},
        },
        "max_completion_tokens": 2000,
    }


@pytest.mark.parametrize(("model", "limit"), [("tern-2", 12_000), ("gpt-5-mini", 36_000), ("qwen3:8b", 36_000)])
def test_an_answers_length_is_limited_by_what_was_asked(model: str, limit: int) -> None:
    asked = filled(2_000)
    assert request_body(Endpoint(model), asked, list(asked.messages), RepairAnswer)["max_completion_tokens"] == limit


class Endless(httpx2.AsyncByteStream):
    """A body that does not end."""

    def __init__(self, chunk: bytes, times: int) -> None:
        self.chunk, self.times, self.sent = chunk, times, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.times):
            self.sent += len(self.chunk)
            yield self.chunk


def fetch(inner: httpx2.AsyncBaseTransport, **headers: str) -> httpx2.Response:
    async def go() -> httpx2.Response:
        request = httpx2.Request("POST", URL, json={"model": "m", "messages": []}, headers=headers)
        return await Arrival(inner).handle_async_request(request)

    return asyncio.run(go())


def test_a_stream_without_end_is_left() -> None:
    stream = Endless(b" " * 65_536, 50_000)
    with pytest.raises(ModelError, match="longer than 8 MB"):
        fetch(httpx2.MockTransport(lambda request: httpx2.Response(200, stream=stream)))
    assert stream.sent < ANSWER_BYTES + 100_000


def test_a_small_answer_that_unpacks_to_much_is_left() -> None:
    packed = gzip.compress(b" " * 50_000_000)
    assert len(packed) < 100_000
    headers = {"content-encoding": "gzip"}
    stream = Endless(packed, 1)
    tracemalloc.start()
    with pytest.raises(ModelError, match="longer than 8 MB"):
        fetch(httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, stream=stream)))
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("coding", "says"), [("br", "'br'"), ("zstd", "'zstd'"), ("gzip, gzip", "gzip, gzip"), ("gzip", "damaged")]
)
def test_an_encoding_that_cannot_be_read_is_named(coding: str, says: str) -> None:
    headers = {"content-encoding": coding}
    inner = httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, stream=Endless(b"xyz", 1)))
    with pytest.raises(ModelError, match=says):
        fetch(inner)


@pytest.mark.parametrize("status", [307, 308])
def test_a_move_within_the_host_is_followed_and_to_another_is_not(tmp_path: Path, status: int) -> None:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        if request.url.path.startswith("/new"):
            return completion(GOOD)
        return httpx2.Response(status, headers={"location": target})

    async def ask() -> Any:
        tape = RecordingTransport(Store(tmp_path), Arrival(httpx2.MockTransport(handle)))
        chat = Chat(Endpoint("m", base_url="http://models.example/v1"), tape)
        try:
            return await chat.ask(filled(), ExtractAnswer)
        finally:
            await chat.aclose()

    target = "/new/chat/completions"
    assert len(asyncio.run(ask()).answer.claims) == 1
    target = "http://elsewhere.example/new/chat/completions"
    for path in tmp_path.rglob("*.json"):
        path.unlink()
    with pytest.raises(ModelError, match=r"moved to http://elsewhere\.example.*set --base-url"):
        asyncio.run(ask())
    assert not any("elsewhere" in url for url in asked)


@pytest.mark.parametrize("depth", [40, 500, 700, 900, 980, 3000])
def test_depth_never_ends_a_run(depth: int) -> None:
    nested = '{"claims": ' + '[{"a": ' * depth + "1" + "}]" * depth + "}"
    assert parse(ExtractAnswer, nested).answer is None
    for wrap in (
        nested,
        f'{{"error": {nested}}}',
        f'{{"model": {nested}, "choices": {nested}}}',
        f'{{"usage": {nested}}}',
    ):
        report, _ = asked_about([article("A day.")], [httpx2.Response(200, text=wrap)])
        assert [p.stage for p in report.problems] == ["extract"]


@pytest.mark.parametrize("piece", [" {", '{"', '{"a":', '{"claims":[', "[", '"', '\\"', "</think>{", "{}", ",]"])
def test_long_nonsense_is_read_in_no_time(piece: str) -> None:
    import time

    started = time.monotonic()
    for text in (piece * (400_000 // len(piece)), '{"claims": 1} ' + piece * (400_000 // len(piece))):
        assert parse(ExtractAnswer, text).answer is None
    assert time.monotonic() - started < 60


def article(text: str) -> Document:
    return document_from_text(text, published="2024-01-10")


def asked_about(
    documents: list[Document], answers: list[httpx2.Response | Exception], **limits: Any
) -> tuple[Report, int]:
    """A run over answers that come round and round, and the number of calls."""
    calls = itertools.count()
    turn = itertools.cycle(answers)

    def handle(request: httpx2.Request) -> httpx2.Response:
        next(calls)
        answer = next(turn)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def go() -> Report:
        chat = Chat(Endpoint("m", deadline=5, **limits), Arrival(httpx2.MockTransport(handle)))
        try:
            return await check(documents, chat, load_prompts(), compare=False)
        finally:
            await chat.aclose()

    return asyncio.run(go()), next(calls)


FAILING: dict[str, httpx2.Response | Exception] = {
    "500": httpx2.Response(500, json={"error": "x"}),
    "503": httpx2.Response(503, headers={"retry-after": "0"}),
    "429": httpx2.Response(429),
    "408": httpx2.Response(408),
    "reset": httpx2.ConnectError("reset"),
    "late": httpx2.ReadTimeout("late"),
    "cut off": spoken({"content": "{"}, finish="length"),
    "empty": spoken({"content": ""}),
    "prose": spoken({"content": "I cannot."}),
    "half": spoken({"content": json.dumps(extracted([], [draft(1), draft(2, kind="rumour")]))}),
    "no completion": httpx2.Response(200, text="<html>"),
    "refused": spoken({"content": None, "refusal": "no"}),
    "error inside": httpx2.Response(200, json={"error": {"message": "no", "code": 502}}),
    "400": httpx2.Response(400, json={"error": {"message": "no"}}),
}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    import tenacity

    monkeypatch.setattr(client, "BACKOFF", tenacity.wait_none())


LONG = " ".join(f"Sentence number {n} of this article tells of the harbour and of the ferry." for n in range(900))


@pytest.mark.parametrize("seed", range(40))
def test_no_sequence_of_failures_costs_more_than_was_said(seed: int) -> None:
    choose = random.Random(seed)
    names = choose.sample(sorted(FAILING), choose.randint(1, 4))
    text = choose.choice(["A day. A night. A week. A year.", LONG])
    report, calls = asked_about([article(text)], [FAILING[name] for name in names])
    halves_that_fit = names.count("half") * calls  # half an answer is one, and asked for once more
    assert calls <= FAILURES + client.REFUSALS + 2 * halves_that_fit, names
    if not {"400", "half"} & set(names):
        assert calls <= FAILURES, names
    assert any(p.leaves_undone for p in report.problems)


@pytest.mark.parametrize("name", sorted(set(FAILING) - {"refused", "half"}))
def test_a_run_over_many_documents_stops_and_says_so_once(name: str) -> None:
    documents = [article(f"Story number {n} began. It ended.") for n in range(40)]
    report, calls = asked_about(documents, [FAILING[name]], concurrency=1)
    assert len(report.problems) == 1, report.problems
    assert report.problems[0].message.startswith("40 documents were not finished")
    under_way = AHEAD if name == "cut off" else 0  # halves are calls of their own, and wait behind other documents
    assert calls <= DOCUMENTS * FAILURES + client.REFUSALS + under_way


def test_refusals_of_some_texts_stop_nothing() -> None:
    documents = [article(f"Story number {n} began. It ended.") for n in range(10)]
    report, calls = asked_about(documents, [FAILING["refused"]])
    assert calls == len(report.problems) == 10


STATUSES = {
    400: ("bad_request", "not accepted"),
    401: ("unauthorized", "OPENAI_API_KEY"),
    402: ("quota", "credit"),
    403: ("forbidden", "permissions"),
    404: ("not_found", "--base-url"),
    405: ("not_found", "--base-url"),
    407: ("unauthorized", "HTTPS_PROXY"),
    408: ("timeout", "later"),
    410: ("not_found", "--model"),
    413: ("truncated", "longer"),
    422: ("bad_request", "not accepted"),
    429: ("rate_limited", "--concurrency"),
    431: ("bad_request", "extra_headers"),
    451: ("forbidden", "not offered"),
    500: ("server_error", "later"),
    501: ("bad_request", "cannot do"),
    502: ("server_error", "gateway"),
    503: ("server_error", "loading"),
    504: ("server_error", "max_output_tokens"),
    511: ("connection", "sign-in"),
    526: ("connection", "certificate"),
    529: ("server_error", "overloaded"),
}


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_a_cause_and_something_to_do(status: int) -> None:
    error = failure(Refusal(status, {"error": {"message": "no"}}, {}), "http://h/v1", "m", {"response_format"})
    code, says = STATUSES.get(status, ("", ""))
    assert not code or error.code == code
    assert says in str(error)
    assert f"http://h/v1: {status}, " in str(error)
    assert ("--model" in str(error)) == (error.code == "not_found" and status in {404, 410})
    assert error.retryable == (error.code in {"server_error", "rate_limited", "timeout"} and status != 507)


@pytest.mark.parametrize(
    ("status", "said", "code", "says"),
    [
        (400, "The model `m` does not exist", "not_found", "--model m"),
        (404, 'model "m" not found, try pulling it first', "not_found", "--model m"),
        (400, "API key not valid. Please pass a valid API key.", "unauthorized", "OPENAI_API_KEY"),
        (400, "Your credit balance is too low", "quota", "credit"),
        (429, "You exceeded your current quota, please check your plan and billing", "quota", "quota"),
        (400, "This model's maximum context length is 8192 tokens", "truncated", "longer"),
        (400, "the request exceeds the available context size", "truncated", "longer"),
        (500, "input is too long: context size", "truncated", "longer"),
        (400, "content management policy", "filtered", "filter"),
        (400, "Invalid schema for response_format 'x'", "bad_request", "schema_mode"),
        (400, "'temperature' does not support 0 with this model", "bad_request", "temperature"),
        (501, "response_format is not supported", "bad_request", "schema_mode"),
    ],
)
def test_what_is_said_counts_more_than_the_number(status: int, said: str, code: str, says: str) -> None:
    sent = {"response_format", "temperature"}
    for body in ({"error": {"message": said}}, {"detail": [{"msg": said}]}, said, [{"error": {"message": said}}]):
        error = failure(Refusal(status, body, {}), "http://h/v1", "m", sent)
        assert error.code == code, str(error)
        assert says in str(error)


def test_a_prompt_that_the_server_shortened_is_told_with_the_setting() -> None:
    answer = httpx2.Response(200, json={**spoken({"content": GOOD}).json(), "usage": USED})
    report, _ = asked_about([article(LONG[:14_000])], [answer])
    (problem,) = report.problems
    assert problem.code == "shortened"
    assert problem.leaves_undone
    assert "num_ctx" in problem.message


USED = {"prompt_tokens": 2050, "completion_tokens": 50}


def test_an_answer_that_nobody_could_use_is_not_kept(tmp_path: Path) -> None:
    import factcheck
    from factcheck.settings import load_settings

    article_file = tmp_path / "a.md"
    article_file.write_text("A day.")
    made = load_settings(base_url="http://127.0.0.1:9/v1", model="m", cache=tmp_path / "kept")
    for content in ("I cannot.", "", '{"claims": 3}'):
        transport = httpx2.MockTransport(lambda request, content=content: spoken({"content": content}))
        report = factcheck.check([article_file], settings=made, compare=False, transport=transport)
        assert report.claims == ()
        assert list((tmp_path / "kept").rglob("extract*/*.json")) == []
    good = httpx2.MockTransport(lambda request: spoken({"content": GOOD}))
    assert len(factcheck.check([article_file], settings=made, compare=False, transport=good).claims) == 1
    assert len(list((tmp_path / "kept").rglob("extract*/*.json"))) == 1
