"""The whole flow with a scripted endpoint: what is done, what is listed, and what it costs."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from factcheck.llm.answers import JudgeAnswer
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prices import Prices
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import RecordingTransport, Store
from factcheck.models import Report
from factcheck.pipeline import check
from tests.support.pier import JULY, JUNE, PAIR, article, run, schemas, stubborn
from tests.support.scripted import completion, draft, extracted, judged, source, whole_sentences


def test_a_reversal_from_two_articles() -> None:
    seen: list[dict[str, Any]] = []
    report = run([article(JULY, "2024-07-01"), article(JUNE, "2024-06-01")], stubborn, seen)
    (finding,) = report.findings
    assert (finding.kind, finding.severity, finding.tier, finding.days_apart) == ("reversal", "full", "strong", 30)
    assert report.claim(finding.a).quotes[0].exact == "Ann Roe wants the pier leased this year."
    assert report.claim(finding.b).attribution.role == "chair"
    assert sorted(schemas(seen)) == ["extract", "extract", "judge", "review"]
    assert report.run.usage.calls == 4
    assert not report.problems
    assert set(JudgeAnswer.model_fields) == {"matters", "missed", "pairs", "answers"}


def test_a_second_look_that_disagrees_leaves_a_lead() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("review"):
            return {"looks": [{"n": 1, "because": "another year", "verdict": "fit"}]}
        return stubborn(schema, user)

    report = run([article(JUNE, "2024-06-01"), article(JULY, "2024-07-01")], answer)
    assert [f.tier for f in report.findings] == ["lead"]


def test_of_two_looks_the_milder_severity_holds() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("review"):
            return {"looks": [{"n": 1, "because": "only softer", "verdict": "moved"}]}
        return stubborn(schema, user)

    report = run([article(JUNE, "2024-06-01"), article(JULY, "2024-07-01")], answer)
    assert [(f.tier, f.severity) for f in report.findings] == [("strong", "partial")]


def test_a_second_look_that_fails_leaves_leads_and_a_problem() -> None:
    def answer(schema: str, user: str) -> Any:
        return completion("", finish="content_filter") if schema.startswith("review") else stubborn(schema, user)

    report = run([article(JUNE, "2024-06-01"), article(JULY, "2024-07-01")], answer)
    assert [f.tier for f in report.findings] == ["lead"]
    assert [(p.stage, p.code) for p in report.problems] == [("review", "filtered")]


def test_rejected_quotes_are_repaired_once_and_then_listed() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            return extracted([], [draft(1, "the pier is leased"), draft(2, "it snowed all of the night")])
        if schema.startswith("repair"):
            assert "rejected: these words are not in the document" in user
            places = [{"n": 1, "at": ["1"]}, {"n": 2, "at": ["2 it hailed"]}]
            return {"repairs": places}
        return whole_sentences(schema, user)

    seen: list[dict[str, Any]] = []
    report = run([article(JUNE)], answer, seen)
    assert [c.quotes[0].exact for c in report.claims] == ["Ann Roe wants the pier leased this year."]
    assert [(p.stage, p.code) for p in report.problems] == [("ground", "not_in_text")]
    assert "it hailed" in report.problems[0].message
    assert schemas(seen).count("repair") == 1


def test_a_repair_that_gives_no_place_leaves_a_problem() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            return extracted([], [draft(1, "nothing like it"), draft(2)])
        return whole_sentences(schema, user)

    report = run([article(JUNE)], answer)
    assert len(report.claims) == 1
    assert [(p.stage, p.code) for p in report.problems] == [("ground", "not_in_text")]


def test_a_truncated_answer_is_asked_for_in_halves() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract") and "List only statements" not in user:
            return completion('{"sources": [], "claims": [', finish="length")
        return whole_sentences(schema, user) if not schema.startswith("extract") else part(user)

    def part(user: str) -> Any:
        first, last = map(int, re.findall(r"sentences (\d+) to (\d+)", user)[0])
        return extracted([], [draft(n) for n in range(first, last + 1)])

    report = run([article("One came. Two went. Three stayed. Four slept.")], answer)
    assert len(report.claims) == 4
    assert not report.problems


def test_a_long_document_is_compared_in_parts_and_with_itself() -> None:
    seen: list[dict[str, Any]] = []
    text = " ".join(
        f"In chapter {n} the harbour board of Tollmere told a long story about its pier." for n in range(1200)
    )
    report = run([article(text)], whole_sentences, seen)
    asked = [body["messages"][1]["content"] for body in seen if body["messages"][1]["content"].startswith("<new-")]
    assert len(asked) == 6  # four parts, each with each
    assert len(report.claims) == 1200
    assert not report.problems


def test_one_documents_failure_leaves_the_others_whole() -> None:
    def answer(schema: str, user: str) -> Any:
        if "poison" in user:
            return completion("", finish="content_filter")
        return whole_sentences(schema, user)

    good, bad = article("A good day began."), article("A poison cup stood there.")
    report = run([good, bad], answer)
    assert [c.document_id for c in report.claims] == [good.id]
    assert [(p.document_id, p.code) for p in report.problems] == [(bad.id, "filtered")]


def test_the_budget_stops_before_it_is_passed_and_says_so() -> None:
    documents = [article(f"Story number {n} began and ended.") for n in range(12)]
    seen: list[dict[str, Any]] = []
    report = run(documents, whole_sentences, seen, max_tokens=2900, concurrency=1)
    assert 0 < len(seen) < 12
    assert report.run.usage.input_tokens + report.run.usage.output_tokens <= 2900
    assert [p.code for p in report.problems] == ["budget"]
    assert report.problems[0].message.startswith("12 documents were not finished")


def test_cost_is_counted_from_prices() -> None:
    report = run([article("A day.")], whole_sentences, prices=Prices(1.0, 10.0))
    assert report.run.usage.cost_usd == (200 * 1.0 + 20 * 10.0) / 1_000_000


def test_a_source_that_is_not_listed_is_a_problem() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            return extracted([], [draft(1, by=3)])
        return whole_sentences(schema, user)

    report = run([article("A day.")], answer)
    assert [p.code for p in report.problems] == ["unknown_source"]


def test_every_quote_is_its_span() -> None:
    report = run([article(JUNE), article("« Ça va ? » 🙂 Oui.")], whole_sentences)
    for claim in report.claims:
        text = report.document(claim.document_id).text
        assert all(text[q.start : q.end] == q.exact for q in claim.quotes)
        assert all(text[: q.start].endswith(q.prefix) and text[q.end :].startswith(q.suffix) for q in claim.quotes)


def test_what_never_changes_comes_first_in_a_request() -> None:
    seen: list[dict[str, Any]] = []
    run([article("One day."), article("Another day.")], whole_sentences, seen)
    first, second = (body for body in seen if body["response_format"]["json_schema"]["name"].startswith("extract"))
    assert first["messages"][0] == second["messages"][0]
    assert first["messages"][1] != second["messages"][1]
    assert first["response_format"] == second["response_format"]


def test_an_endpoint_without_schemas_gets_the_schema_in_words(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(json.loads(request.content))
        return completion(extracted([], [draft(1)]))

    async def go() -> Report:
        tape = RecordingTransport(Store(tmp_path), httpx2.MockTransport(handle))
        chat = Chat(Endpoint("m", schema_mode="prompt", temperature=0.0, max_output_tokens=900), tape)
        report = await check([article("A day.")], chat, load_prompts(), compare=False)
        await chat.aclose()
        return report

    assert len(asyncio.run(go()).claims) == 1
    assert "response_format" not in seen[0]
    assert '"additionalProperties": false' in seen[0]["messages"][0]["content"]
    assert (seen[0]["temperature"], seen[0]["max_completion_tokens"]) == (0.0, 900)
    assert [path.parent.name for path in Store(tmp_path).files()] == ["extract.v2"]


def test_what_fitted_is_kept_when_the_second_answer_fails() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            asked.append(user)
            if len(asked) == 1:
                return extracted([], [draft(1), draft(2, kind="rumour")])
            return completion("", finish="content_filter")
        return whole_sentences(schema, user)

    asked: list[str] = []
    report = run([article("A day. A night.")], answer)
    assert [c.quotes[0].exact for c in report.claims] == ["A day."]
    assert [(p.code, "kind" in p.message) for p in report.problems] == [("malformed", True)]


def test_calls_under_way_are_waited_for_before_the_budget_refuses() -> None:
    documents = [article(f"Story number {n} began and ended.") for n in range(3)]
    seen: list[dict[str, Any]] = []
    report = run(documents, whole_sentences, seen, max_tokens=3200, concurrency=8)
    assert len(seen) == 4
    assert not report.problems


@pytest.mark.parametrize("listed_as_pair", [False, True])
def test_a_denial_is_the_answer_to_an_accusation_and_no_finding(listed_as_pair: bool) -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            charge = "stole" in user
            made = draft(1, by=1, kind="accusation" if charge else "assertion", target="Ann Roe" if charge else None)
            return extracted([source(1, "Ben Ito" if charge else "Ann Roe")], [made])
        if schema.startswith("judge"):
            return judged(PAIR) if listed_as_pair else judged(answers=[{"to": 1, "by": 2}])
        return {"looks": [{"n": 1, "because": "only denied", "verdict": "denial"}]}

    charge = article("Ann Roe stole the pier, Ben Ito said.", "2024-06-01")
    denial = article("I never took it, Ann Roe said.", "2024-07-01")
    report = run([charge, denial], answer)
    assert not report.findings
    (reply,) = report.answers
    assert report.claim(reply.accusation).attribution.speaker == "Ben Ito"
    assert report.claim(reply.answer).attribution.speaker == "Ann Roe"
