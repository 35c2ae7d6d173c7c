"""Engines for SQLite files and PostgreSQL addresses, with their settings; database errors become one line each."""

from __future__ import annotations

import math
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs
import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError

from factcheck.errors import LedgerError, UsageError
from factcheck.redaction import keep_secrets_of

BUSY_SECONDS = 60
"""How long a writer waits for others."""

IDLE_SECONDS = 1.0
"""After how long a connection of PostgreSQL is tried before it is used again."""

PREPARED = 1
"""How often PostgreSQL plans a statement of a connection anew; which takes longer than most statements do. So the
connection that was used last comes first."""

KEPT = 10
"""Connections to PostgreSQL that stay open once they were needed, with what was prepared in them."""

CACHE_KIB = 64_000
"""Pages that a SQLite connection keeps in memory."""

FEW_KIB = 8_000
"""The same for a connection of a server."""

WAL_PAGES = 8_000
"""Pages of 4 KiB that the write-ahead log takes before they are copied into the file: 32 MB."""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=OFF",  # see keys.py
    f"cache_size=-{CACHE_KIB}",
    f"wal_autocheckpoint={WAL_PAGES}",
)

WRITERS = 7_041_776
"""The advisory lock that PostgreSQL writers take: one at a time, as with SQLite's BEGIN IMMEDIATE."""

NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "davfs"})

PGPASS = "put it into ~/.pgpass, as HOST:PORT:DATABASE:USER:PASSWORD"
ANSWERS_NOT = "does not answer; check the address and that the server runs"

MESSAGES = {
    "database or disk is full": "the disk is full; free some space and run again, nothing acknowledged is lost",
    "attempt to write a readonly database": "is read-only; make the file and its folder writable",
    "unable to open database file": "cannot be opened; check that its folder exists and is writable",
    "database is locked": f"was busy for {BUSY_SECONDS} seconds; run again when the others are done",
    "file is not a database": "is not a ledger; name another file",
    "database disk image is malformed": "is damaged; restore a copy, or import the last export",
    "disk I/O error": "could not be written (disk I/O error); check the disk and run again",
    "readonly": "is read-only for this user",
    "password authentication failed": "did not accept the user or the password",
    "no password supplied": f"wants a password; {PGPASS}",
    "FATAL: role": "does not know this user; name one with postgresql://USER@HOST/DATABASE",
    'FATAL: database "': "there is no such database on this server; make it with createdb",
    "no pg_hba.conf entry": "lets nobody in from here; see pg_hba.conf of the server",
    "too many clients": "takes no more connections; raise max_connections there, or run fewer workers",
    "connection slots are reserved": "takes no more connections; raise max_connections there, or run fewer workers",
    "the database system is": "is starting or stopping; try again in a moment",
    "permission denied": "this user may not do that there; let the owner of the tables do it, or grant the right",
    "connection failed": ANSWERS_NOT,
    "connection is bad": ANSWERS_NOT,
    "failed to resolve host": ANSWERS_NOT,
    "server closed the connection": ANSWERS_NOT,
    "terminating connection": ANSWERS_NOT,
}
"""What is known of errors by a part of their text; the first one holds, since PostgreSQL's driver says of every server
that lets nobody in that the connection failed."""


class Opened(NamedTuple):
    """An engine, and what messages call its place; that holds no password."""

    engine: Engine
    place: str


def default_place() -> str:
    """Where the ledger is kept when only `--ledger default` is said."""
    return str(platformdirs.user_data_path("factcheck") / "ledger.db")


def engine_for(place: str, *, create: bool) -> Opened:
    """The engine of a SQLite file or a `postgresql://` address. Raises LedgerError and UsageError."""
    if re.match(r"postgres(ql)?(\+psycopg)?://", place):
        keep_secrets_of(place)
        return _postgres(place)
    if place.startswith(":memory:"):
        raise UsageError(f"{place}: keeps nothing; name a file, or leave --ledger out")
    if "://" in place:
        raise UsageError(
            f"{place.split('://', maxsplit=1)[0]}://: is no ledger; name a file, or postgresql://USER@HOST/DATABASE"
        )
    if place == "default" and create:
        Path(default_place()).parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(Path(default_place() if place == "default" else place), create=create)


