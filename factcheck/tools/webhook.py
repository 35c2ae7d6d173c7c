"""Tell a webhook of new strong findings and of decisions: signed, tried again until it is taken, in their order.

Messages are signed as the specification Standard Webhooks says; `text` is what Slack and its kind show.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.fetch import post
from factcheck.ledger import outbox
from factcheck.ledger.connection import Ledger
from factcheck.ledger.log import Decision
from factcheck.outputs.inert import as_json, one_line
from factcheck.settings import Settings
from factcheck.tools import lookups
from factcheck.tools.shapes import FindingCard, Shape, Statement

HELD = 120.0
"""Seconds for which one sender has a webhook for itself; an answer is waited for much shorter."""

FIRST, LONGEST = 5.0, 3_600.0
"""Seconds until a message is tried again: the first time, and at most; they double."""

REFUSED = frozenset({400, 413, 422})
"""Answers that say that the message itself cannot be taken."""

MOST_REFUSALS = 5
"""Times that a message itself is refused, until those behind it are sent without it."""

MANY = 100
SHOWN = 300
"""Characters of a quote in `text`."""


class Event(Shape):
    """What a webhook is sent."""

    type: Literal["finding.new", "finding.decided"]
    at: str | None
    """When it was decided (ISO 8601, UTC)."""
    text: str
    """For chats: who contradicts what, with both quotes; marked up as Slack does."""
    address: str | None
    """Of the finding's page on the desk."""
    finding: FindingCard
    decision: Decision | None


class Sent(NamedTuple):
    """What came of telling a webhook."""

    sent: int
    problem: str | None
    """Why the next message was not taken; it is tried again."""


@dataclass(frozen=True)
class Webhook:
    """Where to, and how."""

    address: str
    secret: str | None
    private: bool
    desk: str | None = None
    """The address of the desk, for links."""
    clock: Callable[[], float] = time.time

    @property
    def destination(self) -> str:
        """What the ledger calls it: nothing that lets anybody in."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """What messages call it."""
        return urlsplit(self.address).hostname or ""

    def headers(self, key: str, body: bytes) -> dict[str, str]:
        """What goes with a message: its id, the time, and the signature over both and the body."""
        now = str(int(self.clock()))
        signed = {"webhook-signature": signature(self.secret, key, now, body)} if self.secret else {}
        return {"content-type": "application/json", "webhook-id": key, "webhook-timestamp": now, **signed}


def webhook_of(settings: Settings, desk: str | None = None) -> Webhook | None:
    """The webhook that is set, if one is."""
    if not settings.webhook:
        return None
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    private = settings.webhook_private or _is_named_by_number(urlsplit(settings.webhook).hostname or "")
    return Webhook(settings.webhook, secret, private, desk)


def _is_named_by_number(host: str) -> bool:
    """Whether somebody wrote the numeric address itself, or means this machine."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def signature(secret: str, key: str, at: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    known = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(known, f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def begin(ledger: Ledger, hook: Webhook) -> None:
    """Let a webhook be told of what comes from now on; one that is known goes on where it was."""
    with ledger.writing() as connection:
        outbox.begin(connection, hook.destination)


def waits(ledger: Ledger, hook: Webhook) -> int:
    """How many messages were not taken yet; at most 100 are counted."""
    with ledger.reading() as connection:
        place = outbox.place_of(connection, hook.destination)
        return len(outbox.news(connection, place, MANY)) if place else 0


def deliver(ledger: Ledger, hook: Webhook, *, most: int | None = None) -> Sent:
    """Send what waits, until there is nothing more or a message is not taken; another sender at work is left alone.

    Must not be called where an event loop runs. Raises LedgerError.
    """
    sent = 0
    while sent != most and _is_due(ledger, hook):
        with ledger.writing() as connection:
            place = outbox.hold(connection, hook.destination, hook.clock(), HELD)
            news = outbox.news(connection, place, 1) if place else []
        if place is None or not news:
            break
        try:
            done, problem = _send(ledger, hook, place, news[0])
        finally:
            with ledger.writing() as connection:
                outbox.let_go(connection, hook.destination)
        sent += done
        if problem:
            return Sent(sent, problem)
    return Sent(sent, None)


