"""Check a whole ledger: every row against its seal, every quote against its document, every id, key, name and index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from factcheck.ledger import log, seals
from factcheck.ledger.evidence import check_row, documents_of, evidence_row, found_flaw, found_of, source_row
from factcheck.ledger.features import features, pair_key, search_words
from factcheck.ledger.kinship import namings
from factcheck.ledger.postings import is_indexed, is_searchable
from factcheck.ledger.rows import claim_row, document_row, finding_row, name_rows, to_document
from factcheck.ledger.schema import (
    MIGRATIONS,
    answers,
    checks,
    claims,
    comparisons,
    documents,
    embeddings,
    evidence,
    findings,
    migrations,
    names,
    problems,
    runs,
    sources,
    successions,
    ties,
    vocabulary,
)
from factcheck.ledger.schema import log as log_table
from factcheck.ledger.words import spoken
from factcheck.models import Claim, Document, Evidence, Finding, Run, Usage
from factcheck.text.proof import claim_flaw, document_flaw, evidence_flaw, evidence_id_flaw

HASHED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (documents, ("id", "sha256", "body", "machine")),
    (claims, ("id", "document_id", "statement", "body", "noticed")),
    (comparisons, ("document_id",)),
    (ties, ("document_id", "written", "name", "shown_in", "start", "end")),
    (answers, ("accusation", "answer")),
    (findings, ("id", "pair", "document_id", "body")),
    (problems, ("document_id", "stage", "code", "message")),
    (successions, ("document_id", "by_document", "kind", "reason")),
    (sources, ("id", "sha256", "body")),
    (checks, ("claim_id", "statement", "outcome", "body", "seen")),
    (evidence, ("id", "claim_id", "document_id", "body")),
    (log_table, ("seq", "hash")),
)

LISTED = 5
"""Words of the vocabulary that are named where they are wrong."""

UNREADABLE = (ValueError, ValidationError, TypeError, KeyError, AttributeError, RecursionError)
"""What rows raise whose JSON somebody damaged."""


def verify(connection: Connection, *, earlier: str | None = None) -> list[str]:
    """What is wrong, one line each with the table and row; an empty list if everything holds.

    With `earlier`, a head that was printed before, also whether all that it stands for is still there.
    """
    found = [*seals.faults(connection)]
    for check in (_documents, _vocabulary, _findings, _sources, _checks, _references, _versions, _file, log.faults):
        try:
            found += check(connection)
        except DBAPIError as error:
            found.append(f"database: {' '.join(str(error.orig).split())[:200]}")
    if earlier is not None and not seals.holds(connection, earlier):
        found.append(f"head: what {earlier[:80]} stands for is not all there, or not as it was")
    return found


def fingerprint(connection: Connection) -> str:
    """One hash over all that a ledger holds; when things were added, and by which run, does not count."""
    whole = hashlib.sha256()
    for table, columns in HASHED:
        query = select(*(table.c[name] for name in columns))
        for line in sorted(json.dumps(list(row), ensure_ascii=False) for row in connection.execute(query)):
            whole.update(f"{table.name} {line}\n".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _documents(connection: Connection) -> Iterator[str]:
    """Documents with their claims, one document in memory at a time."""
    orphans = select(claims.c.id).where(claims.c.document_id.not_in(select(documents.c.id)))
    yield from (f"claims: {key}: its document is missing" for key in connection.execute(orphans).scalars())
    named = 0
    for row in map(dict, connection.execute(select(documents).order_by(documents.c.seq)).mappings()):
        where = f"documents: row {row['seq']} ({row['id']})"
        try:
            document = to_document(row)
            differing = _differing(document_row(document), row)
            flaw = document_flaw(document)
            json.loads(row["recordings"])
        except UNREADABLE:
            yield f"{where}: cannot be read"
            continue
        if flaw:
            yield f"{where}: {flaw}"
        if differing:
            yield f"{where}: {differing} differs from its body"
        own = list(map(dict, connection.execute(select(claims).where(claims.c.document_id == row["id"])).mappings()))
        for claim in own:
            named += yield from _claim(connection, claim, document)
        if not _is_named(connection, own, document):
            yield f"{where}: cannot be found by its names"
    total = int(connection.execute(select(func.count()).select_from(names)).scalar() or 0)
    if total != named:
        lost = select(names.c.name, names.c.claim).where(names.c.claim.not_in(select(claims.c.seq)))
        rows = [f"{name} in claim {number}" for name, number in connection.execute(lost)]
        yield f"names: {total} rows where there should be {named}{': ' + ', '.join(rows[:5]) if rows else ''}"


def _is_named(connection: Connection, own: Sequence[Mapping[str, Any]], document: Document) -> bool:
    """Whether a document can be found by its names; also where its claims cannot be read, which is said of them."""
    try:
        extracted = {row["seq"]: Claim.model_validate_json(row["body"]) for row in own if not row["noticed"]}
    except UNREADABLE:
        return True
    said = [claim for _, claim in sorted(extracted.items())]
    return not said or is_indexed(connection, "documents", min(extracted), namings(said, document))


def _differing(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The columns of a row that are not as its body says, save the body itself, which may be written in another way."""
    return ", ".join(name for name, value in wanted.items() if name != "body" and row[name] != value)


