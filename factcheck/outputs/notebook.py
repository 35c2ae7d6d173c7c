"""A report as a cell of a notebook: whether the run was complete, then the findings, then the claims."""

from __future__ import annotations

from typing import NamedTuple

from factcheck.ending import ending
from factcheck.models import Claim, Finding, Report
from factcheck.outputs import words
from factcheck.outputs.page import environment
from factcheck.outputs.spans import Stretch, in_sentences
from factcheck.outputs.words import Side

MOST_FINDINGS = 25
MOST_CLAIMS = 100
"""What a cell shows; the rest is counted, and said how to get."""


class Card(NamedTuple):
    """A finding with its sides and the sentences that they stand in."""

    number: int
    finding: Finding
    sides: tuple[Side, Side]
    sentences: tuple[list[Stretch], list[Stretch]]


def cell(report: Report) -> str:
    """HTML without styles, scripts or links that a notebook would strip or follow."""
    answers = words.answers_in(report)
    values = {
        "report": report,
        "ending": ending(report),
        "cards": [_card(report, n, f, answers) for n, f in enumerate(report.findings[:MOST_FINDINGS], 1)],
        "claims": [Side(c, report.document(c.document_id), answers.get(c.id, ())) for c in _shown(report)],
        "more": {"findings": len(report.findings) - MOST_FINDINGS, "claims": len(report.claims) - MOST_CLAIMS},
    }
    return environment().get_template("notebook.html").render(values)


def _card(report: Report, number: int, finding: Finding, answers: words.Answers) -> Card:
    a, b = words.sides(report, finding, answers)
    return Card(number, finding, (a, b), (in_sentences(a.document, a.claim), in_sentences(b.document, b.claim)))


def _shown(report: Report) -> list[Claim]:
    """The claims that a cell has room for: those that much hangs on first."""
    return sorted(report.claims, key=lambda claim: -claim.importance)[:MOST_CLAIMS]
