"""Quotations beside the texts that they were taken from, word for word."""

from __future__ import annotations

import pytest

from factcheck.stages.quotations import Compared, compared, quoted_spans
from tests.support.evidence import piece, source
from tests.support.reports import article, claim

SAID = "The head, Mia Holm, was clear. “Nobody will lose their job over the new crane,” she said. Nobody asked more."
RECORD = (
    "QUESTION: Can you rule out that jobs go?\n\n"
    "HOLM (Port Authority): Nobody will lose their job over the new crane, provided that the city pays. "
    "If not, we talk.\n\n"
    "QUESTION: So it depends?"
)


def one(said: str, words: str, record: str, *, verbatim: bool = True) -> list[Compared]:
    document = article(said)
    return compared(claim(document, words, speaker="Mia Holm"), document, source(record), verbatim=verbatim)


def test_a_condition_that_was_cut_off_is_shown() -> None:
    (found,) = one(SAID, "Nobody will lose their job over the new crane", RECORD)
    assert found.left_out == ("provided that the city pays.",)
    assert found.changed == ()
    assert found.turn == "HOLM (Port Authority)"
    assert SAID[found.start : found.end] == "".join(part.text for part in found.said)
    assert RECORD[found.source_start : found.source_end] == "".join(part.text for part in found.source)
    assert [part.shared for part in found.source] == [True, False]


@pytest.mark.parametrize(
    ("record", "left_out", "changed"),
    [
        ("Nobody will lose their job over the new crane.", (), ()),
        ("NOBODY will lose their job – over the „new“ crane!", (), ()),
        ("Nobody will lose a job over the new crane.", ("a",), ("their",)),
        ("I cannot say that nobody will lose their job over the new crane.", ("I cannot say that",), ()),
        ("Nobody in Lund will lose their job over the new crane.", ("in Lund",), ()),
    ],
)
def test_word_for_word(record: str, left_out: tuple[str, ...], changed: tuple[str, ...]) -> None:
    (found,) = one(SAID, "Nobody will lose their job over the new crane", record)
    assert (found.left_out, found.changed) == (left_out, changed)


def test_who_speaks_may_be_written_with_a_title() -> None:
    record = "QUESTION: And?\n\nMme. HOLM, directrice : Nobody will lose their job over the new crane."
    (found,) = one(SAID, "Nobody will lose their job over the new crane", record)
    assert (found.turn, found.left_out) == ("Mme. HOLM, directrice", ())


def test_a_dropped_not_is_shown() -> None:
    (found,) = one(
        "“We will close the old quay this summer,” she said.",
        "close the old quay",
        "We will not close the old quay this summer.",
    )
    assert found.left_out == ("not",)


def test_a_quotation_that_is_split_by_its_cue_is_one() -> None:
    said = "“Nobody will lose their job,” she said, “over the new crane.”"
    document = article(said)
    split = claim(document, "Nobody will lose their job", "over the new crane", speaker="Mia Holm")
    (found,) = compared(split, document, source("Nobody will lose their job over the new crane today."))
    assert (found.left_out, found.changed) == (("today.",), ())


def test_places_near_the_evidence_come_first() -> None:
    document = article(SAID)
    made = claim(document, "Nobody will lose their job over the new crane", speaker="Mia Holm")
    record = source("ITO: Nobody will lose their job over the new crane.\n\n"
                    "HOLM: I never said that nobody will lose their job over the new crane.")  # fmt: skip
    near = piece(made, record, "I never said that nobody will lose their job over the new crane.").quotes
    (found,) = compared(made, document, record, near)
    assert (found.turn, found.left_out) == ("HOLM", ("I never said that",))


@pytest.mark.parametrize(
    ("said", "words", "record"),
    [
        ("Nobody will lose their job, she said.", "Nobody will lose their job", "Nobody will lose their job."),
        ("“No,” she said.", "No", "No."),
        (SAID, "Nobody will lose their job over the new crane", "The weather was fine and nobody will mind."),
        (SAID, "Nobody will lose their job over the new crane", ""),
    ],
)
def test_nothing_to_compare(said: str, words: str, record: str) -> None:
    document = article(said)
    made = claim(document, words, speaker="Mia Holm")
    there = source(record or "x").model_copy(update={"text": record})
    assert compared(made, document, there) == []


def test_a_report_that_quotes_the_words_itself_is_compared_within_its_marks() -> None:
    record = "Angrily, Holm told us: “Nobody will lose their job over the new crane.”"
    (found,) = one(SAID, "Nobody will lose their job over the new crane", record, verbatim=False)
    assert (found.left_out, found.changed) == ((), ())


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a “b c” d", ["b c"]),
        ('„Eins“, «deux», »drei«, "four", 「五」 und “six”', ["Eins", "deux", "drei", "four", "五", "six"]),
        ('5" wide and no end', []),
        ("“never closed\n\nnext “one” here", ["one"]),
        ("“" + "x" * 5000 + "”", []),
        ("“”", []),
    ],
)
def test_quoted_spans(text: str, quoted: list[str]) -> None:
    assert [text[a:b] for a, b in quoted_spans(text)] == quoted
