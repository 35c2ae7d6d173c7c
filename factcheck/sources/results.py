"""What is asked of a source, and what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from factcheck.errors import SourceError
from factcheck.models import Document, Nature, Problem, Rating, Search

LIMIT = 15
"""Documents of one source for one claim; a figure that several outlets took from one release has that many copies."""


class Query(NamedTuple):
    """What evidence is looked for by."""

    words: str
    """The claim, made to stand alone, and its topic."""
    names: tuple[str, ...] = ()
    """Names in the claim and around it, which tell what it speaks of where it says only `it` or `the ship`."""
    since: str | None = None
    """Only documents from this date on (ISO 8601, possibly partial); those without a date are kept."""
    until: str | None = None
    """Only documents up to this date."""
    language: str | None = None
    """Of the claim (ISO 639-1); evidence may be in any."""
    limit: int = LIMIT


class Found(NamedTuple):
    """A document that may bear on a claim."""

    document: Document
    """With the role `evidence`."""
    source: str
    """Where it was found, as the user named it, without secrets."""
    rating: Rating | None = None
    """Of a fact-check: what its author concluded."""
    nature: Nature = "unknown"


class Result(NamedTuple):
    """What one question to one source gave, the likeliest first."""

    found: list[Found]
    search: Search
    problems: list[Problem]


class Embedding(NamedTuple):
    """A model that turns texts into vectors, as the settings name it."""

    model: str
    embed: Callable[[Sequence[str]], Awaitable[list[list[float]]]]
    """A vector for each text; raises ModelError."""


class Source(Protocol):
    """A place where evidence is looked for."""

    name: str
    """As the user named it, without secrets."""

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """One result a query, in their order. Never raises for what the outside does: that is a problem of a result."""
        ...


def as_evidence(document: Document) -> Document:
    """The same document in the role of evidence."""
    return document.model_copy(update={"role": "evidence"})


def failed(name: str, queries: Sequence[Query], *, code: str, message: str) -> list[Result]:
    """The results of a source that could not be asked at all: the problem once, and that nothing was found in each."""
    problem = Problem(stage="sources", code=code, message=f"{name}: {message}")
    searches = [Search(source=name, query=query.words, hits=0, problem=message) for query in queries]
    return [Result([], search, [] if at else [problem]) for at, search in enumerate(searches)]


class Answer(NamedTuple):
    """What a service gave for one query: the words that it was asked, documents, and what of them could not be had."""

    asked: str
    found: list[Found]
    problems: list[Problem]


async def one_by_one(
    name: str, queries: Sequence[Query], ask: Callable[[Query], Awaitable[Answer]], words: Callable[[Query], str]
) -> list[Result]:
    """Ask a service each query, one after the other; a failure is told once, however many queries it met."""
    results: list[Result] = []
    told: set[str] = set()
    for query in queries:
        try:
            answer = await ask(query)
            found = [found for found in answer.found if is_within(found.document, query)][: query.limit]
            search = Search(source=name, query=answer.asked, hits=len(found))
            problems = answer.problems
        except SourceError as error:
            found, search = [], Search(source=name, query=words(query), hits=0, problem=str(error))
            problems = [Problem(stage="sources", code=error.code, message=str(error))]
        results.append(Result(found, search, [p for p in problems if p.message not in told]))
        told.update(problem.message for problem in problems)
    return results


def is_within(document: Document, query: Query) -> bool:
    """Whether a document's date, as far as it is known, lies where a query wants it."""
    date = document.published
    if not date:
        return True
    late = query.until is not None and date[: len(query.until)] > query.until[: len(date)]
    return not late and not (query.since is not None and date[: len(query.since)] < query.since[: len(date)])
