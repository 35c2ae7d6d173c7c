"""Take a ledger out as JSONL and in again: runs, then documents with all that was found in them, then decisions."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from factcheck.errors import UsageError
from factcheck.ledger import log
from factcheck.ledger.connection import Ledger
from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import claims, documents, embeddings, findings, problems, runs
from factcheck.ledger.store import Entry, add, withdraw
from factcheck.ledger.vectors import unpacked
from factcheck.models import Claim, Document, Finding, Problem, Run, Usage

FORMAT = "factcheck.ledger/1"
TOGETHER = 500
"""Documents of one transaction when a ledger is read in."""


def export(connection: Connection) -> Iterator[str]:
    """The lines of a whole ledger, in the order in which it grew; the same ledger gives the same lines."""
    yield _line({"type": "ledger", "format": FORMAT})
    for row in connection.execute(select(runs).order_by(runs.c.id)).mappings():
        inputs = json.loads(row["inputs"] or "[]")
        yield _line({"type": "run", **row, "prompts": json.loads(row["prompts"]), "inputs": inputs})
    for row in connection.execute(select(documents).order_by(documents.c.seq)).mappings():
        key = row["id"]
        yield _line(
            {
                "type": "document",
                "document": to_document(dict(row)).model_dump(mode="json"),
                "claims": _bodies(connection, claims, key),
                "findings": _bodies(connection, findings, key),
                "problems": [
                    {name: p[name] for name in Problem.model_fields}
                    for p in connection.execute(select(problems).where(problems.c.document_id == key)).mappings()
                ],
                "recordings": json.loads(row["recordings"]),
                "embeddings": _vectors(connection, key),
                "run": row["run"],
                "added": row["added"],
            }
        )
    for decision in log.decisions(connection, *log.ACTIONS):
        yield _line({"type": "decision", **decision.model_dump()})


def _vectors(connection: Connection, document: str) -> dict[str, dict[str, str]]:
    """The embeddings of a document's claims by model and claim, as base64 of their bytes."""
    query = select(embeddings.c.model, claims.c.id, embeddings.c.vector).join(
        claims, claims.c.seq == embeddings.c.claim
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query.where(claims.c.document_id == document).order_by(claims.c.seq)):
        found.setdefault(row.model, {})[row.id] = base64.b64encode(row.vector).decode()
    return found


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _bodies(connection: Connection, table: Any, document: str) -> list[Any]:
    query = select(table.c.body).where(table.c.document_id == document).order_by(table.c.seq)
    return [json.loads(body) for body in connection.execute(query).scalars()]


def read_in(ledger: Ledger, lines: Iterable[str], name: str) -> int:
    """Add an export to a ledger; what is there already stays as it is. Returns how many documents were new.

    Raises UsageError that names the line for anything that is no export; what came before that line is kept.
    """
    known: dict[str, Run] = {}
    waiting: list[tuple[Entry, str, str]] = []
    new = 0
    for number, line in enumerate(lines, 1):
        try:
            new += _read_line(ledger, json.loads(line), known, waiting, first=number == 1)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())[:160]
            raise UsageError(f"{name}, line {number}: is no line of an exported ledger ({reason})") from None
    return new + _flush(ledger, waiting, known)


def _read_line(
    ledger: Ledger, value: dict[str, Any], known: dict[str, Run], waiting: list[tuple[Entry, str, str]], *, first: bool
) -> int:
    kind = value.pop("type")
    if first and (kind, value.get("format")) != ("ledger", FORMAT):
        raise ValueError(f"it does not begin with the format {FORMAT}")
    if kind == "run":
        known[value["id"]] = Run(**value, usage=Usage())
    elif kind == "document":
        entry = Entry(
            Document.model_validate(value["document"]),
            [Claim.model_validate(claim) for claim in value["claims"]],
            [Finding.model_validate(finding) for finding in value["findings"]],
            [Problem.model_validate(problem) for problem in value["problems"]],
            value["recordings"],
        )
        for model, vectors in value["embeddings"].items():
            by_claim = {key: unpacked(base64.b64decode(kept)) for key, kept in vectors.items()}
            entry = entry._replace(vectors=by_claim, embedded_by=model)
        waiting.append((entry, value["run"], value["added"]))
        return _flush(ledger, waiting, known) if len(waiting) >= TOGETHER else 0
    elif kind == "decision":
        new = _flush(ledger, waiting, known)
        _decide(ledger, value)
        return new
    return 0


def _flush(ledger: Ledger, waiting: list[tuple[Entry, str, str]], known: dict[str, Run]) -> int:
    """Write what waits, each run's documents in their order."""
    new = 0
    if waiting:
        with ledger.writing() as connection:
            for entry, run, added in waiting:
                new += len(add(connection, [entry], known[run], at=added))
        waiting.clear()
    return new


def _decide(ledger: Ledger, value: dict[str, Any]) -> None:
    """A decision goes to the end of the log, unless it stands there already."""
    decision = log.Decision.model_validate({**value, "seq": 0})
    with ledger.writing() as connection:
        if decision in [d.model_copy(update={"seq": 0}) for d in log.decisions(connection, decision.action)]:
            return
        if decision.action == "retract":
            reason = f"retracted by {decision.by}{f': {decision.note}' if decision.note else ''}"
            withdraw(connection, decision.subject, reason, decision.at)
        log.append(connection, **decision.model_dump(exclude={"seq"}))
