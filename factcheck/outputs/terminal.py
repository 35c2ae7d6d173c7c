"""Draw a report for people: in colour on a terminal, as plain text in a pipe."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import IO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from factcheck.ending import ending
from factcheck.models import Claim, Document, Finding, Report
from factcheck.outputs import words
from factcheck.outputs.evidence import Weighed, pressing, weighed_in
from factcheck.outputs.evidence_view import drawn
from factcheck.outputs.inert import visible
from factcheck.outputs.reading import correction_lines, left_out_line
from factcheck.outputs.spans import in_sentences
from factcheck.outputs.words import KINDS, Answers, Side, quoted, who
from factcheck.plural import counted

PLAIN_WIDTH = 80
SPACES = re.compile(r"\s+")
MAX_WIDTH = 120
STYLES = {"assertion": "cyan", "accusation": "magenta", "official_position": "yellow"}


def draw(report: Report, file: IO[str], *, color: bool | None = None, claims: bool = True) -> None:
    """Write the report to a file; without `color` plain text at 80 columns, with None as the file allows.

    Without `claims` only the findings, the claims that evidence was found for, the problems and a summary.
    """
    draw_parts(_parts(report, claims=claims), file, color=color)


def draw_parts(parts: Sequence[RenderableType], file: IO[str], *, color: bool | None = None) -> None:
    """Write anything that rich can draw, one part below the other."""
    console = Console(file=file, highlight=False, emoji=False, markup=False)
    if console.is_terminal and color is not False:
        console.width = min(console.width, MAX_WIDTH)
        console.print(*parts, sep="\n")
        return
    page = io.StringIO()
    plain_console = Console(
        file=page,
        highlight=False,
        emoji=False,
        markup=False,
        width=PLAIN_WIDTH,
        color_system=None,
        legacy_windows=False,
    )
    plain_console.print(*parts, sep="\n")
    file.write("".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines()))


def _parts(report: Report, *, claims: bool) -> list[RenderableType]:
    """What is shown, in order: whether the run failed, findings, documents with claims, problems, and a summary."""
    answers = words.answers_in(report)
    weighed = weighed_in(report)
    ended = ending(report).line
    parts: list[RenderableType] = [Text(visible(ended), style="bold red"), Text()] if ended else []
    parts += [_finding(report, finding, number, answers) for number, finding in enumerate(report.findings, 1)]
    if claims:
        parts += [_document(report, document, answers, weighed) for document in report.articles]
    elif weighed:
        parts += _evidence(report, answers, weighed)
    elif report.claims and not report.findings:
        parts += [Text("No two claims were found that do not fit together.")]
    parts += [_problems(report)] if report.problems else []
    hidden = [Text("The claims are shown with --claims.", style="dim")] if report.claims and not claims else []
    return [*parts, _summary(report), *hidden]


def _evidence(report: Report, answers: Answers, weighed: Mapping[str, Weighed]) -> list[RenderableType]:
    """The claims that something bears on, by document, conflicting first, and how many nothing was found for."""
    about = sorted(
        (c for c in report.claims if c.id in weighed and weighed[c.id].pieces), key=lambda c: pressing(weighed[c.id])
    )
    parts: list[RenderableType] = []
    for place in dict.fromkeys(claim.document_id for claim in about):
        document = next(d for d in report.articles if d.id == place)
        claims = [c for c in about if c.document_id == place]
        rows = [
            row for claim in claims for row in (_indented(claim, answers), *drawn(claim, document, weighed[claim.id]))
        ]
        parts.append(Group(*_head(document), *rows))
    if silent := len(weighed) - len(about):
        places = ", ".join(dict.fromkeys(s.source for one in weighed.values() if one.check for s in one.check.searched))
        line = (
            f"For {silent} of {counted(len(weighed), 'statement')} nothing was found that bears on them, in {places}."
        )
        parts += [Rule(style="dim"), Text(visible(line)), Text()]
    return parts


def _document(report: Report, document: Document, answers: Answers, weighed: Mapping[str, Weighed]) -> Group:
    own = [claim for claim in report.claims if claim.document_id == document.id]
    claims = sorted(own, key=lambda claim: (not claim.checkworthy, -claim.importance))
    rows: list[RenderableType] = []
    for claim in claims:
        rows += [_indented(claim, answers), *drawn(claim, document, weighed.get(claim.id), searched=True)]
    if not rows:
        undone = any(p.document_id == document.id for p in report.problems)
        rows = [Text("  no claims: see the problems below" if undone else "  no claims found", style="dim")]
    return Group(*_head(document), *rows)


def _head(document: Document) -> list[RenderableType]:
    """A line across, then title, outlet, date and place of a document, and what was left out of it."""
    place = document.path or (document.origin.address if document.origin else None)
    heading = Text(visible(document.title or place or document.id), style="bold")
    known = [document.publisher, document.published, place if document.title else None]
    left_out = left_out_line(document)
    shown = [" · ".join(part for part in known if part), f"left out: {left_out}" if left_out else ""]
    where = [Text(visible(line), style="dim") for line in (*shown, *correction_lines(document)) if line]
    return [Rule(style="dim"), heading, *where, Text()]


def _indented(claim: Claim, answers: Answers) -> RenderableType:
    return Padding(_claim(claim, answers), (0, 0, 0, 2), expand=False)


def _claim(claim: Claim, answers: Answers) -> Group:
    head = Text(KINDS[claim.kind], style=STYLES[claim.kind])
    head.append(f"  {visible(who(claim))}", style="bold default")
    if claim.target:
        head.append(visible(f" → {claim.target}"), style="bold default")
    if details := _details(claim):
        head.append(visible(f"  ({details})"), style="dim default")
    head.append(visible(f"  {claim.id}"), style="dim default")
    lines = [Text(visible(quoted(claim))), *_answers(answers.get(claim.id, ()))]
    return Group(head, Padding(Group(*lines), (0, 0, 1, 2), expand=False))


def _answers(claims: Sequence[Claim]) -> list[Text]:
    return [Text.assemble((f"{visible(who(c))} answers: ", "bold not dim"), visible(quoted(c))) for c in claims]


def _details(claim: Claim) -> str:
    said = f"said {claim.attribution.stated_on}" if claim.attribution.stated_on else ""
    parts = (words.role(claim), words.through(claim), said, words.place(claim.quotes[0]))
    return "; ".join(part for part in parts if part)


def _finding(report: Report, finding: Finding, number: int, answers: Answers) -> RenderableType:
    if words.is_dismissed(finding):
        said = [f" {number}. {words.label(report, finding)}  {finding.id}", *words.remarks(finding)]
        return Text(visible("\n    ".join(said)), style="dim")
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    table.add_row(*(_side(side) for side in words.sides(report, finding, answers)))
    lines = [Text.assemble("\n", ("What differs: ", "bold"), visible(finding.explanation))]
    lines.append(Text.assemble(("How both could stand: ", "bold"), visible(finding.reading)))
    for side in words.elsewhere(report, finding):
        also = f"{who(side.claim)}, {words.outlet(side.document)}: {quoted(side.claim)}"
        lines.append(Text.assemble(("Also: ", "bold"), visible(also)))
    lines += [Text(visible(remark)) for remark in words.remarks(finding)]
    head = f"{number}. {' and '.join(words.parties(report, finding))}: {words.kind_label(report, finding)}"
    about = [f"on {words.topic(report, finding)}" if words.topic(report, finding) else "", *words.marks(finding)]
    top = [Text(visible(head), style="bold"), Text(visible(" · ".join(p for p in about if p)), style="dim"), Text()]
    lines.append(Text(visible(f"{finding.id}, claims {finding.a} and {finding.b}"), style="dim"))
    style = "red" if finding.tier == "strong" else "yellow"
    return Panel(Group(*top, table, *lines), border_style=style)


def _side(side: Side) -> Text:
    claim, document = side.claim, side.document
    role = words.role(claim)
    text = Text(visible(words.heading(side)), style="bold")
    text.append(visible(f"\n{role}" if role else ""), style="not bold dim")
    place = ", ".join(p for p in (words.outlet(document), words.when(claim, document), words.speech(claim)) if p)
    text.append(f"\n{visible(place)}\n", style="not bold dim")
    text.append(_in_context(side))
    for answer in _answers(side.answers):
        text.append("\n").append(answer)
    return text


def _in_context(side: Side) -> Text:
    """The sentences in which the quotes stand, and the one before; the quoted words are in quotation marks."""
    text = Text(style="not bold")
    for part in in_sentences(side.document, side.claim):
        flowing = visible(SPACES.sub(" ", part.text))
        text.append(f"“{flowing}”" if part.claims else flowing, style="not dim" if part.claims else "dim")
    where = words.place(side.claim.quotes[0])
    return text.append(f" ({where})" if where else "")


def _problems(report: Report) -> Group:
    lines = [Text.assemble(("  ! ", "red"), visible(problem.message)) for problem in report.problems]
    return Group(Rule(style="dim"), Text(f"Problems ({len(lines)})", style="bold"), *lines, Text())


def _summary(report: Report) -> Text:
    return Text(visible(f"{words.totals(report)}\n{words.cost(report)}"))
