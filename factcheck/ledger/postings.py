"""Many rows at once, and the index from features to claims: what SQLite and PostgreSQL do each in its own way.

Both answer "the newest claims with this feature" in time that does not grow with the ledger: SQLite from the
sorted lists of a full-text table, PostgreSQL from a primary key over (feature, claim).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, bindparam, column, false, text

NEWEST = 100
"""Claims that are taken for one feature; a feature that has more is common and tells little."""

Of = Literal["claims", "documents"]
"""Which index: of what claims are about, or of whom documents name; a document has the number of its first claim."""

TABLES: dict[Of, tuple[str, str]] = {"claims": ("features", "postings"), "documents": ("namings", "namings")}
"""The names of each index in SQLite and in PostgreSQL."""

SQLITE_NEWEST = "SELECT rowid FROM {0} WHERE {0} MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
POSTGRES_NEWEST = (
    "SELECT wanted.feature, ARRAY(SELECT claim FROM {0} WHERE feature = wanted.feature AND claim < %s "
    "ORDER BY claim DESC LIMIT %s) FROM unnest(%s::bigint[]) AS wanted(feature)"
)

POSTGRES_WORDS = (
    "INSERT INTO words (claim, said) SELECT claim, to_tsvector('simple', said) "
    "FROM unnest(%s::bigint[], %s::text[]) AS new(claim, said)"
)

POSTGRES_ROWS = "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(CAST(NULL AS {0}), CAST(%s AS json))"
POSTGRES_FEATURES = "INSERT INTO {} (feature, claim) SELECT * FROM unnest(%s::bigint[], %s::bigint[])"

POSTGRES_STEMS = (
    "INSERT INTO vocabulary (word, stem) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING"
)

FEW, FEW_FEATURES = 100, 2_000
"""Rows that PostgreSQL gets in one statement that it has prepared; more go faster as a COPY, which takes three
exchanges with the server."""

FEW_CLAIMS = 20
"""Claims whose rows in all indexes PostgreSQL gets in one exchange."""

COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
COPY_ROW = struct.Struct("!hiqiq").pack
"""Rows of two numbers as PostgreSQL's binary COPY reads them: how many values, then the length of each before it."""

CHUNK = 10_000
"""Rows that are sent at once."""

