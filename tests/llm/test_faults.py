"""What a run makes of an endpoint that fails: the right exit code, one line for each loss, nothing else lost."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import openai.resources.chat  # noqa: F401  (so that a deadline of one second is not spent on loading it)
import pytest
import tenacity
from typer.testing import CliRunner

from factcheck import Report
from factcheck.commands.app import app
from factcheck.errors import OF_THE_TEXT
from factcheck.llm import client as chat
from factcheck.models import Problem
from tests.support.fault_server import (
    MARKER,
    Answer,
    Asked,
    Fault,
    FaultServer,
    body_of,
    claim,
    completion,
    correct,
    dead_address,
    extracted,
    serving,
    status,
)

GOOD, BAD = ("good1.md", "good2.md"), "bad.md"
ALL = ("good1.md", "bad.md", "good2.md")
FIRST = {
    "good1.md": "The harbour bridge opened in May 2014.",
    "bad.md": f"The {MARKER} line runs below the town.",
    "good2.md": "The museum counted 90,000 visitors in 2015.",
}
REST = {"good1.md": "It cost 40 million euros.", "bad.md": "Nobody was hurt.", "good2.md": ""}
ATTEMPTS = 4
QUICK = 6.0
"""Seconds in which a run with a deadline of one second ends, with room for a slow machine."""


class Outcome(NamedTuple):
    """What the command line left behind."""

    exit_code: int
    report: Report
    stderr: str
    seconds: float

    def said(self, name: str) -> list[str]:
        """The quoted words of a document's claims."""
        ids = {d.id for d in self.report.documents if d.path == name}
        return [c.quotes[0].exact for c in self.report.claims if c.document_id in ids]

    def problem(self) -> Problem:
        """The only problem there is."""
        assert len(self.report.problems) == 1, self.report.problems
        return self.report.problems[0]

    def named(self) -> dict[str, Problem]:
        """Each document's only problem."""
        by_name: dict[str, Problem] = {}
        for problem in self.report.problems:
            name = next(n for n in ALL if problem.message.startswith(n))
            assert name not in by_name, self.report.problems
            assert problem.document_id in {d.id for d in self.report.documents if d.path == name}
            by_name[name] = problem
        return by_name


