"""What people at a desk do with a ledger: the methods that commands, the browser and other tools share."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Literal

from sqlalchemy import Connection

from factcheck.ledger import decide, findings, lookup, pages, prefixes, speakers, view
from factcheck.ledger import digest as digests
from factcheck.ledger import timeline as timelines
from factcheck.ledger.findings import FindingDetail, FindingFilter, FindingPage, FindingRow, Order
from factcheck.ledger.log import Decision
from factcheck.ledger.pages import DocumentDetail, DocumentPage, ProblemPage, StatementFilter, StatementPage
from factcheck.ledger.speakers import SpeakerPage, Suggestion
from factcheck.ledger.timeline import Timeline
from factcheck.ledger.words import Meaning, meanings
from factcheck.models import Finding, Report

EVERYTHING = StatementFilter()


class Desk:
    """Look-ups and decisions; `Ledger` has all of them.

    Ids may be cut short as long as they stay unique. All raise LedgerError, and UsageError for an id, a date or a name
    that cannot be used. Whoever acts on a finding hands over `seen`, the number of the last entry of the log that they
    saw about it; a newer one raises Conflict, unless `override` says that it is known and overridden.
    """

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the ledger."""
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction with no other writer beside it."""
        raise NotImplementedError

    def resolve(self, prefix: str, *sorts: prefixes.Sort) -> str:
        """The one id that begins with this; an error lists what it could be. All sorts where none is named."""
        with self.reading() as connection:
            return prefixes.resolve(connection, prefix, *sorts)

    def queue(
        self, wanted: FindingFilter | None = None, *, order: Order = "newest", limit: int = 50, offset: int = 0
    ) -> FindingPage:
        """A page of the findings that a filter lets through (without one the open ones), with counts by state."""
        with self.reading() as connection:
            return findings.queue(connection, wanted or FindingFilter(), order=order, limit=limit, offset=offset)

    def finding_ids(self, wanted: FindingFilter, *, order: Order = "strongest") -> list[str]:
        """The ids of all findings that a filter lets through."""
        with self.reading() as connection:
            return findings.ids_of(connection, wanted, order=order)

    def finding(self, key: str) -> FindingDetail:
        """One finding with its paragraphs, the same statements elsewhere, answers and history."""
        with self.reading() as connection:
            return findings.detail(connection, key)

    def rows(self, ids: Sequence[str]) -> list[FindingRow]:
        """Findings by their ids, as their two statements stand now, in this order."""
        with self.reading() as connection:
            return findings.rows_named(connection, ids)

    def digest(self, wanted: FindingFilter = digests.EVERYTHING) -> Report:
        """A report of these findings and the documents that they have a side in; without a filter, of all it holds."""
        with self.reading() as connection:
            return digests.digest(connection, wanted)

    def findings(self) -> list[Finding]:
        """All findings with what was decided about them, in the order in which they were found."""
        with self.reading() as connection:
            return view.every_finding(connection)

    def history(self, key: str) -> list[Decision]:
        """All entries of the log about a finding, oldest first; an `undo` names what it takes back in `data`."""
        with self.reading() as connection:
            return decide.history(connection, decide.pair_of(connection, key))

    def decide(
        self,
        key: str,
        decision: Literal["accepted", "dismissed"],
        *,
        by: str,
        note: str = "",
        seen: int | None = None,
        override: bool = False,
    ) -> Decision:
        """Accept or dismiss a finding, for its two statements wherever they come back; a dismissal needs a note."""
        with self.writing() as connection:
            return decide.decide(connection, key, decision, by=by, note=note, seen=seen, override=override)

    def comment(self, key: str, text: str, *, by: str) -> Decision:
        """Say something about a finding without deciding."""
        with self.writing() as connection:
            return decide.comment(connection, key, text, by=by)

    def assign(self, key: str, to: str | None, *, by: str, seen: int | None = None, override: bool = False) -> Decision:
        """Give a finding to somebody to look at, or with None to nobody."""
        with self.writing() as connection:
            return decide.assign(connection, key, to, by=by, seen=seen, override=override)

    def undo(
        self, target: str | int, *, by: str, note: str = "", seen: int | None = None, override: bool = False
    ) -> Decision:
        """Take back an entry of the log by its number, or the last one about a finding that still stands, by its id.

        What can be taken back: decisions, comments, assignments, merges and splits.
        """
        with self.writing() as connection:
            return decide.undo(connection, target, by=by, note=note, seen=seen, override=override)

    def retract(self, document_id: str, *, by: str, note: str) -> Decision:
        """Say that a document no longer stands."""
        with self.writing() as connection:
            return decide.retract(connection, document_id, by=by, note=note)

    def statements(self, wanted: StatementFilter = EVERYTHING, *, limit: int = 50, offset: int = 0) -> StatementPage:
        """A page of statements, the latest said first."""
        with self.reading() as connection:
            return pages.statements(connection, wanted, limit=limit, offset=offset)

    def documents(self, *, outlet: str | None = None, limit: int = 50, offset: int = 0) -> DocumentPage:
        """A page of documents, those added last first."""
        with self.reading() as connection:
            return pages.documents_page(connection, outlet=outlet, limit=limit, offset=offset)

    def document(self, key: str) -> DocumentDetail:
        """One document with its statements, findings and problems."""
        with self.reading() as connection:
            return pages.document(connection, key)

    def problems(self, *, limit: int = 50, offset: int = 0) -> ProblemPage:
        """A page of problems, the last ones first."""
        with self.reading() as connection:
            return pages.problems_page(connection, limit=limit, offset=offset)

    def speakers(self, name: str | None = None, *, limit: int = 50, offset: int = 0) -> SpeakerPage:
        """A page of speakers, the most quoted first, or those whose name holds these words."""
        with self.reading() as connection:
            return speakers.speakers_page(connection, name, limit=limit, offset=offset)

    def suggestions(self) -> list[Suggestion]:
        """Pairs of names that may be one speaker's; a person decides."""
        with self.reading() as connection:
            return speakers.suggest(connection)

    def merge(self, a: str, b: str, *, by: str, note: str = "") -> Decision:
        """Let two names count as one speaker from now on."""
        with self.writing() as connection:
            return speakers.merge(connection, a, b, by=by, note=note)

    def split(self, a: str, b: str, *, by: str, note: str = "") -> Decision:
        """Let the second name count as another speaker than the first."""
        with self.writing() as connection:
            return speakers.split(connection, a, b, by=by, note=note)

    def timeline(
        self, speaker: str, topic: str | None = None, *, limit: int | None = None, offset: int = 0
    ) -> Timeline:
        """What a speaker said, oldest first, with the findings among it; all of it where no limit is given."""
        with self.reading() as connection:
            return timelines.timeline(connection, speaker, topic, limit=limit, offset=offset)

    def search(self, words: str, *, limit: int = 20) -> list[lookup.Said]:
        """Claims that hold all these words, in any form first, then within words; of both the newest first."""
        with self.reading() as connection:
            return lookup.search(connection, words, limit=limit)

    def meanings(self, words: str) -> list[Meaning]:
        """What each word of a search stands for in this ledger, and what looks like one that it does not hold."""
        with self.reading() as connection:
            return meanings(connection, words)

    def show(self, key: str) -> lookup.Shown:
        """A claim or finding with everything around it."""
        with self.reading() as connection:
            return lookup.show(connection, key)

    def holdings(self) -> dict[str, int]:
        """How many documents, claims, findings and problems there are, and how many documents wait."""
        with self.reading() as connection:
            return view.holdings(connection)
