"""The tables, as any SQL client sees them, and the numbered migrations that make them.

Rows are only added. `seq` counts up in the order of commits, without gaps; texts are canonical, times ISO 8601 (UTC).
`seal` hashes a row together with the one before it (see `seals`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    literal,
    select,
    text,
)

from factcheck.ledger.keys import add_keys

Count = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()


def _of(column: str) -> ForeignKey:
    """What a column refers to, for those who read the tables with other tools; a transaction may write in any order."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


migrations = Table(
    "migrations",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("tool", String),
    Column("seal", String),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("tool", String, nullable=False),
    Column("model", String, nullable=False),
    Column("started", String),
    Column("prompts", Text, nullable=False),  # JSON: name → fingerprint
    Column("inputs", Text),  # JSON: ids of the documents that it was given
    Column("seq", Count, unique=True),
    Column("seal", String),
)

documents = Table(
    "documents",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("title", String),
    Column("publisher", String),
    Column("published", String),
    Column("url", String, index=True),
    Column("path", String),
    Column("language", String),
    Column("corrects", String, index=True),  # the address of an article that this one corrects
    Column("retracts", String, index=True),
    Column("sha256", String, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of models.Document without its text
    Column("recordings", Text, nullable=False),  # JSON: names of the recorded answers that it came from
    Column("run", String, _of("runs.id"), nullable=False),
    Column("added", String, nullable=False),
    Column("machine", Integer, nullable=False, server_default="0"),  # 1: speaks to the program that reads it
    Column("seal", String),
)

claims = Table(
    "claims",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("document_id", String, _of("documents.id"), nullable=False, index=True),
    Column("statement", String, nullable=False, index=True),  # same words, same speaker: one statement
    Column("kind", String, nullable=False),
    Column("speaker", String),
    Column("target", String),
    Column("topic", String, nullable=False),
    Column("said_on", String),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of models.Claim
    Column("noticed", Integer, nullable=False, server_default="0"),  # 1: by a comparison, not at extraction
    Column("seal", String),
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("document_id", String, _of("documents.id"), primary_key=True),
    Column("run", String, _of("runs.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("recordings", Text, nullable=False),  # JSON: names of the recorded answers that it came from
    Column("seq", Count, unique=True),
    Column("seal", String),
)
"""Documents that were compared with all that stand before them; one that is not here is compared next time."""

ties = Table(
    "ties",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("document_id", String, _of("documents.id"), nullable=False, index=True),
    Column("written", String, nullable=False, index=True),  # the name or office as that document has it
    Column("name", String, nullable=False, index=True),  # the fullest name, from another document or this one
    Column("shown_in", String, _of("documents.id"), nullable=False),  # whose sentence shows that they are one
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("seal", String),
)
"""Who is who, as texts show it: within one document a name or an office stands for a person or body."""

answers = Table(
    "answers",
    metadata,
    Column("accusation", String, _of("claims.id"), primary_key=True),
    Column("answer", String, _of("claims.id"), primary_key=True),
    Column("seq", Count, unique=True),
    Column("seal", String),
)
"""Replies of accused parties: ids of the two claims."""

names = Table(
    "names",
    metadata,
    Column("name", String, primary_key=True),  # folded: without case, accents and punctuation
    Column("part", String, primary_key=True),  # speaker, organisation, on_behalf_of, target
    Column("claim", Count, _of("claims.seq"), primary_key=True, autoincrement=False),
)
"""Who is named in which claim, and as what."""

embeddings = Table(
    "embeddings",
    metadata,
    Column("claim", Count, _of("claims.seq"), primary_key=True, autoincrement=False),
    Column("model", String, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # 4-byte floats, little-endian
    Column("seal", String),
)
"""Only where an embedding model is set."""

findings = Table(
    "findings",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("pair", String, nullable=False, index=True),  # its two statements: decisions are about these
    Column("document_id", String, _of("documents.id"), nullable=False, index=True),  # whose comparison found it
    Column("a", String, _of("claims.id"), nullable=False, index=True),
    Column("b", String, _of("claims.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of models.Finding
    Column("seal", String),
)

problems = Table(
    "problems",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("document_id", String, index=True),
    Column("stage", String, nullable=False),
    Column("code", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("run", String, _of("runs.id"), nullable=False),
    Column("seal", String),
)

sources = Table(
    "sources",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("title", String),
    Column("publisher", String),
    Column("published", String),
    Column("url", String, index=True),
    Column("sha256", String, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of models.Document without its text
    Column("run", String, _of("runs.id"), nullable=False),
    Column("added", String, nullable=False),
    Column("seal", String),
)
"""Documents that were found as evidence and are no articles: nothing is compared with them."""

checks = Table(
    "checks",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("claim_id", String, _of("claims.id"), nullable=False, index=True),
    Column("statement", String, nullable=False, index=True),
    Column("outcome", String, nullable=False),
    Column("body", Text, nullable=False),  # JSON of models.Check
    Column("seen", Text, nullable=False),  # JSON: ids of all documents that the claim was weighed against
    Column("run", String, _of("runs.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("seal", String),
)
"""What was searched for a claim and what came of it; of several for one claim the newest counts."""

evidence = Table(
    "evidence",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, index=True),
    Column("check_seq", Count, _of("checks.seq"), nullable=False, index=True),  # the number of its row in `checks`
    Column("claim_id", String, _of("claims.id"), nullable=False, index=True),
    Column("statement", String, nullable=False, index=True),
    Column("document_id", String, nullable=False, index=True),  # among `sources` or `documents`
    Column("relation", String, nullable=False),
    Column("timing", String, nullable=False),
    Column("origin_of", String),
    Column("body", Text, nullable=False),  # JSON of models.Evidence
    Column("seal", String),
)

successions = Table(
    "successions",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("document_id", String, _of("documents.id"), nullable=False, index=True),  # what no longer stands
    Column("by_document", String, _of("documents.id")),
    Column("kind", String, nullable=False),  # revised, corrected, retracted
    Column("reason", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("seal", String),
)

log = Table(
    "log",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("action", String, nullable=False),  # a log.Action
    Column("subject", String, nullable=False, index=True),
    Column("data", Text, nullable=False),  # JSON
    Column("by", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
)
"""What people decided and did, each row hashed together with the one before it."""

heads = Table("heads", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))
"""How long the log is and how it ends, so that a cut is noticed."""

postings = Table(
    "postings",
    MetaData(),
    Column("feature", BigInteger, primary_key=True),
    Column("claim", BigInteger, primary_key=True),
)
"""PostgreSQL only: which claims have which feature; SQLite keeps the same in the full-text table `features`."""

namings = Table(
    "namings",
    MetaData(),
    Column("feature", BigInteger, primary_key=True),
    Column("claim", BigInteger, primary_key=True),
)
"""PostgreSQL only: which documents name whom, by the number of their first claim; in SQLite a full-text table, too."""

vocabulary = Table(
    "vocabulary",
    metadata,
    Column("word", String, primary_key=True),  # folded: without case and accents
    Column("stem", String, primary_key=True, index=True),
)
"""All words under which claims are found, with their stems."""

SQLITE_INDEXES = (
    "CREATE VIRTUAL TABLE features USING fts5(keys, content='', detail=none, columnsize=0, tokenize='ascii')",
    "CREATE VIRTUAL TABLE words USING fts5(said, content='', detail=full, columnsize=0, tokenize='ascii')",
)
SQLITE_NAMINGS = (
    "CREATE VIRTUAL TABLE namings USING fts5(keys, content='', detail=none, columnsize=0, tokenize='ascii')"
)
POSTGRES_INDEXES = (
    "CREATE TABLE words (claim bigint PRIMARY KEY, said tsvector NOT NULL)",
    "CREATE INDEX words_said ON words USING gin (said)",
)


def _first(connection: Connection) -> None:
    """All tables, and the two indexes that each database has in its own way."""
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        statements = SQLITE_INDEXES
    else:
        postings.metadata.create_all(connection)
        statements = POSTGRES_INDEXES
    for statement in statements:
        connection.execute(text(statement))


def _second(connection: Connection) -> None:
    """Comparisons apart from documents, who is who, answers; what was there before has been compared."""
    metadata.create_all(connection)
    for table, column, kind in (
        ("runs", "inputs", "TEXT"),
        ("documents", "machine", "INTEGER NOT NULL DEFAULT 0"),
        ("claims", "noticed", "INTEGER NOT NULL DEFAULT 0"),
    ):
        if column not in {found["name"] for found in inspect(connection).get_columns(table)}:
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))
    rows = select(documents.c.id, documents.c.run, documents.c.added, literal("[]"))
    connection.execute(comparisons.insert().from_select(["document_id", "run", "at", "recordings"], rows))


def _third(connection: Connection) -> None:
    """Every row has a number and room for a seal; after all migrations what is there is sealed as it is."""
    for name, table in metadata.tables.items():
        there = {found["name"] for found in inspect(connection).get_columns(name)}
        for column in (c for c in ("seq", "seal") if c in table.c and c not in there):
            kind = "BIGINT" if column == "seq" else "VARCHAR"
            connection.execute(text(f"ALTER TABLE {name} ADD COLUMN {column} {kind}"))
    for table in (runs, comparisons, answers):
        _numbered(connection, table)


def _numbered(connection: Connection, table: Table) -> None:
    """Numbers for rows that have none, in the order of their keys."""
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(*keys).where(table.c.seq.is_(None)).order_by(*keys)).all()
    for number, row in enumerate(rows, 1):
        same = [column == value for column, value in zip(keys, row, strict=True)]
        connection.execute(table.update().where(*same).values(seq=number))
    connection.execute(text(f"CREATE UNIQUE INDEX IF NOT EXISTS {table.name}_seq ON {table.name} (seq)"))


DESK_INDEXES = ("documents (publisher)", "documents (added)", "problems (run)", "log (action)", "claims (said_on)")


def _fourth(connection: Connection) -> None:
    """Indexes for the pages of a desk; the views come after every migration."""
    for columns in DESK_INDEXES:
        name = re.sub(r"\W+", "_", columns).strip("_")
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}"))


def _fifth(connection: Connection) -> None:
    """Evidence, checks, and the documents that evidence was found in."""
    metadata.create_all(connection)


def _sixth(connection: Connection) -> None:
    """The words of all claims with their stems; they are filled in after all migrations."""
    metadata.create_all(connection)
    connection.execute(text("CREATE INDEX IF NOT EXISTS documents_language ON documents (language)"))
    connection.execute(text("CREATE INDEX IF NOT EXISTS claims_sides ON claims (id, document_id, said_on, seq)"))


def _seventh(connection: Connection) -> None:
    """Foreign keys."""
    add_keys(connection, metadata)


def _eighth(connection: Connection) -> None:
    """Which documents name the same people and places; filled after all migrations."""
    connection.execute(text("DROP TABLE IF EXISTS namings"))
    if connection.dialect.name == "sqlite":
        connection.execute(text(SQLITE_NAMINGS))
    else:
        namings.metadata.create_all(connection)


NAMED = 8
"""Version of the schema from which on names are in an index of their own."""

STEPS = (_first, _second, _third, _fourth, _fifth, _sixth, _seventh, _eighth)
MIGRATIONS: tuple[Callable[[Connection], None], ...] = STEPS
"""Migration n makes version n of the schema; a released one is never changed."""
