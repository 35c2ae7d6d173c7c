"""What the ledger's look-ups show: timelines, search results, one claim or finding, and who is who."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from factcheck.ledger.features import topic_words
from factcheck.ledger.log import Decision
from factcheck.ledger.lookup import Looked, Provenance, Said, Shown
from factcheck.ledger.speakers import Speaker, Suggestion
from factcheck.ledger.timeline import Timeline
from factcheck.ledger.words import Meaning
from factcheck.models import Finding
from factcheck.outputs.evidence import weighed_of
from factcheck.outputs.evidence_view import drawn
from factcheck.outputs.inert import visible
from factcheck.outputs.words import KINDS, LABELS, outlet, quoted, remarks, status, who

AXIS = 72
"""Columns of a timeline's axis."""

ALIKE = 0.5
"""Share of topic words in common from which two statements stand in one row of a timeline."""

CONTEXT = 160
"""Characters shown on either side of a claim."""

MOST_FORMS = 6
"""Other words that a search says it looked for."""

MARKS = {"assertion": "○", "accusation": "▲", "official_position": "●"}
SEVERAL = "◆"


class _Row(NamedTuple):
    """Statements about one matter, by position in the timeline."""

    topic: str
    members: list[int]


def timeline_view(timeline: Timeline) -> list[RenderableType]:
    """A chart of positions over time, the statements behind it, and the findings among them."""
    first, last = (next((s.date for s in said if s.date), "undated") for said in (timeline.said, timeline.said[::-1]))
    number = len(timeline.said)
    head = Text(visible(timeline.names[0]), style="bold")
    head.append(visible(f"  {', '.join(timeline.names[1:])}" if timeline.names[1:] else ""), style="not bold dim")
    head.append(f"\n{number} statement{'' if number == 1 else 's'}, {first} to {last}", style="not bold")
    listed = Table.grid(padding=(0, 2))
    for n, said in enumerate(timeline.said, 1):
        listed.add_row(str(n), said.date or "undated", MARKS[said.claim.kind], _line_of(said))
    others = f"not the same: {', '.join(timeline.others)}" if timeline.others else ""
    also = [Text(visible(others), style="dim")] if others else []
    return [head, *also, Text(), _chart(timeline), Text(), listed, *_findings(timeline)]


def _line_of(said: Said) -> Text:
    text = Text(visible(quoted(said.claim)))
    outlet = said.document.publisher or said.document.path or said.document.id
    text.append(visible(f"  {outlet}, {said.claim.id}"), style="dim")
    if said.stale:
        text.append(visible(f"  ({said.stale})"), style="yellow")
    return text


def _chart(timeline: Timeline) -> Group:
    """For each matter a line of marks for its dated statements, and under it what changed."""
    columns = _columns([said.date for said in timeline.said])
    lines = [Text(_scale([said.date for said in timeline.said if said.date]), style="dim")]
    for row in _rows(timeline):
        marks = [" "] * AXIS
        for i in row.members:
            if (at := columns[i]) is not None:
                mark = MARKS[timeline.said[i].claim.kind]
                marks[at] = mark if marks[at] in {" ", mark} else SEVERAL
        lines += [Text(visible(row.topic), style="bold"), Text("".join(marks).rstrip())]
        lines += [Text(arc, style="red") for arc in _arcs(timeline, row, columns)]
    return Group(*lines, Text("● position  ○ assertion  ▲ accusation  ◆ several", style="dim"))


def _rows(timeline: Timeline) -> list[_Row]:
    """Statements by topic; the two sides of a finding are always in one row."""
    rows: list[_Row] = []
    of_statement: dict[int, int] = {}
    of_word: dict[str, list[int]] = {}
    for i, (said, linked) in enumerate(zip(timeline.said, _linked(timeline), strict=True)):
        words = topic_words(said.claim.topic)
        known = [of_statement[j] for j in linked if j in of_statement]
        alike = [at for at in {at for word in words for at in of_word.get(word, ())} if _alike(rows[at].topic, words)]
        at = of_statement[i] = min(known or alike, default=len(rows))
        if at == len(rows):
            rows.append(_Row(said.claim.topic or "(no topic)", []))
            for word in words:
                of_word.setdefault(word, []).append(at)
        rows[at].members.append(i)
    return rows


def _linked(timeline: Timeline) -> list[list[int]]:
    """For each statement those that it is in a finding with, by position."""
    places = _places(timeline)
    linked: list[list[int]] = [[] for _ in timeline.said]
    for a, b in ((places[f.a], places[f.b]) for f in timeline.findings if f.a in places and f.b in places):
        linked[a].append(b)
        linked[b].append(a)
    return linked


def _places(timeline: Timeline) -> dict[str, int]:
    """The position of each claim, also of those that repeat a statement."""
    places = {said.claim.id: i for i, said in enumerate(timeline.said)}
    return places | {key: places[shown] for key, shown in timeline.repeats.items()}


