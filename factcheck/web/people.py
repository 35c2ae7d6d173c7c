"""Who is who: names that may be one person's, which a person merges or keeps apart, and what was decided so far."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from factcheck.ledger.log import Decision, decisions
from factcheck.ledger.speakers import as_written
from factcheck.web.decisions import done_of
from factcheck.web.guard import Refusal
from factcheck.web.kept import UNFINISHED
from factcheck.web.pages import render
from factcheck.web.routes import Call, go, page

MOST_DECIDED = 60
MOST_SPEAKERS = 25


class Decided(NamedTuple):
    """A merge or split, and whether it was taken back."""

    entry: Decision
    names: str
    gone: bool


def people(call: Call) -> Response:
    """Suggestions, everybody by name, and what was decided."""
    name, ledger = call.query("name"), call.desk.ledger
    suggested = call.desk.suggestions.now()
    with ledger.reading() as connection:
        history = decisions(connection, "merge", "split", "undo")
        last = [entry for entry in reversed(history) if entry.action != "undo"][:MOST_DECIDED]
        written = as_written(connection, last)
    gone = {entry.data.get("seq") for entry in history if entry.action == "undo"}
    response = render(
        call,
        "people.html",
        suggested=suggested.pairs if suggested else [],
        more=suggested.total - len(suggested.pairs) if suggested else 0,
        looking=suggested is None,
        speakers=ledger.speakers(name or None, limit=MOST_SPEAKERS),
        name=name,
        decided=[Decided(entry, written[entry.seq], entry.seq in gone) for entry in last],
        done=done_of(call),
    )
    if suggested is None:
        response.headers["cache-control"] = UNFINISHED  # the next look may find them
    return response


def decide(call: Call) -> Response:
    """Merge two names, or keep them apart."""
    do, a, b = call.text("do"), call.text("a"), call.text("b")
    ledger, by, note = call.desk.ledger, call.who.name, call.text("note")
    if do == "merge":
        made = ledger.merge(a, b, by=by, note=note)
    elif do == "split":
        made = ledger.split(a, b, by=by, note=note)
    else:
        raise Refusal(400, "say whether two names are merged or kept apart")
    return go(f"/people?did={made.seq}")


ROUTES = (
    page("/people", people, kept=True),
    page("/people", decide, needs="people", methods=("POST",), name="decide_people"),
)
