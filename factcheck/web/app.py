"""Put the desk together: its routes, what every request passes, and what errors become."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from factcheck.errors import LedgerError, UsageError
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.engines import sparing
from factcheck.settings import Settings, load_settings
from factcheck.web import adding, api, decisions, finding, logbook, lookups, mcp, people, queue, signing, static
from factcheck.web.desk import Desk, desk_of
from factcheck.web.guard import HEADERS, Guard, Refusal
from factcheck.web.options import Options
from factcheck.web.pages import error_page
from factcheck.web.telling import telling

ROUTES: tuple[BaseRoute, ...] = (
    *static.ROUTES,
    *signing.ROUTES,
    *queue.ROUTES,
    *finding.ROUTES,
    *decisions.ROUTES,
    *lookups.ROUTES,
    *people.ROUTES,
    *logbook.ROUTES,
    *adding.ROUTES,
    *api.ROUTES,
    *mcp.ROUTES,
)
"""All pages; what another module adds is listed in its own `ROUTES` and named here."""


def create_app(ledger_place: str, settings: Settings | None = None, options: Options | None = None) -> Starlette:
    """The desk over a ledger (a SQLite file, made if there is none, or a `postgresql://` address), to be served.

    Raises UsageError where it would be open to anybody, LedgerError where the ledger cannot be used.
    """
    ledger = open_ledger(ledger_place)
    sparing(ledger.engine)
    try:
        desk = desk_of(ledger, ledger_place, settings or load_settings(), options or Options())
    except (UsageError, LedgerError):
        ledger.close()
        raise
    app = Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(Guard, desk=desk)],
        exception_handlers={
            UsageError: _not_there,
            LedgerError: _ledger_failed,
            Refusal: _refused,
            HTTPException: _no_such_page,
            Exception: _crashed,
        },
        lifespan=_open,
    )
    app.state.desk = desk
    return app


@contextlib.asynccontextmanager
async def _open(app: Starlette) -> AsyncIterator[None]:
    """Count who spoke, so that nobody waits for it; close everything at the end."""
    desk: Desk = app.state.desk
    desk.pool.submit(desk.ledger.speakers, limit=people.MOST_SPEAKERS)  # counting takes a while in a large ledger
    try:
        async with mcp.tools_of(desk) as app.state.tools, telling(desk):
            yield
    finally:
        desk.close()


async def _not_there(request: Request, error: Exception) -> Response:
    return await error_page(request, 404, str(error))


async def _ledger_failed(request: Request, error: Exception) -> Response:
    return await error_page(request, 503, str(error))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    return await error_page(request, error.status, error.message)


async def _no_such_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    said = {404: "there is no such page here", 405: "this page does not take that"}
    return await error_page(request, error.status_code, said.get(error.status_code, str(error.detail)))


async def _crashed(request: Request, error: Exception) -> Response:
    """What nobody foresaw: one line for the reader, all of it in the log of the program."""
    logging.getLogger("factcheck.desk").error("%s %s", request.method, request.url.path, exc_info=error)
    return PlainTextResponse("something went wrong here; the log of the desk says more\n", 500, dict(HEADERS))
