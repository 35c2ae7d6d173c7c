"""What people do at the desk, each by keyboard alone: Tab to a thing, Enter, type. Works with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from playwright.sync_api import Page

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry
from factcheck.models import Problem
from tests.support.desk import RUN
from tests.support.deskweb import fill
from tests.support.evidence import looked_into, source
from tests.support.statements import entry, finding

MOST_TABS = 400
SECONDS = 60_000
ARTICLE = "Ann paid the bill. Later Ann never paid it."
NEVER = "Ben paid the bill."
"""A text about which the endpoint of `deskweb.Stuck` never answers."""


@dataclass(frozen=True)
class Place:
    """A desk with everything on it that a page can show, and the ids of some of it."""

    finding: str
    dismissed: str
    stale: str
    statement: str
    """One that was looked into."""
    article: str
    speaker: str


def furnished(place: str, findings: int = 16) -> Place:
    """Fill a ledger with findings of every state, evidence, comments, names that look alike and a problem."""
    ids = fill(place, findings)
    june = entry(
        "The board will lease the pier, Ann Roe said.", speaker="Ann Roe", title="June", url="https://a.example/1"
    )
    july = entry("The board will never lease the pier, Anne Roe said.", speaker="Anne Roe", published="2024-07-01")
    arabic = entry("لن يؤجر المجلس الرصيف، قالت آن رو.", speaker="آن رو", title="الرصيف", published="2024-08-01")
    found = finding(june, july)
    books = source("The pier was leased for 40 crowns, say the books.", publisher="Town", published="2024-02-02")
    with closing(open_ledger(place)) as ledger:
        later = Entry(july.document, july.claims, findings=[found])
        problem = Problem(stage="extract", code="lost", message="one answer was cut off", document_id=june.document.id)
        ledger.keep([june._replace(problems=[problem]), later, arabic], RUN)
        ledger.keep_evidence([looked_into(june.claims[0], [books])], [books], RUN)
        ledger.comment(ids[0], "Asked the office.", by="Ola Ny")
        ledger.assign(ids[0], "Mira", by="Ola Ny")
        ledger.decide(ids[1], "dismissed", by="Ola Ny", note="about different matters: two piers")
        row = ledger.finding(ids[2]).row
        ledger.retract(row.a.document.id, by="Ola Ny", note="Its author withdrew it.")
        speaker = ledger.finding(ids[0]).row.a.claim.attribution.speaker or ""
    return Place(found.id, ids[1], ids[2], june.claims[0].id, june.document.id, speaker)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus; whatever takes more presses than a page has stops cannot be reached."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.locator(f":is({selector}):focus").count():
            return
    raise AssertionError(f"{selector}: cannot be reached with Tab on {page.url}")


def enter(page: Page, selector: str) -> None:
    """Go to this and press Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def unfold(page: Page, panel: str) -> None:
    """Open a part of the page that may be folded."""
    if page.locator(f"{panel}:not([open])").count():
        enter(page, f"{panel} > summary")
        page.locator(f"{panel}[open]").wait_for()


def done(page: Page, words: str) -> None:
    """Wait until the page says that something was done."""
    page.locator("#done", has_text=words).wait_for(timeout=SECONDS)


def signs_in(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/login")
    if not page.locator("#name:focus").count():
        tab_to(page, "#name")
    page.keyboard.type("Mira")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="open").wait_for()


def filters(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    unfold(page, "#narrow details")
    tab_to(page, "#speaker")
    page.keyboard.type("Roe")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "speaker=Roe" in url)
    assert page.locator(".row").count() == 1


def accepts_and_takes_back(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "button[value^='accept:f-']")
    done(page, "accepted")
    enter(page, "#done button")
    done(page, "taken back")


def dismisses(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "a[data-key=d]")
    page.locator("#why[open], article.finding").first.wait_for()
    if not page.locator("#why[open]").count():
        unfold(page, "#dismiss")
        tab_to(page, "#dismiss .reasons button")
    page.keyboard.press("Enter")
    done(page, "dismissed")
    enter(page, "#done button")
    done(page, "taken back")


