"""What can be looked up: articles, statements, speakers over time, words, and what could not be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError
from starlette.responses import Response

from factcheck.errors import UsageError
from factcheck.ledger.findings import FindingFilter, context_of, said_of
from factcheck.ledger.lookup import Said
from factcheck.ledger.pages import StatementFilter
from factcheck.outputs import words
from factcheck.outputs.spans import paragraphs
from factcheck.outputs.timeline import WIDTH, timelines
from factcheck.text.names import folded
from factcheck.web.bearing import bearing
from factcheck.web.cards import card_of, cards_of, passage, small_report
from factcheck.web.pages import render
from factcheck.web.queue import PER_PAGE, number_of
from factcheck.web.routes import Call, go, page

FIELDS = tuple(name for name in StatementFilter.model_fields if name != "document")
DRAWN = 60
"""Statements of a speaker that are drawn and listed at once."""

MOST_FINDINGS = 40


def article(call: Call) -> Response:
    """A whole article with what was found in it."""
    key = call.path("key")
    detail = call.desk.ledger.document(key)
    document = detail.row.document
    if key != document.id:
        return go(f"/articles/{document.id}")
    numbered = dict(enumerate((said.claim for said in detail.statements), 1))
    cards = cards_of(detail.findings)
    found: dict[str, list[int]] = {}
    for number, card in enumerate(cards, 1):
        for side in (card.finding.a, card.finding.b):
            found.setdefault(side, []).append(number)
    return render(
        call,
        "article.html",
        detail=detail,
        document=document,
        paragraphs=paragraphs(document, numbered),
        claims=numbered,
        cards=cards,
        found=found,
        marked=call.query("mark"),
    )


def statement(call: Call) -> Response:
    """One statement in its paragraph, with the findings that it is a side of."""
    shown = call.desk.ledger.show(call.path("key"))
    if shown.finding is not None:
        return go(f"/findings/{shown.finding.id}")
    said = shown.sides[0]
    if said.claim.id != call.path("key"):
        return go(f"/statements/{said.claim.id}")
    ids = [side for f in shown.findings for side in (f.a, f.b)]
    with call.desk.ledger.reading() as connection:
        sides = {one.claim.id: one for one in said_of(connection, [said.claim.id, *ids])}
    said = sides[said.claim.id]
    reports = [(f, small_report([sides[f.a], sides[f.b]], [f])) for f in shown.findings]
    return render(
        call,
        "statement.html",
        said=said,
        passage=passage(said, context_of(said)),
        bearings=bearing(call.desk.ledger, [said]),
        findings=[(f, words.kind_label(report, f), words.parties(report, f)) for f, report in reports],
        provenance=shown.provenance,
    )


def search(call: Call) -> Response:
    """Statements by their words and by who said them, when and where."""
    given = {name: value for name in FIELDS if (value := call.query(name))}
    wanted = _statements_wanted(given)
    number = number_of(call.request.query_params)
    found = call.desk.ledger.statements(wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE) if given else None
    pages = max(1, -(-found.total // PER_PAGE)) if found else 1
    return render(call, "search.html", wanted=wanted, given=given, found=found, number=number, pages=pages)


def _statements_wanted(given: dict[str, str]) -> StatementFilter:
    try:
        return StatementFilter.model_validate(given)
    except ValidationError as error:
        name = ".".join(map(str, error.errors()[0]["loc"]))
        raise UsageError(f"{name}: {given.get(name, '')[:40]!r} is none of its values") from None


def speaker(call: Call) -> Response:
    """What one person or body said over time, and where it does not fit together."""
    name, topic, number = call.path("name"), call.query("topic"), number_of(call.request.query_params)
    ledger = call.desk.ledger
    wanted = StatementFilter(speaker=name, text=topic or None)
    found = ledger.statements(wanted, limit=DRAWN, offset=(number - 1) * DRAWN)
    if not found.total and not topic:
        raise UsageError(f"{name}: nobody of this name said anything that is in this ledger")
    rows = ledger.queue(FindingFilter(speaker=name, state="all"), order="strongest", limit=MOST_FINDINGS)
    cards = [card_of(row) for row in rows.rows]
    report = small_report(found.rows, [row.finding for row in rows.rows])
    drawings = [line for line in timelines(report) if folded(line.speaker) in _names(found.rows, name)]
    return render(
        call,
        "speaker.html",
        name=_spelled(found.rows, name),
        others=_others(found.rows, name),
        roles=list(dict.fromkeys(role for said in found.rows if (role := words.role(said.claim)))),
        found=found,
        cards=cards,
        more=rows.total - len(cards),
        drawings=drawings[:1],
        width=WIDTH,
        topic=topic,
        topics=[t for t, n in Counter(s.claim.topic for s in found.rows).most_common(8) if n > 1],
        number=number,
        pages=max(1, -(-found.total // DRAWN)),
    )


def _names(rows: Sequence[Said], name: str) -> set[str]:
    return {folded(said.claim.attribution.speaker or "") for said in rows} | {folded(name)}


def _spelled(rows: Sequence[Said], name: str) -> str:
    """How documents most often write a name."""
    spoken = Counter(said.claim.attribution.speaker for said in rows if said.claim.attribution.speaker)
    return next((n for n, _ in spoken.most_common() if folded(n) == folded(name)), name)


def _others(rows: Sequence[Said], name: str) -> list[str]:
    """Others whom a name brought up, too: it may be a part of several names, or a body that several speak for."""
    spoken = Counter(said.claim.attribution.speaker for said in rows if said.claim.attribution.speaker)
    return [n for n, _ in spoken.most_common(8) if folded(n) != folded(name)]


def problems(call: Call) -> Response:
    """What could not be done, the last first."""
    number = number_of(call.request.query_params)
    found = call.desk.ledger.problems(limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    pages = max(1, -(-found.total // PER_PAGE))
    return render(call, "problems.html", found=found, number=number, pages=pages)


ROUTES = (
    page("/articles/{key}", article, kept=True),
    page("/statements/{key}", statement, kept=True),
    page("/speakers/{name:path}", speaker, kept=True),
    page("/search", search, kept=True),
    page("/problems", problems, kept=True),
)
