"""One call to an endpoint: the request out; the answer, its cost or the name of its failure back.

The only module that imports openai.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2

from factcheck.errors import ModelError
from factcheck.llm import tokens
from factcheck.llm.answers import Wire, schema_of
from factcheck.llm.prompts import Filled
from factcheck.llm.recordings import FROM_CACHE, REPLAYED
from factcheck.models import CountedBy, Usage

if TYPE_CHECKING:
    import openai


SENT_BY_NAME = frozenset({"model", "messages", "input", "encoding_format"})


class Prices(NamedTuple):
    """US dollars for a million tokens."""

    input: float
    output: float


@dataclass(frozen=True)
class Endpoint:
    """Where and how to ask. `deadline` is the seconds that one call may take in all, retries included."""

    model: str
    base_url: str = "https://api.openai.com/v1"
    api_key: str | None = field(default=None, repr=False)
    concurrency: int = 8
    deadline: float = 300.0
    attempts: int = 4
    temperature: float | None = None
    max_output_tokens: int | None = None
    schema_mode: str = "strict"
    """`strict` sends the schema as response_format; `prompt` writes it into the system message instead."""
    max_tokens: int | None = None
    """Live input and output tokens that a run may spend."""
    max_cost: float | None = None
    """US dollars that a run may spend; needs `prices`."""
    prices: Prices | None = None
    embedding_model: str | None = None
    """Asked for vectors of claims, which help to find earlier ones in a ledger; None asks for none."""


class Raw(NamedTuple):
    """A response's body as it came, and whether it came from a recording or from an earlier run's cache."""

    body: str
    replayed: bool = False
    cached: bool = False


def open_client(endpoint: Endpoint, transport: httpx2.AsyncBaseTransport | None) -> openai.AsyncOpenAI:
    """An openai client over our transport, without retries of its own."""
    import openai  # noqa: PLC0415  (half a second of start-up that --help need not pay)

    http = httpx2.AsyncClient(
        transport=transport,
        timeout=endpoint.deadline,
        follow_redirects=True,
        event_hooks={"response": [_read_as_utf8]},
    )
    return openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none", base_url=endpoint.base_url, http_client=http, max_retries=0
    )


async def _read_as_utf8(response: httpx2.Response) -> None:
    """JSON is UTF-8, whatever charset a proxy's header names."""
    response.encoding = "utf-8"


async def send(client: openai.AsyncOpenAI, endpoint: Endpoint, body: dict[str, Any], *, fresh: bool = False) -> Raw:
    """Send one request; `fresh` passes by what a cache holds. Raises ModelError."""
    import openai  # noqa: PLC0415

    headers = {"cache-control": "no-cache"} if fresh else None
    named = {name: value for name, value in body.items() if name in SENT_BY_NAME}
    rest = {name: value for name, value in body.items() if name not in SENT_BY_NAME}
    ask: Any = client.embeddings if "input" in body else client.chat.completions
    if "file" in body:
        ask, named, rest = client.audio.transcriptions, body, {}
    try:
        # extra_body goes out as it is; the SDK would walk through the schema with every call
        response = await ask.with_raw_response.create(**named, extra_body=rest or None, extra_headers=headers)
    except openai.APIError as error:
        raise translate(error, endpoint) from None
    except httpx2.InvalidURL as error:
        raise ModelError("not_found", f"{endpoint.base_url}: is not an address ({error})") from None
    kept = response.headers.get(REPLAYED)
    text = response.http_response.content.decode("utf-8", "replace")
    if reason := _error_inside(text):
        raise ModelError("server_error", f"{endpoint.base_url}: {reason}; try again later", retryable=kept is None)
    return Raw(text, kept is not None, kept == FROM_CACHE)


def _error_inside(text: str) -> str | None:
    """The reason that some gateways send with status 200 in place of an answer."""
    body = _loaded(text)
    error = body.get("error") if isinstance(body, dict) and not body.get("choices") else None
    if not error:
        return None
    return " ".join(str(error.get("message", error) if isinstance(error, dict) else error).split())[:200]


