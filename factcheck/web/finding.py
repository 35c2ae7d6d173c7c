"""One finding: both sides in their paragraphs, what was decided and said about it, and a copy to take along."""

from __future__ import annotations

import html
from typing import NamedTuple

from starlette.responses import PlainTextResponse, Response

from factcheck.errors import UsageError
from factcheck.ledger.decide import standing
from factcheck.ledger.log import Decision
from factcheck.outputs import words
from factcheck.outputs.inert import markdown as inert
from factcheck.outputs.inert import visible
from factcheck.outputs.links import address
from factcheck.outputs.words import Side
from factcheck.web.bearing import bearing
from factcheck.web.cards import Card, detail_card, passage
from factcheck.web.decisions import SAYS, done_of
from factcheck.web.desk import Desk
from factcheck.web.kept import Key, Made
from factcheck.web.pages import render
from factcheck.web.queue import Wanted, wanted_of
from factcheck.web.routes import Call, go, page


class Event(NamedTuple):
    """An entry of the log about a finding, and whether it still counts."""

    entry: Decision
    text: str
    gone: bool


class Neighbours(NamedTuple):
    """Where a finding stands in the queue that somebody came from."""

    place: int
    total: int
    before: str | None
    after: str | None


def finding(call: Call) -> Response:
    """A finding with all that belongs to it."""
    key = call.path("key")
    detail = call.desk.ledger.finding(key)
    if key != detail.row.finding.id:
        query = call.request.url.query
        return go(f"/findings/{detail.row.finding.id}" + (f"?{query}" if query else ""))
    wanted = wanted_of(call.request.query_params)
    near = neighbours(call, wanted, key)
    onward = f"/findings/{near.after}" if near.after else "/"
    return render(
        call,
        "finding.html",
        card=detail_card(detail),
        detail=detail,
        passages=[passage(side, c) for side, c in zip((detail.row.a, detail.row.b), detail.contexts, strict=True)],
        bearings=bearing(call.desk.ledger, [detail.row.a, detail.row.b]),
        events=events(detail.history),
        can_undo=bool(standing(detail.history)),
        near=near,
        wanted=wanted,
        query=f"?{wanted.query}" if wanted.query else "",
        onward=onward + (f"?{wanted.query}" if wanted.query else ""),
        done=done_of(call),
        reasons=words.DISMISSALS,
        people=[user.name for user in call.desk.accounts.everyone()],
    )


def neighbours(call: Call, wanted: Wanted, key: str) -> Neighbours:
    """What stands before and behind a finding in a queue; from outside of it, its first one is next."""
    every = _ids(call.desk, wanted)
    if key not in every:
        return Neighbours(0, len(every), None, every[0] if every else None)
    at = every.index(key)
    before = every[at - 1] if at else None
    return Neighbours(at + 1, len(every), before, every[at + 1] if at + 1 < len(every) else None)


def _ids(desk: Desk, wanted: Wanted) -> list[str]:
    """The findings of a queue; whoever goes from one to the next asks for them again and again."""

    def found() -> Made:
        return Made(" ".join(desk.ledger.finding_ids(wanted.filter, order=wanted.order)).encode())

    key = Key(f"{wanted.order}: {wanted.filter.model_dump_json()}", "ids")
    made = desk.kept.once(key, desk.ledger.head(), found)
    return made.body.decode().split() if made else []


def events(history: list[Decision]) -> list[Event]:
    """The entries about a finding in words, the newest first."""
    gone = {entry.data.get("seq") for entry in history if entry.action == "undo"}
    return [Event(entry, _told(entry), entry.seq in gone) for entry in reversed(history)]


def _told(entry: Decision) -> str:
    if entry.action == "assign":
        to = entry.data.get("to")
        return f"gave it to {to}" if to else "gave it to nobody"
    if entry.action == "undo":
        return f"took back entry {entry.data.get('seq')}"
    return {"comment": "said", "accepted": "accepted it", "dismissed": "dismissed it"}.get(
        entry.action, SAYS.get(entry.action, entry.action)
    )


def copy(call: Call) -> Response:
    """The finding to take along, as plain text, Markdown or HTML."""
    kind = call.path("kind")
    if kind not in COPIES:
        raise UsageError(f"{kind}: is no form of a copy; there are {', '.join(COPIES)}")
    card = detail_card(call.desk.ledger.finding(call.path("key")))
    media = {"txt": "text/plain", "md": "text/markdown", "html": "text/html"}[kind]
    link = f"{call.desk.options.address}/findings/{card.finding.id}"
    return PlainTextResponse(COPIES[kind](card, link), media_type=f"{media}; charset=utf-8")


def _plain(card: Card, link: str) -> str:
    message = words.message(card.report, card.finding, words.answers_in(card.report))
    parts = [f"{' and '.join(card.names)}: {card.label}", message, *map(_source, card.sides), f"Finding: {link}"]
    return visible("\n\n".join(parts)) + "\n"


def _source(side: Side) -> str:
    document = side.document
    known = (document.publisher, document.title, document.author, document.published, address(document.url))
    return "Source: " + ", ".join(part for part in known if part)


def _markdown(card: Card, link: str) -> str:
    lines = [f"**{inert(' and '.join(card.names))}: {inert(card.label)}**"]
    for side in card.sides:
        lines.append(f"{inert(words.source(side))} ({inert(words.origin(side))}), {inert(words.charge(side.claim))}:")
        lines.append(f"> {inert(words.quoted(side.claim))}")
        where = address(side.document.url)
        lines.append(inert(_source(side)) if where is None else f"[{inert(_source(side))}](<{where}>)")
        lines += [f"{inert(words.who(answer))} answers: {inert(words.quoted(answer))}" for answer in side.answers]
    lines += [
        f"What differs: {inert(card.finding.explanation)}",
        f"How both could stand: {inert(card.finding.reading)}",
        inert(words.status(card.finding)),
        f"<{link}>",
    ]
    return "\n\n".join(lines) + "\n"


def _html(card: Card, link: str) -> str:
    """A stretch of HTML without scripts or styles, for a text editor."""

    def said(text: str) -> str:
        return html.escape(visible(text))

    parts = [f"<p><b>{said(' and '.join(card.names))}: {said(card.label)}</b></p>"]
    for side in card.sides:
        where = address(side.document.url)
        source = said(_source(side))
        source = f'<a href="{html.escape(where)}">{source}</a>' if where else source
        head = f"{words.source(side)} ({words.origin(side)}), {words.charge(side.claim)}:"
        parts.append(f"<p>{said(head)}</p><blockquote>{said(words.quoted(side.claim))}</blockquote><p>{source}</p>")
        parts += [f"<p>{said(words.who(a))} answers: {said(words.quoted(a))}</p>" for a in side.answers]
    parts.append(f"<p>What differs: {said(card.finding.explanation)}</p>")
    parts.append(f"<p>How both could stand: {said(card.finding.reading)}</p>")
    parts.append(f'<p>{said(words.status(card.finding))} <a href="{html.escape(link)}">{said(link)}</a></p>')
    return "\n".join(parts) + "\n"


COPIES = {"txt": _plain, "md": _markdown, "html": _html}

ROUTES = (
    page("/findings/{key}", finding, kept=True),
    page("/findings/{key}/copy.{kind}", copy),
)
