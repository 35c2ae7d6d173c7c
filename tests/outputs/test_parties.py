"""Whom a finding names: nobody who did not change, and a body where it spoke through two mouths."""

from __future__ import annotations

import pytest

from factcheck.ledger.store import Entry
from factcheck.models import Finding, Report
from factcheck.outputs.words import parties
from factcheck.web.cards import NO_RUN
from tests.support.statements import article, claim, finding


def said(speaker: str, organisation: str | None, day: str) -> Entry:
    document = article(f"Nobody asked for it, {speaker} said.", published=day)
    made = claim(document, speaker=speaker)
    attribution = made.attribution.model_copy(update={"organisation": organisation})
    return Entry(document, [made.model_copy(update={"attribution": attribution})])


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        ("Corvane", "Corvane Line", ["Corvane Line"]),
        ("Corvane Line", "Corvane Line", ["Corvane Line"]),
        ("Corvane", "Corvaneport", ["Lea March", "Gero Ash"]),
        (None, "Corvane Line", ["Lea March", "Gero Ash"]),
    ],
)
def test_a_body_that_changed_is_named_and_its_mouths_are_not(first: str | None, second: str, named: list[str]) -> None:
    a, b = said("Lea March", first, "2022-06-02"), said("Gero Ash", second, "2023-06-15")
    found: Finding = finding(a, b).model_copy(update={"kind": "reversal"})
    report = Report(
        run=NO_RUN, documents=(a.document, b.document), claims=(*a.claims, *b.claims), findings=(found,), problems=()
    )
    assert parties(report, found) == named
