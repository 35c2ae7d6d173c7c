"""The desk in a real browser: by keyboard alone, on a phone and a wide screen, in the dark, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry
from factcheck.web.options import Options
from tests.support.browser import chromium
from tests.support.desk import RUN
from tests.support.deskweb import Stuck, fill, served, unfit
from tests.support.statements import entry, finding
from tests.support.workflows import furnished, retracts, says_who_is_who, signs_in, stops_a_check

ROOT = Path(__file__).parent.parent.parent
TWELVE = 12


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("desk") / "desk.db")
    fill(path, 30)
    return path


@pytest.fixture(scope="module")
def home(place: str) -> Iterator[str]:
    with served(place, Options(replay=ROOT / "fixtures" / "recordings")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(home: str) -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, home: str) -> Iterator[Page]:
    yield from signed_in(browser, home)


def signed_in(browser: Browser, home: str, **options: object) -> Iterator[Page]:
    """A page of somebody who signed in by keyboard; nothing may fail in it on the way."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = context.new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.goto(f"{home}/login")
    page.locator("#name").fill("Mira")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="open").wait_for()
    yield page
    context.close()
    assert [line for line in seen if "409 (Conflict)" not in line] == []


def is_open(page: Page) -> int:
    words = page.locator("h1").inner_text()
    return int(words.split()[0])


def settled(page: Page, number: int) -> None:
    page.locator("h1", has_text=re.compile(rf"^{number} findings? (is|are) open")).wait_for()


def test_twelve_decisions_in_forty_keys(page: Page) -> None:
    pressed = []

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    before = is_open(page)
    press("j")
    for n in range(TWELVE):
        if n % 2:
            press("d")
            page.locator("#why[open]").wait_for()
            press(str(n % 6 + 1))
        else:
            press("a")
        settled(page, before - n - 1)
        page.locator(".row:focus").wait_for()
    assert len(pressed) <= 40
    press("u")
    settled(page, before - TWELVE + 1)
    page.goto(page.url.split("?")[0] + "?state=dismissed")
    assert page.locator(".row").count() >= TWELVE // 2 - 1


def test_a_finding_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("article.finding").wait_for()
    first = page.url
    page.keyboard.press("c")
    page.locator("textarea:focus").wait_for()
    page.keyboard.type("Asked the office; j and a are letters here.")
    page.keyboard.press("Control+Enter")
    page.locator(".history", has_text="letters here").wait_for()
    assert page.url.split("?")[0] == first.split("?")[0]
    page.keyboard.press("d")
    page.locator("#dismiss .reasons button:focus").wait_for()
    page.keyboard.press("2")
    page.wait_for_url(lambda url: url.split("?")[0] != first.split("?")[0])
    page.locator("#done", has_text="dismissed").wait_for()
    page.keyboard.press("u")
    page.locator("#done", has_text="taken back").wait_for()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")


def test_enter_keeps_ones_own_words_and_gives_what_is_marked(page: Page, place: str) -> None:
    page.keyboard.press("j")
    key = str(page.locator(".row:focus").get_attribute("id"))
    page.keyboard.press("x")
    page.locator("#to").fill("Ben")
    page.locator("#to").press("Enter")
    page.locator("#done", has_text="assigned").wait_for()
    page.locator(f"#{key} a.open").click()
    page.locator("#dismiss summary").click()
    page.locator("#why-note").fill("in my own words")
    page.locator("#why-note").press("Enter")
    page.locator("#done", has_text="dismissed").wait_for()
    with closing(open_ledger(place)) as ledger:
        told = [(d.action, d.note or d.data.get("to")) for d in ledger.history(key)]
    assert told[-2:] == [("assign", "Ben"), ("dismissed", "in my own words")]


def test_a_conflict_is_shown_in_the_queue(page: Page, place: str) -> None:
    key = str(page.locator(".row").first.get_attribute("id"))
    with closing(open_ledger(place)) as ledger:
        ledger.decide(key, "dismissed", by="Ben", note="different years")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.locator("h1", has_text="Somebody was quicker").wait_for()
    assert "different years" in page.locator("main").inner_text()
    page.get_by_role("button", name="all the same").click()
    page.locator("#done", has_text="accepted").wait_for()


def test_marked_ones_are_decided_together(page: Page) -> None:
    before = is_open(page)
    for key in "jxjx":
        page.keyboard.press(key)
    page.locator("#to").fill("Ben")
    page.locator("button[value='assign:']").click()
    page.locator("#done", has_text="2 entries of yours: assigned").wait_for()
    assert is_open(page) == before
    assert page.locator(".given").count() >= 2


