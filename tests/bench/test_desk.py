"""The desk under load: eight people at once while the server dies and comes back, and a ledger of years.

Run: pytest tests/bench/test_desk.py -o addopts="" -s -q
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Page

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.verify import verify
from factcheck.web.options import Limits, Options
from tests.conftest import Places
from tests.support.browser import chromium
from tests.support.deskserver import Server, free_port
from tests.support.deskweb import NOWHERE, Stuck, csrf, faults, fill, served, unfit
from tests.support.workflows import NEVER, WORKFLOWS, Place, adds_a_text, comments_and_gives, done, furnished, signs_in

PEOPLE = 8
ACTIONS = 2_000
KILLS = 4
AT_ONCE = 20
ROUNDS = 10
CLAIMS, FINDINGS = 100_000, 2_000
LONGEST = 0.2
MOST_MEMORY = 300_000
"""Of kB."""


class Person:
    """Somebody who decides, comments and assigns as a browser would, and remembers what was acknowledged."""

    def __init__(self, home: str, name: str, keys: list[str], seed: int) -> None:
        headers = {"origin": home, "accept": "text/html", "sec-fetch-site": "same-origin"}
        self.client = httpx2.AsyncClient(base_url=home, headers=headers, timeout=120)
        self.name, self.keys, self.dice = name, keys, random.Random(seed)
        self.acknowledged: list[str] = []
        self.conflicts = 0

    async def sign_in(self) -> None:
        page = await self.get("/login")
        await self.client.post("/login", data={"csrf": csrf(page), "name": self.name})

    async def get(self, path: str) -> str:
        while True:
            try:
                answer = await self.client.get(path, follow_redirects=True)
            except httpx2.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 429:
                await asyncio.sleep(1)
                continue
            return answer.text

    async def act(self, number: int) -> None:
        """One action about some finding; one whose answer was lost is looked up and, if need be, done again."""
        key, word = self.dice.choice(self.keys), f"{self.name}-{number}."
        what = self.dice.choice(["accept", "dismiss", "comment", "comment", "assign"])
        while True:
            page = await self.get(f"/findings/{key}")
            seen = re.search(rf'name="seen-{key}" value="(\d+)"', page)
            if (f"gave it to {word}" if what == "assign" else f">{word}<") in page:
                self.acknowledged.append(word)
                return
            form = {"csrf": csrf(page), f"seen-{key}": seen[1] if seen else "0", "act": f"{what}:{key}",
                    "note": word, "to": word, "back": f"/findings/{key}"}  # fmt: skip
            try:
                answer = await self.client.post("/decide", data=form)
            except httpx2.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 303:
                self.acknowledged.append(word)
                return
            self.conflicts += answer.status_code == 409
            await asyncio.sleep(1 if answer.status_code == 429 else 0)


def test_eight_people_and_a_server_that_dies(places: Places) -> None:
    place = places()
    keys = fill(place, 12)
    with free_port() as port:
        server = Server(place, port)
        server.start()
        people = [Person(server.home, f"Person{n}", keys, n) for n in range(PEOPLE)]
        began = time.monotonic()
        asyncio.run(work(people, server))
        took = time.monotonic() - began
        server.stop()
    told = Counter(word for person in people for word in person.acknowledged)
    with closing(open_ledger(place)) as ledger:
        entries = [entry for key in keys for entry in ledger.history(key)]
        with ledger.reading() as connection:
            assert verify(connection) == []
    kept = Counter(entry.note or str(entry.data.get("to")) for entry in entries)
    conflicts = sum(person.conflicts for person in people)
    kind = "PostgreSQL" if place.startswith("postgres") else "SQLite"
    print(f"\n{kind}: {sum(told.values())} actions of {PEOPLE} people in {took:.0f} s, {KILLS} kills, "
          f"{conflicts} conflicts shown, {len(entries)} entries; chain verifies")  # fmt: skip
    assert sum(told.values()) == ACTIONS
    assert not told - kept
    assert max(kept.values()) == 1


async def work(people: list[Person], server: Server) -> None:
    for person in people:
        await person.sign_in()

    async def one(person: Person) -> None:
        for n in range(ACTIONS // PEOPLE):
            await person.act(n)

    async def killer() -> None:
        for n in range(KILLS):
            while sum(len(p.acknowledged) for p in people) < ACTIONS * (n + 1) // (KILLS + 1):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)

    await asyncio.gather(*(one(person) for person in people), killer())
    for person in people:
        await person.client.aclose()


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = os.environ.get("FACTCHECK_BENCH_LEDGER") or str(tmp_path_factory.mktemp("years") / "desk.db")
    if not Path(place).exists():
        fill(place, FINDINGS, documents=CLAIMS // 15 + 1)
    return place


def test_a_ledger_of_years(years: str) -> None:
    with free_port() as port:
        server = Server(years, port)
        server.start()
        try:
            assert server.process
            worst = asyncio.run(measured(server.home, server.process.pid))
            memory = memory_of(server.process.pid)
        finally:
            server.stop()
    print(f"memory at most {memory // 1000} MB")
    assert worst < LONGEST
    assert memory < MOST_MEMORY


def memory_of(process: int) -> int:
    """What a process took at most so far, in kB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


