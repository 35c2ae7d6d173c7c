"""What was found about claims: kept with the documents that it was found in, and found again for the same statement.

Each check is kept with its pieces as they were then; of one claim the newest counts. Documents that are only evidence
stand apart from those that are compared with each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from factcheck.ids import evidence_id
from factcheck.ledger.features import statement_key
from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import checks, claims, documents, evidence, sources
from factcheck.ledger.seals import append
from factcheck.ledger.store import held, load_documents, note_run, now, rows_with
from factcheck.models import Check, Claim, Document, Evidence, Run
from factcheck.text.orders import speaks_to_weigher
from factcheck.text.proof import check_flaw

SOURCE_COLUMNS = ("id", "title", "publisher", "published", "url", "sha256", "text")


class Found(NamedTuple):
    """What came of looking into one claim."""

    check: Check
    evidence: tuple[Evidence, ...]
    seen: tuple[str, ...] = ()
    """Ids of all documents that the claim was weighed against, also of those that say nothing about it."""


class Known(NamedTuple):
    """What a ledger holds about claims, by the id of the claim, and the documents that it was found in."""

    found: Mapping[str, Found]
    documents: Mapping[str, Document]


def keep(
    connection: Connection, found: Sequence[Found], pages: Iterable[Document], run: Run, *, at: str | None = None
) -> int:
    """Write what was found in the transaction that is open; what is there already as it is, is not written twice.

    Returns how many checks were new. The claims must be there; documents that are there as articles stay so.
    """
    statements = _statements(connection, [one.check.claim_id for one in found])
    last = _newest(connection, checks.c.claim_id, statements)
    fresh = [one for one in found if one.check.claim_id in statements and _is_new(one, last.get(one.check.claim_id))]
    if not fresh:
        return 0
    note_run(connection, run)
    at = at or now()
    cited = {e.document_id for one in fresh for e in one.evidence}
    keep_sources(connection, [page for page in pages if page.id in cited], run, at)
    rows = [{**check_row(one, statements[one.check.claim_id]), "run": run.id, "at": at} for one in fresh]
    numbers = append(connection, checks.name, rows)
    pieces = [
        evidence_row(piece, statements[piece.claim_id], number)
        for number, one in zip(numbers, fresh, strict=True)
        for piece in one.evidence
    ]
    append(connection, evidence.name, pieces)
    return len(fresh)


def known(connection: Connection, wanted: Sequence[Claim]) -> Known:
    """What is known of these claims: their own newest check, else that of the same statement elsewhere, carried over.

    What was found for an article that speaks to the program that reads it is carried over to no other.
    What depends on the article (whether a piece was known then, whose own words it is) is as it was for the claim that
    was looked into; whoever shows it beside another article derives it anew.
    """
    keys = _statements(connection, [claim.id for claim in wanted])
    keys |= {claim.id: statement_key(claim) for claim in wanted if claim.id not in keys}
    own = _newest(connection, checks.c.claim_id, keys)
    alike = _elsewhere(connection, keys.values())
    found = {}
    for claim in wanted:
        if one := own.get(claim.id) or alike.get(keys[claim.id]):
            found[claim.id] = carried(one, claim.id)
    return Known(found, documents_of(connection, [e.document_id for one in found.values() for e in one.evidence]))


def own_checks(connection: Connection, ids: Sequence[str]) -> Known:
    """The newest check of each of these claims that was looked into itself."""
    found = _newest(connection, checks.c.claim_id, ids)
    return Known(found, documents_of(connection, [e.document_id for one in found.values() for e in one.evidence]))


def as_kept(connection: Connection, claim: Claim) -> Found | None:
    """What was found about a claim, else about the same statement elsewhere, under the claim that was looked into."""
    statement = _statements(connection, [claim.id]).get(claim.id, statement_key(claim))
    own = _newest(connection, checks.c.claim_id, [claim.id])
    return own.get(claim.id) or _elsewhere(connection, [statement]).get(statement)


def carried(found: Found, claim: str) -> Found:
    """The same for another claim with the same words."""
    if found.check.claim_id == claim:
        return found
    ids = {
        e.id: evidence_id(claim, e.document_id, e.relation, [(q.start, q.end) for q in e.quotes])
        for e in found.evidence
    }
    pieces = tuple(
        e.model_copy(
            update={
                "id": ids[e.id],
                "claim_id": claim,
                "origin_of": ids.get(e.origin_of or ""),
                "replaced_by": ids.get(e.replaced_by or ""),
            }
        )
        for e in found.evidence
    )
    kept = tuple(ids[key] for key in found.check.evidence if key in ids)
    return Found(found.check.model_copy(update={"claim_id": claim, "evidence": kept}), pieces, found.seen)


def check_row(found: Found, statement: str) -> dict[str, Any]:
    """A row of `checks`, without its number and the run."""
    return {
        "claim_id": found.check.claim_id,
        "statement": statement,
        "outcome": found.check.outcome,
        "body": found.check.model_dump_json(),
        "seen": json.dumps(sorted(found.seen)),
    }


def evidence_row(piece: Evidence, statement: str, check: int) -> dict[str, Any]:
    """A row of `evidence`, without its number; `check` is that of its row in `checks`."""
    shown = ("id", "claim_id", "document_id", "relation", "timing", "origin_of")
    values = {name: getattr(piece, name) for name in shown}
    return {**values, "statement": statement, "check_seq": check, "body": piece.model_dump_json()}


def source_row(document: Document) -> dict[str, Any]:
    """A row of `sources`, without its number and the run."""
    values = {name: getattr(document, name) for name in SOURCE_COLUMNS}
    return {**values, "body": document.model_dump_json(exclude={"text"})}


def documents_of(connection: Connection, ids: Iterable[str]) -> dict[str, Document]:
    """Documents by id, whether they are articles or were found as evidence."""
    wanted = list(dict.fromkeys(ids))
    rows = rows_with(connection, select(sources.c.text, sources.c.body), sources.c.id, wanted)
    return load_documents(connection, wanted) | {d.id: d for d in map(to_document, rows)}


def exported(found: Found) -> dict[str, Any]:
    """A check with its pieces as plain values."""
    pieces = [piece.model_dump(mode="json") for piece in found.evidence]
    return {"check": found.check.model_dump(mode="json"), "evidence": pieces, "seen": list(found.seen)}


def taken_in(value: Mapping[str, Any]) -> Found:
    """What `exported` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    pieces, seen = value["evidence"], value["seen"]
    if not isinstance(pieces, list) or not isinstance(seen, list) or not all(isinstance(key, str) for key in seen):
        raise TypeError("a check has no lists of its evidence and of what was seen")
    own = tuple(Evidence.model_validate(piece) for piece in pieces)
    return Found(Check.model_validate(value["check"]), own, tuple(seen))


