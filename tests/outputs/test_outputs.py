"""What the outputs for people and programs say, read back by the programs that they are for."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
from markdown_it import MarkdownIt

import factcheck
from factcheck.models import Report, Verdict
from factcheck.outputs.lines import file_of, region_of
from factcheck.outputs.render import FORMATS, format_for
from factcheck.outputs.words import answers_in
from tests.support.evidence import weighed
from tests.support.reports import DISMISSED, article, bills, claim, finding, report

NODE = Path(sys.prefix) / "node" / "node_modules"
MULTITOOL = NODE / "@microsoft" / "sarif-multitool-linux"
FOR_PEOPLE = ("text", "html", "markdown", "findings-csv", "junit", "github", "sarif", "web-annotations", "jsonl")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    return bills(Path())


def flat(text: str) -> str:
    """Without markup, escapes and line ends that only the format needs."""
    text = re.sub(r"<[^>]+>|│|%0A", " ", text.replace("\\n", " ")).replace("\\", "")
    return " ".join(text.replace("&#39;", "'").split())


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_accusation_has_its_speaker_and_the_answer_beside_it(made: Report, format_name: str) -> None:
    text = factcheck.render(weighed(made) if format_name == "evidence-csv" else made, format_name)
    assert "Ben Ito" in text
    if format_name == "json":
        return
    at = text.index("hid the bill", text.index("</header>") if format_name == "html" else 0)
    assert "Ben Ito" in text[max(0, at - 900) : at]
    assert "She denies it." in text[at : at + 3000]


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_words_of_the_tool_are_neutral(made: Report, format_name: str) -> None:
    text = re.sub(r"<(script|style)>.*?</\1>", "", factcheck.render(made, format_name), flags=re.DOTALL)
    text = re.sub(r'"(checkworthy|executionSuccessful|hidden)": (true|false)', "", text)
    found = re.search(r"\b(lie[ds]?|liars?|flip-?flops?|guilty|false|proven|untrue)\b", text, re.IGNORECASE)
    assert not found, found


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_what_people_decided_and_where_else_it_was_said_is_shown(made: Report, format_name: str) -> None:
    text = flat(factcheck.render(made, format_name))
    for words in ("position changed", "Kim Oda", "Both calls confirmed.", "The Copy", "accepted"):
        assert words in text, words
    assert ("not reviewed" in text) or format_name == "jsonl"


def test_what_was_dismissed_is_a_line_in_markdown_and_marked_in_csv(made: Report) -> None:
    verdict = Verdict(decision="dismissed", by="Kim Oda", on="2024-03-01", note="Two bills.")
    report = made.model_copy(update={"findings": (made.findings[0].model_copy(update={"verdict": verdict}),)})
    text = factcheck.render(report, "markdown").split("## Claims")[0]
    assert "dismissed by Kim Oda on 2024\\-03\\-01" in text or "dismissed by Kim Oda on 2024-03-01" in text
    assert "Two bills" in text
    assert "What differs" not in text
    assert "### 1" not in text
    (row,) = csv.DictReader(io.StringIO(factcheck.render(report, "findings-csv")))
    assert (row["review"], row["note"]) == ("dismissed", "Two bills.")


def test_stale_findings_say_why(made: Report) -> None:
    stale = made.findings[0].model_copy(update={"stale": "ben.md was corrected"})
    changed = made.model_copy(update={"findings": (stale,)})
    for name in (*FOR_PEOPLE, "json"):
        assert "ben.md was corrected" in flat(factcheck.render(changed, name)), name


def test_the_nearest_answers_stand_beside_an_accusation() -> None:
    days = ["2020-01-01", "2024-01-01", "2024-02-01", "2024-03-01", "2029-01-01"]
    told = [article(f"Roe denies it, says story {n}.", published=day) for n, day in enumerate(days)]
    home = article("Ito says Roe hid it. Roe denies it at once.", published="2024-02-10")
    accusation = claim(home, "Ito says Roe hid it.", kind="accusation", target="Roe", speaker="Ito")
    denials = [claim(document, document.text, speaker="Roe") for document in told]
    made = report([*told, home], [*denials, claim(home, "Roe denies it at once.", speaker="Roe"), accusation])
    (found,) = answers_in(made).values()
    assert [made.document(c.document_id).published for c in found] == ["2024-02-01", "2024-03-01", "2024-02-10"]


def test_an_unknown_format_is_named(made: Report) -> None:
    with pytest.raises(factcheck.UsageError, match="no format 'docx'"):
        factcheck.render(made, "docx")


def test_endings_choose_formats() -> None:
    endings = {"a.html": "html", "a.MD": "markdown", "a.sarif": "sarif", "a.csv": "findings-csv", "a.txt": "text"}
    assert {name: format_for(Path(name)) for name in endings} == endings


def test_csv_is_read_by_csv_readers(made: Report) -> None:
    claims = list(csv.DictReader(io.StringIO(factcheck.render(made, "claims-csv"))))
    findings = list(csv.DictReader(io.StringIO(factcheck.render(made, "findings-csv"))))
    assert [row["id"] for row in claims] == [c.id for c in made.claims]
    assert claims[1]["answers"] == "Ann Roe: “She denies it.”"
    assert [row["finding"] for row in findings] == ["position changed", "statements disputed"]
    assert findings[0]["a_quote"] == "“I have paid the bill”"
    assert findings[0]["reviewed_by"] == "Kim Oda"
    assert findings[1]["review"] == "not reviewed"


def test_cells_are_text_to_spreadsheets() -> None:
    document = article("=HYPERLINK(1) +1 -1 @SUM is said.", publisher="=cmd|' /C calc'!A0", title="\t=1+1")
    made = report([document], [claim(document, "=HYPERLINK(1)", speaker="@SUM", target="-1", kind="accusation")])
    (row,) = csv.DictReader(io.StringIO(factcheck.render(made, "claims-csv")))
    assert [row[name] for name in ("speaker", "target", "publisher")] == ["'@SUM", "'-1", "'=cmd|' /C calc'!A0"]


def test_jsonl_records_stand_alone(made: Report) -> None:
    records = [json.loads(line) for line in factcheck.render(made, "jsonl").splitlines()]
    assert [r["type"] for r in records].count("claim") == len(made.claims)
    reversal = next(r for r in records if r["type"] == "finding")
    assert reversal["a"]["attribution"]["speaker"] == "Ann Roe"
    assert reversal["b"]["document"]["publisher"] == "The Post"
    assert records[0]["type"] == "run"
    assert records[-1]["type"] == "problem"


ANNOTATION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "id", "type", "total", "first"],
    "properties": {
        "@context": {"const": "http://www.w3.org/ns/anno.jsonld"},
        "type": {"const": "AnnotationCollection"},
        "total": {"type": "integer", "minimum": 0},
        "first": {
            "type": "object",
            "required": ["id", "type", "startIndex", "items"],
            "properties": {"type": {"const": "AnnotationPage"}, "items": {"items": {"$ref": "#/$defs/annotation"}}},
        },
    },
    "$defs": {
        "annotation": {
            "type": "object",
            "required": ["id", "type", "target"],
            "properties": {
                "id": {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"},
                "type": {"const": "Annotation"},
                "motivation": {"enum": ["describing", "commenting"]},
                "body": {
                    "items": {
                        "required": ["type", "value"],
                        "properties": {
                            "type": {"const": "TextualBody"},
                            "purpose": {"enum": ["describing", "commenting", "tagging"]},
                        },
                    }
                },
                "target": {
                    "minItems": 1,
                    "items": {
                        "required": ["source", "selector"],
                        "properties": {
                            "type": {"const": "SpecificResource"},
                            "source": {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"},
                            "selector": {
                                "prefixItems": [
                                    {
                                        "required": ["type", "exact"],
                                        "properties": {
                                            "type": {"const": "TextQuoteSelector"},
                                            "exact": {"minLength": 1},
                                        },
                                    },
                                    {
                                        "required": ["type", "start", "end"],
                                        "properties": {
                                            "type": {"const": "TextPositionSelector"},
                                            "start": {"minimum": 0},
                                        },
                                    },
                                ]
                            },
                        },
                    },
                },
            },
        }
    },
}  # fmt: skip
"""The MUSTs of the W3C Web Annotation Data Model for what we write."""


def test_web_annotations_find_the_same_words_by_both_selectors(made: Report) -> None:
    value = json.loads(factcheck.render(made, "web-annotations"))
    jsonschema.validate(value, ANNOTATION_SCHEMA)
    texts = {document.url: document.text for document in made.documents}
    items = value["first"]["items"]
    assert value["total"] == len(items) == len(made.claims) + len(made.findings)
    for target in (t for item in items for t in item["target"]):
        quote, position = target["selector"]
        text = texts[target["source"]]
        assert text[position["start"] : position["end"]] == quote["exact"]
        assert quote["prefix"] + quote["exact"] + quote["suffix"] in text


def test_schema_org_is_the_vocabulary_s(made: Report) -> None:
    graph = json.loads(factcheck.render(made, "schema-org"))["@graph"]
    models = [vocabulary(item) for item in graph]
    assert [type(m).__name__ for m in models] == ["Claim"] * len(made.claims) + ["ClaimReview"]
    review = graph[-1]
    assert review["author"] == {"@type": "Person", "name": "Kim Oda"}
    assert review["creativeWorkStatus"] == "Draft"
    assert "Ann Roe: “I have paid the bill”" in review["claimReviewed"]


def vocabulary(value: Any) -> Any:
    """The strict model of a JSON-LD node; it refuses properties and values that schema.org does not know."""
    if isinstance(value, list):
        return [vocabulary(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {name: vocabulary(item) for name, item in value.items() if name != "@type"}
    fields = {name: when(item) if name.startswith("date") else item for name, item in fields.items()}
    return getattr(importlib.import_module("schema_org"), value["@type"]).model_validate(fields)


def when(text: str) -> Any:
    """Dates as the vocabulary's models take them; a partial one is made whole."""
    import datetime

    return datetime.datetime.fromisoformat(text) if "T" in text else datetime.date.fromisoformat(f"{text}-01-01"[:10])


