"""Many rows at once, and the index from features to claims: what SQLite and PostgreSQL do each in its own way.

Both answer "the newest claims with this feature" in time that does not grow with the ledger: SQLite from the
sorted lists of a full-text table, PostgreSQL from a primary key over (feature, claim).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, column, false, text

NEWEST = 100
"""Claims that are taken for one feature; a feature that has more is common and tells little."""

SQLITE_NEWEST = "SELECT rowid FROM features WHERE features MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
POSTGRES_NEWEST = text(
    "SELECT wanted.feature, found.claim FROM unnest(CAST(:features AS bigint[])) AS wanted(feature) "
    "CROSS JOIN LATERAL (SELECT claim FROM postings WHERE feature = wanted.feature AND claim < :before "
    "ORDER BY claim DESC LIMIT :n) AS found"
)


POSTGRES_WORDS = (
    "INSERT INTO words (claim, said) SELECT claim, to_tsvector('simple', said) "
    "FROM unnest(%s::bigint[], %s::text[]) AS new(claim, said)"
)


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows that all have the same columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(table.insert(), rows)
        return
    driver: Any = connection.connection.driver_connection
    columns = list(rows[0])
    names = ", ".join(f'"{name}"' for name in columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in columns])


def index(connection: Connection, rows: Mapping[int, Iterable[int]], words: Mapping[int, str]) -> None:
    """Add claims: their features, and their words for full-text search."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        lists = ((claim, " ".join(f"{feature:x}" for feature in found)) for claim, found in rows.items())
        driver.executemany("INSERT INTO features(rowid, keys) VALUES (?, ?)", lists)
        driver.executemany("INSERT INTO words(rowid, said) VALUES (?, ?)", words.items())
        return
    with driver.cursor() as cursor:
        with cursor.copy("COPY postings (feature, claim) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("int8", "int8"))
            for row in sorted((feature, claim) for claim, found in rows.items() for feature in found):
                copy.write_row(row)  # in the order of the index, so that its pages are touched once
        cursor.execute(POSTGRES_WORDS, (list(words), list(words.values())))


def is_indexed(connection: Connection, number: int, features: Iterable[int], words: str) -> bool:
    """Whether a claim can be found by all its features and all its words."""
    wanted = set(features)
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        for name, query in (("features", [f"{f:x}" for f in wanted]), ("words", words.split())):
            statement = f"SELECT 1 FROM {name} WHERE {name} MATCH ? AND rowid = ?"  # noqa: S608  (our own names)
            phrases = " ".join(f'"{part}"' for part in dict.fromkeys(query))
            if phrases and driver.execute(statement, (phrases, number)).fetchone() is None:
                return False
        return True
    held = connection.execute(text("SELECT feature FROM postings WHERE claim = :number"), {"number": number})
    said = text("SELECT said @@ plainto_tsquery('simple', :words) FROM words WHERE claim = :number")
    found = connection.execute(said, {"words": words, "number": number}).scalar()
    return wanted <= set(held.scalars()) and (bool(found) or not words)


LAST = 2**62


def newest(connection: Connection, features: Sequence[int], *, before: int | None = None) -> dict[int, list[int]]:
    """For each feature the newest claims that have it, by number, only those with a number below `before`."""
    before = LAST if before is None else before
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection  # hundreds of look-ups: without SQLAlchemy's share
        rows = {f: driver.execute(SQLITE_NEWEST, (f'"{f:x}"', before, NEWEST)).fetchall() for f in features}
        return {f: [claim for (claim,) in found] for f, found in rows.items()}
    result: dict[int, list[int]] = {f: [] for f in features}
    wanted = {"features": list(features), "n": NEWEST, "before": before}
    for feature, claim in connection.execute(POSTGRES_NEWEST, wanted):
        result[feature].append(claim)
    return result


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
