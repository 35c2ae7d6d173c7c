"""Rows in chains: each is hashed with the row before it, and one head stands for the whole ledger.

An edited, removed, added or moved row breaks its table's chain at a place that can be named. Whoever rewrites a chain
from there on changes the head, so a head that is kept elsewhere shows that, too (`factcheck ledger verify --head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Connection, Table, Transaction, bindparam, select, text

from factcheck.ledger.postings import insert
from factcheck.ledger.schema import (
    answers,
    checks,
    claims,
    comparisons,
    documents,
    embeddings,
    evidence,
    findings,
    heads,
    log,
    migrations,
    problems,
    runs,
    sources,
    successions,
    ties,
)

CHAINED: dict[str, tuple[Table, str]] = {
    table.name: (table, number)
    for table, number in (
        (migrations, "version"),
        (runs, "seq"),
        (documents, "seq"),
        (claims, "seq"),
        (embeddings, "claim"),
        (comparisons, "seq"),
        (ties, "seq"),
        (answers, "seq"),
        (findings, "seq"),
        (problems, "seq"),
        (successions, "seq"),
        (sources, "seq"),
        (checks, "seq"),
        (evidence, "seq"),
    )
}
"""Tables in the order of a head, with the column that counts; a table that comes later goes to the end."""

WHOLE = "ledger"
"""The row of `heads` with the head of the whole."""

GAPS = frozenset({"embeddings"})
"""Tables whose numbers have gaps, since not every claim has a row."""

LENGTH = 32
"""Hexadecimal digits of a seal."""

BATCH = 5_000
"""Rows that are read at once."""

Ends = dict[str, tuple[int, str]]
"""The number and the seal of the last row of each table that has rows."""

_ENDS: WeakKeyDictionary[Transaction, Ends] = WeakKeyDictionary()
"""Of a transaction that writes: nobody else does meanwhile, so they are read once."""

_said = json.JSONEncoder(ensure_ascii=False).encode


def append(connection: Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> range:
    """Add rows that all have the same columns at the end of a chain; returns the numbers that they got.

    Only one transaction writes at a time. Rows that come with their numbers come in their order.
    """
    if not rows:
        return range(0)
    table, number = CHAINED[name]
    at, seal = last_of(connection, name)
    sealed = []
    for n, row in enumerate(rows, at + 1):
        values = {number: n, **row}
        seal = seal_of(table, values, seal)
        sealed.append({**values, "seal": seal})
    insert(connection, table, sealed)
    goes_on(connection, name, sealed[-1][number], seal)
    return range(at + 1, at + 1 + len(rows))


def last_of(connection: Connection, name: str) -> tuple[int, str]:
    """The number and the seal of the last row of a table, in the transaction that writes."""
    return _ends(connection).get(name, (0, ""))


def goes_on(connection: Connection, name: str, number: int, seal: str) -> None:
    """Note that rows were written behind the last one."""
    _ends(connection)[name] = number, seal


def _ends(connection: Connection) -> Ends:
    transaction = connection.get_transaction()
    if transaction is None:
        return _read_ends(connection)
    if transaction not in _ENDS:
        _ENDS[transaction] = _read_ends(connection)
    return _ENDS[transaction]


def seal_of(table: Table, row: Mapping[str, Any], previous: str) -> str:
    """The seal of a row behind another one."""
    said = _said([table.name, previous, *(_plain(row.get(name)) for name in _sealed(table))])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


@cache
def _sealed(table: Table) -> tuple[str, ...]:
    """The columns that a seal is made of."""
    return tuple(c.name for c in table.columns if c.name != "seal")


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def seal_again(connection: Connection) -> None:
    """Seal all rows as they are now; a migration that changes tables ends with it."""
    for table, number in CHAINED.values():
        seal, column = "", table.c[number]
        change = table.update().where(column == bindparam("row")).values(seal=bindparam("now"))
        for rows in _in_parts(connection, table, column):
            changed = []
            for row in rows:
                seal = seal_of(table, row, seal)
                if row["seal"] != seal:
                    changed.append({"row": row[number], "now": seal})
            if changed:
                connection.execute(change, changed)


def _in_parts(connection: Connection, table: Table, column: Column[Any]) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of their numbers, some at a time."""
    last = -1
    query = select(table).order_by(column).limit(BATCH)
    while rows := [dict(row) for row in connection.execute(query.where(column > last)).mappings()]:
        yield rows
        last = rows[-1][column.name]


