"""Findings as a desk works with them: filtered, counted and in pages, and one with its context and history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, String, and_, case, column, func, or_, select, table, type_coerce

from factcheck.errors import UsageError
from factcheck.ledger.decide import history
from factcheck.ledger.log import Decision
from factcheck.ledger.lookup import Said, said
from factcheck.ledger.postings import holding
from factcheck.ledger.prefixes import resolve
from factcheck.ledger.schema import claims, documents, findings, names
from factcheck.ledger.speakers import SPEAKS, called, named_like
from factcheck.ledger.store import load_claims, rows_with
from factcheck.ledger.view import answers_to, current, ties_of
from factcheck.ledger.words import meanings
from factcheck.models import Claim, Finding, FindingKind, Tier
from factcheck.order import KINDS
from factcheck.originals import Model
from factcheck.text.dates import iso_date
from factcheck.text.names import folded, merged, renamed

State = Literal["open", "decided", "accepted", "dismissed", "stale", "all"]
"""`decided`: accepted or dismissed. `stale`: rests on a document that no longer stands, whatever was decided."""
Order = Literal["newest", "strongest"]
"""`newest`: by the date of the later statement. `strongest`: strong ones, who changed, full ones, then newest."""

STATES: tuple[State, ...] = get_args(State)
NOBODY = ""
"""As `assigned`: findings that nobody was given."""


class FindingFilter(Model):
    """Which findings: all that is set must hold. Dates are ISO 8601, possibly partial, both ends included."""

    state: State = "open"
    tier: Tier | None = None
    kind: FindingKind | None = None
    speaker: str | None = None
    """A person or body on either side, or for whom was spoken; a part of the name will do."""
    outlet: str | None = None
    """The publisher of either side's document, or a part of its name."""
    since: str | None = None
    """The earliest date of the later statement."""
    until: str | None = None
    assigned: str | None = None
    """To whom it was given; empty for nobody."""
    text: str | None = None
    """Words, all of which stand in one of the statements, its speaker or its topic, in any form or within a word."""


class FindingRow(Model):
    """A finding with all that a list shows of it."""

    finding: Finding
    """With its verdict, and why it is stale."""
    pair: str
    """The key of its two statements, which entries of the log are about."""
    state: Literal["open", "accepted", "dismissed", "stale"]
    a: Said
    b: Said
    assignee: str | None
    comments: int
    """How many, those that were taken back left out."""
    seen: int
    """The number of the last entry of the log about it, 0 without one; hand it to `decide` and `assign`."""


class FindingPage(Model):
    """Some of the findings that a filter lets through."""

    rows: list[FindingRow]
    total: int
    """How many the filter lets through."""
    counts: dict[State, int]
    """How many it would let through with each state."""
    limit: int
    offset: int


class Context(Model):
    """The paragraphs that a claim's words stand in."""

    text: str
    start: int
    """Offset (code points) of `text` in the document; a quote begins at `quote.start - start`."""
    before: bool
    """Whether the document has more text before, and after it."""
    after: bool


class FindingDetail(Model):
    """One finding with everything around it."""

    row: FindingRow
    contexts: tuple[Context, Context]
    """Of sides a and b."""
    also: list[Said]
    """The same statements in other documents."""
    answers: list[Said]
    """What an accused party replied to one of the sides."""
    history: list[Decision]
    """All entries of the log about it, oldest first; an `undo` names the entry that it takes back in `data.seq`."""


STATE_COLUMNS = (
    *("seq", "id", "pair", "kind", "severity", "tier", "state", "stale", "date", "a_seq", "b_seq"),
    *("a_document", "b_document", "a_publisher", "b_publisher"),
    *("decision", "assigned_to", "comments", "last_entry"),
)
states = table("finding_states", *(column(name) for name in STATE_COLUMNS))
SHOWN = tuple(states.c[name] for name in ("id", "pair", "state", "stale", "assigned_to", "comments", "last_entry"))
"""What a row needs of the view; a column that is not asked for costs nothing."""


