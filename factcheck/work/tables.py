"""Tables of work to do, in the database of a ledger and no part of it: rows change, and go when they are done."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, String, Table, Text, text

from factcheck.ledger.connection import Ledger

metadata = MetaData()

items = Table(
    "work_items",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("document", Text),
    Column("address", Text),
    Column("job", BigInteger),
    Column("failures", Integer, nullable=False, default=0),
    Column("code", String),
    Column("error", Text),
)
"""Documents, or addresses that a worker reads; `document` is empty once it is in the ledger."""

answers = Table(
    "work_answers",
    metadata,
    Column("item", String, primary_key=True),
    Column("asked", String, primary_key=True),
    Column("body", Text, nullable=False),
)
"""What an endpoint answered about items that are not done yet, by the hash of the request; it is paid once."""

limits = Table(
    "work_limits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("calls", BigInteger, nullable=False, default=0),
    Column("tokens", BigInteger, nullable=False, default=0),
    Column("cost", Float, nullable=False, default=0.0),
    Column("max_calls", BigInteger),
    Column("max_tokens", BigInteger),
    Column("max_cost", Float),
    Column("per_minute", Float),
    Column("next_at", Float, nullable=False, default=0.0),
)
"""One row: what all workers have spent and set aside, what they may spend, and when the next call may begin."""

feeds = Table(
    "watch_feeds",
    metadata,
    Column("address", String, primary_key=True),
    Column("every", Float, nullable=False),
    Column("due", Float, nullable=False, default=0.0),
    Column("looked", Float),
    Column("etag", Text),
    Column("modified", Text),
    Column("problem", Text),
)
"""Feeds, sitemaps and folders that are watched; times in seconds since 1970."""

entries = Table(
    "watch_entries",
    metadata,
    Column("feed", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("stamp", String, nullable=False),
    Column("etag", Text),
    Column("modified", Text),
    Column("first", Float, nullable=False),
    Column("due", Float, nullable=False),
)
"""Articles that were taken from them: what the feed said of each, and when it is looked at for changes."""

hosts = Table(
    "watch_hosts",
    metadata,
    Column("host", String, primary_key=True),
    Column("next_at", Float, nullable=False, default=0.0),
)
"""When a host may be asked again."""

SOON = "WITH soon AS (SELECT set_config('synchronous_commit', 'off', true))"
"""The beginning of a statement that does not wait for PostgreSQL's disk; a worker that is killed loses nothing of it,
a server that loses power its last half second: what was counted then, or an answer that is paid again."""

SETUP = 7_041_777
"""The advisory lock under which tables are made."""


def prepare(ledger: Ledger) -> None:
    """Make the tables that are missing."""
    with ledger.beside() as connection:
        locked(ledger, connection)
        metadata.create_all(connection, checkfirst=True)
        if connection.execute(limits.select()).first() is None:
            connection.execute(limits.insert().values(id=1))


def locked(ledger: Ledger, connection: Connection) -> None:
    """Until this transaction ends, no other process makes tables."""
    if not ledger.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SETUP})
