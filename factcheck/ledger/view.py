"""Reports from the ledger: documents with their claims, findings with decisions, and what became stale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select

from factcheck.ledger.evidence import Known, own_checks
from factcheck.ledger.log import decisions_about, undone
from factcheck.ledger.schema import answers, claims, comparisons, documents, findings, problems, ties
from factcheck.ledger.speakers import called
from factcheck.ledger.store import load_claims, load_documents, replaced, rows_with
from factcheck.models import Answer, Document, Finding, Problem, Report, Run, Tie, Verdict
from factcheck.order import finding_rank, in_time
from factcheck.text.names import merged, renamed

DECISIONS: Mapping[str, Literal["accepted", "dismissed"]] = {"accepted": "accepted", "dismissed": "dismissed"}
"""The actions of the log that are verdicts."""


def report_of(connection: Connection, ids: Sequence[str], run: Run, problems_of_run: Sequence[Problem] = ()) -> Report:
    """What the ledger holds about these documents: their claims, and all findings that have a side in them.

    The other sides of findings come with their documents, after those that were asked for.
    """
    own = load_claims(connection, claims.c.document_id, ids)
    found = findings_with(connection, [claim.id for claim in own.values()])
    replies = answers_to(connection, [claim.id for claim in own.values()])
    sides = {key for f in found for key in (f.a, f.b, *f.also)} | {
        key for r in replies for key in (r.accusation, r.answer)
    }
    sides -= {claim.id for claim in own.values()}
    every = {c.id: c for c in own.values()} | {c.id: c for c in load_claims(connection, claims.c.id, sides).values()}
    order = {key: i for i, key in enumerate(dict.fromkeys([*ids, *sorted(c.document_id for c in every.values())]))}
    homes = load_documents(connection, order)
    looked = own_checks(connection, [c.id for c in every.values()])
    shown = ties_of(connection, order)
    named = {c.id: c for c in merged(renamed(every.values(), shown), called(connection))}
    ordered = sorted(named.values(), key=lambda c: (order[c.document_id], c.quotes[0].start, c.quotes[-1].end, c.id))
    stored = [
        Problem.model_validate({name: row[name] for name in Problem.model_fields})
        for row in sorted(
            rows_with(connection, select(problems), problems.c.document_id, ids),
            key=lambda row: (order[row["document_id"]], row["stage"], row["seq"]),
        )
    ]
    return Report(
        run=run,
        documents=(*(homes[key] for key in order if key in homes), *_pages(looked, homes)),
        claims=tuple(ordered),
        findings=tuple(sorted(found, key=lambda f: finding_rank(f, named, homes))),
        answers=tuple(sorted(replies, key=lambda r: (r.accusation, r.answer))),
        ties=tuple(shown),
        evidence=tuple(e for c in ordered if c.id in looked.found for e in looked.found[c.id].evidence),
        checks=tuple(looked.found[c.id].check for c in ordered if c.id in looked.found),
        problems=(*stored, *(p for p in problems_of_run if p not in stored)),
    )


def _pages(looked: Known, homes: Mapping[str, Document]) -> list[Document]:
    """Documents that evidence was found in, without those that are shown as articles."""
    return in_time(page for key, page in looked.documents.items() if key not in homes)


def ties_of(connection: Connection, ids: Iterable[str]) -> list[Tie]:
    """Who is who in these documents, as texts show it."""
    rows = rows_with(connection, select(ties), ties.c.document_id, ids)
    return [
        Tie.model_validate({name: row[name] for name in Tie.model_fields})
        for row in sorted(rows, key=lambda row: (row["document_id"], row["written"], row["seq"]))
    ]


def answers_to(connection: Connection, ids: Sequence[str]) -> list[Answer]:
    """Replies that have one of these claims as accusation or answer."""
    rows = [
        row for c in (answers.c.accusation, answers.c.answer) for row in rows_with(connection, select(answers), c, ids)
    ]
    return list(dict.fromkeys(Answer(accusation=row["accusation"], answer=row["answer"]) for row in rows))


def holdings(connection: Connection) -> dict[str, int]:
    """How many documents, claims, findings and problems there are, and how many documents wait to be compared."""
    held = {
        t.name: _count(connection, select(func.count()).select_from(t)) for t in (documents, claims, findings, problems)
    }
    done = documents.c.id.in_(select(comparisons.c.document_id))
    return {**held, "waiting": _count(connection, select(func.count()).select_from(documents).where(~done))}


def _count(connection: Connection, query: Any) -> int:
    return int(connection.execute(query).scalar() or 0)


def findings_with(connection: Connection, claim_ids: Sequence[str]) -> list[Finding]:
    """Findings that have one of these claims, or the same statement elsewhere, as a side; each pair once."""
    copy = claims.alias("copy")
    query = select(copy.c.id).join(claims, claims.c.statement == copy.c.statement).distinct()
    sides = [row["id"] for row in rows_with(connection, query, claims.c.id, claim_ids)]
    rows = [
        row for column in (findings.c.a, findings.c.b) for row in rows_with(connection, select(findings), column, sides)
    ]
    rows = sorted({row["seq"]: row for row in rows}.values(), key=lambda row: row["seq"])
    found = zip(rows, current(connection, rows), strict=True)
    once: dict[str, Finding] = {}
    for row, finding in found:  # of one pair the first that still stands
        if row["pair"] not in once or (once[row["pair"]].stale and not finding.stale):
            once[row["pair"]] = finding
    return list(once.values())


def every_finding(connection: Connection) -> list[Finding]:
    """All findings as they stand now, each pair of statements once, in the order in which they were found."""
    rows = [dict(row) for row in connection.execute(select(findings).order_by(findings.c.seq)).mappings()]
    return list({row["pair"]: f for row, f in zip(rows[::-1], current(connection, rows[::-1]), strict=True)}.values())[
        ::-1
    ]


def current(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Rows of `findings` as values, with what was decided, what became stale, and where else it was said."""
    verdicts = verdicts_of(connection, [row["pair"] for row in rows])
    sides = [key for row in rows for key in (row["a"], row["b"])]
    homes = rows_with(connection, select(claims.c.id, claims.c.document_id), claims.c.id, sides)
    home = {row["id"]: row["document_id"] for row in homes}
    gone = replaced(connection, home.values())
    copies = _copies(connection, [key for row in rows for key in (row["a"], row["b"])])
    return [
        Finding.model_validate(
            {
                **json.loads(row["body"]),
                "verdict": verdicts.get(row["pair"]),
                "stale": gone.get(home[row["a"]]) or gone.get(home[row["b"]]),
                "also": [key for key in (*copies[row["a"]], *copies[row["b"]]) if key not in {row["a"], row["b"]}],
            }
        )
        for row in rows
    ]


