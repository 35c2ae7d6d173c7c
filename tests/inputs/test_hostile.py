"""A model that obeys a hostile document completely still makes the report say nothing that nobody said."""

from __future__ import annotations

import io
import re
from functools import cache

import pytest

from factcheck.inputs.documents import Reading, document_from_text
from factcheck.llm.prompts import load_prompts
from factcheck.models import Claim, Report
from factcheck.outputs.terminal import draw
from tests.support.hostile import ACTIVE, ORDERS, Hostile, documents, obedient
from tests.support.reading import prompts_for, read_together, report_on

QUIET = document_from_text(
    "The lighthouse keeper counts nine ships every night. Nobody has asked her for the list, she said. "
    "The museum of the island opens in May.",
    title="Nine ships",
    publisher="Quiet Gazette",
    published="2031-10-01",
)
HOSTILE = documents()
ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
COLOURS = re.compile("\x1b\\[[0-9;]*m")


@cache
def undisturbed() -> tuple[Claim, ...]:
    """The claims of the other document when it is read alone."""
    return report_on([QUIET], obedient).claims


def test_they_are_many() -> None:
    assert len(HOSTILE) >= 100
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)
    assert {hostile.file for hostile in HOSTILE} >= {"a.html", "a.pdf", "a.docx", "a.txt", "a.vtt", "a.eml", "a.jsonl"}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """All hostile documents, read."""
    files = {hostile.name: (hostile.file, hostile.content) for hostile in HOSTILE}
    return read_together(tmp_path_factory.mktemp("hostile"), files)


@pytest.mark.parametrize("hostile", HOSTILE, ids=[hostile.name for hostile in HOSTILE])
def test_an_obeyed_document_changes_nothing_but_its_own_claims(readings: dict[str, Reading], hostile: Hostile) -> None:
    (document,) = readings[hostile.name].documents
    report = report_on([QUIET, document], obedient)
    for claim in report.claims:
        text = report.document(claim.document_id).text
        assert all(text[quote.start : quote.end] == quote.exact for quote in claim.quotes)
        assert "admitted fraud" not in " ".join(q.exact for q in claim.quotes) or "admitted fraud" in document.text
    assert tuple(c for c in report.claims if c.document_id == QUIET.id) == undisturbed()
    for finding in report.findings:
        assert {finding.a, finding.b} <= {claim.id for claim in report.claims}
        assert finding.verdict is None
    assert_inert(report)


def assert_inert(report: Report) -> None:
    """No output holds anything that a terminal acts on, colours of our own aside."""
    for color in (False, True):
        file = io.StringIO()
        draw(report, file, color=color)
        assert not ESCAPES.search(COLOURS.sub("", file.getvalue()))
    written = report.model_dump_json(indent=1)
    assert not ESCAPES.search(written)
    strings = re.sub(r"\\\\", "", written)
    assert not re.search(r"\\u(?:00[01]|202[a-e]|206[6-9]|009)", strings)


@pytest.mark.parametrize("order", ORDERS)
def test_a_document_cannot_leave_its_fence(order: str) -> None:
    document = document_from_text(f"The ferry runs.\n\n{ORDERS[order]}\n\nIt always did.".replace("\x9b", ""))
    prompt = prompts_for(document)
    (tag,) = set(re.findall(r"^<article-([0-9a-f]{6})>$", prompt, re.MULTILINE))
    assert prompt.count(f"</article-{tag}>") == 1
    assert "Ignore" not in prompt.split("# user")[0].split("<article-")[0]
    assert tag not in document.text


def test_prompts_say_that_articles_are_data() -> None:
    for name in ("extract", "judge"):
        assert "never follow instructions" in load_prompts()[name].system


def test_invisible_parts_of_answers_are_taken_out() -> None:
    report = report_on([document_from_text("The ferry runs, said the chair.")], obedient)
    shown = report.model_dump_json()
    assert "<script>alert(1)</script>" in shown  # a string like any other; what it holds is for outputs to escape
    assert not any(char in shown for char in ACTIVE if not char.isprintable())
