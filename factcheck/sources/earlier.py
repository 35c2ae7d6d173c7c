"""What was said before: the documents of a ledger whose statements share the words of a claim."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import Sequence

from factcheck.errors import LedgerError
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.models import Document
from factcheck.redaction import keep_secrets_of, shown
from factcheck.sources.queries import keywords
from factcheck.sources.results import Answer, Found, Query, Result, as_evidence, failed, one_by_one

WORDS = 12
"""Words of a claim that are looked up, each by itself."""

HELD = 200
"""Statements that are taken for one word; a word that has more is common and tells little."""


class Earlier:
    """A ledger's documents."""

    def __init__(self, place: str) -> None:
        if "://" in place:
            keep_secrets_of(place)
        self._place = place
        self.name = f"ledger:{shown(place) if '://' in place else place}"

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The documents with the statements that share the most telling words with each query."""
        try:
            with contextlib.closing(await asyncio.to_thread(open_ledger, self._place, create=False)) as ledger:
                return await one_by_one(self.name, queries, lambda query: _asked(ledger, query, self.name), _words)
        except LedgerError as error:
            return failed(self.name, queries, code="ledger", message=str(error))


async def _asked(ledger: Ledger, query: Query, name: str) -> Answer:
    documents = await asyncio.to_thread(_documents, ledger, keywords(query, WORDS))
    return Answer(_words(query), [Found(as_evidence(document), name) for document in documents], [])


def _documents(ledger: Ledger, words: Sequence[str]) -> list[Document]:
    """The documents whose statements have these words, those with the rarest first; what was withdrawn is left out."""
    votes: Counter[str] = Counter()
    held: dict[str, Document] = {}
    for word in words:
        said = [one for one in ledger.search(word, limit=HELD) if not one.stale]
        for document in {one.document.id: one.document for one in said}.values():
            held[document.id] = document
            votes[document.id] += math.log(1 + HELD / len(said))  # type: ignore[assignment]  # a Counter of floats
    return [held[key] for key, _ in sorted(votes.items(), key=lambda row: (-row[1], row[0]))]


def _words(query: Query) -> str:
    return " ".join(keywords(query, WORDS))