async def measured(home: str, process: int) -> float:
    """The worst 95th percentile of all pages and addresses of the API, each asked for 20 times at once.

    Each is asked for once before; `first` is how long that takes, when nothing of it is there already.
    """
    person = Person(home, "Load", [], 1)
    await person.sign_in()
    worst = 0.0
    print(f"\n{'page':58} {'first':>8} {'p50':>8} {'p95':>8}")
    for path in await everything(person):
        began = time.perf_counter()
        await person.get(path)
        first = time.perf_counter() - began
        p50, p95 = await at_once(person, [path])
        worst = max(worst, p95)
        print(f"{path[:58]:58} {first * 1000:6.0f}ms {p50 * 1000:6.0f}ms {p95 * 1000:6.0f}ms "
              f"{memory_of(process) // 1000:4} MB")  # fmt: skip
    ids = [f"/findings/{key}" for key in re.findall(r'"id":"(f-\w+)"', await person.get("/api/v1/findings?limit=200"))]
    p50, p95 = await at_once(person, ids)
    print(f"{'another finding each time':58} {'':8} {p50 * 1000:6.0f}ms {p95 * 1000:6.0f}ms")
    await person.client.aclose()
    return worst


async def everything(person: Person) -> list[str]:
    """Every page and every address of the API that shows the ledger, of the commonest speaker and others."""
    api = "/api/v1"
    speakers = json.loads(await person.get(f"{api}/speakers"))["rows"]
    common, rare = (quote(speakers[at]["names"][0]) for at in (0, 25))
    (card,) = json.loads(await person.get(f"{api}/findings?limit=1"))["findings"]
    finding, said, home = card["id"], card["earlier"]["id"], card["earlier"]["source"]["document_id"]
    lists = ["/", "/?page=50", "/?order=newest", "/?state=all", "/?tier=strong&text=harbour", "/?speaker=ada"]
    looked = ["/search?text=harbour", "/search?speaker=ada", "/search?kind=accusation", "/people", "/people?name=ada"]
    ones = [f"/findings/{finding}", f"/statements/{said}", f"/articles/{home}"]
    people = [f"/speakers/{common}", f"/speakers/{common}?page=40", f"/speakers/{rare}"]
    told = ["findings", "findings?limit=200", "findings?state=all&offset=1500", "findings?speaker=ada",
            "findings?text=harbour", f"findings/{finding}", "statements", "statements?limit=200",
            "statements?offset=90000", "statements?text=harbour", f"statements?speaker={common}",
            f"statements/{said}/evidence", "speakers?limit=200", "speakers?name=ada", f"speakers/{common}/timeline",
            f"speakers/{common}/timeline?limit=200", f"speakers/{common}/timeline?offset=3000",
            f"speakers/{common}/timeline?topic=harbour", f"speakers/{rare}/timeline", "documents",
            "documents?outlet=Echo&limit=200", f"documents/{home}", f"documents/{home}/report", "problems",
            "openapi.json"]  # fmt: skip
    pages = [*lists, *ones, *people, *looked, "/problems", "/log", "/add"]
    return [*pages, *(f"{api}/{path}" for path in told)]


async def at_once(person: Person, paths: list[str]) -> tuple[float, float]:
    """The median and the 95th percentile of 20 who ask for these again and again, in seconds."""
    took: list[float] = []

    async def ask(own: list[str]) -> None:
        for number in range(ROUNDS):
            await asyncio.sleep(random.random() * 0.02)
            begun = time.perf_counter()
            answer = await person.client.get(own[number % len(own)])
            took.append(time.perf_counter() - begun)
            assert answer.status_code == 200, answer.url

    await asyncio.gather(*(ask(paths[n * ROUNDS % len(paths) :] + paths) for n in range(AT_ONCE)))
    took.sort()
    return took[len(took) // 2], took[len(took) * 95 // 100]


def busy() -> Options:
    """A desk for one browser that asks more often than people do, and an endpoint that answers by rule."""
    return Options(transport=Stuck(), limits=Limits(requests=10**9))


WIDTHS = (390, 820, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Place]]:
    """A desk with everything on it, and an endpoint that answers by rule."""
    place = str(tmp_path_factory.mktemp("furnished") / "desk.db")
    at = furnished(place)
    with served(place, busy(), api_key="none") as home:
        yield home, at


