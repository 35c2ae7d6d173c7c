"""The tools and resources that a language model uses factcheck by, over the Model Context Protocol.

Without a caller who may write nothing is changed. What articles and models wrote comes back marked as data.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field, ValidationError

from factcheck.__about__ import VERSION
from factcheck.errors import FactcheckError, UsageError
from factcheck.ledger.connection import Ledger
from factcheck.ledger.findings import FindingFilter, State
from factcheck.ledger.pages import StatementFilter
from factcheck.models import FindingKind, Report, Tier
from factcheck.outputs.inert import one_line
from factcheck.tools import lookups
from factcheck.tools.checking import LONGEST, Checker, document_of
from factcheck.tools.evidence import Checked, EvidenceFound
from factcheck.tools.fence import fenced, fenced_json
from factcheck.tools.shapes import (
    NOTICE,
    FindingDetail,
    FindingList,
    SpeakerTimeline,
    StatementList,
)
from factcheck.watching import Observer, Progress

if TYPE_CHECKING:
    from starlette.types import ASGIApp

INSTRUCTIONS = (
    "Who said what, in exact words of articles, and which statements do not fit together. A finding says that two "
    "statements differ; it says of nobody that they lied and of nothing that it is true or false. Quote words exactly "
    "as they are given, with the speaker and the address, and name an accusation never without its speaker and the "
    f"answer to it. {NOTICE}"
)

T = TypeVar("T")
Right = Literal["add", "decide"]
Caller = Callable[[Context, Right], str]
"""In whose name something is added or decided; raises UsageError where who calls may not do so."""

Limit = Annotated[int, Field(ge=1, le=50, description="So many at most.")]
Offset = Annotated[int, Field(ge=0, description="Where to go on: `next` of the part before.")]
FindingId = Annotated[str, Field(max_length=64, description="Of a finding, f-…")]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST, description="An article, speech or release.")]
Short = Annotated[str | None, Field(max_length=500)]
Reason = Annotated[str, Field(min_length=1, max_length=2_000, description="Why; it is kept.")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
CHECKS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True)
KEEPS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)


class ToolServer(MCPServer[Any]):
    """The server; every error that a caller can act on is one line."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool. Raises ToolError with one line."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                first = cause.errors(include_url=False)[0]
                raise ToolError(one_line(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}")) from None
            if isinstance(cause, ToolError | ResourceError):
                raise ToolError(one_line(str(cause))) from None
            raise


def tool_server(checker: Checker, ledger: Ledger | None = None, caller: Caller | None = None) -> MCPServer[Any]:
    """A server over a ledger, if there is one; without `caller` it decides and comments nothing."""
    server = ToolServer("factcheck", version=VERSION, instructions=INSTRUCTIONS, log_level="ERROR")
    _add_checks(server, checker, caller)
    _add_resources(server, checker, ledger)
    if ledger:
        _add_lookups(server, ledger)
        if caller:
            _add_decisions(server, ledger, caller)
    return server


@asynccontextmanager
async def served(server: MCPServer[Any], sessions: int) -> AsyncIterator[ASGIApp]:
    """The server as an application for streamable HTTP, while it is open; whoever serves it checks who may call."""
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server.streamable_http_app(transport_security=checked, max_sessions=sessions)
    async with server.session_manager.run():
        yield app


def _add(server: MCPServer[Any], function: Callable[..., Any], hints: ToolAnnotations) -> None:
    """Register a tool; its result goes out fenced for the model, and as data for the program around it."""

    @functools.wraps(function)
    async def told(*args: Any, **given: Any) -> CallToolResult:
        try:
            if inspect.iscoroutinefunction(function):
                value = await function(*args, **given)
            else:
                value = await anyio.to_thread.run_sync(functools.partial(function, *args, **given))
        except FactcheckError as error:
            raise ToolError(one_line(str(error))) from None
        text = TextContent(type="text", text=fenced_json(value))
        return CallToolResult(content=[text], structured_content=value.model_dump(mode="json"))

    server.add_tool(told, annotations=hints)  # what it takes and returns is read from the function that it wraps


@asynccontextmanager
async def _observed(context: Context) -> AsyncIterator[Observer]:
    """An observer whose reports go to the caller in their order, with a number that grows."""
    send, receive = anyio.create_memory_object_stream[Progress](1_000)

    async def forward() -> None:
        number = 0
        async for state in receive:
            number += 1
            words = f"{state.done} of {state.documents} documents, {state.usage.calls} calls"
            await context.report_progress(number, None, words)

    def observe(state: Progress) -> None:
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.WouldBlock):
            send.send_nowait(state)

    with receive:
        async with anyio.create_task_group() as group:
            group.start_soon(forward)
            with send:
                yield observe


