"""Pages that a search engine lists, fetched by the guarded fetcher and kept with the other snapshots."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.llm.recordings import SEARCHES_LAST
from factcheck.models import Document, Problem
from factcheck.sources.asking import Line, Question, Reach, name_of, reached
from factcheck.sources.queries import sentence
from factcheck.sources.records import address, plain
from factcheck.sources.results import Answer, Found, Query, Result, as_evidence, one_by_one
from factcheck.text.orders import speaks_to_weigher

PAGES = 5
"""Pages that are fetched for one query: what stands lower on the list seldom bears on a claim."""

BRAVE = "https://api.search.brave.com/res/v1/web/search"
BRAVE_MOST = 20


class Listed(NamedTuple):
    """A page that a search engine names."""

    address: str
    date: str | None = None
    """As far as the engine knows it (ISO 8601)."""


class Pages:
    """Fetches pages once in a run, and keeps them."""

    def __init__(self, fetching: Fetching, folder: Path | None) -> None:
        self._fetching = fetching if fetching.snapshot else fetching._replace(snapshot=folder)
        self._is_cache = not fetching.snapshot and not fetching.replay
        self._read: dict[str, Reading] = {}

    async def documents(self, addresses: Sequence[str]) -> tuple[list[Document], list[Problem]]:
        """The articles of pages, and what could not be read."""
        new = [place for place in dict.fromkeys(addresses) if place not in self._read]
        for place, reading in zip(new, await asyncio.gather(*(self._page(place) for place in new)), strict=True):
            self._read[place] = reading
        readings = [self._read[place] for place in dict.fromkeys(addresses)]
        documents = [as_evidence(document) for reading in readings for document in reading.documents[:1]]
        return documents, [problem for reading in readings for problem in reading.problems]

    async def _page(self, place: str) -> Reading:
        kept = self._is_cache and _is_kept(self._fetching.snapshot, place)
        fetching = self._fetching._replace(replay=True) if kept else self._fetching
        return await asyncio.to_thread(read, [place], fetching=fetching)


class Engine:
    """A search engine: how it is asked, and how its answer lists pages."""

    def __init__(
        self,
        name: str,
        reach: Reach,
        pages: Pages,
        question: Callable[[Query], Question],
        listed: Callable[[Mapping[str, Any]], Iterator[Listed]],
    ) -> None:
        self.name = name
        self._reach, self._pages, self._question, self._listed = reach, pages, question, listed

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The first pages that the engine lists for each query."""
        async with reached(self._reach) as line:
            return await one_by_one(self.name, queries, lambda query: self._asked(line, query), sentence)

    async def _asked(self, line: Line, query: Query) -> Answer:
        answer = await line.ask(self._question(query))
        listed = {one.address: one for one in self._listed(answer)}
        first, places = min(PAGES, query.limit), list(listed)
        documents, problems = await self._pages.documents(places[:first])
        lost = sum(speaks_to_weigher(d.title, d.publisher, d.text) for d in documents)
        if lost:  # they are not weighed, and take no place from others
            more, told = await self._pages.documents(places[first : first + lost])
            documents, problems = [*documents, *more], [*problems, *told]
        problems += _silent(self.name, answer) if not listed else []
        return Answer(sentence(query), [Found(document, self.name) for document in documents], problems)


def searxng(reach: Reach, pages: Pages, at: str) -> Engine:
    """A SearXNG instance at an address, asked for JSON, which its settings must allow."""
    place = at.rstrip("/").removesuffix("/search")

    def question(query: Query) -> Question:
        language = {"language": query.language} if query.language else {}
        return Question("searxng", f"{place}/search", {"q": sentence(query), "format": "json", **language})

    return Engine(
        name_of("searxng", at), reach, pages, question, lambda answer: _results(answer.get("results"), "publishedDate")
    )


def brave(reach: Reach, pages: Pages, key: str, at: str = "") -> Engine:
    """Brave Search, with the desk's own token."""

    def question(query: Query) -> Question:
        until, since = query.until, query.since
        period = {"freshness": f"{_day(since, '1970-01-01')}to{_day(until, '2100-01-01')}"} if since or until else {}
        parameters = {"q": sentence(query), "count": str(min(BRAVE_MOST, 2 * PAGES)), **period}
        return Question("brave", at or BRAVE, parameters, headers={"X-Subscription-Token": key})

    def listed(answer: Mapping[str, Any]) -> Iterator[Listed]:
        web = answer.get("web")
        return _results(web.get("results") if isinstance(web, dict) else None, "page_age")

    return Engine(name_of("brave", at), reach, pages, question, listed)


def _results(found: Any, date: str) -> Iterator[Listed]:
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and (place := address(one.get("url"))):
            yield Listed(place, plain(one.get(date)) or None)


def _silent(name: str, answer: Mapping[str, Any]) -> list[Problem]:
    """Why an instance of SearXNG lists nothing: its engines do not answer it."""
    silent = answer.get("unresponsive_engines")
    if not isinstance(silent, list) or not silent:
        return []
    engines = ", ".join(" ".join(map(plain, e)) if isinstance(e, list) else plain(e) for e in silent[:5])
    message = f"{name}: lists nothing, and its engines did not answer it ({engines})"
    return [Problem(stage="sources", code="empty", message=message)]


def _day(date: str | None, other: str) -> str:
    return (date + other[len(date) :]) if date else other


def _is_kept(folder: Path | None, place: str) -> bool:
    """Whether the cache holds a page that was fetched within a day."""
    if folder is None:
        return False
    try:
        lines = (folder / "fetched.jsonl").read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if json.dumps(place) in line]
        made = max(datetime.datetime.fromisoformat(one["retrieved"]) for one in found if one["asked"] == place)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return datetime.datetime.now(datetime.UTC) - made < SEARCHES_LAST
