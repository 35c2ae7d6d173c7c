"""What is asked of a source, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

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


def is_within(document: Document, query: Query) -> bool:
    """Whether a document's date, as far as it is known, lies where a query wants it."""
    date = document.published
    if not date:
        return True
    late = query.until is not None and date[: len(query.until)] > query.until[: len(date)]
    return not late and not (query.since is not None and date[: len(query.since)] < query.since[: len(date)])
