"""What there is to do: documents and addresses, each once, and why one of them failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from factcheck.ids import content_id
from factcheck.ledger.connection import Ledger
from factcheck.models import Document
from factcheck.redaction import redacted
from factcheck.work.tables import SOON, answers, items

MANY = 500

_NOTED = text(
    "UPDATE work_items SET job = made.job "
    "FROM unnest(CAST(:ids AS text[]), CAST(:jobs AS bigint[])) AS made(id, job) WHERE work_items.id = made.id"
)
_LOADED = text(
    "SELECT id, name, document, address, (SELECT json_object_agg(asked, body) FROM work_answers WHERE item = :key) "
    "AS answers FROM work_items WHERE id = :key"
)
_FINISHED = text(
    f"{SOON}, gone AS (DELETE FROM work_answers WHERE item = :key) UPDATE work_items "  # noqa: S608  (our own names)
    "SET document = NULL, address = NULL, code = NULL, error = NULL FROM soon WHERE id = :key"
)
_ANSWERED = text(
    f"{SOON} INSERT INTO work_answers (item, asked, body) SELECT :key, :asked, :body FROM soon "  # noqa: S608
    "ON CONFLICT (item, asked) DO UPDATE SET body = excluded.body"
)


class Item(NamedTuple):
    """A document, or an address to read it from."""

    id: str
    name: str
    document: Document | None
    address: str | None
    answers: Mapping[str, str] = {}
    """What the endpoint has answered about it before, by the hash of the request."""


def item_of(source: Document | str) -> Item:
    """The item of a document or an address."""
    if isinstance(source, Document):
        return Item(source.id, source.name, source, None)
    return Item(content_id("a", source), source, None, source)


def put(ledger: Ledger, new: Sequence[Item]) -> list[str]:
    """Note items; returns the ids of those that have no job yet."""
    waiting: list[str] = []
    for start in range(0, len(new), MANY):
        part = new[start : start + MANY]
        rows = [{"id": i.id, "name": i.name, "document": _packed(i.document), "address": i.address} for i in part]
        with ledger.beside() as connection:
            connection.execute(insert(items).values(rows).on_conflict_do_nothing())
            ids = select(items.c.id).where(items.c.id.in_([i.id for i in part]), items.c.job.is_(None))
            there = set(connection.execute(ids).scalars())
        waiting += [i.id for i in part if i.id in there]
    return waiting


def note_jobs(ledger: Ledger, jobs: Mapping[str, int]) -> None:
    """Which job does which item."""
    with ledger.singly(writes=True) as connection:
        connection.execute(_NOTED, {"ids": list(jobs), "jobs": list(jobs.values())})


def load(ledger: Ledger, key: str) -> Item | None:
    """An item by its id; None where it is done or unknown."""
    with ledger.singly() as connection:
        row = connection.execute(_LOADED, {"key": key}).mappings().first()
    if row is None or (row["document"] is None and row["address"] is None):
        return None
    return Item(row["id"], row["name"], _unpacked(row["document"]), row["address"], row["answers"] or {})


def finished(ledger: Ledger, key: str) -> None:
    """It is in the ledger: what it holds is not kept twice, and its answers are no longer needed."""
    with ledger.singly(writes=True) as connection:
        connection.execute(_FINISHED, {"key": key})


def keep_answer(ledger: Ledger, key: str, asked: str, body: str) -> None:
    """Keep what was paid for, for whoever does the item if this worker dies."""
    with ledger.singly(writes=True) as connection:
        connection.execute(_ANSWERED, {"key": key, "asked": asked, "body": body})


def forget_answer(ledger: Ledger, key: str, asked: str) -> None:
    """Drop an answer that nobody could use, so that whoever does the item next asks again."""
    with ledger.singly(writes=True) as connection:
        connection.execute(answers.delete().where(answers.c.item == key, answers.c.asked == asked))


def failed(ledger: Ledger, key: str, code: str, error: str, *, counts: bool) -> int:
    """Note why it failed; returns how often it has, of those that count."""
    change = (
        items.update()
        .where(items.c.id == key)
        .values(code=code, error=redacted(error), failures=items.c.failures + int(counts))
    )
    with ledger.singly(writes=True) as connection:
        return int(connection.execute(change.returning(items.c.failures)).scalar() or 0)


def _packed(document: Document | None) -> str | None:
    if document is None:
        return None
    return json.dumps({**json.loads(document.model_dump_json(exclude={"text"})), "text": document.text})


def _unpacked(row: str | None) -> Document | None:
    return Document.model_validate(json.loads(row)) if row else None
