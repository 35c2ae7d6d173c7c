"""A transport that answers like an endpoint, from a function over the request's body."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx2

Answer = Callable[[str, str], Any]
"""From the schema's name and the user message to the content of the answer, or a whole response."""


def transport(answer: Answer, seen: list[dict[str, Any]] | None = None) -> httpx2.MockTransport:
    """An endpoint that answers every request through `answer`; `seen` collects the bodies."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if seen is not None:
            seen.append(body)
        result = answer(body["response_format"]["json_schema"]["name"], body["messages"][1]["content"])
        return result if isinstance(result, httpx2.Response) else completion(result)

    return httpx2.MockTransport(handle)


def completion(content: Any, *, finish: str = "stop", usage: dict[str, int] | None = None) -> httpx2.Response:
    """A chat completion with this content (a string, or a value that is written as JSON)."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    message = {"role": "assistant", "content": text, "refusal": None}
    return httpx2.Response(
        200,
        json={
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": "scripted",
            "choices": [{"index": 0, "finish_reason": finish, "message": message}],
            "usage": usage or {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        },
    )


def draft(sentence: int, words: str = "", **changes: Any) -> dict[str, Any]:
    """One extracted claim as the model writes it."""
    fields: dict[str, Any] = {
        "at": [{"s": sentence, "words": words}],
        "by": 0,
        "via": [],
        "kind": "assertion",
        "target": None,
        "cue": None,
        "voice": "indirect",
        "stated_on": None,
        "topic": "the matter",
        "notes": [],
        "check": True,
    }
    return {**fields, **changes}


def source(number: int, name: str, **changes: Any) -> dict[str, Any]:
    """One source as the model writes it."""
    fields: dict[str, Any] = {"n": number, "name": name, "role": None, "organisation": None, "on_behalf_of": None}
    return {**fields, "named": True, **changes}


def whole_sentences(schema: str, user: str) -> Any:
    """Every sentence a claim in the article's own voice, and no pair that does not fit."""
    if schema.startswith("extract"):
        numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", user, re.MULTILINE)]
        return {"sources": [], "claims": [draft(n) for n in numbers]}
    return {"repair": {"repairs": []}, "judge": {"missed": [], "pairs": []}, "review": {"looks": []}}[
        schema.split("-", maxsplit=1)[0]
    ]
