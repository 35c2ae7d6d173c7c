"""The frame of the API: an operation takes checked parameters and a checked body, and gives a value, as JSON."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from factcheck.errors import Conflict, LedgerError, UsageError
from factcheck.outputs.inert import as_json
from factcheck.web.access import Person, Right
from factcheck.web.desk import Desk
from factcheck.web.failures import failed, latest_of
from factcheck.web.guard import Refusal
from factcheck.web.kept import Key, Made
from factcheck.web.routes import NEEDS, lacks, person_of

PREFIX = "/api/v1"
EVERYBODY = "everybody"
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Asked:
    """A request to an operation."""

    desk: Desk
    person: Person | None
    path: Mapping[str, str]
    query: Any
    """As the operation's model of parameters."""
    body: Any
    """As the operation's model of bodies."""
    if_match: int | None
    """The state that the caller saw, of the header `If-Match`."""

    @property
    def by(self) -> str:
        """The name of whoever asks."""
        return self.person.name if self.person else ""


class Told(NamedTuple):
    """What an operation gives: a value, the state that it is of, and where it can be looked up."""

    value: BaseModel | dict[str, Any]
    state: int | None = None
    location: str | None = None


class Operation(NamedTuple):
    """One thing that the API does."""

    method: Literal["GET", "POST"]
    path: str
    run: Callable[[Asked], Told]
    answer: type[BaseModel] | None
    needs: Right | None = "read"
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    kept: bool = False
    """Whether it shows the ledger alone, the same to all: an answer holds as long as the ledger stays as it is."""


def route(operation: Operation) -> Route:
    """Where an operation is reached."""

    async def endpoint(request: Request) -> Response:
        try:
            return await _answered(operation, request)
        except Refusal as refusal:
            return failed(refusal.status, refusal.message)
        except Conflict as conflict:
            status = 412 if "if-match" in request.headers else 409
            return failed(status, str(conflict), latest_of(conflict))
        except UsageError as error:
            return failed(400, str(error))
        except LedgerError as error:
            return failed(503, str(error), retry_after="10")
        except Exception:
            logging.getLogger("factcheck.desk").exception("%s %s", request.method, request.url.path)
            return failed(500, "something went wrong here; the log of the desk says more")

    setattr(endpoint, NEEDS, operation.needs)
    return Route(PREFIX + operation.path, endpoint, methods=[operation.method], name=f"v1_{operation.run.__name__}")


async def _answered(operation: Operation, request: Request) -> Response:
    desk: Desk = request.app.state.desk
    person = await desk.run(_person, desk, request, operation.needs)
    for name, value in request.path_params.items():
        _require_text(name, value)
    asked = Asked(
        desk,
        person,
        request.path_params,
        _query(operation, dict(request.query_params)),
        await _body(operation, request),
        _state(request.headers.get("if-match")),
    )
    answer = _from_kept if operation.kept else _told
    body, state, location = await desk.run(answer, operation, asked, f"{request.url.path}?{request.url.query}")
    headers = {"etag": f'"{state}"'} if state is not None else {}
    headers |= {"location": location} if location else {}
    return Response(body, operation.status, headers, "application/json")


def _told(operation: Operation, asked: Asked, address: str) -> tuple[bytes, int | None, str | None]:  # noqa: ARG001
    """What an operation gives as JSON, the state that it is of, and where it can be looked up."""
    told = operation.run(asked)
    text = json.dumps(told.value) if isinstance(told.value, dict) else told.value.model_dump_json()
    return as_json(text).encode(), told.state, told.location


def _from_kept(operation: Operation, asked: Asked, address: str) -> tuple[bytes, int | None, str | None]:
    """The same, made only if it is not there already."""
    made = asked.desk.kept.once(
        Key(address, EVERYBODY), asked.desk.ledger.head(), lambda: Made(*_told(operation, asked, address)[:2])
    )
    assert made is not None  # noqa: S101
    return made.body, made.state, None


def _person(desk: Desk, request: Request, needs: Right | None) -> Person | None:
    """Who asks, if they may. A browser's session lets look, and nothing else: pages of others cannot send a token."""
    person = person_of(desk, request)
    if needs is None:
        return person
    if person is None:
        raise Refusal(401, "send a token: Authorization: Bearer …; `factcheck desk tokens add` makes one")
    if not person.may(needs):
        raise Refusal(403, lacks(person, needs))
    if request.method != "GET" and person.csrf is not None:
        raise Refusal(401, "a session cannot change anything here; send a token: Authorization: Bearer …")
    return person


def _query(operation: Operation, given: dict[str, Any]) -> BaseModel | None:
    if operation.query is not None:
        return _checked(operation.query, given, "parameter")
    if given:
        raise Refusal(400, f"parameter {next(iter(given))[:80]}: there is none of this name here")
    return None


async def _body(operation: Operation, request: Request) -> BaseModel | None:
    if operation.body is None:
        return None
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "the body must be JSON, with content-type: application/json")
    content = await request.body()
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is no JSON") from None
    if not isinstance(given, dict):
        raise Refusal(400, "the body is no JSON object")
    return _checked(operation.body, given, "field")


def _checked(model: type[BaseModel], given: dict[str, Any], what: str) -> BaseModel:
    for name, value in given.items():
        _require_text(f"{what} {name[:80]}", value)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:80]
        message = first["msg"].removeprefix("Value error, ")
        message = message if first["type"] != "extra_forbidden" else "there is none of this name here"
        raise Refusal(400, f"{what} {place}: {message}" if place else message) from None


def _require_text(what: str, value: Any) -> None:
    """Refuse characters that no database takes."""
    if isinstance(value, str) and NO_TEXT.search(value):
        raise Refusal(400, f"{what}: holds a character that no text has (NUL, or half a character)")


def _state(header: str | None) -> int | None:
    if header is None or header.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"(\d{1,18})"', header.strip())
    if found is None:
        raise Refusal(400, 'If-Match: takes the ETag of a finding, e.g. "12"')
    return int(found[1])


@contextlib.contextmanager
def looked_up() -> Any:
    """What is not there is a 404."""
    try:
        yield
    except UsageError as error:
        raise Refusal(int(HTTPStatus.NOT_FOUND), str(error)) from None