class Loss(NamedTuple):
    """A fault that costs a document: the code of its problem, the requests that it takes, and words to be said."""

    answer: Answer
    code: str
    requests: int
    says: str = ""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but the test's own, short waits, and three articles in the folder."""
    for name in [n for n in os.environ if n.startswith(("FACTCHECK_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(chat, "BACKOFF", tenacity.wait_fixed(0.01))
    for day, name in enumerate(ALL, 1):
        write(name, f"{FIRST[name]} {REST[name]}", published=f"2014-01-0{day}")


def write(name: str, text: str, *, published: str) -> None:
    Path(name).write_text(f"---\npublished: {published}\n---\n{text}\n", encoding="utf-8")


def check(base_url: str, *options: str, deadline: float = 20) -> Outcome:
    """Run the command line on the three articles; whatever happens, it ends in order and says so in lines."""
    fixed = ("--format", "json", "--no-cache", "--base-url", base_url, "--model", "m", "--deadline", str(deadline))
    started = time.monotonic()
    result = CliRunner().invoke(app, ["check", *ALL, *fixed, *options])
    seconds = time.monotonic() - started
    crash = None if isinstance(result.exception, SystemExit) else result.exception
    assert crash is None, f"{type(crash).__name__}: {crash}"[-160:]
    assert "Traceback" not in result.output
    report = Report.model_validate_json(result.stdout)
    assert [d.path for d in report.documents] == list(ALL)
    assert all(p.message == " ".join(p.message.split()) for p in report.problems), report.problems
    assert result.stderr.splitlines() == [f"factcheck: {p.message}" for p in report.problems]
    return Outcome(result.exit_code, report, result.stderr, seconds)


def always(answer: Answer) -> Fault:
    return lambda asked: answer


def marked(server: FaultServer) -> list[tuple[int, int]]:
    """The sentences that each request about the marked article asked for."""
    return [(asked.first, asked.last) for asked in server.about("extract")]


def assert_one_lost(outcome: Outcome, code: str, says: str = "") -> None:
    """Only the bad document is lost, in one line; the good ones are there."""
    problem = outcome.problem()
    assert (problem.stage, problem.code) == ("extract", code), problem.message
    assert outcome.named() == {BAD: problem}
    assert re.search(says, problem.message), problem.message
    assert outcome.exit_code == 4
    assert outcome.said(BAD) == []
    assert_good_kept(outcome)


def assert_good_kept(outcome: Outcome) -> None:
    assert {name: outcome.said(name) for name in GOOD} == {name: [FIRST[name]] for name in GOOD}


def assert_one_line(outcome: Outcome, code: str, says: str = "") -> None:
    """What all documents failed at is said once, with how many there are and which."""
    problem = outcome.problem()
    assert (problem.code, problem.document_id) == (code, None)
    assert "3 documents were not finished" in problem.message
    assert all(name in problem.message for name in ALL), problem.message
    assert re.search(says, problem.message), problem.message


def assert_all_done(outcome: Outcome) -> None:
    assert outcome.report.problems == ()
    assert outcome.exit_code == 0
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)


def rows(table: Mapping[str, Any]) -> list[Any]:
    return [pytest.param(row, id=name) for name, row in table.items()]


QUOTA = {"code": "insufficient_quota", "type": "insufficient_quota"}
ENDS_RUN = {
    "401": Loss(status(401), "unauthorized", 1, "401.*OPENAI_API_KEY"),
    "403": Loss(status(403, "not yours"), "forbidden", 1, r"403.*\bm\b.*not yours"),
    "404": Loss(status(404, "who?"), "not_found", 1, r"404.*\bm\b.*--base-url.*who\?"),
    "quota": Loss(status(429, "all spent", **QUOTA), "quota", 1, "quota.*all spent"),
    "quota and Retry-After": Loss(status(429, retry_after="1", **QUOTA), "quota", 1, "quota"),
}


@pytest.mark.parametrize("loss", rows(ENDS_RUN))
def test_pointless_calls_end_and_one_line_tells_of_all_documents(loss: Loss) -> None:
    with serving(always(loss.answer)) as server:
        outcome = check(server.base_url)
    assert outcome.exit_code == 4
    assert_one_line(outcome, loss.code, loss.says)
    assert len(marked(server)) == loss.requests


@pytest.mark.parametrize("loss", rows(ENDS_RUN))
def test_what_was_done_before_the_end_is_kept(loss: Loss) -> None:
    with serving(always(loss.answer)) as server:
        outcome = check(server.base_url, "--concurrency", "1")
    assert_one_line(outcome, loss.code, loss.says)
    assert [outcome.said(name) for name in ALL] == [[FIRST["good1.md"]], [], []]
    assert outcome.exit_code == 4


UTF_16 = Answer(b"<p>Sorry</p>", headers={"Content-Type": "text/html; charset=utf-16"})
NO_ANSWER = {
    "408": Loss(status(408), "timeout", ATTEMPTS, "408"),
    "429 without Retry-After": Loss(status(429, "slow down"), "rate_limited", ATTEMPTS, "429.*slow down"),
    "429 with Retry-After 0": Loss(status(429, retry_after="0"), "rate_limited", ATTEMPTS, "429"),
    "429 with an absurd Retry-After": Loss(
        status(429, retry_after="86400"), "rate_limited", 1, "429.*86400 s.*--deadline"
    ),
    "429 with an endless Retry-After": Loss(status(429, retry_after="inf"), "rate_limited", 1, "429.*--deadline"),
    "503 with an absurd Retry-After": Loss(status(503, retry_after="86400"), "server_error", 1, "503.*--deadline"),
    "500": Loss(status(500, "it broke"), "server_error", ATTEMPTS, "500.*it broke"),
    "500 as text": Loss(Answer(b"oops\noops", 500), "server_error", ATTEMPTS, "500"),
    "500 with half a character": Loss(status(500, "\ud800"), "server_error", ATTEMPTS, "500"),
    "500 in a strange charset": Loss(UTF_16._replace(status=500), "server_error", ATTEMPTS, "500"),
    "503": Loss(status(503), "server_error", ATTEMPTS, "503"),
    "reset": Loss(Answer(b"", manner="reset"), "connection", ATTEMPTS, "127.0.0.1.*cannot be reached"),
    "hung up": Loss(Answer(b"", manner="hang_up"), "connection", ATTEMPTS, "127.0.0.1.*cannot be reached"),
    "cut short": Loss(completion(extracted(claim()))._replace(manner="short"), "connection", ATTEMPTS, "127.0.0.1"),
}


@pytest.mark.parametrize("loss", rows(NO_ANSWER))
def test_a_call_that_fails_to_the_last_loses_one_document(loss: Loss) -> None:
    with serving(always(loss.answer)) as server:
        outcome = check(server.base_url)
    assert_one_lost(outcome, loss.code, loss.says)
    assert len(marked(server)) == loss.requests
    assert outcome.seconds < QUICK


TOO_SLOW = {
    "hang": Answer(b"", manner="hang"),
    "drip": completion(extracted(claim()))._replace(manner="drip"),
}


@pytest.mark.parametrize("answer", rows(TOO_SLOW))
def test_a_deadline_ends_a_call_that_never_does(answer: Answer) -> None:
    with serving(always(answer)) as server:
        outcome = check(server.base_url, deadline=1)
    assert_one_lost(outcome, "timeout", "1 s.*raise --deadline")
    assert 1 <= outcome.seconds < QUICK


def test_a_deadline_covers_the_retries() -> None:
    with serving(always(status(503, retry_after="0.4"))) as server:
        outcome = check(server.base_url, deadline=1)
    assert_one_lost(outcome, "timeout", "1 s.*503.*raise --deadline")
    assert 1 < len(marked(server)) < ATTEMPTS
    assert outcome.seconds < QUICK


def test_nothing_listens() -> None:
    with dead_address() as address:
        outcome = check(address)
    assert_one_line(outcome, "connection", f"{address}: cannot be reached")
    assert outcome.report.claims == ()
    assert outcome.exit_code == 4


ADVICE = re.compile(r"OPENAI_API_KEY|--[a-z]+|\b(add|check|lower|raise|set|start|try|wait)\b")
TELLING = {
    **{name: ENDS_RUN[name] for name in ("401", "403", "404", "quota")},
    **{name: NO_ANSWER[name] for name in ("408", "429 without Retry-After", "429 with an absurd Retry-After")},
    **{name: NO_ANSWER[name] for name in ("503", "reset")},
}


@pytest.mark.parametrize("loss", rows(TELLING))
def test_a_message_about_the_endpoint_says_what_to_do(loss: Loss) -> None:
    with serving(always(loss.answer)) as server:
        outcome = check(server.base_url)
    assert all(ADVICE.search(p.message) for p in outcome.report.problems), outcome.stderr


PASSING = {
    "429 with a short Retry-After": status(429, retry_after="0.1"),
    "429 without Retry-After": status(429),
    "408": status(408),
    "409": status(409),
    "500": status(500),
    "reset": Answer(b"", manner="reset"),
}


@pytest.mark.parametrize("answer", rows(PASSING))
def test_a_passing_fault_costs_nothing(answer: Answer) -> None:
    with serving(lambda asked: answer if asked.number == 1 else correct(asked)) as server:
        outcome = check(server.base_url)
    assert_all_done(outcome)
    assert len(marked(server)) == 2


def test_the_wait_that_is_asked_for_is_kept() -> None:
    with serving(lambda asked: status(429, retry_after="0.5") if asked.number == 1 else correct(asked)) as server:
        outcome = check(server.base_url)
    assert_all_done(outcome)
    assert outcome.seconds >= 0.5


PLAIN = extracted(claim())
FENCED = f"```json\n{PLAIN}\n```"
READABLE = {
    "fenced": FENCED,
    "fenced without a language": f"```\n{PLAIN}\n```\n",
    "prose before": f"Here is the answer you asked for:\n\n{PLAIN}",
    "prose after": f"{PLAIN}\n\nLet me know if you need more.",
    "prose around a fence": f"Sure!\n\n{FENCED}\n\nDone.",
}


@pytest.mark.parametrize("content", rows(READABLE))
def test_an_answer_in_wrapping_is_read(content: str) -> None:
    with serving(always(completion(content))) as server:
        outcome = check(server.base_url)
    assert_all_done(outcome)
    assert len(marked(server)) == 1


BOTTOMLESS = '{"sources": ' + "[" * 200_000
UNREADABLE = {
    "cut JSON": (PLAIN[:-20], "not JSON"),
    "no JSON": ("I could not find any statements.", "no JSON"),
    "duplicate keys": ('{"sources": [], "sources": [], "claims": []}', "sources.*twice"),
    "duplicate keys with half a character": (r'{"\ud800": 1, "\ud800": 2}', "twice"),
    "NaN": (PLAIN.replace('"by": 0', '"by": NaN'), "NaN"),
    "Infinity": (PLAIN.replace('"by": 0', '"by": -Infinity'), "-Infinity"),
    "lone surrogate": (extracted(claim(topic="\ud800")), "lone surrogate"),
    "lone surrogate, not escaped": (extracted(claim(topic="?")).replace("?", "\ud800"), "lone surrogate"),
    "wrong type": ('{"sources": [], "claims": "none"}', "claims"),
    "list": ("[1, 2]", "no JSON object"),
    "missing field": ('{"sources": []}', "claims"),
    "unknown field": ('{"sources": [], "claims": [], "extra": 1}', "extra"),
    "unknown field of two lines": (r'{"sources": [], "claims": [], "a\nb": 1}', "could not be read"),
    "endless number": (PLAIN.replace('"by": 0', f'"by": {"9" * 5000}'), "could not be read"),
    "bottomless": (BOTTOMLESS, "could not be read"),
}


@pytest.mark.parametrize("row", rows(UNREADABLE))
def test_an_unreadable_answer_is_asked_for_once_more_and_named(row: tuple[str, str]) -> None:
    content, says = row
    with serving(always(completion(content))) as server:
        outcome = check(server.base_url)
    assert_one_lost(outcome, "malformed", says)
    assert len(marked(server)) == 2


@pytest.mark.parametrize("row", rows(UNREADABLE))
def test_an_unreadable_answer_is_mended(row: tuple[str, str]) -> None:
    with serving(lambda asked: completion(row[0]) if asked.number == 1 else correct(asked)) as server:
        outcome = check(server.base_url)
    assert_all_done(outcome)
    assert len(marked(server)) == 2


NO_CONTENT = {
    "refusal": Loss(completion(None, refusal="I will\nnot."), "refused", 1, "refused: I will not"),
    "refusal with half a character": Loss(completion(None, refusal="No \ud800"), "refused", 1, "refused"),
    "content filter": Loss(completion("", finish_reason="content_filter"), "filtered", 1, "content filter"),
    "content filter, null": Loss(completion(None, finish_reason="content_filter"), "filtered", 1, "content filter"),
    "no choices": Loss(body_of(choices=[]), "empty", 1, "no answer"),
    "choices null": Loss(body_of(choices=None), "empty", 1, "no answer"),
    "empty content": Loss(completion(""), "empty", 1, "no answer"),
    "content null": Loss(completion(None), "empty", 1, "no answer"),
    "content of white space": Loss(completion(" \n"), "empty", 1, "no answer"),
    "choice null": Loss(body_of(choices=[None]), "malformed", 1, "not a chat completion"),
    "choices an object": Loss(body_of(choices={"a": 1}), "malformed", 1, "not a chat completion"),
    "JSON string": Loss(Answer(b'"hello"'), "malformed", 1, "not a chat completion.*hello"),
    "not JSON": Loss(Answer(b"<html>\n<p>Welcome</p>"), "malformed", 1, "not a chat completion.*Welcome"),
    "no body": Loss(Answer(b""), "malformed", 1, "not a chat completion"),
    "strange charset": Loss(UTF_16, "malformed", 1, "not a chat completion"),
    "not UTF-8": Loss(Answer(b"\xff\xfe{}"), "malformed", 1, "not a chat completion"),
    "bottomless": Loss(Answer(BOTTOMLESS.encode()), "malformed", 1, "not a chat completion"),
}


@pytest.mark.parametrize("loss", rows(NO_CONTENT))
def test_a_response_without_an_answer_is_named(loss: Loss) -> None:
    with serving(always(loss.answer)) as server:
        outcome = check(server.base_url)
    assert_one_lost(outcome, loss.code, loss.says)
    assert len(marked(server)) == loss.requests


USAGES: dict[str, object] = {
    "null": None,
    "text": "many",
    "text counts": {"prompt_tokens": "many", "completion_tokens": 1},
    "half": {"prompt_tokens": 1},
    "not a number": {"prompt_tokens": float("nan"), "completion_tokens": 1},
    "endless": {"prompt_tokens": float("inf"), "completion_tokens": 1},
}


@pytest.mark.parametrize("usage", rows(USAGES))
def test_a_broken_count_of_tokens_loses_no_answer(usage: object) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": PLAIN}}
    with serving(always(body_of(choices=[choice], usage=usage))) as server:
        outcome = check(server.base_url)
    assert_all_done(outcome)
    assert outcome.report.run.usage.counted_by != "api"


def test_a_claim_of_an_unknown_kind_is_left_out_alone() -> None:
    content = extracted(claim(1), claim(2, kind="rumour"))
    with serving(always(completion(content))) as server:
        outcome = check(server.base_url)
    problem = outcome.problem()
    assert outcome.named() == {BAD: problem}
    assert (problem.stage, problem.code) == ("extract", "malformed")
    assert "claims/1/kind" in problem.message
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)
    assert outcome.exit_code == 4
    assert len(marked(server)) == 2


def test_a_claim_in_an_unknown_sentence_is_left_out_alone() -> None:
    content = extracted(claim(1), claim(99))
    with serving(always(completion(content))) as server:
        outcome = check(server.base_url)
    problem = outcome.problem()
    assert outcome.named() == {BAD: problem}
    assert (problem.stage, problem.code) == ("ground", "unknown_sentence")
    assert "sentence 99" in problem.message
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)
    assert outcome.exit_code == 0  # a rejected quote is the guard's work, not a gap


