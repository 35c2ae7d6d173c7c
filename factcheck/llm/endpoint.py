"""One call to an endpoint: the request out; the answer, its cost or the name of its failure back.

The only module that imports openai.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx2

from factcheck.errors import ModelError
from factcheck.llm.answers import Wire, schema_of
from factcheck.llm.arrival import live_transport
from factcheck.llm.completions import Raw, error_inside, loaded
from factcheck.llm.failures import Refusal, failure
from factcheck.llm.patience import DOCUMENTS, FAILURES
from factcheck.llm.prices import Prices
from factcheck.llm.prompts import Filled
from factcheck.llm.recordings import FROM_CACHE, REPLAYED
from factcheck.llm.responses import LIMIT, form_of, is_embedding, is_request, messages_of, request_of
from factcheck.llm.traits import Mode, Traits
from factcheck.redaction import shown

if TYPE_CHECKING:
    import openai


WHOLE = frozenset({"model", "messages", "input", "instructions"})
"""Parts of a request that it cannot do without."""


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
    """At most so many tokens in an answer; None limits it by what was asked."""
    schema_mode: Literal["auto", "strict", "json", "prompt"] = "auto"
    """`strict` sends the schema as response_format, `prompt` writes it into the system message, `json` does so
    and asks for JSON; `auto` tries them in this order."""
    api: Literal["chat", "responses"] = "chat"
    """Which of OpenAI's two APIs is asked; others mostly have the first."""
    reasoning_effort: str | None = None
    service_tier: str | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    max_tokens: int | None = None
    """Live input and output tokens that a run may spend."""
    max_cost: float | None = None
    """US dollars that a run may spend; needs `prices`."""
    prices: Prices | None = None
    embedding_model: str | None = None
    """Asked for vectors of claims, which help to find earlier ones in a ledger; None asks for none."""
    failures: int = FAILURES
    """Calls about one document that may fail before no more are made about it."""
    documents_in_row: int = DOCUMENTS
    """Documents in a row that may fail in one way before a run ends."""
    embedding_base_url: str | None = None
    """Where that model is asked, if not at `base_url`."""

    @property
    def place(self) -> str:
        """Under what is remembered what it takes: its address, and its API where that is not the usual one."""
        return self.base_url if self.api == "chat" else f"{self.base_url}/{self.api}"


def open_client(
    endpoint: Endpoint, transport: httpx2.AsyncBaseTransport | None, base_url: str | None = None
) -> openai.AsyncOpenAI:
    """An openai client over our transport, without retries of its own."""
    import openai  # noqa: PLC0415  (half a second of start-up that --help need not pay)

    http = httpx2.AsyncClient(
        transport=transport or live_transport(),
        timeout=endpoint.deadline,
        event_hooks={"response": [_read_as_utf8]},
    )
    parts = urlsplit(base_url or endpoint.base_url)
    azure = {"api-key": endpoint.api_key or ""} if (parts.hostname or "").endswith(".azure.com") else {}
    return openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none",
        base_url=urlunsplit(parts._replace(query="", fragment="")),
        default_query=dict(parse_qsl(parts.query)) or None,
        default_headers={**azure, **endpoint.extra_headers},
        http_client=http,
        max_retries=0,
    )


def preload() -> None:
    """Load what the first call would load, so that a process that does much at once does not stand still then."""
    import openai  # noqa: F401, PLC0415


async def _read_as_utf8(response: httpx2.Response) -> None:
    """JSON is UTF-8, whatever charset a proxy's header names."""
    response.encoding = "utf-8"


async def send(client: openai.AsyncOpenAI, endpoint: Endpoint, body: dict[str, Any], *, fresh: bool = False) -> Raw:
    """Send one request; `fresh` passes by what a cache holds. Raises ModelError."""
    import openai  # noqa: PLC0415

    headers = {"cache-control": "no-cache"} if fresh else {}
    if is_embedding(body):
        endpoint = replace(endpoint, base_url=endpoint.embedding_base_url or endpoint.base_url, model=body["model"])
    path = "/responses" if is_request(body) else "/embeddings" if is_embedding(body) else "/chat/completions"
    try:
        if "file" in body:
            heard = await client.audio.transcriptions.with_raw_response.create(**body, extra_headers=headers)
            response = heard.http_response
        else:  # as it is: the SDK's methods would walk through messages and schema with every call
            response = await client.post(path, body=body, cast_to=httpx2.Response, options={"headers": headers})
    except openai.APIError as error:
        raise _hinted(translate(error, endpoint, optional(body)), body) from None
    except (httpx2.InvalidURL, ValueError) as error:
        raise ModelError("not_found", f"{shown(endpoint.base_url)}: is not an address ({error})") from None
    kept = response.headers.get(REPLAYED)
    text = response.content.decode("utf-8", "replace")
    if inside := error_inside(text):
        raise _error_with_200(inside, endpoint, body, retryable=kept is None)
    return Raw(text, kept is not None, kept == FROM_CACHE)


def _hinted(error: ModelError, body: dict[str, Any]) -> ModelError:
    """The error; where an endpoint has no Responses API, with the setting that asks the other one."""
    if error.status not in NO_SUCH_API or not is_request(body) or "--model" not in str(error):
        return error
    message = f'{error}; many servers have no /responses: set api = "chat"'
    return ModelError(error.code, message, status=error.status, parameter=error.parameter)


def _error_with_200(
    inside: tuple[int | None, str], endpoint: Endpoint, body: dict[str, Any], *, retryable: bool
) -> ModelError:
    status, reason = inside
    if status is not None:
        return failure(Refusal(status, reason, {}), endpoint.base_url, endpoint.model, optional(body))
    message = f"{shown(endpoint.base_url)}: {reason}; try again later"
    return ModelError("server_error", message, retryable=retryable)


