"""Check a whole ledger: every quote against its document, every id and key, the chain of the log, the indexes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select, text

from factcheck.ledger.features import features, pair_key, search_words, statement_key
from factcheck.ledger.log import faults
from factcheck.ledger.postings import is_indexed
from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import claims, documents, findings, log, problems, successions
from factcheck.models import Claim, Document, Finding, carried, document_id

HASHED = (
    (documents, ("id", "sha256", "body")),
    (claims, ("id", "document_id", "statement", "body")),
    (findings, ("id", "pair", "document_id", "body")),
    (problems, ("document_id", "stage", "code", "message")),
    (successions, ("document_id", "by_document", "kind", "reason")),
    (log, ("seq", "hash")),
)


def verify(connection: Connection) -> list[str]:
    """What is wrong, one line each with the place; an empty list if everything holds."""
    return [*_documents(connection), *_findings(connection), *_file(connection), *faults(connection)]


def fingerprint(connection: Connection) -> str:
    """One hash over all that a ledger holds; when things were added, and by which run, does not count."""
    whole = hashlib.sha256()
    for table, columns in HASHED:
        query = select(*(table.c[name] for name in columns))
        for line in sorted(json.dumps(list(row), ensure_ascii=False) for row in connection.execute(query)):
            whole.update(f"{table.name} {line}\n".encode())
    return whole.hexdigest()


def _documents(connection: Connection) -> Iterator[str]:
    """Documents with their claims, one document in memory at a time."""
    orphans = select(claims.c.id).where(claims.c.document_id.not_in(select(documents.c.id)))
    yield from (f"{key}: its document is missing" for key in connection.execute(orphans).scalars())
    for row in connection.execute(select(documents).order_by(documents.c.seq)).mappings():
        document = to_document(dict(row))
        if hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest() != row["sha256"]:
            yield f"{row['id']}: its text is not the one that was added"
        if document.id != row["id"] or document_id(document) != row["id"]:
            yield f"{row['id']}: does not have the id of its text and fields"
        for own in connection.execute(select(claims).where(claims.c.document_id == row["id"])).mappings():
            yield from _claim(connection, dict(own), document)


def _claim(connection: Connection, row: dict[str, Any], document: Document) -> Iterator[str]:
    claim = Claim.model_validate_json(row["body"])
    try:
        if carried(claim, document).id != row["id"] or claim.id != row["id"]:
            yield f"{row['id']}: does not have the id of its quotes and speaker"
    except ValueError:
        yield f"{row['id']}: its quotes are not in its document"
        return
    if statement_key(claim) != row["statement"]:
        yield f"{row['id']}: does not have the key of its statement"
    shown = (claim.text, claim.kind, claim.attribution.speaker, claim.target, claim.topic)
    if shown != tuple(row[name] for name in ("text", "kind", "speaker", "target", "topic")):
        yield f"{row['id']}: its columns differ from its body"
    if not is_indexed(connection, row["seq"], features(claim), search_words(claim)):
        yield f"{row['id']}: cannot be found by its words and features"


def _findings(connection: Connection) -> Iterator[str]:
    statements = select(claims.c.id, claims.c.statement)
    for row in connection.execute(select(findings)).mappings():
        finding = Finding.model_validate_json(row["body"])
        sides = {s.id: s.statement for s in connection.execute(statements.where(claims.c.id.in_([row["a"], row["b"]])))}
        if (finding.id, finding.a, finding.b) != (row["id"], row["a"], row["b"]):
            yield f"{row['id']}: its columns differ from its body"
        if len(sides) != len({row["a"], row["b"]}):
            yield f"{row['id']}: one of its claims is missing"
        elif pair_key(sides[row["a"]], sides[row["b"]]) != row["pair"]:
            yield f"{row['id']}: does not have the key of its statements"


def _file(connection: Connection) -> Iterator[str]:
    """Whether a SQLite file is sound."""
    if connection.dialect.name == "sqlite":
        said = [row[0] for row in connection.execute(text("PRAGMA integrity_check(5)"))]
        yield from (f"file: {line}" for line in said if line != "ok")
