"""How findings of a ledger look in a terminal: as a list with counts, and one at a time with all around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from factcheck.ledger.findings import Context, FindingDetail, FindingPage, FindingRow, State
from factcheck.ledger.lookup import Said
from factcheck.models import Report, Run, Usage
from factcheck.outputs import words
from factcheck.outputs.inert import visible
from factcheck.outputs.lookup import entry_line
from factcheck.plural import counted

SHORT = 9
"""Characters of an id that lists show, its letter included; git shows seven."""

STYLES = {"open": "bold", "accepted": "green", "dismissed": "dim", "stale": "yellow"}
NO_RUN = Run(id="", tool="", started=None, model="", prompts={}, usage=Usage())


def queue_view(page: FindingPage) -> list[RenderableType]:
    """Findings one below the other, dismissed ones in one line each, then how many there are of each state."""
    cut = short_ids(row.finding.id for row in page.rows)
    parts: list[RenderableType] = [_entry(row, cut[row.finding.id]) for row in page.rows]
    end = page.offset + len(page.rows)
    if page.rows and (page.offset or end < page.total):
        more = f"; --skip {end} shows more" if end < page.total else ""
        parts.append(Text(f"{page.offset + 1} to {end} of {page.total}{more}", style="dim"))
    return [*parts, Text(counted_states(page.counts))]


def counted_states(counts: Mapping[State, int]) -> str:
    """How many findings there are of each state, e.g. `8 open, 1 dismissed`."""
    told = [f"{counts[state]} {state}" for state in ("accepted", "dismissed", "stale") if counts.get(state)]
    return ", ".join([f"{counts['open']} open", *told])


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Ids cut as short as they stay apart from each other, and no shorter than lists usually show them."""
    known = sorted(set(ids))
    longest = max((len(key) for key in known), default=SHORT)
    length = next((n for n in range(SHORT, longest) if len({key[:n] for key in known}) == len(known)), longest)
    return {key: key[:length] for key in known}


def _entry(row: FindingRow, key: str) -> RenderableType:
    head = Text(f"{key}  ", style=STYLES[row.state])
    head.append(visible(label(row)))
    if row.state == "dismissed" and row.finding.verdict:
        head.append(visible(f"  {' '.join(row.finding.verdict.note.split())}"), style="dim")
        return head
    lines = [*_sides(row), *(Text(visible(remark), style="dim") for remark in words.remarks(row.finding))]
    return Group(head, Padding(Group(*lines), (0, 0, 1, 2)))


def label(row: FindingRow) -> str:
    """Whom it is about, of what kind it is, how strong, who decided, who has it, and how many comments there are."""
    report = _report(row)
    who = " and ".join(words.parties(report, row.finding))
    about = [f"{who}: {words.label(report, row.finding)}", f"given to {row.assignee}" if row.assignee else ""]
    about.append(counted(row.comments, "comment") if row.comments else "")
    return " · ".join(part for part in about if part)


def _report(row: FindingRow) -> Report:
    """A report of one finding, for the words that all outputs use."""
    homes = {side.document.id: side.document for side in (row.a, row.b)}
    said = {side.claim.id: side.claim for side in (row.a, row.b)}
    found, claims = (row.finding,), tuple(said.values())
    return Report(run=NO_RUN, documents=tuple(homes.values()), claims=claims, findings=found, problems=())


def _sides(row: FindingRow) -> list[Text]:
    return [_head(side).append(visible(f"\n  {words.quoted(side.claim)}"), style="not bold") for side in (row.a, row.b)]


def _head(side: Said) -> Text:
    head = Text(visible(words.who(side.claim)), style="bold")
    target = f" → {side.claim.target}" if side.claim.target else ""
    where = f"{target}  {side.date or 'undated'}, {words.outlet(side.document)}"
    return head.append(visible(where), style="not bold dim")


def detail_view(detail: FindingDetail, position: str = "") -> list[RenderableType]:
    """One finding: both sides in their paragraphs, what differs, answers, copies, and what people did about it."""
    row = detail.row
    head = Text(f"{position}  " if position else "", style="dim")
    head.append(visible(label(row)), style="bold not dim").append(f"  {row.finding.id}", style="not bold dim")
    parts: list[RenderableType] = [Rule(style="dim"), head, Text()]
    for side, context in zip((row.a, row.b), detail.contexts, strict=True):
        stale = [Text(visible(side.stale), style="yellow")] if side.stale else []
        parts += [_head(side), Padding(Group(_words(side, context), *stale), (0, 0, 1, 2))]
    parts += [_beside(f"{words.who(side.claim)} answers", words.quoted(side.claim)) for side in detail.answers]
    parts += [_beside("Also", _where(side)) for side in detail.also]
    parts.append(_beside("What differs", row.finding.explanation))
    parts.append(_beside("How both could stand", row.finding.reading))
    return [*parts, *(Text(entry_line(entry), style="dim") for entry in detail.history)]


def _beside(name: str, said: str) -> Text:
    return Text.assemble((visible(f"{name}: "), "bold"), visible(said))


def _where(side: Said) -> str:
    return f"{words.who(side.claim)}, {words.outlet(side.document)}, {side.date or 'undated'}"


def _words(side: Said, context: Context) -> Text:
    """The paragraphs, the claim's words marked."""
    shown, at = Text("… " if context.before else "", style="dim"), context.start
    for quote in side.claim.quotes:
        shown.append(visible(side.document.text[at : quote.start]))
        shown.append(visible(f"⟦{quote.exact}⟧"), style="bold not dim")
        at = quote.end
    end = context.start + len(context.text)
    return shown.append(visible(side.document.text[at:end]) + (" …" if context.after else ""))