def _claim(connection: Connection, row: Mapping[str, Any], document: Document) -> Generator[str, None, int]:
    """The faults of one claim; returns how many names it has."""
    where = f"claims: row {row['seq']} ({row['id']})"
    try:
        claim = Claim.model_validate_json(row["body"])
        flaw = claim_flaw(claim, document)
        differing = _differing(claim_row(claim, document), row)
        wanted = {(name["name"], name["part"]) for name in name_rows(claim, row["seq"])}
    except UNREADABLE:
        yield f"{where}: cannot be read"
        return 0
    if flaw:
        yield f"{where}: {flaw}"
    if differing:
        yield f"{where}: {differing} differs from its body"
    kept = {(n.name, n.part) for n in connection.execute(select(names).where(names.c.claim == row["seq"]))}
    for name, part in sorted(kept ^ wanted):
        state = "is missing" if (name, part) in wanted else "is not in it"
        yield f"names: {name} as {part} of claim {row['seq']} {state}"
    found = is_indexed(connection, "claims", row["seq"], features(claim))
    if not found or not is_searchable(connection, row["seq"], search_words(claim)):
        yield f"{where}: cannot be found by its words and features"
    return len(kept)


def _vocabulary(connection: Connection) -> Iterator[str]:
    """Whether the words by which claims are found in other forms are those of the claims, and no others."""
    kept = {(row.word, row.stem) for row in connection.execute(select(vocabulary))}
    try:
        wanted = {pair for found in spoken(connection) for pair in found}
    except UNREADABLE:
        return  # said already, of the claim itself
    for word, stem in sorted(kept ^ wanted)[:LISTED]:
        state = "is missing" if (word, stem) in wanted else "is of no claim"
        yield f"vocabulary: {word} with the stem {stem} {state}"


def _findings(connection: Connection) -> Iterator[str]:
    statements = select(claims.c.id, claims.c.statement)
    for row in map(dict, connection.execute(select(findings).order_by(findings.c.seq)).mappings()):
        where = f"findings: row {row['seq']} ({row['id']})"
        try:
            finding = Finding.model_validate_json(row["body"])
        except UNREADABLE:
            yield f"{where}: cannot be read"
            continue
        sides = {s.id: s.statement for s in connection.execute(statements.where(claims.c.id.in_([row["a"], row["b"]])))}
        if differing := _differing(finding_row(finding, row["pair"], row["document_id"]), row):
            yield f"{where}: {differing} differs from its body"
        if len(sides) != len({row["a"], row["b"]}):
            yield f"{where}: one of its claims is missing"
        elif pair_key(sides[row["a"]], sides[row["b"]]) != row["pair"]:
            yield f"{where}: does not have the key of its statements"


def _sources(connection: Connection) -> Iterator[str]:
    """Documents that were found as evidence."""
    for row in map(dict, connection.execute(select(sources).order_by(sources.c.seq)).mappings()):
        where = f"sources: row {row['seq']} ({row['id']})"
        try:
            document = to_document(row)
            flaw, differing = document_flaw(document), _differing(source_row(document), row)
        except UNREADABLE:
            yield f"{where}: cannot be read"
            continue
        yield from (f"{where}: {line}" for line in (flaw, differing and f"{differing} differs from its body") if line)