HEXADECIMAL = "{:x}".format


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows that all have the same columns."""
    if not rows:
        return
    columns = list(rows[0])
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608  (our own names)
        connection.exec_driver_sql(statement, [tuple(row[name] for name in columns) for row in rows])
        return
    driver: Any = connection.connection.driver_connection
    if len(rows) <= FEW or _is_queued(driver):
        driver.execute(POSTGRES_ROWS.format(table.name, names), [json.dumps(rows, ensure_ascii=False, default=_hex)])
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in columns])


def _is_queued(driver: Any) -> bool:
    """Whether what is asked goes out together with the next, where there can be no COPY."""
    return bool(driver.pgconn.pipeline_status)


def _hex(value: bytes) -> str:
    """Bytes as PostgreSQL reads them in JSON."""
    return f"\\x{value.hex()}"


def index(connection: Connection, of: Of, rows: Mapping[int, Collection[int]]) -> None:
    """Add the features of claims, or of documents by the number of their first claim."""
    sqlite, postgres = TABLES[of]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        lists = [(claim, " ".join(map(HEXADECIMAL, found))) for claim, found in rows.items()]
        connection.exec_driver_sql(f"INSERT INTO {sqlite}(rowid, keys) VALUES (?, ?)", lists)  # noqa: S608  (our own names)
        return
    # in the order of the index, so that its pages are touched once
    driver: Any = connection.connection.driver_connection
    if sum(map(len, rows.values())) <= FEW_FEATURES or _is_queued(driver):
        pairs = sorted((feature, claim) for claim, found in rows.items() for feature in found)
        found = [feature for feature, _ in pairs], [claim for _, claim in pairs]
        driver.execute(POSTGRES_FEATURES.format(postgres), found)
        return
    packed = sorted(COPY_ROW(2, 8, feature, 8, claim) for claim, found in rows.items() for feature in found)
    with driver.cursor() as cursor, cursor.copy(f"COPY {postgres} (feature, claim) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(COPY_HEAD)
        for at in range(0, len(packed), CHUNK):
            copy.write(b"".join(packed[at : at + CHUNK]))
        copy.write(COPY_END)


def add_stems(connection: Connection, pairs: Sequence[tuple[str, str]]) -> None:
    """Keep words with their stems that PostgreSQL does not have yet."""
    driver: Any = connection.connection.driver_connection
    driver.execute(POSTGRES_STEMS, [[word for word, _ in pairs], [root for _, root in pairs]])


def index_words(connection: Connection, words: Mapping[int, str]) -> None:
    """Add the words of claims for full-text search."""
    if not words:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO words(rowid, said) VALUES (?, ?)", list(words.items()))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(POSTGRES_WORDS, (list(words), list(words.values())))


Ask = Callable[..., object]
"""Runs a function with a connection in front of what it is given."""


@contextmanager
def beside(connection: Connection, number: int) -> Iterator[Ask]:
    """What is asked in turn while this process goes on with the next; at once in SQLite, which works in this process.

    It is about so many claims: PostgreSQL gets what few take all at once. It is done at the end of the block; the
    connection must not be used in it otherwise.
    """
    if connection.dialect.name == "sqlite":
        yield lambda function, *given: function(connection, *given)
        return
    if number <= FEW_CLAIMS:
        driver: Any = connection.connection.driver_connection
        with driver.pipeline():
            yield lambda function, *given: function(connection, *given)
        return
    waiting: list[Future[object]] = []
    with ThreadPoolExecutor(1) as thread:
        yield lambda function, *given: waiting.append(thread.submit(function, connection, *given))
    for done in waiting:
        done.result()


def is_indexed(connection: Connection, of: Of, number: int, features: Iterable[int]) -> bool:
    """Whether a claim, or the document whose first claim it is, can be found by all these features."""
    sqlite, postgres = TABLES[of]
    if connection.dialect.name == "sqlite":
        return _matches(connection, sqlite, number, [f"{f:x}" for f in features])
    query = text(f"SELECT feature FROM {postgres} WHERE claim = :number")  # noqa: S608  (our own names)
    return set(features) <= set(connection.execute(query, {"number": number}).scalars())


def is_searchable(connection: Connection, number: int, words: str) -> bool:
    """Whether a claim can be found by all its words."""
    if connection.dialect.name == "sqlite":
        return _matches(connection, "words", number, words.split())
    said = text("SELECT said @@ plainto_tsquery('simple', :words) FROM words WHERE claim = :number")
    return not words or bool(connection.execute(said, {"words": words, "number": number}).scalar())


def _matches(connection: Connection, table: str, number: int, words: Iterable[str]) -> bool:
    driver: Any = connection.connection.driver_connection
    statement = f"SELECT 1 FROM {table} WHERE {table} MATCH ? AND rowid = ?"  # noqa: S608  (our own names)
    phrases = " ".join(f'"{part}"' for part in dict.fromkeys(words))
    return not phrases or driver.execute(statement, (phrases, number)).fetchone() is not None


LAST = 2**62


def newest(
    connection: Connection, of: Of, features: Sequence[int], *, before: int | None = None
) -> dict[int, list[int]]:
    """For each feature the newest claims or documents that have it, only those with a number below `before`."""
    before = LAST if before is None else before
    sqlite, postgres = TABLES[of]
    driver: Any = connection.connection.driver_connection  # hundreds of look-ups: without SQLAlchemy's share
    if connection.dialect.name == "sqlite":
        query = SQLITE_NEWEST.format(sqlite)
        rows = {f: driver.execute(query, (f'"{f:x}"', before, NEWEST)).fetchall() for f in features}
        return {f: [claim for (claim,) in found] for f, found in rows.items()}
    with driver.cursor(binary=True) as cursor:
        cursor.execute(POSTGRES_NEWEST.format(postgres), (before, NEWEST, list(features)))
        return dict(cursor.fetchall())


Forms = Sequence[Sequence[str]]
"""For each word of a search all words that it stands for; a claim has to hold one of each."""


def matching(connection: Connection, forms: Forms, limit: int) -> list[int]:
    """Claims that hold words of a search, the newest first."""
    if not forms or not all(forms):
        return []
    if connection.dialect.name == "sqlite":
        statement = text("SELECT rowid FROM words WHERE words MATCH :query ORDER BY rowid DESC LIMIT :n")
    else:
        statement = text(
            "SELECT claim FROM words WHERE said @@ to_tsquery('simple', :query) ORDER BY claim DESC LIMIT :n"
        )
    return list(connection.execute(statement, {"query": _query(connection, forms), "n": limit}).scalars())


def holding(connection: Connection, forms: Forms, number: ColumnElement[int]) -> ColumnElement[bool]:
    """That the claim with a number holds words of a search."""
    if not forms or not all(forms):
        return false()
    if connection.dialect.name == "sqlite":
        found = text("SELECT rowid AS claim FROM words WHERE words MATCH :query")
    else:
        found = text("SELECT claim FROM words WHERE said @@ to_tsquery('simple', :query)")
    query = _query(connection, forms)
    return number.in_(found.bindparams(bindparam("query", query, unique=True)).columns(column("claim")))


def _query(connection: Connection, forms: Forms) -> str:
    """One of each group of words, in the database's own notation; words hold letters and digits only."""
    mark, either, both = ('"', " OR ", " AND ") if connection.dialect.name == "sqlite" else ("'", " | ", " & ")
    return both.join(f"({either.join(f'{mark}{word}{mark}' for word in group)})" for group in forms)
