"""All dossiers in one ledger, each document compared with everything before it: does memory find what a dossier finds?

The candidates that a ledger gives without a model are scored apart from what the comparison makes of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Report
from factcheck.pipeline import check
from factcheck.quality.context import together
from factcheck.quality.evaluate import Key, Score, Tally, score
from factcheck.stages.pair import CANDIDATE_TOKENS, WINDOW_TOKENS, Window


class Remembered(NamedTuple):
    """What a ledger reports on one dossier, and its score."""

    key: Key
    report: Report
    score: Score


async def remember_all(
    keys: Sequence[Key],
    place: str,
    chat: Chat,
    prompts: Mapping[str, Prompt],
    *,
    window: int = WINDOW_TOKENS,
    candidates: int = CANDIDATE_TOKENS,
) -> list[Remembered]:
    """Add the documents of all keys to a ledger in one run, in the order of their dates, and score each dossier.

    The ledger may hold an archive already; the keys' documents are compared with that, too. Raises LedgerError.
    """
    seen: list[Window] = []
    every = [document for key in keys for document in key.documents.values()]
    with contextlib.closing(open_ledger(place)) as ledger:
        whole = await check(
            every, chat, prompts, ledger=ledger, window=window, candidates=candidates, watch=seen.append
        )
        return [_scored(ledger, key, whole, seen) for key in keys]


def _scored(ledger: Ledger, key: Key, whole: Report, seen: Sequence[Window]) -> Remembered:
    ids = [document.id for document in key.documents.values()]
    report = ledger.report(ids, whole.run, [p for p in whole.problems if p.document_id in ids])
    sides = [{report.claim(side).document_id for side in (f.a, f.b)} for f in report.findings]
    between = Tally(sum(not side <= {*ids} for side in sides), len(sides))
    extra = Score({"findings between dossiers": between}, ())
    return Remembered(key, report, score(report, key) + together(report, key, seen) + extra)
