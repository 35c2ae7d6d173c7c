"""Which earlier statements a new document is shown beside: those of its affair, in any language."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from factcheck.ledger.candidates import Among, candidates
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.kinship import close_ones
from factcheck.ledger.likeness import NEAREST
from factcheck.ledger.store import Entry, add
from factcheck.ledger.verify import verify
from factcheck.stages.excerpts import excerpts
from tests.support.affairs import arrivals, hide, replayed, shows
from tests.support.desk import RUN, entries
from tests.support.noise import distractors
from tests.support.statements import article, claim

FIXTURES = Path(__file__).parents[2] / "fixtures"


def told(text: str, topic: str, speaker: str | None) -> Entry:
    document = article(text)
    return Entry(document, [claim(document, topic=topic, speaker=speaker)])


def kept(place: str, *found: Entry) -> None:
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, found, RUN)


def test_an_affair_is_shown_among_articles_in_the_same_words_about_other_places(tmp_path: Path) -> None:
    affair = replayed(FIXTURES / "cases" / "es-football.json", FIXTURES / "recordings")
    keyed = shown = 0
    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        hide(ledger, [affair], distractors([(affair.key, affair.said)], 20))
        for new in arrivals(ledger, [affair]):
            found = ledger.candidates(new.claims, {new.document.id: new.seq}, without={new.document.id})
            keyed += len(new.keyed)
            shown += sum(shows(excerpts(found, 3_000), one.earlier) for one in new.keyed)
    assert keyed >= 4
    assert shown == keyed


def test_names_are_found_in_another_script(place: str) -> None:
    there = told("Мост в Горски отвори, каза Петя Колева.", "opening of a crossing", "Петя Колева")
    new = told("Nothing was ready, Petya Koleva said.", "delays", "Petya Koleva")
    kept(place, *entries(30, claims=3), there, new)
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        found = close_ones(connection, new.claims, new.document, 5)
        first = candidates(connection, new.claims)[0]
    assert max(found, key=lambda n: found[n]) == 91
    assert first.claim == there.claims[0]


def test_an_article_without_relatives_is_shown_little(place: str) -> None:
    kept(place, *entries(40, claims=8))
    (alone,) = entries(1, claims=8, seed=99)
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        found = candidates(connection, alone.claims)
    assert 0 < len(found) <= NEAREST * len(alone.claims)


def test_what_stands_later_or_in_another_group_is_no_candidate(place: str) -> None:
    first, second = (
        told(f"The Gorse Lock {word}, Ida Falk said.", "Gorse Lock", "Ida Falk") for word in ("opens", "shuts")
    )
    kept(place, first, *entries(5, claims=3), second)
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert candidates(connection, second.claims)[0].claim == first.claims[0]
        assert second.claims[0] not in [c.claim for c in candidates(connection, first.claims, Among(before=17))]
        assert first.claims[0] not in [c.claim for c in candidates(connection, second.claims, Among(since=2))]


def test_a_ledger_without_an_index_of_names_gets_one(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    there = told("The Gorse Lock opens, Ida Falk said.", "Gorse Lock", "Ida Falk")
    kept(place, *entries(3, claims=2), there)
    with closing(sqlite3.connect(place)) as old:
        old.execute("DROP TABLE namings")
        old.execute("DELETE FROM migrations WHERE version >= 8")
        old.commit()
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert 7 in close_ones(connection, there.claims, there.document, 5)
        assert verify(connection) == []


def test_lost_names_are_noticed(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    kept(place, *entries(3, claims=2), told("The Gorse Lock opens, Ida Falk said.", "Gorse Lock", "Ida Falk"))
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert verify(connection) == []
    with closing(sqlite3.connect(place)) as behind:
        behind.execute("DROP TABLE namings")
        behind.execute("CREATE VIRTUAL TABLE namings USING fts5(keys, content='', detail=none, columnsize=0)")
        behind.commit()
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert any("cannot be found by its names" in line for line in verify(connection))