REASONING = re.compile(
    r"(^|[/_-])(gpt-5|o[134]|gpt-oss|r1|qwq|qwen-?3|magistral|glm-4\.[5-9]|kimi-k2|minimax)|reason|think|deepseek-r",
    re.IGNORECASE,
)
"""Names of models that think before they answer; their thoughts are output, too."""

OUTPUT_MARGIN = 6
"""How many times the expected output an answer may be; every recorded answer is less than a third of that
(tests/bench/test_output_limit.py), and servers that indent their JSON double its length."""

NO_SUCH_API = frozenset({404, 405})
LEAST_OUTPUT = 2_000
THOUGHT_OUTPUT = 24_000


def output_limit(endpoint: Endpoint, filled: Filled, traits: Traits) -> int:
    """Tokens that an answer may take: as set, else relative to what was asked, so that none goes on for ever."""
    if endpoint.max_output_tokens is not None:
        return endpoint.max_output_tokens
    thinks = traits.thinks or REASONING.search(endpoint.model) is not None
    return max(LEAST_OUTPUT, OUTPUT_MARGIN * filled.expected_output) + (THOUGHT_OUTPUT if thinks else 0)


def request_body(
    endpoint: Endpoint,
    filled: Filled,
    messages: list[dict[str, str]],
    answer: type[Wire],
    traits: Traits | None = None,
) -> dict[str, Any]:
    """The request as it is sent: what never changes first, so that providers' prompt caches hit."""
    traits = traits or Traits()
    mode: Mode = traits.mode if endpoint.schema_mode == "auto" else endpoint.schema_mode
    body: dict[str, Any] = {"model": endpoint.model, **_shaped(mode, filled, messages, answer)}
    chosen = {
        "temperature": endpoint.temperature,
        "reasoning_effort": endpoint.reasoning_effort,
        "service_tier": endpoint.service_tier,
        traits.limit: output_limit(endpoint, filled, traits),
        **endpoint.extra_body,
    }
    body |= {name: value for name, value in chosen.items() if value is not None and name not in traits.refused}
    if endpoint.api == "chat":
        return body
    asked = request_of(body, traits.limit)
    return {name: value for name, value in asked.items() if name in WHOLE or name not in traits.refused}


def limit_name(endpoint: Endpoint, traits: Traits) -> str:
    """What the endpoint calls the limit of an answer's tokens."""
    return traits.limit if endpoint.api == "chat" else LIMIT


def _shaped(mode: Mode, filled: Filled, messages: list[dict[str, str]], answer: type[Wire]) -> dict[str, Any]:
    """The messages, and the schema beside or inside of them."""
    schema, name = schema_of(answer), filled.prompt.title.replace(".", "-")
    if mode == "strict":
        shape = {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
        return {"messages": messages, "response_format": shape}
    system, *rest = messages
    text = f"{system['content']}\n\nThe JSON schema of the answer, {name}:\n{json.dumps(schema)}"
    shaped: dict[str, Any] = {"messages": [{**system, "content": text}, *rest]}
    return {**shaped, "response_format": {"type": "json_object"}} if mode == "json" else shaped


def optional(body: dict[str, Any]) -> set[str]:
    """The parts of a request that could be left out."""
    parts = body.keys() - WHOLE
    return (parts - {"text"}) | {"response_format"} if is_request(body) and "format" in body.get("text", {}) else parts


def as_text(body: dict[str, Any]) -> str:
    """All of a request that a model reads; of sound nothing is counted."""
    if "file" in body:
        return ""
    if is_embedding(body):
        return "\n".join(body["input"])
    shaped = json.dumps(form_of(body) if is_request(body) else body.get("response_format", ""), ensure_ascii=False)
    return "\n".join([*(str(m["content"]) for m in messages_of(body)), shaped])


def embedding_body(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """The request for vectors of texts."""
    return {"model": model, "input": list(texts), "encoding_format": "float"}


def transcription_body(model: str, name: str, sound: bytes, language: str | None) -> dict[str, Any]:
    """The request for the words of a recording, with times."""
    body: dict[str, Any] = {"model": model, "file": (name, sound), "response_format": "verbose_json"}
    body["timestamp_granularities"] = ["segment"]
    return {**body, "language": language} if language else body


def translate(error: openai.APIError, endpoint: Endpoint, sent: set[str]) -> ModelError:
    """The SDK's error as ours: a code, one line that says what to do, and whether to try again."""
    import openai  # noqa: PLC0415

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModelError):  # raised by our own transport
            return cause
        cause = cause.__cause__ or cause.__context__
    where = shown(endpoint.base_url)
    if isinstance(error, openai.APITimeoutError):
        return ModelError("timeout", f"{where}: no answer in time; raise --deadline or try later", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        detail = str(error.__cause__ or error).strip() or type(error.__cause__).__name__
        message = f"{where}: cannot be reached ({detail}); check the address, or start the server"
        return ModelError("connection", message, retryable=True)
    if isinstance(error, openai.APIStatusError):
        text = error.response.content.decode("utf-8", "replace")
        refusal = Refusal(error.status_code, loaded(text) or text, error.response.headers)
        return failure(refusal, endpoint.base_url, endpoint.model, sent)
    return ModelError("malformed", f"{where}: the response could not be read ({error})")


class NoKeyTransport(httpx2.AsyncBaseTransport):
    """Stands in for the network when there is no key: recorded answers play, anything else says what to set."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002
        """Refuse."""
        ways = "set OPENAI_API_KEY, run factcheck keys set, or name a local endpoint with --base-url"
        message = f"no key for {shown(self.base_url)}; {ways}"
        raise ModelError("no_key", message)
