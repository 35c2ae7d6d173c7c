"""Decide about findings, one or several at once; comment, assign, take back; say who was quicker; retract articles."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import Response

from factcheck.errors import Conflict, UsageError
from factcheck.ledger.log import Decision, entry, undone
from factcheck.web.cards import Card, cards_of
from factcheck.web.guard import Refusal
from factcheck.web.pages import render
from factcheck.web.routes import Call, go, own_path, page

MOST = 100
"""Findings that are decided together."""

SAYS = {
    "accepted": "accepted",
    "dismissed": "dismissed",
    "comment": "commented on",
    "assign": "assigned",
    "undo": "taken back",
    "merge": "merged",
    "split": "split",
}


class Done(NamedTuple):
    """What somebody just did, for a line on the next page."""

    text: str
    entries: str
    """Numbers of the log entries that can be taken back, or empty."""


class Quicker(NamedTuple):
    """A finding about which somebody else wrote meanwhile."""

    key: str
    conflict: Conflict
    card: Card | None


def decide(call: Call) -> Response:
    """Do what a form says with the findings that it names, and go back to where it came from."""
    do, _, only = call.text("act").partition(":")
    keys = [only] if only else call.texts("key")[:MOST]
    if not do:  # Enter in a field: a name gives what is marked, anything else does nothing
        do, keys = "assign", keys if call.text("to") else []
    if do == "undo" and call.text("entries"):
        return _went_on(call, _taken_back(call))
    if not keys:
        return _went_on(call, [])
    made: list[Decision] = []
    quicker: list[tuple[str, Conflict]] = []
    for key in keys:
        try:
            made.append(_one(call, do, key))
        except Conflict as conflict:
            quicker.append((key, conflict))
    return _conflict(call, do, quicker, made) if quicker else _went_on(call, made)


def _one(call: Call, do: str, key: str) -> Decision:
    """One thing about one finding. Raises Conflict, UsageError, and Refusal for what cannot be done."""
    ledger, by, note = call.desk.ledger, call.who.name, _note(call)
    number = call.text(f"seen-{key}")
    known: dict[str, Any] = {
        "seen": int(number[:15]) if number.isascii() and number.isdigit() else 0,
        "override": call.text("override") == "yes",
    }
    if do == "accept":
        return ledger.decide(key, "accepted", by=by, note=note, **known)
    if do == "dismiss":
        return ledger.decide(key, "dismissed", by=by, note=note, **known)
    if do == "comment":
        return ledger.comment(key, note, by=by)
    if do == "assign":
        return ledger.assign(key, call.text("to") or None, by=by, **known)
    if do == "undo":
        return ledger.undo(key, by=by, note=note, **known)
    raise Refusal(400, "say what is to be done: accept, dismiss, comment, assign or undo")


def _note(call: Call) -> str:
    """Reason and words of a form; either may be empty."""
    given = [next((value for value in call.texts(name) if value.strip()), "") for name in ("reason", "note")]
    return ": ".join(part.strip() for part in given if part)


def _taken_back(call: Call) -> list[Decision]:
    """Take back entries by their numbers; those that were taken back meanwhile stay so."""
    numbers = [int(part) for part in call.text("entries").split()[:MOST] if part.isascii() and part.isdigit()]
    made = []
    for number in reversed(numbers):
        _may_take_back(call, number)
        try:
            made.append(call.desk.ledger.undo(number, by=call.who.name))
        except UsageError:
            if len(numbers) == 1:
                raise
    return made


def _may_take_back(call: Call, number: int) -> None:
    """Refuse to take back who is who for somebody who may not say it."""
    with call.desk.ledger.reading() as connection:
        kept = entry(connection, number)
    if kept is not None and kept.action in {"merge", "split"} and not call.who.may("people"):
        raise Refusal(403, "who is who is for editors")


def _went_on(call: Call, made: list[Decision]) -> Response:
    """Back to where the form came from, with the numbers of what was done."""
    parts = urlsplit(own_path(call.text("back") or "/"))
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "did"]
    did = [("did", ".".join(str(d.seq) for d in made))] if made else []
    query = urlencode([*kept, *did])
    return go(parts.path + (f"?{query}" if query else ""))


def _conflict(call: Call, do: str, quicker: list[tuple[str, Conflict]], made: list[Decision]) -> Response:
    """Show who was quicker; to decide all the same is a form of its own."""
    shown = []
    for key, conflict in quicker:
        detail = call.desk.ledger.finding(key)
        shown.append(Quicker(key, conflict, cards_of([detail.row])[0]))
    values = {"do": do, "quicker": shown, "made": made, "back": own_path(call.text("back") or "/"), "says": SAYS}
    given = {"note": call.text("note"), "reason": call.text("reason"), "to": call.text("to")}
    return render(call, "conflict.html", 409, given=given, **values)


def done_of(call: Call) -> Done | None:
    """What the address says was just done by the one who reads; null for anybody else."""
    numbers = [int(n) for n in call.query("did").split(".")[:MOST] if n.isascii() and n.isdigit() and len(n) < 16]  # noqa: PLR2004
    if not numbers or call.person is None:
        return None
    with call.desk.ledger.reading() as connection:
        every = [d for d in (entry(connection, n) for n in numbers) if d and d.action in SAYS]
        found = [d for d in every if d.by == call.person.name]
        gone = undone(connection, [d.seq for d in found])
    if not found:
        return None
    what, number = SAYS.get(found[0].action, found[0].action), len(found)
    text = f"{number} entries of yours: {what}" if number > 1 else f"Done: {what}"
    back = [str(d.seq) for d in found if d.seq not in gone and d.action != "undo"]
    return Done(text, " ".join(back))


def retract(call: Call) -> Response:
    """Say that an article no longer stands; findings that rest on it are stale from then on."""
    key = call.desk.ledger.resolve(call.path("key"), "document")
    if not call.text("note"):
        raise Refusal(400, "say why the article no longer stands; others read it beside every statement of it")
    call.desk.ledger.retract(key, by=call.who.name, note=call.text("note"))
    return go(f"/articles/{key}")


ROUTES = (
    page("/decide", decide, needs="decide", methods=("POST",)),
    page("/articles/{key}/retract", retract, needs="people", methods=("POST",)),
)
