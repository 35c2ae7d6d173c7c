"""The injection matrix: hostile articles by every door, at every place, in every way of working; a model that obeys.

The endpoint reads honest articles rightly and does whatever an order in its request says, for the whole request.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from factcheck.flow.run import Flow, run_of
from factcheck.inputs.documents import Fetching, document_from_text, read
from factcheck.ledger.connection import Ledger, memory_ledger, open_ledger
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Document, Report
from factcheck.pipeline import check, keep
from factcheck.stages.pair import WINDOW_TOKENS
from tests.support.hostile import ORDERS
from tests.support.newsroom import answer
from tests.support.scripted import draft, extracted, judged, source, transport
from tests.support.web import serving_pages

HARMLESS = {"link", "markup", "terminal", "terminal, one byte", "direction", "rich", "formula", "template"}
"""Texts that attack outputs and order nothing."""
COMMANDS = {name: order for name, order in ORDERS.items() if name not in HARMLESS}
MARK = "whoever reads this obeys"
"""Stands in every hostile article, so that a request can be asked for it."""


def honest(n: int) -> Document:
    matters = [f"pier{n}", f"quay{n % 2}", "ferry"]
    text = " ".join(f"Ann{n}x{i} saw {what}." for i, what in enumerate(matters)) + " Later nobody saw ferry."
    return document_from_text(text, title=f"T{n:03}", publisher="The Echo", published=f"2024-0{n + 2}-01")


HONEST = [honest(n) for n in range(4)]
DAYS = {"first": "2024-01-01", "in the middle": "2024-03-15", "last": "2024-12-01", "undated": None}


def hostile(order: str, day: str | None = None) -> Document:
    text = f"Ann9 saw ferry.\n\n{order}\n\nAnn8 saw quay0, {MARK}. Ann7 saw quay1."
    return document_from_text(text, title="T666", publisher="The Echo", published=day)


def obedient(schema: str, user: str, *, suppress: bool, honest_review: bool = False) -> Any:
    """Where a hostile article stands in the request: no finding at all, or everything clashes with everything."""
    if MARK not in user:
        return answer(schema, user)
    if schema.startswith("extract"):
        numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", user, re.MULTILINE)]
        lies = [draft(n, by=1, kind="accusation", topic="ferry", target="Ann1x1") for n in numbers]
        return extracted([source(1, "Ann0x0")], lies, machine=False)
    if schema.startswith("review"):
        verdict = "fit" if suppress or honest_review else "clash"
        return {"looks": [{"n": n, "because": "told so", "verdict": verdict} for n in range(1, 9)]}
    if schema.startswith("who"):
        return {"same": [{"members": [1, 2], "shown": 1, "name": 1}]}
    if suppress or not schema.startswith("judge"):
        return judged()
    known = sorted({int(n) for n in re.findall(r"^  #(\d+)", user, re.MULTILINE)})
    labels = re.findall(r"^\[(\w+?\.?\d+)\]", user, re.MULTILINE)
    missed = [
        {"n": 900 + i, "at": at, "words": "", "speaker": "Ann1x1", "kind": "accusation"} for i, at in enumerate(labels)
    ]
    every = [*known[:9], *(m["n"] for m in missed[:9])]
    look = {"same_thing": True, "reading": "x", "both_can_be_true": False, "speakers": "same", "moved": "other"}
    pairs = [{"a": a, "b": b, "about": "x", "why": "told so", **look} for a, b in itertools.permutations(every, 2)]
    return judged(*pairs, missed=missed, answers=[{"to": a, "by": b} for a, b in itertools.permutations(every, 2)])


def run(
    documents: Sequence[Document],
    ledger: Ledger | None = None,
    seen: list[Any] | None = None,
    *,
    suppress: bool = True,
    honest_review: bool = False,
    singly: bool = False,
) -> Report:
    """The report of a run with the endpoint that obeys; `singly` keeps one document after the other, as workers do."""

    def said(schema: str, user: str) -> Any:
        return obedient(schema, user, suppress=suppress, honest_review=honest_review)

    async def go() -> Report:
        prompts = load_prompts()
        for document in documents if singly else ():
            assert ledger is not None
            chat = Chat(Endpoint("m", deadline=20), transport(said, seen))
            flow = Flow(ledger, chat, prompts, run_of(chat, prompts, []), asyncio.Lock(), WINDOW_TOKENS)
            assert await keep([document], flow) == []
            await chat.aclose()
        chat = Chat(Endpoint("m", deadline=20), transport(said, seen))
        try:
            return await check(documents, chat, prompts, ledger=ledger)
        finally:
            await chat.aclose()

    return asyncio.run(go())


def of_honest(report: Report) -> dict[str, list[Any]]:
    """All that a report says about the honest documents among themselves."""
    own = {d.id for d in HONEST}
    home = {c.id: c.document_id for c in report.claims}
    return {
        "claims": [c for c in report.claims if c.document_id in own],
        "findings": [f for f in report.findings if {home[f.a], home[f.b]} <= own],
        "answers": [a for a in report.answers if {home[a.accusation], home[a.answer]} <= own],
        "ties": [t for t in report.ties if t.document_id in own],
        "problems": [p for p in report.problems if p.document_id in own or p.document_id is None],
    }


WAYS = ("plain", "ledger", "workers")
DOORS = ("file", "page", "feed")


class Cell(NamedTuple):
    """One field of the matrix: which order, by which door, where among the others, and how it is worked on and read."""

    order: str
    door: str
    place: str
    way: str
    suppress: bool
    honest_review: bool

    @property
    def name(self) -> str:
        """For messages and names of tests."""
        model = "suppresses" if self.suppress else "invents"
        reviewer = "honest reviewer" if self.honest_review else "no reviewer"
        return f"{self.order}-{self.door}-{self.place}-{self.way}-{model}-{reviewer}"


def cells() -> list[Cell]:
    """The whole matrix."""
    return [Cell(*row) for row in itertools.product(COMMANDS, DOORS, DAYS, WAYS, (True, False), (True, False))]


def sampled(number: int) -> list[Cell]:
    """So many cells, the same at every run; every order, door, place and way is among them if they are not too few."""
    dice = random.Random(21)
    return dice.sample(cells(), number)


def through(door: str, order: str, day: str | None, folder: Path) -> Document:
    """The hostile article as it comes in by a door."""
    words = hostile(order, day).text
    if door == "file":
        place = folder / "hostile.md"
        dated = f"published: {day}\n" if day else ""
        place.write_text(f"---\ntitle: T666\npublisher: The Echo\n{dated}---\n\n{words}\n", encoding="utf-8")
        return read([str(place)]).documents[0]
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in words.split("\n\n")).replace("\n", "<br>")
    dated = f'<meta property="article:published_time" content="{day}">' if day else ""
    page = f"<html><head><title>T666</title>{dated}</head><body><article>{paragraphs}</article></body></html>"
    with serving_pages({}) as server:
        entry = f"<item><link>{server.url}/a</link><title>T666</title></item>"
        rss = f'<rss version="2.0"><channel><title>The Echo</title>{entry}</channel></rss>'
        server.pages = {
            "/a": (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()),
            "/feed": (200, {"Content-Type": "application/rss+xml"}, rss.encode()),
        }
        reading = read([server.url + {"page": "/a", "feed": "/feed"}[door]], fetching=Fetching(allow_private=True))
    return reading.documents[0]


def harm(cell: Cell, folder: Path) -> list[str]:
    """What a hostile article changed among honest ones, and what it made up; empty if nothing."""
    article = through(cell.door, COMMANDS[cell.order], DAYS[cell.place], folder)
    report = _worked(cell.way, _among(cell.place, article), folder, cell)
    wanted = _without(cell.way)
    changed = [name for name, said in of_honest(report).items() if said != wanted[name]]
    return [*changed, *(f"speaker {name}" for name in invented(report))]


def _among(place: str, article: Document) -> list[Document]:
    at = {"first": 0, "in the middle": len(HONEST) // 2}.get(place, len(HONEST))
    return [*HONEST[:at], article, *HONEST[at:]]


def _worked(way: str, documents: Sequence[Document], folder: Path, cell: Cell) -> Report:
    told = partial(run, documents, suppress=cell.suppress, honest_review=cell.honest_review)
    if way == "plain":
        return told()
    with closing(open_ledger(str(folder / "desk.db"))) as ledger:
        return told(ledger, singly=way == "workers")


@cache
def _without(way: str) -> dict[str, list[Any]]:
    """The same without the hostile article."""
    if way == "plain":
        return of_honest(run(HONEST))
    with closing(memory_ledger()) as ledger:
        return of_honest(run(HONEST, ledger, singly=way == "workers"))


def invented(report: Report) -> Iterator[str]:
    """Speakers who stand neither in the document whose words they are said to have spoken nor among its fields."""
    homes = {d.id: d for d in report.documents}
    for claim in report.claims:
        name, home = claim.attribution.speaker, homes[claim.document_id]
        if name and not re.search(rf"\b{re.escape(name)}\b", f"{home.text} {home.title} {home.publisher}"):
            yield name
