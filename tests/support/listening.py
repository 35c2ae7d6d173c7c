"""An endpoint on this machine that transcribes as OpenAI documents it, or fails in a chosen way."""

from __future__ import annotations

import json
import re
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

SEGMENTS: list[dict[str, Any]] = [
    {"start": 0.0, "end": 4.2, "text": " The ferry will run all winter, the chair said."},
    {"start": 4.2, "end": 7.9, "text": " We will not cut a single crossing."},
    {"start": 11.5, "end": 14.0, "text": " The county pays a third of it."},
]
SURE = {"avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01, "tokens": [1], "seek": 0}
TOLD: list[dict[str, Any]] = [{"id": n, **SURE, **segment} for n, segment in enumerate(SEGMENTS)]
GOOD: dict[str, Any] = {
    "task": "transcribe",
    "language": "english",
    "duration": 14.0,
    "text": "".join(segment["text"] for segment in SEGMENTS).strip(),
    "segments": TOLD,
    "usage": {"type": "duration", "seconds": 14},
}


def wav(seconds: float = 0.1, pitch: int = 40) -> bytes:
    """A short recording."""
    frames = b"".join(struct.pack("<h", pitch * (n % 100)) for n in range(int(8000 * seconds)))
    head = (
        b"RIFF"
        + struct.pack("<I", 36 + len(frames))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    )
    return head + b"data" + struct.pack("<I", len(frames)) + frames


class Heard(NamedTuple):
    """What was sent: the path, the headers, and the fields of the form as bytes."""

    path: str
    headers: dict[str, str]
    fields: dict[str, bytes]


class Listening(NamedTuple):
    """A running endpoint: where it is, and what it was sent."""

    url: str
    heard: list[Heard]


@contextmanager
def listening(
    body: Any = GOOD, status: int = 200, *, delay: float = 0.0, no_times: bool = False
) -> Iterator[Listening]:
    """An endpoint that answers every request with this body; with `no_times` it refuses verbose_json."""
    heard: list[Heard] = []
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            heard.append(Heard(self.path, dict(self.headers.items()), _fields(sent, self.headers["content-type"])))
            time.sleep(delay)
            refused = no_times and heard[-1].fields["response_format"] == b"verbose_json"
            answer = b'{"error": {"message": "response_format verbose_json is not compatible"}}' if refused else content
            self.send_response(400 if refused else status)
            self.send_header("content-type", "application/json")
            self.send_header("retry-after", "0")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Listening(f"http://127.0.0.1:{server.server_port}/v1", heard)
    finally:
        server.shutdown()
        server.server_close()


def _fields(sent: bytes, kind: str) -> dict[str, bytes]:
    boundary = re.search('boundary="?([^";]+)', kind)
    assert boundary
    fields = {}
    for part in sent.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name
        fields[name[1].decode()] = value[:-2]
    return fields
