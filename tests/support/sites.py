"""Sites with feeds that change over time, a clock that is turned, and what the sites were asked when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.fetch import Fetched, Hop


@dataclass
class Turned:
    """A clock that only moves when somebody waits."""

    at: float = 1_000_000_000.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class Asked(NamedTuple):
    """A request: when, of which host, for what, and with which headers."""

    at: float
    host: str
    path: str
    headers: Mapping[str, str]
    same: bool


@dataclass
class Sites:
    """Pages by address; a page that is no text is the status that comes back."""

    clock: Turned
    pages: dict[str, str | int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def take(self, url: str, headers: Mapping[str, str]) -> Fetched:
        """Answer as a server that knows ETags."""
        page = self.pages.get(url, 404)
        etag = f'"{hashlib.sha256(str(page).encode()).hexdigest()[:12]}"'
        same = headers.get("If-None-Match") == etag
        parts = urlsplit(url)
        self.asked.append(Asked(self.clock.at, parts.netloc, parts.path, dict(headers), same))
        if isinstance(page, int):
            raise UnreadableError("status", f"was answered with {page} (no)")
        kind = "application/rss+xml" if parts.path.endswith(".xml") else "text/html"
        hop = Hop(url, 304 if same else 200, {"etag": etag})
        return Fetched(b"" if same else page.encode(), url, kind, "utf-8", "2026-01-01T00:00:00+00:00", (hop,))

    def paths(self) -> list[str]:
        """What was asked for, in its order."""
        return [one.path for one in self.asked]

    def shortest_pause(self) -> float:
        """The seconds between the two requests of one host that were closest."""
        last: dict[str, float] = {}
        gaps = []
        for one in self.asked:
            if one.host in last:
                gaps.append(one.at - last[one.host])
            last[one.host] = one.at
        return min(gaps, default=float("inf"))


def rss(outlet: str, articles: Mapping[str, str]) -> str:
    """A feed with these articles: titles by address."""
    items = "".join(f"<item><link>{url}</link><title>{title}</title></item>" for url, title in articles.items())
    return f'<rss version="2.0"><channel><title>{outlet}</title>{items}</channel></rss>'


def page(title: str, sentences: str) -> str:
    """An article as a page."""
    words = f"<p>{sentences}</p>"
    filler = "<p>The council met in the old hall by the river, and many people came to hear what would be said.</p>"
    body = f"<body><article><h1>{title}</h1>{words}{filler}</article></body>"
    return f"<html><head><title>{title}</title></head>{body}</html>"
