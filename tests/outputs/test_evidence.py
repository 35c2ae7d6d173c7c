"""What outputs show of evidence: exact words with who, when and where, what repeats what, and what was searched."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import factcheck
from factcheck.models import Report
from factcheck.outputs.changes import diff
from factcheck.outputs.evidence import sides, weighed_in
from factcheck.outputs.render import FORMATS
from factcheck.outputs.terminal import draw
from tests.support.browser import chromium, opened
from tests.support.evidence import BOOKS, RECORD, weighed
from tests.support.reports import bills

SHOWING = ("text", "html", "markdown", "evidence-csv", "jsonl", "schema-org")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    return weighed(bills(Path()))


def flat(text: str) -> str:
    """Without markup, escapes and line ends that only the format needs."""
    text = re.sub(r"<[^>]+>", "", text).replace("&#39;", "'").replace("&amp;", "&").replace("\\n", " ")
    return " ".join(text.replace("\\", "").split())


@pytest.mark.parametrize("name", SHOWING)
@pytest.mark.parametrize(
    "words",
    [
        "The town has no payment of Ann Roe on its books",
        "I have paid the bill, but for the last 40 crowns.",
        "Town of Tollmere",
        "2024-02-01",
        "known since 2024-06-02, after the statement",
        "a copy of Town of Tollmere, “Open bills”, 2024-02-01",
        "She may have paid in cash.",
        "“False” by Check Desk",
        "The quotation leaves out (ROE): “but for the last 40 crowns.”",
        "archive for “Roe bill paid” (12 hits)",
        "wikipedia:en for “Roe bill” (0 hits, no answer in time)",
        "which bill",
    ],
)
def test_every_output_shows_who_what_when_where_and_what_was_searched(made: Report, name: str, words: str) -> None:
    text = flat(factcheck.render(made, name))
    if name == "evidence-csv":
        text = text.replace('""', '"')
        words = {
            "known since 2024-06-02, after the statement": "2024-06-02",
            "“False” by Check Desk": "“False”,Check Desk",
        }.get(words, words)
    assert words in text


@pytest.mark.parametrize("name", FORMATS)
def test_no_output_says_what_is_right(made: Report, name: str) -> None:
    text = re.sub(r"<(script|style)>.*?</\1>", "", factcheck.render(made, name), flags=re.DOTALL)
    text = re.sub(r"aria-\w+=\"true\"", "", text)
    text = re.sub(r'"(checkworthy|executionSuccessful|hidden|independent|strong)": (true|false)', "", text)
    text = re.sub(r"“False”|\"text\": \"False\"", "", text)  # somebody's rating, quoted, with the name beside it
    found = re.search(r"\b(true|false|debunked|fake|lie[ds]?|proven|refuted|confirmed as)\b", text, re.IGNORECASE)
    assert not found, text[max(0, found.start() - 80) : found.end() + 20] if found else ""


@pytest.mark.parametrize("name", SHOWING)
def test_nothing_found_says_what_was_searched(made: Report, name: str) -> None:
    check = made.checks[1]
    only = made.model_copy(update={"checks": (check,), "evidence": ()})
    text = flat(factcheck.render(only, name))
    assert ("nothing found that bears on it" in text) or (name == "evidence-csv" and "nothing_found" in text)
    assert "Searched: archive for “Roe bill paid” (12 hits); wikipedia:en" in text
    none = only.model_copy(update={"checks": (check.model_copy(update={"searched": ()}),)})
    assert "Searched: no source." in flat(factcheck.render(none, name))


@pytest.mark.parametrize("name", FORMATS)
def test_documents_that_were_found_are_not_shown_as_articles(made: Report, name: str) -> None:
    without = made.model_copy(update={"evidence": (), "checks": ()})
    text = factcheck.render(without, name)
    assert ("Open bills" in text) == (name in {"json", "jsonl"})


def test_a_report_without_evidence_says_nothing_of_it(made: Report) -> None:
    plain = made.model_copy(update={"evidence": (), "checks": (), "documents": made.articles})
    for name in ("text", "html", "markdown"):
        assert "vidence" not in re.sub(r"<(script|style)>.*?</\1>", "", factcheck.render(plain, name), flags=re.DOTALL)


def test_the_tally_counts_origins_and_not_copies(made: Report) -> None:
    text = flat(factcheck.render(made, "text"))
    assert (
        "evidence: what was found points both ways · supports: 1 independent source · "
        "conflicts: 2 independent sources, 1 not independent · "
        "qualifies: 0 independent sources, 1 not independent" in text
    )
    assert "[2] conflicts · lead · Radio Tollmere" in text
    assert "one origin with [1]: a copy of" in text
    assert "not independent: the speaker's own words" in text


def test_sides_are_cut_where_they_differ(made: Report) -> None:
    claim = made.claims[0]
    pieces = weighed_in(made)[claim.id].pieces
    here, there = sides(claim, made.document(claim.document_id), pieces[2])
    assert [bit.text for bit in there if bit.differs] == ["but for the last 40 crowns."]
    assert "".join(bit.text for bit in there if bit.quoted) in RECORD
    assert not any(bit.differs for bit in here)
    here, there = sides(claim, made.document(claim.document_id), pieces[0])
    assert "".join(bit.text for bit in there) == BOOKS.split(". ", maxsplit=1)[0] + "."
    assert "".join(bit.text for bit in here if bit.quoted) == "I have paid the bill"


def test_csv_has_a_row_a_piece_and_one_for_nothing_found(made: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(factcheck.render(made, "evidence-csv"))))
    assert len(rows) == len(made.evidence) + 1
    assert [row["relation"] for row in rows] == ["conflicts", "conflicts", "qualifies", "supports", "conflicts", ""]
    assert rows[1]["one_origin_with"] == rows[0]["id"]
    assert (rows[4]["rating"], rows[4]["rated_by"]) == ("“False”", "Check Desk")
    assert (rows[5]["outcome"], rows[5]["claim_answers"]) == ("nothing_found", "Ann Roe: “She denies it.”")
    assert all(row["claim_speaker"] for row in rows)
    empty = made.model_copy(update={"evidence": (), "checks": ()})
    assert factcheck.render(empty, "evidence-csv").startswith("claim_id,")


def test_diff_says_what_else_was_found(made: Report) -> None:
    without = made.model_copy(update={"evidence": (), "checks": (), "documents": made.articles})
    found = diff(without, made)
    assert found[0] == (
        "evidence changed: Ann Roe: “I have paid the bill”: what was found points both ways, was not looked into"
    )
    assert sum(line.startswith("evidence added: Ann Roe: “I have paid the bill”: e-") for line in found) == 5
    assert len(found) == 7
    assert len(diff(made, without)) == 7
    assert diff(made, made) == []


def test_jsonl_records_of_evidence_stand_alone(made: Report) -> None:
    records = [json.loads(line) for line in factcheck.render(made, "jsonl").splitlines()]
    pieces = [r for r in records if r["type"] == "evidence"]
    assert [p["document"]["publisher"] for p in pieces][:2] == ["Town of Tollmere", "Radio Tollmere"]
    assert pieces[0]["claim"]["attribution"]["speaker"] == "Ann Roe"
    checks = [r for r in records if r["type"] == "check"]
    assert [c["outcome"] for c in checks] == ["mixed", "nothing_found"]
    assert checks[1]["claim"]["answers"][0]["attribution"]["speaker"] == "Ann Roe"


def test_schema_org_cites_and_reviews_nothing(made: Report) -> None:
    graph = json.loads(factcheck.render(made, "schema-org"))["@graph"]
    first: dict[str, Any] = next(node for node in graph if node["identifier"] == made.claims[0].id)
    cited = first["citation"]
    assert [c["@type"] for c in cited] == ["Quotation"] * 5
    assert cited[1]["isBasedOn"] == cited[0]["@id"]
    assert cited[0]["isPartOf"]["url"] == "https://tollmere.example/open"
    reviews = [node for node in graph if node["@type"] == "ClaimReview"]
    assert all(not node["identifier"].startswith("e-") for node in reviews)
    assert len(reviews) == 1  # the one that a named person accepted


def test_the_page_shows_both_texts_without_scripts_in_the_dark_and_on_a_phone(made: Report, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(factcheck.render(made, "html"), encoding="utf-8")
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 390, "height": 800}, color_scheme="dark", java_script_enabled=False
        )
        page = context.new_page()
        page.goto((tmp_path / "a.html").as_uri())
        card = page.locator(".weighed").first
        assert card.locator("mark.differs").all_inner_texts() == ["but for the last 40 crowns."]
        assert card.locator("details.copies summary").inner_text() == "1 more piece with the same origin"
        box = card.bounding_box()
        assert box
        assert box["width"] <= 390
        assert page.locator(".weighed").nth(1).inner_text().count("Searched: archive") == 1
        context.close()


def test_the_page_filters_claims_by_what_was_found(made: Report, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(factcheck.render(made, "html"), encoding="utf-8")
    with chromium() as browser, opened(browser, tmp_path / "a.html") as page:
        page.locator("#by-outcome").select_option("nothing_found")
        assert [page.locator(".weighed").nth(n).is_visible() for n in (0, 1)] == [False, True]
        assert page.locator("#shown").inner_text().endswith("1 of 2 with evidence.")
        page.locator("#reset").click()
        page.locator(".weighed .go a").first.click()
        assert page.locator("a.back").inner_text() == "← back to evidence 1"


def test_the_terminal_shows_what_conflicts_before_what_supports(made: Report) -> None:
    first, second, *rest = made.claims
    piece = next(e for e in made.evidence if e.relation == "supports")
    copy = piece.model_copy(update={"id": f"{piece.id}x", "claim_id": second.id})
    check = next(c for c in made.checks if c.claim_id == first.id)
    calm = check.model_copy(update={"claim_id": second.id, "outcome": "supported", "evidence": (copy.id,)})
    both = made.model_copy(
        update={"claims": (second, first, *rest), "checks": (calm, check), "evidence": (copy, *made.evidence)}
    )
    shown = io.StringIO()
    draw(both, shown, color=False, claims=False)
    text = flat(shown.getvalue())
    assert 0 < text.index("points both ways") < text.index("what was found supports it")