def queue(
    connection: Connection,
    wanted: FindingFilter,
    *,
    order: Order = "newest",
    limit: int = 50,
    offset: int = 0,
) -> FindingPage:
    """A page of findings with counts. Raises UsageError for a date that is none."""
    query = select(*SHOWN).where(*_conditions(connection, wanted)).order_by(*_order(order))
    every = connection.execute(query).mappings().all()  # once for counts and page: the view is the cost
    sorts = Counter((row["state"], bool(row["stale"])) for row in every)
    belong = {sort for sort in sorts if _is_in(wanted.state, sort[0], stale=sort[1])}
    fitting = [row for row in every if (row["state"], bool(row["stale"])) in belong]
    chosen = fitting[max(0, offset) :][: max(0, limit)]
    return FindingPage(
        rows=rows_of(connection, [dict(row) for row in chosen]),
        total=len(fitting),
        counts={s: sum(n for (state, stale), n in sorts.items() if _is_in(s, state, stale=stale)) for s in STATES},
        limit=limit,
        offset=offset,
    )


def _is_in(wanted: State, state: str, *, stale: bool) -> bool:
    """Whether a finding of this state belongs to a state that was asked for."""
    if wanted == "stale":
        return stale
    return wanted in ("all", state) or (wanted == "decided" and state in ("accepted", "dismissed"))


def ids_of(connection: Connection, wanted: FindingFilter, *, order: Order = "strongest") -> list[str]:
    """The ids of all findings that a filter lets through."""
    query = select(states.c.id).where(*_conditions(connection, wanted), *_in_state(wanted.state))
    return list(connection.execute(query.order_by(*_order(order))).scalars())


def detail(connection: Connection, key: str) -> FindingDetail:
    """One finding, by its id, the key of its statements, or the beginning of either. Raises UsageError."""
    found = resolve(connection, key, "finding")
    ids = select(findings.c.id).where(or_(findings.c.id == found, findings.c.pair == found)).limit(1)
    (row,) = rows_named(connection, [connection.execute(ids).scalar_one()])
    return FindingDetail(
        row=row,
        contexts=(context_of(row.a), context_of(row.b)),
        also=said_of(connection, row.finding.also),
        answers=_replies(connection, row),
        history=history(connection, row.pair),
    )


def rows_named(connection: Connection, ids: Sequence[str]) -> list[FindingRow]:
    """Findings by their ids, as their two statements stand now, in this order."""
    known = rows_with(connection, select(findings.c.id, findings.c.pair), findings.c.id, ids)
    pairs = {row["id"]: row["pair"] for row in known}
    found = rows_of_pairs(connection, pairs.values())
    return [found[pairs[key]] for key in ids]


def rows_of_pairs(connection: Connection, pairs: Iterable[str]) -> dict[str, FindingRow]:
    """Findings as they stand now, by the keys of their two statements; keys of none are missing."""
    rows = rows_with(connection, select(*SHOWN), type_coerce(states.c.pair, String), pairs)
    return {row.pair: row for row in rows_of(connection, rows)}


def context_of(side: Said) -> Context:
    """The paragraphs that a claim's quotes stand in, whole."""
    text, first, last = side.document.text, side.claim.quotes[0].start, side.claim.quotes[-1].end
    start = text.rfind("\n\n", 0, first) + 2 if "\n\n" in text[:first] else 0
    end = text.find("\n\n", last)
    end = end if end >= 0 else len(text)
    return Context(text=text[start:end], start=start, before=start > 0, after=end < len(text))