def _copies(connection: Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each claim the claims that are the same statement, elsewhere."""
    sides = rows_with(connection, select(claims.c.id, claims.c.statement), claims.c.id, ids)
    same: dict[str, list[str]] = {}
    for row in rows_with(
        connection,
        select(claims.c.seq, claims.c.id, claims.c.statement),
        claims.c.statement,
        [row["statement"] for row in sides],
    ):
        same.setdefault(row["statement"], []).append(row["id"])
    return {row["id"]: same[row["statement"]] for row in sides}


def verdicts_of(connection: Connection, pairs: Iterable[str]) -> dict[str, Verdict]:
    """The latest decision about each of these pairs of statements that was not taken back."""
    made = [d for d in decisions_about(connection, pairs) if d.action in DECISIONS]
    gone = undone(connection, [d.seq for d in made])
    return {
        d.subject: Verdict(decision=DECISIONS[d.action], by=d.by, on=d.at, note=d.note)
        for d in made
        if d.seq not in gone
    }


def finding_rows(connection: Connection, id_or_pair: str) -> list[Mapping[str, Any]]:
    """The rows of a finding, by its id or by the key of its statements."""
    where = or_(findings.c.id == id_or_pair, findings.c.pair == id_or_pair)
    found = connection.execute(select(findings).where(where).order_by(findings.c.seq)).mappings()
    return [dict(row) for row in found]