def comments_and_gives(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/findings/{at.finding}")
    unfold(page, "#comment")
    tab_to(page, "#note")
    page.keyboard.type("Asked her.")
    enter(page, "#comment form button")
    page.locator(".history", has_text="Asked her.").wait_for()
    unfold(page, "#assign")
    tab_to(page, "#to")
    page.keyboard.press("Control+A")
    page.keyboard.type("Ben")
    page.keyboard.press("Enter")
    page.locator(".given", has_text="Ben").wait_for()


def several(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    for _ in range(2):
        tab_to(page, ".row input[type=checkbox]")
        page.keyboard.press("Space")
    tab_to(page, "#to")
    page.keyboard.type("Ben")
    enter(page, "button[value='assign:']")
    done(page, "2 entries of yours: assigned")


def reads_the_sources(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/findings/{at.finding}")
    enter(page, ".go a[href^='/articles/']")
    page.locator(".text a.m.hit").wait_for()
    enter(page, ".text a.m")
    page.locator("dt", has_text="Stands in").wait_for()
    enter(page, "h1 a.name")
    page.locator("h2", has_text="the latest first").wait_for()


def copies(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/findings/{at.finding}/copy.txt")
    assert "How both could stand" in page.locator("body").inner_text()
    page.goto(f"{home}/findings/{at.finding}")
    tab_to(page, ".copy a[href$='.txt']")


def searches(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "nav a[href='/search']")
    page.locator("h1", has_text="Search").wait_for()
    if not page.locator("#text:focus").count():
        tab_to(page, "#text")
    page.keyboard.type("lease pier")
    page.keyboard.press("Enter")
    page.locator("li.statement").first.wait_for()
    enter(page, "li.statement a.words")
    page.locator("dt", has_text="Stands in").wait_for()


def says_who_is_who(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "nav a[href='/people']")
    page.locator("h1", has_text="Who is who").wait_for()
    enter(page, ".pairs button[value=merge]")
    done(page, "merged")
    enter(page, "#done button")
    done(page, "taken back")


def sees_problems(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "nav a[href='/problems']")
    page.locator("li", has_text="cut off").wait_for()


def adds_a_text(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, "nav a[href='/add']")
    page.locator("h1", has_text="Add an article").wait_for()
    tab_to(page, "#paste")
    page.keyboard.insert_text(ARTICLE)
    tab_to(page, "#published")
    page.keyboard.type("2024-09")
    page.keyboard.press("Enter")
    page.locator("main a[href^='/articles/']").first.wait_for(timeout=SECONDS)


def stops_a_check(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/add")
    tab_to(page, "#paste")
    page.keyboard.insert_text(NEVER)
    enter(page, "form:has(#paste) button")
    page.locator("h1", has_text="Checking").wait_for()
    while page.locator("h1", has_text="Checking").count():  # without scripts the page loads itself anew meanwhile
        try:
            enter(page, "form[action$='/stop'] button")
            page.locator("h1", has_text="Stopped").wait_for(timeout=5_000)
        except AssertionError:
            continue
    page.locator("li", has_text="stopped by Mira").wait_for()


def retracts(page: Page, home: str, at: Place) -> None:
    page.goto(f"{home}/findings/{at.finding}")
    enter(page, ".go a[href^='/articles/']")
    page.locator("#retract, .alert").first.wait_for()
    if page.locator("#retract").count():
        unfold(page, "#retract")
        tab_to(page, "#retract input[name=note]")
        page.keyboard.type("Withdrawn.")
        page.keyboard.press("Enter")
    page.locator(".alert", has_text=re.compile("retracted by Mira: Withdrawn")).wait_for()


def signs_out(page: Page, home: str, at: Place) -> None:
    page.goto(home)
    enter(page, ".me button")
    page.locator("h1", has_text="Who is at the desk?").wait_for()


Workflow = Callable[[Page, str, Place], None]
WORKFLOWS: tuple[Workflow, ...] = (
    signs_in,
    filters,
    accepts_and_takes_back,
    dismisses,
    comments_and_gives,
    several,
    reads_the_sources,
    copies,
    searches,
    says_who_is_who,
    sees_problems,
    adds_a_text,
    stops_a_check,
    retracts,
    signs_out,
)
"""In an order in which each finds what it needs; the first signs in, the last out."""
