"""Statuses of an endpoint as our errors: the likely cause, the setting that mends it, and whether to try again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from factcheck.errors import ModelError
from factcheck.redaction import shown


class Refusal(NamedTuple):
    """A response that is no answer: its status, what it says, and its headers (names in small letters)."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Cause(NamedTuple):
    """What a status mostly means: a code of errors.py, words that say what to do, and whether it may pass."""

    code: str
    says: str
    may_pass: bool = False


KEY = "the key was not accepted; set OPENAI_API_KEY"
LATER = "try again later"
CAUSES = {
    401: Cause("unauthorized", KEY),
    402: Cause("quota", "the account has no credit left; add credit or use another key"),
    403: Cause("forbidden", "this key may not use {model}; check its permissions"),
    405: Cause("not_found", "no chat completions at this address; check --base-url (most end in /v1)"),
    406: Cause("bad_request", "does not answer in JSON; check --base-url"),
    407: Cause("unauthorized", "a proxy on the way wants a user and a password; set HTTPS_PROXY"),
    408: Cause("timeout", LATER, may_pass=True),
    409: Cause("server_error", LATER, may_pass=True),
    410: Cause("not_found", "{model} is no longer offered; choose another with --model"),
    411: Cause("connection", "a proxy on the way wants another form of request; check HTTPS_PROXY"),
    415: Cause("bad_request", "does not take JSON; check --base-url"),
    418: Cause("forbidden", "a firewall on the way held the request back; ask who runs it"),
    421: Cause("not_found", "this server is not the one of the address; check --base-url"),
    423: Cause("rate_limited", "is locked for now; try again later", may_pass=True),
    424: Cause("server_error", LATER, may_pass=True),
    425: Cause("server_error", LATER, may_pass=True),
    426: Cause("connection", "wants another protocol; check that --base-url begins with https://"),
    429: Cause("rate_limited", "lower --concurrency or try later", may_pass=True),
    431: Cause("bad_request", "headers are too long; shorten extra_headers"),
    451: Cause("forbidden", "not offered where you are, or for this text"),
    498: Cause("unauthorized", "the key has expired; set OPENAI_API_KEY"),
    501: Cause("bad_request", "this server cannot do what was asked; check how it was started"),
    502: Cause("server_error", "the model's server behind the gateway does not answer; try again later", may_pass=True),
    503: Cause("server_error", "overloaded, or still loading the model; try again later", may_pass=True),
    504: Cause(
        "server_error", "a gateway gave up waiting; lower max_output_tokens, or raise its own timeout", may_pass=True
    ),
    505: Cause("connection", "wants another version of HTTP; check any proxy"),
    507: Cause("server_error", "the server is out of memory; use a smaller model or context"),
    511: Cause("connection", "this network wants a sign-in; open a page in a browser first"),
    525: Cause("connection", "no secure connection between gateway and server; tell who runs it"),
    526: Cause("connection", "the server's certificate is not valid; tell who runs it"),
    529: Cause("server_error", "overloaded; lower --concurrency or try later", may_pass=True),
}
"""What is not listed: 3xx has moved, 4xx is about the request, 5xx may pass."""

QUOTA = re.compile(
    r"insufficient_quota|billing|credit balance|exceeded your current quota|payment required", re.IGNORECASE
)
CONTEXT = re.compile(
    r"context[ _]?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long"
    r"|exceeds the available|input is too long|longer than the model|token limit|exceed_context_size",
    re.IGNORECASE,
)
NO_MODEL = re.compile(
    r"model[^.]{0,80}(not found|does not exist|not exist|unknown|invalid|not available|not supported|no longer)"
    r"|(no such|unknown|invalid|unsupported) model|not a valid model|try pulling it|deployment.{0,40}not exist",
    re.IGNORECASE,
)
BAD_KEY = re.compile(
    r"(api|access)[ _-]?key[^.]{0,40}(not valid|invalid|incorrect|missing|expired)|invalid[ _]api[ _]?key",
    re.IGNORECASE,
)
BROKEN_OFF = re.compile(r"does not match the expected \S+ format", re.IGNORECASE)
"""What llama.cpp says of an answer that ended at the output limit, before its schema was fulfilled."""