def test_a_text_is_added_and_its_progress_is_seen(page: Page, home: str) -> None:
    source = (ROOT / "seeds" / "nato-2014" / "2014-06-15-interview.md").read_text(encoding="utf-8")
    page.goto(f"{home}/add")
    page.locator("#paste").fill(source)
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_url("**/checks/*")
    page.locator("main a[href^='/articles/']").wait_for()
    page.locator("main a[href^='/articles/']").first.click()
    page.locator("h1", has_text="The new chairman").wait_for()
    assert page.locator(".text a.m").count() > 3


def test_a_copy_goes_to_the_clipboard(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("a.open").first.click()
    page.get_by_role("link", name="Markdown").click()
    page.locator("#copied", has_text="Copied").wait_for()
    assert "What differs" in page.evaluate("navigator.clipboard.readText()")


def test_a_copy_without_a_clipboard_for_scripts_goes_the_old_way(page: Page) -> None:
    """As over http on a network, where browsers give pages no clipboard."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("a.open").first.click()
    page.reload()
    page.get_by_role("link", name="plain text").click()
    page.locator("#copied", has_text="Copied").wait_for()
    if not page.locator("#note").is_visible():
        page.locator("#comment summary").click()
    page.locator("#note").focus()
    page.keyboard.press("Control+V")
    assert "Finding: http" in page.locator("#note").input_value()


def test_without_scripts_everything_but_live_progress_works(browser: Browser, home: str) -> None:
    for page in signed_in(browser, home, java_script_enabled=False):
        before = is_open(page)
        page.locator("button[value^='accept:f-']").first.click()
        settled(page, before - 1)
        page.get_by_role("button", name="Take it back").click()
        settled(page, before)
        page.locator("a[data-key=d]").first.click()
        page.locator("#dismiss summary").click()
        page.locator("#dismiss .reasons button").first.click()
        page.locator("#done", has_text="dismissed").wait_for()
        page.goto(f"{home}/?tier=strong")
        page.locator("a.open").first.click()
        page.locator("article.finding").wait_for()


def test_by_keyboard_alone_and_without_scripts(browser: Browser, tmp_path: Path) -> None:
    """A sample; the bench has all workflows at three widths, with and without scripts."""
    place = str(tmp_path / "desk.db")
    at = furnished(place, 4)
    with served(place, Options(transport=Stuck()), api_key="none") as address:
        context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
        page = context.new_page()
        for workflow in (signs_in, says_who_is_who, stops_a_check, retracts):
            workflow(page, address, at)
        context.close()


LONG = "Nobody at the harbour office would say why, and the file that could tell has been closed for nine years. " * 8
"""What stands before the words of a finding in its article."""


def test_on_a_phone_both_quotes_are_seen_before_anything_is_scrolled(browser: Browser, tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    june = entry(f"{LONG}The board will lease the pier, Ann Roe said.", sentence=9, published="2024-06-01")
    july = entry(f"{LONG}The board will never lease the pier, Ann Roe said.", sentence=9, published="2024-07-01")
    with closing(open_ledger(place)) as ledger:
        ledger.keep([june, Entry(july.document, july.claims, findings=[finding(june, july)])], RUN)
    with served(place) as home:
        for page in signed_in(browser, home, viewport={"width": 390, "height": 844}):
            for path, end in (("/", 844), (f"/findings/{finding(june, july).id}", page_end(page, home, june, july))):
                page.goto(f"{home}{path}")
                for words in ("will lease the pier", "will never lease the pier"):
                    box = page.locator(".pair q:visible", has_text=words).first.bounding_box()
                    assert box
                    assert box["y"] + box["height"] < end, (path, words)
            page.set_viewport_size({"width": 820, "height": 844})
            assert page.locator("article .pair:visible").count() == 0


def page_end(page: Page, home: str, june: Entry, july: Entry) -> float:
    """Where the bar of buttons begins that stays in view."""
    page.goto(f"{home}/findings/{finding(june, july).id}")
    box = page.locator(".decide").bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_nothing_is_too_wide_and_axe_finds_nothing_serious(
    browser: Browser, home: str, width: int, scheme: str
) -> None:
    for page in signed_in(browser, home, viewport={"width": width, "height": 844}, color_scheme=scheme):
        finding = str(page.locator("a.open").first.get_attribute("href"))
        paths = ("/", finding) if width < 1000 else ("/people", "/add")
        assert unfit(page, home, paths, width) == []
