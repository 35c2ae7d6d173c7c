"""A speaker's timeline in parts: the same statements, in the same order, as from all that the ledger holds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from rich.console import Console, Group

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.lookup import Said
from factcheck.ledger.store import Entry, add, load_claims
from factcheck.ledger.timeline import Timeline
from factcheck.models import Claim
from factcheck.outputs.lookup import timeline_view
from factcheck.text.names import folded
from factcheck.tools import lookups
from tests.support.desk import RUN
from tests.support.statements import article, claim, entry, finding

TOPICS = ("leasing the pier", "price of salt", "the lease of the old pier", "tide tables")


def copies(count: int) -> list[Entry]:
    """Statements of three names on several days, many of them printed by a second outlet, some undated."""
    dice = random.Random(3)
    found = []
    for n in range(count):
        who = dice.choice(("Ann Roe", "A. Roe", "Ann Roe", "Bo Lind"))
        text = f"The board has {n} reasons, {who} said."
        topic = dice.choice(TOPICS)
        days = [f"2024-0{dice.randint(1, 9)}-10", "2023", "2024-05"][: dice.randint(1, 3)]
        for outlet, day in zip(("The Echo", "The Sun", "The Tide"), days, strict=False):
            found.append(entry(text, topic, who, publisher=outlet, published=day))
    undated = article("The board has no reason at all, Ann Roe said.").model_copy(update={"published": None})
    return [*found, Entry(undated, [claim(undated)])]


ALL = copies(40)
ROE = [e for e in ALL if folded(e.claims[0].attribution.speaker or "") in {"ann roe", "a roe"}]


def words(e: Entry) -> str:
    return e.claims[0].quotes[0].exact


REPEAT, OTHER = next((b, c) for a, b, c in zip(ROE, ROE[1:], ROE[2:], strict=False) if words(a) == words(b) != words(c))


@pytest.fixture(scope="module")
def whole() -> list[str]:
    """What a timeline has to show, from the entries themselves: one statement once, the first that came in."""
    once = {words(e): e for e in reversed(ROE)}
    return [
        e.claims[0].id for e in sorted(once.values(), key=lambda e: (e.document.published or "9999", e.claims[0].id))
    ]


@pytest.fixture
def desk(place: str) -> Iterator[Ledger]:
    with closing(open_ledger(place)) as ledger:
        with ledger.writing() as connection:
            add(connection, [*ALL[:-1], ALL[-1]._replace(findings=[finding(REPEAT, OTHER)])], RUN)
        ledger.merge("Ann Roe", "A. Roe", by="Mina Ek")
        yield ledger


def shown(found: Timeline) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(Group(*timeline_view(found)))
    return captured.get()


def ids(found: Sequence[Said]) -> list[str]:
    return [said.claim.id for said in found]


def test_parts_are_the_whole(desk: Ledger, whole: list[str]) -> None:
    every = desk.timeline("A. Roe")
    parts = [desk.timeline("Ann Roe", limit=7, offset=at) for at in range(0, len(whole) + 7, 7)]
    assert ids(every.said) == [key for part in parts for key in ids(part.said)] == whole
    assert {part.total for part in parts} == {every.total} == {len(whole)}
    assert every.names == parts[0].names == parts[-1].names == ["Ann Roe", "A. Roe"]
    assert every.repeats == {key: shown for part in parts for key, shown in part.repeats.items()}
    assert len(every.repeats) == len(ROE) - len(whole)


def test_parts_of_one_topic_are_all_of_that_topic(desk: Ledger) -> None:
    every, first = desk.timeline("Ann Roe", "pier leases"), desk.timeline("Ann Roe", "pier leases", limit=3, offset=1)
    assert {said.claim.topic for said in every.said} == {TOPICS[0], TOPICS[2]}
    assert ids(first.said) == ids(every.said)[1:4]
    assert first.total == len(every.said)


def test_a_finding_is_told_with_the_statement_that_is_shown_for_its_side(desk: Ledger, whole: list[str]) -> None:
    (found,) = desk.timeline("Ann Roe").findings
    assert REPEAT.claims[0].id not in whole
    place = whole.index(desk.timeline("Ann Roe").repeats[REPEAT.claims[0].id])
    (card,) = lookups.timeline(desk, "Ann Roe", limit=1, offset=place).findings
    assert card.id == found.id
    other = whole.index(desk.timeline("Ann Roe").repeats.get(OTHER.claims[0].id, OTHER.claims[0].id))
    rest = next(at for at in range(len(whole)) if at not in {place, other})
    assert lookups.timeline(desk, "Ann Roe", limit=1, offset=rest).findings == ()
    sides = f"{place + 1} × {other + 1}" if found.a == REPEAT.claims[0].id else f"{other + 1} × {place + 1}"
    assert f"{sides}  position changed" in shown(desk.timeline("Ann Roe"))


def test_only_what_is_shown_is_read_whole(desk: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def noted(connection: Any, column: Any, numbers: list[int]) -> dict[int, Claim]:
        asked.extend(numbers)
        return load_claims(connection, column, numbers)

    monkeypatch.setattr("factcheck.ledger.timeline.load_claims", noted)
    desk.timeline("Ann Roe", limit=5)
    assert len(asked) == 5
