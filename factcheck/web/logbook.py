"""The log of a ledger, for editors: who decided, added, signed in or was refused, and what became of accounts."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from factcheck.ledger.log import ACTIONS, NOTED, Action, Decision, latest
from factcheck.web.pages import render
from factcheck.web.queue import PER_PAGE, number_of
from factcheck.web.routes import Call, page

SHOWN: dict[str, tuple[Action, ...]] = {
    "all": (*ACTIONS, *NOTED),
    "decisions": ACTIONS,
    "documents": ("added", "retract"),
    "sign-ins": ("sign_in", "refused"),
    "accounts": ("account", "token"),
}
SAYS: dict[Action, str] = {
    "accepted": "accepted",
    "dismissed": "dismissed",
    "comment": "commented on",
    "assign": "gave",
    "undo": "took back entry",
    "merge": "said that these are the same:",
    "split": "said that these are different:",
    "retract": "retracted",
    "added": "added",
    "sign_in": "signed in",
    "refused": "was refused as",
    "account": "changed the account of",
    "token": "changed a token of",
}


class Line(NamedTuple):
    """An entry in words."""

    entry: Decision
    does: str
    subject: str
    link: str | None
    """The page of what it is about, if there is one."""


def logbook(call: Call) -> Response:
    """Entries of the log, the last first."""
    shown, by, number = call.query("show", "all"), call.query("by"), number_of(call.request.query_params)
    with call.desk.ledger.reading() as connection:
        actions = SHOWN.get(shown, SHOWN["all"])
        found, total = latest(connection, actions, by=by, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render(
        call,
        "log.html",
        lines=[_line(entry) for entry in found],
        total=total,
        shown=shown if shown in SHOWN else "all",
        kinds=list(SHOWN),
        by=by,
        number=number,
        pages=max(1, -(-total // PER_PAGE)),
    )


def _line(entry: Decision) -> Line:
    """What an entry says; findings go by their two statements in the log, which a page of its own resolves."""
    subject, link = entry.subject.removeprefix("account "), None
    if entry.action in {"accepted", "dismissed", "comment", "assign"}:
        link = f"/findings/{subject}"
    elif entry.action in {"added", "retract"}:
        link = f"/articles/{subject}"
    if entry.action == "sign_in":
        subject = ""
    elif entry.action == "assign":
        subject = f"{subject} to {entry.data.get('to') or 'nobody'}"
    return Line(entry, SAYS[entry.action], subject, link)


ROUTES = (page("/log", logbook, needs="people"),)
