"""Ask a model: the one owner of retries, deadlines and of what an answer's failure is called.

Tests replace the transport and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import httpx2
import tenacity

from factcheck.errors import STOPS_RUN, ModelError
from factcheck.llm.answers import Wire
from factcheck.llm.attempts import Again, Outcome, Read, below, stopped
from factcheck.llm.budget import Budget, cost
from factcheck.llm.completions import Raw, content_of, is_unfinished_thought, shortened, spent, vectors_of, words_of
from factcheck.llm.endpoint import (
    Endpoint,
    as_text,
    embedding_body,
    open_client,
    request_body,
    send,
    transcription_body,
)
from factcheck.llm.parsing import Parsed, parse
from factcheck.llm.patience import Patience, Streak
from factcheck.llm.prompts import Filled
from factcheck.llm.recordings import recording_name
from factcheck.llm.responses import is_embedding, messages_of
from factcheck.llm.traits import Traits, first_limit, mode_of
from factcheck.models import Usage, added

if TYPE_CHECKING:
    import openai

A = TypeVar("A", bound=Wire)
T = TypeVar("T")
BACKOFF = tenacity.wait_random_exponential(multiplier=0.5, max=20)
TEXTS = 256
"""Texts of one request for embeddings; OpenAI takes up to 2,048."""

ERROR_LIMIT = 5
"""Errors of one answer that are named in a repair request and in a message."""

REFUSALS = 8
"""Requests in other forms that an endpoint may refuse before it is given up: three of the schema, five settings."""


@dataclass
class Line:
    """What all calls of a run share."""

    budget: Budget
    traits: Traits
    usage: Usage = field(default_factory=Usage)
    streak: Streak = field(default_factory=Streak)
    clients: dict[str, openai.AsyncOpenAI] = field(default_factory=dict)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    closed: ModelError | None = None
    failures: dict[str, str] = field(default_factory=dict)
    """What calls failed with in the end, and its code."""


class Reply(NamedTuple, Generic[A]):
    """A checked answer, and what of it did not fit and was left out."""

    answer: A
    errors: list[str]
    warning: str | None = None
    """What makes the answer doubtful, e.g. that the server did not read all of the prompt."""


class Chat:
    """A conversation partner that answers filled prompts with wire models.

    `traits` is what is known of the endpoint, and is added to; `unusable` is told the name of the recording of
    every answer that nobody could use.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx2.AsyncBaseTransport | None = None,
        on_call: Callable[[Usage], None] = lambda usage: None,
        *,
        traits: Traits | None = None,
        unusable: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.endpoint = endpoint
        known = traits or Traits(limit=first_limit(endpoint.base_url))
        self.line = Line(Budget(endpoint), known, streak=Streak(endpoint.documents_in_row))
        self.line.traits.is_fixed = endpoint.schema_mode != "auto"
        self._transport = transport
        self._on_call = on_call
        self._unusable = unusable
        self._gate = asyncio.Semaphore(endpoint.concurrency)
        self._heard: list[str] = []
        self._patience = Patience()

    def noting(self, heard: list[str], *, documents: int = 1) -> Chat:
        """The same conversation about so many documents, with the names of the answers added to `heard`.

        A name is that of the answer's recording, whether or not one is kept, e.g. `judge.v1/0123….json`. Four calls
        a document may fail; after these the last failure is raised without a call.
        """
        view = copy.copy(self)
        view._heard = heard  # noqa: SLF001
        view._patience = Patience(max(self.endpoint.failures, self.endpoint.attempts) * documents)  # noqa: SLF001
        return view

    async def ask(self, filled: Filled, answer: type[A]) -> Reply[A]:
        """Send a prompt and read the answer; one more call if it does not fit. Raises ModelError."""
        try:
            outcome = await self._call(filled, list(filled.messages), answer)
            first, parsed = outcome.value, None
            if first is not None:
                parsed = first.parsed if not first.parsed.errors else await self._mended(filled, first, answer)
            if parsed is None or parsed.answer is None:
                raise outcome.error if parsed is None and outcome.error else _malformed(parsed)
        except ModelError as error:
            self.line.failures[str(error)] = error.code
            if reason := self.line.streak.failed(error, self._patience):
                self.stop(reason)
            raise
        self.line.streak.answered()
        self.line.traits.told.update(parsed.told)
        return Reply(parsed.answer, parsed.errors, shortened(outcome.raw.body, words_of(filled.messages)))

    async def _mended(self, filled: Filled, first: Read[A], answer: type[A]) -> Parsed[A]:
        """The better one of an answer with faults and a second one, asked for by naming them."""
        parsed = first.parsed
        request = f"That answer does not fit: {_named(parsed)}. Give the whole answer again, corrected."
        messages = [
            *filled.messages,
            {"role": "assistant", "content": first.text.encode("utf-8", "replace").decode()},
            {"role": "user", "content": request},
        ]
        try:
            outcome = await self._call(filled, messages, answer)
            second = outcome.value.parsed if outcome.value else None
            if second is None and outcome.error is not None and parsed.answer is None:
                raise outcome.error
        except ModelError:
            if parsed.answer is None:
                raise
            return parsed  # what fitted of the first answer is not lost
        if second is None:
            return parsed
        better = second.answer is not None and (parsed.answer is None or len(second.errors) < len(parsed.errors))
        return second if better else parsed

    async def embed(self, texts: Sequence[str], model: str) -> list[list[float]]:
        """A vector for each text, from the endpoint's embedding model. Raises ModelError."""
        vectors: list[list[float]] = []
        for i in range(0, len(texts), TEXTS):
            part = texts[i : i + TEXTS]
            outcome = await self._usable(embedding_body(model, part), partial(_vectors, number=len(part)))
            if outcome.value is None:
                raise outcome.error or ModelError("malformed", "the endpoint gave no embeddings")
            vectors += outcome.value
        return vectors

    async def transcribe(self, name: str, sound: bytes, language: str | None = None) -> str:
        """What the endpoint heard in a recording, as its JSON came. Raises ModelError."""
        body = transcription_body(self.endpoint.model, name, sound, language)
        try:
            outcome = await self._paid(body, _whole)
        except ModelError as error:
            if error.code != "bad_request" or "response_format" not in str(error):
                raise
            body = {k: v for k, v in body.items() if k != "timestamp_granularities"} | {"response_format": "json"}
            outcome = await self._paid(body, _whole)  # newer models give no times
        return outcome.raw.body

    def stop(self, error: ModelError) -> None:
        """End all calls, under way and to come, with this error."""
        self.line.closed = self.line.closed or error
        for task in self.line.running:
            task.cancel()

    async def aclose(self) -> None:
        """Close connections."""
        for client in self.line.clients.values():
            await client.close()

    def usage(self) -> Usage:
        """What the run cost, recorded answers included, as far as prices are known."""
        prices = self.endpoint.prices
        if prices is None:
            return self.line.usage
        known = {"cost_usd": cost(self.line.usage, prices), "priced_as_of": prices.as_of, "rate": prices.rate}
        return self.line.usage.model_copy(update=known)

    async def _call(self, filled: Filled, messages: list[dict[str, str]], answer: type[A]) -> Outcome[Read[A]]:
        """One answer; where the endpoint refuses the form of the request, the next form is tried."""
        traits, first, start = self.line.traits, None, self.line.traits.mode
        for _ in range(REFUSALS):
            body = request_body(self.endpoint, filled, messages, answer, traits)
            try:
                outcome = await self._usable(body, partial(self._read, answer=answer), expected=filled.expected_output)
            except Again as again:
                first, traits = first or again.error, self.line.traits
            except ModelError as error:
                first = first or error
                lower = None if self.line.traits.is_known else below(traits)
                if error.code != "replay_miss" or lower is None:
                    break
                traits = lower  # a recording may have been made in another form
            else:
                self._learned(traits, body, outcome.raw)
                return outcome
        if not self.line.traits.is_known:
            self.line.traits.mode = start
        raise first or ModelError("bad_request", f"{self.endpoint.base_url}: refuses every form of the request")

    def _learned(self, used: Traits, body: dict[str, Any], raw: Raw) -> None:
        """An answer came to this form of the request."""
        if raw.replayed and used.mode != self.line.traits.mode:
            self.line.traits.mode, self.line.traits.is_known = used.mode, True
        self.line.traits.confirm(mode_of(body))

    async def _usable(
        self, body: dict[str, Any], read: Callable[[Raw], tuple[T | None, ModelError | None]], *, expected: int = 0
    ) -> Outcome[T]:
        """An answer; one that an earlier run could not use is not taken from the cache, and not kept in it."""
        outcome = await self._paid(body, read, expected=expected)
        if outcome.raw.cached and outcome.error:
            outcome = await self._paid(body, read, expected=expected, fresh=True)
        if outcome.error and not outcome.raw.replayed:
            self._unusable(recording_name(body))
        return outcome

    def _read(self, raw: Raw, answer: type[A]) -> tuple[Read[A] | None, ModelError | None]:
        try:
            text = content_of(raw.body)
        except ModelError as error:
            traits = self.line.traits
            if error.code == "truncated" and not traits.thinks and is_unfinished_thought(raw.body):
                traits.thinks = True
                self._patience.failed(error)
                raise Again(error) from None
            return None, error
        parsed = parse(answer, text)
        return Read(text, parsed), _malformed(parsed) if parsed.answer is None else None

    async def _paid(
        self,
        body: dict[str, Any],
        read: Callable[[Raw], tuple[T | None, ModelError | None]],
        *,
        expected: int = 0,
        fresh: bool = False,
    ) -> Outcome[T]:
        """A response, waiting for its turn and within the budget."""
        line = self.line
        if line.closed:
            raise line.closed
        try:
            reserved = await line.budget.reserve(body, expected, line.running)
        except ModelError as error:
            line.closed = line.closed or error
        if line.closed:
            raise line.closed
        task = asyncio.ensure_future(self._with_retries(body, read, fresh=fresh))
        line.running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if line.closed and task.cancelled():
                raise line.closed from None
            raise
        except ModelError:
            if line.closed:
                self.stop(line.closed)
            raise
        finally:
            line.running.discard(task)
            line.budget.release(reserved)

    async def _with_retries(
        self, body: dict[str, Any], read: Callable[[Raw], tuple[T | None, ModelError | None]], *, fresh: bool
    ) -> Outcome[T]:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, ModelError) and e.retryable),
            stop=lambda state: state.attempt_number >= self.endpoint.attempts or self._patience.is_over,
            wait=_wait,
            before_sleep=self._refuse_long_wait,
            reraise=True,
        )
        last: list[ModelError] = []
        try:
            async with self._patience.place, self._gate, asyncio.timeout(self.endpoint.deadline) as clock:
                return await retrying(self._attempt, body, read, clock, last, fresh=fresh)
        except TimeoutError:
            seconds = f"{self.endpoint.deadline:g} s"
            why = f"; last error: {last[-1]}" if last else ""
            error = ModelError("timeout", f"no answer within {seconds}{why}; raise --deadline or try later")
            self._patience.failed(error)
            raise error from None

    def _refuse_long_wait(self, state: tenacity.RetryCallState) -> None:
        """Give up at once when the server asks for more patience than the deadline has."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, ModelError) and (error.retry_after or 0) > self.endpoint.deadline:
            message = f"{error}; it asks to wait {error.retry_after:g} s, longer than --deadline"
            raise ModelError(error.code, message)

    async def _attempt(
        self,
        body: dict[str, Any],
        read: Callable[[Raw], tuple[T | None, ModelError | None]],
        clock: asyncio.Timeout,
        last: list[ModelError],
        *,
        fresh: bool,
    ) -> Outcome[T]:
        """One request, read at once, so that what failed is known before the next one goes out."""
        async with contextlib.AsyncExitStack() as held:
            with stopped(clock):
                await held.enter_async_context(self._patience.turn())
            if self.line.closed:
                raise self.line.closed
            try:
                raw = await send(self._client(body), self.endpoint, body, fresh=fresh)
            except ModelError as error:
                last.append(error)
                if error.code in STOPS_RUN:  # while the gate is held, so that no other call begins
                    self.line.closed = self.line.closed or error
                if messages_of(body) and self.line.traits.adapt(error, body):
                    raise Again(error) from None
                raise
            outcome = Outcome(raw, *read(raw))
            if not (raw.cached and outcome.error):
                self._count(raw, body)
                if outcome.error:
                    self._patience.failed(outcome.error)
            return outcome

    def _client(self, body: dict[str, Any]) -> openai.AsyncOpenAI:
        embeds = is_embedding(body) and self.endpoint.embedding_base_url
        address = embeds or self.endpoint.base_url
        if address not in self.line.clients:
            self.line.clients[address] = open_client(self.endpoint, self._transport, address)
        return self.line.clients[address]

    def _count(self, raw: Raw, body: dict[str, Any]) -> None:
        cost_of_call = spent(raw, as_text(body), body["model"])
        self._heard.append(recording_name(body))
        self.line.usage = added(self.line.usage, cost_of_call)
        if not raw.replayed:
            self.line.budget.live = added(self.line.budget.live, cost_of_call)
        self._on_call(self.line.usage)


def _whole(raw: Raw) -> tuple[str | None, ModelError | None]:
    return raw.body, None


def _vectors(raw: Raw, number: int) -> tuple[list[list[float]] | None, ModelError | None]:
    try:
        return vectors_of(raw.body, number), None
    except ModelError as error:
        return None, error


def _malformed(parsed: Parsed[A] | None) -> ModelError:
    return ModelError("malformed", f"the model's answer could not be read: {_named(parsed) if parsed else ''}")


def _named(parsed: Parsed[A]) -> str:
    return "; ".join(parsed.errors[:ERROR_LIMIT])


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ModelError) else None
    return asked if asked is not None else BACKOFF(state)
