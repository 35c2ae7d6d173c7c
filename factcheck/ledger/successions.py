"""Which documents no longer stand: later versions, corrections and retractions, each from where the first one came.

Anybody can write an address into a file. So a document supersedes another one only if it has the same publisher and
came from the same site, or like the other from a file; anything else is a problem that a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, or_, select

from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import documents, successions
from factcheck.ledger.seals import append
from factcheck.models import Document, Problem
from factcheck.text.names import folded

DONE = {"corrected": "corrects", "retracted": "retracts"}


class Succeeded(NamedTuple):
    """What a new document supersedes or is superseded by, as rows, and what a person must decide."""

    rows: list[dict[str, Any]]
    problems: list[Problem]


def succeed(connection: Connection, document: Document, at: str) -> list[Problem]:
    """Say which documents no longer stand now that this one is there; what it only claims comes back."""
    found = Succeeded([], [])
    for other in _related(connection, document):
        _versions(document, other, found)
        for new, old in ((document, other), (other, document)):
            _corrections(new, old, document, found)
    append(connection, successions.name, [{**row, "at": at} for row in found.rows])
    return list(dict.fromkeys(found.problems))


def _related(connection: Connection, document: Document) -> Iterator[Document]:
    """Other documents with one of its addresses."""
    addresses = [a for a in (document.url, document.corrects, document.retracts) if a]
    if not addresses:
        return
    where: list[ColumnElement[bool]] = [documents.c.url.in_(addresses)]
    if document.url:
        where += [documents.c.corrects == document.url, documents.c.retracts == document.url]
    query = select(documents.c.text, documents.c.body).where(or_(*where), documents.c.id != document.id)
    for row in connection.execute(query.order_by(documents.c.seq)).mappings().all():
        yield to_document(dict(row))


def _versions(document: Document, other: Document, found: Succeeded) -> None:
    """Two texts at one address: the later one stands, if it came from where the other did."""
    if not document.url or document.url != other.url:
        return
    older = bool(document.published and other.published and document.published < other.published)
    old, new = (document, other) if older else (other, document)
    if same_origin(document, other):
        row = {"document_id": old.id, "by_document": new.id, "kind": "revised", "reason": "a later version exists"}
        found.rows.append(row)
    elif document.sha256 != other.sha256:
        found.problems.append(_undecided(new, old, "has its address and another text"))


def _corrections(new: Document, old: Document, document: Document, found: Succeeded) -> None:
    for kind, field in DONE.items():
        if not old.url or getattr(new, field) != old.url:
            continue
        if same_origin(new, old):
            when = f" on {new.published}" if new.published else ""
            by = new.publisher or (new.name if new.id == document.id else new.title or new.id)
            found.rows.append(
                {"document_id": old.id, "by_document": new.id, "kind": kind, "reason": f"{kind} by {by}{when}"}
            )
        else:
            found.problems.append(_undecided(new, old, f"says that it {field} it"))


def _undecided(new: Document, old: Document, claim: str) -> Problem:
    message = (
        f"{new.name}: {claim}, but does not come from where {old.name} came, which stays as it is; "
        f"if that one no longer stands: factcheck ledger retract {old.id} --by NAME --note WHY"
    )
    return Problem(stage="read", code="other_origin", document_id=new.id, message=message)


def same_origin(a: Document, b: Document) -> bool:
    """Whether two documents have one publisher and came from one site, or both from files."""
    known = folded(a.publisher or "")
    return bool(known) and known == folded(b.publisher or "") and site(a) == site(b)


def site(document: Document) -> str | None:
    """The host that answered when a document was fetched; None for a file, which may name any address."""
    address = document.origin.address if document.origin else None
    host = urlsplit(address).hostname if address else None
    return host.removeprefix("www.") if host else None


def withdraw(connection: Connection, document: str, reason: str, at: str) -> None:
    """Say that a document no longer stands, because a person decided so."""
    row = {"document_id": document, "by_document": None, "kind": "retracted", "reason": reason, "at": at}
    append(connection, successions.name, [row])


def reasons(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The last reason for each document."""
    return {row["document_id"]: row["reason"] for row in sorted(rows, key=lambda row: row["seq"])}
