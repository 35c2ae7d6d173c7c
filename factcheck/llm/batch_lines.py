"""Requests as the lines of files that a provider's Batch API takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx2

from factcheck.errors import ModelError

LINES = 50_000
BYTES = 200_000_000
"""What one file may hold at OpenAI; the others take as much or more."""

TEXTS = 50_000
"""Texts for embeddings in one batch."""

Outcome = httpx2.Response | ModelError
Waiting = list[asyncio.Future[Outcome]]


class Limits(NamedTuple):
    """Of one file of requests."""

    lines: int = LINES
    size: int = BYTES
    texts: int = TEXTS


class Line(NamedTuple):
    """A request as it stands in a file, and who waits for its answer."""

    content: bytes
    texts: int
    waiting: Waiting

    @property
    def is_wanted(self) -> bool:
        """Whether anybody still waits."""
        return any(not future.done() for future in self.waiting)


def line_of(name: str, path: str, body: Mapping[str, Any]) -> Line:
    """The line of a request, which nobody waits for yet; `name` is its custom id."""
    content = {"custom_id": name, "method": "POST", "url": path, "body": body}
    texts = len(body["input"]) if isinstance(body.get("input"), list) else 0
    return Line(json.dumps(content).encode(), texts, [])


def parts(lines: Mapping[str, Line], limits: Limits) -> Iterator[dict[str, Line]]:
    """Lines in files that a provider takes."""
    part: dict[str, Line] = {}
    size = texts = 0
    for name, line in lines.items():
        size, texts = size + len(line.content) + 1, texts + line.texts
        if part and (len(part) == limits.lines or size > limits.size or texts > limits.texts):
            yield part
            part, size, texts = {}, len(line.content) + 1, line.texts
        part[name] = line
    if part:
        yield part
