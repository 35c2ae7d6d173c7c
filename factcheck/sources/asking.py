"""Ask services over HTTP: bounded, recorded and replayed like a model's answers; a failure is one line without keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx2

from factcheck.__about__ import VERSION
from factcheck.errors import ModelError, SourceError
from factcheck.llm.arrival import Arrival
from factcheck.llm.recordings import ASKED, RecordingTransport, Store
from factcheck.redaction import redacted, shown

AGENT = f"factcheck/{VERSION} (a tool of fact-checkers that asks on a person's behalf)"
"""Names the program, as services ask for; `contact` of the settings is put in front of the bracket's end."""

ATTEMPTS = 3
SECONDS = 30.0
"""For one question, all attempts included."""

LONGEST_WAIT = 10.0
"""Seconds that a service may ask to wait; for longer ones the run goes on without it."""

PAUSE = 1.0
"""Seconds before a second attempt where the service names none."""

WAITS = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 20.0}

REASONS = {
    400: ("bad_request", "does not accept the question"),
    401: ("unauthorized", "does not accept the key"),
    402: ("quota", "wants payment: the account's credit is used up"),
    403: ("forbidden", "refuses to answer"),
    404: ("not_found", "is not there; check the address"),
    422: ("unauthorized", "does not accept the key or the question"),
    429: ("rate_limited", "wants fewer questions"),
}
FINAL = frozenset({"unauthorized", "forbidden", "not_found", "quota", "rate_limited", "connection", "redirects"})
"""Codes after which the other questions of a run are not asked: they would most likely fare the same."""

QUOTA_WORDS = ("quota", "daily limit", "monthly", "credit")


class Question(NamedTuple):
    """A request to a service."""

    source: str
    """The folder of its recording."""
    address: str
    parameters: Mapping[str, str]
    """What shapes the answer; kept with it."""
    place: str = ""
    """Which of several services of a kind, e.g. a language; kept with the answer, too."""
    secret: Mapping[str, str] = {}
    """Parameters that are sent and never kept."""
    headers: Mapping[str, str] = {}


@dataclass(frozen=True)
class Reach:
    """How services are reached: live, with a folder that keeps what they answer, or from that folder alone."""

    store: Store | None = None
    is_record: bool = False
    is_replay: bool = False
    network: httpx2.AsyncBaseTransport | None = None
    """Stands in for the network."""
    contact: str | None = None
    """How whoever runs the service reaches whoever asks, e.g. an address of mail."""


@dataclass
class Line:
    """An open way to services."""

    transport: httpx2.AsyncBaseTransport
    agent: str
    failed: dict[str, SourceError] = field(default_factory=dict)
    """Failures after which a service is not asked again, by its recordings' folder."""

    async def ask(self, question: Question) -> Any:
        """The JSON that a service answers with. Raises SourceError."""
        if earlier := self.failed.get(question.source):
            raise earlier
        try:
            async with asyncio.timeout(SECONDS):
                return _json(await self._answered(question), question)
        except TimeoutError:
            error = SourceError("timeout", f"{_name(question)}: no answer within {SECONDS:g} s; try again later")
        except SourceError as failure:
            error = failure
        if error.is_final:
            self.failed[question.source] = error
        raise error from None

    async def _answered(self, question: Question) -> httpx2.Response:
        """The first answer that is one, after as many attempts as are worth it."""
        for attempt in range(1, ATTEMPTS + 1):
            response = await self._sent(question)
            if response.status_code == HTTPStatus.OK:
                return response
            wait = _wait(response)
            again = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.status_code >= 500  # noqa: PLR2004
            if not again or attempt == ATTEMPTS or wait > LONGEST_WAIT or _is_quota(response):
                raise _refusal(response, question, wait)
            await asyncio.sleep(wait)
        raise AssertionError

    async def _sent(self, question: Question) -> httpx2.Response:
        asked = {"source": question.source, "place": question.place, "parameters": dict(question.parameters)}
        url = f"{question.address}?{urlencode({**question.parameters, **question.secret})}"
        headers = {"accept": "application/json", "user-agent": self.agent, **question.headers}
        extensions = {ASKED: asked, "timeout": WAITS}
        try:
            return await self.transport.handle_async_request(
                httpx2.Request("GET", url, headers=headers, extensions=extensions)
            )
        except ModelError as error:
            message = str(error).removeprefix(f"{shown(url)}: ")
            raise SourceError(error.code, f"{_name(question)}: {message}") from None
        except httpx2.TimeoutException:
            raise SourceError("timeout", f"{_name(question)}: no answer in time; try again later") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError) as error:
            why = redacted(" ".join(str(error).split()))[:120] or type(error).__name__
            message = f"{_name(question)}: cannot be reached ({why}); check the address and the network"
            raise SourceError("connection", message, is_final=True) from None