def _alike(topic: str, words: frozenset[str]) -> bool:
    others = topic_words(topic)
    return len(words & others) > ALIKE * max(1, min(len(words), len(others)))


def _ordinal(date: str) -> int:
    """A day's number; a month or a year counts from its first day."""
    return datetime.date.fromisoformat(date + "-01-01"[: 10 - len(date)] if len(date) < 10 else date).toordinal()  # noqa: PLR2004


def _columns(dates: Sequence[str]) -> list[int | None]:
    """Where on the axis each date falls; None for what has no date."""
    days = [_ordinal(date) for date in dates if date]
    first, span = (min(days), max(1, max(days) - min(days))) if days else (0, 1)
    return [round((_ordinal(date) - first) / span * (AXIS - 1)) if date else None for date in dates]


def _scale(dates: Sequence[str]) -> str:
    """The years, or within one year the first and the last date, above the axis."""
    if not dates:
        return ""
    first, last = min(dates), max(dates)
    years = [f"{year}" for year in range(int(first[:4]) + 1, int(last[:4]) + 1)]
    scale = list(first[:7].ljust(AXIS))
    for year, at in zip(years, _columns([first, *years, last])[1:-1], strict=True):
        if at is not None and "".join(scale[max(0, at - 1) : at + 5]).strip() == "" and at + 4 <= AXIS:
            scale[at : at + 4] = year
    end = last[:7]
    if "".join(scale[AXIS - len(end) - 1 :]).strip() == "" and first != last:
        scale[AXIS - len(end) :] = end
    return "".join(scale).rstrip()


def _arcs(timeline: Timeline, row: _Row, columns: Sequence[int | None]) -> list[str]:
    """For each finding between two statements of a row a line from one to the other."""
    members, places = set(row.members), _places(timeline)
    arcs = []
    for finding in timeline.findings:
        sides = {places[key] for key in (finding.a, finding.b) if key in places} & members
        ends = sorted(c for c in (columns[i] for i in sides) if c is not None)
        if len(ends) == 2:  # noqa: PLR2004  (both sides are in this row and dated)
            arcs.append(_arc(ends[0], ends[1], LABELS[finding.kind]))
    return arcs


def _arc(left: int, right: int, label: str) -> str:
    """A line under two marks, with the label in it where there is room."""
    room = max(0, right - left - 1)
    wide = room >= len(label) + 2
    line = f"╰{f' {label} ':─^{room}}╯" if wide else f"╰{'─' * room}╯ {label}"
    return " " * left + line


def _findings(timeline: Timeline) -> list[RenderableType]:
    number = {key: place + 1 for key, place in _places(timeline).items()}
    lines: list[RenderableType] = [Text()] if timeline.findings else []
    for finding in timeline.findings:
        sides = [str(number[key]) if key in number else "another speaker" for key in (finding.a, finding.b)]
        lines.append(Text(f"{sides[0]} × {sides[1]}  {summary(finding)}"))
        lines.append(Padding(Text(visible(finding.explanation), style="dim"), (0, 0, 0, 2)))
    return lines


def summary(finding: Finding) -> str:
    """A finding's label, weight, state and id in one line."""
    state = "; ".join([status(finding), *remarks(finding)])
    return f"{LABELS[finding.kind]} · {finding.severity} · {finding.tier} · {visible(state)} · {finding.id}"


def search_view(found: Sequence[Said], meant: Sequence[Meaning] = ()) -> list[RenderableType]:
    """One claim after the other: who, when, where, the words, the id; then what else the words were taken for."""
    shown: list[RenderableType] = [_head_and_words(said) for said in found] or [Text("nothing found", style="dim")]
    return [*shown, *(Text(visible(line), style="dim") for line in map(_taken_for, meant) if line)]


def _taken_for(meaning: Meaning) -> str:
    """What a word of a search also stands for, or what looks like it."""
    others = [form for form in meaning.every if form != meaning.word]
    if others:
        more = f" and {len(others) - MOST_FORMS} more" if len(others) > MOST_FORMS else ""
        return f"{meaning.word}: also {', '.join(others[:MOST_FORMS])}{more}"
    if meaning.every:
        return ""
    near = f"; there is {', '.join(meaning.near)}" if meaning.near else ""
    return f"{meaning.word}: in no statement{near}"


def _head_and_words(said: Said) -> Group:
    words = Text(visible(quoted(said.claim)))
    return Group(_head(said), Padding(Group(words, *_stale(said), Text(said.claim.id, style="dim")), (0, 0, 1, 2)))


def _head(said: Said) -> Text:
    """Kind, speaker, target, date and place of a claim in one line."""
    claim, home = said.claim, said.document
    head = Text(f"{KINDS[claim.kind]}  ", style="dim")
    target = f" → {claim.target}" if claim.target else ""
    head.append(visible(f"{who(claim)}{target}"), style="bold not dim")
    where = [said.date or "undated", home.publisher or "", home.title or home.path or ""]
    head.append(visible("  " + ", ".join(part for part in where if part)), style="dim")
    return head


