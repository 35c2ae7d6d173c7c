"""What the API does under /api/v1: findings and decisions, statements, speakers, documents, checks and problems."""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from factcheck.ledger.findings import FindingFilter, Order
from factcheck.ledger.pages import StatementFilter
from factcheck.ledger.speakers import SpeakerPage
from factcheck.models import Document, Report
from factcheck.originals import Model
from factcheck.tools import lookups
from factcheck.tools.checking import LONGEST, document_of
from factcheck.tools.documents import DocumentDetail, DocumentList, ProblemList, document_of_ledger, documents, problems
from factcheck.tools.shapes import FindingDetail, FindingList, SpeakerTimeline, StatementList
from factcheck.web import looking
from factcheck.web.adding import require_own
from factcheck.web.checks import Checked, FullError
from factcheck.web.failures import failed
from factcheck.web.guard import Refusal
from factcheck.web.openapi import described
from factcheck.web.operations import PREFIX, Asked, Operation, Told, looked_up, route

Short = Annotated[str, Field(max_length=500)]
Key = Annotated[str, Field(max_length=100)]


class Part(Model):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=10**9)


class FindingQuery(Part, FindingFilter):
    """Which findings; dates are ISO 8601, possibly partial, both ends included."""

    order: Order = "strongest"


class StatementQuery(Part, StatementFilter):
    """Which statements."""


class DocumentQuery(Part):
    """Which documents."""

    outlet: Short | None = None


class SpeakerQuery(Part):
    """Which speakers."""

    name: Short | None = None


class TimelineQuery(Part):
    """Which statements of a speaker."""

    topic: Short | None = None


class _Body(Model):
    model_config = ConfigDict(use_attribute_docstrings=True)


class _Locked(_Body):
    seen: int | None = Field(None, ge=0)
    """`seen` of the finding as it was read, where no If-Match is sent."""
    override: bool = False
    """Do it although somebody wrote about the finding meanwhile."""


class DecisionBody(_Locked):
    """Accept or dismiss a finding."""

    decision: Literal["accepted", "dismissed"]
    reason: Annotated[str, Field(max_length=20_000)] = ""
    """A dismissal needs one."""

    @model_validator(mode="after")
    def _has_reason(self) -> DecisionBody:
        if self.decision == "dismissed" and not self.reason.strip():
            raise ValueError("a dismissal needs a reason that others can read later")
        return self


class AssignmentBody(_Locked):
    """Give a finding to somebody."""

    to: Annotated[str, Field(min_length=1, max_length=200)] | None
    """A name, or null for nobody."""


class UndoBody(_Locked):
    """Take the last entry about a finding back."""

    reason: Annotated[str, Field(max_length=20_000)] = ""


class CommentBody(_Body):
    """Say something about a finding."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class CheckBody(_Body):
    """What is to be checked: one of `text` and `address`."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)] | None = None
    address: Annotated[str, Field(max_length=2_048, pattern="^https?://")] | None = None
    title: Short | None = None
    publisher: Short | None = None
    published: Annotated[str, Field(max_length=10)] | None = None
    """ISO 8601, possibly partial."""
    url: Annotated[str, Field(max_length=2_048)] | None = None
    """Where a text was published."""

    @model_validator(mode="after")
    def _one(self) -> CheckBody:
        if (self.text is None) == (self.address is None):
            raise ValueError("give one of the two: text, or address")
        return self


class CheckState(_Body):
    """How far a check is."""

    id: str
    state: Literal["waiting", "reading", "checking", "done", "failed", "stopped"]
    over: bool
    documents: int
    done: int
    """Documents whose claims are known."""
    calls: int
    """Answers of the model so far."""
    document_ids: tuple[str, ...]
    finding_ids: tuple[str, ...]
    problems: tuple[str, ...]
    report: str | None
    """The path of the report, once there is one."""


def list_findings(asked: Asked) -> Told:
    """Findings that fit, without parameters the open ones."""
    query: FindingQuery = asked.query
    wanted = FindingFilter(**{name: getattr(query, name) for name in FindingFilter.model_fields})
    found = lookups.findings(asked.desk.ledger, wanted, order=query.order, limit=query.limit, offset=query.offset)
    return Told(found)


