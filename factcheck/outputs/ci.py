"""Findings for CI jobs: JUnit test results and GitHub annotations."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from factcheck.ending import FailOn, fails
from factcheck.models import Document, Finding, Problem, Report
from factcheck.outputs import words
from factcheck.outputs.inert import github_message, github_property, visible
from factcheck.outputs.lines import file_of, region_of
from factcheck.plural import counted


def junit(report: Report, fail_on: FailOn = "strong") -> str:
    """A test case for each document: it fails with the findings at or above `fail_on` whose later side it holds.

    Others and findings that were dismissed or became stale are printed and fail nothing; what was not done is an error.
    """
    answers = words.answers_in(report)
    root = ET.Element("testsuites", name="factcheck")
    suite = ET.SubElement(root, "testsuite", name="factcheck check")
    strays = [p for p in report.problems if p.document_id not in {d.id for d in report.articles}]
    for document in report.articles:
        mine = [f for f in report.findings if report.claim(f.b).document_id == document.id]
        case = ET.SubElement(suite, "testcase", classname="factcheck", name=visible(document.name))
        _errors(case, [p for p in report.problems if p.document_id == document.id])
        _findings(case, [(words.message(report, f, answers), fails(f, fail_on)) for f in mine])
    if strays:
        _errors(ET.SubElement(suite, "testcase", classname="factcheck", name="run"), strays)
    for name in ("failure", "error"):
        suite.set(f"{name}s", str(sum(case.find(name) is not None for case in suite)))
    suite.set("tests", str(len(suite)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _findings(case: ET.Element, found: Sequence[tuple[str, bool]]) -> None:
    failing = [message for message, is_failure in found if is_failure]
    passing = [message for message, is_failure in found if not is_failure]
    if failing:
        failure = ET.SubElement(case, "failure", message=counted(len(failing), "finding"), type="finding")
        failure.text = visible("\n\n".join(failing))
    if passing:
        ET.SubElement(case, "system-out").text = visible("\n\n".join(passing))


def _errors(case: ET.Element, problems: list[Problem]) -> None:
    undone = [visible(p.message) for p in problems if p.leaves_undone]
    if undone:
        ET.SubElement(case, "error", message=undone[0], type="problem").text = "\n".join(undone)
    if noted := [visible(p.message) for p in problems if not p.leaves_undone]:
        ET.SubElement(case, "system-err").text = "\n".join(noted)


def github(report: Report) -> str:
    """A workflow command for each finding at the later statement, and for each problem."""
    answers = words.answers_in(report)
    lines = [_annotation(report, finding, answers) for finding in report.findings]
    lines += [
        f"::{'error' if p.leaves_undone else 'notice'} title=factcheck%3A {p.stage}::{github_message(p.message)}"
        for p in report.problems
    ]
    return "".join(f"{line}\n" for line in lines)


def _annotation(report: Report, finding: Finding, answers: words.Answers) -> str:
    side = words.sides(report, finding, answers)[1]
    properties = {**_place(side), "title": f"{words.kind_label(report, finding)} ({finding.tier})"}
    level = "warning" if fails(finding, "strong") else "notice"
    written = ",".join(f"{name}={github_property(str(value))}" for name, value in properties.items())
    return f"::{level} {written}::{github_message(words.message(report, finding, answers))}"


def _place(side: words.Side) -> dict[str, object]:
    """The file and, where the quote still stands in it, its lines; GitHub takes columns only within one line."""
    document: Document = side.document
    path = file_of(document)
    if path is None:
        return {}
    region = region_of(side.claim, document)
    if region is None:
        return {"file": path}
    columns = {"col": region.column, "endColumn": region.end_column} if region.line == region.end_line else {}
    return {"file": path, "line": region.line, "endLine": region.end_line, **columns}
