"""How near to the ideal wall time: without a ledger, with SQLite and with PostgreSQL, few documents and many."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Queue
from pathlib import Path
from typing import Any

import factcheck
from tests.conftest import new_database
from tests.support.scripted import completion, draft, extracted, whole_sentences

DELAY = 0.5
MANY, MANY_AT_ONCE, MANY_DELAY = 2_000, 64, 0.05


class Slow(BaseHTTPRequestHandler):
    """Answers every request correctly after the server's delay."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(self.server.delay)
        schema, user = body["response_format"]["json_schema"]["name"], body["messages"][1]["content"]
        answer = whole_sentences(schema, user) if "In story" in user or "judge" in schema else extracted([], [draft(1)])
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
    delay = DELAY


def serve(port: Queue[int], delay: float) -> None:
    server = Server(("127.0.0.1", 0), Slow)
    server.delay = delay
    port.put(server.server_port)
    server.serve_forever()


@contextmanager
def endpoint(delay: float) -> Iterator[str]:
    """The address of a server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    port: Queue[int] = context.Queue()
    server = context.Process(target=serve, args=(port, delay), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{port.get(timeout=30)}/v1"
    finally:
        server.terminate()


def critical(report: factcheck.Report, documents: int, concurrency: int, delay: float) -> float:
    """The ideal: extractions side by side, then who is who, comparisons and second looks, each step full."""
    rest = report.run.usage.calls - documents
    return (-(-documents // concurrency) + min(rest, 2) + max(0, rest - 2) / concurrency) * delay


def test_wall_time_against_the_ideal(tmp_path: Path, postgres: str) -> None:
    documents, concurrency = 64, 16
    texts = [" ".join(f"In story {n} part {i} was told in town." for i in range(20)) for n in range(documents)]
    some = [factcheck.document_from_text(text) for text in texts]
    with endpoint(DELAY) as url:
        settings = factcheck.load_settings(model="m", base_url=url, use_cache=False, concurrency=concurrency)
        factcheck.check(some[:1], settings=settings)
        places = {"no ledger": None, "SQLite": str(tmp_path / "desk.db"), "PostgreSQL": new_database(postgres)}
        for name, place in places.items():
            began = time.perf_counter()
            report = factcheck.check(some, settings=settings, ledger=place)
            wall, calls = time.perf_counter() - began, report.run.usage.calls
            assert not report.problems
            ideal, even = critical(report, documents, concurrency, DELAY), calls / concurrency * DELAY
            print(
                f"\n{name}: {documents} documents, {calls} calls, {wall:.2f} s: {wall / ideal:.2f} times the ideal "
                f"{ideal:.1f} s (all calls side by side: {even:.1f} s)",
                end="",
            )


def test_two_thousand_short_documents(tmp_path: Path) -> None:
    with endpoint(MANY_DELAY) as url:
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.test_concurrency", url, str(tmp_path / "desk.db")],
            capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2], env=os.environ,
        )  # fmt: skip
    assert told.returncode == 0, told.stderr
    print(f"\n{told.stdout}", end="")


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def many(url: str, place: str) -> None:
    """Read 2,000 documents into a ledger and say how long it took and how memory grew."""
    some = [
        factcheck.document_from_text(f"Clerk {n} opened dock {n} of Tollmere at noon.", published="2024-01-01")
        for n in range(MANY)
    ]
    settings = factcheck.load_settings(model="m", base_url=url, use_cache=False, concurrency=MANY_AT_ONCE)
    memory: dict[int, float] = {}
    done = 0

    def observe(progress: Any) -> None:
        nonlocal done
        done = progress.done
        memory[done] = max(memory.get(done, 0.0), resident())

    began, cpu = time.perf_counter(), time.process_time()
    report = factcheck.check(some, settings=settings, ledger=place, observe=observe)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    calls = report.run.usage.calls
    ideal = calls / MANY_AT_ONCE * MANY_DELAY
    first, last = max(v for k, v in memory.items() if k <= MANY // 4), max(memory.values())
    print(
        f"{MANY:,} short documents, {calls:,} calls, {len(report.claims):,} claims: {wall:.1f} s ({used:.1f} s of it "
        f"work of one core), {wall / ideal:.2f} times the ideal {ideal:.2f} s; {first:.0f} MB resident after the "
        f"first {MANY // 4}, {last:.0f} MB at the most"
    )


if __name__ == "__main__":
    many(*sys.argv[1:])
