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
        name = body["response_format"]["json_schema"]["name"]
        result = answer(name, body["messages"][1]["content"])
        return result if isinstance(result, httpx2.Response) else completion(completed(name, result))

    return httpx2.MockTransport(handle)


EMPTY: dict[str, dict[str, Any]] = {
    "extract": {"sources": [], "claims": [], "corrections": [], "machine": False},
    "repair": {"repairs": []},
    "who": {"same": []},
    "judge": {"matters": [], "missed": [], "pairs": [], "answers": []},
    "review": {"looks": []},
    "weigh": {"machine": [], "pieces": [], "nothing": [], "lacks": []},
    "weigh-review": {"looks": []},
}
"""What each prompt is answered with where there is nothing to say."""


def completed(schema: str, result: Any) -> Any:
    """An answer with the fields that a script left out; one to another prompt is taken for nothing to say."""
    fields = EMPTY.get(schema.rsplit("-v", maxsplit=1)[0])
    if fields is None or not isinstance(result, dict):
        return result
    return {
        **fields,
        **{name: value for name, value in result.items() if name in fields or fields.keys() & result.keys()},
    }


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


OTHER_NAMES = {"stated_on": "on", "organisation": "org", "on_behalf_of": "for"}


def draft(sentence: int, words: str = "", **changes: Any) -> dict[str, Any]:
    """One extracted claim as the model writes it; fields may be given by the report's names, too."""
    fields: dict[str, Any] = {
        "at": [place(sentence, words)],
        "by": 0,
        "via": [],
        "kind": "assertion",
        "target": None,
        "cue": None,
        "voice": "indirect",
        "on": None,
        "topic": "the matter",
        "notes": [],
        "check": 1,
    }
    fields |= {OTHER_NAMES.get(name, name): value for name, value in changes.items()}
    return {**fields, "kind": str(fields["kind"]).removeprefix("official_")}


def place(sentence: int, words: str = "") -> str:
    """A place as the model writes it."""
    return f"{sentence} {words}".strip()


def source(number: int, name: str, **changes: Any) -> dict[str, Any]:
    """One source as the model writes it."""
    fields: dict[str, Any] = {"n": number, "name": name, "role": None, "org": None, "for": None, "named": True}
    return {**fields, **{OTHER_NAMES.get(key, key): value for key, value in changes.items()}}


def extracted(sources: list[Any], claims: list[Any], *, machine: bool = False) -> dict[str, Any]:
    """A whole answer of an extraction."""
    return {"sources": sources, "claims": claims, "corrections": [], "machine": machine}


def whole_sentences(schema: str, user: str) -> Any:
    """Every sentence a claim in the article's own voice, and no pair that does not fit."""
    if schema.startswith("extract"):
        numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", user, re.MULTILINE)]
        return extracted([], [draft(n) for n in numbers])
    return EMPTY[schema.split("-", maxsplit=1)[0]]


def judged(*pairs: Any, missed: Any = (), answers: Any = ()) -> dict[str, Any]:
    """A whole answer of a comparison."""
    return {"matters": [], "missed": list(missed), "pairs": list(pairs), "answers": list(answers)}
