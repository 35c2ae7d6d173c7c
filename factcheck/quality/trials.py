"""Run the pipeline, and the one-prompt alternative, on cases with known answers."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial, reduce
from pathlib import Path
from typing import NamedTuple

from factcheck.api import close_chat, open_chat, open_store
from factcheck.errors import ModelError, UsageError
from factcheck.llm.client import Chat
from factcheck.llm.prompts import load_prompts
from factcheck.models import Problem, Report, Run, Usage, added
from factcheck.pipeline import check
from factcheck.quality.context import together
from factcheck.quality.evaluate import Key, Score, load_key, score
from factcheck.quality.oneprompt import ask_once
from factcheck.quality.suite import Pair, Verdicts, compare_pairs, load_suite, score_suite
from factcheck.settings import Settings
from factcheck.stages.pair import Window


class Suite(NamedTuple):
    """A file of pairs."""

    name: str
    pairs: list[Pair]


class Tape(NamedTuple):
    """Where answers are kept or come from."""

    record: Path | None = None
    replay: Path | None = None


class Trial(NamedTuple):
    """What became of one case: a report on a dossier, or verdicts on a suite; and what it cost."""

    case: Key | Suite
    result: Report | Verdicts
    score: Score
    usage: Usage

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be done."""
        return self.result.problems


class Outcome(NamedTuple):
    """All trials of one way of doing it."""

    name: str
    trials: list[Trial]

    @property
    def score(self) -> Score:
        """The sum of all trials."""
        return reduce(operator.add, (trial.score for trial in self.trials), Score({}, ()))

    @property
    def usage(self) -> Usage:
        """The cost of all trials."""
        return reduce(added, (trial.usage for trial in self.trials), Usage())

    @property
    def dossier_usage(self) -> Usage:
        """The cost of the dossiers alone."""
        return reduce(added, (trial.usage for trial in self.trials if isinstance(trial.case, Key)), Usage())

    @property
    def documents(self) -> int:
        """Documents of the dossiers; pairs count for none."""
        return sum(len(t.case.documents) for t in self.trials if isinstance(t.case, Key))

    @property
    def incomplete(self) -> bool:
        """Whether an answer is missing; a rejected quote is no missing answer."""
        return any(p.leaves_undone for t in self.trials for p in t.problems)


def load_cases(path: Path) -> list[Key | Suite]:
    """Answer keys (*.json) and suites of pairs (*.jsonl) of a folder, or one file. Raises UsageError."""
    paths = sorted(p for p in path.rglob("*") if p.suffix in {".json", ".jsonl"}) if path.is_dir() else [path]
    if not paths:
        raise UsageError(f"{path}: holds no answer keys (*.json) and no suites (*.jsonl)")
    return [Suite(p.stem, load_suite(p)) if p.suffix == ".jsonl" else load_key(p) for p in paths]


def run_trials(
    cases: Sequence[Key | Suite], settings: Settings, tape: Tape, *, against: bool = False, ledger: str | None = None
) -> list[Outcome]:
    """Ask about every case and score the answers; with `against` also in one prompt a dossier.

    With `ledger` the documents of all dossiers are also added to that ledger, one by one. Raises LedgerError.
    """
    return asyncio.run(_outcomes(cases, settings, tape, against=against, ledger=ledger))


async def _outcomes(
    cases: Sequence[Key | Suite], settings: Settings, tape: Tape, *, against: bool, ledger: str | None
) -> list[Outcome]:
    outcomes = [Outcome("pipeline", list(await asyncio.gather(*(_trial(c, settings, tape) for c in cases))))]
    keys = [case for case in cases if isinstance(case, Key)]
    if against and keys:
        trials = await asyncio.gather(*(_dossier(key, settings, tape, ask_once) for key in keys))
        outcomes.append(Outcome("one-prompt", list(trials)))
    if ledger is not None and keys:
        outcomes.append(Outcome("ledger", await _in_one_ledger(keys, settings, tape, ledger)))
    return outcomes


async def _in_one_ledger(keys: Sequence[Key], settings: Settings, tape: Tape, place: str) -> list[Trial]:
    """A trial a dossier; what all of them cost together stands with the first one."""
    from factcheck.quality.archive import remember_all  # noqa: PLC0415  (SQLAlchemy is slow to import)

    async with _chat(settings, tape) as chat:
        done = await remember_all(keys, place, chat, load_prompts(settings.prompts))
        costs = [chat.usage(), *[Usage()] * (len(done) - 1)]
    return [Trial(r.key, r.report, r.score, cost) for r, cost in zip(done, costs, strict=True)]


async def _trial(case: Key | Suite, settings: Settings, tape: Tape) -> Trial:
    return await (_suite(case, settings, tape) if isinstance(case, Suite) else _watched(case, settings, tape))


async def _watched(key: Key, settings: Settings, tape: Tape) -> Trial:
    """A dossier through the pipeline, with what its comparisons were shown."""
    seen: list[Window] = []
    trial = await _dossier(key, settings, tape, partial(check, watch=seen.append, window=settings.window_tokens))
    if isinstance(trial.result, Report):
        return trial._replace(score=trial.score + together(trial.result, key, seen))
    return trial


async def _suite(case: Suite, settings: Settings, tape: Tape) -> Trial:
    async with _chat(settings, tape) as chat:
        done = await compare_pairs(case.pairs, chat, load_prompts(settings.prompts))
        return Trial(case, done, score_suite(done), chat.usage())


async def _dossier(key: Key, settings: Settings, tape: Tape, ask: Callable[..., Awaitable[Report]]) -> Trial:
    documents = list(key.documents.values())
    async with _chat(settings, tape) as chat:
        try:
            report = await ask(documents, chat, load_prompts(settings.prompts))
        except ModelError as error:
            problem = Problem(stage="extract", code=error.code, message=f"{key.name}: {error}")
            run = Run(id="", tool="", started=None, model=chat.endpoint.model, prompts={}, usage=chat.usage())
            report = Report(run=run, documents=tuple(documents), claims=(), findings=(), problems=(problem,))
        return Trial(key, report, score(report, key), chat.usage())


@asynccontextmanager
async def _chat(settings: Settings, tape: Tape) -> AsyncIterator[Chat]:
    store = open_store(settings, record=tape.record, replay=tape.replay)
    chat = open_chat(settings, store, record=tape.record, replay=tape.replay)
    try:
        yield chat
    finally:
        await close_chat(chat, settings, replay=tape.replay)
