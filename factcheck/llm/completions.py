"""What a response says, wherever a server puts it: the answer's text, why there is none, and what it cost."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from factcheck.errors import ModelError
from factcheck.llm import responses, tokens
from factcheck.models import CountedBy, Usage


class Raw(NamedTuple):
    """A response's body as it came, and whether it came from a recording or from an earlier run's cache."""

    body: str
    replayed: bool = False
    cached: bool = False


CUT_OFF = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "max_length", "incomplete"})
HELD_BACK = frozenset({"content_filter", "safety", "recitation", "prohibited_content", "blocklist"})
REFUSED = frozenset({"refusal"})
THINKING = frozenset({"thinking", "reasoning", "thought", "redacted_thinking", "analysis"})
"""Types of the parts of a message that are no answer."""

ANSWERED = ("content", "text", "output_text", "generated_text", "parsed", "response")
REASONED = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
CODES = {"rate_limit_exceeded": 429, "insufficient_quota": 429, "invalid_prompt": 400, "server_error": 500}
"""Statuses of errors that come with status 200 and have a name only."""

SHORTENED_FROM = 1_000
"""Tokens from which a server's context may be what cut a prompt; the smallest in use has 1,024."""

WORDS_READ = 0.9
"""Tokens that a word takes at the very least, in any vocabulary."""


def content_of(raw: str) -> str:
    """The answer's text, or the ModelError that says why there is none."""
    choice, message = _choice(raw)
    reason = str(choice.get("finish_reason") or choice.get("finishReason") or choice.get("stop_reason") or "").lower()
    if refusal := message.get("refusal"):
        raise ModelError("refused", f"the model refused: {_line(refusal)}")
    if reason in HELD_BACK:
        raise ModelError("filtered", "the provider's content filter held the answer back")
    text = _text(message) or _text(choice)
    if reason in CUT_OFF and not _is_whole(text):
        raise ModelError(
            "truncated",
            "the answer was cut off at the output limit; raise max_output_tokens, or the server's own limit",
        )
    if not text.strip():
        if reason in REFUSED:
            raise ModelError("refused", "the model refused")
        raise ModelError("empty", "the endpoint's response holds no answer")
    return text


def is_unfinished_thought(raw: str) -> bool:
    """Whether an answer that was cut off had not yet begun, since the model was still thinking."""
    try:
        _, message = _choice(raw)
    except ModelError:
        return False
    body = loaded(raw)
    if isinstance(body, dict) and responses.is_response(body):
        return responses.is_thought_only(body)
    text = _joined(message.get("content"))
    begun = re.match(r"\s*(<think|\[THINK\]|<\|channel\|>analysis)", text)
    thought = begun or any(message.get(name) for name in REASONED)
    return bool(thought) and not text.lstrip().startswith("{")


def _choice(raw: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first choice and its message; other APIs that gateways pass on have theirs elsewhere."""
    body = loaded(raw)
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or not _is_completion(body):
        raise ModelError("malformed", _not_a_completion(raw))
    if responses.is_response(body):
        return responses.choice_of(body)
    choices = body.get("choices", body.get("candidates", body.get("output")))
    if isinstance(choices, list) and choices:
        choice = choices[0]
    elif choices:
        raise ModelError("malformed", _not_a_completion(raw))
    else:
        choice = body
    if not isinstance(choice, dict):
        raise ModelError("malformed", _not_a_completion(raw))
    message = choice.get("message") or choice.get("delta") or choice
    return choice, message if isinstance(message, dict) else {"content": message}


def _is_completion(body: dict[str, Any]) -> bool:
    return bool(body.keys() & {"choices", "candidates", "output", "message", "id", *ANSWERED})


def _not_a_completion(raw: str) -> str:
    shown = raw[:80]
    if "<html" in raw[:2000].lower() or "<!doctype" in raw[:200].lower():
        return f"the endpoint's response is not a chat completion but a page: {shown!r}; check --base-url and any proxy"
    return f"the endpoint's response is not a chat completion: {shown!r}"


def _text(message: dict[str, Any]) -> str:
    """The answer in a message: its content, else the arguments of a tool, else what was thought."""
    for name in ANSWERED:
        if text := _joined(message.get(name)).strip():
            return text
    called = _arguments(message)
    if called:
        return called
    return next((text for name in REASONED if (text := _joined(message.get(name)).strip())), "")


def _joined(content: Any) -> str:
    """Text from a string, an object, or a list of parts of which thoughts are left out."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        if "parts" in content:
            return _joined(content["parts"])
        return json.dumps(content, ensure_ascii=False) if not _is_part(content) else _part(content)
    if isinstance(content, list):
        return "".join(one if isinstance(one, str) else _part(one) for one in content)
    return ""


def _is_part(content: dict[str, Any]) -> bool:
    return isinstance(content.get("type"), str) and bool(content.keys() & {"text", "thinking", "input", "json"})


def _part(part: Any) -> str:
    if not isinstance(part, dict) or part.get("type") in THINKING or part.get("thought") is True:
        return ""
    for name in ("text", "output_text", "content", "json", "input"):
        value = part.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, dict):
            inner = value.get("value")
            return inner if isinstance(inner, str) else json.dumps(value, ensure_ascii=False)
    return ""


