"""The tools for language models at /mcp of the desk, for those who have a token, in their name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from factcheck.errors import UsageError
from factcheck.tools.checking import Checker
from factcheck.web.access import Person, Right
from factcheck.web.desk import Desk
from factcheck.web.failures import failed
from factcheck.web.routes import NEEDS, lacks, person_of

MOST_SESSIONS = 200
PERSON = "factcheck.person"


class Endpoint:
    """Lets requests with a token through to the tools."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope)
        desk: Desk = request.app.state.desk
        tools: ASGIApp | None = request.app.state.tools
        person = await desk.run(person_of, desk, request)
        if tools is None:
            await failed(404, "needs an extra: python3 -m pip install 'factcheck-desk[mcp]'")(scope, receive, send)
        elif person is None or person.csrf is not None or not person.may("read"):
            told = "send a token with the scope read: Authorization: Bearer …; `factcheck desk tokens add` makes one"
            await failed(401, told)(scope, receive, send)
        else:
            scope[PERSON] = person
            await tools(scope, receive, send)


@contextlib.asynccontextmanager
async def tools_of(desk: Desk) -> AsyncIterator[ASGIApp | None]:
    """The tools over a desk's ledger, while it is open; None where their package is not installed."""
    try:
        from factcheck.tools.mcp import served, tool_server  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        yield None
        return
    options = desk.options
    checker = Checker(
        desk.settings,
        desk.place,
        keep=True,
        replay=options.replay,
        allow_private=options.allow_private,
        transport=options.transport,
    )
    async with served(tool_server(checker, desk.ledger, caller), sessions=MOST_SESSIONS) as app:
        yield app


def caller(context: Any, right: Right) -> str:
    """Who calls a tool over HTTP. Raises UsageError where they may not do what it does."""
    person: Person = context.request_context.request.scope[PERSON]
    if not person.may(right):
        raise UsageError(lacks(person, right))
    return person.name


ENDPOINT = Endpoint()
setattr(ENDPOINT, NEEDS, "read")
ROUTES: tuple[BaseRoute, ...] = (Route("/mcp", ENDPOINT, name="mcp"),)
