"""Run the pipeline, and the one-prompt alternative, on cases with known answers."""

from __future__ import annotations

import asyncio
import json
import operator
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial, reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from factcheck.api import close_chat, open_chat, open_store
from factcheck.errors import ModelError, UsageError
from factcheck.flow.evidence import PROMPTS, Looking, add_evidence
from factcheck.llm.client import Chat
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import Store
from factcheck.models import Problem, Report, Run, Usage, added
from factcheck.pipeline import check
from factcheck.quality.context import together
from factcheck.quality.dossiers import Dossier, is_dossier, load_dossier, score_dossier, write_archive
from factcheck.quality.evaluate import Key, Score, load_key, score
from factcheck.quality.onearchive import run_of, weigh_at_once
from factcheck.quality.oneprompt import ask_once
from factcheck.quality.suite import Pair, Verdicts, compare_pairs, load_suite, score_suite
from factcheck.settings import Settings
from factcheck.sources.files import Files
from factcheck.stages.pair import Window
from factcheck.stages.priority import ranked
from factcheck.stages.retrieve import Passage


class Suite(NamedTuple):
    """A file of pairs."""

    name: str
    pairs: list[Pair]


Case = Key | Suite | Dossier


class Tape(NamedTuple):
    """Where answers are kept or come from."""

    record: Path | None = None
    replay: Path | None = None
    keep: Path | None = None
    """A folder that gets every answer: what it holds is not asked for again, and what is replayed is copied to it."""


class Trial(NamedTuple):
    """What became of one case: a report on a dossier, or verdicts on a suite; and what it cost."""

    case: Case
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
        """The cost of the dossiers alone, pairs left out."""
        return reduce(added, (trial.usage for trial in self.trials if not isinstance(trial.case, Suite)), Usage())

    @property
    def documents(self) -> int:
        """Documents of the dossiers; pairs count for none."""
        return sum(len(t.case.documents) for t in self.trials if not isinstance(t.case, Suite))

    @property
    def weighed(self) -> tuple[int, Usage]:
        """Claims for which evidence was looked for, and what that cost."""
        trials = [(t.case, t.usage) for t in self.trials if isinstance(t.case, Dossier)]
        return sum(len(case.claims) for case, _ in trials), reduce(added, (usage for _, usage in trials), Usage())

    @property
    def incomplete(self) -> bool:
        """Whether an answer is missing; a rejected quote is no missing answer."""
        return any(p.leaves_undone for t in self.trials for p in t.problems)


def load_cases(path: Path) -> list[Case]:
    """Answer keys and evidence dossiers (*.json) and suites of pairs (*.jsonl) of a folder, or one file.

    Raises UsageError.
    """
    paths = sorted(p for p in path.rglob("*") if p.suffix in {".json", ".jsonl"}) if path.is_dir() else [path]
    if not paths:
        raise UsageError(f"{path}: holds no answer keys (*.json) and no suites (*.jsonl)")
    return [_case(p) for p in paths]


def _case(path: Path) -> Case:
    if path.suffix == ".jsonl":
        return Suite(path.stem, load_suite(path))
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: is no answer key ({type(error).__name__}: {error})") from None
    return load_dossier(path) if is_dossier(value) else load_key(path)


def run_trials(
    cases: Sequence[Case],
    settings: Settings,
    tape: Tape,
    *,
    against: bool = False,
    ledger: str | None = None,
    among: Path | None = None,
) -> list[Outcome]:
    """Ask about every case and score the answers; with `against` also in one prompt a dossier.

    With `ledger` the documents of all dossiers are also added to that ledger, one by one. With `among` the archives
    of evidence dossiers are searched together with the documents of that folder. Raises LedgerError.
    """
    return asyncio.run(_outcomes(cases, settings, tape, against=against, ledger=ledger, among=among))


async def _outcomes(
    cases: Sequence[Case], settings: Settings, tape: Tape, *, against: bool, ledger: str | None, among: Path | None
) -> list[Outcome]:
    outcomes = [Outcome("pipeline", list(await asyncio.gather(*(_trial(c, settings, tape, among) for c in cases))))]
    keys = [case for case in cases if isinstance(case, Key)]
    if against and (whole := [case for case in cases if not isinstance(case, Suite)]):
        trials = await asyncio.gather(*(_at_once(case, settings, tape) for case in whole))
        outcomes.append(Outcome("one-prompt", list(trials)))
    if ledger is not None and keys:
        outcomes.append(Outcome("ledger", await _in_one_ledger(keys, settings, tape, ledger)))
    return outcomes