@pytest.mark.parametrize("change", [{"verdict": None}, {"verdict": DISMISSED}, {"stale": "withdrawn"}])
def test_a_review_is_drafted_only_from_a_standing_decision(made: Report, change: dict[str, Any]) -> None:
    undecided = made.model_copy(update={"findings": (made.findings[0].model_copy(update=change),)})
    assert "ClaimReview" not in factcheck.render(undecided, "schema-org")


def test_sarif_is_valid_and_points_at_the_words(made: Report, tmp_path: Path) -> None:
    log = json.loads(factcheck.render(made, "sarif"))
    results = log["runs"][0]["results"]
    assert [r["ruleId"] for r in results] == ["position-changed", "statements-disputed"]
    assert [r["level"] for r in results] == ["warning", "note"]
    place = results[0]["locations"][0]["physicalLocation"]
    lines = Path(place["artifactLocation"]["uri"]).read_text(encoding="utf-8").splitlines()
    region = place["region"]
    assert lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1] == (
        "Ann Roe now says that she has not paid the bill yet."
    )
    dismissed = made.model_copy(update={"findings": (made.findings[0].model_copy(update={"verdict": DISMISSED}),)})
    (suppression,) = json.loads(factcheck.render(dismissed, "sarif"))["runs"][0]["results"][0]["suppressions"]
    assert "dismissed by Kim Oda" in suppression["justification"]


