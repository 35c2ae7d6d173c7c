"""Edits behind a ledger's back are all noticed and named by table; `make bench` makes six hundred of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Connection, LargeBinary, Table, select

from factcheck.ledger import log, seals
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.decide import retract
from factcheck.ledger.evidence import keep
from factcheck.ledger.schema import metadata
from factcheck.ledger.store import Comparison, add, compared
from factcheck.ledger.verify import verify
from factcheck.models import Answer, Problem, Tie
from tests.conftest import Places
from tests.support.desk import RUN
from tests.support.evidence import looked_into, source
from tests.support.statements import JULY, JUNE, entry, finding

BOOKS = [source(f"The pier was leased for {n} crowns, say the books.", publisher="Town") for n in (40, 50)]


@pytest.fixture
def desk(places: Places) -> Iterator[Ledger]:
    """The ledger of `filled`, once on each database."""
    with closing(filled(places())) as ledger:
        yield ledger


def filled(place: str) -> Ledger:
    """A small ledger with at least two rows in every table."""
    url = "https://echo.example/salt"
    salt = entry(
        "Salt will cost a tenth more, Bo Lind said.", "price of salt", "Bo Lind", published="2024-01-01", url=url
    )
    less = entry(
        "Salt will cost a tenth less, Bo Lind said.", "price of salt", "Bo Lind", published="2024-02-01", url=url
    )
    some = [JUNE, JULY, salt, less]
    vectors = {e.claims[0].id: [1.0, float(n)] for n, e in enumerate(some)}
    ledger = open_ledger(place)
    with ledger.writing() as connection:
        for e in some:
            home = e.document.id
            problem = Problem(stage="judge", code="filtered", document_id=home, message="was not compared")
            add(connection, [e._replace(vectors=vectors, embedded_by="m", compared=False, problems=[problem])], RUN)
    other = RUN.model_copy(update={"id": "r-other", "model": "another"})
    with ledger.writing() as connection:
        a, b, c, d = (e.claims[0].id for e in some)
        pairs = [Answer(accusation=a, answer=b), Answer(accusation=c, answer=d)]
        home, end = JUNE.document.id, len(JUNE.document.text)
        ties = [
            Tie(document_id=home, written=name, name="Ann Roe", shown_in=home, start=0, end=end)
            for name in ("the chair", "she")
        ]
        kept = Comparison(
            [e.document.id for e in some],
            findings=[finding(JUNE, JULY), finding(salt, less)],
            answers=pairs,
            ties=ties,
        )
        assert compared(connection, kept, other)
        keep(connection, [looked_into(e.claims[0], BOOKS) for e in (JUNE, JULY)], BOOKS, RUN)
        retract(connection, JULY.document.id, by="Mina Ek", note="Misheard.")
        log.append(connection, "accepted", "p-1", by="Mina Ek")
    return ledger


def edits() -> Iterator[tuple[Table, str]]:
    """Every column of every table, and what can be done to whole rows."""
    for table in metadata.sorted_tables:
        yield from ((table, column.name) for column in table.columns)
        yield from ((table, what) for what in ("(delete one)", "(delete last)", "(delete all)", "(swap)", "(add)"))


def tamper(connection: Connection, table: Table, what: str, dice: random.Random) -> None:
    """One edit, as somebody with a database client makes it."""
    keys = list(table.primary_key.columns)
    rows = [dict(row) for row in connection.execute(select(table).order_by(*keys)).mappings()]
    row = dice.choice(rows)

    def at(some: dict[str, Any]) -> Any:
        return sqlalchemy.and_(*(key == some[key.name] for key in keys))

    if what == "(delete one)":
        connection.execute(table.delete().where(at(row)))
    elif what == "(delete last)":
        connection.execute(table.delete().where(at(rows[-1])))
    elif what == "(delete all)":
        connection.execute(table.delete())
    elif what == "(add)":
        connection.execute(
            table.insert().values({c.name: other(row[c.name], c, dice, new=True) for c in table.columns})
        )
    elif what == "(swap)":
        plain = [c.name for c in table.columns if not (c.primary_key or c.unique)]
        one, two = rows[0], rows[-1]
        for mine, theirs in ((one, two), (two, one)) if plain and one != two else ():
            connection.execute(table.update().where(at(mine)).values({name: theirs[name] for name in plain}))
        if not plain or all(one[n] == two[n] for n in plain):
            connection.execute(table.delete().where(at(one)))
    else:
        connection.execute(table.update().where(at(row)).values({what: other(row[what], table.c[what], dice)}))


def other(value: Any, column: sqlalchemy.Column[Any], dice: random.Random, *, new: bool = False) -> Any:
    """Another value for a column; in a new row only what must be unique is another one."""
    if new and not (column.primary_key or column.unique):
        return value
    if isinstance(column.type, LargeBinary):
        return bytes(value)[:-1] + b"\x07"
    if isinstance(value, int):
        return value + dice.choice([1000, 5000])
    if value is None:
        return 77 if isinstance(column.type, sqlalchemy.Integer | sqlalchemy.BigInteger) else "x"
    return dice.choice([v for v in (value + " ", value[:-1], "x", value.swapcase() + ".") if v != value])


def unnoticed(desk: Ledger, number: int, *, seed: int) -> list[str]:
    """Of so many edits those that `verify` did not see, or saw in no table; what a database refuses is no edit."""
    dice, missed, made = random.Random(seed), list[str](), 0
    every = list(edits())
    dice.shuffle(every)
    turns = itertools.cycle(every)
    while made < number:
        table, what = next(turns)
        with desk.engine.execution_options(writes=True).connect() as connection:
            try:
                tamper(connection, table, what, dice)
            except sqlalchemy.exc.IntegrityError:
                connection.rollback()
                continue
            made += 1
            told = verify(connection)
            if not any(table.name in line.split(":")[0] or table.name in line for line in told):
                missed.append(f"{table.name} {what}: {told}")
            connection.rollback()
    return missed


def test_edits_of_any_column_and_row_are_noticed(desk: Ledger) -> None:
    with desk.reading() as connection:
        assert verify(connection) == []
        for table in metadata.sorted_tables:
            assert len(connection.execute(select(table)).all()) >= 2, table.name
    assert unnoticed(desk, 40, seed=3) == []


UNSEALED = {
    "desk_users": "accounts of a desk: what somebody decides under one is in the log",
    "desk_sessions": "who is signed in",
    "desk_tokens": "hashes of tokens of programs",
    "webhook_deliveries": "how far a webhook was told: moved back it tells twice, moved on it tells less",
    "work_items": "what waits to be done, until it is in the ledger",
    "work_answers": "what was answered about items not done yet, as in a cache: quotes are proved all the same",
    "work_limits": "what workers have spent and may spend",
    "watch_feeds": "what is looked at, and when again",
    "watch_entries": "what was seen there",
    "watch_hosts": "when a host may be asked again",
}
"""Tables that stand beside the ledger and change, each with what an edit of it can do; no statement rests on them."""


def test_every_table_is_verified_or_named(tmp_path: Path) -> None:
    from factcheck.ledger import outbox
    from factcheck.web.accounts import Accounts
    from factcheck.work.tables import prepare

    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        Accounts(ledger).prepare()
        prepare(ledger)
        with ledger.writing() as connection:
            outbox.begin(connection, "x")
        made = set(sqlalchemy.inspect(ledger.engine).get_table_names())
    searched = {"features", "namings", "words"}  # see `_claim` in verify
    indexes = {name for name in made if name.partition("_")[0] in searched}
    assert made - indexes == metadata.tables.keys() | UNSEALED.keys()
    said = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    assert [name for name in UNSEALED if f"`{name}`" not in said] == []


def test_a_head_that_was_kept_shows_what_was_sealed_anew(desk: Ledger) -> None:
    earlier = desk.head()
    with desk.writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET added = '2001-01-01' WHERE seq = 1")
        seals.seal_again(connection)
    with desk.reading() as connection:
        assert verify(connection) == []
        assert "head: what" in verify(connection, earlier=earlier)[0]
        assert verify(connection, earlier=desk.head()) == []


def test_a_head_holds_for_what_was_added_since(desk: Ledger) -> None:
    earlier = desk.head()
    with desk.writing() as connection:
        add(connection, [entry("The quay is dug, Ann Roe said.", published="2024-05-01")], RUN)
        log.append(connection, "dismissed", "p-1", by="Mina Ek")
    with desk.reading() as connection:
        assert desk.head() != earlier
        assert verify(connection, earlier=earlier) == []
        for wrong in ("", "1.2-x", earlier[:-1], "x" * 5000, earlier.replace("-", ".9-"), "9" * 40 + "." + earlier):
            assert verify(connection, earlier=wrong)


def test_a_ledger_of_the_version_before_opens_and_verifies(tmp_path: Path) -> None:
    from factcheck.ledger.schema import claims, findings

    place = tmp_path / "desk.db"
    place.write_bytes((Path(__file__).parents[2] / "fixtures" / "ledgers" / "v1.db").read_bytes())
    with closing(open_ledger(str(place))) as ledger, ledger.reading() as connection:
        assert verify(connection) == []
        assert [len(connection.execute(select(t)).all()) for t in (claims, findings)] == [55, 9]
        assert len(log.decisions(connection, "accepted", "dismissed")) == 2
        ids = list(connection.execute(select(metadata.tables["documents"].c.id)).scalars())
        assert all(held.compared for held in ledger.held(ids).values())
