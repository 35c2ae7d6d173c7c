"""Answers as endpoints of many kinds give them: the right one, wrapped, spelled or placed otherwise."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx2

Value = dict[str, Any]
Kind = Callable[[Value, dict[str, Any]], httpx2.Response]
"""From the right answer and the request to a response."""


def spoken(message: dict[str, Any], *, finish: str | None = "stop", **more: Any) -> httpx2.Response:
    """A completion with this message."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return httpx2.Response(200, json={"id": "x", "model": "odd", "choices": [choice], "usage": usage, **more})


def text(wrap: Callable[[str], str]) -> Kind:
    """The answer's JSON inside of other text."""
    return lambda value, request: spoken({"content": wrap(json.dumps(value, ensure_ascii=False))})


def message(make: Callable[[str], dict[str, Any]], finish: str = "stop") -> Kind:
    """The answer's JSON at another place of the message."""
    return lambda value, request: spoken(make(json.dumps(value)), finish=finish)


def changed(change: Callable[[Value], Any]) -> Kind:
    """The answer with values in another form."""

    def kind(value: Value, request: dict[str, Any]) -> httpx2.Response:
        return spoken({"content": json.dumps(change(json.loads(json.dumps(value))))})

    return kind


def claims(**changes: Any) -> Kind:
    """Fields of every claim in another form; a function is given the value."""

    def change(value: Value) -> Value:
        for claim in value.get("claims", []):
            for name, new in changes.items():
                claim[name] = new(claim[name]) if callable(new) else new
        return value

    return changed(change)


def without(*names: str, of: str | None = None) -> Kind:
    """Fields left out, of the answer or of the items of a list."""

    def change(value: Value) -> Value:
        for item in value.get(of, []) if of else [value]:
            for name in names:
                item.pop(name, None)
        return value

    return changed(change)


def renamed(**names: str) -> Kind:
    """Fields of every claim under other names."""

    def change(value: Value) -> Value:
        value["claims"] = [{names.get(key, key): one for key, one in c.items()} for c in value.get("claims", [])]
        return value

    return changed(change)


def stream(value: Value, request: dict[str, Any]) -> httpx2.Response:
    """Server-sent events that nobody asked for."""
    whole = json.dumps(value)
    pieces = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    events: list[dict[str, Any]] = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    events += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}]
    lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return httpx2.Response(
        200, text=f": hello\n\n{lines}data: [DONE]\n\n", headers={"content-type": "text/event-stream"}
    )


def stream_of_tools(value: Value, request: dict[str, Any]) -> httpx2.Response:
    """The arguments of a tool, streamed."""
    whole = json.dumps(value)
    parts = [
        {"tool_calls": [{"index": 0, "function": {"arguments": whole[i : i + 9]}}]} for i in range(0, len(whole), 9)
    ]
    lines = "".join(f"data: {json.dumps({'choices': [{'delta': part}]})}\n\n" for part in parts)
    return httpx2.Response(200, text=lines + "data: [DONE]\n\n", headers={"content-type": "text/event-stream"})


def body(make: Callable[[str, Value], Any]) -> Kind:
    """The response of another API, passed on as it came."""
    return lambda value, request: httpx2.Response(200, json=make(json.dumps(value), value))


def zipped(value: Value, request: dict[str, Any]) -> httpx2.Response:
    """A compressed answer."""
    plain = spoken({"content": json.dumps(value)})
    return httpx2.Response(200, content=gzip.compress(plain.content), headers={"content-encoding": "gzip"})


def refusing(status: int, said: str, *names: str) -> Kind:
    """Refuses a request that has one of these parameters, and answers without."""

    def kind(value: Value, request: dict[str, Any]) -> httpx2.Response:
        given = [name for name in names if name in request]
        if given:
            return httpx2.Response(status, json={"error": {"message": said.replace("%", given[0])}})
        return spoken({"content": json.dumps(value)})

    return kind


def only_json_mode(value: Value, request: dict[str, Any]) -> httpx2.Response:
    """Knows JSON mode, and no schemas."""
    if (request.get("response_format") or {}).get("type") == "json_schema":
        said = "'response_format.type' must be one of 'text', 'json_object'"
        return httpx2.Response(400, json={"error": {"message": said, "param": "response_format"}})
    return spoken({"content": json.dumps(value)})


