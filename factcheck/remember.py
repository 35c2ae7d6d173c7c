"""The flow with a ledger: each document is read, compared with all that was ever said, and kept, one by one.

    Document → claims → candidates (ledger) → comparison → second look → one transaction

Documents are taken in the order of their dates, so that an interrupted run that is started again ends as if it
had never been interrupted. A failure of the endpoint (a timeout, a missing key) leaves a document out for next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from factcheck.errors import OF_THE_ENDPOINT, ModelError
from factcheck.ledger.candidates import Vectors, candidates
from factcheck.ledger.connection import Ledger
from factcheck.ledger.schema import claims as claim_table
from factcheck.ledger.store import Entry, add, head, load_claims, load_documents, present, same_text
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Problem, Run
from factcheck.pipeline import Done, Extracted, claims_of, second_look
from factcheck.stages.ground import carried
from factcheck.stages.judge import judge, readable_parts
from factcheck.stages.pair import Known, known, pair, rarities

AHEAD = 16
"""Documents whose claims are extracted while an earlier one is compared."""

SHOWN = 64
"""Candidates of one document that are looked at in their sentences; the budget of tokens holds fewer."""


async def remember(
    documents: Sequence[Document],
    ledger: Ledger,
    chat: Chat,
    prompts: Mapping[str, Prompt],
    run: Run,
    *,
    done: Done = lambda document: None,
) -> list[Problem]:
    """Add documents to a ledger, each compared with all before it; returns what was left out, and why.

    What the ledger already holds costs nothing. Raises LedgerError.
    """
    with ledger.reading() as connection:
        there = present(connection, [d.id for d in documents])
    fresh = sorted((d for d in documents if d.id not in there), key=lambda d: (d.published or "9999", d.id))
    heard: dict[str, list[str]] = {d.id: [] for d in fresh}
    under_way: dict[str, asyncio.Task[Extracted]] = {}
    problems: list[Problem] = []
    try:
        for i, document in enumerate(fresh):
            for near in fresh[i : i + AHEAD]:
                if near.id not in under_way and not _original(ledger, near):
                    under_way[near.id] = asyncio.ensure_future(claims_of(near, chat.noting(heard[near.id]), prompts))
                    await asyncio.sleep(0)  # let it send its request before the next is prepared
            if original := _original(ledger, document):
                _keep_copy(document, original, ledger, run)
            else:
                extracted = await under_way[document.id]
                problems += await _keep(extracted, ledger, chat, prompts, run, heard[document.id])
            done(document)
    finally:
        for task in under_way.values():
            task.cancel()
    return problems


def _original(ledger: Ledger, document: Document) -> str | None:
    """A document in the ledger with the same text, e.g. the same wire copy at another outlet."""
    with ledger.reading() as connection:
        return same_text(connection, document)


def _keep_copy(document: Document, original: str, ledger: Ledger, run: Run) -> None:
    """The same words at another outlet need no model: they are the same statements, with one source more."""
    with ledger.writing() as connection:
        claims = load_claims(connection, claim_table.c.document_id, [original])
        add(connection, [Entry(document, [carried(claim, document) for claim in claims.values()])], run)


async def _keep(
    extracted: Extracted, ledger: Ledger, chat: Chat, prompts: Mapping[str, Prompt], run: Run, heard: list[str]
) -> list[Problem]:
    """Compare one document with the ledger and write it; with what other processes wrote meanwhile, too."""
    vectors, missing = await _vectors(extracted, chat.noting(heard))
    entry = Entry(extracted.document, extracted.claims, (), [*extracted.problems, *missing])
    entry = entry._replace(vectors=vectors.by_claim, embedded_by=vectors.model)
    after, upto = -1, 0
    while not (failed := [p for p in entry.problems if p.code in OF_THE_ENDPOINT]):
        with ledger.reading() as connection:
            upto = head(connection)
            earlier = _earlier(connection, extracted.claims, max(after, 0), vectors)
        if extracted.claims and (earlier or after < 0):
            entry = await _compared(entry, earlier, chat.noting(heard), prompts)
            if any(p.code in OF_THE_ENDPOINT for p in entry.problems):
                continue
        after = upto
        with ledger.writing() as connection:
            if head(connection) == upto or not candidates(connection, extracted.claims, after=upto, vectors=vectors):
                add(connection, [entry._replace(recordings=sorted(set(heard)))], run)
                return []
    return failed


async def _vectors(extracted: Extracted, chat: Chat) -> tuple[Vectors, list[Problem]]:
    """Embeddings of a document's claims, where a model is set; one that fails is a problem of the comparison."""
    model, document = chat.endpoint.embedding_model, extracted.document
    if model is None or not extracted.claims:
        return Vectors(), []
    try:
        made = await chat.embed([f"{c.topic}: {c.text}" for c in extracted.claims], model)
    except ModelError as error:
        message = f"{document.name}: has no embeddings: {error}"
        return Vectors(), [Problem(stage="judge", code=error.code, document_id=document.id, message=message)]
    return Vectors(model, dict(zip((c.id for c in extracted.claims), made, strict=True))), []


def _earlier(connection: Connection, claims: Sequence[Claim], after: int, vectors: Vectors) -> list[list[Known]]:
    """The candidates for a document, by the document that they stand in, oldest first."""
    found = [c.claim for c in candidates(connection, claims, after=after, vectors=vectors)[:SHOWN]]
    homes = load_documents(connection, (c.document_id for c in found))
    order = sorted(homes.values(), key=lambda d: (d.published or "9999", d.id))
    return [known(home, [c for c in found if c.document_id == home.id]) for home in order]


async def _compared(
    entry: Entry, earlier: Sequence[Sequence[Known]], chat: Chat, prompts: Mapping[str, Prompt]
) -> Entry:
    """The entry with what its comparison found, looked at a second time."""
    parts = [part for part in readable_parts(entry.document, entry.claims) if part.claims]
    groups = [known(part.document, part.claims) for part in parts]
    rarity = rarities([k for group in (*earlier, *groups) for k in group])
    judgements = await asyncio.gather(
        *(
            judge([part], pair(groups[i], [*earlier, *groups[:i]], rarity), chat, prompts["judge"])
            for i, part in enumerate(parts)
        )
    )
    claims = _by_id(entry.claims, (k.claim for group in earlier for k in group), *(j.claims for j in judgements))
    documents = {group[0].document.id: group[0].document for group in (*earlier, *groups)}
    looked = await second_look(judgements, claims, documents, chat, prompts["review"])
    noticed = [claim for j in judgements for claim in j.claims]
    return entry._replace(
        claims=[*_by_id(entry.claims, noticed).values()],
        findings=[*entry.findings, *looked.findings],
        problems=[*entry.problems, *(p for j in judgements for p in j.problems), *looked.problems],
    )


def _by_id(*groups: Iterable[Claim]) -> dict[str, Claim]:
    return {claim.id: claim for group in groups for claim in group}
