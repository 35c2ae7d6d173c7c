"""Add a document with everything that was found in it, in one transaction, and read it back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, ColumnElement, Connection, Select, any_, bindparam, exists, func, select

from factcheck.ledger.features import features, pair_key, search_words
from factcheck.ledger.kinship import index_names
from factcheck.ledger.postings import beside, index, index_words, insert
from factcheck.ledger.rows import (
    claim_row,
    document_row,
    finding_row,
    name_rows,
    problem_row,
    run_row,
    tie_row,
    to_document,
)
from factcheck.ledger.schema import (
    answers,
    claims,
    comparisons,
    documents,
    embeddings,
    findings,
    names,
    problems,
    runs,
    successions,
    ties,
)
from factcheck.ledger.seals import append
from factcheck.ledger.successions import reasons, succeed
from factcheck.ledger.vectors import packed, unpacked
from factcheck.ledger.words import add_words, forms_of
from factcheck.models import Answer, Claim, Document, Finding, Problem, Run, Tie

MANY = 500
"""Values in one IN list; databases take about 30,000 parameters a statement."""


class Entry(NamedTuple):
    """A document and all that is known of it, as it goes into the ledger."""

    document: Document
    claims: Sequence[Claim]
    """Its own; of an export also those that its comparison noticed in other documents."""
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()
    recordings: Sequence[str] = ()
    vectors: Mapping[str, Sequence[float]] = {}
    """Embeddings by claim, where an embedding model is set."""
    embedded_by: str = ""
    machine: bool = False
    """Whether it speaks to the program that reads it."""
    compared: bool = True
    """Whether it was compared with all that stands before it."""


class Comparison(NamedTuple):
    """What came of comparing documents, which are in the ledger, with all before them."""

    documents: Sequence[str]
    """Their ids; a comparison that another process finished meanwhile is not written twice."""
    claims: Sequence[Claim] = ()
    """Sides that only the comparison noticed."""
    findings: Sequence[Finding] = ()
    answers: Sequence[Answer] = ()
    ties: Sequence[Tie] = ()
    problems: Sequence[Problem] = ()
    recordings: Sequence[str] = ()


class Held(NamedTuple):
    """What the ledger knows of a document that it holds."""

    seq: int
    machine: bool
    compared: bool


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def add(connection: Connection, entries: Sequence[Entry], run: Run, *, at: str | None = None) -> list[str]:
    """Write documents in the transaction that is open; returns the ids of those that were not there before."""
    there = present(connection, [entry.document.id for entry in entries])
    fresh = list({e.document.id: e for e in entries if e.document.id not in there}.values())
    if not fresh:
        return []
    note_run(connection, run)
    at = at or now()
    rows = [
        {
            **document_row(e.document),
            "recordings": json.dumps(list(e.recordings)),
            "run": run.id,
            "added": at,
            "machine": int(e.machine),
        }
        for e in fresh
    ]
    append(connection, documents.name, rows)
    undecided = [p for entry in fresh for p in succeed(connection, entry.document, at)]
    add_claims(connection, fresh, noticed=False)
    add_findings(connection, [(f, e.document.id) for e in fresh for f in e.findings])
    told = dict.fromkeys([*(p for e in fresh for p in e.problems), *undecided])
    append(connection, problems.name, [problem_row(p, run.id) for p in told])
    note_compared(connection, [e.document.id for e in fresh if e.compared], run, at)
    return [e.document.id for e in fresh]


def compared(connection: Connection, comparison: Comparison, run: Run, *, at: str | None = None) -> bool:
    """Write what a comparison found about documents that no other process has compared meanwhile; False if all were."""
    known = held(connection, comparison.documents)
    open_ones = [key for key in comparison.documents if key in known and not known[key].compared]
    if not open_ones:
        return False
    if len(open_ones) < len(comparison.documents):
        comparison = _about(connection, comparison, open_ones)
    note_run(connection, run)
    if comparison.claims:
        owner = next(iter(load_documents(connection, comparison.documents[:1]).values()))
        add_claims(connection, [Entry(owner, comparison.claims)], noticed=True)
    add_findings(connection, _owned(connection, comparison))
    append(connection, problems.name, [problem_row(p, run.id) for p in comparison.problems])
    append(connection, ties.name, [tie_row(tie) for tie in comparison.ties])
    add_answers(connection, comparison.answers)
    note_compared(connection, comparison.documents, run, at or now(), comparison.recordings)
    return True


def _about(connection: Connection, comparison: Comparison, ids: Sequence[str]) -> Comparison:
    """The part of a comparison that has a side in these documents, with the sides that it noticed for that."""
    sides = {side for f in comparison.findings for side in (f.a, f.b)}
    sides |= {side for a in comparison.answers for side in (a.accusation, a.answer)}
    rows = rows_with(connection, select(claims.c.id, claims.c.document_id), claims.c.id, sides)
    home = {row["id"]: row["document_id"] for row in rows} | {c.id: c.document_id for c in comparison.claims}
    wanted = set(ids)
    found = [f for f in comparison.findings if not wanted.isdisjoint((home[f.a], home[f.b]))]
    replies = [a for a in comparison.answers if not wanted.isdisjoint((home[a.accusation], home[a.answer]))]
    used = {side for f in found for side in (f.a, f.b)} | {side for a in replies for side in (a.accusation, a.answer)}
    return comparison._replace(
        documents=ids,
        claims=[c for c in comparison.claims if c.id in used],
        findings=found,
        answers=replies,
        ties=[t for t in comparison.ties if t.document_id in wanted],
        problems=[p for p in comparison.problems if p.document_id in wanted],
    )


def _owned(connection: Connection, comparison: Comparison) -> list[tuple[Finding, str]]:
    """Findings with the last one of the documents that were compared that each has a side in."""
    found, ids = comparison.findings, comparison.documents
    if len(ids) == 1:
        return [(finding, ids[0]) for finding in found]
    sides = [side for finding in found for side in (finding.a, finding.b)]
    rows = rows_with(connection, select(claims.c.id, claims.c.document_id), claims.c.id, sides)
    home = {row["id"]: row["document_id"] for row in rows}
    return [(f, [key for key in ids if key in {home[f.a], home[f.b]}][-1]) for f in found]


def note_run(connection: Connection, run: Run) -> None:
    """Keep a run that is not there yet."""
    if connection.execute(select(runs.c.id).where(runs.c.id == run.id)).first() is None:
        append(connection, runs.name, [run_row(run)])


def note_compared(
    connection: Connection, ids: Sequence[str], run: Run, at: str, recordings: Sequence[str] = ()
) -> None:
    """Say that documents were compared with all that stands before them."""
    heard = json.dumps(list(recordings))
    rows = [{"document_id": key, "run": run.id, "at": at, "recordings": heard} for key in ids]
    append(connection, comparisons.name, rows)


def add_answers(connection: Connection, found: Sequence[Answer]) -> None:
    """Keep answers that are not there yet."""
    there = {
        (row["accusation"], row["answer"])
        for row in rows_with(connection, select(answers), answers.c.accusation, [a.accusation for a in found])
    }
    fresh = {(a.accusation, a.answer) for a in found} - there
    append(connection, answers.name, [{"accusation": a, "answer": b} for a, b in sorted(fresh)])


def held(connection: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """What the ledger knows of these documents, by id; those that it does not hold are missing."""
    done = exists().where(comparisons.c.document_id == documents.c.id)
    query = select(documents.c.id, documents.c.seq, documents.c.machine, done.label("done"))
    rows = rows_with(connection, query, documents.c.id, list(ids))
    return {row["id"]: Held(row["seq"], bool(row["machine"]), bool(row["done"])) for row in rows}


def present(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these documents the ledger holds."""
    return {row["id"] for row in rows_with(connection, select(documents.c.id), documents.c.id, ids)}


