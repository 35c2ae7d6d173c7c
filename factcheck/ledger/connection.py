"""Open a ledger, and read and write it in transactions; database errors become one line each."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs
import sqlalchemy
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from factcheck.__about__ import TOOL
from factcheck.errors import LedgerError, UsageError
from factcheck.ids import carried
from factcheck.ledger import lookup, store, view
from factcheck.ledger.candidates import NOBODY, Among, Candidate, candidates, neighbours
from factcheck.ledger.decide import decide, retract
from factcheck.ledger.log import Decision
from factcheck.ledger.schema import MIGRATIONS, migrations
from factcheck.ledger.seals import head, keep_head, seal_again
from factcheck.ledger.speakers import called
from factcheck.ledger.vectors import Vectors
from factcheck.models import Claim, Document, Finding, Problem, Report, Run
from factcheck.redaction import keep_secrets_of
from factcheck.text.names import merged, renamed

BUSY_SECONDS = 60
"""How long a writer waits for others."""

CACHE_KIB = 64_000
"""Pages that a SQLite connection keeps in memory."""

WAL_PAGES = 8_000
"""Pages of 4 KiB that the write-ahead log takes before they are copied into the file: 32 MB."""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"cache_size=-{CACHE_KIB}",
    f"wal_autocheckpoint={WAL_PAGES}",
)

WRITERS = 7_041_776
"""The advisory lock that PostgreSQL writers take: one at a time, as with SQLite's BEGIN IMMEDIATE."""

NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "davfs"})

MESSAGES = {
    "database or disk is full": "the disk is full; free some space and run again, nothing acknowledged is lost",
    "attempt to write a readonly database": "is read-only; make the file and its folder writable",
    "unable to open database file": "cannot be opened; check that its folder exists and is writable",
    "database is locked": f"was busy for {BUSY_SECONDS} seconds; run again when the others are done",
    "file is not a database": "is not a ledger; name another file",
    "database disk image is malformed": "is damaged; restore a copy, or import the last export",
    "disk I/O error": "could not be written (disk I/O error); check the disk and run again",
    "readonly": "is read-only for this user",
    "connection failed": "does not answer; check the address and that the server runs",
    "password authentication failed": "did not accept the user or the password",
}


