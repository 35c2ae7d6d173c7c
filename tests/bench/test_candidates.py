"""Candidates: how many keyed contradictions of dossiers a new article shows, one article a run, in a ledger of others.

pytest tests/bench/test_candidates.py -o addopts= -s
FACTCHECK_DOSSIERS=FOLDER FACTCHECK_RECORDINGS=FOLDER pytest …   # also dossiers whose extraction was recorded elsewhere

No model is asked: claims are those of the recordings. Distractors are of two sorts: invented articles about other
things, and articles made of the dossiers' own paragraphs, with their offices and words, about other places and people.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry
from factcheck.llm.prompts import load_prompts
from factcheck.quality.evaluate import Tally
from factcheck.stages.excerpts import excerpts, whole
from factcheck.stages.judge import judge_prompt
from factcheck.stages.pair import CANDIDATE_TOKENS
from tests.support.affairs import Affair, arrivals, hide, replayed, shows
from tests.support.desk import entries
from tests.support.noise import distractors

FIXTURES = Path(__file__).parents[2] / "fixtures"
DOSSIERS, RECORDINGS = os.environ.get("FACTCHECK_DOSSIERS"), os.environ.get("FACTCHECK_RECORDINGS")
OTHERS = 1_000
BUDGETS = (1_000, 2_000, 3_000, CANDIDATE_TOKENS, 6_000, 8_000, 10_000)
BYTES_PER_TOKEN = 4


def affairs() -> list[Affair]:
    places = [(FIXTURES / "cases", FIXTURES / "recordings")]
    places += [(Path(DOSSIERS), Path(RECORDINGS))] if DOSSIERS and RECORDINGS else []
    return [replayed(path, tape) for folder, tape in places for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("sort", ["other things", "other places"])
def test_contradictions_shown_among_a_thousand_others(sort: str, tmp_path: Path) -> None:
    some = affairs()
    others: Iterator[Entry] = (
        entries(OTHERS) if sort == "other things" else distractors([(a.key, a.said) for a in some], OTHERS)
    )
    tallies: dict[str, dict[int, Tally]] = defaultdict(lambda: defaultdict(Tally))
    used: dict[int, list[int]] = defaultdict(list)
    asked: dict[int, list[float]] = defaultdict(list)
    with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
        hide(ledger, some, others)
        for new in arrivals(ledger, some):
            found = ledger.candidates(new.claims, {new.document.id: new.seq}, without={new.document.id})
            for budget in BUDGETS:
                shown = excerpts(found, budget)
                used[budget].append(sum(e.size for e in shown))
                filled = judge_prompt(whole(new.document, new.claims), shown, load_prompts()["judge"])
                asked[budget].append(sum(len(str(m["content"]).encode()) for m in filled.messages) / BYTES_PER_TOKEN)
                for keyed in new.keyed:
                    for group in ("all", *keyed.groups):
                        tallies[group][budget] += Tally(int(shows(shown, keyed.earlier)), 1)
    print(f"\n\n{OTHERS:,} articles about {sort}, {len(used[BUDGETS[0]])} articles of dossiers, candidate_tokens:")
    print(f"{'':24}", *(f"{budget:>8,}" for budget in BUDGETS))
    for group, row in sorted(tallies.items()):
        print(f"{f'{group} ({row[BUDGETS[0]].total})':24}", *(f"{row[b].share:8.2f}" for b in BUDGETS))
    print(f"{'used, estimated':24}", *(f"{mean(used[b]):8,.0f}" for b in BUDGETS))
    print(f"{'comparison, tokens in':24}", *(f"{mean(asked[b]):8,.0f}" for b in BUDGETS))
    number = sum(len(a.key.documents) for a in some)
    came, gave = (sum(getattr(a.usage, f"{way}_tokens") for a in some) / number for way in ("input", "output"))
    print(f"extraction of an article as recorded: {came:,.0f} tokens in, {gave:,.0f} out")
    least = 0.97 if sort == "other things" else 0.8
    assert (tallies["all"][CANDIDATE_TOKENS].share or 0) >= least


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
