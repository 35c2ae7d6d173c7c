"""The calls of a provider's Batch API, as OpenAI documents it, and what each line of its answers means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx2

from factcheck.errors import ModelError
from factcheck.llm.completions import loaded
from factcheck.llm.failures import Refusal, failure
from factcheck.redaction import shown

OVER = frozenset({"completed", "failed", "expired", "cancelled"})
"""States of a batch that do not change any more."""

MARK = "factcheck"
"""The name of the metadata by which a batch is found whose id was not heard."""

TRIES = 5
PAGE = 100
MOST_PAGES = 50
WAIT = {"connect": 30.0, "read": 600.0, "write": 600.0, "pool": None}
NOT_PASSED = frozenset(
    {"host", "content-type", "content-length", "content-encoding", "transfer-encoding", "cache-control", "connection"}
)


class Batch(NamedTuple):
    """A batch as its provider describes it; `errors` says why it failed as a whole."""

    id: str
    status: str
    output: str | None
    error: str | None
    errors: tuple[Mapping[str, Any], ...]

    @property
    def is_over_limit(self) -> bool:
        """Whether it was refused since too much waits already."""
        return any(one.get("code") == "token_limit_exceeded" for one in self.errors)

    @property
    def says(self) -> str:
        """Why it failed, in the provider's words."""
        first = self.errors[0] if self.errors else {}
        line = f" (line {first['line']})" if first.get("line") is not None else ""
        return f"{first.get('message') or first.get('code') or 'without a word'}{line}"


