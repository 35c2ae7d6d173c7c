"""What programs are told when something cannot be done: one shape, that of RFC 9457."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from pydantic import ConfigDict
from starlette.responses import Response

from factcheck.errors import Conflict
from factcheck.originals import Model
from factcheck.outputs.inert import as_json, one_line

MEDIA_TYPE = "application/problem+json"
PROGRAMS = ("/api/", "/mcp")
"""How paths begin that programs call."""


class Latest(Model):
    """The entry of the log that somebody wrote meanwhile."""

    seq: int
    action: str
    by: str
    at: str
    note: str


class Failure(Model):
    """Why a request was not done. Nothing was changed."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: Literal["about:blank"] = "about:blank"
    title: str
    """What the status means."""
    status: int
    detail: str
    """What is wrong, and what to do, in one line."""
    latest: Latest | None = None
    """Only where somebody was quicker."""


def failed(status: int, detail: str, latest: Latest | None = None, **headers: str) -> Response:
    """The response that says so."""
    title = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    told = Failure(title=title, status=status, detail=one_line(detail), latest=latest)
    content = as_json(told.model_dump_json(exclude_none=True))
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        more.setdefault("retry-after", "60")
    if status == HTTPStatus.UNAUTHORIZED:
        more.setdefault("www-authenticate", "Bearer")
    return Response(content, status, more, MEDIA_TYPE)


def latest_of(error: Conflict) -> Latest:
    """Who was quicker."""
    return Latest(seq=error.seq, action=error.action, by=error.by, at=error.at, note=error.note)


def is_for_programs(path: str) -> bool:
    """Whether programs call this path, and get JSON when it fails."""
    return path.startswith(PROGRAMS)
