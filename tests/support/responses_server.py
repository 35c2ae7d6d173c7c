"""A server on this machine that speaks OpenAI's Responses API as the openai package describes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

Body = dict[str, Any]
KNOWN = TypeAdapter(ResponseCreateParamsNonStreaming)
THOUGHT: Body = {"id": "rs_1", "type": "reasoning", "summary": []}


def message(*parts: Body, **more: Any) -> Body:
    """An item of an output with these parts."""
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [*parts], **more}


def words(text: str) -> Body:
    """A part with text."""
    return {"type": "output_text", "text": text, "annotations": []}


def response(asked: Body, *output: Body, thought: int = 0, **more: Any) -> Body:
    """A whole response with what it repeats of the request, checked against the types of the openai package."""
    made = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": asked["instructions"],
        "max_output_tokens": asked.get("max_output_tokens"),
        "metadata": {},
        "model": f"{asked['model']}-2026-11-01",
        "output": [*output],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "text": asked.get("text"),
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 120,
            "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 0},
            "output_tokens": 30 + thought,
            "output_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": 150 + thought,
        },
        **more,
    }
    Response.model_validate(made)
    return made


def refusing(asked: Body, name: str, says: str) -> tuple[int, Body]:
    """An error about a parameter."""
    error = {"message": says, "type": "invalid_request_error", "param": name, "code": "unsupported_parameter"}
    return 400, {"error": error}


class Server(ThreadingHTTPServer):
    """Answers `/v1/responses` through `says`; whatever else is asked is not found."""

    daemon_threads = True

    def __init__(self, says: Callable[[Body], Body | tuple[int, Body]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.says = says
        self.asked: list[Body] = []

    @property
    def base_url(self) -> str:
        """What --base-url takes."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, data = self._answered(body)
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answered(self, body: Body) -> tuple[int, Body]:
        if self.path != "/v1/responses":
            return 404, {"error": {"message": f"Invalid URL (POST {self.path})", "type": "invalid_request_error"}}
        self.server.asked.append(body)
        unknown = body.keys() - KNOWN.validate_python(body).keys()
        if unknown:
            return refusing(body, min(unknown), f"Unknown parameter: '{min(unknown)}'.")
        said = self.server.says(body)
        return said if isinstance(said, tuple) else (200, said)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


@contextmanager
def responding(says: Callable[[Body], Body | tuple[int, Body]]) -> Iterator[Server]:
    """The server for the time of a test."""
    server = Server(says)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