def memory_engine() -> Opened:
    """An engine that keeps everything in memory."""
    return Opened(_listened(sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)), "memory")


def _postgres(address: str) -> Opened:
    try:
        url = sqlalchemy.make_url(re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", address))
    except (ArgumentError, ValueError):
        raise UsageError(
            "postgresql://: this address cannot be read; write postgresql://USER@HOST:PORT/DATABASE, with a number as "
            "the port, and % signs and the like in a password as %25"
        ) from None
    told = url.set(query={k: "***" if "pass" in k.lower() else v for k, v in url.query.items()})
    place = told.render_as_string(hide_password=True).replace("+psycopg", "")
    try:
        prepared = {"prepare_threshold": PREPARED}
        engine = sqlalchemy.create_engine(
            url, pool_size=KEPT, max_overflow=5, pool_use_lifo=True, connect_args=prepared
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        install = "python3 -m pip install 'factcheck-desk[postgres]'"
        raise LedgerError(f"{place}: PostgreSQL needs an extra: {install}") from None
    event.listen(engine, "checkin", _used)
    event.listen(engine, "checkout", partial(_tried, engine))
    return Opened(engine, place)


def _used(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _tried(engine: Engine, connection: Any, record: Any, _proxy: Any) -> None:
    """Try a connection that has waited, so that one whose server was restarted meanwhile is replaced."""
    if time.monotonic() - record.info.get("used", math.inf) < IDLE_SECONDS:  # a new one was never used
        return
    try:
        engine.dialect.do_ping(connection)
        connection.rollback()
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError(str(error)) from error


def _sqlite(path: Path, *, create: bool) -> Opened:
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file, e.g. {path / 'desk.db'}")
    if not path.exists() and not create:
        raise UsageError(f"{path}: there is no such ledger; `factcheck check ... --ledger {path}` starts one")
    if (kind := _filesystem(path)) in NETWORK_FILESYSTEMS:
        raise LedgerError(
            f"{path}: is on a network share ({kind}), where SQLite loses data; use a local disk or PostgreSQL"
        )
    url = sqlalchemy.URL.create("sqlite", database=str(path))  # a name may hold ? and %
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    return Opened(_listened(engine), str(path))


def _listened(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begun)
    return engine


def _prepared(connection: Any, _record: Any) -> None:
    """Settings of every new SQLite connection; transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def sparing(engine: Engine) -> None:
    """From now on SQLite connections keep few pages in memory: whoever serves many people has several of them."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, record: connection.execute(f"PRAGMA cache_size=-{FEW_KIB}"))
        engine.dispose()


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The kind of file system that a path is on, where the system tells."""
    try:
        rows = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return None
    place = os.path.realpath(path)
    inside = [(row[1], row[2]) for row in rows if place == row[1] or place.startswith(row[1].rstrip("/") + "/")]
    return max(inside, key=lambda row: len(row[0]))[1] if inside else None


def _psycopg_error() -> type[Exception]:
    """What the driver of PostgreSQL raises by itself where it is used without SQLAlchemy, e.g. for a COPY."""
    psycopg = sys.modules.get("psycopg")
    return psycopg.Error if psycopg else DBAPIError


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Errors of the database as one line that says what to do."""
    try:
        yield
    except (DBAPIError, ArgumentError, UnicodeEncodeError, sqlite3.Error, _psycopg_error()) as error:
        if isinstance(error, ArgumentError):
            raise UsageError(f"{place}: is no address of a database ({' '.join(str(error).split())[:120]})") from None
        if isinstance(error, UnicodeEncodeError):
            raise LedgerError(
                f"{place}: takes no half characters, and one was to be written ({error.reason})"
            ) from None
        said = " ".join(str(getattr(error, "orig", error)).split())
        known = next((message for part, message in MESSAGES.items() if part in said), None)
        raise LedgerError(f"{place}: {known or f'the database says: {said[:200]}'}") from None