def _stale(said: Said) -> list[Text]:
    return [Text(visible(said.stale), style="yellow")] if said.stale else []


def shown_view(shown: Shown) -> list[RenderableType]:
    """A claim or finding in its context, with what was decided and how it came into the ledger."""
    parts: list[RenderableType] = []
    if shown.finding:
        parts += [Text(summary(shown.finding), style="bold"), Text()]
    for said in shown.sides:
        parts += [_head(said), Padding(Group(_context(said), *_stale(said)), (0, 0, 1, 2))]
    if shown.finding:
        parts.append(Text.assemble(("What differs: ", "bold"), visible(shown.finding.explanation)))
        parts.append(Text.assemble(("How both could stand: ", "bold"), visible(shown.finding.reading), "\n"))
    for looked in shown.looked:
        parts += _looked(looked, [said.claim.id for said in shown.sides])
    parts += [Text(summary(f)) for f in shown.findings]
    parts += [Text(entry_line(d)) for d in shown.history]
    return [*parts, *(_provenance(p) for p in shown.provenance)]


def _context(said: Said) -> Text:
    """The claim's words, marked, in the text around them."""
    first, last = said.claim.quotes[0], said.claim.quotes[-1]
    text = said.document.text
    begin, end = max(0, first.start - CONTEXT), min(len(text), last.end + CONTEXT)
    context = Text("… " if begin else "", style="dim")
    at = begin
    for quote in said.claim.quotes:
        context.append(visible(text[at : quote.start]))
        context.append(visible(f"⟦{quote.exact}⟧"), style="bold not dim")
        at = quote.end
    context.append(visible(text[at:end]) + (" …" if end < len(text) else ""))
    place = ", ".join(f"{q.start} to {q.end}" for q in said.claim.quotes)
    home = said.document
    context.append(visible(f"\n{said.claim.id} in {home.path or home.id}, characters {place}"))
    return context


def _looked(looked: Looked, shown: Sequence[str]) -> list[RenderableType]:
    """What was found about a statement, and for which claim where that is another one."""
    weighed = weighed_of(
        looked.claim, looked.article, looked.check, looked.evidence, {d.id: d for d in looked.documents}
    )
    place = f"{outlet(looked.article)}, {looked.article.published or 'undated'}"
    elsewhere = f"found for the same statement in {place} ({looked.claim.id}):"
    head = [] if looked.claim.id in shown else [Text(visible(elsewhere), style="dim")]
    return [*head, *drawn(looked.claim, looked.article, weighed)]


def _provenance(kept: Provenance) -> Text:
    heading = f"{kept.document_id}: added {kept.added} by {kept.tool} with {kept.model}"
    prompts = [f"prompt {version}" for version in kept.prompts.values()]
    recordings = [f"answer {name}" for name in kept.recordings] or ["no answers: the same text was there already"]
    return Text(visible("\n  ".join([heading, *prompts, *recordings])), style="dim")


def decision_line(decision: Decision) -> str:
    """One row of the log."""
    note = f": {decision.note}" if decision.note else ""
    return visible(f"{decision.seq}  {decision.at}  {decision.action}  {decision.subject}  by {decision.by}{note}")


def entry_line(entry: Decision) -> str:
    """One entry of the log about a finding, as a sentence."""
    to = entry.data.get("to")
    did = {
        "comment": "said",
        "assign": f"gave it to {to}" if to else "gave it to nobody",
        "undo": f"took back entry {entry.data.get('seq')}",
        "accepted": "accepted it",
        "dismissed": "dismissed it",
    }.get(entry.action, entry.action)
    note = f": {' '.join(entry.note.split())}" if entry.note else ""
    return visible(f"{entry.seq}  {entry.at[:16].replace('T', ' ')}  {entry.by} {did}{note}")


def speakers_view(found: Sequence[Speaker]) -> list[RenderableType]:
    """Everyone who said something, with roles over time."""
    parts: list[RenderableType] = []
    for speaker in found:
        head = Text(visible(speaker.names[0]), style="bold")
        head.append(
            visible(f"  also {', '.join(speaker.names[1:])}" if speaker.names[1:] else ""), style="not bold dim"
        )
        head.append(f"  {speaker.claims}", style="not bold")
        parts.append(head)
        parts += [Padding(Text(visible(role), style="dim"), (0, 0, 0, 2)) for role in speaker.roles]
    return parts or [Text("nobody", style="dim")]


def suggestions_view(found: Sequence[Suggestion]) -> list[RenderableType]:
    """Pairs of names that a person may want to merge."""
    lines = [Text(visible(f"{s.a} = {s.b}?  {s.why}")) for s in found]
    return [*lines] or [Text("no names look alike", style="dim")]
