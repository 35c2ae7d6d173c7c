"""Open a ledger, and read and write it in transactions; database errors become one line each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy
from sqlalchemy import Connection, Engine, select

from factcheck.__about__ import TOOL
from factcheck.errors import LedgerError
from factcheck.ids import carried
from factcheck.ledger import evidence, kinship, log, store, view, words
from factcheck.ledger.candidates import NOBODY, Among, Candidate, candidates, neighbours
from factcheck.ledger.desk import Desk
from factcheck.ledger.engines import WRITERS, engine_for, explained, memory_engine
from factcheck.ledger.schema import MIGRATIONS, NAMED, migrations
from factcheck.ledger.seals import head, keep_head, seal_again
from factcheck.ledger.speakers import called
from factcheck.ledger.vectors import Vectors
from factcheck.ledger.views import create_views, drop_views
from factcheck.models import Claim, Document, Problem, Report, Run
from factcheck.text.names import merged, renamed


@dataclass(frozen=True)
class Ledger(Desk):
    """An open ledger; its methods are what a run reads and writes. All raise LedgerError."""

    engine: Engine
    place: str
    """What messages call it; holds no password."""
    by: str | None = None
    """Who adds documents, for its log; nothing is noted where it is null."""
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
        with self.singly() as connection:
            return store.held(connection, ids)

    def originals(self, sha256s: Sequence[str]) -> dict[str, str]:
        """The id of the first document with each of these texts, e.g. the same wire copy at another outlet."""
        with self.singly() as connection:
            return store.first_with(connection, sha256s)

    def claims(self, ids: Sequence[str]) -> list[Claim]:
        """The claims of these documents as extraction found them, under the names that people chose, in their order."""
        with self.singly() as connection:
            return merged(store.extracted_claims(connection, ids), called(connection))

    def keep(self, entries: Sequence[store.Entry], run: Run) -> None:
        """Add documents with their claims, in one transaction."""
        with self.writing() as connection:
            self._note(connection, store.add(connection, entries, run))

    def keep_copy(self, document: Document, run: Run) -> bool:
        """Add a document whose text another one has: the same statements, with one source more; False without one."""
        with self.writing() as connection:
            original = store.same_text(connection, document)
            if original is not None:
                claims = [carried(c, document) for c in store.extracted_claims(connection, [original])]
                machine = store.held(connection, [original])[original].machine
                self._note(connection, store.add(connection, [store.Entry(document, claims, machine=machine)], run))
            return original is not None

    def _note(self, connection: Connection, ids: Sequence[str]) -> None:
        for key in ids if self.by else ():
            log.append(connection, "added", key, by=self.by or "")

    def holds_others(self, ids: Collection[str], places: Mapping[str, int | None]) -> bool:
        """Whether a document that is none of `ids` stands before the last of these places in the sequence."""
        with self.singly() as connection:
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
        with self.singly() as connection:
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
        with self.singly() as connection:
            return store.between(connection, ids, first, last)

    def finish(self, comparison: store.Comparison, run: Run) -> bool:
        """Keep what a comparison found, in one transaction; False where another process did so meanwhile.

        Where it did so for some of the documents, what concerns the others is kept.
        """
        with self.writing() as connection:
            return store.compared(connection, comparison, run)

    def keep_evidence(self, found: Sequence[evidence.Found], documents: Iterable[Document], run: Run) -> int:
        """Keep what was found about claims with its documents, in one transaction; returns how many checks were new."""
        with self.writing() as connection:
            return evidence.keep(connection, found, documents, run)

    def known(self, claims: Sequence[Claim]) -> evidence.Known:
        """What was found about these claims, or about the same statement elsewhere, at any time before."""
        with self.reading() as connection:
            return evidence.known(connection, claims)

    def report(self, ids: Sequence[str], run: Run, problems: Sequence[Problem] = ()) -> Report:
        """What it holds about these documents, and all findings that have a side in them."""
        with self.reading() as connection:
            return view.report_of(connection, ids, run, problems)

    def head(self) -> str:
        """What stands for all that it holds now; kept elsewhere, it shows whether anything of it was changed since."""
        with self.reading() as connection:
            return head(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the ledger. Raises LedgerError.

        It ends with a COMMIT: after a ROLLBACK the driver of PostgreSQL has every statement prepared again.
        """
        with explained(self.place), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with no other writer beside it: all of it is kept, or nothing. Raises LedgerError."""
        with explained(self.place), self._written.begin() as connection:
            if not self.is_sqlite:
                connection.execute(select(sqlalchemy.func.pg_advisory_xact_lock(WRITERS)))
            yield connection
            if not self.is_memory:
                keep_head(connection)

    @contextmanager
    def beside(self) -> Iterator[Connection]:
        """A transaction on tables that are no part of the ledger; PostgreSQL has many at once. Raises LedgerError."""
        with explained(self.place), self._written.begin() as connection:
            yield connection

    @contextmanager
    def singly(self, *, writes: bool = False) -> Iterator[Connection]:
        """A connection for one statement, or for some that need no common state: each is a transaction of its own.

        PostgreSQL then begins and ends none, which takes longer than most statements do. Raises LedgerError.
        """
        engine = self._written if writes else self.engine
        with explained(self.place), engine.begin() if self.is_sqlite else self._alone.connect() as connection:
            yield connection

    @cached_property
    def _written(self) -> Engine:
        return self.engine.execution_options(writes=True)

    @cached_property
    def _alone(self) -> Engine:
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _seqs(connection: Connection, ids: Collection[str]) -> list[int]:
    return [held.seq for held in store.held(connection, list(ids)).values()]


def _last(places: Mapping[str, int | None]) -> int | None:
    """The last of these places; None where one has no bound."""
    bounds = [place for place in places.values() if place is not None]
    return max(bounds) if len(bounds) == len(places) else None


def memory_ledger() -> Ledger:
    """A ledger in memory, for one run."""
    ledger = Ledger(*memory_engine(), is_memory=True)
    _migrate(ledger)
    return ledger


def open_ledger(place: str, *, create: bool = True, by: str | None = None) -> Ledger:
    """Open a SQLite file or a `postgresql://` address, and bring its tables up to date; `by` is who adds documents.

    Raises LedgerError where it cannot be used, UsageError where the address is none.
    """
    ledger = Ledger(*engine_for(place, create=create), by=by)
    try:
        _migrate(ledger)
    except LedgerError:
        ledger.close()
        raise
    return ledger


def _migrate(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        version = _version(connection)
    if version > len(MIGRATIONS):
        raise LedgerError(f"{ledger.place}: was made by a newer factcheck (schema {version}); update factcheck")
    if version == len(MIGRATIONS):
        return
    with ledger.writing() as connection:
        version = _version(connection)  # another process may have been quicker
        drop_views(connection)
        for number, migrate in enumerate(MIGRATIONS[version:], version + 1):
            migrate(connection)
            connection.execute(migrations.insert().values(version=number, tool=TOOL))
        create_views(connection)
        words.fill(connection)
        if version < NAMED:
            kinship.fill(connection)
        seal_again(connection)


def _version(connection: Connection) -> int:
    if not sqlalchemy.inspect(connection).has_table(migrations.name):
        return 0
    return connection.execute(select(sqlalchemy.func.max(migrations.c.version))).scalar() or 0