@dataclass(frozen=True)
class Ledger:
    """An open ledger; its methods are what a run reads and writes. All raise LedgerError."""

    engine: Engine
    place: str
    """What messages call it; holds no password."""
    is_memory: bool = False
    """Whether it is gone when it is closed."""
    vectors: dict[str, Vectors] = field(default_factory=dict)
    """Embeddings that were read already, by model."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of its own."""
        return self.engine.dialect.name == "sqlite"

    def held(self, ids: Sequence[str]) -> dict[str, store.Held]:
        """What it knows of these documents, by id; those that it does not hold are missing."""
        with self.reading() as connection:
            return store.held(connection, ids)

    def originals(self, sha256s: Sequence[str]) -> dict[str, str]:
        """The id of the first document with each of these texts, e.g. the same wire copy at another outlet."""
        with self.reading() as connection:
            return store.first_with(connection, sha256s)

    def claims(self, ids: Sequence[str]) -> list[Claim]:
        """The claims of these documents as extraction found them, under the names that people chose, in their order."""
        with self.reading() as connection:
            return merged(store.extracted_claims(connection, ids), called(connection))

    def keep(self, entries: Sequence[store.Entry], run: Run) -> None:
        """Add documents with their claims, in one transaction."""
        with self.writing() as connection:
            store.add(connection, entries, run)

    def keep_copy(self, document: Document, run: Run) -> bool:
        """Add a document whose text another one has: the same statements, with one source more; False without one."""
        with self.writing() as connection:
            original = store.same_text(connection, document)
            if original is not None:
                claims = [carried(c, document) for c in store.extracted_claims(connection, [original])]
                machine = store.held(connection, [original])[original].machine
                store.add(connection, [store.Entry(document, claims, machine=machine)], run)
            return original is not None

    def holds_others(self, ids: Collection[str], places: Mapping[str, int | None]) -> bool:
        """Whether a document that is none of `ids` stands before the last of these places in the sequence."""
        with self.reading() as connection:
            return store.others(connection, ids, _last(places))

    def candidates(
        self,
        new: Sequence[Claim],
        places: Mapping[str, int | None],
        *,
        without: Collection[str] = (),
        only: Collection[str] | None = None,
        of_run: Collection[str] = (),
        machine: bool = False,
        model: str | None = None,
    ) -> list[tuple[Document, Claim]]:
        """What is worth comparing with new claims, the likeliest first: said in documents before their own.

        `places` gives the place in the sequence of each new claim's document; None for no bound. With `only`
        nothing but what these documents say.
        """
        best: dict[str, Candidate] = {}
        with self.reading() as connection:
            since = store.first_claim(connection, min(_seqs(connection, only))) if only else None
            for key, place in places.items():
                own = [claim for claim in new if claim.document_id == key]
                bound = store.first_claim(connection, place)
                among = Among(bound, since or 0, frozenset(without), frozenset(of_run), machine)
                near = NOBODY
                if model and own:
                    kept = self.vectors.setdefault(model, Vectors())
                    near = neighbours(connection, own, kept, model, before=bound)
                for found in candidates(connection, own, among, near) if own else ():
                    if only is not None and found.claim.document_id not in only:
                        continue
                    if found.claim.id not in best or best[found.claim.id].score < found.score:
                        best[found.claim.id] = found
            ranked = [c.claim for c in sorted(best.values(), key=lambda c: (-c.score, c.claim.id))]
            homes = store.load_documents(connection, (c.document_id for c in ranked))
            named = merged(renamed(ranked, view.ties_of(connection, homes)), called(connection))
        return [(homes[claim.document_id], claim) for claim in named]

    def between(self, ids: Collection[str], first: int, last: int) -> dict[str, int]:
        """Documents that stand between two places in the sequence and are none of `ids`, with their places."""
        with self.reading() as connection:
            return store.between(connection, ids, first, last)

    def finish(self, comparison: store.Comparison, run: Run) -> bool:
        """Keep what a comparison found, in one transaction; False where another process did so meanwhile.

        Where it did so for some of the documents, what concerns the others is kept.
        """
        with self.writing() as connection:
            return store.compared(connection, comparison, run)

    def report(self, ids: Sequence[str], run: Run, problems: Sequence[Problem] = ()) -> Report:
        """What it holds about these documents, and all findings that have a side in them."""
        with self.reading() as connection:
            return view.report_of(connection, ids, run, problems)

    def timeline(self, speaker: str, topic: str | None = None) -> lookup.Timeline:
        """What a speaker said, oldest first, with the findings among it. Raises UsageError for an unknown name."""
        with self.reading() as connection:
            return lookup.timeline(connection, speaker, topic)

    def search(self, words: str, *, limit: int = 20) -> list[lookup.Said]:
        """Claims that hold all these words, the newest first."""
        with self.reading() as connection:
            return lookup.search(connection, words, limit=limit)

    def show(self, key: str) -> lookup.Shown:
        """A claim or finding with everything around it, by its id. Raises UsageError for another id."""
        with self.reading() as connection:
            return lookup.show(connection, key)

    def findings(self) -> list[Finding]:
        """All findings with what was decided about them, in the order in which they were found."""
        with self.reading() as connection:
            return view.every_finding(connection)

    def decide(self, key: str, decision: Literal["accepted", "dismissed"], *, by: str, note: str = "") -> Decision:
        """Accept or dismiss a finding, by its id. Raises UsageError for another id, and without a name."""
        with self.writing() as connection:
            return decide(connection, key, decision, by=by, note=note)

    def retract(self, document_id: str, *, by: str, note: str) -> Decision:
        """Say that a document no longer stands. Raises UsageError for another id, and without a name."""
        with self.writing() as connection:
            return retract(connection, document_id, by=by, note=note)

    def head(self) -> str:
        """What stands for all that it holds now; kept elsewhere, it shows whether anything of it was changed since."""
        with self.reading() as connection:
            return head(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the ledger. Raises LedgerError."""
        with _explained(self.place), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with no other writer beside it: all of it is kept, or nothing. Raises LedgerError."""
        writing = self.engine.execution_options(writes=True)
        with _explained(self.place), writing.begin() as connection:
            if not self.is_sqlite:
                connection.execute(select(sqlalchemy.func.pg_advisory_xact_lock(WRITERS)))
            yield connection
            if not self.is_memory:
                keep_head(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def default_place() -> str:
    """Where the ledger is kept when only `--ledger default` is said."""
    return str(platformdirs.user_data_path("factcheck") / "ledger.db")


def _seqs(connection: Connection, ids: Collection[str]) -> list[int]:
    return [held.seq for held in store.held(connection, list(ids)).values()]


def _last(places: Mapping[str, int | None]) -> int | None:
    """The last of these places; None where one has no bound."""
    bounds = [place for place in places.values() if place is not None]
    return max(bounds) if len(bounds) == len(places) else None


def memory_ledger() -> Ledger:
    """A ledger in memory, for one run."""
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begun)
    ledger = Ledger(engine, "memory", is_memory=True)
    _migrate(ledger)
    return ledger


def open_ledger(place: str, *, create: bool = True) -> Ledger:
    """Open a SQLite file or a `postgresql://` address, and bring its tables up to date.

    Raises LedgerError where it cannot be used, UsageError where the address is none.
    """
    if re.match(r"postgres(ql)?(\+psycopg)?://", place):
        keep_secrets_of(place)
        ledger = _postgres(place)
    elif place.startswith(":memory:"):
        raise UsageError(f"{place}: keeps nothing; name a file, or leave --ledger out")
    elif "://" in place:
        raise UsageError(
            f"{place.split('://', maxsplit=1)[0]}://: is no ledger; name a file, or postgresql://USER@HOST/DATABASE"
        )
    else:
        if place == "default" and create:
            Path(default_place()).parent.mkdir(parents=True, exist_ok=True)
        ledger = _sqlite(Path(default_place() if place == "default" else place), create=create)
    try:
        _migrate(ledger)
    except LedgerError:
        ledger.close()
        raise
    return ledger


def _postgres(address: str) -> Ledger:
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
        engine = sqlalchemy.create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        install = "python3 -m pip install 'factcheck-desk[postgres]'"
        raise LedgerError(f"{place}: PostgreSQL needs an extra: {install}") from None
    return Ledger(engine, place)


def _sqlite(path: Path, *, create: bool) -> Ledger:
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
    event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begun)
    return Ledger(engine, str(path))