THOUGHTS: dict[str, Kind] = {
    "`<think>` before the answer": text(lambda s: f'<think>maybe {{"claims": 2}}?</think>\n{s}'),
    "`</think>` without a beginning": text(lambda s: f'I would say {{"claims": []}}.\n</think>\n\n{s}'),
    "`<think>` twice": text(lambda s: f'<think>a</think>\n<think>b {{"x": 1}}</think>{s}'),
    "`<thinking>`": text(lambda s: f"<thinking>{{ }}</thinking>{s}"),
    "`<reasoning>`": text(lambda s: f'<reasoning>{{"a": "b"}}</reasoning>{s}'),
    "`[THINK]`": text(lambda s: f'[THINK]{{"sources": [], "claims": []}} is enough[/THINK]{s}'),
    "channels (harmony)": text(
        lambda s: (
            f'<|channel|>analysis<|message|>JSON like {{"sources": []}}.<|end|><|start|>assistant'
            f"<|channel|>final<|message|>{s}"
        )
    ),
    "channel with a constraint": text(lambda s: f"<|channel|>final <|constrain|>json<|message|>{s}"),
    "`◁think▷`": text(lambda s: f"◁think▷{{no}}◁/think▷{s}"),
    "`<|begin_of_thought|>`": text(
        lambda s: f'<|begin_of_thought|>{{"claims": []}}<|end_of_thought|><|begin_of_solution|>{s}<|end_of_solution|>'
    ),
    "`<|START_THINKING|>`": text(lambda s: f'<|START_THINKING|>{{"n": 1}}<|END_THINKING|>{s}'),
    "`<seed:think>`": text(lambda s: f"<seed:think>{{}}</seed:think>{s}"),
    "thoughts without any mark": text(lambda s: f'The article has {{two}} parts, e.g. {{"claim": 1}}.\nSo:\n{s}'),
    "a draft, then the final answer": text(
        lambda s: f'Draft: {{"sources": [], "claims": [], "corrections": []}}\n\nFinal answer:\n```json\n{s}\n```'
    ),
}
PLACES: dict[str, Kind] = {
    "content as a list of parts": message(lambda s: {"content": [{"type": "text", "text": s}]}),
    "a part with thoughts before it": message(
        lambda s: {"content": [{"type": "thinking", "thinking": "{a}"}, {"type": "text", "text": s}]}
    ),
    "parts of which each has a piece": message(
        lambda s: {"content": [{"type": "text", "text": s[:20]}, {"type": "text", "text": s[20:]}]}
    ),
    "content as an object": lambda value, request: spoken({"content": value}),
    "`parsed`": lambda value, request: spoken({"content": None, "parsed": value}),
    "`reasoning_content`": message(lambda s: {"content": None, "reasoning_content": s}),
    "`reasoning`": message(lambda s: {"content": "", "reasoning": f"Let me see. {s}"}),
    "the arguments of a tool": message(
        lambda s: {"content": None, "tool_calls": [{"function": {"name": "extract", "arguments": s}}]}, "tool_calls"
    ),
    "the arguments of a tool as an object": lambda value, request: spoken(
        {"content": None, "tool_calls": [{"function": {"name": "extract", "arguments": value}}]}
    ),
    "`function_call`": message(
        lambda s: {"content": None, "function_call": {"name": "f", "arguments": s}}, "function_call"
    ),
    "a tool call in the text": text(lambda s: f'<tool_call>{{"name": "extract", "arguments": {s}}}</tool_call>'),
    "a stream": stream,
    "a stream of a tool's arguments": stream_of_tools,
    "compressed": zipped,
    "a completion in a list": body(lambda s, v: [{"choices": [{"finish_reason": "stop", "message": {"content": s}}]}]),
    "an old completion (`text`)": body(lambda s, v: {"choices": [{"text": s, "finish_reason": "stop"}]}),
    "Ollama's own shape": body(lambda s, v: {"message": {"content": s}, "done": True}),
    "Ollama's `response`": body(lambda s, v: {"response": s, "done": True}),
    "Anthropic's shape": body(
        lambda s, v: {"content": [{"type": "text", "text": s}], "usage": {"input_tokens": 9, "output_tokens": 2}}
    ),
    "Gemini's shape": body(
        lambda s, v: {"candidates": [{"content": {"parts": [{"text": s}]}, "finishReason": "STOP"}]}
    ),
    "the Responses API": body(
        lambda s, v: {
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "message", "content": [{"type": "output_text", "text": s}]},
            ]
        }
    ),
    "`generated_text`": body(lambda s, v: [{"generated_text": s}]),
}
WRAPPED: dict[str, Kind] = {
    "a code fence": text(lambda s: f"```json\n{s}\n```"),
    "a fence in prose": text(lambda s: f"Here is the JSON:\n```json\n{s}\n```\nI hope this helps! {{note}}"),
    "under a name": changed(lambda value: {"extract-v2": value}),
    "under two names": changed(lambda value: {"result": {"answer": value}}),
    "in a schema's `properties`": changed(lambda value: {"type": "object", "properties": value}),
    "in a list of one": changed(lambda value: [value]),
    "as a string": text(json.dumps),
    "as a string under a name": changed(lambda value: {"json": json.dumps(value)}),
    "twice the same": text(lambda s: s + s),
    "with commas too many": text(lambda s: s.replace("}]", "},]").replace("]}", "],}")),
    "with line breaks inside of strings": text(lambda s: s.replace("the matter", "the\nmatter")),
    "with remarks of its own": changed(lambda value: {"reasoning": "easy", "confidence": 0.9, **value}),
    "with a length that ended after it": message(lambda s: {"content": f"{s}\n\n\n"}, "length"),
}
VALUES: dict[str, Kind] = {
    "null for empty lists": claims(via=None, notes=None),
    "lists left out": without("via", "notes", of="claims"),
    "`corrections` and `machine` left out": without("corrections", "machine"),
    "empty corrections as null": changed(lambda value: {**value, "corrections": None}),
    "null fields left out": without("target", "cue", "on", of="claims"),
    "words for null": claims(target="null", cue="None", on=""),
    "numbers as text": claims(by=str, check=str),
    "numbers in brackets": claims(by=lambda n: f"[{n}]"),
    "numbers in lists": claims(by=lambda n: [n]),
    "true for 1": claims(check=True),
    "other letters": claims(kind="Assertion", voice="INDIRECT"),
    "the report's own names": renamed(on="stated_on"),
    "names in capitals": changed(lambda value: {name.capitalize(): one for name, one in value.items()}),
    "a place as a number": claims(at=lambda at: [int(at[0].split()[0])]),
    "a place as a number alone": claims(at=lambda at: int(at[0].split()[0])),
    "a place as text alone": claims(at=lambda at: at[0]),
    "a place in brackets": claims(at=lambda at: [f"[{at[0]}]"]),
    "a place as an object": claims(at=lambda at: [{"s": int(at[0].split()[0]), "words": ""}]),
    "a place as an object of texts": claims(at=lambda at: [{"sentence": f"[{at[0]}]", "quote": None}]),
    "a place as a pair": claims(at=lambda at: [[int(at[0].split()[0]), ""]]),
    "one claim for a list": changed(
        lambda value: {**value, "claims": value["claims"][0]} if value.get("claims") else value
    ),
    "claims as text": changed(lambda value: {**value, "claims": json.dumps(value.get("claims"))}),
    "a claim as text": changed(lambda value: {**value, "claims": [json.dumps(c) for c in value.get("claims", [])]}),
}
TAKES: dict[str, Kind] = {
    "no schemas (400)": refusing(400, "This response_format type is unavailable now", "response_format"),
    "no schemas (422)": refusing(422, "Extra inputs are not permitted: %", "response_format"),
    "no schemas (500)": refusing(500, "failed to parse grammar", "response_format"),
    "no schemas (501)": refusing(501, "structured output is not implemented", "response_format"),
    "no schemas, and does not say so": refusing(400, "bad request", "response_format"),
    "JSON mode only": only_json_mode,
    "no `max_tokens`": refusing(400, "Unsupported parameter: '%'. Use 'max_completion_tokens' instead.", "max_tokens"),
    "no limit of either name": refusing(400, "% is not permitted", "max_tokens", "max_completion_tokens"),
    "no temperature": refusing(400, "Unsupported value: '%' does not support 0 with this model", "temperature"),
    "no `reasoning_effort`": refusing(422, "unknown field %", "reasoning_effort"),
    "no `service_tier`": refusing(400, "Unrecognized request argument supplied: %", "service_tier"),
    "no field of another server": refusing(400, "unexpected keyword argument '%'", "top_k"),
}
KINDS: dict[str, dict[str, Kind]] = {
    "Thoughts": THOUGHTS,
    "Where the answer stands": PLACES,
    "How it is wrapped": WRAPPED,
    "How values are written": VALUES,
    "What the endpoint takes": TAKES,
}


