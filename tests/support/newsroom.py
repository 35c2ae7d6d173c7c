"""An endpoint on this machine that reads invented articles rightly, and remembers what it was asked about which."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, cast

from tests.support.scripted import Answer, completed, completion, draft, judged, source

LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
HEAD = re.compile(r"^(\w+\.?): The Echo, \S+: (T\d+)$", re.MULTILINE)
CAPTION = re.compile(r"^  #(\d+) (.+): (?:assertion|position|accusation): (.+)$", re.MULTILINE)
UNLISTED = re.compile(r"^\[(\w+?\.?)(\d+)\] Later nobody saw (\S+)\.$", re.MULTILINE)


class Asked(NamedTuple):
    """A request: its stage, and the titles of the articles that it is about and of those shown beside them."""

    stage: str
    about: frozenset[str]
    beside: frozenset[str]
    text: int
    """A hash of its text."""


class Newsroom:
    """Articles of `write`: every sentence but the last is a statement; of one matter all statements clash."""

    def __init__(self, port: int, delay: float, script: Answer) -> None:
        self.port = port
        self.delay = delay
        self.script = script
        self.asked: list[Asked] = []
        self.answered: list[Asked] = []
        """Those of them whose answer went out, since whoever asked was still there."""
        self.open: set[asyncio.Transport] = set()

    @property
    def base_url(self) -> str:
        """What --base-url takes."""
        return f"http://127.0.0.1:{self.port}/v1"

    def pairs(self) -> Counter[frozenset[str]]:
        """How often each pair of articles was shown with one of them to be compared."""
        met: Counter[frozenset[str]] = Counter()
        for asked in self.asked:
            if asked.stage == "judge":
                met.update(map(frozenset, combinations(sorted(asked.about), 2)))
                met.update(frozenset((a, b)) for a in asked.about for b in asked.beside)
        return met


class _Connection(asyncio.Protocol):
    """One connection: requests in, answers out after the delay. Takes little of the processor that it is to load."""

    transport: asyncio.Transport

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.room.open.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.room.open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if end else None
        if length is not None and len(body) >= int(length[1]):
            self.read = body[int(length[1]) :]
            self._answer(json.loads(body[: int(length[1])]))

    def _answer(self, body: dict[str, Any]) -> None:
        schema, user = body["response_format"]["json_schema"]["name"], body["messages"][1]["content"]
        asked = _asked(schema, user)
        self.room.asked.append(asked)
        data = completion(completed(schema, self.room.script(schema, user))).content
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        asyncio.get_running_loop().call_later(self.room.delay, self._send, asked, head.encode() + data)

    def _send(self, asked: Asked, data: bytes) -> None:
        if not self.transport.is_closing():  # whoever was killed pays, and has no answer
            self.room.answered.append(asked)
            self.transport.write(data)


def _asked(schema: str, user: str) -> Asked:
    stage = schema.split("-", maxsplit=1)[0]
    if stage != "judge":
        return Asked(stage, frozenset(re.findall(r"T\d{3,}", user)), frozenset(), hash(user))
    new, _, other = user.partition("<other-")
    about, beside = ({title for _, title in HEAD.findall(part)} for part in (new, other))
    return Asked(stage, frozenset(about), frozenset(beside - about), hash(user))


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
def newsroom(delay: float = 0.0, script: Answer = answer) -> Iterator[Newsroom]:
    """The endpoint for the time of a test; answers by `script`."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        room = Newsroom(listening.getsockname()[1], delay, script)
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(loop.create_server(lambda: _Connection(room), sock=listening))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield room
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()
            for transport in room.open:
                transport.abort()
            loop.run_until_complete(asyncio.sleep(0))  # until the sockets of those are closed, too
            loop.close()