def test_a_rejected_quote_of_two_lines_is_named_in_one() -> None:
    content = extracted(claim(1), claim(at=["2 Nobody was\nhappy about it."]))
    with serving(always(completion(content))) as server:
        outcome = check(server.base_url)
    problem = outcome.problem()
    assert outcome.named() == {BAD: problem}
    assert (problem.stage, problem.code) == ("ground", "not_in_text")
    assert "Nobody was happy about it." in problem.message
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)


def test_no_claims_are_no_problem() -> None:
    with serving(always(completion(extracted()))) as server:
        outcome = check(server.base_url)
    assert outcome.report.problems == ()
    assert outcome.exit_code == 0
    assert outcome.said(BAD) == []
    assert_good_kept(outcome)
    assert len(marked(server)) == 1


def cut_off(asked: Asked, longest: int) -> Answer:
    """Cut off unless few enough sentences are asked about."""
    if asked.last - asked.first >= longest:
        return completion(PLAIN[:30], finish_reason="length")
    return correct(asked)


def test_an_answer_that_is_cut_off_is_asked_for_in_halves() -> None:
    write(BAD, f"{FIRST[BAD]} Nobody was hurt. The mayor came. It rained all day.", published="2014-01-02")
    with serving(lambda asked: cut_off(asked, 2)) as server:
        outcome = check(server.base_url)
    assert marked(server) == [(1, 4), (1, 2), (3, 4)]
    assert outcome.report.problems == ()
    assert outcome.exit_code == 0
    assert outcome.said(BAD) == [FIRST[BAD], "The mayor came."]
    assert_good_kept(outcome)