@asynccontextmanager
async def reached(reach: Reach) -> AsyncIterator[Line]:
    """A way to services for the time of a search."""
    live = None if reach.is_replay else Arrival(reach.network or httpx2.AsyncHTTPTransport())
    transport: httpx2.AsyncBaseTransport
    if reach.store:
        transport = RecordingTransport(reach.store, live, read=not reach.is_record)
    else:
        transport = live or RecordingTransport(Store(Path("recordings")), None)
    try:
        yield Line(transport, AGENT[:-1] + (f"; {reach.contact})" if reach.contact else ")"))
    finally:
        if reach.network is None:
            await transport.aclose()


def name_of(scheme: str, at: str) -> str:
    """What reports call a service: as the user named it, without what lets one in."""
    return f"{scheme}:{shown(at) if '://' in at else at}"


def _name(question: Question) -> str:
    return shown(question.address)


def _wait(response: httpx2.Response) -> float:
    """Seconds that a service asks to wait before the next question; of several limits the one that ends first."""
    for name in ("retry-after", "x-ratelimit-reset"):
        value = response.headers.get(name, "").split(",")[0].strip()
        if value.replace(".", "", 1).isdigit():
            return float(value)
    return PAUSE


def _is_quota(response: httpx2.Response) -> bool:
    """Whether a refusal is about an account's credit, which waiting a little does not bring back."""
    text = _said(response).casefold()
    return any(word in text for word in QUOTA_WORDS) and "per minute" not in text


def _refusal(response: httpx2.Response, question: Question, wait: float) -> SourceError:
    status = response.status_code
    code, words = REASONS.get(status, ("server_error" if status >= 500 else "status", "fails"))  # noqa: PLR2004
    if status in range(300, 400):
        code, words = "redirects", "moved to another address; name that one"
    elif _is_quota(response) and status in {403, 429}:
        code, words = "quota", "the account's quota is used up"
    elif status == HTTPStatus.TOO_MANY_REQUESTS and wait > LONGEST_WAIT:
        words += f", in {wait:g} s again"
    said = _said(response)
    more = f" ({status}: {said})" if said else f" ({status})"
    return SourceError(code, f"{_name(question)}: {words}{more}", is_final=code in FINAL)


def _said(response: httpx2.Response) -> str:
    """What a service says about a failure, in one short line."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = next((error[n] for n in ("message", "detail", "info", "code") if isinstance(error.get(n), str)), "")
    line = "".join(c if c.isprintable() else " " for c in error) if isinstance(error, str) else ""
    return redacted(" ".join(line.split()))[:160]


def _json(response: httpx2.Response, question: Question) -> Any:
    """What an answer holds. Raises SourceError where it is no JSON object."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        found = json.loads(_text(response))
    except (ValueError, RecursionError, LookupError):
        what = "a web page" if kind.endswith("html") or response.content.lstrip()[:1] == b"<" else "something else"
        raise SourceError("malformed", f"{_name(question)}: answers with {what} in place of JSON") from None
    if not isinstance(found, dict):
        raise SourceError("malformed", f"{_name(question)}: answers with JSON of another shape than its documents say")
    return found


def _text(response: httpx2.Response) -> str:
    """The text of an answer: UTF-8, as JSON is, or in the encoding that it declares."""
    try:
        return response.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = response.headers.get("content-type", "").partition("charset=")[2].split(";")[0].strip("\"' ")
        if not declared or declared.lower().replace("_", "-") in {"utf-8", "utf8"}:
            raise
        return response.content.decode(declared)
