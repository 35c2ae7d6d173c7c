"""OpenAI's Responses API: a chat request in its form, and its answer as the choice of a chat completion."""

from __future__ import annotations

from typing import Any

LIMIT = "max_output_tokens"
THOUGHTS = "reasoning"
REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""Why a response is not complete, in the words of chat completions."""

Body = dict[str, Any]


def is_request(body: Body) -> bool:
    """Whether a request's body is one of this API."""
    return "instructions" in body


def is_embedding(body: Body) -> bool:
    """Whether a request asks for vectors, of which both APIs have one form."""
    return "input" in body and not is_request(body)


def request_of(body: Body, limit: str) -> Body:
    """A chat request in this API's form; `limit` is the name of its limit of the output. Nothing is stored there."""
    system, *rest = body["messages"]
    kept = {name: value for name, value in body.items() if name not in MOVED and name != limit}
    shape = (body.get("response_format") or {}).get("json_schema")
    form = {"type": "json_schema", **shape} if shape else body.get("response_format")
    moved = {
        "text": {**_object(body.get("text")), **({"format": form} if form else {})},
        THOUGHTS: {
            **({"effort": body["reasoning_effort"]} if "reasoning_effort" in body else {}),
            **_object(body.get(THOUGHTS)),
        },
        LIMIT: body.get(limit),
    }
    asked = {**kept, "instructions": system["content"], "input": rest, "store": body.get("store", False)}
    return asked | {name: value for name, value in moved.items() if value}


MOVED = frozenset({"messages", "response_format", "reasoning_effort", "text", THOUGHTS, "store"})
"""Parts of a chat request that have another place here, or that are put together from several settings."""


def messages_of(body: Body) -> list[Body]:
    """The messages of a request of either API; none where it has none."""
    if is_request(body):
        return [{"role": "system", "content": body["instructions"]}, *body["input"]]
    messages: list[Body] = body.get("messages", [])
    return messages


def form_of(body: Body) -> Body:
    """How a request of either API asks for its answer's shape: its `type`, and the `name` of a schema."""
    if is_request(body):
        return _object(_object(body.get("text")).get("format"))
    shape = _object(body.get("response_format"))
    return {**_object(shape.get("json_schema")), **shape}


def is_response(body: Body) -> bool:
    """Whether an answer is one of this API."""
    return body.get("object") == "response" or isinstance(body.get("output"), list)


def choice_of(body: Body) -> tuple[Body, Body]:
    """The choice and its message as chat completions have them: the last message, else why there is none."""
    items = [one for one in body.get("output") or [] if isinstance(one, dict)]
    spoken = [one for one in items if one.get("type", "message") == "message"]
    final = [one for one in spoken if one.get("phase") != "commentary"] or spoken
    content = final[-1].get("content") if final else None
    parts = [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    refusals = [str(one.get("refusal")) for one in parts if one.get("type") == "refusal"]
    message: Body = {"content": content, "refusal": " ".join(refusals) or None}
    called = next((one for one in items if one.get("type") == "function_call"), None)
    if called and not spoken:
        message["function_call"] = called
    return {"finish_reason": _reason(body)}, message


def is_thought_only(body: Body) -> bool:
    """Whether a response ended while the model was still thinking."""
    kinds = [one.get("type") for one in body.get("output") or [] if isinstance(one, dict)]
    details = _object(_object(body.get("usage")).get("output_tokens_details"))
    return "message" not in kinds and ("reasoning" in kinds or bool(details.get("reasoning_tokens")))


def _reason(body: Body) -> str:
    """Why it ended."""
    if body.get("status") not in {"incomplete", "cancelled"}:
        return "stop"
    return REASONS.get(str(_object(body.get("incomplete_details")).get("reason")), "length")


def _object(value: Any) -> Body:
    return value if isinstance(value, dict) else {}
