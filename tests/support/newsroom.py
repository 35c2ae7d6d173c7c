"""An endpoint on this machine that reads invented articles rightly, and remembers what it was asked about which."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.scripted import completed, completion, draft, judged, source

HEAD = re.compile(r"^(\w+\.?): The Echo, \S+: (T\d+)$", re.MULTILINE)
CAPTION = re.compile(r"^  #(\d+) (.+): (?:assertion|position|accusation): (.+)$", re.MULTILINE)
UNLISTED = re.compile(r"^\[(\w+?\.?)(\d+)\] Later nobody saw (\S+)\.$", re.MULTILINE)


class Asked(NamedTuple):
    """A request: its stage, and the titles of the articles that it is about and of those shown beside them."""

    stage: str
    about: frozenset[str]
    beside: frozenset[str] = frozenset()


class Newsroom(ThreadingHTTPServer):
    """Articles of `write`: every sentence but the last is a statement; of one matter all statements clash."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.delay = delay
        self.asked: list[Asked] = []

    @property
    def base_url(self) -> str:
        """What --base-url takes."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def pairs(self) -> Counter[frozenset[str]]:
        """How often each pair of articles was shown with one of them to be compared."""
        met: Counter[frozenset[str]] = Counter()
        for asked in self.asked:
            if asked.stage == "judge":
                met.update(map(frozenset, combinations(sorted(asked.about), 2)))
                met.update(frozenset((a, b)) for a in asked.about for b in asked.beside)
        return met

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is nothing."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Newsroom

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        schema, user = body["response_format"]["json_schema"]["name"], body["messages"][1]["content"]
        self.server.asked.append(_asked(schema, user))
        time.sleep(self.server.delay)
        data = completion(completed(schema, answer(schema, user))).content
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


def _asked(schema: str, user: str) -> Asked:
    stage = schema.split("-", maxsplit=1)[0]
    if stage != "judge":
        return Asked(stage, frozenset(re.findall(r"T\d{3,}", user)))
    new, _, other = user.partition("<other-")
    about, beside = ({title for _, title in HEAD.findall(part)} for part in (new, other))
    return Asked(stage, frozenset(about), frozenset(beside - about))


def answer(schema: str, user: str) -> Any:
    """Statements of articles, and the clashes between them; one side of each article only a comparison notices."""
    if schema.startswith("extract"):
        found = re.findall(r"^\[(\d+)\] (Ann\S+) saw (\S+)\.", user, re.MULTILINE)
        return {
            "sources": [source(int(n), who) for n, who, _ in found],
            "claims": [draft(int(n), by=int(n), topic=what) for n, _, what in found],
        }
    if schema.startswith("judge"):
        return _judged(user)
    return {"looks": [{"n": n, "because": "both cannot be", "verdict": "clash"} for n in range(1, 9)]}


def _judged(user: str) -> Any:
    told = [(int(n), what) for n, _, what in CAPTION.findall(user)]
    pairs = [_pair(a, b, what) for (a, what), (b, other) in combinations(told, 2) if what == other]
    unlisted = [(900 + i, f"{label}{n}", what) for i, (label, n, what) in enumerate(UNLISTED.findall(user))]
    missed = [{"n": n, "at": at, "words": "", "speaker": None, "kind": "assertion"} for n, at, _ in unlisted]
    pairs += [_pair(number, n, what) for n, _, what in unlisted for number, topic in told if topic == what]
    return judged(*pairs, missed=missed)


def _pair(a: int, b: int, about: str) -> dict[str, Any]:
    verdict = {"same_thing": True, "reading": "Two days.", "both_can_be_true": False, "speakers": "different"}
    return {"a": a, "b": b, "about": about, **verdict, "moved": "no", "why": "One saw it, the other not."}


def write(folder: Path, matters: list[list[str]], *, unlisted: int = 3) -> list[Path]:
    """An article for each list of matters, dated one after the other, with one sentence for each matter.

    Every so many-th one has a sentence that extraction does not list, none for 0.
    """
    folder.mkdir(parents=True)
    paths = []
    for n, about in enumerate(matters):
        path = folder / f"{n:03}.md"
        body = " ".join(f"Ann{n}x{i} saw {what}." for i, what in enumerate(about))
        last = f" Later nobody saw {about[0]}." if unlisted and n % unlisted == 0 else ""
        day = f"{2001 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}"
        head = f"title: T{n:03}\npublished: {day}\npublisher: The Echo"
        path.write_text(f"---\n{head}\n---\n{body}{last}\n", encoding="utf-8")
        paths.append(path)
    return paths


@contextmanager
def newsroom(delay: float = 0.0) -> Iterator[Newsroom]:
    """The endpoint for the time of a test."""
    server = Newsroom(delay)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
