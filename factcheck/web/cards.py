"""Findings and statements of the ledger as pages show them, in the words that all outputs use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from factcheck.ledger.findings import Context, FindingDetail, FindingRow
from factcheck.ledger.lookup import Said
from factcheck.models import Answer, Claim, Finding, Report, Run, Usage
from factcheck.outputs import words
from factcheck.outputs.spans import Stretch, paragraphs
from factcheck.outputs.words import Side

SHORTEST_CUT = 40
"""Characters that a shortened quote keeps at least."""

NO_RUN = Run(id="", tool="", started=None, model="", prompts={}, usage=Usage())


class Card(NamedTuple):
    """A finding with what is said about it."""

    row: FindingRow
    report: Report
    """The finding with its sides, and nothing else."""
    label: str
    names: tuple[str, ...]
    topic: str
    sides: tuple[Side, Side]

    @property
    def finding(self) -> Finding:
        """The finding itself."""
        return self.row.finding


class Passage(NamedTuple):
    """A side of a finding in its paragraphs, its words marked."""

    said: Said
    paragraphs: list[list[Stretch]]
    before: bool
    """Whether the article goes on before, and after it."""
    after: bool


def card_of(row: FindingRow, answers: Sequence[Said] = (), also: Sequence[Said] = ()) -> Card:
    """A finding as lists show it; with the answers and copies that its own page has, too."""
    report = small_report([row.a, row.b, *answers, *also], [row.finding], answers)
    first, second = words.sides(report, row.finding, words.answers_in(report))
    return Card(
        row,
        report,
        words.kind_label(report, row.finding),
        tuple(words.parties(report, row.finding)),
        words.topic(report, row.finding),
        (first, second),
    )


def cards_of(rows: Iterable[FindingRow]) -> list[Card]:
    """Findings as lists show them."""
    return [card_of(row) for row in rows]


def detail_card(detail: FindingDetail) -> Card:
    """A finding as its own page shows it."""
    return card_of(detail.row, detail.answers, detail.also)


def small_report(said: Iterable[Said], findings: Sequence[Finding] = (), answers: Sequence[Said] = ()) -> Report:
    """A report of a few statements, for the words that outputs find; nothing in it is checked again."""
    found = {one.claim.id: one for one in said}
    accused = [key for f in findings for key in (f.a, f.b) if key in found and found[key].claim.kind == "accusation"]
    sides = accused or [key for f in findings for key in (f.a, f.b)]
    return Report.model_construct(
        run=NO_RUN,
        documents=tuple({one.document.id: one.document for one in found.values()}.values()),
        claims=tuple(one.claim for one in found.values()),
        findings=tuple(findings),
        answers=tuple(
            Answer(accusation=key, answer=answer.claim.id)
            for answer in answers
            for key in sides
            if key != answer.claim.id
        ),
        ties=(),
        problems=(),
    )


def passage(said: Said, context: Context) -> Passage:
    """The paragraphs around a side."""
    quotes = [
        q.model_copy(update={"start": q.start - context.start, "end": q.end - context.start}) for q in said.claim.quotes
    ]
    part = said.document.model_copy(update={"text": context.text})
    moved = said.claim.model_copy(update={"quotes": tuple(quotes)})
    return Passage(said, paragraphs(part, {1: moved}), context.before, context.after)


def side_of(said: Said) -> Side:
    """A statement with its article, as words take them."""
    return Side(said.claim, said.document, ())


def shortened(claim: Claim, most: int = 180) -> str:
    """The quoted words of a claim, cut at a word where they are long."""
    text = " … ".join(" ".join(q.exact.split()) for q in claim.quotes)
    if len(text) <= most:
        return text
    cut = text[:most].rsplit(" ", 1)[0]
    return (cut if len(cut) >= SHORTEST_CUT else text[:most]) + " …"