def addresses(at: Place) -> list[str]:
    """Every page in each of its states that an address can name."""
    named = [f"/findings/{key}" for key in (at.finding, at.dismissed, at.stale)]
    queues = ["/", "/?state=all", "/?state=dismissed", "/?state=stale", "/?text=nowhere", "/?tier=strong&page=2"]
    rest = ["/log", "/search", "/search?text=pier", "/search?text=%D8%A7%D9%84%D8%B1%D8%B5%D9%8A%D9%81", "/people",
            "/people?name=roe", "/problems", "/add", NOWHERE]  # fmt: skip
    return [*queues, *named, f"/statements/{at.statement}", f"/articles/{at.article}?mark={at.statement}",
            f"/speakers/{quote(at.speaker)}", "/speakers/Ann%20Roe", *rest]  # fmt: skip


def test_every_page_at_every_width_light_and_dark(furniture: tuple[str, Place]) -> None:
    home, at = furniture
    paths, found = addresses(at), []
    with chromium() as browser:
        for width, scheme in itertools.product(WIDTHS, SCHEMES):
            context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
            page = context.new_page()
            page.goto(f"{home}/login")
            found += faults(page, "/login", width)
            signs_in(page, home, at)
            found += unfit(page, home, paths, width)
            found += [one for state in STATES for one in state(page, home, at, width)]
            context.close()
    number = len(paths) + 1 + len(STATES)
    print(f"\n{number} pages and states at {len(WIDTHS)} widths, light and dark: {len(found)} faults")
    assert found == []


def with_a_dialog(page: Page, home: str, at: Place, width: int) -> list[tuple[str, str, str]]:
    page.goto(home)
    page.locator("a[data-dismiss]").first.click()
    page.locator("#why[open]").wait_for()
    return faults(page, "dialog", width)


def with_what_was_done(page: Page, home: str, at: Place, width: int) -> list[tuple[str, str, str]]:
    page.goto(home)
    page.locator("button[value^='accept:f-']").first.click()
    done(page, "accepted")
    found = faults(page, "done", width)
    page.locator("#done button").click()
    done(page, "taken back")
    return found


def with_a_conflict(page: Page, home: str, at: Place, width: int) -> list[tuple[str, str, str]]:
    page.goto(f"{home}/findings/{at.finding}")
    page.evaluate("document.querySelector('.decide input[name^=seen]').value = 0")
    other = page.context.new_page()
    comments_and_gives(other, home, at)
    other.close()
    page.locator(".decide button").first.click()
    page.locator("h1", has_text="Somebody was quicker").wait_for()
    return faults(page, "conflict", width)


def with_checks(page: Page, home: str, at: Place, width: int) -> list[tuple[str, str, str]]:
    """One that is under way, one that was stopped, one that is done."""
    page.goto(f"{home}/add")
    page.locator("#paste").fill(NEVER)
    page.locator("form:has(#paste) button").click()
    page.locator("h1", has_text="Checking").wait_for()
    found = faults(page, "checking", width)
    page.locator("form[action$='/stop'] button").click()
    page.locator("h1", has_text="Stopped").wait_for()
    found += faults(page, "stopped", width)
    adds_a_text(page, home, at)
    return found + faults(page, "checked", width)


STATES = (with_a_dialog, with_what_was_done, with_a_conflict, with_checks)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("width", WIDTHS)
def test_each_workflow_by_keyboard_alone(tmp_path: Path, width: int, scripts: bool) -> None:
    place = str(tmp_path / "desk.db")
    at = furnished(place)
    with (
        served(place, busy(), api_key="none") as home,
        chromium() as browser,
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=scripts, color_scheme="dark"
        )
        page = context.new_page()
        for workflow in WORKFLOWS:
            workflow(page, home, at)
    print(f"\n{len(WORKFLOWS)} workflows at {width} px, Tab, Enter and letters only")


def test_twelve_decisions(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    fill(place, 20)
    with served(place) as home, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{home}/login")
        page.locator("#name").fill("Mira")
        page.keyboard.press("Enter")
        page.locator("h1", has_text="20 findings").wait_for()
        began, keys = time.monotonic(), ["j"]
        page.keyboard.press("j")
        for n in range(12):
            for key in ["d", str(n % 6 + 1)] if n % 2 else ["a"]:
                page.keyboard.press(key)
                keys.append(key)
            page.locator("h1", has_text=f"{19 - n} findings").wait_for()
            page.locator(".row:focus").wait_for()
    took = time.monotonic() - began
    print(f"\n12 decisions: {len(keys)} key presses, {took:.1f} s")
    assert len(keys) <= 40
    assert took < 60
