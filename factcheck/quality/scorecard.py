"""Scores in words: for a terminal, as JSON, Markdown or JUnit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree as ET

from factcheck.models import Usage
from factcheck.outputs.inert import markdown as markdown_text
from factcheck.outputs.inert import visible
from factcheck.quality.evaluate import Tally
from factcheck.quality.trials import Outcome

OUTPUT_WEIGHT = 4
"""What an output token costs in input tokens; the ratio of most providers' price lists."""

LABEL, CELL = 38, 34


def terminal(outcomes: Sequence[Outcome]) -> str:
    """Every miss, then all tallies with their 95 % intervals side by side, parts included, and the cost."""
    lines: list[str] = []
    for outcome in outcomes:
        lines += [f"{outcome.name}: {miss}" for miss in outcome.score.misses]
        lines += [f"{outcome.name}: not done: {p.message}" for t in outcome.trials for p in t.problems]
    lines += ["", " " * LABEL + "".join(f"{o.name:>{CELL}}" for o in outcomes)]
    scores = [outcome.score for outcome in outcomes]
    lines += [_line(name, [_cell(s.tallies.get(name)) for s in scores]) for name in _names(s.tallies for s in scores)]
    for part in sorted(scores[0].parts):
        if not part.startswith("document "):
            lines += ["", part]
            tallies = [s.parts.get(part, {}) for s in scores]
            lines += [_line(f"  {name}", [_cell(t.get(name)) for t in tallies]) for name in _names(tallies)]
    lines += ["", *(_line(name, cells) for name, cells in _costs(outcomes).items())]
    return visible("\n".join(lines))


def _names(tallies: Iterable[Mapping[str, Tally]]) -> list[str]:
    """The names of all tallies, each once; some ways of doing it have tallies of their own."""
    return list(dict.fromkeys(name for some in tallies for name in some))


def markdown(outcomes: Sequence[Outcome]) -> str:
    """A table of all tallies, and the misses below it."""
    head = ["| | " + " | ".join(o.name for o in outcomes) + " |", "|---|" + "---|" * len(outcomes)]
    rows = [
        f"| {name} | " + " | ".join(_cell(o.score.tallies.get(name)) for o in outcomes) + " |"
        for name in _names(o.score.tallies for o in outcomes)
    ]
    rows += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in _costs(outcomes).items()]
    misses = [f"- {markdown_text(miss)}" for o in outcomes for miss in o.score.misses]
    return "\n".join([*head, *rows, "", *misses])


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Everything, for programs."""
    value = [
        {
            "name": outcome.name,
            "tallies": _plain(outcome.score.tallies),
            "parts": {part: _plain(tallies) for part, tallies in sorted(outcome.score.parts.items())},
            "misses": list(outcome.score.misses),
            "problems": [p.model_dump() for t in outcome.trials for p in t.problems],
            "usage": outcome.usage.model_dump(),
            "documents": outcome.documents,
            "cost": cost_of(outcome.usage),
        }
        for outcome in outcomes
    ]
    return json.dumps(value, ensure_ascii=False, indent=1)


def junit(outcomes: Sequence[Outcome]) -> str:
    """A test case for each case; it fails with its misses, and is an error when something was not done."""
    root = ET.Element("testsuites", name="factcheck eval")
    for outcome in outcomes:
        suite = ET.SubElement(root, "testsuite", name=outcome.name, tests=str(len(outcome.trials)))
        for trial in outcome.trials:
            case = ET.SubElement(suite, "testcase", classname=outcome.name, name=trial.case.name)
            if trial.problems:
                ET.SubElement(case, "error", message=visible(trial.problems[0].message))
            if trial.score.misses:
                failure = ET.SubElement(case, "failure", message=f"{len(trial.score.misses)} misses")
                failure.text = visible("\n".join(trial.score.misses))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def cost_of(usage: Usage) -> int:
    """Input tokens and four times the output tokens."""
    return usage.input_tokens + OUTPUT_WEIGHT * usage.output_tokens


def _costs(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    costs = {
        "calls a document": [f"{o.dossier_usage.calls / o.documents:.2f}" if o.documents else "-" for o in outcomes],
        "calls": [f"{o.usage.calls:,}" for o in outcomes],
        "input tokens": [f"{o.usage.input_tokens:,}" for o in outcomes],
        "output tokens": [f"{o.usage.output_tokens:,}" for o in outcomes],
        f"cost (input + {OUTPUT_WEIGHT} × output)": [f"{cost_of(o.usage):,}" for o in outcomes],
    }
    weighed = [o.weighed for o in outcomes]
    if any(claims for claims, _ in weighed):
        spent = [(claims, usage.input_tokens + usage.output_tokens) for claims, usage in weighed]
        costs["tokens a claim weighed"] = [f"{tokens / claims:.0f}" if claims else "-" for claims, tokens in spent]
    first = cost_of(outcomes[0].dossier_usage)
    if len(outcomes) > 1 and first:
        costs[f"cost of the dossiers, {outcomes[0].name} = 1"] = [
            f"{cost_of(o.dossier_usage) / first:.2f}" for o in outcomes
        ]
    return costs


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in cells)


def _cell(tally: Tally | None) -> str:
    if tally is None or tally.share is None:
        return "-"
    low, high = tally.interval
    return f"{tally.hits}/{tally.total} = {tally.share:.3f} [{low:.2f}, {high:.2f}]"


def _plain(tallies: dict[str, Tally]) -> dict[str, dict[str, float | int | None]]:
    return {name: {"hits": t.hits, "total": t.total, "share": t.share} for name, t in tallies.items()}