def test_halves_are_halved_and_what_fits_is_kept() -> None:
    write(BAD, f"{FIRST[BAD]} Nobody was hurt. The mayor came. It rained all day.", published="2014-01-02")
    with serving(lambda asked: cut_off(asked, 0 if asked.last == 1 else 1)) as server:
        outcome = check(server.base_url)
    assert marked(server) == [(1, 4), (1, 2), (1, 1), (2, 2), (3, 4)]  # four of them failed
    problem = outcome.problem()
    assert outcome.named() == {BAD: problem}
    assert (problem.stage, problem.code) == ("extract", "truncated")
    assert "sentences 1 to 1, 3 to 3, 4 to 4: " in problem.message
    assert outcome.said(BAD) == ["Nobody was hurt."]
    assert_good_kept(outcome)
    assert outcome.exit_code == 4


def test_one_sentence_that_is_cut_off_is_named() -> None:
    write(BAD, FIRST[BAD], published="2014-01-02")
    with serving(lambda asked: cut_off(asked, 0)) as server:
        outcome = check(server.base_url)
    assert marked(server) == [(1, 1)]
    assert_one_lost(outcome, "truncated", "cut off")


COMPARING = {
    "500": (status(500), "server_error"),
    "reset": (Answer(b"", manner="reset"), "connection"),
    "refusal": (completion(None, refusal="No."), "refused"),
    "cut off": (completion("{", finish_reason="length"), "truncated"),
    "cut JSON": (completion('{"missed": ['), "malformed"),
    "401": (status(401), "unauthorized"),
}


