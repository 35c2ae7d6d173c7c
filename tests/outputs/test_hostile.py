"""A thousand hostile strings through every output: read back by real parsers, and nothing in them is active."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import junitparser
import pytest
from markdown_it import MarkdownIt

import factcheck
from factcheck.inputs.article import canonical
from factcheck.models import Check, Claim, Document, Evidence, Finding, Problem, Rating, Report, Search, Verdict
from factcheck.outputs import inert
from factcheck.outputs.inert import ACTIVE
from factcheck.outputs.render import FORMATS
from tests.support.browser import chromium, opened
from tests.support.evidence import piece, source
from tests.support.reports import article, claim, finding, report

SEEDS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>",
    "</title></style></script><script>window.hit=1</script>",
    "<a href='javascript:window.hit=1'>x</a>",
    "javascript:window.hit=1",
    "data:text/html,<script>window.hit=1</script>",
    '" onmouseover=window.hit=1 x="',
    "' autofocus onfocus=window.hit=1 x='",
    "`onerror=window.hit=1`",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "<!-- --><![CDATA[ ]]> ]]>",
    "&lt;script&gt; &#x3c;script&#x3e; &amp;",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1＋1",
    "a;=1+1",
    'a;\t"=1+1',
    "two lines\n=1+1",
    "1. January",
    "2024. A year",
    "2) February",
    "- a list",
    "GH-1 a1b2c3d4e5f6 :100: zero\u200bwidth\u2060 \ufeff",
    "\t=1+1",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
    "\x9b2J\x07\x08\x7f\x00",
    "\u202edesrever\u202c \u2066x\u2069",
    "\u2028line\u2029paragraph\x0bx\x0cy\x85z",
    "![x](http://evil.example/a.png) [x](javascript:window.hit=1)",
    "[x]: http://evil.example\n\n[x]",
    "http://evil.example www.evil.example mail@evil.example //evil.example <http://evil.example>",
    "# heading\n- list\n> quote\n```\ncode\n```\n| a | b |\n|---|---|",
    "***bold*** ~~gone~~ `code` <b>bold</b> :smile: @somebody #1",
    "::error file=x,line=1::hit\n::set-output name=a::b%0A%25",
    "%0A::error::hit %25 %3A",
    'a,b"c"\r\nd;e',
    "[link](0) {0} {placeholder}",
    "\ufffe\uffff\ufdd0\U0010ffff\U0005fffe \U0001f600 e\u0301 \u0000",
    "x" * 3000,
)  # fmt: skip


def strings() -> list[str]:
    """The seeds alone, behind and in front of each other, and in other cases: 1,000 of them."""
    pairs = (f"{a} {b}" for a, b in itertools.product(SEEDS, SEEDS))
    cases = (change(seed) for seed in SEEDS for change in (str.upper, str.title))
    return list(itertools.islice(dict.fromkeys([*SEEDS, *cases, *pairs]), 1000))


def made_of(values: list[str]) -> Report:
    """A report in which these strings stand in every place that an article or a model can fill, four in each text."""
    around = itertools.cycle(values)
    documents: list[Document] = []
    claims: list[Claim] = []
    findings: list[Finding] = []
    problems: list[Problem] = []
    for value in (" ".join(values[at : at + 4]) for at in range(0, len(values), 4)):
        names = {name: next(around) for name in ("title", "publisher", "url", "language", "author")}
        document = article(f"Before. {value} said so. After.", **names, published="2024-01-02")
        document = document.model_copy(
            update={"path": next(around), "corrects": next(around), "id": f"d-{len(documents)}"}
        )
        words = document.text[len("Before. ") : -len(" After.")]
        fields = ("speaker", "role", "organisation", "on_behalf_of", "cue", "topic")
        said: dict[str, Any] = {**{name: next(around) for name in fields}, "via": (next(around),)}
        first = claim(document, words, kind="accusation", target=next(around), **said, stated_on="2024-01-01")
        second = claim(document, words[: len(words) // 2], **said)
        first, second = (c.model_copy(update={"text": next(around), "id": f"{c.id}-{len(claims)}-{n}"})
                         for n, c in enumerate((first, second)))  # fmt: skip
        verdict = Verdict(decision="accepted", by=next(around), on=next(around), note=next(around))
        findings.append(finding(first, second, id=next(around) + str(len(findings)), explanation=next(around),
                                reading=next(around), verdict=verdict, stale=next(around)))  # fmt: skip
        problems.append(Problem(stage="extract", code=next(around), document_id=document.id, message=next(around)))
        documents.append(document)
        claims += [first, second]
    made = with_evidence(report(documents, claims, findings, problems), around)
    run = made.run.model_copy(update={"model": values[0], "tool": values[1], "prompts": {values[2]: values[3]}})
    return made.model_copy(update={"run": run})


def with_evidence(made: Report, around: Iterator[str]) -> Report:
    """A piece of evidence for every third claim, from a document of its own, with these strings in every field."""
    pieces: list[Evidence] = []
    checks: list[Check] = []
    sources: list[Document] = []
    for n, one in enumerate(made.claims[::3]):
        names = {name: next(around) for name in ("title", "publisher", "url", "language", "published")}
        text = f"{next(around)} {one.quotes[0].exact} {next(around)}"
        document = source(text, **names).model_copy(update={"id": f"d-e{n}", "path": next(around)})
        fields = {name: next(around) for name in ("why", "reading", "dependence", "source", "speaker", "said_on")}
        rating = Rating(text=next(around), by=next(around), url=next(around))
        relation = ("supports", "conflicts", "qualifies")[n % 3]
        told = piece(one, document, document.text[: len(document.text) // 2], document.text[len(document.text) // 2 :],
                     relation=relation, rating=rating, independent=n % 2 == 0, **fields)  # fmt: skip
        told = told.model_copy(update={"id": next(around) + str(n), "nature": "transcript" if n % 2 else "satire"})
        searched: Any = (Search(source=next(around), query=next(around), hits=n, problem=next(around)),)
        outcome: Any = ("supported", "conflicting", "nothing_found")[n % 3]
        kept = (told,) if outcome != "nothing_found" else ()
        check: dict[str, Any] = {"claim_id": one.id, "searched": searched, "evidence": tuple(e.id for e in kept)}
        checks.append(Check(**check, outcome=outcome, leaves_out=next(around)))
        pieces += kept
        sources.append(document)
    changes = {"documents": (*made.documents, *sources), "evidence": tuple(pieces), "checks": tuple(checks)}
    return made.model_copy(update=changes)


@pytest.fixture(scope="module")
def hostile() -> Report:
    values = strings()
    assert len(set(values)) == len(values) == 1000
    made = made_of(values)
    texts = "\n".join(document.text for document in made.documents)
    assert all(canonical(value) in texts for value in values)
    return made


NO_TERMINAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("name", FORMATS)
def test_no_output_holds_what_a_terminal_acts_on(hostile: Report, name: str) -> None:
    found = NO_TERMINAL.search(factcheck.render(hostile, name))
    assert not found, repr(found)


def test_html_has_no_element_or_attribute_of_theirs(hostile: Report) -> None:
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(factcheck.render(hostile, "html"))
    elements = list(page.iter())
    assert [e.get("type") for e in elements if e.tag == "script"] == ["application/json", None]
    assert sum(e.tag == "style" for e in elements) == 1
    assert not [e.tag for e in elements if e.tag in {"img", "iframe", "object", "embed", "base", "form", "b0ld"}]
    attributes = {str(name) for e in elements for name in e.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in {"src", "style", "autofocus"}}
    links = {e.get("href") for e in elements if e.get("href")}
    assert {link.split(":")[0].lower() for link in links if not link.startswith("#")} <= {"http", "https"}
    for reference in (e for e in elements if e.get("class") == "ref"):
        reference.text = ""
    shown = [" ".join("".join(e.itertext()).split()) for e in elements if e.get("class") == "text"]
    assert shown == [" ".join(ACTIVE.sub("\ufffd", d.text).split()) for d in hostile.articles]


def test_html_runs_nothing_in_a_browser(hostile: Report, tmp_path: Path) -> None:
    few = made_of(list(SEEDS))
    (tmp_path / "a.html").write_text(factcheck.render(few, "html"), encoding="utf-8")
    with chromium() as browser, opened(browser, tmp_path / "a.html") as page:
        page.locator("a.m").first.hover()
        page.locator("#by-outcome").select_option("conflicting")
        page.locator("#reset").click()
        page.locator("#search").fill("script")
        assert page.evaluate("window.hit") is None


def test_markdown_has_no_link_image_or_html(hostile: Report) -> None:
    text = factcheck.render(hostile, "markdown")
    active = {"link_open", "image", "html_inline", "html_block", "fence", "code_block", "table_open", "s_open", "hr"}
    tokens = MarkdownIt("gfm-like").parse(text)
    found = [t for t in everything(tokens) if t.type in active]
    assert [(t.type, t.content, t.attrs) for t in found] == []
    headings = [t for t in tokens if t.type == "heading_open"]
    assert len(headings) == 1 + 4 + len(hostile.findings) + len(hostile.articles)
    assert sum(t.type == "ordered_list_open" for t in tokens) == 0
    seen = " ".join(t.content for t in everything(tokens) if t.type == "text")
    assert re.findall(r"\bGH-\d+|@\w|#\d|:smile:|:100:|\ba1b2c3d4e5f6\b|[\u200b\u2060\ufeff]", seen) == []


def test_markdown_that_is_cut_off_after_www_is_no_link() -> None:
    assert inert.markdown("see www.”") == "see www\\.”"
    assert inert.markdown("He said www. Then he left.") == "He said www\\. Then he left."


def everything(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from everything(token.children or [])


@pytest.mark.parametrize("name", ["claims-csv", "findings-csv", "evidence-csv"])
def test_csv_cells_are_text(hostile: Report, name: str) -> None:
    read = list(csv.reader(io.StringIO(factcheck.render(hostile, name), newline=""), strict=True))
    wanted = {"claims-csv": hostile.claims, "findings-csv": hostile.findings, "evidence-csv": hostile.checks}
    assert len(read) == 1 + len(wanted[name])
    assert {len(row) for row in read} == {len(read[0])}
    text = factcheck.render(hostile, name)
    for separator in ",;\t|":
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        assert not [cell for row in rows for cell in row if re.match(r"[\s\"]*[=+\-@＝＋－＠]", cell)]
    assert not [cell for line in text.splitlines() for cell in re.split("[;\t|]", line) if cell.startswith("=")]


@pytest.mark.parametrize("name", ["json", "jsonl", "web-annotations", "schema-org", "sarif"])
def test_json_is_json_and_keeps_every_word(hostile: Report, name: str) -> None:
    text = factcheck.render(hostile, name)
    values = [json.loads(line) for line in text.split("\n") if line] if name == "jsonl" else [json.loads(text)]
    assert values
    if name == "json":
        assert Report.model_validate(values[0]) == hostile
    if name == "web-annotations":
        quotes = [
            item["target"][0]["selector"][0]["exact"] for item in values[0]["first"]["items"][: len(hostile.claims)]
        ]
        assert quotes == [c.quotes[0].exact for c in hostile.claims]
    urls = (
        re.findall(r'"(?:source|url|uri)": "([^"]*)"', text)
        if name in {"web-annotations", "schema-org", "sarif"}
        else []
    )
    assert not [url for url in urls if re.match(r"(javascript|data|vbscript):", url, re.IGNORECASE)]
    assert not [url for url in urls if re.search(r"[\s<>\"\\^`{|}]", url)]


def test_sarif_messages_have_no_links(hostile: Report) -> None:
    results = json.loads(factcheck.render(hostile, "sarif"))["runs"][0]["results"]
    assert not [r for r in results if re.search(r"(?<!\\)[\[\]]", r["message"]["text"].replace("\\\\", ""))]


def test_junit_is_well_formed(hostile: Report) -> None:
    text = factcheck.render(hostile, "junit")
    suite = next(iter(junitparser.JUnitXml.fromstring(text.encode())))
    assert suite.tests == len(list(suite)) == len(hostile.articles)
    assert {e.tag for e in ET.fromstring(text).iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "system-out", "system-err",
    }  # fmt: skip


def test_github_has_a_command_a_line_and_no_other(hostile: Report) -> None:
    lines = factcheck.render(hostile, "github").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(hostile.findings) + len(hostile.problems)
    for line in lines:
        found = re.fullmatch(r"::(?:error|warning|notice) ([^:\r\n]*)::([^\r\n]*)", line)
        assert found, line
        assert {part.split("=")[0] for part in found[1].split(",")} <= {"file", "title"}


def test_every_accusation_has_its_speaker(hostile: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(factcheck.render(hostile, "claims-csv"), newline="")))
    assert all(row["speaker"] for row in rows if row["kind"] == "accusation")
