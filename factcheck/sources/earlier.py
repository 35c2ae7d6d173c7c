"""What was said before: the documents of a ledger whose statements share the words of a claim."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from factcheck.errors import LedgerError, UsageError
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.models import Document
from factcheck.redaction import keep_secrets_of, shown
from factcheck.sources.queries import keywords
from factcheck.sources.results import Answer, Found, Query, Result, as_evidence, failed, one_by_one

WORDS = 12
"""Words of a claim that are looked up, each by itself."""

HELD = 60
"""Documents that are taken for one word; a word that has more is common and tells little."""

MOST = 300
"""Statements that are looked through for them."""


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
                known: dict[str, list[Document]] = {}
                return await one_by_one(
                    self.name, queries, lambda query: _asked(ledger, query, self.name, known), _words
                )
        except (LedgerError, UsageError) as error:
            return failed(self.name, queries, code="ledger", message=str(error))


async def _asked(ledger: Ledger, query: Query, name: str, known: dict[str, list[Document]]) -> Answer:
    words = keywords(query, WORDS)
    for word in words:
        if word not in known:
            known[word] = await asyncio.to_thread(_with, ledger, word)
    documents = _best({word: known[word] for word in words})
    return Answer(_words(query), [Found(as_evidence(document), name) for document in documents], [])


def _with(ledger: Ledger, word: str) -> list[Document]:
    """The documents with a statement that has a word, without those that were withdrawn or replaced, or give orders.

    That a document speaks to the program that reads it is known of it since it was read.
    """
    found = {one.document.id: one.document for one in ledger.search(word, limit=MOST) if not one.stale}
    held = ledger.held(list(found))
    return [document for key, document in found.items() if not held[key].machine][:HELD]


def _best(found: Mapping[str, Sequence[Document]]) -> list[Document]:
    """The documents that have most of the words, those with the rarest first."""
    votes: Counter[str] = Counter()
    held: dict[str, Document] = {}
    for documents in found.values():
        for document in documents:
            held[document.id] = document
            votes[document.id] += math.log(1 + HELD / len(documents))  # type: ignore[assignment]  # a Counter of floats
    return [held[key] for key, _ in sorted(votes.items(), key=lambda row: (-row[1], row[0]))]


def _words(query: Query) -> str:
    return " ".join(keywords(query, WORDS))
