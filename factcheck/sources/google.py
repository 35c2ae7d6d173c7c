"""Prior fact-checks from Google's Fact Check Tools API (claims:search), with the desk's own key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from factcheck.sources.asking import Line, Question, Reach, name_of, reached
from factcheck.sources.queries import sentence
from factcheck.sources.records import address, first, plain, reviewed
from factcheck.sources.results import Answer, Found, Query, Result, one_by_one

ADDRESS = "https://factchecktools.googleapis.com/v1alpha1/claims:search"
MOST = 10
"""Claims of one answer; the service's own number."""


class Google:
    """Fact-checks of others, each with its publisher's conclusion."""

    def __init__(self, reach: Reach, key: str, at: str = "") -> None:
        self.name = name_of("google", at)
        self._reach, self._key, self._address = reach, key, at or ADDRESS

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The fact-checks that the service gives for each query, in any language."""
        async with reached(self._reach) as line:
            return await one_by_one(self.name, queries, lambda query: self._asked(line, query), sentence)

    async def _asked(self, line: Line, query: Query) -> Answer:
        parameters = {"query": sentence(query), "pageSize": str(min(MOST, query.limit))}
        question = Question("google", self._address, parameters, secret={"key": self._key})
        return Answer(parameters["query"], list(self._found(await line.ask(question))), [])

    def _found(self, answer: Mapping[str, Any]) -> Iterator[Found]:
        claims = answer.get("claims")
        for claim in claims if isinstance(claims, list) else []:
            reviews = claim.get("claimReview") if isinstance(claim, dict) else None
            for review in reviews if isinstance(reviews, list) else []:
                if isinstance(review, dict) and (found := self._review(claim, review)):
                    yield found

    def _review(self, claim: Mapping[str, Any], review: Mapping[str, Any]) -> Found | None:
        publisher = first(review.get("publisher"))
        said, title, conclusion = (
            plain(claim.get("text")),
            plain(review.get("title")),
            plain(review.get("textualRating")),
        )
        return reviewed(
            [title, said, conclusion],
            self.name,
            conclusion=conclusion,
            publisher=plain(publisher.get("name")) or plain(publisher.get("site")),
            title=title or said,
            url=address(review.get("url")),
            published=plain(review.get("reviewDate")),
            language=plain(review.get("languageCode"))[:2].lower(),
        )