def _arguments(message: dict[str, Any]) -> str:
    """The arguments of the first tool that was called."""
    calls = message.get("tool_calls") or [{"function": message.get("function_call")}]
    first = calls[0] if isinstance(calls, list) and calls else None
    function = first.get("function", first) if isinstance(first, dict) else None
    given = function.get("arguments", function.get("input")) if isinstance(function, dict) else None
    return json.dumps(given, ensure_ascii=False) if isinstance(given, dict) else str(given or "")


def _is_whole(text: str) -> bool:
    """Whether an answer was complete before white space or a limit ended it."""
    return text.lstrip().startswith("{") and isinstance(loaded(text.strip()), dict)


def _line(value: Any) -> str:
    return " ".join(value.split())[:160] if isinstance(value, str) else "without a reason"


def loaded(text: str) -> Any:
    """The JSON value of a body, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def error_inside(raw: str) -> tuple[int | None, str] | None:
    """The status and the reason that some gateways send with status 200 in place of an answer."""
    body = loaded(raw)
    error = body.get("error") if isinstance(body, dict) and not body.get("choices") else None
    if not error:
        return None
    message = error.get("message") if isinstance(error, dict) else error
    code = error.get("code", error.get("status")) if isinstance(error, dict) else None
    named = CODES.get(code) if isinstance(code, str) else None
    status = int(code) if isinstance(code, int | str) and re.fullmatch(r"[45]\d\d", str(code)) else named
    said = " ".join(message.split())[:200] if isinstance(message, str) else raw[:200]
    return status, f"{code}: {said}" if named else said


def spent(raw: Raw, asked: str, model: str) -> Usage:
    """The tokens of one call: the endpoint's count, else ours. `asked` is all that was sent."""
    counts, cached = reported(raw.body), cached_of(raw.body)
    counted_by: CountedBy = "api"
    if counts is None:
        sent, answered = tokens.count(asked, model), tokens.count(raw.body, model)
        counts, counted_by = (sent.tokens, answered.tokens), sent.counted_by
    return Usage(
        calls=1,
        replayed=int(raw.replayed),
        input_tokens=counts[0],
        output_tokens=counts[1],
        cached_input_tokens=min(cached, counts[0]),
        counted_by=counted_by,
    )


def reported(raw: str) -> tuple[int, int] | None:
    """Tokens in and out as the endpoint counts them, or None where it does not, or not soundly."""
    body = loaded(raw)
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return None
    try:
        sent, made = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))[
            "input_tokens" in usage
        ]
        asked = int(usage[sent])
        answered = 0 if isinstance(body.get("data"), list) else int(usage[made])  # embeddings have no output
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return (asked, answered) if asked >= 0 and answered >= 0 else None


def cached_of(raw: str) -> int:
    """Tokens of the input that the endpoint had in its cache; 0 where it does not say."""
    body = loaded(raw)
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return 0
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    found = details.get("cached_tokens") if isinstance(details, dict) else usage.get("prompt_cache_hit_tokens")
    return max(0, found) if isinstance(found, int) else 0


def shortened(raw: str, sent: str) -> str | None:
    """A warning where the endpoint read far fewer tokens than it was sent words."""
    counts = reported(raw)
    words = len(re.findall(r"\w+", sent))
    if counts is None or counts[0] < SHORTENED_FROM or counts[0] >= words * WORDS_READ:
        return None
    return (
        f"the server read only {counts[0]:,} tokens of a longer prompt, so that a part of the text was not seen; "
        "raise its context (Ollama: num_ctx or OLLAMA_CONTEXT_LENGTH; llama.cpp: -c; LM Studio: context length; "
        "vLLM: --max-model-len)"
    )


def vectors_of(raw: str, number: int) -> list[list[float]]:
    """The vectors of an answer, in the order of the texts. Raises ModelError where they are not what was asked for."""
    body = loaded(raw)
    try:
        rows = sorted(body["data"], key=lambda row: int(row["index"]))
        vectors = [[float(value) for value in row["embedding"]] for row in rows]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelError("malformed", f"the endpoint's response holds no embeddings: {raw[:80]!r}") from None
    sound = all(math.isfinite(value) for vector in vectors for value in vector)
    if not sound or len(vectors) != number or len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
        raise ModelError("malformed", f"the endpoint gave {len(vectors)} embeddings of {number} texts, or not numbers")
    return vectors


def words_of(messages: Sequence[dict[str, str]]) -> str:
    """The messages' text, without the schema."""
    return "\n".join(str(message["content"]) for message in messages)
