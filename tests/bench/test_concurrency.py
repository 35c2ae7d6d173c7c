"""64 documents against a server that answers after 500 ms: how near to the ideal wall time."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Queue, get_context
from typing import Any

import factcheck
from tests.support.scripted import completion, whole_sentences

DOCUMENTS, CONCURRENCY, DELAY = 64, 16, 0.5


class Slow(BaseHTTPRequestHandler):
    """Answers every request correctly after DELAY seconds."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(DELAY)
        answer = whole_sentences(body["response_format"]["json_schema"]["name"], body["messages"][1]["content"])
        data = completion(answer).content
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def serve(port: Queue[int]) -> None:
    server = Server(("127.0.0.1", 0), Slow)
    port.put(server.server_port)
    server.serve_forever()


def test_wall_time_against_the_ideal() -> None:
    context = get_context("spawn")
    port: Queue[int] = context.Queue()
    server = context.Process(target=serve, args=(port,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.get(timeout=30)}/v1"
    settings = factcheck.load_settings(model="m", base_url=url, use_cache=False, concurrency=CONCURRENCY)
    texts = [" ".join(f"In story {n} part {i} was told in town." for i in range(20)) for n in range(DOCUMENTS)]
    documents = [factcheck.document_from_text(text) for text in texts]
    factcheck.check(documents[:1], settings=settings)
    began = time.perf_counter()
    report = factcheck.check(documents, settings=settings)
    wall = time.perf_counter() - began
    server.terminate()
    assert not report.problems
    calls = report.run.usage.calls
    ideal = calls / CONCURRENCY * DELAY
    print(f"\n{DOCUMENTS} documents, {calls} calls: {wall:.2f} s, {wall / ideal:.2f} times the ideal {ideal:.1f} s")
