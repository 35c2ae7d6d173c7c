"""Broken answers to every prompt, and broken reports: no traceback, no hang, no claim without its words, no loss."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from factcheck.llm.answers import schema_of
from factcheck.llm.parsing import parse
from tests.attacks.odd_answers import SCHEMAS, Attack, attacks, faults, random_value, right, survived
from tests.attacks.odd_reports import faults as report_faults
from tests.attacks.odd_reports import reports
from tests.support.odd_endpoints import spoken

SAMPLE = list(attacks(28, 14, seed=60))


@pytest.mark.parametrize("attack", SAMPLE, ids=lambda a: f"{a.name} {a.schema}")
def test_a_broken_answer_breaks_nothing(attack: Attack) -> None:
    assert faults(attack) == []


def test_the_right_answers_are_answers_to_break() -> None:
    report, _ = survived(Attack("right", "extract", spoken({"content": json.dumps(right("extract"))})))
    assert len(report.claims) >= 3
    assert len(report.findings) == 1
    report, _ = survived(Attack("right", "weigh", spoken({"content": json.dumps(right("weigh"))})))
    assert {e.relation for e in report.evidence} == {"conflicts", "supports"}
    assert [c.outcome for c in report.checks if c.evidence]


def test_broken_reports_are_refused_with_one_line_or_hold(tmp_path: Path) -> None:
    found = [(content[:200], wrong) for content in reports(60, seed=40) if (wrong := report_faults(content, tmp_path))]
    assert found == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_a_grammar_allows_is_an_answer(name: str) -> None:
    choose = random.Random(name)
    for _ in range(50):
        value = random_value(schema_of(SCHEMAS[name]), choose)
        parsed = parse(SCHEMAS[name], json.dumps(value))
        assert parsed.errors == []
        assert parsed.answer is not None
