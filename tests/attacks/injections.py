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

from factcheck.api import check as checked
from factcheck.flow.run import Flow, run_of
from factcheck.inputs.documents import Fetching, document_from_text, read
from factcheck.ledger.connection import Ledger, memory_ledger, open_ledger
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Document, Report
from factcheck.pipeline import check, keep
from factcheck.settings import load_settings
from factcheck.stages.pair import WINDOW_TOKENS
from tests.support.hostile import ORDERS
from tests.support.newsroom import answer
from tests.support.scripted import draft, extracted, judged, source, transport
from tests.support.web import serving_pages
from tests.support.weighing import KEYS, piece, read_by_rule, together, weight, write_releases
from tests.support.weighing import article as reported

HARMLESS = {"link", "markup", "terminal", "terminal, one byte", "direction", "rich", "formula", "template"}
"""Texts that attack outputs and order nothing."""
COMMANDS = {name: order for name, order in ORDERS.items() if name not in HARMLESS}
MARK = "whoever reads this obeys"
"""Stands in every hostile article, so that a request can be asked for it."""
FIG = "The fig tree bloomed at noon."
"""The same in evidence: no pattern takes it for an order."""


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
DOORS = ("file", "page", "feed", "evidence")
Articles = dict[tuple[str, str, str], Document]
"""Hostile articles as they came in, by order, door and place."""


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
    """The whole matrix; workers look for no evidence."""
    every = [Cell(*row) for row in itertools.product(COMMANDS, DOORS, DAYS, WAYS, (True, False), (True, False))]
    return [cell for cell in every if (cell.door, cell.way) != ("evidence", "workers")]


def sampled(number: int) -> list[Cell]:
    """So many cells, the same at every run; every order, door, place and way is among them if they are not too few."""
    dice = random.Random(21)
    return dice.sample(cells(), number)


def come_in(chosen: Sequence[Cell], folder: Path) -> Articles:
    """The hostile articles of cells, each through its door; those of one door and day are read together."""
    wanted = {(cell.door, cell.place): dict[str, None]() for cell in chosen if cell.door != "evidence"}
    for cell in chosen:
        if cell.door != "evidence":
            wanted[cell.door, cell.place][cell.order] = None
    found: Articles = {}
    for (door, place), orders in wanted.items():
        documents = _through(door, list(orders), DAYS[place], folder)
        found |= {(order, door, place): one for order, one in zip(orders, documents, strict=True)}
    return found


def _through(door: str, orders: Sequence[str], day: str | None, folder: Path) -> list[Document]:
    articles = [hostile(COMMANDS[order], day).text for order in orders]
    if door == "file":
        return read([_written(folder / f"{day}-{n}.md", text, day) for n, text in enumerate(articles)]).documents
    with serving_pages({}) as server:
        pages = {f"/{n}": (200, HTML, _page(text, day).encode()) for n, text in enumerate(articles)}
        feeds = {f"/feed{path}": (200, RSS, _feed(server.url + path).encode()) for path in pages}
        server.pages = pages | feeds
        sources = [server.url + path for path in {"page": pages, "feed": feeds}[door]]
        return read(sources, fetching=Fetching(allow_private=True)).documents


HTML = {"Content-Type": "text/html; charset=utf-8"}
RSS = {"Content-Type": "application/rss+xml"}


def _written(place: Path, text: str, day: str | None) -> str:
    dated = f"published: {day}\n" if day else ""
    place.write_text(f"---\ntitle: T666\npublisher: The Echo\n{dated}---\n\n{text}\n", encoding="utf-8")
    return str(place)


def _page(text: str, day: str | None) -> str:
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n")).replace("\n", "<br>")
    dated = f'<meta property="article:published_time" content="{day}">' if day else ""
    return f"<html><head><title>T666</title>{dated}</head><body><article>{paragraphs}</article></body></html>"


def _feed(address: str) -> str:
    entry = f"<item><link>{address}</link><title>T666</title></item>"
    return f'<rss version="2.0"><channel><title>The Echo</title>{entry}</channel></rss>'


def harm(cell: Cell, articles: Articles, folder: Path) -> list[str]:
    """What a hostile article changed among honest ones, and what it made up; empty if nothing."""
    if cell.door == "evidence":
        return _harm_as_evidence(cell, folder)
    report = _worked(cell.way, _among(cell.place, articles[cell.order, cell.door, cell.place]), folder, cell)
    wanted = _without(cell.way)
    changed = [name for name, said in of_honest(report).items() if said != wanted[name]]
    return [*changed, *(f"speaker {name}" for name in invented(report))]


def _harm_as_evidence(cell: Cell, folder: Path) -> list[str]:
    """The same where it stands among the documents in which evidence about an honest article is looked for."""
    archive = write_releases(folder / "archive")
    place = str(folder / "desk.db") if cell.way == "ledger" else None
    wanted = of_evidence(_weighed(archive, str(folder / "clean.db") if place else None, cell))
    name = {"first": "0", "in the middle": "m"}.get(cell.place, "z")
    words = " ".join(f"The {key} has 7 windows and cost 99 crowns." for key in KEYS)
    day = DAYS[cell.place]
    _written(archive / f"{name}.md", f"{words}\n\n{COMMANDS[cell.order]}\n\n{FIG}", day)
    found = of_evidence(report := _weighed(archive, place, cell))
    known = any(problem.code == "addresses_machine" for problem in report.problems)
    return [*(name for name, said in found.items() if said != wanted[name]), *([] if known else ["it is not named"])]


def _weighed(archive: Path, place: str | None, cell: Cell) -> Report:
    def said(schema: str, user: str) -> Any:
        if FIG not in user or not schema.startswith("weigh"):
            return read_by_rule(schema, user)
        if schema.startswith("weigh-review"):
            return read_by_rule(schema, user) if cell.honest_review else {"looks": []}
        pieces = [] if cell.suppress else [piece("A1"), piece("B1", rel="conflicts")]
        return together(weight(n, *pieces) for n in range(1, 5))

    settings = load_settings(model="m", base_url="http://127.0.0.1:9/v1", use_cache=False, ledger=place)
    return checked([reported()], settings=settings, evidence=[str(archive)], transport=transport(said))


def of_evidence(report: Report) -> dict[str, list[Any]]:
    """What is said of the statements of an honest article: outcomes, and the words that bear on them."""
    pieces = [(e.claim_id, e.relation, e.document_id, e.quotes) for e in report.evidence]
    return {"claims": [*report.claims], "outcomes": [(c.claim_id, c.outcome) for c in report.checks], "pieces": pieces}


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
