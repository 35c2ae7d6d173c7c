"""Fetch an address: every hop checked and pinned, raw and decoded size, redirects and time bounded."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urljoin

import httpx

from factcheck.__about__ import VERSION
from factcheck.inputs import addresses
from factcheck.inputs.addresses import Resolver, Target
from factcheck.inputs.article import UnreadableError

MAX_RAW = 20_000_000
"""Bytes on the wire; the longest reports in PDF are about this size."""

MAX_DECODED = 40_000_000
"""Bytes after decompression; pages shrink to a quarter, so that twice the raw limit is never honest text."""

MAX_REDIRECTS = 8
"""Short links, http to https, a bare domain to www, and a language: four; twice that."""

TOTAL_SECONDS = 40.0
"""For all hops of one address together; a slower page is better saved by hand."""

STEP_SECONDS = 15.0
"""For a connection, and for each wait between bytes."""

MAX_CODINGS = 2
CHUNK = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEPT_HEADERS = (
    "content-type",
    "content-language",
    "content-encoding",
    "date",
    "last-modified",
    "etag",
    "link",
    "location",
)
"""What is kept with a snapshot: nothing that names a visitor."""

HINTS = {
    401: "the site wants a login; save the page to a file",
    402: "the site wants payment; save the page to a file",
    403: "the site refuses programs; save the page to a file",
    404: "the page is not there; check the address",
    410: "the page was withdrawn; an archive may have it",
    429: "the site wants fewer requests; try again later",
    451: "the page is blocked for legal reasons",
}


Check = Callable[[str], Target]
"""Says from where an address is fetched; raises UnreadableError where it may not be."""


class Hop(NamedTuple):
    """One answer on the way to a page."""

    address: str
    status: int
    headers: dict[str, str]


class Fetched(NamedTuple):
    """A page as it came, decompressed."""

    content: bytes
    address: str
    """The one that answered, after redirects."""
    media_type: str | None
    charset: str | None
    retrieved: str
    hops: tuple[Hop, ...]

    @property
    def is_same(self) -> bool:
        """Whether the server says that nothing has changed, and sent nothing."""
        return self.hops[-1].status == HTTPStatus.NOT_MODIFIED


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    resolver: Resolver = addresses.resolve,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """The page at an address. Raises UnreadableError; must not be called where an event loop runs.

    `headers` go with the request; where they ask for what is newer only, the content may be empty, see `is_same`.
    """
    try:
        return asyncio.run(
            asyncio.wait_for(
                _follow(url, lambda at: addresses.target(at, allow_private=allow_private, resolver=resolver), headers),
                TOTAL_SECONDS,
            )
        )
    except TimeoutError:
        raise UnreadableError("timeout", f"did not arrive within {TOTAL_SECONDS:.0f} seconds; try again") from None
    except httpx.HTTPError as error:
        raise UnreadableError("connection", f"could not be fetched ({_reason(error)}); try again") from None
    except (httpx.InvalidURL, ValueError):
        raise UnreadableError("address", "is not a valid address") from None


async def post(url: str, content: bytes, headers: Mapping[str, str], *, private: bool) -> tuple[int, str | None]:
    """Send bytes to an address; the status, and how long to wait before the next try, if the answer says so.

    No redirect is followed. `private` permits addresses on this machine and on private networks. Raises
    UnreadableError where the address may not be used or does not answer.
    """

    def resolver(host: str, port: int) -> list[str]:
        found = addresses.resolve(host, port)
        if not private and any(addresses.is_private(ip) for ip in found):
            raise UnreadableError("private_address", f"the host {host} is on this machine or a private network")
        return found

    def check(address: str) -> Target:
        return addresses.target(address, allow_private=True, resolver=resolver)  # any port: a person named it

    try:
        async with asyncio.timeout(STEP_SECONDS):
            target = await asyncio.get_running_loop().run_in_executor(None, check, url)
            async with _answer(target, "POST", content, headers) as response:
                return response.status_code, response.headers.get("retry-after")
    except TimeoutError:
        raise UnreadableError("timeout", f"gave no answer within {STEP_SECONDS:.0f} seconds") from None
    except httpx.HTTPError as error:
        raise UnreadableError("connection", f"could not be reached ({_reason(error)})") from None


async def _follow(url: str, check: Check, more: Mapping[str, str] | None = None) -> Fetched:
    hops: list[Hop] = []
    address = url.split("#", maxsplit=1)[0]
    while len(hops) <= MAX_REDIRECTS:
        loop = asyncio.get_running_loop()
        target = await loop.run_in_executor(None, _target, address, check, bool(hops))
        async with _answer(target, more={**READING, **(more or {})}) as response:
            hops.append(Hop(address, response.status_code, _headers(response)))
            where = response.headers.get("location")
            if response.status_code in REDIRECTS and where:
                address = _next(address, where)
                continue
            unchanged = response.status_code == HTTPStatus.NOT_MODIFIED and bool(more)
            if response.status_code != HTTPStatus.OK and not unchanged:
                raise UnreadableError("status", _status(response.status_code))
            content = await _body(response)
        media_type, charset = _content_type(response.headers.get("content-type", ""))
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return Fetched(content, address, media_type, charset, now, tuple(hops))
    raise UnreadableError("redirects", f"is redirected more than {MAX_REDIRECTS} times")


def _next(address: str, where: str) -> str:
    try:
        return urljoin(address, where).split("#", maxsplit=1)[0]
    except ValueError:
        raise UnreadableError("address", "redirects to something that is no address") from None


def _target(address: str, check: Check, redirected: bool) -> Target:
    try:
        return check(address)
    except UnreadableError as error:
        if redirected:
            shown = "".join(c if c.isprintable() else "\ufffd" for c in address)[:200]
            raise UnreadableError(error.code, f"redirects to {shown}, where {error}") from None
        raise


READING = {
    "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}


@asynccontextmanager
async def _answer(
    target: Target, method: str = "GET", content: bytes | None = None, more: Mapping[str, str] = READING
) -> AsyncIterator[httpx.Response]:
    """The head of an answer from the checked numeric address; the name goes into Host and TLS only."""
    url = httpx.URL(target.url)
    pinned = url.copy_with(host=target.ip, port=target.port)
    headers = {"Host": url.netloc.decode("ascii"), "User-Agent": f"factcheck/{VERSION}", **more}
    extensions = {"sni_hostname": target.host, "timeout": httpx.Timeout(STEP_SECONDS).as_dict()}
    request = httpx.Request(method, pinned, headers=headers, content=content, extensions=extensions)
    async with httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False) as transport:
        response = await transport.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def _body(response: httpx.Response) -> bytes:
    """The decoded body. Raises UnreadableError as soon as a limit is passed."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_RAW:
        raise UnreadableError("too_long", f"is longer than {MAX_RAW:,} bytes; save a part of it to a file")
    codings = [c.strip().lower() for c in response.headers.get("content-encoding", "").split(",") if c.strip()]
    decoders = [_decoder(coding) for coding in reversed(codings) if coding != "identity"]
    if len(decoders) > MAX_CODINGS:
        raise UnreadableError("encoding", "is compressed more than twice")
    raw = 0
    body = bytearray()
    async for chunk in response.aiter_raw(CHUNK):
        raw += len(chunk)
        if raw > MAX_RAW:
            raise UnreadableError("too_long", f"is longer than {MAX_RAW:,} bytes; save a part of it to a file")
        for piece in _decoded(decoders, chunk):
            body += piece
            if len(body) > MAX_DECODED:
                raise UnreadableError("bomb", f"unpacks to more than {MAX_DECODED:,} bytes")
    return bytes(body)


