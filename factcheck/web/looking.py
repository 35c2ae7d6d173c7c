"""The API for evidence: what a ledger holds about a statement, and a search of its own for one that is typed."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator

from factcheck.models import Report
from factcheck.originals import Model
from factcheck.text.dates import iso_date
from factcheck.tools import lookups
from factcheck.tools.evidence import Looked, StatementEvidence, looked_in
from factcheck.tools.shapes import NOTICE
from factcheck.web.checks import Checked, FullError
from factcheck.web.guard import Refusal
from factcheck.web.operations import PREFIX, Asked, Operation, Told, looked_up

LONGEST = 5_000
"""Characters of a typed statement."""


class EvidenceBody(Model):
    """A statement on which evidence is looked for, in the sources that the settings of the desk name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    statement: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    speaker: Annotated[str, Field(max_length=200)] | None = None
    """Who made it."""
    date: Annotated[str, Field(max_length=10)] | None = None
    """When; ISO 8601, possibly partial."""

    @field_validator("statement")
    @classmethod
    def _has_words(cls, value: str) -> str:
        if not any(char.isalnum() for char in value):
            raise ValueError("the statement holds no words")
        return value

    @field_validator("date")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        if value is not None and iso_date(value) != value:
            raise ValueError("write 2024-05-31, 2024-05 or 2024")
        return value


class EvidenceState(Model):
    """How far a search for evidence is, and at its end what bears on the statement."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notice: str = NOTICE
    id: str
    statement: str
    state: Literal["waiting", "reading", "checking", "done", "failed", "stopped"]
    over: bool
    looked: tuple[Looked, ...]
    """What was searched, and what came of it; empty as long as it goes on, and where nothing could be weighed."""
    problems: tuple[str, ...]
    """What could not be done."""
    complete: bool
    """False as long as it goes on, and where something was not done."""
    report: str | None
    """The path of the whole report, as long as it is remembered: the last 20."""


def get_statement_evidence(asked: Asked) -> Told:
    """What the ledger holds about a statement: what was searched when it was looked into, here or at another outlet."""
    with looked_up():
        return Told(lookups.evidence(asked.desk.ledger, asked.path["id"]))


def find_evidence(asked: Asked) -> Told:
    """Look for what bears on a statement, as `factcheck evidence` does. Ask how far it is under `location`."""
    body: EvidenceBody = asked.body
    if not asked.desk.settings.evidence:
        raise Refusal(409, "this desk has no sources of evidence; name them as evidence in its factcheck.toml")
    work = functools.partial(asked.desk.checking.evidence, body.statement, speaker=body.speaker or None, date=body.date)
    try:
        made = asked.desk.checks.start(work, by=asked.by, title=body.statement, is_evidence=True)
    except FullError:
        raise Refusal(429, "too many checks wait already; try again when some of them are done") from None
    return Told(_state(made), location=f"{PREFIX}/evidence/{made.key}")


def get_evidence(asked: Asked) -> Told:
    """How far a search for evidence is; at its end what bears on the statement."""
    return Told(_state(_known(asked)))


def get_evidence_report(asked: Asked) -> Told:
    """The report of a search that is done, in the format of `factcheck evidence --format json`."""
    known = _known(asked)
    if known.evidence is None:
        raise Refusal(404 if known.is_over else 409, "there is no report; see the state and problems of the search")
    return Told(known.evidence)


def _known(asked: Asked) -> Checked:
    known = asked.desk.checks.get(asked.path["id"])
    if known is None or not known.is_evidence:
        raise Refusal(404, "this search for evidence is not known any more; ask again")
    return known


def _state(known: Checked) -> EvidenceState:
    report = known.evidence
    return EvidenceState(
        id=known.key,
        statement=known.title,
        state=known.state,
        over=known.is_over,
        looked=looked_in(report) if report else (),
        problems=known.problems,
        complete=report is not None and not any(p.leaves_undone for p in report.problems),
        report=f"{PREFIX}/evidence/{known.key}/report" if report else None,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/statements/{id}/evidence", get_statement_evidence, StatementEvidence, kept=True),
    Operation("POST", "/evidence", find_evidence, EvidenceState, needs="add", body=EvidenceBody, status=202),
    Operation("GET", "/evidence/{id}", get_evidence, EvidenceState),
    Operation("GET", "/evidence/{id}/report", get_evidence_report, Report),
)