def test_sarif_passes_a_validator_and_its_schema(made: Report, tmp_path: Path) -> None:
    if not (MULTITOOL / "Sarif.Multitool").exists():
        pytest.skip("the SARIF validator is not installed: it comes with npm, see `make test`")
    schema = json.loads((MULTITOOL / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    text = factcheck.render(made, "sarif")
    jsonschema.validate(json.loads(text), schema)
    (tmp_path / "a.sarif").write_text(text, encoding="utf-8")
    (MULTITOOL / "Sarif.Multitool").chmod(0o755)
    command = [
        str(MULTITOOL / "Sarif.Multitool"),
        "validate",
        "a.sarif",
        "--output",
        "found.sarif",
        "--rule-kind",
        "Sarif;Ghas",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads((tmp_path / "found.sarif").read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    assert done.returncode == 0, done.stdout
    assert {r["ruleId"] for r in found} <= {"SARIF2005"}, done.stdout  # there is no public address to name


def test_junit_is_read_by_a_junit_reader(made: Report) -> None:
    suite = next(iter(junitparser.JUnitXml.fromstring(factcheck.render(made, "junit").encode())))
    cases = {case.name: case for case in suite}
    assert set(cases) == {"ann.md", "ben.md", "copy.md"}
    assert (suite.tests, suite.failures, suite.errors) == (3, 1, 0)
    (failure,) = cases["ben.md"].result
    assert "Ann Roe (mayor, City of Tollmere" in failure.text
    assert "statements disputed" in cases["ben.md"].system_out
    assert "a quote was rejected" in cases["ben.md"].system_err
    assert cases["ann.md"].is_passed


COMMAND = re.compile(r"::(warning|notice|error) ([^:]*?)::(.*)")


def test_github_annotations_stand_at_the_lines_of_the_file(made: Report) -> None:
    reversal, dispute = (COMMAND.fullmatch(line) for line in factcheck.render(made, "github").splitlines()[:2])
    assert reversal
    assert dispute
    assert reversal[1] == "warning"
    assert dispute[1] == "notice"
    values = dict(part.split("=", 1) for part in reversal[2].split(","))
    line = Path(values["file"]).read_text(encoding="utf-8").splitlines()[int(values["line"]) - 1]
    assert line[int(values["col"]) - 1 : int(values["endColumn"]) - 1] == made.claims[4].quotes[0].exact
    assert values["line"] == "9"


@pytest.mark.parametrize("head", ["", "---\ntitle: A\n---\n", "\n\n---\n", "---\ntitle: A\n---\n\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_those_of_the_original_file(tmp_path: Path, head: str, end: str, encoding: str) -> None:
    text = head + "Erste Zeile.\n\nDie Straße, cafe\u0301: 😀 bleibt offen, heißt es.\nLetzte.\n"
    path = tmp_path / "a.md"
    path.write_bytes(text.replace("\n", end).encode(encoding))
    (document,) = factcheck.read([path]).documents
    region = region_of(claim(document, "bleibt offen"), document)
    assert region is not None
    lines = path.read_bytes().decode(encoding).removeprefix("\ufeff").splitlines()
    assert lines[region.line - 1][region.column - 1 : region.end_column - 1] == "bleibt offen"
    assert region.line == region.end_line


def test_no_line_rather_than_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("One. Two.", encoding="utf-8")
    (document,) = factcheck.read([path]).documents
    path.write_text("Another. One. Two. Three.", encoding="utf-8")
    assert region_of(claim(document, "Two."), document) is None
    path.write_text("A line before.\n\nOne. Two.", encoding="utf-8")
    assert region_of(claim(document, "Two."), document) == (3, 6, 3, 10)
    path.unlink()
    made = report([document], [claim(document, "One."), claim(document, "Two.")])
    made = made.model_copy(update={"findings": (finding(*made.claims),)})
    assert "line=" not in factcheck.render(made, "github")
    (result,) = json.loads(factcheck.render(made, "sarif"))["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert [region[n] for n in ("startLine", "startColumn", "endLine", "endColumn")] == [1, 1, 1, 2]


def test_files_are_named_from_the_working_folder(made: Report) -> None:
    document = made.documents[0].model_copy(update={"path": str(Path.cwd() / "a b" / "ü.md")})
    assert file_of(document) == "a b/ü.md"


def test_markdown_is_read_back_as_written(made: Report) -> None:
    text = factcheck.render(made, "markdown")
    tokens = MarkdownIt("gfm-like").parse(text)
    headings = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "heading_open"]
    assert headings[0] == "Fact-check report"
    assert sum(t.type == "blockquote_open" for t in tokens) == 5
    shown = flat(MarkdownIt("gfm-like").render(text))
    assert "Ben Ito (published 2024-03-04; The Echo), accusation against Ann Roe:" in shown
    assert "https://example.org/ann.md" in shown
