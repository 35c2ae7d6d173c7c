"""A server on this machine that speaks the Batch API as OpenAI documents it, with its odd outcomes."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.responses_server import THOUGHT, message, response, words
from tests.support.scripted import Answer, completed

LineAnswer = dict[str, Any]
USAGE = {"prompt_tokens": 2500, "completion_tokens": 100, "total_tokens": 2600}


@dataclass
class Desk:
    """What a server holds, what it was asked, and how it is to behave.

    `ending` gives a batch (number from 1) its last state; `lines` changes its lines before they are written; `looks` is
    how often a batch is looked at before it is over; `failing` gives the status of a call by method and path.
    """

    answer: Answer
    ending: Callable[[int], str] = lambda number: "completed"
    lines: Callable[[int, list[LineAnswer]], tuple[list[LineAnswer], list[LineAnswer]]] | None = None
    failing: Callable[[str, str, int], int] = lambda method, path, number: 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 1
    seconds: float = 0.0
    usage: dict[str, Any] = field(default_factory=lambda: dict(USAGE))
    most_lines: int = 50_000
    forgets: bool = False
    """Whether metadata are not given back."""
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    """Answers that cost money, by stage and user message."""
    live: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, method: str, path: str) -> int:
        with self.lock:
            shape = re.sub(r"(batch|file)_\d+", "ID", path)
            self.calls[f"{method} {shape}"] += 1
            return self.failing(method, shape, self.calls[f"{method} {shape}"])

    def upload(self, content: bytes, kind: str) -> dict[str, Any]:
        boundary = re.search('boundary="?([^";]+)', kind)
        assert boundary
        parts = [part.partition(b"\r\n\r\n") for part in content.split(b"--" + boundary[1].encode())[1:-1]]
        fields = {re.search(rb'name="(\w+)"', head)[1].decode(): value[:-2] for head, _, value in parts}  # type: ignore[index]
        assert fields["purpose"] == b"batch"
        return {"id": self.keep(fields["file"]), "object": "file", "purpose": "batch"}

    def keep(self, content: bytes) -> str:
        with self.lock:
            name = f"file_{len(self.files) + 1}"
            self.files[name] = content
        return name

    def submit(self, wanted: dict[str, Any]) -> dict[str, Any]:
        assert wanted["completion_window"] == "24h"
        with self.lock:
            number = len(self.batches) + 1
            batch = {"id": f"batch_{number}", "object": "batch", "status": "validating", "errors": None, **wanted}
            batch |= {"output_file_id": None, "error_file_id": None, "made": time.time(), "looks": 0, "number": number}
            self.batches[batch["id"]] = batch
        return self.told(batch)

    def look(self, name: str) -> dict[str, Any] | None:
        with self.lock:
            batch = self.batches.get(name)
            if batch is None:
                return None
            batch["looks"] += 1
            is_due = batch["looks"] > self.looks and time.time() - batch["made"] >= self.seconds
            begins = is_due and batch["status"] in {"validating", "in_progress"}
            batch["status"] = "finalizing" if begins else batch["status"]
        if begins:
            self.end(batch)
        elif batch["status"] == "validating":
            batch["status"] = "in_progress"
        return self.told(batch)

    def told(self, batch: dict[str, Any]) -> dict[str, Any]:
        hidden = {"made", "looks", "number"} | ({"metadata"} if self.forgets else set())
        return {name: value for name, value in batch.items() if name not in hidden}

    def end(self, batch: dict[str, Any]) -> None:
        ending = self.ending(batch["number"])
        asked = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        if len(asked) > self.most_lines and ending == "completed":
            message = f"Enqueued token limit reached. Limit: {self.most_lines} enqueued tokens."
            batch["errors"] = {"object": "list", "data": [{"code": "token_limit_exceeded", "message": message}]}
            batch["status"] = "failed"
            return
        if ending == "failed":
            batch["errors"] = {"object": "list", "data": self.errors}
            batch["status"] = "failed"
            return
        done = [self.answered(line) for line in asked]
        random.Random(len(done)).shuffle(done)
        good, bad = self.lines(batch["number"], done) if self.lines else (done, [])
        with self.lock:
            self.paid.update(json.dumps(line["asked"]) for line in good)
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            text = "".join(json.dumps({k: v for k, v in line.items() if k != "asked"}) + "\n" for line in lines)
            batch[name] = self.keep(text.encode()) if lines else None
        batch["status"] = ending

    def answered(self, line: dict[str, Any]) -> LineAnswer:
        """A line of a file of answers; `asked` is what identifies the request."""
        body = line["body"]
        assert line["method"] == "POST"
        assert "service_tier" not in body
        name, user, whole = self.responded(body) if line["url"] == "/v1/responses" else self.chatted(line["url"], body)
        response = {"status_code": 200, "request_id": "r", "body": whole}
        return {
            "id": "batch_req",
            "custom_id": line["custom_id"],
            "response": response,
            "error": None,
            "asked": [name, user],
        }

    def chatted(self, url: str, body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        """The schema, the user message and a chat completion."""
        assert url == "/v1/chat/completions"
        name, user = body["response_format"]["json_schema"]["name"], body["messages"][-1]["content"]
        result = completed(name, self.answer(name, user))
        message = {"role": "assistant", "content": json.dumps(result), "refusal": None}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        read = max(self.usage["prompt_tokens"], len(json.dumps(body["messages"])) // 4)
        usage = {**self.usage, "prompt_tokens": read}
        whole = {"id": "x", "object": "chat.completion", "model": "scripted", "choices": [choice], "usage": usage}
        return name, user, whole

    def responded(self, body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        """The schema, the user message and a response."""
        name, user = body["text"]["format"]["name"], body["input"][-1]["content"]
        given = words(json.dumps(completed(name, self.answer(name, user))))
        return name, user, response(body, THOUGHT, message(given))

    def listed(self, after: str | None, limit: int) -> dict[str, Any]:
        with self.lock:
            newest = list(reversed(self.batches.values()))
        names = [batch["id"] for batch in newest]
        start = names.index(after) + 1 if after in names else 0
        page = newest[start : start + limit]
        return {"object": "list", "data": [self.told(one) for one in page], "has_more": start + limit < len(newest)}

    def twice(self) -> dict[str, int]:
        """Requests that were paid more than once."""
        return {asked: number for asked, number in self.paid.items() if number > 1}


class _Handler(BaseHTTPRequestHandler):
    desk: Desk

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        path = urlsplit(self.path).path
        status = self.desk.call("POST", path)
        if status and status != -1:
            self._send(status, {"error": {"message": "no", "code": "no"}})
        elif path == "/v1/files":
            self._send(200, self.desk.upload(content, self.headers["content-type"]))
        elif path == "/v1/batches":
            told = self.desk.submit(json.loads(content))
            self._send(*((500, {"error": {"message": "lost"}}) if status == -1 else (200, told)))
        else:
            self.desk.live += 1
            self._send(404, {"error": {"message": "only batches here"}})

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        status, query = self.desk.call("GET", address.path), parse_qs(address.query)
        *_, first, last = address.path.split("/")
        if status:
            self._send(status, {"error": {"message": "no"}})
        elif last == "content":
            self._write(200, self.desk.files[first])
        elif last == "batches":
            self._send(200, self.desk.listed(query.get("after", [None])[0], int(query["limit"][0])))
        else:
            told = self.desk.look(last)
            self._send(200 if told else 404, told or {"error": {"message": "No such batch"}})

    def _send(self, status: int, body: Any) -> None:
        self._write(status, json.dumps(body).encode())

    def _write(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """The address of a server with this desk."""
    handler = type("Handler", (_Handler,), {"desk": desk, "protocol_version": "HTTP/1.1"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
