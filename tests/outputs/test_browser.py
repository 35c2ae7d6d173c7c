"""The HTML page in a real browser: from a finding to its words and back, filters, keyboard, phone, dark, print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import factcheck
from factcheck.models import Claim, Finding, Report
from factcheck.quality.trials import Tape, load_cases, run_trials
from tests.support.browser import chromium, opened
from tests.support.reports import bills, claim, report

ROOT = Path(__file__).parent.parent.parent
PHONE = {"width": 390, "height": 844}
OVERLAPS = "Ann Roe told the Echo on Monday: “I have paid the bill.” Ben Ito says Ann Roe hid the bill. She denies it."


@pytest.fixture(scope="module")
def seeds() -> Report:
    settings = factcheck.load_settings(use_cache=False)
    return factcheck.check([ROOT / "seeds" / "nato-2014"], settings=settings, replay=ROOT / "fixtures" / "recordings")


@pytest.fixture(scope="module")
def files(seeds: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of the seeds, of an Arabic dossier, and of made-up bills; made before the browser takes the event loop."""
    folder = tmp_path_factory.mktemp("pages")
    case = load_cases(ROOT / "fixtures" / "cases" / "ar-water.json")
    tape = Tape(None, ROOT / "fixtures" / "recordings")
    arabic = run_trials(case, factcheck.load_settings(use_cache=False), tape)[0].trials[0].result
    assert isinstance(arabic, Report)
    for name, made in (("seeds", seeds), ("arabic", arabic), ("bills", bills(folder))):
        (folder / f"{name}.html").write_text(factcheck.render(made, "html"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser(files: Path) -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, files: Path) -> Iterator[Page]:
    with opened(browser, files / "seeds.html") as open_page:
        yield open_page


def in_view(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    assert box
    size = page.viewport_size
    assert size
    return box["y"] >= 0 and box["y"] + min(box["height"], 40) <= size["height"]


def stubb(page: Page) -> str:
    """The id of the card of Stubb's wish in June against October's near future."""
    card = page.locator(".finding", has_text="wants Finland to become").filter(has_text="membership in the near future")
    return str(card.first.get_attribute("id"))


def words_about(item: Claim) -> list[str]:
    said = item.attribution
    dated = f"said {said.stated_on}" if said.stated_on else None
    return [part for part in (said.speaker, said.role, said.organisation, dated) if part]


def test_a_finding_says_who_said_what_when(page: Page, seeds: Report) -> None:
    card = page.locator("#" + stubb(page))
    assert card.locator("h3").inner_text().replace("\n", "").endswith("Alexander Stubb: position softened")
    found = next(f for f in seeds.findings if f.id == card.get_attribute("data-id"))
    first, second = seeds.claim(found.a), seeds.claim(found.b)
    assert card.locator("mark").all_inner_texts() == [q.exact for c in (first, second) for q in c.quotes]
    shown = card.inner_text()
    assert words_about(first)
    for words in (*words_about(first), *words_about(second), found.explanation, found.reading, found.severity,
                  found.tier, "not reviewed", "What differs", "How both could stand"):  # fmt: skip
        assert words in shown, words
    assert page.locator(".finding").count() == len(seeds.findings)


def test_a_click_on_a_finding_lands_on_its_words_and_back(page: Page) -> None:
    card = stubb(page)
    page.locator(f"#{card} .go a").nth(1).click()
    page.locator(".m.hit:focus").wait_for()
    assert "NATO membership in the near future" in page.locator(".m.hit").all_inner_texts()[0]
    assert in_view(page, ".m.hit")
    assert page.evaluate("document.activeElement.classList.contains('hit')")
    page.locator(".back").click()
    page.locator(f"#{card}:focus").wait_for()
    assert page.evaluate("location.hash") == f"#{card}"
    assert in_view(page, f"#{card}")
    assert page.locator(".m.hit").count() == 0


def test_numbers_in_the_text_and_in_the_timeline_lead_to_findings(page: Page) -> None:
    card = stubb(page)
    page.locator(f".text a.ref[href='#{card}']").first.click()
    page.locator(f"#{card}:focus").wait_for()
    assert in_view(page, f"#{card}")
    page.locator(f"#timelines a[href='#{card}']").focus()
    page.keyboard.press("Enter")
    page.locator(f"#{card}:focus").wait_for()
    dot = page.locator("#timelines a[href^='#w']").first
    words = str(dot.locator("title").text_content()).split("“")[1].rstrip("”")
    dot.focus()
    page.keyboard.press("Enter")
    page.locator(".m.hit:focus").wait_for()
    assert " … ".join(page.locator(".m.hit").all_inner_texts()) == words


def choose(page: Page, name: str, text: str) -> None:
    box = page.locator(f"#by-{name}")
    options = [o for o in box.locator("option").all_inner_texts() if text in o]
    box.select_option(label=options[0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("speaker", "Alexander Stubb"),
        ("kind", "accusation"),
        ("target", "Russia"),
        ("document", "2014-10-23"),
        ("finding", "statements disputed"),
        ("tier", "strong"),
    ],
)
def test_filters_keep_what_fits(page: Page, seeds: Report, name: str, text: str) -> None:
    choose(page, name, text)
    speakers = {c.id for c in seeds.claims if c.attribution.speaker == "Alexander Stubb"}
    kinds = {c.id for c in seeds.claims if c.kind == "accusation"}
    targets = {c.id for c in seeds.claims if c.target == "Russia"}
    october = {c.id for c in seeds.claims if seeds.document(c.document_id).published == "2014-10-23"}
    fitting = {"speaker": speakers, "kind": kinds, "target": targets, "document": october}.get(name)
    found = [f for f in seeds.findings if fitting is None or {f.a, f.b} & fitting]
    if name == "finding":
        found = [f for f in found if f.kind == "dispute"]
    shown = page.locator(".finding:visible").evaluate_all("cards => cards.map(card => card.dataset.id)")
    assert shown == [f.id for f in found]
    if fitting is not None:
        kept = page.locator(".claims li:not([hidden])").evaluate_all("items => items.map(item => item.dataset.id)")
        assert set(kept) == fitting
        assert (
            f"Showing {len(found)} of {len(seeds.findings)} findings and {len(fitting)} of"
            in page.locator("#shown").inner_text()
        )
    page.locator("#reset").click()
    assert page.locator(".finding:visible").count() == len(seeds.findings)
    assert page.locator(".document:visible").count() == len(seeds.documents)


@pytest.mark.parametrize("words", ["Lehtomaki Paula", "PAULA LEHTOMÄKI", "lehtomäki  paula"])
def test_search_finds_words_in_any_order_with_accents_folded(page: Page, words: str) -> None:
    page.locator("#search").fill(words)
    expect(page.locator("#shown")).to_contain_text("Showing")
    assert page.locator(".claims li:not([hidden])").count() > 0
    page.locator("#search").fill("Lehtomaki zebra")
    expect(page.locator(".claims li:not([hidden])")).to_have_count(0)


def test_no_line_breaks_within_a_date(browser: Browser, files: Path) -> None:
    with opened(browser, files / "seeds.html", viewport=PHONE) as phone:
        lines = phone.evaluate(
            "[...document.querySelectorAll('time')].map(e => [e.textContent, e.getClientRects().length])"
        )
        assert len(lines) > 20
        assert {count for _, count in lines} <= {0, 1}
        assert (
            phone.locator(".when", has_text=re.compile(r"\d{4}-\d\d")).filter(has_not=phone.locator("time")).count()
            == 0
        )


def test_on_a_phone_the_second_side_is_in_view_at_once(browser: Browser, files: Path) -> None:
    with opened(browser, files / "seeds.html", viewport=PHONE) as phone:
        box = phone.locator(".finding blockquote").nth(1).bounding_box()
        assert box
        assert box["y"] + 20 < PHONE["height"]


def test_on_a_phone_the_filter_scrolls_away(browser: Browser, files: Path) -> None:
    with opened(browser, files / "seeds.html", viewport={"width": 390, "height": 700}) as phone:
        assert phone.locator("#filters").evaluate("e => getComputedStyle(e).position") == "static"


def test_search_finds_findings_and_text(page: Page) -> None:
    page.locator("#search").fill("car park")
    page.locator(".finding").first.wait_for(state="hidden")
    assert page.locator(".document:visible h3").all_inner_texts() == [
        "The new chairman: Alexander Stubb on growth, running and NATO"
    ]
    assert page.locator("#findings .none").is_visible()
    page.locator("#search").fill("five-party")
    page.locator("#findings .none").wait_for(state="hidden")
    assert 0 < page.locator(".finding:visible").count() < page.locator(".finding").count()


def words_of(item: Claim) -> str:
    return f"#w{item.id[1:]}"


def test_a_link_to_hidden_words_shows_them(page: Page, seeds: Report) -> None:
    choose(page, "speaker", "Vladimir Putin")
    page.evaluate(f"location.hash = '{words_of(seeds.claims[0])}'")
    page.locator(".m.hit").first.wait_for()
    assert in_view(page, ".m.hit")


def test_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("Enter")
    page.locator("#findings:focus").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "1"  # the address of the finding
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Read it in the article")
    page.keyboard.press("Enter")
    page.locator(".m.hit:focus").wait_for()
    words = page.locator(".m.hit").first.inner_text()
    assert page.evaluate("document.activeElement.textContent") == words
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") != words
    page.locator("#about").wait_for()  # shown a moment after the focus moves
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#about') !== null")
    page.keyboard.press("Escape")
    assert page.locator("#about").is_hidden()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == words
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") in {"back", "ref"}


def test_pointing_at_words_shows_who_says_them(page: Page, seeds: Report) -> None:
    accusation = next(c for c in seeds.claims if c.kind == "accusation" and c.target)
    mark = page.locator(words_of(accusation))
    mark.scroll_into_view_if_needed()
    line = mark.evaluate("e => { const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; }")
    page.mouse.move(*line)
    shown = page.locator("#about").inner_text()
    for words in ("accusation", f"against {accusation.target}", *words_about(accusation)):
        assert words in shown, words
    page.locator("h1").hover()
    assert page.locator("#about").is_hidden()


def test_overlapping_claims_are_all_marked(browser: Browser, tmp_path: Path) -> None:
    document = factcheck.document_from_text(OVERLAPS)
    claims = [
        claim(document, "Ann Roe told the Echo on Monday: “I have paid the bill.”", speaker="The Echo"),
        claim(document, "I have paid the bill.” Ben Ito says", kind="official_position", speaker="Ann Roe"),
        claim(document, "Ben Ito says Ann Roe hid the bill.", kind="accusation", speaker="Ben Ito", target="Ann Roe"),
    ]
    (tmp_path / "a.html").write_text(factcheck.render(report([document], claims), "html"), encoding="utf-8")
    with opened(browser, tmp_path / "a.html") as page:
        assert page.locator(".text").inner_text() == OVERLAPS
        for number, item in enumerate(claims, 1):
            parts = page.locator(f"a.m[data-c~='{number}']").all_inner_texts()
            assert "".join(parts) == item.quotes[0].exact
        page.evaluate(f"location.hash = '{words_of(claims[1])}'")
        page.locator(".m.hit").first.wait_for()
        assert "".join(page.locator(".m.hit").all_inner_texts()) == claims[1].quotes[0].exact


@pytest.mark.parametrize("name", ["seeds", "arabic", "bills"])
@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_nothing_is_wider_than_the_window(browser: Browser, files: Path, name: str, width: int) -> None:
    with opened(browser, files / f"{name}.html", viewport={"width": width, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if name == "seeds":
            first, second = (page.locator(".finding").first.locator("figure").nth(i).bounding_box() for i in (0, 1))
            assert first
            assert second
            assert (second["y"] > first["y"]) == (width < 700)


def test_dark_mode_is_dark(browser: Browser, files: Path) -> None:
    def brightness(scheme: str) -> float:
        with opened(browser, files / "seeds.html", color_scheme=scheme) as page:
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    assert brightness("dark") < 150
    assert brightness("light") > 600


def test_what_is_chosen_stands_in_the_address(browser: Browser, files: Path, seeds: Report) -> None:
    with opened(browser, files / "seeds.html") as page:
        choose(page, "speaker", "Alexander Stubb")
        page.locator("#order").select_option("newest")
        page.locator("#search").fill("Nató membership")
        expect(page).to_have_url(re.compile("q="))
        address, shown = page.url, page.locator("#shown").inner_text()
        order = page.locator(".finding:visible").evaluate_all("all => all.map(e => e.id)")
        card = page.locator(".finding:visible").first
        card.locator("a.number").click()
        assert page.url.split("#")[1].startswith(order[0] + "&")
        page.go_back()
        assert page.url == address
        assert page.locator("#shown").inner_text() == shown
    assert 0 < len(order) < len(seeds.findings)
    with opened(browser, files / "seeds.html", fragment=address.split("#")[1]) as again:
        assert again.locator("#by-speaker option:checked").inner_text().startswith("Alexander Stubb")
        assert again.locator("#shown").inner_text() == shown
        assert again.locator(".finding:visible").evaluate_all("all => all.map(e => e.id)") == order
        again.locator("#reset").click()
        assert again.locator(".finding:visible").count() == len(seeds.findings)


def test_findings_are_found_by_their_ids(browser: Browser, files: Path, seeds: Report) -> None:
    wanted = seeds.findings[-1].id
    with opened(browser, files / "seeds.html", fragment=wanted) as page:
        page.locator(f"#{wanted}:focus").wait_for()
        assert in_view(page, f"#{wanted}")


def test_the_queue_goes_in_the_order_that_is_chosen(page: Page, seeds: Report) -> None:
    def ids() -> list[str]:
        return list(page.locator(".finding").evaluate_all("all => all.map(e => e.id)"))

    def newest(item: Finding) -> str:
        return max(seeds.document(seeds.claim(key).document_id).published or "" for key in (item.a, item.b))

    page.locator("#order").select_option("newest")
    assert [newest(f) for f in map({f.id: f for f in seeds.findings}.__getitem__, ids())] == sorted(
        map(newest, seeds.findings), reverse=True
    )
    page.locator("#order").select_option("apart")
    apart = [{f.id: f.days_apart or 0 for f in seeds.findings}[key] for key in ids()]
    assert apart == sorted(apart, reverse=True) != [f.days_apart or 0 for f in seeds.findings]
    page.locator("#order").select_option("")
    assert ids() == [f.id for f in seeds.findings]


LIT = """[...CSS.highlights.get("sought")].map(String)"""


def test_search_folds_accents_takes_any_order_and_marks_what_it_found(browser: Browser, tmp_path: Path) -> None:
    document = factcheck.document_from_text("Müller sagte: Die Straße nach Łódź  bleibt zu. Nobody else did.")
    claims = [claim(document, "Die Straße nach Łódź  bleibt zu", speaker="Müller", topic="")]
    (tmp_path / "a.html").write_text(factcheck.render(report([document], claims), "html"), encoding="utf-8")
    with opened(browser, tmp_path / "a.html", fragment="q=lodz+strasse+MULLER") as page:
        assert page.locator(".document").is_visible()
        assert {"Straße", "Łódź", "Müller"} == set(page.evaluate(LIT))
        page.locator("#search").fill("bleibt zebra")
        page.locator(".document").wait_for(state="hidden")
        page.locator("#search").fill("nach Łódź bleibt")
        page.locator(".document").wait_for()
        page.locator("#search").fill("formatted")  # words of the page's own buttons are not searched
        page.locator(".document").wait_for(state="hidden")


def test_a_finding_is_copied_in_three_forms(browser: Browser, files: Path) -> None:
    with opened(browser, files / "bills.html", permissions=["clipboard-read", "clipboard-write"]) as page:
        card = page.locator(".finding").first
        read = "navigator.clipboard.read().then(i => i[0]).then(i => i.getType('{}')).then(b => b.text())"
        for form, kind, wanted in (
            ("text", "text/plain", "Source: “Bills in The Echo”, The Echo, 2024-03-04, https://example.org/ann.md"),
            ("markdown", "text/plain", "> “I have paid the bill”"),
            ("html", "text/html", '<a href="https://example.org/ben.md"'),
        ):
            card.locator(f"[data-copy={form}]").click()
            expect(card.locator(".copy [role=status]")).to_have_text("Copied.")
            assert wanted in page.evaluate(read.format(kind))


def test_a_browser_without_a_clipboard_copies_a_selection(browser: Browser, files: Path) -> None:
    with opened(browser, files / "bills.html", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.evaluate("window.ClipboardItem = undefined")
        page.locator(".finding").nth(1).locator("[data-copy=text]").click()
        expect(page.locator(".finding").nth(1).locator(".copy [role=status]")).to_have_text("Copied.")
        assert "accusation against Ann Roe" in page.evaluate("navigator.clipboard.readText()")


def test_the_filter_takes_no_more_than_a_third_of_a_phone(browser: Browser, files: Path) -> None:
    with opened(browser, files / "seeds.html", viewport=PHONE) as phone:
        phone.locator("#filters summary").click()
        phone.locator(".finding").nth(1).scroll_into_view_if_needed()
        bar = phone.locator("#filters").bounding_box()
        assert bar
        assert bar["y"] + bar["height"] < PHONE["height"] / 3


def test_in_print_findings_are_whole_and_share_sheets(browser: Browser, files: Path, seeds: Report) -> None:
    with opened(browser, files / "seeds.html") as page:
        sheets = pypdfium2.PdfDocument(page.pdf(format="A4"))
    texts = [" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in sheets]
    ends = [next(n for n, text in enumerate(texts) if f.reading in text) for f in seeds.findings]
    starts = [next(n for n, text in enumerate(texts) if f.explanation[:30] in text) for f in seeds.findings]
    assert starts == ends
    assert max(ends) + 1 <= len(seeds.findings) / 2


SIDES = """e => [...e.children].map(c => {
  const range = new Range();
  range.selectNodeContents(c);
  return [c.getBoundingClientRect(), range.getBoundingClientRect()].map(r => [r.left, r.right]);
})"""


def test_bylines_of_right_to_left_articles_are_in_order(browser: Browser, files: Path) -> None:
    with opened(browser, files / "arabic.html") as page:
        for number in range(page.locator(".document header .origin").count()):
            parts = page.locator(".document header .origin").nth(number).evaluate(SIDES)
            assert len(parts) > 1
            assert parts == sorted(parts)
            for (left, right), (begins, ends) in parts[:-1]:  # the dot stands after the name, whatever its script
                assert begins == left
                assert ends < right - 4


def test_print_shows_everything(page: Page, seeds: Report) -> None:
    assert page.locator(".claims ol").first.is_hidden()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000
    assert page.locator(".claims ol").first.is_hidden()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#filters").is_hidden()
    assert page.locator(".claims li:visible").count() == len(seeds.claims)


def test_right_to_left_articles_read_right_to_left(browser: Browser, files: Path) -> None:
    with opened(browser, files / "arabic.html") as page:
        text = page.locator(".text").first
        assert text.evaluate("e => getComputedStyle(e).direction") == "rtl"
        assert page.locator("html").evaluate("e => getComputedStyle(e).direction") == "ltr"
        paragraph, box = text.locator("p").first.bounding_box(), page.locator(".document").first.bounding_box()
        assert paragraph
        assert box
        assert box["x"] + box["width"] - (paragraph["x"] + paragraph["width"]) < 40
        text.locator("a.m").first.focus()
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.textContent") == text.locator("a.m").nth(1).inner_text()


def test_without_scripts_the_links_still_lead_to_the_words(browser: Browser, files: Path) -> None:
    with opened(browser, files / "seeds.html", java_script_enabled=False) as page:
        assert page.locator("#filters").is_hidden()
        page.locator(".finding .go a").first.click()
        assert in_view(page, "a.m:target")


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("seeds", "light", 1280),
        ("seeds", "dark", 390),
        ("arabic", "light", 390),
        ("arabic", "dark", 1280),
        ("bills", "light", 1280),
        ("bills", "dark", 390),
    ],
)
def test_no_serious_accessibility_finding(browser: Browser, files: Path, name: str, scheme: str, width: int) -> None:
    with opened(browser, files / f"{name}.html", color_scheme=scheme, viewport={"width": width, "height": 844}) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
