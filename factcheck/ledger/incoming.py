"""Write what comes from another ledger; what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from factcheck.ledger import evidence
from factcheck.ledger.rows import problem_row, tie_row
from factcheck.ledger.schema import problems, ties
from factcheck.ledger.seals import append
from factcheck.ledger.store import Entry, add, add_answers, add_claims, add_findings, note_compared, note_run
from factcheck.models import Answer, Claim, Document, Finding, Problem, Run, Tie


class Incoming(NamedTuple):
    """A document of another ledger."""

    entry: Entry
    noticed: Sequence[Claim]
    """Claims that only a comparison noticed, in this or other documents."""
    run: Run
    added: str
    compared: tuple[Run, str, Sequence[str]] | None
    """By which run it was compared there, when, and from which answers."""


@dataclass
class Found:
    """What was found about documents that are there, with whose comparison found it or the run that met it."""

    findings: list[tuple[Finding, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    problems: list[tuple[Problem, Run]] = field(default_factory=list)
    sources: list[tuple[Document, Run, str]] = field(default_factory=list)
    """Documents that evidence was found in, by which run they were added, and when."""
    checks: list[tuple[evidence.Found, Run, str]] = field(default_factory=list)

    def __len__(self) -> int:
        found = len(self.findings) + len(self.answers) + len(self.ties) + len(self.problems)
        return found + len(self.sources) + len(self.checks)


def add_incoming(connection: Connection, incoming: Sequence[Incoming]) -> int:
    """Write documents of another ledger; returns how many were not there before."""
    fresh: set[str] = set()
    for one in incoming:
        fresh |= set(add(connection, [one.entry], one.run, at=one.added))
    waiting = set(fresh)
    for one in incoming:
        document = one.entry.document
        add_claims(connection, [Entry(document, one.noticed)], noticed=True)
        if one.compared and document.id in waiting:
            waiting.discard(document.id)
            run, at, recordings = one.compared
            note_run(connection, run)
            note_compared(connection, [document.id], run, at, recordings)
    return len(fresh)


def add_found(connection: Connection, found: Found) -> None:
    """Write what another ledger found about documents that are there, as far as it is not there already."""
    add_findings(connection, found.findings)
    add_answers(connection, found.answers)
    for document, run, at in found.sources:
        evidence.keep_sources(connection, [document], run, at)
    for one, run, at in found.checks:
        evidence.keep(connection, [one], (), run, at=at)
    there: set[tuple[Any, ...]] = set()
    if found.ties:
        there = {tuple(row) for row in connection.execute(select(*(ties.c[name] for name in Tie.model_fields)))}
    fresh = [row for row in map(tie_row, dict.fromkeys(found.ties)) if tuple(row.values()) not in there]
    append(connection, ties.name, fresh)
    columns = [problems.c[name] for name in Problem.model_fields]
    known = {tuple(row) for row in connection.execute(select(*columns))} if found.problems else set()
    for problem, run in found.problems:
        if (key := tuple(problem.model_dump().values())) not in known:
            known.add(key)
            note_run(connection, run)
            append(connection, problems.name, [problem_row(problem, run.id)])
