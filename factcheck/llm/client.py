"""Ask a model: the one owner of retries, deadlines, budgets and of what an answer's failure is called.

Tests replace the transport and nothing else.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx2
import tenacity

from factcheck.errors import STOPS_RUN, ModelError
from factcheck.llm import tokens
from factcheck.llm.answers import Parsed, Wire, parse
from factcheck.llm.endpoint import (
    Endpoint,
    Prices,
    Raw,
    as_text,
    content_of,
    embedding_body,
    open_client,
    request_body,
    send,
    spent,
    transcription_body,
    vectors_of,
)
from factcheck.llm.prompts import Filled
from factcheck.llm.recordings import recording_name
from factcheck.models import Usage, added

if TYPE_CHECKING:
    import openai

A = TypeVar("A", bound=Wire)
BACKOFF = tenacity.wait_random_exponential(multiplier=0.5, max=20)
TEXTS = 256
"""Texts of one request for embeddings; OpenAI takes up to 2,048."""

ERROR_LIMIT = 5
"""Errors of one answer that are named in a repair request and in a message."""


@dataclass
class Line:
    """What all calls of a run share. `reserved` are the tokens that calls under way are expected to take."""

    usage: Usage = field(default_factory=Usage)
    live: Usage = field(default_factory=Usage)
    reserved: Usage = field(default_factory=Usage)
    client: openai.AsyncOpenAI | None = None
    closed: ModelError | None = None


class Reply(NamedTuple):
    """A checked answer, and what of it did not fit and was left out."""

    answer: Any
    errors: list[str]


class Chat:
    """A conversation partner that answers filled prompts with wire models."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx2.AsyncBaseTransport | None = None,
        on_call: Callable[[Usage], None] = lambda usage: None,
    ) -> None:
        self.endpoint = endpoint
        self.line = Line()
        self._transport = transport
        self._on_call = on_call
        self._gate = asyncio.Semaphore(endpoint.concurrency)
        self._running: set[asyncio.Task[Any]] = set()
        self._heard: list[str] = []

    def noting(self, heard: list[str]) -> Chat:
        """The same conversation, with the names of the answers that come through this view added to `heard`.

        A name is that of the answer's recording, whether or not one is kept, e.g. `judge.v1/0123….json`.
        """
        view = copy.copy(self)
        view._heard = heard  # noqa: SLF001
        return view

    async def ask(self, filled: Filled, answer: type[A]) -> Reply:
        """Send a prompt and read the answer; one more call if it does not fit. Raises ModelError."""
        messages = list(filled.messages)
        first = await self._call(filled, messages, answer)
        parsed = parse(answer, first)
        if parsed.errors:
            parsed = await self._mended(filled, first, parsed, answer)
        if parsed.answer is None:
            raise ModelError("malformed", f"the model's answer could not be read: {_named(parsed)}")
        return Reply(parsed.answer, parsed.errors)

    async def _mended(self, filled: Filled, first: str, parsed: Parsed, answer: type[A]) -> Parsed:
        """The better one of an answer with faults and a second one, asked for by naming them."""
        request = f"That answer does not fit: {_named(parsed)}. Give the whole answer again, corrected."
        messages = [
            *filled.messages,
            {"role": "assistant", "content": first.encode("utf-8", "replace").decode()},
            {"role": "user", "content": request},
        ]
        try:
            second = parse(answer, await self._call(filled, messages, answer))
        except ModelError:
            if parsed.answer is None:
                raise
            return parsed  # what fitted of the first answer is not lost
        better = second.answer is not None and (parsed.answer is None or len(second.errors) < len(parsed.errors))
        return second if better else parsed

    async def embed(self, texts: Sequence[str], model: str) -> list[list[float]]:
        """A vector for each text, from the endpoint's embedding model. Raises ModelError."""
        vectors: list[list[float]] = []
        for i in range(0, len(texts), TEXTS):
            part = texts[i : i + TEXTS]
            body = embedding_body(model, part)
            raw = await self._paid(body)
            self._count(raw, body, model)
            vectors += vectors_of(raw.body, len(part))
        return vectors

    async def transcribe(self, name: str, sound: bytes, language: str | None = None) -> str:
        """What the endpoint heard in a recording, as its JSON came. Raises ModelError."""
        body = transcription_body(self.endpoint.model, name, sound, language)
        try:
            raw = await self._paid(body)
        except ModelError as error:
            if error.code != "bad_request" or "response_format" not in str(error):
                raise
            body = {k: v for k, v in body.items() if k != "timestamp_granularities"} | {"response_format": "json"}
            raw = await self._paid(body)  # newer models give no times
        self._count(raw, body, self.endpoint.model)
        return raw.body

    def stop(self, error: ModelError) -> None:
        """End all calls, under way and to come, with this error."""
        self.line.closed = self.line.closed or error
        for task in self._running:
            task.cancel()

    async def aclose(self) -> None:
        """Close connections."""
        if self.line.client is not None:
            await self.line.client.close()

    def usage(self) -> Usage:
        """What the run cost, recorded answers included, as far as prices are known."""
        prices = self.endpoint.prices
        cost = _cost(self.line.usage, prices) if prices else None
        return self.line.usage.model_copy(update={"cost_usd": cost})

    async def _call(self, filled: Filled, messages: list[dict[str, str]], answer: type[Wire]) -> str:
        """The text of an answer; one that an earlier run could not use is not taken from the cache."""
        body = request_body(self.endpoint, filled, messages, answer)
        raw = await self._paid(body, expected=filled.expected_output)
        if raw.cached and not _usable(raw, answer):
            raw = await self._paid(body, expected=filled.expected_output, fresh=True)
        self._count(raw, body, self.endpoint.model)
        return content_of(raw.body)

    def _count(self, raw: Raw, body: dict[str, Any], model: str) -> None:
        self._heard.append(recording_name(body))
        self.line.usage = added(self.line.usage, spent(raw, body, model))
        self._on_call(self.line.usage)

    async def _paid(self, body: dict[str, Any], *, expected: int = 0, fresh: bool = False) -> Raw:
        """A response, waiting for its turn and within the budget."""
        async with self._gate:
            if self.line.closed:
                raise self.line.closed
            reserved = await self._reserve(body, expected)
            self.line.client = self.line.client or open_client(self.endpoint, self._transport)
            task = asyncio.ensure_future(self._with_retries(body, fresh=fresh))
            self._running.add(task)
            try:
                raw = await task
                if not raw.replayed:
                    self.line.live = added(self.line.live, spent(raw, body, self.endpoint.model))
                return raw  # noqa: TRY300  (the guards below are for the await)
            except asyncio.CancelledError:
                if self.line.closed and task.cancelled():
                    raise self.line.closed from None
                raise
            except ModelError as error:
                if error.code in STOPS_RUN:
                    self.stop(error)
                raise
            finally:
                self._running.discard(task)
                self.line.reserved = _less(self.line.reserved, reserved)

    async def _reserve(self, body: dict[str, Any], expected: int) -> Usage:
        """Set aside what a call is expected to take; waits for calls under way before refusing it."""
        if self.endpoint.max_tokens is None and self.endpoint.max_cost is None:
            return Usage()
        size = tokens.count(as_text(body), self.endpoint.model).tokens
        wanted = Usage(input_tokens=size, output_tokens=expected)
        while (reason := self._over_budget(wanted)) and self._running:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # let the finished call enter what it cost
        if reason and not self.line.closed:
            self.line.closed = ModelError("budget", f"{reason}; raise --max-tokens or --max-cost to go on")
        if self.line.closed:
            raise self.line.closed
        self.line.reserved = added(self.line.reserved, wanted)
        return wanted

    def _over_budget(self, wanted: Usage) -> str | None:
        """Which limit the next call could pass, if any."""
        ahead = added(added(self.line.live, self.line.reserved), wanted)
        limit, money = self.endpoint.max_tokens, self.endpoint.max_cost
        if limit is not None and ahead.input_tokens + ahead.output_tokens > limit:
            return f"the next call could pass the limit of {limit:,} tokens"
        if money is not None and self.endpoint.prices and _cost(ahead, self.endpoint.prices) > money:
            return f"the next call could pass the limit of {money:g} USD"
        return None

    async def _with_retries(self, body: dict[str, Any], *, fresh: bool) -> Raw:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, ModelError) and e.retryable),
            stop=tenacity.stop_after_attempt(self.endpoint.attempts),
            wait=_wait,
            before_sleep=self._refuse_long_wait,
            reraise=True,
        )
        last: list[ModelError] = []
        try:
            async with asyncio.timeout(self.endpoint.deadline):
                return await retrying(self._send, body, last, fresh=fresh)
        except TimeoutError:
            seconds = f"{self.endpoint.deadline:g} s"
            why = f"; last error: {last[-1]}" if last else ""
            raise ModelError("timeout", f"no answer within {seconds}{why}; raise --deadline or try later") from None

    def _refuse_long_wait(self, state: tenacity.RetryCallState) -> None:
        """Give up at once when the server asks for more patience than the deadline has."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and (error.retry_after or 0) > self.endpoint.deadline:
            message = f"{error}; it asks to wait {error.retry_after:g} s, longer than --deadline"
            raise ModelError(error.code, message)

    async def _send(self, body: dict[str, Any], last: list[ModelError], *, fresh: bool) -> Raw:
        client = self.line.client or open_client(self.endpoint, self._transport)
        try:
            return await send(client, self.endpoint, body, fresh=fresh)
        except ModelError as error:
            last.append(error)
            raise


def _named(parsed: Parsed) -> str:
    return "; ".join(parsed.errors[:ERROR_LIMIT])


def _usable(raw: Raw, answer: type[Wire]) -> bool:
    """Whether a kept answer is worth playing; one that was cut off is, since asking again would be cut off too."""
    try:
        return parse(answer, content_of(raw.body)).answer is not None
    except ModelError as error:
        return error.code == "truncated"


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ModelError) else None
    return asked if asked is not None else BACKOFF(state)


def _less(a: Usage, b: Usage) -> Usage:
    return Usage(input_tokens=a.input_tokens - b.input_tokens, output_tokens=a.output_tokens - b.output_tokens)


def _cost(usage: Usage, prices: Prices) -> float:
    return round((usage.input_tokens * prices.input + usage.output_tokens * prices.output) / 1_000_000, 6)