def get_finding(asked: Asked) -> Told:
    """One finding with the paragraphs around both sides, and its history."""
    with looked_up():
        found = lookups.finding(asked.desk.ledger, asked.path["id"])
    return Told(found, found.finding.seen)


def decide_finding(asked: Asked) -> Told:
    """Accept or dismiss a finding; refused where somebody wrote about it since it was read."""
    body: DecisionBody = asked.body
    key = _known(asked)
    asked.desk.ledger.decide(key, body.decision, by=asked.by, note=body.reason, **_lock(asked))
    return get_finding(asked)


def assign_finding(asked: Asked) -> Told:
    """Give a finding to somebody, or to nobody."""
    key = _known(asked)
    asked.desk.ledger.assign(key, asked.body.to, by=asked.by, **_lock(asked))
    return get_finding(asked)


def undo_last(asked: Asked) -> Told:
    """Take back the last decision, comment or assignment about a finding that still stands."""
    key = _known(asked)
    asked.desk.ledger.undo(key, by=asked.by, note=asked.body.reason, **_lock(asked))
    return get_finding(asked)


def comment_on_finding(asked: Asked) -> Told:
    """Say something about a finding without deciding."""
    asked.desk.ledger.comment(_known(asked), asked.body.text, by=asked.by)
    return get_finding(asked)


def _known(asked: Asked) -> str:
    with looked_up():
        return asked.desk.ledger.resolve(asked.path["id"], "finding")


def _lock(asked: Asked) -> dict[str, Any]:
    """What the caller saw. Raises Refusal where they do not say."""
    seen = asked.if_match if asked.if_match is not None else asked.body.seen
    if seen is None and not asked.body.override:
        raise Refusal(428, "say what you saw: If-Match with the ETag of the finding, or its `seen`")
    return {"seen": seen, "override": asked.body.override}


def list_statements(asked: Asked) -> Told:
    """Statements that fit, the latest said first."""
    query: StatementQuery = asked.query
    wanted = StatementFilter(**{name: getattr(query, name) for name in StatementFilter.model_fields})
    return Told(lookups.statements(asked.desk.ledger, wanted, limit=query.limit, offset=query.offset))


def list_speakers(asked: Asked) -> Told:
    """Who said something, the most quoted first."""
    query: SpeakerQuery = asked.query
    return Told(asked.desk.ledger.speakers(query.name, limit=query.limit, offset=query.offset))


def get_timeline(asked: Asked) -> Told:
    """What a person or body said, oldest first, and the findings among it."""
    query: TimelineQuery = asked.query
    with looked_up():
        found = lookups.timeline(
            asked.desk.ledger, asked.path["name"], topic=query.topic, limit=query.limit, offset=query.offset
        )
    return Told(found)


def list_documents(asked: Asked) -> Told:
    """Documents, those added last first."""
    query: DocumentQuery = asked.query
    return Told(documents(asked.desk.ledger, outlet=query.outlet, limit=query.limit, offset=query.offset))


def get_document(asked: Asked) -> Told:
    """One document with its text, statements, findings and problems."""
    with looked_up():
        return Told(document_of_ledger(asked.desk.ledger, asked.path["id"]))


def get_document_report(asked: Asked) -> Told:
    """What the ledger holds about a document, in the format of `factcheck check --format json`."""
    with looked_up():
        key = asked.desk.ledger.resolve(asked.path["id"], "document")
        return Told(lookups.report_of(asked.desk.ledger, key))


def list_problems(asked: Asked) -> Told:
    """What could not be done, the last first."""
    query: Part = asked.query
    return Told(problems(asked.desk.ledger, limit=query.limit, offset=query.offset))


def start_check(asked: Asked) -> Told:
    """Check a text or an article at an address; it is kept in the ledger. Ask how far it is under `location`."""
    body: CheckBody = asked.body
    source: str | Document
    if body.address is not None:
        source, title = body.address, body.address
    else:
        source = document_of(
            body.text or "", title=body.title, publisher=body.publisher, published=body.published, url=body.url
        )
        title = source.name
    try:
        work = functools.partial(asked.desk.checking.check, [source], by=asked.by)
        made = asked.desk.checks.start(work, by=asked.by, title=title)
    except FullError:
        raise Refusal(429, "too many checks wait already; try again when some of them are done") from None
    return Told(_state(made), location=f"{PREFIX}/checks/{made.key}")