def _end(name: str, number: str, seal: str) -> str:
    """A query for the last row of a table, by our own names."""
    last = f"SELECT {number} AS number, {seal} AS seal FROM {name} ORDER BY {number} DESC LIMIT 1"  # noqa: S608
    return f"SELECT '{name}' AS name, number, seal FROM ({last}) AS {name}_end"  # noqa: S608


ENDS = text(
    " UNION ALL ".join(_end(n, number, "seal") for n, (_, number) in CHAINED.items())
    + f" UNION ALL {_end('log', 'seq', 'hash')}"
)


def head(connection: Connection) -> str:
    """The head of all chains: how long each is, and one hash over their ends."""
    return _head_of(_read_ends(connection))


def _read_ends(connection: Connection) -> Ends:
    return {row.name: (int(row.number), str(row.seal or "")) for row in connection.execute(ENDS)}


def _head_of(ends: Ends) -> str:
    return _head([ends.get(name, (0, "")) for name in (*CHAINED, log.name)])


def _head(ends: Sequence[tuple[int, str]]) -> str:
    lengths = ".".join(str(number) for number, _ in ends)
    return f"{lengths}-{hashlib.sha256(json.dumps(ends).encode()).hexdigest()[:LENGTH]}"


_HEAD = text(
    "INSERT INTO heads (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def keep_head(connection: Connection) -> None:
    """Write down the head of what was written, in the same transaction."""
    connection.execute(_HEAD, {"name": WHOLE, "value": _head_of(_ends(connection))})


def holds(connection: Connection, earlier: str) -> bool:
    """Whether everything that a head stands for is still there, however much was added since."""
    lengths, _, _ = earlier.strip().partition("-")
    tables = [*((table.c[number], table.c.seal) for table, number in CHAINED.values()), (log.c.seq, log.c.hash)]
    try:
        numbers = [int(part) for part in lengths.split(".")]
    except ValueError:
        return False
    if len(numbers) != len(tables):
        return False
    ends = [(n, _seal_at(connection, column, seal, n)) for n, (column, seal) in zip(numbers, tables, strict=True)]
    return _head(ends) == earlier.strip()


def _seal_at(connection: Connection, column: Column[Any], seal: Column[Any], number: int) -> str:
    return str(connection.execute(select(seal).where(column == number)).scalar() or "") if 0 < number < 2**62 else ""


def faults(connection: Connection) -> Iterator[str]:
    """Rows that are not as they were sealed, and rows that are missing, by table and number."""
    lengths = _kept_lengths(connection)
    for name, (table, number) in CHAINED.items():
        previous, expected = "", 1
        for row in map(dict, connection.execute(select(table).order_by(table.c[number])).mappings()):
            if row[number] != expected and name not in GAPS:
                yield f"{name}: row {expected} is missing before row {row[number]}"
            if row["seal"] != seal_of(table, row, previous):
                yield f"{name}: row {row[number]}{_named(row)} was changed, or the row before it is missing"
            previous, expected = str(row["seal"] or ""), int(row[number]) + 1
        if expected <= lengths.get(name, 0):
            yield f"{name}: row {lengths[name]} is missing at the end, after row {expected - 1}"
    yield from _heads(connection)


def _named(row: Mapping[str, Any]) -> str:
    key = next((row[name] for name in ("id", "document_id", "accusation") if row.get(name)), None)
    return f" ({key})" if key else ""


def _kept_lengths(connection: Connection) -> dict[str, int]:
    kept = connection.execute(select(heads.c.value).where(heads.c.name == WHOLE)).scalar() or ""
    numbers = kept.partition("-")[0].split(".")
    return {name: int(n) for name, n in zip(CHAINED, numbers, strict=False) if n.isdecimal()}


def _heads(connection: Connection) -> Iterator[str]:
    kept = {row.name: row.value for row in connection.execute(select(heads))}
    if kept.get(WHOLE) != head(connection):
        yield f"heads: row {WHOLE} is {'not the head of what is there' if WHOLE in kept else 'missing'}"
    yield from (f"heads: row {name} does not belong there" for name in kept if name not in {WHOLE, log.name})
