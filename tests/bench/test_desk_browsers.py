"""Eight real browsers that decide, comment and assign at once while the desk is killed and started again.

Run: pytest tests/bench/test_desk_browsers.py -o addopts="" -s -q    (2,000 actions: FACTCHECK_BENCH_ACTIONS=2000)
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import signal
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.verify import verify
from tests.conftest import Places
from tests.support.browser import FLAGS, PROGRAMS
from tests.support.deskserver import Server, free_port
from tests.support.deskweb import fill

PEOPLE, KILLS = 8, 3
ACTIONS = int(os.environ.get("FACTCHECK_BENCH_ACTIONS", "240"))
PATIENCE = 20_000
"""Milliseconds after which a browser takes an answer for lost."""

DOES = {"accept": "accepted", "dismiss": "dismissed", "comment": "comment", "assign": "assign"}


class Told(NamedTuple):
    """What a browser was told that it did."""

    seq: int
    by: str
    what: str
    words: str
    seen: int
    """The last entry about the finding that its page knew of."""


@dataclass
class Crowd:
    """What all browsers did so far."""

    home: str
    keys: list[str]
    told: list[Told] = field(default_factory=list)
    conflicts: int = 0
    lost: int = 0


async def works(browser: Browser, crowd: Crowd, name: str, seed: int) -> None:
    """Sign in, and do things until all together did enough; what got lost with the server is done anew."""
    dice = random.Random(seed)
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    number = 0
    while len(crowd.told) < ACTIONS:
        number += 1
        try:
            await acts(page, crowd, name, dice.choice(crowd.keys), dice.choice(list(DOES)), f"{name}-{number}")
        except Error:
            crowd.lost += 1
            await asyncio.sleep(0.5)
    await context.close()


async def acts(page: Page, crowd: Crowd, name: str, key: str, what: str, words: str) -> None:
    """One thing about one finding, by mouse and keys on its page."""
    await page.goto(f"{crowd.home}/findings/{key}")
    if "/login" in page.url:
        await page.locator("#name").fill(name)
        await page.keyboard.press("Enter")
    await page.locator("article.finding").wait_for()
    seen = int(await page.locator("input[name^=seen-]").first.get_attribute("value") or 0)
    await does(page, what, words)
    after = page.locator("#done p", has_text="Done").or_(page.locator("h1", has_text="Somebody was quicker"))
    await after.or_(page.locator("body.neterror")).first.wait_for()
    if page.url.startswith("chrome-error:"):
        raise Error("the desk was gone")
    if await page.locator("h1", has_text="Somebody was quicker").count():
        crowd.conflicts += 1
        return
    did = re.search(r"[?&]did=(\d+)", page.url)
    assert did, page.url
    crowd.told.append(Told(int(did[1]), name, DOES[what], words if what != "accept" else "", seen))


async def does(page: Page, what: str, words: str) -> None:
    if what == "accept":
        await page.locator(".decide button.primary").click()
        return
    panel = page.locator(f"#{what}")
    if await panel.get_attribute("open") is None:
        await panel.locator("summary").click()
    box = panel.locator({"dismiss": "#why-note", "comment": "#note", "assign": "#to"}[what])
    await box.fill(words)
    await box.press("Control+Enter" if what == "comment" else "Enter")


async def crowded(server: Server, crowd: Crowd, program: str) -> None:
    async def killer() -> None:
        for n in range(KILLS):
            while len(crowd.told) < ACTIONS * (n + 1) // (KILLS + 1):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        people = [works(browser, crowd, f"Person{n}", n) for n in range(PEOPLE)]
        await asyncio.gather(*people, killer())
        await browser.close()


def test_eight_browsers_and_a_server_that_dies(places: Places) -> None:
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    place = places()
    keys = fill(place, 12)
    with free_port() as port:
        server = Server(place, port)
        server.start()
        crowd = Crowd(server.home, keys)
        began = time.monotonic()
        asyncio.run(crowded(server, crowd, program))
        took = time.monotonic() - began
        server.stop()
    with closing(open_ledger(place)) as ledger:
        about = {entry.seq: (key, entry) for key in keys for entry in ledger.history(key)}
        with ledger.reading() as connection:
            assert verify(connection) == []
    kind = "PostgreSQL" if place.startswith("postgres") else "SQLite"
    did = f"{len(crowd.told)} actions of {PEOPLE} browsers in {took:.0f} s, {KILLS} kills"
    print(
        f"\n{kind}: {did}, {crowd.lost} pages lost, {crowd.conflicts} conflicts, {len(about)} entries; chain verifies"
    )
    for told in crowd.told:
        key, entry = about[told.seq]
        said = entry.data.get("to") if told.what == "assign" else entry.note
        assert (entry.by, entry.action, said) == (told.by, told.what, told.words)
        if told.what != "comment":
            between = [seq for seq, (other, _) in about.items() if other == key and told.seen < seq < told.seq]
            assert between == [], "written over what its page did not know of"