def get_check(asked: Asked) -> Told:
    """How far a check is, and what it found."""
    return Told(_state(_check(asked)))


def stop_check(asked: Asked) -> Told:
    """End a check that waits or is under way: one of your own, as an editor any. What it kept stays in the ledger."""
    assert asked.person  # noqa: S101  (it needs a right)
    require_own(_check(asked), asked.person)
    asked.desk.checks.stop(asked.path["id"], by=asked.by)
    return Told(_state(_check(asked)))


def get_check_report(asked: Asked) -> Told:
    """The report of a check that is done."""
    checked = _check(asked)
    if not checked.is_over or not checked.report:
        raise Refusal(404 if checked.is_over else 409, "there is no report; see the state and problems of the check")
    return Told(lookups.report_on(asked.desk.ledger, checked.report))


def _check(asked: Asked) -> Checked:
    checked = asked.desk.checks.get(asked.path["id"])
    if checked is None or checked.is_evidence:
        raise Refusal(404, "this check is not known any more; what it kept is in the ledger")
    return checked


def _state(checked: Checked) -> CheckState:
    return CheckState(
        id=checked.key,
        state=checked.state,
        over=checked.is_over,
        documents=checked.documents,
        done=checked.done,
        calls=checked.calls,
        document_ids=checked.report,
        finding_ids=checked.findings,
        problems=checked.problems,
        report=f"{PREFIX}/checks/{checked.key}/report" if checked.is_over and checked.report else None,
    )


def openapi(asked: Asked) -> Told:  # noqa: ARG001
    """This description."""
    return Told(described(OPERATIONS))


FINDING = "/findings/{id}"
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/findings", list_findings, FindingList, query=FindingQuery, kept=True),
    Operation("GET", FINDING, get_finding, FindingDetail, kept=True),
    Operation("POST", f"{FINDING}/decision", decide_finding, FindingDetail, needs="decide", body=DecisionBody),
    Operation("POST", f"{FINDING}/assignment", assign_finding, FindingDetail, needs="decide", body=AssignmentBody),
    Operation("POST", f"{FINDING}/undo", undo_last, FindingDetail, needs="decide", body=UndoBody),
    Operation("POST", f"{FINDING}/comments", comment_on_finding, FindingDetail, needs="decide", body=CommentBody),
    Operation("GET", "/statements", list_statements, StatementList, query=StatementQuery, kept=True),
    *looking.OPERATIONS,
    Operation("GET", "/speakers", list_speakers, SpeakerPage, query=SpeakerQuery, kept=True),
    Operation("GET", "/speakers/{name}/timeline", get_timeline, SpeakerTimeline, query=TimelineQuery, kept=True),
    Operation("GET", "/documents", list_documents, DocumentList, query=DocumentQuery, kept=True),
    Operation("GET", "/documents/{id}", get_document, DocumentDetail, kept=True),
    Operation("GET", "/documents/{id}/report", get_document_report, Report, kept=True),
    Operation("GET", "/problems", list_problems, ProblemList, query=Part, kept=True),
    Operation("POST", "/checks", start_check, CheckState, needs="add", body=CheckBody, status=202),
    Operation("GET", "/checks/{id}", get_check, CheckState),
    Operation("POST", "/checks/{id}/stop", stop_check, CheckState, needs="add"),
    Operation("GET", "/checks/{id}/report", get_check_report, Report),
    Operation("GET", "/openapi.json", openapi, None, needs=None, kept=True),
)


async def _nothing(request: Request) -> Response:
    """For paths and methods that are none."""
    known = [r for r in ROUTES if isinstance(r, Route) and r.path_regex.match(request.url.path)]
    methods = {method for r in known if r.endpoint is not _nothing for method in r.methods or ()}
    if methods:
        return failed(405, f"this takes {', '.join(sorted(methods))}", allow=", ".join(sorted(methods)))
    return failed(404, f"there is nothing here; {PREFIX}/openapi.json lists all paths")


EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ROUTES: tuple[BaseRoute, ...] = (
    *(route(operation) for operation in OPERATIONS),
    Route("/api/{rest:path}", _nothing, methods=EVERY, name="v1_nothing"),
)
