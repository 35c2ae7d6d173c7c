"""Evidence in a ledger: kept once with its documents, found again for the same statement, proved, exported, shown."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from factcheck.errors import UsageError
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.exchange import export, read_in
from factcheck.ledger.lookup import Shown
from factcheck.ledger.schema import checks, evidence, sources
from factcheck.ledger.verify import fingerprint, verify
from factcheck.models import Report
from factcheck.outputs.lookup import shown_view
from factcheck.outputs.saved import flaw_in
from factcheck.outputs.terminal import draw_parts
from tests.conftest import Places
from tests.support.desk import RUN
from tests.support.evidence import looked_into, source
from tests.support.statements import JULY, JUNE, entry

BOOKS = source("The pier was leased for 40 crowns, say the books.", publisher="Town", published="2024-02-02")
PRESS = source("The pier stayed empty, say neighbours.", publisher="The Post", published="2024-03-03")
ONE = JUNE.claims[0]


@pytest.fixture
def ledger(places: Places) -> Iterator[Ledger]:
    with closing(open_ledger(places())) as opened:
        opened.keep([JUNE, JULY], RUN)
        yield opened


def sizes(ledger: Ledger) -> list[int]:
    with ledger.reading() as connection:
        return [
            int(connection.execute(select(func.count()).select_from(t)).scalar() or 0)
            for t in (sources, checks, evidence)
        ]


def report(ledger: Ledger) -> Report:
    return ledger.report([JUNE.document.id], RUN)


def test_evidence_comes_back_as_it_was_kept(ledger: Ledger) -> None:
    found = looked_into(ONE, [BOOKS, PRESS])
    assert ledger.keep_evidence([found], [BOOKS, PRESS], RUN) == 1
    made = report(ledger)
    assert made.evidence == found.evidence
    assert made.checks == (found.check,)
    assert [d for d in made.documents if d.role == "evidence"] == [BOOKS, PRESS]
    assert flaw_in(made) is None
    with ledger.reading() as connection:
        assert verify(connection) == []


def test_the_same_again_is_not_written_twice_and_the_newest_counts(ledger: Ledger) -> None:
    first = looked_into(ONE, [BOOKS])
    assert [ledger.keep_evidence([first], [BOOKS], RUN) for _ in range(2)] == [1, 0]
    both = looked_into(ONE, [BOOKS, PRESS])
    assert ledger.keep_evidence([both], [BOOKS, PRESS], RUN) == 1
    assert sizes(ledger) == [2, 2, 3]
    assert report(ledger).checks == (both.check,)
    assert len(report(ledger).evidence) == 2


def test_only_documents_that_were_cited_are_kept(ledger: Ledger) -> None:
    ledger.keep_evidence([looked_into(ONE, [])], [BOOKS, PRESS], RUN)
    assert sizes(ledger) == [0, 1, 0]
    assert report(ledger).checks[0].outcome == "nothing_found"


def test_a_document_that_is_evidence_is_no_article(ledger: Ledger) -> None:
    before = ledger.head()
    ledger.keep_evidence([looked_into(ONE, [BOOKS])], [BOOKS], RUN)
    assert ledger.held([BOOKS.id]) == {}
    assert ledger.head() != before


def test_an_article_may_be_evidence(ledger: Ledger) -> None:
    found = looked_into(ONE, [JULY.document])
    ledger.keep_evidence([found], [JULY.document.model_copy(update={"role": "evidence"})], RUN)
    assert sizes(ledger) == [0, 1, 1]
    assert [d.role for d in report(ledger).documents if d.id == JULY.document.id] == ["article"]


def test_the_same_statement_elsewhere_has_the_evidence_at_once(ledger: Ledger) -> None:
    found = looked_into(ONE, [BOOKS, PRESS])
    ledger.keep_evidence([found], [BOOKS, PRESS], RUN)
    again = entry(JUNE.document.text, publisher="The Post", published="2024-08-01")
    known = ledger.known([again.claims[0], JULY.claims[0]])
    assert list(known.found) == [again.claims[0].id]
    carried = known.found[again.claims[0].id]
    assert [e.quotes for e in carried.evidence] == [e.quotes for e in found.evidence]
    assert {e.claim_id for e in carried.evidence} == {again.claims[0].id}
    assert carried.check.evidence == tuple(e.id for e in carried.evidence)
    assert set(carried.seen) == {BOOKS.id, PRESS.id}
    assert set(known.documents) == {BOOKS.id, PRESS.id}
    ledger.keep([again], RUN)
    assert ledger.keep_evidence([carried], known.documents.values(), RUN) == 1
    with ledger.reading() as connection:
        assert verify(connection) == []


def test_all_of_it_or_nothing_is_kept(ledger: Ledger) -> None:
    broken = looked_into(ONE, [PRESS])._replace(evidence=(None,))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        ledger.keep_evidence([looked_into(JULY.claims[0], [BOOKS]), broken], [BOOKS], RUN)
    assert sizes(ledger) == [0, 0, 0]


def test_out_and_in(ledger: Ledger, tmp_path: Path) -> None:
    ledger.keep_evidence([looked_into(ONE, [BOOKS, PRESS]), looked_into(JULY.claims[0], [])], [BOOKS, PRESS], RUN)
    with ledger.reading() as connection:
        lines, print_ = list(export(connection)), fingerprint(connection)
    with closing(open_ledger(str(tmp_path / "copy.db"))) as copy:
        for _ in range(2):
            read_in(copy, lines, "export.jsonl")
        with copy.reading() as connection:
            assert fingerprint(connection) == print_
            assert verify(connection) == []
            assert list(export(connection)) == lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The pier was leased for 40 crowns", "The pier was leased for 90 crowns"),
        ('"outcome": "conflicting"', '"outcome": "refuted"'),
        (f'"claim_id": "{ONE.id}"', '"claim_id": "c-000000000000"'),
        ('"relation": "conflicts"', '"relation": "supports"'),
        ('"seen": [', '"seen": [1, '),
        ('"evidence": ["e-', '"evidence": ["e-0'),
    ],
)
def test_forged_evidence_is_refused_with_its_line(ledger: Ledger, tmp_path: Path, old: str, new: str) -> None:
    ledger.keep_evidence([looked_into(ONE, [BOOKS])], [BOOKS], RUN)
    with ledger.reading() as connection:
        lines = list(export(connection))
    at = next(n for n, line in enumerate(lines) if line.startswith('{"type": "check"'))
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    with closing(open_ledger(str(tmp_path / "copy.db"))) as copy:
        with pytest.raises(UsageError, match=rf"^f\.jsonl, line {at + 1}: is no line of an exported ledger"):
            read_in(copy, lines, "f.jsonl")
        assert sizes(copy)[1:] == [0, 0]


def test_words_that_were_changed_behind_its_back_are_named(ledger: Ledger) -> None:
    ledger.keep_evidence([looked_into(ONE, [BOOKS])], [BOOKS], RUN)
    with ledger.writing() as connection:
        body = str(connection.execute(select(evidence.c.body)).scalar())
        connection.execute(evidence.update().values(body=body.replace("40 crowns", "90 crowns")))
    with ledger.reading() as connection:
        found = verify(connection)
    assert any("does not stand in its document" in line for line in found)
    assert any(line.startswith("evidence: row 1") for line in found)


def test_show_says_what_was_found_and_for_which_claim(ledger: Ledger) -> None:
    ledger.keep_evidence([looked_into(ONE, [BOOKS, PRESS])], [BOOKS, PRESS], RUN)
    again = entry(JUNE.document.text, publisher="The Post", published="2024-08-01")
    ledger.keep([again], RUN)
    own, other = (ledger.show(claim.id) for claim in (ONE, again.claims[0]))
    assert own.looked == other.looked
    assert [e.document_id for e in own.looked[0].evidence] == [BOOKS.id, PRESS.id]
    text = drawn(own)
    assert "evidence: what was found conflicts with it · conflicts: 2 independent" in text
    assert "“The pier was leased for 40 crowns”, say the books." in text
    assert "found for the same statement" not in text
    assert f"found for the same statement in The Echo, 2024-06-01 ({ONE.id}):" in drawn(other)
    assert ledger.show(JULY.claims[0].id).looked == ()


def drawn(shown: Shown) -> str:
    out = io.StringIO()
    draw_parts(shown_view(shown), out)
    return " ".join(out.getvalue().split())


def test_the_ledger_before_evidence_opens(tmp_path: Path) -> None:
    place = tmp_path / "old.db"
    open_ledger(str(place)).close()
    with closing(sqlite3.connect(place)) as old:
        for name in ("sources", "checks", "evidence"):
            old.execute(f"DROP TABLE {name}")
        old.execute("DELETE FROM migrations WHERE version >= 5")
        old.commit()
    with closing(open_ledger(str(place))) as ledger:
        ledger.keep([JUNE], RUN)
        ledger.keep_evidence([looked_into(ONE, [BOOKS])], [BOOKS], RUN)
        with ledger.reading() as connection:
            assert verify(connection) == []
