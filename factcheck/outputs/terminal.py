"""Draw a report for people: in colour on a terminal, as plain text in a pipe."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from typing import IO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from factcheck.models import Claim, Document, Finding, Report
from factcheck.pair import folded

PLAIN_WIDTH = 80
MAX_WIDTH = 120
LABELS = {
    "reversal": "position changed",
    "dispute": "statements disputed",
    "inconsistency": "article inconsistent",
}
KINDS = {"assertion": "assertion", "accusation": "accusation", "official_position": "position"}
STYLES = {"assertion": "cyan", "accusation": "magenta", "official_position": "yellow"}
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def draw(report: Report, file: IO[str], *, color: bool | None = None) -> None:
    """Write the report to a file; without `color` plain text at 80 columns, with None as the file allows."""
    draw_parts(_parts(report), file, color=color)


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


def _parts(report: Report) -> list[RenderableType]:
    """What is shown, in order: documents with their claims, findings, problems, and a summary."""
    documents: list[RenderableType] = [_document(report, document) for document in report.documents]
    findings = [_finding(report, finding, number) for number, finding in enumerate(report.findings, 1)]
    return [*documents, *findings, *([_problems(report)] if report.problems else []), _summary(report)]


def plain(text: str) -> str:
    """Untrusted text without anything that a terminal would act on."""
    return "".join(c if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in BIDI) else "\ufffd" for c in text)


def _document(report: Report, document: Document) -> Group:
    heading = Text(plain(document.title or document.path or document.id), style="bold")
    known = [document.publisher, document.published, document.path if document.title else None]
    where = Text(plain(" · ".join(part for part in known if part)), style="dim")
    claims = [claim for claim in report.claims if claim.document_id == document.id]
    rows: list[RenderableType] = [Padding(_claim(report, claim), (0, 0, 0, 2), expand=False) for claim in claims]
    if not rows:
        undone = any(p.document_id == document.id for p in report.problems)
        rows = [Text("  no claims: see the problems below" if undone else "  no claims found", style="dim")]
    return Group(Rule(style="dim"), heading, *([where] if where else []), Text(), *rows)


def _claim(report: Report, claim: Claim) -> Group:
    head = Text(KINDS[claim.kind], style=STYLES[claim.kind])
    head.append(f"  {plain(who(claim))}", style="bold default")
    if claim.target:
        head.append(plain(f" → {claim.target}"), style="bold default")
    if details := _details(claim):
        head.append(plain(f"  ({details})"), style="dim default")
    lines = [Text(plain(quoted(claim)))]
    lines += [
        Text.assemble((f"{plain(who(answer))} answers: ", "bold"), plain(quoted(answer)))
        for answer in replies(report, claim)
    ]
    return Group(head, Padding(Group(*lines), (0, 0, 1, 2), expand=False))


def who(claim: Claim) -> str:
    """The speaker, or that the article says it itself."""
    return claim.attribution.speaker or "the article"


def quoted(claim: Claim) -> str:
    """The exact words, several stretches with an ellipsis between."""
    return "»" + " … ".join(" ".join(q.exact.split()) for q in claim.quotes) + "«"


def replies(report: Report, claim: Claim) -> list[Claim]:
    """What the target of an accusation is reported to have said on the same matter, here or elsewhere."""
    if claim.kind != "accusation" or not claim.target:
        return []
    target, topic = folded(claim.target), folded(claim.topic)
    return [
        other
        for other in report.claims
        if other.attribution.speaker
        and folded(other.attribution.speaker) == target
        and folded(other.topic) == topic
        and other.kind != "accusation"
    ]


def _details(claim: Claim) -> str:
    said = claim.attribution
    role = ", ".join(part for part in (said.role, said.organisation) if part)
    parts = [
        role,
        f"for {said.on_behalf_of}" if said.on_behalf_of else "",
        f"via {', '.join(said.via)}" if said.via else "",
        f"said {said.stated_on}" if said.stated_on else "",
    ]
    return "; ".join(part for part in parts if part)


def _finding(report: Report, finding: Finding, number: int) -> Panel:
    sides = Table.grid(padding=(0, 2), expand=True)
    sides.add_column(ratio=1)
    sides.add_column(ratio=1)
    sides.add_row(*(_side(report, claim_id) for claim_id in (finding.a, finding.b)))
    apart = f", {finding.days_apart} days apart" if finding.days_apart else ""
    title = (
        f" {number}. {LABELS[finding.kind]} · {finding.severity} · {finding.tier} · {plain(status(finding))}{apart} "
    )
    also = [Text(f"\n{line}", style="dim") for line in _elsewhere(report, finding)]
    explanation = Text.assemble("\n", ("What differs: ", "bold"), plain(finding.explanation))
    reading = Text.assemble(("How both could stand: ", "bold"), plain(finding.reading))
    style = "red" if finding.tier == "strong" else "yellow"
    return Panel(Group(sides, *also, explanation, reading), title=Text(title), title_align="left", border_style=style)


def status(finding: Finding) -> str:
    """What a person decided, and whether it still rests on what its documents say."""
    verdict = finding.verdict
    decided = f"{verdict.decision} by {verdict.by}{f' ({verdict.note})' if verdict.note else ''}" if verdict else ""
    stale = f", stale: {finding.stale}" if finding.stale else ""
    return (decided or "not reviewed") + stale


def _elsewhere(report: Report, finding: Finding) -> list[str]:
    """Other outlets that carry the same statements."""
    homes = [report.document(report.claim(key).document_id) for key in finding.also]
    outlets = sorted({home.publisher or home.path or home.id for home in homes})
    return [plain(f"Also in {', '.join(outlets)}")] if outlets else []


def _side(report: Report, claim_id: str) -> Text:
    claim = report.claim(claim_id)
    document = report.document(claim.document_id)
    role = claim.attribution.role or claim.attribution.organisation
    side = Text(plain(who(claim)), style="bold")
    side.append(plain(f"\n{role}" if role else ""), style="not bold dim")
    said = f"said {claim.attribution.stated_on}, " if claim.attribution.stated_on else ""
    place = f"{said}{document.published or 'undated'} {document.publisher or document.path or ''}".strip()
    side.append(f"\n{plain(place)}\n", style="not bold dim")
    side.append(plain(quoted(claim)), style="not bold")
    return side


def _problems(report: Report) -> Group:
    lines = [Text.assemble(("  ! ", "red"), plain(problem.message)) for problem in report.problems]
    return Group(Rule(style="dim"), Text(f"Problems ({len(lines)})", style="bold"), *lines, Text())


def _summary(report: Report) -> Text:
    usage = report.run.usage
    strong = sum(f.tier == "strong" for f in report.findings)
    cost = f", {usage.cost_usd:.4f} USD" if usage.cost_usd is not None else ""
    counted = "" if usage.counted_by == "api" else f" (counted by {usage.counted_by})"
    return Text(
        f"{_n(len(report.documents), 'document')}, {_n(len(report.claims), 'claim')}, "
        f"{_n(len(report.findings), 'finding')} ({strong} strong), {_n(len(report.problems), 'problem')}\n"
        f"{report.run.model}: {_n(usage.calls, 'call')} ({usage.replayed} from recordings), "
        f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out{counted}{cost}"
    )


def _n(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