def found_flaw(found: Found) -> str | None:
    """Why a check and its pieces cannot belong together, or None."""
    own = {piece.id: piece for piece in found.evidence}
    if len(own) < len(found.evidence) or any(piece.claim_id != found.check.claim_id for piece in found.evidence):
        return f"the evidence of the check of claim {found.check.claim_id} is about another claim, or twice there"
    if any(key not in own for e in found.evidence for key in (e.origin_of, e.replaced_by) if key is not None):
        return f"what evidence of the check of claim {found.check.claim_id} repeats is missing"
    return check_flaw(found.check, own)


def every(connection: Connection) -> Iterator[tuple[Mapping[str, Any], Found]]:
    """All checks that were kept, with their rows, in their order."""
    for row in connection.execute(select(checks).order_by(checks.c.seq)).mappings():
        query = select(evidence).where(evidence.c.check_seq == row["seq"]).order_by(evidence.c.seq)
        yield dict(row), found_of(dict(row), [dict(piece) for piece in connection.execute(query).mappings()])


def keep_sources(connection: Connection, pages: Iterable[Document], run: Run, at: str) -> None:
    """Write documents that are neither articles of the ledger nor there already."""
    by_id = {page.id: page for page in pages}
    tables = (documents, sources)
    there = {row["id"] for t in tables for row in rows_with(connection, select(t.c.id), t.c.id, by_id)}
    fresh = [page for key, page in by_id.items() if key not in there]
    if fresh:
        note_run(connection, run)
    append(connection, sources.name, [{**source_row(page), "run": run.id, "added": at} for page in fresh])


def _statements(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    rows = rows_with(connection, select(claims.c.id, claims.c.statement), claims.c.id, ids)
    return {row["id"]: row["statement"] for row in rows}


def _elsewhere(connection: Connection, statements: Iterable[str]) -> dict[str, Found]:
    """The newest check of each statement, of those for articles that give no orders to the program that reads them."""
    found = rows_with(connection, select(checks), checks.c.statement, statements)
    query = select(claims.c.id, claims.c.document_id)
    homes = {
        row["id"]: row["document_id"]
        for row in rows_with(connection, query, claims.c.id, [check["claim_id"] for check in found])
    }
    hostile = {key for key, state in held(connection, homes.values()).items() if state.machine}
    texts = load_documents(connection, homes.values())
    hostile |= {key for key, d in texts.items() if speaks_to_weigher(d.title, d.publisher, d.text)}
    return _of_rows(connection, [row for row in found if homes.get(row["claim_id"]) not in hostile], "statement")


def _newest(connection: Connection, column: Any, wanted: Iterable[str]) -> dict[str, Found]:
    """The newest check of each claim."""
    return _of_rows(connection, rows_with(connection, select(checks), column, wanted), "claim_id")


def _of_rows(connection: Connection, found: Sequence[Mapping[str, Any]], by: str) -> dict[str, Found]:
    """The newest of these checks for each claim or statement, with its pieces."""
    rows = {row[by]: row for row in sorted(found, key=lambda row: row["seq"])}
    pieces: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows_with(connection, select(evidence), evidence.c.check_seq, [row["seq"] for row in rows.values()]):
        pieces.setdefault(row["check_seq"], []).append(row)
    return {key: found_of(row, sorted(pieces.get(row["seq"], ()), key=lambda r: r["seq"])) for key, row in rows.items()}


def found_of(row: Mapping[str, Any], pieces: Sequence[Mapping[str, Any]]) -> Found:
    """The check of a row with the pieces of these rows."""
    own = tuple(Evidence.model_validate_json(piece["body"]) for piece in pieces)
    return Found(Check.model_validate_json(row["body"]), own, tuple(json.loads(row["seen"])))


def _is_new(found: Found, last: Found | None) -> bool:
    return last is None or last != found._replace(seen=tuple(sorted(found.seen)))