async def _in_one_ledger(keys: Sequence[Key], settings: Settings, tape: Tape, place: str) -> list[Trial]:
    """A trial a dossier; what all of them cost together stands with the first one."""
    from factcheck.quality.archive import remember_all  # noqa: PLC0415  (SQLAlchemy is slow to import)

    async with _chat(settings, tape) as chat:
        window, candidates = settings.window_tokens, settings.candidate_tokens
        prompts = load_prompts(settings.prompts)
        done = await remember_all(keys, place, chat, prompts, window=window, candidates=candidates)
        costs = [chat.usage(), *[Usage()] * (len(done) - 1)]
    return [Trial(r.key, r.report, r.score, cost) for r, cost in zip(done, costs, strict=True)]


async def _trial(case: Case, settings: Settings, tape: Tape, among: Path | None) -> Trial:
    if isinstance(case, Dossier):
        return await _looked_into(case, settings, tape, among)
    return await (_suite(case, settings, tape) if isinstance(case, Suite) else _watched(case, settings, tape))


async def _at_once(case: Key | Dossier, settings: Settings, tape: Tape) -> Trial:
    if isinstance(case, Key):
        return await _dossier(case, settings, tape, ask_once)
    async with _chat(settings, tape) as chat:
        try:
            report = await weigh_at_once(case, chat, load_prompts(settings.prompts))
        except ModelError as error:
            report = _failed(case, chat, error)
        return Trial(case, report, score_dossier(report, case, ()), chat.usage())


async def _looked_into(dossier: Dossier, settings: Settings, tape: Tape, among: Path | None) -> Trial:
    """An evidence dossier: its archive is searched as files are, and its claims are weighed as those of articles."""
    rows: list[Passage] = []
    prompts = load_prompts(settings.prompts)
    with TemporaryDirectory(prefix="factcheck-") as folder:
        write_archive(dossier, archive := Path(folder) / "archive")
        sources = [Files(place, Path(folder) / "index") for place in (archive, among) if place]
        async with _chat(settings, tape) as chat:
            looking = Looking(sources, watch=rows.extend)
            report = Report(
                run=run_of(dossier, chat, {name: prompts[name].fingerprint for name in PROMPTS}),
                documents=tuple(dossier.articles.values()),
                claims=tuple(ranked(dossier.claims, {d.id: d for d in dossier.articles.values()})),
                findings=(),
                problems=(),
            )
            report = await add_evidence(report, looking, chat, prompts)
            return Trial(dossier, report, score_dossier(report, dossier, rows), chat.usage())


def _failed(case: Key | Dossier, chat: Chat, error: ModelError) -> Report:
    problem = Problem(stage="extract", code=error.code, message=f"{case.name}: {error}")
    run = Run(id="", tool="", started=None, model=chat.endpoint.model, prompts={}, usage=chat.usage())
    documents = tuple(case.documents.values())
    return Report(run=run, documents=documents, claims=(), findings=(), problems=(problem,))


async def _watched(key: Key, settings: Settings, tape: Tape) -> Trial:
    """A dossier through the pipeline, with what its comparisons were shown."""
    seen: list[Window] = []
    window, candidates = settings.window_tokens, settings.candidate_tokens
    trial = await _dossier(key, settings, tape, partial(check, watch=seen.append, window=window, candidates=candidates))
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
            report = _failed(key, chat, error)
        return Trial(key, report, score(report, key), chat.usage())


@asynccontextmanager
async def _chat(settings: Settings, tape: Tape) -> AsyncIterator[Chat]:
    resumed = tape.keep is not None and tape.replay is None
    store = Store(tape.keep) if tape.keep and resumed else open_store(settings, record=tape.record, replay=tape.replay)
    chat = open_chat(settings, store, record=tape.record, replay=tape.replay)
    try:
        yield chat
    finally:
        await close_chat(chat, settings, replay=tape.replay)
        if store is not None and tape.keep is not None and not resumed:
            store.copy_played(tape.keep)
