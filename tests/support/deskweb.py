"""A desk without a server: requests as a browser sends them, in this process."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, get_args

import httpx2
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from starlette.testclient import TestClient

from factcheck.ids import content_id
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import add
from factcheck.models import Claim, Finding, FindingKind, Severity, Tier
from factcheck.settings import load_settings
from factcheck.web.app import create_app
from factcheck.web.options import Options
from tests.support.desk import RUN, batches, entries
from tests.support.scripted import transport, whole_sentences

HOME = "http://127.0.0.1:8765"
NOWHERE = "/nowhere"


@contextmanager
def desk(place: str, options: Options | None = None, **settings: Any) -> Iterator[TestClient]:
    """A desk over a ledger, asked as its own pages ask it."""
    options = options or Options()
    app = create_app(place, load_settings(use_cache=False, **settings), options)
    headers = {"accept": "text/html", "origin": options.address, "sec-fetch-site": "same-origin"}
    with TestClient(app, options.address, headers=headers, raise_server_exceptions=False) as client:
        yield client


def csrf(html: str) -> str:
    """What the first form of a page carries."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    return found[1] if found else ""


def sign_in(client: TestClient, name: str, password: str = "") -> httpx2.Response:
    """Sign in through the form."""
    form = {"csrf": csrf(client.get("/login").text), "name": name, "password": password}
    return client.post("/login", data=form, follow_redirects=False)


def fill(place: str, findings: int, *, documents: int = 0, say: str = "The share is another one.") -> list[str]:
    """A ledger of invented articles with so many findings between them; returns the findings' ids."""
    dice = random.Random(5)
    earlier: list[Claim] = []
    made: list[str] = []
    number = max(documents, 2 * findings, 2)
    with closing(open_ledger(place)) as ledger:
        for part in batches(entries(number, 3 if number < 1000 else 15, people=max(12, number * 3)), 200):
            kept = []
            for entry in part:
                is_wanted = earlier and len(made) < findings
                new = [invented(dice, dice.choice(earlier[-50:]), entry.claims[0], say)] if is_wanted else []
                made += [finding.id for finding in new]
                kept.append(entry._replace(findings=new))
                earlier.append(entry.claims[0])
            with ledger.writing() as connection:
                add(connection, kept, RUN)
    return made


def invented(dice: random.Random, a: Claim, b: Claim, say: str) -> Finding:
    """A finding between two statements."""
    return Finding(
        id=content_id("f", a.id, b.id),
        kind=dice.choice(get_args(FindingKind)),
        severity=dice.choice(get_args(Severity)),
        tier=dice.choice(get_args(Tier)),
        a=a.id,
        b=b.id,
        explanation=say,
        reading="They may speak of different years.",
        days_apart=dice.randint(1, 900),
    )


@contextmanager
def served(place: str, options: Options | None = None, **settings: Any) -> Iterator[str]:
    """A desk behind a real port of this machine, in a thread; gives its address."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        options = (options or Options())._replace(port=listening.getsockname()[1])
        app = create_app(place, load_settings(use_cache=False, **settings), options)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield options.address
        finally:
            server.should_exit = True
            thread.join()


class Stuck(httpx2.AsyncBaseTransport):
    """An endpoint that answers about Ann and never about Ben."""

    def __init__(self) -> None:
        self.inner, self.asked, self.given_up = transport(whole_sentences), threading.Event(), threading.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if b"Ben paid" not in await request.aread():
            return await self.inner.handle_async_request(request)
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up.set()
        raise AssertionError


def unfit(page: Page, home: str, paths: Iterable[str], width: int) -> list[tuple[str, str, str]]:
    """What does not fit the window, and what axe finds serious, on these pages with everything unfolded."""
    found = []
    for path in paths:
        answer = page.goto(home + path)
        assert answer, path
        assert answer.status == (404 if path == NOWHERE else 200), (path, answer.status)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found += faults(page, path, width)
    return found


def faults(page: Page, name: str, width: int) -> list[tuple[str, str, str]]:
    """The same of a page as it stands."""
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    serious = [v for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
    named = [(name, v["id"], v["nodes"][0]["html"][:200]) for v in serious]
    return [(name, "wide", ""), *named] if wide else named