def encodings(secret: str) -> dict[str, str]:
    """A secret in the forms in which a server may give it back."""
    data = secret.encode()
    return {
        "plain": secret,
        "JSON escapes": "".join(f"\\u{ord(c):04x}" for c in secret),
        "some JSON escapes": "".join(f"\\u{ord(c):04X}" if i % 3 else c for i, c in enumerate(secret)),
        "twice escaped": "".join(f"\\\\u{ord(c):04x}" for c in secret),
        "percent": "".join(f"%{byte:02X}" for byte in data),
        "some percent": "".join(f"%{ord(c):02x}" if i % 2 else c for i, c in enumerate(secret)),
        "twice percent": "".join(f"%25{byte:02X}" for byte in data),
        "HTML": "".join(f"&#{ord(c)};" for c in secret),
        "HTML in hexadecimal digits": "".join(f"&#x{ord(c):X};" for c in secret),
        "base64": base64.b64encode(data).decode(),
        "base64 of a header": base64.b64encode(b"Bearer " + data).decode(),
        "base64 of a user and a password": base64.b64encode(b"u:" + data + b"\n").decode(),
        "base64 for addresses": base64.urlsafe_b64encode(b"?>" + data).decode(),
        "hexadecimal digits": data.hex(),
        "hexadecimal digits, capital": data.hex().upper(),
        "with zero-width spaces": "\u200b".join(secret),
        "with NULs": "\x00".join(secret),
        "in a URL": f"https://user:{secret}@models.example/v1?key={secret}",
        "in a curl command": f"curl -H 'Authorization: Bearer {secret}'",
        "repeated": f"{secret}{secret}",
    }