def _prepared(connection: Any, _record: Any) -> None:
    """Settings of every new SQLite connection; transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


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


def _migrate(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        version = _version(connection)
    if version > len(MIGRATIONS):
        raise LedgerError(f"{ledger.place}: was made by a newer factcheck (schema {version}); update factcheck")
    if version == len(MIGRATIONS):
        return
    with ledger.writing() as connection:
        version = _version(connection)  # another process may have been quicker
        for number, migrate in enumerate(MIGRATIONS[version:], version + 1):
            migrate(connection)
            connection.execute(migrations.insert().values(version=number, tool=TOOL))
        seal_again(connection)


def _version(connection: Connection) -> int:
    if not sqlalchemy.inspect(connection).has_table(migrations.name):
        return 0
    return connection.execute(select(sqlalchemy.func.max(migrations.c.version))).scalar() or 0


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Errors of the database as one line that says what to do."""
    try:
        yield
    except (DBAPIError, ArgumentError, UnicodeEncodeError) as error:
        if isinstance(error, ArgumentError):
            raise UsageError(f"{place}: is no address of a database ({' '.join(str(error).split())[:120]})") from None
        if isinstance(error, UnicodeEncodeError):
            raise LedgerError(
                f"{place}: takes no half characters, and one was to be written ({error.reason})"
            ) from None
        said = " ".join(str(error.orig).split())
        known = next((message for part, message in MESSAGES.items() if part in said), None)
        raise LedgerError(f"{place}: {known or f'the database says: {said[:200]}'}") from None
