"""What a check with a ledger would find, with nothing kept in it: what is worth comparing is copied into memory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from factcheck.flow.evidence import Looking
from factcheck.flow.run import Done, run_of
from factcheck.ledger.connection import Ledger, memory_ledger
from factcheck.ledger.store import Entry
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Report
from factcheck.pipeline import check
from factcheck.stages.pair import CANDIDATE_TOKENS, WINDOW_TOKENS

MOST_DOCUMENTS = 100
"""Earlier documents that are copied; a comparison shows excerpts of far fewer."""


async def preview(
    documents: Sequence[Document],
    chat: Chat,
    prompts: Mapping[str, Prompt],
    ledger: Ledger,
    *,
    window: int = WINDOW_TOKENS,
    candidates: int = CANDIDATE_TOKENS,
    done: Done = lambda document: None,
    started: str | None = None,
    looking: Looking | None = None,
) -> Report:
    """Extract the claims of documents and compare them with each other and with what the ledger holds. Never writes.

    What people decided about findings is not in it. Raises LedgerError.
    """
    ids = [d.id for d in documents]
    with contextlib.closing(memory_ledger()) as book:
        alone = await check(documents, chat, prompts, ledger=book, compare=False, done=done, started=started)
        claims, held = book.claims(ids), book.held(ids)
    told = [p for p in alone.problems if p.document_id in held]
    new = [
        Entry(
            d,
            [c for c in claims if c.document_id == d.id],
            problems=[p for p in told if p.document_id == d.id],
            machine=held[d.id].machine,
            compared=False,
        )
        for d in documents
        if d.id in held
    ]
    if not new:
        return alone
    run = run_of(chat, prompts, documents)
    with contextlib.closing(memory_ledger()) as desk:
        desk.keep(_earlier(ledger, claims, documents), run)
        desk.keep(new, run)
        again = [e.document for e in new]
        report = await check(
            again, chat, prompts, ledger=desk, window=window, candidates=candidates, started=started, looking=looking
        )
    rest = [d for d in documents if d.id not in held]
    missed = [p for p in alone.problems if p not in report.problems]
    return report.model_copy(update={"documents": (*report.documents, *rest), "problems": (*report.problems, *missed)})


def _earlier(ledger: Ledger, claims: Sequence[Claim], documents: Sequence[Document]) -> list[Entry]:
    """Documents of the ledger that hold what is worth comparing with these claims, in the ledger's order."""
    ids, texts = {d.id for d in documents}, {d.sha256 for d in documents}
    found = ledger.candidates(claims, dict.fromkeys(ids), without=ids)
    homes = {d.id: d for d, _ in found if d.sha256 not in texts}
    chosen = list(homes)[:MOST_DOCUMENTS]
    held = ledger.held(chosen)
    said: dict[str, list[Claim]] = {key: [] for key in chosen}
    for claim in ledger.claims(chosen):
        said[claim.document_id].append(claim)
    return [
        Entry(homes[key], said[key], machine=held[key].machine) for key in sorted(chosen, key=lambda k: held[k].seq)
    ]