class BatchApi:
    """The Batch API that stands beside the address of a request, asked with its headers."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, request: httpx2.Request, pause: float = 1.0) -> None:
        path = request.url.path
        for end in ("/chat/completions", "/embeddings", "/responses"):
            path = path.removesuffix(end)
        self.inner = inner
        self.base = request.url.copy_with(path=path)
        self.headers = {n: v for n, v in request.headers.items() if n.lower() not in NOT_PASSED}
        self.pause = pause
        """Seconds before a call that failed is made again, the first time."""

    async def upload(self, name: str, content: bytes) -> str:
        """Give the provider a file of requests; its id."""
        body = await self._asked("POST", "/files", data={"purpose": "batch"}, files={"file": (name, content)})
        return str(_field(body, "id", self._where))

    async def create(self, file: str, path: str, mark: str) -> Batch:
        """Submit a file, once. Raises ModelError, which is retryable where nobody knows whether it arrived."""
        wanted = {"input_file_id": file, "endpoint": path, "completion_window": "24h", "metadata": {MARK: mark}}
        return self._read(await self._once("POST", "/batches", json=wanted))

    async def find(self, mark: str, file: str | None) -> Batch | None:
        """The batch that was submitted with this mark, or of this file, if there is one."""
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = await self._asked("GET", "/batches", params={"limit": str(PAGE), **after})
            listed = [one for one in page.get("data") or [] if isinstance(one, dict)]
            for one in listed:
                marked = (one.get("metadata") or {}).get(MARK) == mark
                if marked or (file is not None and one.get("input_file_id") == file):
                    return self._read(one)
            if not page.get("has_more") or not listed:
                break
            after = {"after": str(listed[-1].get("id"))}
        return None

    async def get(self, batch: str) -> Batch:
        """How a batch stands."""
        return self._read(await self._once("GET", f"/batches/{batch}"))

    async def lines(self, file: str | None) -> Iterator[dict[str, Any]]:
        """The lines of a file of answers; what is no JSON is left out."""
        if file is None:
            return iter(())
        response = await self._response("GET", f"/files/{file}/content", TRIES)
        read = (loaded(line) for line in response.content.decode("utf-8", "replace").split("\n"))
        return (line for line in read if isinstance(line, dict))

    @property
    def _where(self) -> str:
        return shown(str(self.base))

    def _read(self, body: Mapping[str, Any]) -> Batch:
        errors = (body.get("errors") or {}).get("data") or ()
        return Batch(
            str(_field(body, "id", self._where)),
            str(body.get("status")),
            body.get("output_file_id"),
            body.get("error_file_id"),
            tuple(one for one in errors if isinstance(one, dict)),
        )

    async def _once(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        return _object((await self._response(method, path, 1, **content)).content, self._where)

    async def _asked(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        return _object((await self._response(method, path, TRIES, **content)).content, self._where)

    async def _response(self, method: str, path: str, tries: int, **content: Any) -> httpx2.Response:
        """A response with status 200, after so many tries. Raises ModelError."""
        for number in range(1, tries + 1):
            try:
                return await self._sent(method, path, **content)
            except ModelError as error:
                if not error.retryable or number == tries:
                    raise
                await asyncio.sleep(max(error.retry_after or 0.0, self.pause * 2 ** (number - 1)))
        raise AssertionError

    async def _sent(self, method: str, path: str, **content: Any) -> httpx2.Response:
        url = self.base.copy_with(path=self.base.path.rstrip("/") + path)
        request = httpx2.Request(method, url, headers=self.headers, extensions={"timeout": WAIT}, **content)
        try:
            response = await self.inner.handle_async_request(request)
            await response.aread()
        except httpx2.TransportError as error:
            detail = str(error).strip() or type(error).__name__
            message = f"{self._where}: cannot be reached ({detail}); check the address, or try later"
            raise ModelError("connection", message, retryable=True) from None
        if response.is_success:
            return response
        text = response.content.decode("utf-8", "replace")
        refused = failure(Refusal(response.status_code, loaded(text) or text, response.headers), str(self.base), "")
        if response.status_code in {404, 405, 501} and path in {"/files", "/batches"}:
            message = f"{self._where}: has no Batch API ({response.status_code}); leave --batch out"
            raise ModelError("not_found", message, status=response.status_code)
        raise refused


def _object(content: bytes, where: str) -> dict[str, Any]:
    body = loaded(content.decode("utf-8", "replace"))
    if not isinstance(body, dict):
        message = f"{where}: what the Batch API says is no JSON object: {content[:80]!r}"
        raise ModelError("malformed", message)
    return body


def _field(body: Mapping[str, Any], name: str, where: str) -> Any:
    if not body.get(name):
        raise ModelError("malformed", f"{where}: what the Batch API says has no {name}: {str(body)[:80]!r}")
    return body[name]


def answered(line: Mapping[str, Any], batch: Batch) -> httpx2.Response | ModelError:
    """What a line of a file of answers stands for: a response as it would have come live, or an error."""
    response, error = line.get("response"), line.get("error")
    if isinstance(response, dict) and isinstance(response.get("status_code"), int):
        return _response(response["status_code"], response.get("body"))
    code = str(error.get("code") if isinstance(error, dict) else error or "")
    if code in {"batch_expired", "batch_cancelled"}:
        return unanswered(batch._replace(status=code.removeprefix("batch_")))
    return _response(500, {"error": error or "a line without a response"})


def unanswered(batch: Batch) -> ModelError:
    """Why a request has no line in any file of answers."""
    if batch.status == "cancelled":
        message = f"batch {batch.id} was cancelled at the provider; run again to ask for what has no answer yet"
        return ModelError("interrupted", message)
    if batch.status == "expired":
        message = f"batch {batch.id} expired before this was answered; try again later"
        return ModelError("timeout", message, retryable=True, retry_after=0.0)
    message = f"batch {batch.id} is done without an answer to this; try again later"
    return ModelError("server_error", message, retryable=True, retry_after=0.0)


def refused(batch: Batch) -> httpx2.Response | ModelError:
    """What a batch that failed as a whole stands for, for each of its lines."""
    if batch.is_over_limit:
        message = f"batch {batch.id}: {batch.says}; run again when other batches of this account are done"
        return ModelError("rate_limited", message)
    return _response(400, {"error": {"message": f"batch {batch.id} failed: {batch.says}"}})


def _response(status: int, body: Any) -> httpx2.Response:
    """A response; what can be asked again need not wait, since its turn comes with the next batch."""
    headers = {"content-type": "application/json"} | ({} if status < 400 else {"retry-after": "0"})  # noqa: PLR2004
    return httpx2.Response(status, headers=headers, content=json.dumps(body, ensure_ascii=False).encode())