Decoder = Callable[[bytes], Iterable[bytes]]


def _decoder(coding: str) -> Decoder:
    """Decompresses in steps of one chunk, so that memory stays small whatever the ratio."""
    windows = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
    if coding not in windows:
        raise UnreadableError("encoding", f"is compressed in a way that was not asked for ({coding[:20]})")
    state = zlib.decompressobj(windows[coding])
    begun = False

    def decode(data: bytes) -> Iterable[bytes]:
        nonlocal state, begun
        try:
            piece = state.decompress(data, CHUNK)
        except zlib.error:
            if begun or coding != "deflate":
                raise UnreadableError("encoding", "is damaged (its compression cannot be undone)") from None
            state = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers send deflate without its head
            piece = _raw_deflate(state, data)
        begun = True
        while piece:
            yield piece
            piece = state.decompress(state.unconsumed_tail, CHUNK) if state.unconsumed_tail else b""

    return decode


def _raw_deflate(state: zlib._Decompress, data: bytes) -> bytes:
    try:
        return state.decompress(data, CHUNK)
    except zlib.error:
        raise UnreadableError("encoding", "is damaged (its compression cannot be undone)") from None


def _decoded(decoders: list[Decoder], chunk: bytes) -> Iterable[bytes]:
    if not decoders:
        yield chunk
        return
    for piece in decoders[0](chunk):
        yield from _decoded(decoders[1:], piece)


def _content_type(value: str) -> tuple[str | None, str | None]:
    """Media type and charset as declared."""
    head, *parameters = (part.strip() for part in value.split(";"))
    charset = next((p.split("=", 1)[1].strip("\"' ") for p in parameters if p.lower().startswith("charset=")), None)
    return head.lower() or None, charset or None


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def _status(code: int) -> str:
    phrase = HTTPStatus(code).phrase.lower() if code in HTTPStatus._value2member_map_ else "unknown"
    hint = HINTS.get(code, "the site has a problem; try again later" if code >= 500 else "save the page to a file")  # noqa: PLR2004
    return f"was answered with {code} ({phrase}); {hint}"


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {STEP_SECONDS:.0f} seconds"
    return " ".join(str(error).split())[:200] or type(error).__name__
