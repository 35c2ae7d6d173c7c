"""Documents are read, compared with all that was ever said, and kept, one by one."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

import factcheck
from factcheck import Document, Report
from factcheck.inputs.documents import document_from_text
from factcheck.ledger import log, speakers
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import claims, comparisons, documents, findings
from tests.support.pier import PAIR, answer
from tests.support.scripted import completion, draft, extracted, source, transport

JUNE = "The board will lease the pier, Ann Roe said. It rained."
JULY = "The pier will never be leased, Ann Roe said. Nobody else spoke."
SALT = "Salt prices rose by a tenth, Bo Lind said. The mines were quiet."


def article(text: str, published: str, **fields: str) -> Document:
    return document_from_text(text, **{"published": published, "publisher": "The Echo", **fields})


class Desk:
    """Runs checks against one ledger and counts what they ask."""

    def __init__(self, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.seen: list[dict[str, Any]] = []
        self.answer = answer
        monkeypatch.setattr(
            "factcheck.connecting.transport_for",
            lambda *args, **options: transport(self.answer, self.seen),
        )
        self.settings = factcheck.load_settings(
            base_url="http://127.0.0.1:1/v1", model="m", use_cache=False, attempts=1
        )

    def check(self, *articles: Document) -> Report:
        """A run; what it asked replaces what earlier runs asked."""
        self.seen.clear()
        return factcheck.check(articles, settings=self.settings, ledger=self.place)

    def asked(self) -> list[str]:
        """The stages of the requests of the last run."""
        return [body["response_format"]["json_schema"]["name"].split("-")[0] for body in self.seen]

    def column(self, column: Any) -> list[Any]:
        """All values of a column."""
        with closing(open_ledger(self.place)) as ledger, ledger.reading() as connection:
            return list(connection.execute(select(column)).scalars())


@pytest.fixture
def desk(place: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(place, monkeypatch)


def test_a_new_article_meets_what_was_said_long_before(desk: Desk) -> None:
    desk.check(article(JUNE, "2023-06-01"), article(SALT, "2023-08-01"))
    report = desk.check(article(JULY, "2024-07-01"))
    assert desk.asked() == ["extract", "judge", "review"]
    (finding,) = report.findings
    assert (finding.kind, finding.severity, finding.tier, finding.days_apart) == ("reversal", "full", "strong", 396)
    assert report.claim(finding.a).quotes[0].exact == "The board will lease the pier, Ann Roe said."
    assert [d.published for d in report.documents] == ["2024-07-01", "2023-06-01"]
    assert not report.problems


def test_what_the_ledger_holds_is_not_asked_again(desk: Desk) -> None:
    some = [article(JUNE, "2023-06-01"), article(JULY, "2024-07-01")]
    first = desk.check(*some)
    second = desk.check(*some)
    assert desk.asked() == []
    assert second.findings == first.findings
    assert second.claims == first.claims
    assert second.run.usage.calls == 0


def test_articles_of_one_run_are_compared_in_the_order_of_their_dates(desk: Desk) -> None:
    report = desk.check(article(JULY, "2024-07-01"), article(JUNE, "2023-06-01"))
    assert len(report.findings) == 1
    assert desk.column(documents.c.published) == ["2023-06-01", "2024-07-01"]


def test_the_same_words_at_another_outlet_cost_nothing_and_are_one_statement(desk: Desk) -> None:
    desk.check(article(JUNE, "2023-06-01"), article(JULY, "2024-07-01"))
    copy = article(JULY, "2024-07-02", publisher="The Star")
    report = desk.check(copy)
    assert desk.asked() == []
    (finding,) = report.findings
    assert [report.document(report.claim(key).document_id).publisher for key in finding.also] == ["The Star"]
    assert len(set(desk.column(claims.c.statement))) == 2


def test_a_dismissed_finding_does_not_come_back(desk: Desk) -> None:
    desk.check(article(JUNE, "2023-06-01"), article(JULY, "2024-07-01"))
    (pair,) = desk.column(findings.c.pair)
    with closing(open_ledger(desk.place)) as ledger, ledger.writing() as connection:
        log.append(connection, "dismissed", pair, by="Mina Ek", note="Another pier.")
    report = desk.check(article(f"{JULY} The tide was low.", "2024-07-03", publisher="The Star"))
    assert desk.asked() == ["extract", "judge", "review"]
    (finding,) = report.findings
    assert finding.verdict is not None
    assert finding.verdict.decision == "dismissed"
    assert factcheck.exit_code(report, "lead") == 0


def test_the_endpoints_failure_leaves_an_article_for_next_time(desk: Desk) -> None:
    desk.answer = lambda schema, user: (
        httpx2.Response(500) if schema.startswith("judge") and "Bo Lind" in user else answer(schema, user)
    )
    some = [article(JUNE, "2023-06-01"), article(SALT, "2023-08-01"), article(JULY, "2024-07-01")]
    report = desk.check(*some)
    assert {(p.stage, p.code) for p in report.problems} == {("judge", "server_error")}
    assert factcheck.exit_code(report) == 4
    assert desk.column(documents.c.published) == ["2023-06-01", "2023-08-01", "2024-07-01"]
    assert desk.column(comparisons.c.document_id) == []
    desk.answer = answer
    report = desk.check(*some)
    assert not report.problems
    assert len(report.findings) == 1
    assert desk.asked() == ["who", "judge", "review"]


def test_an_endpoint_that_is_down_is_incomplete_and_no_empty_reading(desk: Desk) -> None:
    desk.answer = lambda schema, user: httpx2.Response(500)
    report = desk.check(article(SALT, "2023-08-01"))
    assert [d.published for d in report.documents] == ["2023-08-01"]
    assert factcheck.exit_code(report) == 4
    assert desk.column(documents.c.id) == []


def test_a_refused_comparison_keeps_the_claims_and_the_problem(desk: Desk) -> None:
    refusal = completion("", finish="content_filter")
    desk.answer = lambda schema, user: refusal if schema.startswith("judge") else answer(schema, user)
    report = desk.check(article(SALT, "2023-08-01"))
    assert [(p.stage, p.code) for p in report.problems] == [("judge", "filtered")]
    assert len(desk.column(claims.c.id)) == 1
    again = desk.check(article(SALT, "2023-08-01"))
    assert desk.asked() == []
    assert [(p.stage, p.code) for p in again.problems] == [("judge", "filtered")]


def test_what_another_process_adds_meanwhile_is_compared_too(desk: Desk) -> None:
    other = Desk.__new__(Desk)
    other.__dict__.update(desk.__dict__, seen=[])
    added = False

    def interrupted(schema: str, user: str) -> Any:
        nonlocal added
        if schema.startswith("judge") and not added:
            added = True
            import concurrent.futures

            with concurrent.futures.ThreadPoolExecutor() as pool:
                pool.submit(other.check, article(JUNE, "2023-06-01")).result()
        return answer(schema, user)

    desk.answer = interrupted
    other.answer = answer
    report = desk.check(article(JULY, "2024-07-01"))
    assert len(report.findings) == 1
    assert sorted(desk.column(documents.c.published)) == ["2023-06-01", "2024-07-01"]


def test_a_revised_article_replaces_its_first_version(desk: Desk) -> None:
    where = {"url": "https://echo.example/pier"}
    desk.check(article(JUNE, "2023-06-01", **where), article(JULY, "2024-07-01"))
    desk.check(article(f"{JUNE} Amended at noon.", "2023-06-01", **where))
    assert [f.stale for f in desk.check(article(JULY, "2024-07-01")).findings] == [None]
    desk.check(article("The board may lease the pier, Ann Roe said.", "2023-06-01", **where))
    assert [f.stale for f in desk.check(article(JULY, "2024-07-01")).findings] == ["a later version exists"]


ROE = "The quay will be dug, A. Roe-Berg said. It snowed."
DRY = "The quay stays dry, Ann Roe said. It thawed."


def maiden(schema: str, user: str) -> Any:
    """Two names for one person, who said two things that do not fit."""
    if schema.startswith("extract") and "quay" in user:
        who = "A. Roe-Berg" if "Roe-Berg" in user else "Ann Roe"
        return extracted([source(1, who)], [draft(1, by=1, kind="official_position", topic="digging the quay")])
    if schema.startswith("judge"):
        told = [int(n) for n in re.findall(r"#(\d+) .+: digging the quay", user)]
        pairs = [{**PAIR, "a": told[1], "b": told[0]}] if len(told) > 1 else []
        return {"matters": [], "missed": [], "answers": [], "pairs": pairs}
    return answer(schema, user)


def test_a_merge_reaches_what_is_judged_and_what_is_shown(desk: Desk) -> None:
    desk.answer = maiden
    desk.check(article(ROE, "2023-06-01"), article(SALT, "2023-07-01"), article(JUNE, "2023-05-01"))
    with closing(open_ledger(desk.place)) as ledger, ledger.writing() as connection:
        speakers.merge(connection, "A. Roe-Berg", "Ann Roe", by="Mina Ek")
    report = desk.check(article(DRY, "2024-07-01"))
    (asked,) = [b["messages"][1]["content"] for b in desk.seen if b["response_format"]["json_schema"]["name"][0] == "j"]
    assert "Ann Roe: position: digging the quay" in asked
    assert "Roe-Berg:" not in asked
    named = {(c.attribution.speaker, c.attribution.as_written) for c in report.claims}
    assert named == {("Ann Roe", None), ("Ann Roe", "A. Roe-Berg")}
    assert {c.attribution.speaker for c in report.claims} == {"Ann Roe"}
    with closing(open_ledger(desk.place)) as ledger, ledger.writing() as connection:
        speakers.undo(connection, 1, by="Mina Ek")
    names = {c.attribution.speaker for c in desk.check(article(ROE, "2023-06-01")).claims}
    assert names == {"Ann Roe", "A. Roe-Berg"}
