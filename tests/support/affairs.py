"""Dossiers in a ledger among distractors: which keyed contradictions the candidates of a new article show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from factcheck.ledger.connection import Ledger
from factcheck.ledger.store import Entry, add, held
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import RecordingTransport, Store
from factcheck.models import Claim, Document, Usage
from factcheck.quality.evaluate import Key, Place, load_key, place_of, stands_at
from factcheck.stages.claims import claims_of
from factcheck.stages.excerpts import Excerpt
from tests.support.desk import RUN, batches


class Affair(NamedTuple):
    """An answer key, the claims of its documents by their ids, and what extraction cost."""

    key: Key
    said: Mapping[str, Sequence[Claim]]
    usage: Usage


class Keyed(NamedTuple):
    """A contradiction between two documents: the side that is in the ledger, and groups that it is counted in."""

    earlier: Place
    groups: tuple[str, ...]


class New(NamedTuple):
    """A document that comes into the ledger, its place in the sequence, and the contradictions it completes."""

    affair: Affair
    document: Document
    claims: Sequence[Claim]
    seq: int
    keyed: list[Keyed]


def replayed(path: Path, recordings: Path) -> Affair:
    """A key with its documents' claims, as they were extracted when they were recorded."""
    key = load_key(path)
    chat = Chat(Endpoint("relay"), RecordingTransport(Store(recordings), None))

    async def extracted() -> dict[str, list[Claim]]:
        prompts = load_prompts()
        return {d.id: (await claims_of(d, chat, prompts)).claims for d in key.documents.values()}

    return Affair(key, asyncio.run(extracted()), chat.usage())


def hide(ledger: Ledger, affairs: Sequence[Affair], others: Iterator[Entry]) -> None:
    """Put other documents into a ledger, then those of the affairs in the order of their dates."""
    own = [(d, affair.said[d.id]) for affair in affairs for d in affair.key.documents.values()]
    for part in batches(others, 100):
        with ledger.writing() as connection:
            add(connection, part, RUN)
    with ledger.writing() as connection:
        add(connection, [Entry(d, said) for d, said in sorted(own, key=lambda row: row[0].published or "")], RUN)


def arrivals(ledger: Ledger, affairs: Sequence[Affair]) -> Iterator[New]:
    """The affairs' documents as they come."""
    with ledger.reading() as connection:
        places = held(connection, [d.id for affair in affairs for d in affair.key.documents.values()])
    for affair in affairs:
        seqs = {d.id: places[d.id].seq for d in affair.key.documents.values()}
        for document in affair.key.documents.values():
            keyed = [
                k for contradiction in affair.key.contradictions if (k := _keyed(contradiction, affair, document, seqs))
            ]
            yield New(affair, document, affair.said[document.id], seqs[document.id], keyed)


def _keyed(
    contradiction: Mapping[str, Mapping[str, str]], affair: Affair, new: Document, seqs: Mapping[str, int]
) -> Keyed | None:
    """A contradiction of which one side is in the new document and one in an earlier one."""
    key = affair.key
    sides = sorted((contradiction[s] for s in ("a", "b")), key=lambda side: seqs[place_of(key, side).document_id])
    first, second = (place_of(key, side) for side in sides)
    if first.document_id == second.document_id or second.document_id != new.id:
        return None
    languages = sorted({key.documents[side["doc"]].language or key.language for side in sides})
    speakers = {_speaker(affair, side) for side in sides}
    return Keyed(
        first, (f"languages {'-'.join(languages)}", f"speakers named {'alike' if len(speakers) == 1 else 'apart'}")
    )


def _speaker(affair: Affair, side: Mapping[str, str]) -> str | None:
    claims = affair.said[place_of(affair.key, side).document_id]
    return next((c.attribution.speaker for c in claims if stands_at(c, affair.key, side)), None)


def shows(excerpts: Sequence[Excerpt], place: Place) -> bool:
    """Whether a sentence of a place stands in one of the excerpts."""
    return any(
        e.document.id == place.document_id and any(s.start < place.end and place.start < s.end for s in e.sentences)
        for e in excerpts
    )
