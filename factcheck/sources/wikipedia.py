"""Wikipedia, and any other wiki, through MediaWiki's API: whole texts of pages with the ids of their revisions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from factcheck.errors import SourceError
from factcheck.originals import Origin
from factcheck.sources.asking import Line, Question, Reach, name_of, reached
from factcheck.sources.queries import keywords
from factcheck.sources.records import address, document_of, first, plain
from factcheck.sources.results import Answer, Found, Query, Result, one_by_one
from factcheck.text.dates import iso_date

PAGES = 4
"""Pages of one query; each takes a request, as MediaWiki gives whole texts one by one."""

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z-]{2,20})?")


class Wikipedia:
    """The pages of one wiki; `at` is a language, or the address of another wiki's `api.php`."""

    def __init__(self, reach: Reach, at: str) -> None:
        self.name = name_of("wikipedia", at)
        self._reach, self._place = reach, at
        self._address = f"https://{at}.wikipedia.org/w/api.php" if LANGUAGE.fullmatch(at) else at
        self._texts: dict[int, Found | None] = {}

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The pages that speak of what each query names."""
        async with reached(self._reach) as line:
            return await one_by_one(self.name, queries, lambda query: self._asked(line, query), _words)

    async def _asked(self, line: Line, query: Query) -> Answer:
        words = _words(query)
        parameters = {"list": "search", "srsearch": words, "srlimit": str(min(PAGES, query.limit)), "srprop": ""}
        answer = await self._query(line, parameters)
        hits = first(answer.get("query")).get("search")
        pages = [first(hit).get("pageid") for hit in hits] if isinstance(hits, list) else []
        ids = [page for page in pages if isinstance(page, int)]
        for page in ids:
            if page not in self._texts:
                self._texts[page] = await self._text(line, page)
        return Answer(words, [found for page in ids if (found := self._texts[page])], [])

    async def _text(self, line: Line, page: int) -> Found | None:
        """A page as it is now: its text without marks of notation, and which revision that is."""
        parameters = {
            "pageids": str(page), "prop": "extracts|revisions|info", "explaintext": "1", "exsectionformat": "plain",
            "rvprop": "ids|timestamp", "inprop": "url",
        }  # fmt: skip
        answer = await self._query(line, parameters)
        found = first(first(answer.get("query")).get("pages"))
        text, revision = found.get("extract"), first(found.get("revisions"))
        number = revision.get("revid")
        if not isinstance(text, str) or not isinstance(number, int):
            return None
        permanent = self._permanent(found, number)
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        document = document_of(
            re.sub(r"\n{3,}", "\n\n", text),
            {
                "title": plain(found.get("title")) or None,
                "publisher": "Wikipedia" if "wikipedia.org" in self._address else urlsplit(self._address).hostname,
                "published": iso_date(plain(revision.get("timestamp"))),
                "url": permanent,
                "language": plain(found.get("pagelanguage"))[:2] or None,
            },
            Origin(media_type="text/plain", sha256=sha256, address=permanent),
        )
        return Found(document, self.name, None, "reference") if document else None

    def _permanent(self, page: Mapping[str, Any], revision: int) -> str | None:
        """The address of a revision, which stays as it is."""
        full = address(page.get("canonicalurl")) or address(page.get("fullurl"))
        base = (
            f"{urlsplit(full).scheme}://{urlsplit(full).netloc}/w" if full else self._address.removesuffix("/api.php")
        )
        return f"{base}/index.php?oldid={revision}"

    async def _query(self, line: Line, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        common = {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5"}
        question = Question("wikipedia", self._address, {**common, **parameters}, place=self._place)
        answer: Mapping[str, Any] = await line.ask(question)
        if error := first(answer.get("error")):  # MediaWiki tells of errors with status 200
            code = {"ratelimited": "rate_limited", "maxlag": "server_error"}.get(str(error.get("code")), "bad_request")
            host = urlsplit(self._address).hostname
            message = plain(error.get("info"))[:160] or plain(error.get("code"))
            raise SourceError(code, f"{host}: does not answer ({message})", is_final=code == "rate_limited")
        return answer


def _words(query: Query) -> str:
    """Any of these words, names as they stand."""
    return " OR ".join(f'"{word}"' if " " in word else word for word in keywords(query))
