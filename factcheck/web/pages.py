"""Fill the templates of the desk: every value is escaped, and every page knows who reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from factcheck.outputs.page import environment
from factcheck.web.access import Person
from factcheck.web.cards import shortened
from factcheck.web.desk import Desk
from factcheck.web.routes import Call, person_of
from factcheck.web.static import address_of

TEMPLATES = Path(__file__).parent / "templates"


def render(call: Call, template: str, status: int = 200, **values: Any) -> Response:
    """A page."""
    return HTMLResponse(_html(call.desk, call.request, call.person, template, values), status)


def _html(desk: Desk, request: Request, person: Person | None, template: str, values: dict[str, Any]) -> str:
    shared = {
        "asset": address_of,
        "here": request.url.path,
        "address_here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "person": person,
        "csrf": person.csrf if person else None,
        "names_only": desk.names,
        "shortened": shortened,
    }
    return environment(TEMPLATES).get_template(template).render({**shared, **values})


async def error_page(request: Request, status: int, message: str) -> Response:
    """What could not be done and what to do, as a page for people and one line for programs."""
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(f"{message}\n", status)
    desk: Desk = request.app.state.desk
    person = await desk.run(person_of, desk, request) if status != 503 else None  # noqa: PLR2004
    html = _html(desk, request, person, "error.html", {"status": status, "message": message})
    return HTMLResponse(html, status)