def _is_due(ledger: Ledger, hook: Webhook) -> bool:
    """Whether there is something to send now, without a place in the queue of writers."""
    with ledger.reading() as connection:
        place = outbox.place_of(connection, hook.destination)
        is_free = place is not None and max(place.due, place.held) <= hook.clock()
        return bool(place and is_free and outbox.news(connection, place, 1))


def _send(ledger: Ledger, hook: Webhook, place: outbox.Place, news: outbox.News) -> tuple[bool, str | None]:
    """Send one message, and note what came of it: whether it was taken, and why not."""
    event = event_of(ledger, news, hook.desk)
    problem, wait, refused = None, 0.0, False
    if event is not None:
        problem, wait, refused = _posted(hook, _key(news), as_json(event.model_dump_json()).encode())
    with ledger.writing() as connection:
        if problem is None or (refused and place.tries + 1 >= MOST_REFUSALS):
            outbox.taken(connection, hook.destination, news)
            return event is not None and problem is None, None
        due = hook.clock() + max(wait, min(LONGEST, FIRST * 2 ** min(place.tries, 20)))
        outbox.failed(connection, hook.destination, tries=place.tries + 1, due=due, problem=problem)
    return False, problem


def _posted(hook: Webhook, key: str, body: bytes) -> tuple[str | None, float, bool]:
    """What was wrong, how long to wait at least, and whether the message itself was refused."""
    try:
        status, wait = asyncio.run(post(hook.address, body, hook.headers(key, body), private=hook.private))
    except UnreadableError as error:
        return one_line(f"{hook.host}: {error}"), 0.0, False
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None, 0.0, False
    seconds = float(wait) if wait and wait.isdecimal() and len(wait) < 6 else 0.0  # noqa: PLR2004
    return f"{hook.host}: answered with {status}", min(seconds, LONGEST), status in REFUSED


def _key(news: outbox.News) -> str:
    """The same for each try, so that a message that comes twice is known."""
    return f"entry-{news.entry}-{news.decision.subject}" if news.decision else str(news.finding_id)


def event_of(ledger: Ledger, news: outbox.News, desk: str | None) -> Event | None:
    """What is sent; None where it says nothing about a finding, e.g. a merge that was undone."""
    subject = news.finding_id
    if news.decision:
        with ledger.reading() as connection:
            subject = outbox.subject_of(connection, news.decision)
    card = lookups.card(ledger, subject) if subject else None
    if card is None:
        return None
    address = f"{desk}/findings/{card.id}" if desk else None
    return Event(
        type="finding.decided" if news.decision else "finding.new",
        at=news.decision.at if news.decision else None,
        text=_text(card, news.decision, address),
        address=address,
        finding=card,
        decision=news.decision,
    )


def _text(card: FindingCard, decision: Decision | None, address: str | None) -> str:
    """A message for a chat; what articles say cannot mention anybody or make a link."""
    head = f"*{card.label.capitalize()}* · {_inert(', '.join(card.parties))} · {_inert(card.later.topic)}"
    told = f"{decision.action} by {_inert(decision.by)}" if decision else f"{card.tier}, not reviewed"
    note = f": {_inert(decision.note)}" if decision and decision.note else ""
    lines = [head, told + note, *(_said(side) for side in (card.earlier, card.later))]
    lines += [
        f"{_inert(a.speaker or '')} answers: “{_quote(a)}”" for s in (card.earlier, card.later) for a in s.answers
    ]
    return "\n".join([*(line for line in lines if line), *([f"<{address}>"] if address else [])])


def _said(side: Statement) -> str:
    where = ", ".join(part for part in (side.source.publisher, side.said_on) if part)
    return f"{_inert(side.speaker or 'The article')}: “{_quote(side)}” ({_inert(where)})"


def _quote(side: Statement) -> str:
    words = " … ".join(quote.exact for quote in side.quotes)
    return _inert(words if len(words) <= SHOWN else words[:SHOWN] + "…")


def _inert(text: str) -> str:
    """Text of others as Slack shows it, and does nothing else with it."""
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line.replace("@", "@\u2060").translate(FORMATTING)


FORMATTING = str.maketrans({"*": "∗", "_": "_\u2060", "~": "∼", "`": "ʼ"})
