"""The HTML page as a document: valid, self-contained, every word where it belongs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import html5lib
import pytest

import factcheck
from factcheck.models import Claim, Document, Report
from factcheck.outputs.spans import in_sentences, paragraphs
from factcheck.outputs.timeline import Timeline, timelines
from factcheck.text.dates import span_of
from tests.support.reports import ANN, article, bills, claim, finding, report

NU = Path(sys.prefix) / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def made(tmp_path: Path) -> Report:
    return bills(tmp_path)


def tree(text: str) -> Any:
    """The page as a strict HTML parser reads it: an error in it fails the test."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_the_page_parses_strictly_and_loads_nothing(made: Report) -> None:
    page = tree(factcheck.render(made, "html"))
    elements = list(page.iter())
    assert not [e.tag for e in elements if e.tag in {"link", "img", "iframe", "object", "embed", "base", "form"}]
    assert not [e for e in elements if any(str(name).startswith("on") or name in {"src", "style"} for name in e.attrib)]
    outside = {e.get("href") for e in elements if e.get("href") and not e.get("href").startswith("#")}
    assert outside == {f"https://example.org/{name}.md" for name in ("ann", "ben", "copy")}
    ids = [e.get("id") for e in elements if e.get("id")]
    assert len(ids) == len(set(ids))
    inside = {e.get("href")[1:] for e in elements if str(e.get("href")).startswith("#")}
    assert inside <= set(ids)


def test_the_validator_of_the_w3c_finds_no_error(made: Report, tmp_path: Path) -> None:
    if not NU.exists() or shutil.which("java") is None:
        pytest.skip("the Nu HTML checker is not installed: it needs npm and Java, see `make test`")
    empty = report([], [])
    for name, shown in (("made", made), ("empty", empty)):
        (tmp_path / f"{name}.html").write_text(factcheck.render(shown, "html"), encoding="utf-8")
    command = ["java", "-jar", str(NU), "--format", "json", "--exit-zero-always", *map(str, tmp_path.glob("*.html"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = json.loads(done.stderr)["messages"]
    assert [m["message"] for m in messages if m["type"] == "error"] == []


def test_the_same_report_gives_the_same_page(made: Report) -> None:
    assert factcheck.render(made, "html") == factcheck.render(made, "html")


def test_an_empty_and_a_failed_report_do_not_look_alike(made: Report) -> None:
    document = made.documents[0]
    nothing = factcheck.render(report([document], []), "html")
    failed = factcheck.render(report([document], [], problems=made.problems), "html")
    assert "There were no claims to compare." in nothing
    assert "No claims found." in nothing
    assert "There were no claims to compare: see the problems below." in failed
    assert "a quote was rejected" in failed


def test_pages_and_times_of_the_original_are_shown(made: Report) -> None:
    first = made.claims[0]
    quote = first.quotes[0].model_copy(update={"page": 3, "time": "00:01:02.000"})
    paged = made.model_copy(update={"claims": (first.model_copy(update={"quotes": (quote,)}), *made.claims[1:])})
    for name in ("html", "markdown", "text"):
        assert "page 3, at 00:01:02.000" in " ".join(factcheck.render(paged, name).split()), name


def plain(stretches: Any) -> str:
    return "".join(part.text for part in stretches)


def test_stretches_give_back_the_text_and_every_quote() -> None:
    text = "One two three.\n\nFour five\nsix seven.\n \n\n# Eight"
    document = article(text)
    claims = {
        1: claim(document, "One two", "Four five\nsix"),
        2: claim(document, "two three.\n\nFour"),
        3: claim(document, "two"),
    }
    cut = paragraphs(document, claims)
    assert [plain(paragraph) for paragraph in cut] == ["One two three.", "Four five\nsix seven.", "# Eight"]
    flat = [part for paragraph in cut for part in paragraph]
    assert plain(part for part in flat if 1 in part.claims) == "One twoFour five\nsix"
    assert plain(part for part in flat if 2 in part.claims) == "two three.Four"
    assert next(part for part in flat if part.text == "two").claims == (3, 1, 2)
    assert [part.begins for part in flat if part.begins] == [(1,), (3, 2)]


def test_quotes_stand_in_their_sentences_after_the_one_before() -> None:
    document = article("Before. She said it was paid in May. Nobody asked. It rained. Later, he left.")
    stretches = in_sentences(document, claim(document, "it was paid", "he left"))
    assert plain(stretches) == "Before. She said it was paid in May. … It rained. Later, he left."
    assert [part.text for part in stretches if part.claims] == ["it was paid", "he left"]
    whole = article(ANN)
    shown = in_sentences(whole, claim(whole, "She denies it."))
    assert plain(shown) == "Ben Ito says Ann Roe hid the bill. She denies it."


@pytest.mark.parametrize(
    ("date", "days"),
    [("2024-03-04", 1), ("2024-02", 29), ("2023", 365), ("2024-13", 0), ("soon", 0), ("", 0), ("2024-03-04T10:00", 1)],
)
def test_partial_dates_are_stretches_of_time(date: str, days: int) -> None:
    span = span_of(date)
    assert (span[1] - span[0] + 1 if span else 0) == days


def spoken(*dates: str, topic: str = "the bill") -> tuple[Document, list[Claim]]:
    document = article(" ".join(f"Words of day {n}." for n, _ in enumerate(dates)))
    claims = [
        claim(document, f"Words of day {n}.", speaker="Ann Roe", stated_on=date, topic=topic)
        for n, date in enumerate(dates)
    ]
    return document, claims


def line_of(document: Document, claims: list[Claim]) -> Timeline:
    (line,) = timelines(report([document], claims, [finding(claims[0], claims[-1])]))
    return line


def test_a_timeline_has_dates_in_order_and_findings_as_links() -> None:
    line = line_of(*spoken("2024-01-01", "2024-07", "2024-12-31"))
    assert [dot.x for dot in line.dots] == sorted(dot.x for dot in line.dots)
    assert line.dots[1].high - line.dots[1].low > 50
    (link,) = line.links
    ends = [f"{dot.x:g} {dot.y:g}" for dot in (line.dots[0], line.dots[2])]
    assert (link.path.startswith(f"M{ends[0]}Q"), link.path.endswith(ends[1])) == (True, True)
    assert line.dots[0].x < link.x < line.dots[2].x
    assert [name for name, _ in line.rows] == ["the bill"]
    assert (line.ticks[0][0], line.ticks[-1][0]) == ("2024-01-01", "2024-12-31")


def test_statements_of_one_day_do_not_hide_each_other() -> None:
    line = line_of(*spoken("2024-01-01", "2024-01-01", "2024-02-01"))
    assert len({(dot.x, dot.y) for dot in line.dots}) == 3
    assert all(dot.y < line.height for dot in line.dots)


def test_one_date_draws_no_timeline() -> None:
    document, claims = spoken("2024-01-01", "2024-01-01")
    assert timelines(report([document], claims)) == []


def test_many_topics_share_a_row_in_the_end() -> None:
    document = article(" ".join(f"Words {n}." for n in range(30)))
    claims = [
        claim(document, f"Words {n}.", speaker="Ann Roe", stated_on=f"2024-01-{n + 1:02}", topic=f"topic {n}")
        for n in range(30)
    ]
    (line,) = timelines(report([document], claims))
    assert len(line.rows) == 12
    assert line.rows[-1][0] == "other topics"
    assert len(line.dots) == 30


def test_the_screenshot_of_the_readme_is_there() -> None:
    named = re.findall(r"!\[[^\]]*\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert named
    assert all((ROOT / name).exists() for name in named)