def _add_checks(server: MCPServer[Any], checker: Checker, caller: Caller | None) -> None:
    def admitted(context: Context) -> str | None:
        return caller(context, "add") if caller else None

    async def check_text(
        text: Text,
        context: Context,
        title: Short = None,
        publisher: Short = None,
        published: Annotated[str | None, Field(description="ISO 8601, e.g. 2014-06-17 or 2014-06.")] = None,
        url: Short = None,
    ) -> Checked:
        """Find who says what in a text, and what does not fit together in it, or with earlier statements.

        Takes up to minutes and costs calls to a model; it can be cancelled.
        """
        by = admitted(context)
        document = document_of(text, title=title, publisher=publisher, published=published, url=url)
        async with _observed(context) as observe:
            return await checker.check(document, observe, by=by)

    async def check_address(
        url: Annotated[str, Field(max_length=2_048, description="https://… of an article.")], context: Context
    ) -> Checked:
        """Fetch an article and check it as `check_text` does. Addresses on private networks are refused."""
        by = admitted(context)
        document, problems = await checker.document_at(url)
        async with _observed(context) as observe:
            return await checker.check(document, observe, problems, by=by)

    async def find_evidence(
        statement: Annotated[str, Field(min_length=1, max_length=2_000, description="As it was made.")],
        context: Context,
        speaker: Annotated[str | None, Field(max_length=200, description="Who made it.")] = None,
        date: Annotated[str | None, Field(max_length=10, description="When, ISO 8601, e.g. 2014-06.")] = None,
    ) -> EvidenceFound:
        """Find words of other documents that support a statement, conflict with it or qualify it.

        Searches the sources of evidence that are set, and costs calls to a model. It never says what is true.
        """
        admitted(context)
        return await checker.evidence(statement, speaker=speaker, date=date)

    _add(server, find_evidence, CHECKS)
    hints = KEEPS if checker.place and checker.keep else CHECKS
    _add(server, check_text, hints)
    _add(server, check_address, hints)


def _add_lookups(server: MCPServer[Any], ledger: Ledger) -> None:
    def search_statements(
        words: Annotated[str, Field(min_length=1, max_length=500, description="All of them must occur.")],
        speaker: Short = None,
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> StatementList:
        """Find statements by words in them, in their topic or in the name of their speaker, the latest first."""
        wanted = StatementFilter(text=words, speaker=speaker)
        return lookups.statements(ledger, wanted, limit=limit, offset=offset)

    def speaker_timeline(
        speaker: Annotated[str, Field(min_length=1, max_length=200, description="A part of the name will do.")],
        topic: Annotated[str | None, Field(max_length=200, description="Words that the topic has.")] = None,
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> SpeakerTimeline:
        """What a person or body said over time, oldest first, and what of it does not fit together."""
        return lookups.timeline(ledger, speaker, topic=topic, limit=limit, offset=offset)

    def list_findings(
        state: Annotated[State, Field(description="open: nobody has decided about it.")] = "open",
        tier: Tier | None = None,
        kind: FindingKind | None = None,
        speaker: Short = None,
        words: Annotated[str | None, Field(max_length=500, description="That stand in one of the statements.")] = None,
        limit: Limit = 10,
        offset: Offset = 0,
    ) -> FindingList:
        """Pairs of statements that do not fit together, strong ones first, then the newest."""
        wanted = FindingFilter(state=state, tier=tier, kind=kind, speaker=speaker, text=words)
        return lookups.findings(ledger, wanted, limit=limit, offset=offset)

    def get_finding(finding_id: FindingId) -> FindingDetail:
        """One finding with the paragraphs around both statements, and what people decided and said about it."""
        return lookups.finding(ledger, finding_id)

    _add(server, search_statements, READS)
    _add(server, speaker_timeline, READS)
    _add(server, list_findings, READS)
    _add(server, get_finding, READS)


def _add_decisions(server: MCPServer[Any], ledger: Ledger, caller: Caller) -> None:
    def decide_finding(
        finding_id: FindingId,
        decision: Literal["accepted", "dismissed"],
        reason: Reason,
        seen: Annotated[int, Field(ge=0, description="`seen` of the finding as you read it.")],
        context: Context,
    ) -> FindingDetail:
        """Accept or dismiss a finding in the name of the person whom you work for, only when they said so."""
        ledger.decide(finding_id, decision, by=caller(context, "decide"), note=reason, seen=seen)
        return lookups.finding(ledger, finding_id)

    def comment_on_finding(
        finding_id: FindingId, text: Annotated[str, Field(min_length=1, max_length=5_000)], context: Context
    ) -> FindingDetail:
        """Say something about a finding without deciding, in the name of the person whom you work for."""
        ledger.comment(finding_id, text, by=caller(context, "decide"))
        return lookups.finding(ledger, finding_id)

    _add(server, decide_finding, WRITES)
    _add(server, comment_on_finding, WRITES)


def _add_resources(server: MCPServer[Any], checker: Checker, ledger: Ledger | None) -> None:
    @server.resource("factcheck://documents/{document_id}", mime_type="text/plain")
    def document(document_id: str) -> str:
        """The whole text of an article, marked as data; offsets of quotes count from the first character of it."""
        known = checker.document(document_id)
        if known is None and ledger is not None:
            known = _found(lambda: lookups.article(ledger, document_id))
        if known is None:
            raise ResourceNotFoundError(f"{one_line(document_id)}: there is no such document; it may be too long ago")
        return fenced(known.text)

    @server.resource("factcheck://reports/{report_id}", mime_type="application/json")
    def report(report_id: str) -> str:
        """The report of a check (r-…) of this session, or of an article (d-…) as the ledger has it, as JSON."""
        if report_id in checker.reports:
            return _report(checker.reports[report_id])
        if ledger and report_id.startswith("d-"):
            return _report(_found(lambda: lookups.report_of(ledger, report_id)))
        raise ResourceNotFoundError(f"{one_line(report_id)}: there is no such report; it may be too long ago")


def _report(report: Report) -> str:
    return f'{{"notice": "{NOTICE}", "report": {report.model_dump_json()}}}'


def _found(look_up: Callable[[], T]) -> T:
    """What a look-up gives. Raises ResourceError."""
    try:
        return look_up()
    except UsageError as error:
        raise ResourceNotFoundError(one_line(str(error))) from None
    except FactcheckError as error:
        raise ResourceError(one_line(str(error))) from None