def rows_of(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[FindingRow]:
    """Rows of the view as values, in their order."""
    kept = {row["id"]: row for row in rows_with(connection, select(findings), findings.c.id, [r["id"] for r in rows])}
    found = current(connection, [kept[row["id"]] for row in rows])
    sides = {s.claim.id: s for s in said_of(connection, (key for f in found for key in (f.a, f.b)))}
    return [
        FindingRow(
            finding=finding,
            pair=row["pair"],
            state=row["state"],
            a=sides[finding.a],
            b=sides[finding.b],
            assignee=row["assigned_to"],
            comments=row["comments"],
            seen=row["last_entry"],
        )
        for row, finding in zip(rows, found, strict=True)
    ]


def said_of(connection: Connection, ids: Iterable[str]) -> list[Said]:
    """Claims under the names that texts and people gave them, with their documents."""
    wanted = list(dict.fromkeys(ids))
    found = load_claims(connection, claims.c.id, wanted).values()
    shown = ties_of(connection, {claim.document_id for claim in found})
    by_id: dict[str, Claim] = {c.id: c for c in merged(renamed(found, shown), called(connection))}
    return said(connection, [by_id[key] for key in wanted if key in by_id])


def rows_about(connection: Connection, document_id: str) -> list[FindingRow]:
    """The findings that have a side in a document, whatever was decided, the strongest first."""
    sides = or_(states.c.a_document == document_id, states.c.b_document == document_id)
    query = select(*SHOWN).where(sides).order_by(*_order("strongest"))
    return rows_of(connection, [dict(row) for row in connection.execute(query).mappings()])


def _replies(connection: Connection, row: FindingRow) -> list[Said]:
    sides = {row.finding.a, row.finding.b}
    return said_of(connection, [r.answer for r in answers_to(connection, sorted(sides)) if r.accusation in sides])


def _in_state(state: State) -> list[ColumnElement[bool]]:
    if state == "all":
        return []
    if state == "stale":
        return [states.c.stale == 1]
    return [states.c.decision.is_not(None) if state == "decided" else states.c.state == state]


def _order(order: Order) -> list[ColumnElement[Any]]:
    kinds = case({kind: place for place, kind in enumerate(KINDS)}, value=states.c.kind, else_=len(KINDS))
    strength = [(states.c.tier == "lead").asc(), kinds.asc(), (states.c.severity == "partial").asc()]
    newest = states.c.date.desc()
    return [newest, *strength, states.c.seq.desc()] if order == "newest" else [*strength, newest, states.c.seq.desc()]


def _conditions(connection: Connection, wanted: FindingFilter) -> list[ColumnElement[bool]]:
    """What holds for the findings that are wanted, their state aside."""
    found: list[ColumnElement[bool]] = []
    found += [states.c.tier == wanted.tier] if wanted.tier else []
    found += [states.c.kind == wanted.kind] if wanted.kind else []
    found += [_spoken(connection, wanted.speaker)] if wanted.speaker else []
    found += [_printed(connection, wanted.outlet)] if wanted.outlet else []
    found += within(states.c.date, wanted.since, wanted.until)
    if wanted.assigned is not None:
        to = wanted.assigned.strip()
        found.append(func.lower(states.c.assigned_to) == to.lower() if to else states.c.assigned_to.is_(None))
    if wanted.text:
        words = [m.every for m in meanings(connection, wanted.text)]
        found.append(or_(*(holding(connection, words, side) for side in (states.c.a_seq, states.c.b_seq))))
    return found


def within(date: ColumnElement[Any], since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    """That a date, possibly partial, lies in a period, both ends included. Raises UsageError for what is no date."""
    found: list[ColumnElement[bool]] = []
    if since:
        found.append(date >= func.substr(_iso(since, "since"), 1, func.length(date)))
    if until:
        last = _iso(until, "until")
        found.append(and_(date != "", func.substr(date, 1, len(last)) <= last))
    return [*found, date != ""] if found else []


def _iso(date: str, option: str) -> str:
    if (known := iso_date(date)) is None:
        raise UsageError(f"--{option}: {date[:40]!r} is no date; write 2024-05-31, 2024-05 or 2024")
    return known


def _spoken(connection: Connection, speaker: str) -> ColumnElement[bool]:
    wanted = {name for group in named_like(connection, speaker) for name in group}
    heard = select(names.c.claim).where(names.c.name.in_(wanted), names.c.part.in_(SPEAKS))
    return or_(states.c.a_seq.in_(heard), states.c.b_seq.in_(heard))


def _printed(connection: Connection, outlet: str) -> ColumnElement[bool]:
    wanted = outlets_like(connection, outlet)
    return or_(states.c.a_publisher.in_(wanted), states.c.b_publisher.in_(wanted))


def outlets_like(connection: Connection, outlet: str) -> list[str]:
    """The publishers of this name, else those whose name has all of its words."""
    known = [p for p in connection.execute(select(documents.c.publisher).distinct()).scalars() if p]
    key = folded(outlet)
    return [p for p in known if folded(p) == key] or [p for p in known if set(key.split()) <= set(folded(p).split())]
