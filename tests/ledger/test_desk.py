"""What people at a desk do: a queue with filters and counts, one finding, decisions that nobody overwrites unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from factcheck.errors import Conflict, UsageError
from factcheck.ledger import verify
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.exchange import export, read_in
from factcheck.ledger.findings import NOBODY, FindingFilter
from factcheck.ledger.pages import StatementFilter
from factcheck.ledger.store import Entry, add
from factcheck.models import Finding, Problem
from tests.conftest import Places
from tests.support import disputes
from tests.support.desk import RUN
from tests.support.statements import entry, finding

BY = "Mina Ek"
PIER = entry("The board will lease the pier, Ann Roe said.", published="2023-06-01", url="https://echo.example/pier")
NEVER = entry("Intro.\n\nThe board will never lease the pier, Ann Roe said.\n\nMore.", published="2024-07", sentence=2)
SALT = entry("Salt will cost more, Bo Lind said.", "price of salt", "Bo Lind", published="2022", publisher="Quay News")
CHEAP = entry("Salt will cost less, Bo Lind said.", "price of salt", "Bo Lind", published="2022-03-01")
FERRY = entry("The ferry is late, Ann Roe said.", "the ferry", published="2021-01-01")
EARLY = entry("The ferry is early, Ann Roe said.", "the ferry", published="2021-02-01")


def found(a: Entry, b: Entry, **fields: str) -> Finding:
    return finding(a, b).model_copy(update=fields)


ON_PIER = found(PIER, NEVER)
ON_SALT = found(SALT, CHEAP, tier="lead", kind="dispute")
ON_FERRY = found(FERRY, EARLY, severity="partial")


@pytest.fixture
def desk(places: Places) -> Iterator[Ledger]:
    with closing(open_ledger(places())) as ledger:
        with ledger.writing() as connection:
            add(connection, [PIER, SALT, FERRY], RUN)
            problem = Problem(stage="read", code="recognised", document_id=NEVER.document.id, message="From a picture.")
            add(connection, [NEVER._replace(findings=[ON_PIER], problems=[problem])], RUN)
            add(connection, [CHEAP._replace(findings=[ON_SALT]), EARLY._replace(findings=[ON_FERRY])], RUN)
        yield ledger


def ids(desk: Ledger, order: str = "newest", **wanted: str) -> list[str]:
    page = desk.queue(FindingFilter.model_validate(wanted), order=order)  # type: ignore[arg-type]
    assert len(page.rows) == page.total
    return [row.finding.id for row in page.rows]


def test_the_queue_shows_open_findings_newest_or_strongest_first(desk: Ledger) -> None:
    assert ids(desk) == [ON_PIER.id, ON_SALT.id, ON_FERRY.id]
    assert ids(desk, "strongest") == [ON_PIER.id, ON_FERRY.id, ON_SALT.id]
    page = desk.queue(limit=1, offset=1)
    assert ([row.finding.id for row in page.rows], page.total, page.counts["open"]) == ([ON_SALT.id], 3, 3)
    row = page.rows[0]
    assert (row.a.document.publisher, row.b.date, row.seen, row.comments) == ("Quay News", "2022-03-01", 0, 0)


def test_every_filter_keeps_what_it_names(desk: Ledger) -> None:
    assert ids(desk, tier="lead") == ids(desk, kind="dispute") == ids(desk, speaker="lind") == [ON_SALT.id]
    assert ids(desk, outlet="quay") == [ON_SALT.id]
    assert ids(desk, text="ferry early") == [ON_FERRY.id]
    assert ids(desk, speaker="Ann Roe", since="2022") == [ON_PIER.id]
    assert ids(desk, since="2024-07-15") == ids(desk, since="2024") == [ON_PIER.id]
    assert ids(desk, until="2021") == [ON_FERRY.id]
    assert ids(desk, since="2021-02-01", until="2022-03") == [ON_SALT.id, ON_FERRY.id]
    assert ids(desk, speaker="Nobody") == ids(desk, outlet="nobody") == ids(desk, text="?") == []
    with pytest.raises(UsageError, match=r"--since: 'soon' is no date"):
        ids(desk, since="soon")


def test_decisions_move_a_finding_between_the_states(desk: Ledger) -> None:
    desk.decide(ON_PIER.id, "accepted", by=BY)
    desk.decide(ON_SALT.id, "dismissed", by=BY, note="Another salt.")
    desk.retract(FERRY.document.id, by=BY, note="Misheard.")
    assert ids(desk) == []
    assert ids(desk, state="decided") == [ON_PIER.id, ON_SALT.id]
    assert ids(desk, state="accepted") == [ON_PIER.id]
    assert ids(desk, state="stale") == [ON_FERRY.id]
    counts = {"open": 0, "decided": 2, "accepted": 1, "dismissed": 1, "stale": 1, "all": 3}
    assert desk.queue().counts == counts
    desk.retract(PIER.document.id, by=BY, note="Misheard, too.")
    assert desk.queue().counts == {**counts, "stale": 2}
    with desk.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM open_findings")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM statements WHERE stale = 1")).scalar() == 2


def test_one_finding_comes_with_its_paragraph_and_history(desk: Ledger) -> None:
    desk.comment(ON_PIER.id, "Called her office.", by=BY)
    detail = desk.finding(ON_PIER.id)
    context, quote = detail.contexts[1], detail.row.b.claim.quotes[0]
    assert quote.exact == context.text == "The board will never lease the pier, Ann Roe said."
    assert (context.before, context.after) == (True, True)
    assert context.text[quote.start - context.start : quote.end - context.start] == quote.exact
    assert [d.note for d in detail.history] == ["Called her office."]
    assert (detail.row.comments, detail.row.seen, detail.row.state) == (1, 1, "open")


def test_a_decision_on_what_somebody_decided_meanwhile_is_a_conflict(desk: Ledger) -> None:
    seen = desk.finding(ON_PIER.id).row.seen
    desk.decide(ON_PIER.id, "dismissed", by="Ola Ny", note="Another pier.", seen=seen)
    with pytest.raises(Conflict, match=r"Ola Ny was quicker \(dismissed, .*Another pier") as caught:
        desk.decide(ON_PIER.id, "accepted", by=BY, seen=seen)
    assert (caught.value.by, caught.value.action, caught.value.seq) == ("Ola Ny", "dismissed", 1)
    with pytest.raises(Conflict):
        desk.assign(ON_PIER.id, BY, by=BY, seen=seen)
    with pytest.raises(Conflict):
        desk.undo(ON_PIER.id, by=BY, seen=seen)
    with pytest.raises(UsageError, match="has no entry 99"):
        desk.decide(ON_PIER.id, "accepted", by=BY, seen=99)
    assert desk.finding(ON_PIER.id).row.state == "dismissed"
    desk.decide(ON_PIER.id, "accepted", by=BY, seen=seen, override=True)
    assert desk.finding(ON_PIER.id).row.state == "accepted"
    assert [d.by for d in desk.history(ON_PIER.id)] == ["Ola Ny", BY]


def test_what_was_done_is_taken_back_by_key_and_by_number(desk: Ledger) -> None:
    first = desk.decide(ON_PIER.id, "accepted", by=BY)
    desk.decide(ON_PIER.id, "dismissed", by="Ola Ny", note="Another pier.")
    desk.undo(ON_PIER.id, by="Ola Ny")
    verdict = desk.finding(ON_PIER.id).row.finding.verdict
    assert verdict is not None
    assert (verdict.decision, verdict.by) == ("accepted", BY)
    desk.undo(first.seq, by=BY)
    row = desk.finding(ON_PIER.id).row
    assert (row.state, row.finding.verdict, row.seen) == ("open", None, 4)
    with pytest.raises(UsageError, match="was taken back already, by Mina Ek"):
        desk.undo(first.seq, by=BY)
    with pytest.raises(UsageError, match="nobody decided"):
        desk.undo(ON_PIER.id, by=BY)
    with pytest.raises(UsageError, match="is no entry of the log"):
        desk.undo(99, by=BY)


def test_findings_are_given_to_people(desk: Ledger) -> None:
    desk.assign(ON_PIER.id, "Ola Ny", by=BY)
    desk.assign(ON_SALT.id, "Ola Ny", by=BY)
    desk.assign(ON_SALT.id, None, by=BY)
    assert ids(desk, assigned="ola ny") == [ON_PIER.id]
    assert ids(desk, assigned=NOBODY) == [ON_SALT.id, ON_FERRY.id]
    desk.undo(ON_SALT.id, by=BY)
    assert desk.finding(ON_SALT.id).row.assignee == "Ola Ny"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda d: d.decide(ON_PIER.id, "dismissed", by=BY, note=" "), "a dismissal needs a reason"),
        (lambda d: d.decide(ON_PIER.id, "accepted", by="\n"), "needs the name of whoever decides"),
        (lambda d: d.decide(ON_PIER.id, "accepted", by="x" * 201), "at most 200 characters"),
        (lambda d: d.decide(ON_PIER.id, "accepted", by=BY, note="x" * 20_001), "write at most 20,000"),
        (lambda d: d.comment(ON_PIER.id, "", by=BY), "a comment needs words"),
        (lambda d: d.assign(ON_PIER.id, "", by=BY), "whoever it is given to"),
        (lambda d: d.finding("f-0000"), "is no finding of this ledger"),
        (lambda d: d.resolve(""), "an empty id: is no claim, finding or document"),
        (lambda d: d.document("'; DROP TABLE log"), "is no document"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(desk: Ledger, act: object, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        act(desk)  # type: ignore[operator]
    assert "\n" not in str(caught.value)
    assert desk.history(ON_PIER.id) == []


def test_hostile_words_are_kept_as_words(desk: Ledger) -> None:
    made = desk.comment(ON_PIER.id, "A NUL \0 and half a character \ud83d; '--", by="  Mina \n Ek ")
    assert (made.by, made.note) == (BY, "A NUL  and half a character ?; '--")
    assert desk.history(ON_PIER.id) == [made]


def test_the_beginning_of_an_id_is_enough_while_it_is_unique(desk: Ledger) -> None:
    assert desk.resolve(ON_PIER.id[:8]) == desk.resolve(ON_PIER.id[2:9].upper()) == ON_PIER.id
    assert desk.resolve(f" {desk.finding(ON_PIER.id).row.pair} ") == desk.finding(ON_PIER.id).row.pair
    with pytest.raises(UsageError) as caught:
        desk.resolve(_shared(desk))
    assert "could be" in str(caught.value)
    assert "write more of the id" in str(caught.value)


def _shared(desk: Ledger) -> str:
    """A beginning that two ids share."""
    known = [s.claim.id[2:] for s in desk.statements().rows] + [r.document.id[2:] for r in desk.documents().rows]
    return next(key[0] for key in known if sum(other[0] == key[0] for other in known) > 1)


def test_statements_documents_problems_and_speakers_come_in_pages(desk: Ledger) -> None:
    page = desk.statements(limit=2)
    assert ([s.date for s in page.rows], page.total) == (["2024-07", "2023-06-01"], 6)
    wanted = StatementFilter(speaker="lind", since="2022-02", outlet="echo")
    assert [s.claim.id for s in desk.statements(wanted).rows] == [CHEAP.claims[0].id]
    assert (
        desk.statements(StatementFilter(document=PIER.document.id[:9], kind="official_position", text="lease")).total
        == 1
    )
    documents = desk.documents(limit=2, offset=2)
    assert [(r.document.id, r.claims, r.findings, r.waiting) for r in documents.rows] == [
        (NEVER.document.id, 1, 1, False),
        (FERRY.document.id, 1, 1, False),
    ]
    assert desk.documents(outlet="Quay News").total == 1
    one = desk.document(NEVER.document.id[:10])
    assert (one.statements[0].claim.id, one.findings[0].finding.id, one.problems[0].code) == (
        NEVER.claims[0].id,
        ON_PIER.id,
        "recognised",
    )
    problems = desk.problems()
    assert [(r.problem.message, r.document and r.document.id) for r in problems.rows] == [
        ("From a picture.", NEVER.document.id)
    ]
    people = desk.speakers(limit=1)
    assert ([s.names for s in people.rows], people.total) == ([["Ann Roe"]], 2)


def test_comments_and_assignments_are_in_the_chain_and_in_exports(desk: Ledger, places: Places) -> None:
    desk.assign(ON_PIER.id, "Ola Ny", by=BY)
    desk.comment(ON_PIER.id, "Called her office.", by=BY)
    desk.undo(2, by=BY)
    with desk.reading() as connection:
        lines = list(export(connection))
        assert verify.verify(connection) == []
    with closing(open_ledger(places())) as copy:
        read_in(copy, lines, "desk.jsonl")
        with copy.reading() as connection:
            assert list(export(connection)) == lines
        row = copy.finding(ON_PIER.id).row
        assert (row.assignee, row.comments, row.seen) == ("Ola Ny", 0, 3)
    with desk.writing() as connection:
        connection.execute(text('UPDATE log SET data = \'{"to": "Eve"}\' WHERE seq = 1'))
    with desk.reading() as connection:
        assert "log: row 1 was changed" in verify.verify(connection)


def test_eight_people_at_once_lose_nothing_and_overwrite_nothing_unseen(tmp_path: Path) -> None:
    with closing(open_ledger(place := str(tmp_path / "desk.db"))) as ledger:
        disputes.fill(ledger, 30, 3)
        with disputes.started(place, "reader", actions=6, processes=8) as crowd:
            assert crowd.stdout is not None
            acknowledged = [json.loads(line) for line in crowd.stdout]
        assert crowd.returncode == 0
        assert len(acknowledged) == 48
        assert sum(told["conflicts"] for told in acknowledged) > 0, "nobody met anybody: the test shows nothing"
        assert disputes.faults_of(ledger, acknowledged) == []
        told = acknowledged[-1]
        assert disputes.faults_of(ledger, [{**told, "seq": 99}]) == ["entry 99 is lost"]
