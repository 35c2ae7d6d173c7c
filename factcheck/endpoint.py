"""One call to an endpoint: the request out; the answer, its cost or the name of its failure back.

The only module that imports openai.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2

from factcheck import tokens
from factcheck.errors import ModelError
from factcheck.models import CountedBy, Usage
from factcheck.prompts import Filled
from factcheck.recordings import REPLAYED
from factcheck.wire import Wire, schema_of

if TYPE_CHECKING:
    import openai


class Prices(NamedTuple):
    """US dollars for a million tokens."""

    input: float
    output: float


@dataclass(frozen=True)
class Endpoint:
    """Where and how to ask. `deadline` is the seconds that one call may take in all, retries included."""

    model: str
    base_url: str = "https://api.openai.com/v1"
    api_key: str | None = None
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


class Raw(NamedTuple):
    """A response's body as it came, and whether it came from a recording."""

    body: str
    replayed: bool


def open_client(endpoint: Endpoint, transport: httpx2.AsyncBaseTransport | None) -> openai.AsyncOpenAI:
    """An openai client over our transport, without retries of its own."""
    import openai  # noqa: PLC0415  (half a second of start-up that --help need not pay)

    http = httpx2.AsyncClient(transport=transport, timeout=endpoint.deadline, follow_redirects=True)
    return openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none", base_url=endpoint.base_url, http_client=http, max_retries=0
    )


async def send(client: openai.AsyncOpenAI, endpoint: Endpoint, body: dict[str, Any]) -> Raw:
    """Send one request. Raises ModelError."""
    import openai  # noqa: PLC0415

    try:
        response = await client.chat.completions.with_raw_response.create(**body)
    except openai.APIError as error:
        raise translate(error, endpoint) from None
    except httpx2.InvalidURL as error:
        raise ModelError("not_found", f"{endpoint.base_url}: is not an address ({error})") from None
    return Raw(response.text, REPLAYED in response.headers)


def request_body(
    endpoint: Endpoint, filled: Filled, messages: list[dict[str, str]], answer: type[Wire]
) -> dict[str, Any]:
    """The request as it is sent: what never changes first, so that providers' prompt caches hit."""
    schema = schema_of(answer)
    body: dict[str, Any] = {"model": endpoint.model, "messages": messages}
    if endpoint.schema_mode == "strict":
        name = filled.prompt.title.replace(".", "-")
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": schema},
        }
    else:
        system, *rest = messages
        text = f"{system['content']}\n\nThe JSON schema of the answer:\n{json.dumps(schema)}"
        body["messages"] = [{**system, "content": text}, *rest]
    if endpoint.temperature is not None:
        body["temperature"] = endpoint.temperature
    if endpoint.max_output_tokens is not None:
        body["max_completion_tokens"] = endpoint.max_output_tokens
    return body


def as_text(body: dict[str, Any]) -> str:
    """All of a request that a model reads."""
    shaped = json.dumps(body.get("response_format", ""), ensure_ascii=False)
    return "\n".join([*(str(m["content"]) for m in body["messages"]), shaped])


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
        return ModelError("timeout", f"{where}: no answer in time", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        detail = str(error.__cause__ or error).strip() or type(error.__cause__).__name__
        return ModelError("connection", f"{where}: cannot be reached ({detail})", retryable=True)
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, endpoint)
    return ModelError("malformed", f"{where}: the response could not be read ({error})")


def _status_error(error: openai.APIStatusError, endpoint: Endpoint) -> ModelError:
    where, status = endpoint.base_url, error.status_code
    detail = " ".join(str(_error_message(error)).split())[:200]
    if status == 401:  # noqa: PLR2004
        return ModelError("unauthorized", f"{where}: 401, the key was not accepted; set OPENAI_API_KEY")
    if status == 403:  # noqa: PLR2004
        return ModelError("forbidden", f"{where}: 403, this key may not use {endpoint.model} ({detail})")
    if status == 404:  # noqa: PLR2004
        return ModelError(
            "not_found", f"{where}: 404, no model {endpoint.model} here, or a wrong --base-url ({detail})"
        )
    if status == 429 and "insufficient_quota" in f"{error.code} {error.type}":  # noqa: PLR2004
        return ModelError("quota", f"{where}: the account's quota is used up ({detail})")
    if status in {408, 409, 429} or status >= 500:  # noqa: PLR2004
        code = "rate_limited" if status == 429 else "timeout" if status == 408 else "server_error"  # noqa: PLR2004
        message = f"{where}: {status} ({detail})"
        return ModelError(code, message, retryable=True, retry_after=_retry_after(error.response))
    return ModelError("bad_request", f"{where}: {status}, the request was not accepted ({detail})")


def _error_message(error: openai.APIStatusError) -> object:
    body = error.body
    return body.get("message", body) if isinstance(body, dict) else (body or error.message)


def _retry_after(response: httpx2.Response) -> float | None:
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None


def content_of(raw: str) -> str:
    """The answer's text, or the ModelError that says why there is none."""
    try:
        body = json.loads(raw)
        choices = body.get("choices") if isinstance(body, dict) else None
        choice = choices[0] if choices else {}
        message = choice.get("message") or {}
        content = message.get("content")
    except (ValueError, AttributeError, TypeError, KeyError):
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
    try:
        reported = json.loads(raw.body)["usage"]
        counts = int(reported["prompt_tokens"]), int(reported["completion_tokens"])
        counted_by: CountedBy = "api"
    except (ValueError, KeyError, TypeError):
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
