"""How a run ended: whether it did what it was asked for, which findings fail a build, and the exit code."""

from __future__ import annotations

from typing import Literal, NamedTuple

from factcheck.models import Finding, Report
from factcheck.plural import counted

FailOn = Literal["never", "lead", "strong", "full"]


class Ending(NamedTuple):
    """How a run ended, in one word and in one line; the line is empty where all was done."""

    state: Literal["done", "incomplete", "failed"]
    line: str


def ending(report: Report) -> Ending:
    """Failed: nothing came of it. Incomplete: something that was asked for is missing; the problems say what."""
    undone = [problem for problem in report.problems if problem.leaves_undone]
    if not undone:
        return Ending("done", "")
    first = next((p for p in undone if p.stage != "read"), undone[0])
    if not report.documents:
        return Ending("failed", f"This run failed, no document could be read: {first.message}")
    if not report.claims and first.stage != "read":
        return Ending("failed", f"This run failed, no claims could be extracted: {first.message}")
    return Ending("incomplete", f"This run is incomplete: {counted(len(undone), 'problem')} left something undone")


def fails(finding: Finding, level: FailOn) -> bool:
    """Whether a finding is at or above a level; dismissed and stale findings fail nothing."""
    reached = {
        "never": False,
        "lead": True,
        "strong": finding.tier == "strong",
        "full": finding.tier == "strong" and finding.severity == "full",
    }
    return finding.stands and reached[level]


def exit_code(report: Report, fail_on: FailOn = "never") -> int:
    """0 done, 2 nothing could be read, 4 something was not done, 3 findings at or above `fail_on`.

    What was rejected is listed but makes nothing incomplete; dismissed and stale findings fail nothing.

    >>> factcheck.exit_code(report), factcheck.exit_code(report, fail_on="strong")
    (0, 3)
    """
    if not report.documents:
        return 2
    if any(problem.leaves_undone for problem in report.problems):
        return 4
    return 3 if any(fails(finding, fail_on) for finding in report.findings) else 0