FILTERED = re.compile(
    r"content[ _-]?(filter|management|policy)|safety (system|setting)|blocked by|invalid_prompt", re.IGNORECASE
)
SCHEMA = re.compile(
    r"response[_ ]?format|json[_ ]?(schema|mode|object)|structured[_ ]output|grammar|guided[_ ]?(json|decoding)|schema",
    re.IGNORECASE,
)
FINAL_LATER = 501
CLIENT_ERRORS = range(400, 500)


def failure(refusal: Refusal, base_url: str, model: str, sent: Collection[str] = ()) -> ModelError:
    """The error that a response stands for; `sent` are the parameters of the request that could be left out."""
    status, where = refusal.status, shown(base_url)
    said, detail = _said(refusal.body), _detail(refusal.body)
    cause = _cause(status, said, model) or _moved(refusal) or _unknown(status)
    parameter = _parameter(said, sent) if status in {*CLIENT_ERRORS, 500, FINAL_LATER} else None
    if cause.code == "bad_request" and parameter == "response_format":
        cause = cause._replace(says='this server knows no schemas of this form; set schema_mode = "prompt"')
    elif cause.code == "bad_request" and parameter:
        cause = cause._replace(says=f"this model does not take {parameter}; leave that setting out")
    message = f"{where}: {status}, {cause.says.format(model=model)} ({detail})"
    return ModelError(
        cause.code,
        message,
        retryable=cause.may_pass,
        retry_after=retry_after(refusal.headers) if cause.may_pass else None,
        status=status,
        parameter=parameter,
    )


def _cause(status: int, said: str, model: str) -> Cause | None:
    """What the words say, where they say more than the number."""
    if status == 404:  # noqa: PLR2004
        named = NO_MODEL.search(said) or (model and model in said)
        hint = "check --model {model}" if named else "check --model {model} and --base-url (most end in /v1)"
        return Cause("not_found", hint)
    if status in {429, 403, 400} and QUOTA.search(said):
        return Cause("quota", "the account's quota is used up; add credit or use another key")
    if status == 413 or (status in {400, 422, 500} and CONTEXT.search(said)):  # noqa: PLR2004
        return Cause("truncated", "the request is longer than the model takes")
    if status == 500 and BROKEN_OFF.search(said):  # noqa: PLR2004
        return Cause("truncated", "the answer was cut off at the output limit; raise max_output_tokens")
    if status in {400, 422} and FILTERED.search(said):
        return Cause("filtered", "the provider's content filter held the text back")
    if status in {400, 422} and BAD_KEY.search(said):
        return Cause("unauthorized", KEY)
    if status in {400, 422} and NO_MODEL.search(said) and not SCHEMA.search(said):
        return Cause("not_found", "check --model {model}")
    if status == 500 and SCHEMA.search(said):  # noqa: PLR2004  (some servers fail at schemas instead of refusing them)
        return Cause("bad_request", "the server failed at the schema")
    return CAUSES.get(status)


def _moved(refusal: Refusal) -> Cause | None:
    if refusal.status >= 400:  # noqa: PLR2004
        return None
    target = shown(refusal.headers.get("location", "")) or "elsewhere"
    return Cause("not_found", f"the endpoint has moved to {target}; set --base-url".replace("{", "").replace("}", ""))


def _unknown(status: int) -> Cause:
    if status in CLIENT_ERRORS:
        return Cause("bad_request", "the request was not accepted")
    return Cause("server_error", LATER, may_pass=True)


def _parameter(said: str, sent: Collection[str]) -> str | None:
    """Which part of the request a refusal names, if it is one that could be left out."""
    if "response_format" in sent and re.search(r"response_format|text\.format", said):
        return "response_format"
    longest_first = sorted(sent, key=len, reverse=True)
    named = next((name for name in longest_first if re.search(rf"\b{re.escape(name)}\b", said)), None)
    return named or ("response_format" if "response_format" in sent and SCHEMA.search(said) else None)


def _said(body: Any) -> str:
    """All that an error says, in one line."""
    return " ".join(_flat(body, 5))[:2000]


def _flat(value: Any, depth: int) -> list[str]:
    if depth == 0 or value is None:
        return []
    if isinstance(value, dict):
        return [part for inner in value.values() for part in _flat(inner, depth - 1)]
    if isinstance(value, list):
        return [part for inner in value[:20] for part in _flat(inner, depth - 1)]
    return [" ".join(str(value)[:1000].split())]


def _detail(body: Any) -> str:
    """What an error says for people."""
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return _said(message)[:200] or "without a word"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or an HTTP date."""
    given = headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124  (NaN)
