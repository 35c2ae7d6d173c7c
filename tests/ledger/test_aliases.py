"""Under which names a claim is looked for, and where the claims of later documents begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event

from factcheck.ledger.aliases import aliases
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.schema import ties
from factcheck.ledger.seals import append
from factcheck.ledger.speakers import merge
from factcheck.ledger.store import Comparison, Entry, add, first_claim
from tests.support.desk import RUN, entries
from tests.support.statements import JUNE, article, claim


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with closing(open_ledger(place)) as opened:
        yield opened


def tie(ledger: Ledger, written: str, name: str) -> None:
    with ledger.writing() as connection:
        add(connection, [JUNE], RUN)
        home = JUNE.document.id
        row = {"document_id": home, "written": written, "name": name, "shown_in": home, "start": 0, "end": 1}
        append(connection, ties.name, [row])


def test_a_name_has_those_that_a_text_ties_to_it_and_an_office_joins_nobody(ledger: Ledger) -> None:
    tie(ledger, "the Mayor", "Ida Falk")
    with ledger.reading() as connection:
        assert aliases(connection)["ida falk"] == {"ida falk", "the mayor"}
    tie(ledger, "The mayor", "Olaf Berg")  # seen by whoever has read the others already
    with ledger.reading() as connection:
        found = aliases(connection)
        assert found["the mayor"] == {"the mayor", "ida falk", "olaf berg"}
        assert found["ida falk"] == {"ida falk", "the mayor"}
        assert found["olaf berg"] == {"olaf berg", "the mayor"}
        assert found.get("nobody") is None
        assert len(found) == len(list(found)) == 3


def test_names_that_were_merged_are_found_with_those_tied_to_each(ledger: Ledger) -> None:
    document = article("Ida Falk and Ida Falk-Berg spoke.")
    said = [claim(document, topic="t", speaker=name) for name in ("Ida Falk", "Ida Falk-Berg")]
    with ledger.writing() as connection:
        add(connection, [Entry(document, said[:1])], RUN)
    other = article("Ida Falk-Berg spoke again.")
    with ledger.writing() as connection:
        add(connection, [Entry(other, [claim(other, topic="t", speaker="Ida Falk-Berg")])], RUN)
        merge(connection, "Ida Falk", "Ida Falk-Berg", by="Eva")
    tie(ledger, "Falk", "Ida Falk")
    with ledger.reading() as connection:
        found = aliases(connection)
    assert found["falk"] == {"falk", "ida falk", "ida falk berg"}
    assert found["ida falk berg"] == {"ida falk", "ida falk berg"}


def test_ties_are_read_once(ledger: Ledger) -> None:
    """However many a ledger holds, a comparison reads those that came since the one before it."""
    for n in range(3):
        tie(ledger, f"the {n}", f"Name {n}")
    with ledger.reading() as connection:
        aliases(connection)
        sent: list[Any] = []
        event.listen(connection, "before_cursor_execute", lambda *given: sent.append(given[3]))
        assert aliases(connection)["name 2"] == {"name 2", "the 2"}
    assert any(3 in (given.values() if isinstance(given, dict) else given) for given in sent), sent


def test_the_first_claim_of_later_documents(ledger: Ledger) -> None:
    """Documents without claims, and claims that only a comparison noticed, are passed over."""
    first, second, last = entries(3, claims=2)
    silent = article("Nothing was said.")
    with ledger.writing() as connection:
        add(connection, [first, Entry(silent, [])], RUN)
    missed = claim(silent, topic="silence")
    ledger.keep([second._replace(compared=False)], RUN)
    ledger.finish(Comparison([second.document.id], claims=[missed]), RUN)
    ledger.keep([last], RUN)
    with ledger.reading() as connection:
        assert [first_claim(connection, seq) for seq in (None, 1, 2, 3, 4, 5)] == [None, 1, 3, 3, 6, None]
