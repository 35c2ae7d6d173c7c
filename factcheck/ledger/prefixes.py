"""Find what a person means by the beginning of an id, as git does with commits."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import Column, Connection, literal, select

from factcheck.errors import UsageError
from factcheck.ledger.schema import claims, documents, findings

Sort = Literal["claim", "finding", "document"]

LISTED = 5
"""Ids that an error lists."""

LONGEST = 40
"""Characters of an unknown id that an error repeats."""


class _Ids(NamedTuple):
    prefix: str
    column: Column[str]
    shown: Column[str]
    where: str


COLUMNS: dict[Sort, tuple[_Ids, ...]] = {
    "claim": (_Ids("c-", claims.c.id, claims.c.text, "`factcheck search` finds ids"),),
    "finding": (
        _Ids("f-", findings.c.id, findings.c.explanation, "`factcheck findings` lists them"),
        _Ids("p-", findings.c.pair, findings.c.explanation, "`factcheck findings` lists them"),
    ),
    "document": (_Ids("d-", documents.c.id, documents.c.title, "`factcheck search` finds them"),),
}

SAYS = {
    ("claim", "finding"): "neither a claim nor a finding",
    ("finding",): "no finding",
    ("document",): "no document",
    ("claim",): "no claim",
}


def resolve(connection: Connection, prefix: str, *sorts: Sort) -> str:
    """The one id that begins with this, with or without its letter; all sorts where none is named.

    Raises UsageError where there is none, and where there are several, which it lists.
    """
    wanted = sorts or ("claim", "finding", "document")
    key = prefix.strip().lower()
    found: dict[str, str] = {}
    for ids in (i for sort in wanted for i in COLUMNS[sort]):
        for value, shown in _beginning(connection, ids, key):
            found.setdefault(value, shown)
    if key in found or len(found) == 1:
        return key if key in found else next(iter(found))
    if found:
        raise UsageError(_several(prefix, found))
    what = SAYS.get(tuple(sorted(wanted)), "no claim, finding or document")
    hint = COLUMNS[wanted[0]][0].where
    raise UsageError(f"{prefix.strip()[:LONGEST] or 'an empty id'}: is {what} of this ledger; {hint}")


def _beginning(connection: Connection, ids: _Ids, key: str) -> list[tuple[str, str]]:
    """The first ids of one sort that begin with a key, each with what it is about."""
    bare = key.removeprefix(ids.prefix)
    if not bare or bare.strip("0123456789abcdef") or (key == bare and ids.prefix == "p-"):
        return []  # a pair has the same finding behind it as an id: without its letter only the id is meant
    first = ids.prefix + bare
    query = select(ids.column, ids.shown).where(ids.column >= literal(first), ids.column < literal(f"{first}g"))
    rows = connection.execute(query.order_by(ids.column).limit(LISTED + 1))
    return [(str(value), str(about or "")) for value, about in rows]


def _several(prefix: str, found: dict[str, str]) -> str:
    listed = [f"{key} ({' '.join(about.split())[:50]})" for key, about in sorted(found.items())[:LISTED]]
    more = " and more" if len(found) > LISTED else ""
    return f"{prefix.strip()}: could be {', '.join(listed)}{more}; write more of the id"
