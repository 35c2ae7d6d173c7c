"""One finding to paste elsewhere, with its sources: as plain text, as Markdown and as HTML."""

from __future__ import annotations

import json
from typing import NamedTuple

from markupsafe import Markup

from factcheck.models import Finding, Report
from factcheck.outputs import words
from factcheck.outputs.inert import markdown, one_line, visible
from factcheck.outputs.links import address
from factcheck.outputs.words import Answers, Side


class Clip(NamedTuple):
    """The same finding in three forms."""

    text: str
    markdown: str
    html: str


class Said(NamedTuple):
    """One side: whose words, in which role and when, the words, what answers them, and where they stand."""

    who: str
    about: str
    quote: str
    answers: list[tuple[str, str]]
    place: str
    url: str | None


class Cut(NamedTuple):
    """What all three forms say."""

    head: str
    state: str
    sides: list[Said]
    ends: list[tuple[str, str]]
    foot: str


def clips(report: Report) -> Markup:
    """The clips of all findings in their order, as JSON that may stand inside of a page's script element."""
    answers = words.answers_in(report)
    made = visible(json.dumps([clip(report, f, answers)._asdict() for f in report.findings], ensure_ascii=False))
    return Markup(made.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"))  # noqa: S704


def clip(report: Report, finding: Finding, answers: Answers) -> Clip:
    """A finding with both sides, what differs, how both could stand, and the sources of both."""
    cut = _cut(report, finding, answers)
    return Clip(_plain(cut), _markdown(cut), _html(cut))


def _cut(report: Report, finding: Finding, answers: Answers) -> Cut:
    names = " and ".join(words.parties(report, finding))
    topic = words.topic(report, finding)
    head = f"{names}: {words.kind_label(report, finding)}{f', on {topic}' if topic else ''}"
    state = (finding.severity, finding.tier, words.apart(finding), words.status(finding))
    ends = [("What differs", finding.explanation), ("How both could stand", finding.reading)]
    notes = [(name, what) for name, _, what in (remark.partition(": ") for remark in words.remarks(finding))]
    foot = f"{report.run.tool}, run {report.run.id}, finding {finding.id}"
    sides = [_said(report, side) for side in words.sides(report, finding, answers)]
    return Cut(one_line(head), one_line(" · ".join(filter(None, state))), sides, [*ends, *notes], one_line(foot))


def _said(report: Report, side: Side) -> Said:
    document = side.document
    place = ", ".join(filter(None, (words.outlet(document), document.published, words.place(side.claim.quotes[0]))))
    title = f"“{document.title}”, {place}" if document.title else place
    answers = [
        (f"{words.who(a)} answers ({words.outlet(report.document(a.document_id))})", words.quoted(a))
        for a in side.answers
    ]
    about = f"{words.origin(side)}; {words.charge(side.claim)}"
    return Said(words.source(side), about, words.quoted(side.claim), answers, title, address(document.url))


def _plain(cut: Cut) -> str:
    parts = [f"{cut.head}\n{cut.state}"]
    for said in cut.sides:
        lines = [f"{said.who} ({said.about}):", said.quote, *(f"{who}: {quote}" for who, quote in said.answers)]
        parts.append("\n".join(map(one_line, [*lines, f"Source: {said.place}{_after(said.url)}"])))
    parts += [one_line(f"{name}: {what}") for name, what in cut.ends]
    return "\n\n".join([*parts, cut.foot]) + "\n"


def _after(url: str | None) -> str:
    return f", {url}" if url else ""


def _markdown(cut: Cut) -> str:
    parts = [f"**{markdown(cut.head)}**", markdown(cut.state)]
    for said in cut.sides:
        parts.append(f"**{markdown(said.who)}** ({markdown(said.about)}):")
        quotes = [said.quote, *(f"{who}: {quote}" for who, quote in said.answers)]
        parts.append("\n>\n".join(f"> {markdown(quote)}" for quote in quotes))
        parts.append(f"Source: {markdown(said.place)}" + (f", <{said.url}>" if said.url else ""))
    parts += [f"**{name}:** {markdown(what)}" for name, what in cut.ends]
    return "\n\n".join([*parts, markdown(cut.foot)]) + "\n"


def _html(cut: Cut) -> str:
    parts = [Markup("<p><b>{}</b><br>{}</p>").format(cut.head, cut.state)]
    for said in cut.sides:
        parts.append(Markup("<p><b>{}</b> ({}):</p>").format(one_line(said.who), one_line(said.about)))
        quotes = [said.quote, *(f"{who}: {quote}" for who, quote in said.answers)]
        inside = Markup("<br>").join(map(one_line, quotes))
        parts.append(Markup("<blockquote>{}</blockquote>").format(inside))
        link = Markup(', <a href="{0}">{0}</a>').format(said.url) if said.url else ""
        parts.append(Markup("<p>Source: {}{}</p>").format(one_line(said.place), link))
    parts += [Markup("<p><b>{}:</b> {}</p>").format(name, one_line(what)) for name, what in cut.ends]
    return str(Markup("\n").join([*parts, Markup("<p>{}</p>").format(cut.foot)]))