def head(connection: Connection) -> int:
    """The number of the newest claim; what is added later has a higher one."""
    return int(connection.execute(select(func.max(claims.c.seq))).scalar() or 0)


def load_documents(connection: Connection, ids: Iterable[str]) -> dict[str, Document]:
    """Documents by id."""
    rows = rows_with(connection, select(documents.c.text, documents.c.body), documents.c.id, ids)
    return {document.id: document for document in map(to_document, rows)}


def load_claims(connection: Connection, column: Any, values: Iterable[Any]) -> dict[int, Claim]:
    """Claims whose column has one of these values, by number."""
    rows = rows_with(connection, select(claims.c.seq, claims.c.body), column, values)
    return {row["seq"]: Claim.model_validate_json(row["body"]) for row in sorted(rows, key=lambda row: row["seq"])}


def rows_with(connection: Connection, query: Any, column: Any, values: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The rows of a query whose column has one of these values, many values at a time."""
    return [
        dict(row)
        for part in _parts(values)
        for row in connection.execute(query.where(_one_of(connection, column, part))).mappings()
    ]


def _one_of(connection: Connection, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """That a column has one of these values; PostgreSQL takes them as one array, which is quicker to prepare."""
    if connection.dialect.name == "sqlite":
        return cast("ColumnElement[bool]", column.in_(values))
    return cast("ColumnElement[bool]", column == any_(bindparam(None, list(values), ARRAY(column.type))))


def numbered(connection: Connection, column: Any, numbers: Select[tuple[int]]) -> ColumnElement[bool]:
    """That a column has one of the numbers of a query; as an array, since PostgreSQL would read the whole table."""
    if connection.dialect.name == "sqlite":
        return cast("ColumnElement[bool]", column.in_(numbers))
    return cast("ColumnElement[bool]", column == any_(func.array(numbers.scalar_subquery())))


def same_text(connection: Connection, document: Document) -> str | None:
    """The id of an earlier document with exactly this text, e.g. the same wire copy at another outlet."""
    query = select(documents.c.id).where(documents.c.sha256 == document.sha256).order_by(documents.c.seq).limit(1)
    first = connection.execute(query).scalar()
    return None if first == document.id else first


def first_with(connection: Connection, sha256s: Iterable[str]) -> dict[str, str]:
    """The id of the first document with each of these texts, by the text's hash."""
    query = select(documents.c.seq, documents.c.sha256, documents.c.id)
    rows = rows_with(connection, query, documents.c.sha256, sha256s)
    return {row["sha256"]: row["id"] for row in sorted(rows, key=lambda row: -row["seq"])}


def extracted_claims(connection: Connection, ids: Sequence[str]) -> list[Claim]:
    """The claims of these documents as extraction found them, in the order of the text."""
    query = select(claims.c.body).where(claims.c.noticed == 0)
    found = [Claim.model_validate_json(row["body"]) for row in rows_with(connection, query, claims.c.document_id, ids)]
    return sorted(found, key=lambda c: (c.document_id, c.quotes[0].start, c.quotes[-1].end, c.id))


def others(connection: Connection, ids: Collection[str], before: int | None) -> bool:
    """Whether a document that is none of these stands before a place in the sequence."""
    query = select(documents.c.seq).where(documents.c.id.not_in(ids)).limit(1)
    query = query if before is None else query.where(documents.c.seq < before)
    return connection.execute(query).first() is not None


def between(connection: Connection, ids: Collection[str], first: int, last: int) -> dict[str, int]:
    """Documents that stand between two places in the sequence and are none of these, with their places."""
    if last - first < len(ids):
        return {}
    query = select(documents.c.id, documents.c.seq).where(documents.c.seq > first, documents.c.seq < last)
    return {row.id: row.seq for row in connection.execute(query.order_by(documents.c.seq)) if row.id not in ids}


def first_claim(connection: Connection, seq: int | None) -> int | None:
    """The number of the first claim of the documents from this place in the sequence on; None for no bound.

    Documents that come later have claims with higher numbers, so the first one that has any is the last one looked at.
    """
    if seq is None:
        return None
    query = select(claims.c.seq).join(documents, documents.c.id == claims.c.document_id)
    query = query.where(documents.c.seq >= seq, claims.c.noticed == 0)
    return connection.execute(query.order_by(documents.c.seq, claims.c.seq).limit(1)).scalar()


def _parts(values: Iterable[Any]) -> list[list[Any]]:
    every = list(dict.fromkeys(values))
    return [every[i : i + MANY] for i in range(0, len(every), MANY)]


def add_claims(connection: Connection, entries: Sequence[Entry], *, noticed: bool) -> None:
    """New claims with the names in them and their index."""
    by_id = {claim.id: claim for e in entries for claim in e.claims}
    if not by_id:
        return
    own = {e.document.id: e.document for e in entries}
    others = {c.document_id for c in by_id.values()} - own.keys()
    old = [key for key, claim in by_id.items() if noticed or claim.document_id in others]
    known = {row["id"] for row in rows_with(connection, select(claims.c.id), claims.c.id, old)}
    home = own | load_documents(connection, others)
    fresh = [claim for key, claim in by_id.items() if key not in known]
    rows = [
        {**claim_row(claim, home[claim.document_id]), "noticed": int(noticed or claim.document_id in others)}
        for claim in fresh
    ]
    numbers = append(connection, claims.name, rows)
    numbered = dict(zip(numbers, fresh, strict=True))
    words = {n: search_words(claim) for n, claim in numbered.items()}
    spoken = {(words[n], home[claim.document_id].language) for n, claim in numbered.items()}
    _add_vectors(connection, entries, {claim.id: n for n, claim in numbered.items()})
    with beside(connection, len(fresh)) as ask:
        ask(add_words, {pair for said, language in spoken for pair in forms_of(said, language)})
        ask(index_words, words)
        ask(insert, names, [row for number, claim in numbered.items() for row in name_rows(claim, number)])
        ask(index, "claims", {n: set(features(claim)) for n, claim in numbered.items()})
        if not noticed:
            ask(index_names, {n: c for n, c in numbered.items() if c.document_id not in others}, own)


def _add_vectors(connection: Connection, entries: Sequence[Entry], numbers: Mapping[str, int]) -> None:
    """Keep the embeddings of new claims."""
    rows: list[dict[str, Any]] = [
        {"claim": numbers[key], "model": e.embedded_by, "vector": packed(vector)}
        for e in entries
        for key, vector in e.vectors.items()
        if key in numbers
    ]
    append(connection, embeddings.name, sorted(rows, key=lambda row: int(row["claim"])))


def load_vectors(connection: Connection, numbers: Iterable[int], model: str) -> dict[int, Sequence[float]]:
    """The embeddings of claims by one model, by number."""
    query = select(embeddings.c.claim, embeddings.c.vector).where(embeddings.c.model == model)
    rows = rows_with(connection, query, embeddings.c.claim, numbers)
    return {row["claim"]: unpacked(row["vector"]) for row in rows}


def add_findings(connection: Connection, found: Sequence[tuple[Finding, str]]) -> None:
    """New findings, each with the document whose comparison found it, under the key of their two statements."""
    sides = {side for finding, _ in found for side in (finding.a, finding.b)}
    rows = rows_with(connection, select(claims.c.id, claims.c.statement), claims.c.id, sides)
    statement = {row["id"]: row["statement"] for row in rows}
    there = {row["id"] for row in rows_with(connection, select(findings.c.id), findings.c.id, [f.id for f, _ in found])}
    fresh = {f.id: (f, owner) for f, owner in found if f.id not in there}
    append(
        connection,
        findings.name,
        [finding_row(f, pair_key(statement[f.a], statement[f.b]), owner) for f, owner in fresh.values()],
    )


def replaced(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Why documents no longer stand, by id; those that stand are not in it."""
    rows = rows_with(
        connection,
        select(successions.c.seq, successions.c.document_id, successions.c.reason),
        successions.c.document_id,
        ids,
    )
    return reasons(rows)


def withdrawn(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Which of these documents are not compared any more: older versions and retracted ones."""
    query = select(successions.c.document_id).where(successions.c.kind.in_(("revised", "retracted")))
    return {row["document_id"] for row in rows_with(connection, query, successions.c.document_id, ids)}