def _checks(connection: Connection) -> Iterator[str]:
    """What was found about claims: each piece against its document, each check against its pieces."""
    statement = {row.id: row.statement for row in connection.execute(select(claims.c.id, claims.c.statement))}
    for row in map(dict, connection.execute(select(checks).order_by(checks.c.seq)).mappings()):
        where = f"checks: row {row['seq']} (claim {row['claim_id']})"
        own = connection.execute(select(evidence).where(evidence.c.check_seq == row["seq"]).order_by(evidence.c.seq))
        rows = [dict(piece) for piece in own.mappings()]
        try:
            found = found_of(row, rows)
            homes = documents_of(connection, [e.document_id for e in found.evidence])
            flaws = [_piece_flaw(e, homes) for e in found.evidence]
            key = statement.get(found.check.claim_id, "")
            wanted = [evidence_row(e, key, row["seq"]) for e in found.evidence]
            differing = [_differing(check_row(found, key), row), *map(_differing, wanted, rows)]
            flaw = found_flaw(found)
        except UNREADABLE:
            yield f"{where}: it or a piece of its evidence cannot be read"
            continue
        lines = [flaw, *flaws, *(f"{columns} differs from its body" for columns in differing if columns)]
        yield from (f"{where}: {line}" for line in lines if line)
    lost = select(evidence.c.id).where(evidence.c.check_seq.not_in(select(checks.c.seq)))
    yield from (f"evidence: {key}: its check is missing" for key in connection.execute(lost).scalars())


def _piece_flaw(piece: Evidence, homes: Mapping[str, Document]) -> str | None:
    if piece.document_id not in homes:
        return f"the document of evidence {piece.id} is missing"
    return evidence_flaw(piece, homes[piece.document_id]) or evidence_id_flaw(piece)


REFERENCES: tuple[tuple[Table, str, Table, str], ...] = (
    (documents, "run", runs, "id"),
    (comparisons, "run", runs, "id"),
    (comparisons, "document_id", documents, "id"),
    (problems, "run", runs, "id"),
    (problems, "document_id", documents, "id"),
    (ties, "document_id", documents, "id"),
    (ties, "shown_in", documents, "id"),
    (answers, "accusation", claims, "id"),
    (answers, "answer", claims, "id"),
    (findings, "document_id", documents, "id"),
    (successions, "document_id", documents, "id"),
    (successions, "by_document", documents, "id"),
    (embeddings, "claim", claims, "seq"),
    (sources, "run", runs, "id"),
    (checks, "run", runs, "id"),
    (checks, "claim_id", claims, "id"),
    (evidence, "claim_id", claims, "id"),
)


def _references(connection: Connection) -> Iterator[str]:
    """Rows that speak of what is not there, and runs that cannot be read."""
    for table, column, other, key in REFERENCES:
        lost = select(table.c[column]).where(table.c[column].not_in(select(other.c[key])), table.c[column].is_not(None))
        for value in connection.execute(lost.distinct()).scalars():
            yield f"{table.name}: {column} {value} is not among the {other.name}"
    for row in connection.execute(select(runs)).mappings():
        try:
            said = {name: row[name] for name in ("id", "tool", "model", "started")}
            Run(**said, prompts=json.loads(row["prompts"]), inputs=json.loads(row["inputs"] or "[]"), usage=Usage())
        except UNREADABLE:
            yield f"runs: row {row['seq']} ({row['id']}): cannot be read"


def _versions(connection: Connection) -> Iterable[str]:
    numbers = list(connection.execute(select(migrations.c.version).order_by(migrations.c.version)).scalars())
    right = numbers == list(range(1, len(MIGRATIONS) + 1))
    return [] if right else [f"migrations: versions {numbers} where there should be 1 to {len(MIGRATIONS)}"]


def _file(connection: Connection) -> Iterator[str]:
    """Whether a SQLite file is sound."""
    if connection.dialect.name == "sqlite":
        said = [row[0] for row in connection.execute(text("PRAGMA integrity_check(5)"))]
        yield from (f"file: {line}" for line in said if line != "ok")
