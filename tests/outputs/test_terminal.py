"""What people see: labels, both sides, answers to accusations, and nothing that a terminal would act on."""

from __future__ import annotations

import io
import re
from typing import Any

from factcheck.models import Report
from factcheck.outputs.terminal import draw
from tests.support.pier import JULY, JUNE, article, run, stubborn
from tests.support.scripted import draft, extracted, source, whole_sentences


def drawn(report: Report) -> str:
    out = io.StringIO()
    draw(report, out)
    return out.getvalue()


def test_a_finding_shows_both_sides_with_their_dates_and_no_verdict() -> None:
    text = drawn(run([article(JUNE, "2024-06-01"), article(JULY, "2024-07-01")], stubborn))
    for words in (
        ": position changed",
        "full · strong · not reviewed",
        "30 days apart",
        "2024-06-01",
        "2024-07-01",
        "chair",
    ):
        assert words in text
    assert "What differs: She wanted it leased, then not." in text
    assert "How both could stand: Plans change." in text
    assert not re.search(r"\b(lied|liar|flip-flop|guilty|false|proven)\b", text, re.IGNORECASE)


def test_an_accusation_stands_with_its_speaker_and_the_answer() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            accusation = draft(1, by=1, kind="accusation", target="Ben Ito")
            return extracted([source(1, "Ann Roe"), source(2, "Ben Ito")], [accusation, draft(2, by=2)])
        return whole_sentences(schema, user)

    text = drawn(run([article("Ann Roe says Ben Ito hid the bill. Ito says he sent it.")], answer))
    assert "accusation  Ann Roe → Ben Ito" in text
    assert "Ben Ito answers: “Ito says he sent it.”" in text


def test_no_claims_and_failed_do_not_look_alike() -> None:
    def nothing(schema: str, user: str) -> Any:
        return extracted([], []) if schema.startswith("extract") else whole_sentences(schema, user)

    def broken(schema: str, user: str) -> Any:
        return "no answer at all"

    assert "no claims found" in drawn(run([article("A day.")], nothing))
    failed = drawn(run([article("A day.")], broken))
    assert "no claims: see the problems below" in failed
    assert "Problems (1)" in failed


def test_untrusted_text_reaches_no_terminal_alive() -> None:
    hostile = "A \x1b[31mred\x1b[0m \x07bell \u202eright\u202c [bold]markup[/bold] \x9b2J day."
    text = drawn(run([article(hostile)], whole_sentences))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "[bold]markup[/bold]" in text


def test_lines_fit_80_columns_in_any_script() -> None:
    long = "これは橋を取り壊さないという市長の約束である。" * 8 + " " + "word " * 60 + "."
    text = drawn(run([article(long)], whole_sentences))
    assert max(sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in text.splitlines()) <= 80