def _loaded(text: str) -> Any:
    """The JSON value of a body, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def request_body(
    endpoint: Endpoint, filled: Filled, messages: list[dict[str, str]], answer: type[Wire]
) -> dict[str, Any]:
    """The request as it is sent: what never changes first, so that providers' prompt caches hit."""
    schema = schema_of(answer)
    name = filled.prompt.title.replace(".", "-")
    body: dict[str, Any] = {"model": endpoint.model, "messages": messages}
    if endpoint.schema_mode == "strict":
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": schema},
        }
    else:
        system, *rest = messages
        text = f"{system['content']}\n\nThe JSON schema of the answer, {name}:\n{json.dumps(schema)}"
        body["messages"] = [{**system, "content": text}, *rest]
    if endpoint.temperature is not None:
        body["temperature"] = endpoint.temperature
    if endpoint.max_output_tokens is not None:
        body["max_completion_tokens"] = endpoint.max_output_tokens
    return body


def as_text(body: dict[str, Any]) -> str:
    """All of a request that a model reads; of sound nothing is counted."""
    if "file" in body:
        return ""
    if "input" in body:
        return "\n".join(body["input"])
    shaped = json.dumps(body.get("response_format", ""), ensure_ascii=False)
    return "\n".join([*(str(m["content"]) for m in body["messages"]), shaped])


def embedding_body(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """The request for vectors of texts."""
    return {"model": model, "input": list(texts), "encoding_format": "float"}


def transcription_body(model: str, name: str, sound: bytes, language: str | None) -> dict[str, Any]:
    """The request for the words of a recording, with times."""
    body: dict[str, Any] = {"model": model, "file": (name, sound), "response_format": "verbose_json"}
    body["timestamp_granularities"] = ["segment"]
    return {**body, "language": language} if language else body


def vectors_of(raw: str, number: int) -> list[list[float]]:
    """The vectors of an answer, in the order of the texts. Raises ModelError where they are not what was asked for."""
    body = _loaded(raw)
    try:
        rows = sorted(body["data"], key=lambda row: int(row["index"]))
        vectors = [[float(value) for value in row["embedding"]] for row in rows]
    except (KeyError, TypeError, ValueError):
        raise ModelError("malformed", f"the endpoint's response holds no embeddings: {raw[:80]!r}") from None
    sound = all(math.isfinite(value) for vector in vectors for value in vector)
    if not sound or len(vectors) != number or len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
        raise ModelError("malformed", f"the endpoint gave {len(vectors)} embeddings of {number} texts, or not numbers")
    return vectors


def translate(error: openai.APIError, endpoint: Endpoint) -> ModelError:
    """The SDK's error as ours: a code, one line that says what to do, and whether to try again."""
    import openai  # noqa: PLC0415

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModelError):  # raised by our own transport
            return cause
        cause = cause.__cause__ or cause.__context__
    where = endpoint.base_url
    if isinstance(error, openai.APITimeoutError):
        return ModelError("timeout", f"{where}: no answer in time; raise --deadline or try later", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        detail = str(error.__cause__ or error).strip() or type(error.__cause__).__name__
        message = f"{where}: cannot be reached ({detail}); check the address, or start the server"
        return ModelError("connection", message, retryable=True)
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, endpoint)
    return ModelError("malformed", f"{where}: the response could not be read ({error})")


