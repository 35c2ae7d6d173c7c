"""The log of a ledger, for editors: who decided, added, signed in or was refused, and what became of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.responses import Response

from factcheck.ledger.connection import Ledger
from factcheck.ledger.findings import rows_of_pairs
from factcheck.ledger.log import ACTIONS, NOTED, Action, Decision, latest
from factcheck.ledger.speakers import as_written
from factcheck.ledger.store import load_documents
from factcheck.web.cards import card_of
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
ON_FINDINGS: frozenset[Action] = frozenset({"accepted", "dismissed", "comment", "assign"})
ON_ARTICLES: frozenset[Action] = frozenset({"added", "retract"})
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
    to: str = ""
    """To whom it was given."""


def logbook(call: Call) -> Response:
    """Entries of the log, the last first."""
    shown, by, number = call.query("show", "all"), call.query("by"), number_of(call.request.query_params)
    with call.desk.ledger.reading() as connection:
        actions = SHOWN.get(shown, SHOWN["all"])
        found, total = latest(connection, actions, by=by, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    names = _names(call.desk.ledger, found)
    return render(
        call,
        "log.html",
        lines=[_line(entry, names) for entry in found],
        total=total,
        shown=shown if shown in SHOWN else "all",
        kinds=list(SHOWN),
        by=by,
        number=number,
        pages=max(1, -(-total // PER_PAGE)),
    )


def _names(ledger: Ledger, entries: Sequence[Decision]) -> dict[str, str]:
    """What articles and findings are called, by what the log calls them."""
    with ledger.reading() as connection:
        articles = load_documents(connection, [d.subject for d in entries if d.action in ON_ARTICLES])
        found = rows_of_pairs(connection, [d.subject for d in entries if d.action in ON_FINDINGS])
        written = as_written(connection, entries)
    cards = {pair: card_of(row) for pair, row in found.items()}
    called = {pair: f"{' and '.join(card.names)}: {card.label}" for pair, card in cards.items()}
    called |= {d.subject: written[d.seq] for d in entries if d.seq in written}
    return called | {key: document.title or document.name for key, document in articles.items()}


def _line(entry: Decision, names: Mapping[str, str]) -> Line:
    """What an entry says; findings go by their two statements in the log, which a page of its own resolves."""
    subject = names.get(entry.subject, entry.subject.removeprefix("account "))
    link = None
    if entry.action in ON_FINDINGS:
        link = f"/findings/{entry.subject}"
    elif entry.action in ON_ARTICLES:
        link = f"/articles/{entry.subject}"
    to = f"to {entry.data.get('to') or 'nobody'}" if entry.action == "assign" else ""
    return Line(entry, SAYS[entry.action], "" if entry.action == "sign_in" else subject, link, to)


ROUTES = (page("/log", logbook, needs="people", kept=True),)
