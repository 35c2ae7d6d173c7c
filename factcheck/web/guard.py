"""What every request passes before anything reads it: names, origins, sizes and rates; and what every response says."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factcheck.web.desk import Desk
from factcheck.web.failures import failed, is_for_programs
from factcheck.web.options import Options

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Refusal(Exception):  # noqa: N818  (a refusal is no error of ours)
    """A request that goes no further."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Guard:
    """Lets through what came to this desk's own name, from its own pages, and is neither too big nor too often."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk
        self.origins = desk.options.origins
        self.hosts = frozenset(_host(origin) for origin in self.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        sending = _Sending(send, headers_of(self.desk.options))
        try:
            self._check(scope)
            await self.app(scope, _Bounded(receive, self._longest(scope)), sending)
        except Refusal as refusal:
            if not sending.begun:
                await _refused(scope["path"], refusal)(scope, receive, sending)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self.hosts:
            raise Refusal(421, "this desk is not known by that name; open it under its own address")
        if self.desk.names and any(name in headers for name in FORWARDED):
            raise Refusal(403, "behind a proxy a desk needs accounts, and --url")
        if scope["method"] not in SAFE:
            self._check_origin(headers)
        if not self.desk.requests.spend(sender(scope)):
            raise Refusal(429, "too many requests; wait a minute")
        if _length(headers.get("content-length")) > self._longest(scope):
            raise Refusal(413, "this is too much for one request")

    def _check_origin(self, headers: Headers) -> None:
        """What changes something comes from a page of ours, or from a program that sends no browser's headers."""
        origin, came = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin.lower() not in self.origins:
            raise Refusal(403, "this came from a page of another site")
        if came not in {None, "same-origin"}:
            raise Refusal(403, "this came from a page of another site")
        if origin is None and came is None and "cookie" in headers:
            raise Refusal(403, "this does not say from which page it came")

    def _longest(self, scope: Scope) -> int:
        limits = self.desk.options.limits
        kind = Headers(scope=scope).get("content-type", "")
        return limits.upload if kind.startswith("multipart/form-data") else limits.form


def _refused(path: str, refusal: Refusal) -> Response:
    """A refusal as programs read it, or in a plain line."""
    if is_for_programs(path):
        return failed(refusal.status, refusal.message)
    return PlainTextResponse(refusal.message + "\n", refusal.status)


class _Bounded:
    """A request's body that ends where it is too long, whatever its head said."""

    def __init__(self, receive: Receive, longest: int) -> None:
        self.receive = receive
        self.left = longest

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise Refusal(413, "this is too much for one request")
        return message


class _Sending:
    """A response with what every response says."""

    def __init__(self, send: Send, headers: Mapping[str, str]) -> None:
        self.send = send
        self.begun = False
        self.headers = headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await self.send(message)


def headers_of(options: Options) -> dict[str, str]:
    """What every response of a desk says; some of it only where browsers heed it: over https, or on this machine."""
    apart = {"cross-origin-opener-policy": "same-origin"} if options.is_secure or options.is_loopback else {}
    strict = {"strict-transport-security": "max-age=31536000"} if options.is_secure else {}
    return {**HEADERS, **apart, **strict}


def sender(scope: Scope) -> str:
    """The machine that a request came from."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _host(origin: str) -> str:
    parts = urlsplit(origin)
    return parts.netloc.lower()


def _length(header: str | None) -> int:
    """The length that a request says it has; a body without one is counted as it comes."""
    digits = header if header is not None and header.isascii() and header.isdigit() else "0"
    return int(digits[:18])
