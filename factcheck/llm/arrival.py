"""What comes from an endpoint is bounded, decoded and cleared of secrets before anything keeps or reads it."""

from __future__ import annotations

import json
import zlib
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from factcheck.errors import ModelError
from factcheck.redaction import redacted, redacted_bytes, shown

ANSWER_BYTES = 8_000_000
"""Of one answer, compressed and not; twelve times what the longest output of a model takes."""

VECTOR_BYTES = 64_000_000
"""Of one answer with embeddings: 256 texts with 4,096 numbers each, written out."""

FILE_BYTES = 1_000_000_000
"""Of the answers of one batch."""

LIMITS = {"embeddings": VECTOR_BYTES, "content": FILE_BYTES}
"""Bytes by the last part of an address."""

MOVES = frozenset({307, 308})
MOST_MOVES = 3


def live_transport(connections: int | None = None) -> httpx2.AsyncBaseTransport:
    """The network, through the bounds of this module."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    return Arrival(httpx2.AsyncHTTPTransport(limits=limits))


class Arrival(httpx2.AsyncBaseTransport):
    """Reads every response of `inner` whole, as far as it may be, in plain text and without known secrets."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, follow moves within the same host, and read."""
        await request.aread()
        request.headers["accept-encoding"] = "gzip"
        response = await self._read(request)
        for _ in range(MOST_MOVES):
            target = _moved(request, response)
            if target is None:
                return response
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            request = httpx2.Request(
                request.method, target, headers=headers, content=request.content, extensions=request.extensions
            )
            response = await self._read(request)
        return response

    async def aclose(self) -> None:
        """Close connections."""
        await self.inner.aclose()

    async def _read(self, request: httpx2.Request) -> httpx2.Response:
        response = await self.inner.handle_async_request(request)
        limit = LIMITS.get(request.url.path.rpartition("/")[2], ANSWER_BYTES)
        try:
            body = await _bounded(response, limit, shown(str(request.url)))
        finally:
            await response.aclose()
        headers = [
            (name, redacted(value))
            for name, value in response.headers.multi_items()
            if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}
        ]
        if _is_stream(response, body):
            body = json.dumps(assembled(body.decode("utf-8", "replace")), ensure_ascii=False).encode()
        return httpx2.Response(
            response.status_code, headers=headers, content=redacted_bytes(body), extensions=response.extensions
        )


def _moved(request: httpx2.Request, response: httpx2.Response) -> str | None:
    """Where the same host wants to be asked instead; another host is not given the article."""
    if response.status_code not in MOVES or "location" not in response.headers:
        return None
    target = urljoin(str(request.url), response.headers["location"])
    old, new = urlsplit(str(request.url)), urlsplit(target)
    same = old.hostname == new.hostname and (old.netloc == new.netloc or (old.scheme, new.scheme) == ("http", "https"))
    return target if same and new.scheme in {"http", "https"} else None


async def _bounded(response: httpx2.Response, limit: int, place: str) -> bytes:
    """The decoded body. Raises ModelError where it is longer than `limit`, or encoded in a way nobody asked for."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise ModelError("malformed", f"{place}: answers in the encoding {coding[:40]!r}, which was not asked for")
    opened = zlib.decompressobj(zlib.MAX_WBITS | 32) if coding not in {"", "identity"} else None
    body = bytearray()
    raw = 0
    async for chunk in _chunks(response):
        raw += len(chunk)
        try:
            body += opened.decompress(chunk, limit + 1 - len(body)) if opened else chunk
        except zlib.error as error:
            raise ModelError("malformed", f"{place}: the answer is damaged ({error})") from None
        if raw > limit or len(body) > limit or (opened and opened.unconsumed_tail):
            message = f"{place}: the answer is longer than {limit // 1_000_000} MB and was not read to its end"
            raise ModelError("malformed", message)
    return bytes(body)


async def _chunks(response: httpx2.Response) -> Any:
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        async for chunk in stream:
            yield chunk
    else:
        for chunk in stream:
            yield chunk


def _is_stream(response: httpx2.Response, body: bytes) -> bool:
    """Whether a server streams what was asked for in one piece."""
    return response.headers.get("content-type", "").startswith("text/event-stream") and b"data:" in body


def assembled(events: str) -> dict[str, Any]:
    """One completion from the pieces of a stream."""
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    whole: dict[str, Any] = {"object": "chat.completion", "usage": None}
    reason, arguments = None, ""
    for event in _events(events):
        whole |= {name: event[name] for name in ("id", "model", "usage", "error") if event.get(name)}
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        piece = choice.get("delta") or choice.get("message") or {}
        reason = choice.get("finish_reason") or reason
        if not isinstance(piece, dict):
            continue
        for name in ("content", "reasoning_content", "refusal"):
            if isinstance(piece.get(name), str):
                message[name] = (message.get(name) or "") + piece[name]
        arguments += "".join(_arguments(piece.get("tool_calls")))
    if arguments:
        message["tool_calls"] = [{"type": "function", "function": {"name": "answer", "arguments": arguments}}]
    return {**whole, "choices": [{"index": 0, "finish_reason": reason, "message": message}]}


def _events(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        try:
            event = json.loads(line.removeprefix("data:").strip()) if line.startswith("data:") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            found.append(event)
    return found


def _arguments(calls: Any) -> list[str]:
    named = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return [str(one.get("arguments") or "") for one in named if isinstance(one, dict)]