@pytest.mark.parametrize("row", rows(COMPARING))
def test_claims_outlive_a_comparison_that_fails(row: tuple[Answer, str]) -> None:
    answer, code = row
    with serving(judge=always(answer)) as server:
        outcome = check(server.base_url, "--concurrency", "1")
    if code in OF_THE_TEXT:  # then fewer articles at once are tried
        problems = {name: (p.stage, p.code) for name, p in outcome.named().items()}
        assert problems == {BAD: ("judge", code)}
    else:
        assert_one_line(outcome, code)
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)
    assert outcome.exit_code == 4


def test_a_repair_that_fails_is_named_and_good_claims_stay() -> None:
    content = extracted(claim(1), claim(99))
    with serving(always(completion(content)), repair=always(status(500))) as server:
        outcome = check(server.base_url)
    codes = {(p.stage, p.code) for p in outcome.report.problems}
    assert codes == {("extract", "server_error"), ("ground", "unknown_sentence")}
    assert all(p.message.startswith(BAD) for p in outcome.report.problems)
    assert outcome.said(BAD) == [FIRST[BAD]]
    assert_good_kept(outcome)
    assert outcome.exit_code == 4


def test_only_a_wrong_request_is_wrong_usage() -> None:
    with serving(always(status(500))) as server:
        common = ("--format", "json", "--no-cache", "--base-url", server.base_url)
        no_file = CliRunner().invoke(app, ["check", "missing.md", *common])
        no_option = CliRunner().invoke(app, ["check", *ALL, *common, "--deadline", "0"])
    assert (no_file.exit_code, no_option.exit_code) == (2, 2)
    assert "missing.md" in no_file.stderr
    assert "deadline" in no_option.stderr
    assert server.marked == []


@pytest.mark.parametrize(
    ("stage", "code", "undone"),
    [
        ("read", "binary", True),
        ("read", "duplicate", False),
        ("extract", "not_found", True),
        ("extract", "malformed", True),
        ("extract", "unknown_source", False),
        ("ground", "not_in_text", False),
        ("judge", "not_in_text", False),
        ("judge", "timeout", True),
        ("review", "filtered", True),
    ],
)
def test_what_is_refused_is_not_undone(stage: Any, code: str, undone: bool) -> None:
    assert Problem(stage=stage, code=code, message="m").leaves_undone is undone