def _status_error(error: openai.APIStatusError, endpoint: Endpoint) -> ModelError:
    where, status = endpoint.base_url, error.status_code
    detail = " ".join(str(_error_message(error)).split())[:200]
    if status == 401:  # noqa: PLR2004
        return ModelError("unauthorized", f"{where}: 401, the key was not accepted; set OPENAI_API_KEY")
    if status == 403:  # noqa: PLR2004
        return ModelError(
            "forbidden", f"{where}: 403, this key may not use {endpoint.model}; check its permissions ({detail})"
        )
    if status == 404:  # noqa: PLR2004
        return ModelError("not_found", f"{where}: 404; check --model {endpoint.model} and --base-url ({detail})")
    if status == 429 and "insufficient_quota" in f"{error.code} {error.type}":  # noqa: PLR2004
        return ModelError("quota", f"{where}: the account's quota is used up; add credit or use another key ({detail})")
    if status in {408, 409, 429} or status >= 500:  # noqa: PLR2004
        code = "rate_limited" if status == 429 else "timeout" if status == 408 else "server_error"  # noqa: PLR2004
        what = "lower --concurrency or try later" if status == 429 else "try again later"  # noqa: PLR2004
        message = f"{where}: {status}; {what} ({detail})"
        return ModelError(code, message, retryable=True, retry_after=_retry_after(error.response))
    return _refused_request(error, f"{where}: {status}", detail)


def _refused_request(error: openai.APIStatusError, place: str, detail: str) -> ModelError:
    """What is wrong with one request; other documents may well go through."""
    if "content_filter" in f"{error.code} {error.type}":
        return ModelError("filtered", f"{place}, the provider's content filter held the text back ({detail})")
    if error.status_code == 413 or "context_length" in f"{error.code} {detail}":  # noqa: PLR2004
        return ModelError("truncated", f"{place}, the request is longer than the model takes ({detail})")
    return ModelError("bad_request", f"{place}, the request was not accepted; check --model ({detail})")


def _error_message(error: openai.APIStatusError) -> object:
    body = error.body
    return body.get("message", body) if isinstance(body, dict) else (body or error.message)


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait, from a number or an HTTP date."""
    given = response.headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124  (NaN)


def content_of(raw: str) -> str:
    """The answer's text, or the ModelError that says why there is none."""
    body = _loaded(raw)
    try:
        choices = body.get("choices")
        choice = choices[0] if choices else {}
        message = choice.get("message") or {}
        content = message.get("content")
    except (AttributeError, TypeError, KeyError):
        raise ModelError("malformed", f"the endpoint's response is not a chat completion: {raw[:80]!r}") from None
    reason = choice.get("finish_reason")
    if message.get("refusal"):
        raise ModelError("refused", f"the model refused: {' '.join(str(message['refusal']).split())[:160]}")
    if reason == "content_filter":
        raise ModelError("filtered", "the provider's content filter held the answer back")
    if reason == "length":
        raise ModelError("truncated", "the answer was cut off at the model's output limit")
    if not isinstance(content, str) or not content.strip():
        raise ModelError("empty", "the endpoint's response holds no answer")
    return content


def spent(raw: Raw, body: dict[str, Any], model: str) -> Usage:
    """The tokens of one call: the endpoint's count, else ours."""
    if "file" in body:
        return Usage(calls=1, replayed=int(raw.replayed))
    try:
        reported = _loaded(raw.body)["usage"]
        counts = int(reported["prompt_tokens"]), int(reported["completion_tokens"] if "input" not in body else 0)
        counted_by: CountedBy = "api"
    except (ValueError, KeyError, TypeError, OverflowError):
        asked, answered = tokens.count(as_text(body), model), tokens.count(raw.body, model)
        counts, counted_by = (asked.tokens, answered.tokens), asked.counted_by
    return Usage(
        calls=1,
        replayed=int(raw.replayed),
        input_tokens=counts[0],
        output_tokens=counts[1],
        counted_by=counted_by,
    )


class NoKeyTransport(httpx2.AsyncBaseTransport):
    """Stands in for the network when there is no key: recorded answers play, anything else says what to set."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002
        """Refuse."""
        message = f"no key for {self.base_url}; set OPENAI_API_KEY, or name a local endpoint with --base-url"
        raise ModelError("no_key", message)
