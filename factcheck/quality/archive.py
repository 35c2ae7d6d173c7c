"""All dossiers in one ledger, each document compared with everything before it: does memory find what a dossier finds?

The candidates that a ledger gives without a model are scored apart from what the comparison makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from factcheck.ledger.candidates import candidates
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import claims, documents
from factcheck.ledger.store import load_claims, rows_with
from factcheck.ledger.view import report_of
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Problem, Report
from factcheck.pipeline import run_of
from factcheck.quality.evaluate import Key, Score, Tally, score, stands_at
from factcheck.remember import SHOWN, remember


class Remembered(NamedTuple):
    """What a ledger reports on one dossier, and its score."""

    key: Key
    report: Report
    score: Score


async def remember_all(keys: Sequence[Key], place: str, chat: Chat, prompts: Mapping[str, Prompt]) -> list[Remembered]:
    """Add the documents of all keys to a ledger in the order of their dates, and score each dossier.

    The ledger may hold an archive already; the keys' documents are compared with that, too.
    Raises LedgerError.
    """
    ledger = open_ledger(place)
    try:
        every = [document for key in keys for document in key.documents.values()]
        undone = await remember(every, ledger, chat, prompts, run_of(chat, prompts))
        with ledger.reading() as connection:
            return [_scored(connection, key, chat, prompts, undone) for key in keys]
    finally:
        ledger.close()


def _scored(
    connection: Connection, key: Key, chat: Chat, prompts: Mapping[str, Prompt], undone: Sequence[Problem]
) -> Remembered:
    ids = [document.id for document in key.documents.values()]
    own = [p for p in undone if p.document_id in ids]
    report = report_of(connection, ids, run_of(chat, prompts), own)
    sides = [{report.claim(side).document_id for side in (f.a, f.b)} for f in report.findings]
    between = Tally(sum(not side <= {*ids} for side in sides), len(sides))
    near = _candidates(connection, key)
    extra = Score({"candidates found": near.tally, "findings between dossiers": between}, near.misses)
    return Remembered(key, report, score(report, key) + extra)


class _Near(NamedTuple):
    """How many keyed sides the candidates hold, and those that they miss."""

    tally: Tally
    misses: tuple[str, ...]


def _candidates(connection: Connection, key: Key) -> _Near:
    """Of the keyed contradictions between two documents, those whose earlier side is a candidate of the later one."""
    order = _order(connection, key)
    tally, misses = Tally(), []
    for keyed in key.contradictions:
        sides = [keyed["a"], keyed["b"]]
        if sides[0]["doc"] == sides[1]["doc"] or len(order) < len(key.documents):
            continue
        old, new = sorted(sides, key=lambda side: order[key.documents[side["doc"]].id])
        own = load_claims(connection, claims.c.document_id, [key.documents[new["doc"]].id])
        found = [c.claim for c in candidates(connection, list(own.values()))[:SHOWN]]
        hit = any(stands_at(claim, key, old) for claim in found)
        tally += Tally(int(hit), 1)
        if not hit:
            misses.append(f"no candidate {key.name}: {old['doc']} “{old['quote'][:60]}” for {new['doc']}")
    return _Near(tally, tuple(misses))


def _order(connection: Connection, key: Key) -> dict[str, int]:
    """The numbers of the key's documents, by id."""
    ids = [document.id for document in key.documents.values()]
    rows = rows_with(connection, select(documents.c.id, documents.c.seq), documents.c.id, ids)
    return {row["id"]: row["seq"] for row in rows}
