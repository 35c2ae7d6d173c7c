"""A chat-completions endpoint on this machine that misbehaves, in a chosen way, about marked articles only."""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple

MARKER = "FAULT"
DRIP_SECONDS = 0.2
LONGEST = 20.0
"""Seconds after which even a hanging answer is given up, so that nothing outlives a test run."""

SCOPE = re.compile(r"List only statements of sentences (\d+) to (\d+)")
SENTENCE = re.compile(r"^\[(\d+)\] ", re.MULTILINE)
NO_LINGER = struct.pack("ii", 1, 0)

Manner = Literal["whole", "hang", "hang_up", "reset", "drip", "short"]


class Asked(NamedTuple):
    """A request: its stage, the sentences that it asks about, and its number (from 1) among the stage's marked ones."""

    stage: str
    first: int
    last: int
    number: int


class Answer(NamedTuple):
    """What goes back, and how."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}
    manner: Manner = "whole"


Fault = Callable[[Asked], Answer]


def claim(sentence: int = 1, **changes: Any) -> dict[str, Any]:
    """A claim that takes a whole sentence in the article's own voice."""
    plain = {
        "at": [str(sentence)],
        "by": 0,
        "via": [],
        "kind": "assertion",
        "target": None,
        "cue": None,
        "voice": "direct",
        "on": None,
        "topic": "what the sentence says",
        "notes": [],
        "check": 1,
    }
    return {**plain, **changes}


def extracted(*claims: dict[str, Any]) -> str:
    """The content of an extraction's answer."""
    return json.dumps({"sources": [], "claims": list(claims), "corrections": [], "machine": False})


def completion(content: str | None, *, finish_reason: str = "stop", refusal: str | None = None) -> Answer:
    """A chat completion with this content."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return body_of(choices=[{"index": 0, "finish_reason": finish_reason, "message": message}])


def body_of(**changes: Any) -> Answer:
    """A chat completion's body with other fields."""
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    plain = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
    return Answer(json.dumps({**plain, **changes}).encode())


def status(code: int, message: str = "no", /, *, retry_after: str | None = None, **error: str) -> Answer:
    """An error as OpenAI's API words it."""
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return Answer(json.dumps({"error": {"message": message, **error}}).encode(), code, headers)


def correct(asked: Asked) -> Answer:
    """The right answer to any stage's request."""
    contents = {
        "extract": extracted(claim(asked.first)),
        "judge": json.dumps({"matters": [], "missed": [], "answers": [], "pairs": []}),
        "review": json.dumps({"looks": []}),
        "repair": json.dumps({"repairs": []}),
        "who": json.dumps({"same": []}),
    }
    return completion(contents[asked.stage])


class FaultServer(ThreadingHTTPServer):
    """Answers correctly, save for requests that hold the marker and are of a stage that has a fault."""

    daemon_threads = True

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults
        self.marked: list[Asked] = []
        self.released = threading.Event()
        self.broken: list[BaseException] = []
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """What --base-url takes."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def answer(self, request: dict[str, Any]) -> Answer:
        """Choose the answer to a request."""
        text = "\n".join(message["content"] for message in request["messages"])
        stage = request["response_format"]["json_schema"]["name"].split("-")[0]
        scope = SCOPE.search(text)
        numbers = [int(n) for n in (scope.groups() if scope else SENTENCE.findall(text))] or [1]
        asked = Asked(stage, numbers[0], numbers[-1], 1)
        if MARKER not in text:
            return correct(asked)
        with self._lock:
            asked = asked._replace(number=1 + len(self.about(stage)))
            self.marked.append(asked)
        return self.faults.get(stage, correct)(asked)

    def about(self, stage: str) -> list[Asked]:
        """The marked requests of a stage, in their order."""
        return [asked for asked in self.marked if asked.stage == stage]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke in the server itself; a client that went away is nothing."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.broken.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.path == "/v1/chat/completions"
        self._send(self.server.answer(request) if known else status(404, f"no {self.path} here"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""

    def _send(self, answer: Answer) -> None:
        self.close_connection = answer.manner != "whole"
        if answer.manner == "hang":
            self.server.released.wait(LONGEST)
        elif answer.manner == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self.connection.close()
        elif answer.manner != "hang_up":
            self._head(answer)
            self._body(answer)

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()

    def _body(self, answer: Answer) -> None:
        if answer.manner == "short":
            self.wfile.write(answer.body[: len(answer.body) // 2])
        elif answer.manner == "drip":
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                if self.server.released.wait(DRIP_SECONDS):
                    return
        else:
            self.wfile.write(answer.body)


@contextmanager
def serving(extract: Fault = correct, *, repair: Fault = correct, judge: Fault = correct) -> Iterator[FaultServer]:
    """A server for the time of a test."""
    server = FaultServer({"extract": extract, "repair": repair, "judge": judge})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert not server.broken, server.broken


@contextmanager
def dead_address() -> Iterator[str]:
    """The address of a port on which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"
