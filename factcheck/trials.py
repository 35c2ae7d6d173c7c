"""Run the pipeline, and the one-prompt alternative, on answer keys and print how they did."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from factcheck.chat import Chat
from factcheck.errors import ModelError, UsageError
from factcheck.evaluate import Key, Score, load_key, score
from factcheck.models import Problem, Report, Run, Usage
from factcheck.oneprompt import ask_once
from factcheck.pipeline import check
from factcheck.prompts import load_prompts
from factcheck.runs import model_for, open_store, transport_for
from factcheck.settings import Settings

OUTPUT_WEIGHT = 4
"""What an output token costs in input tokens; the ratio of most providers' price lists."""


class Trials(NamedTuple):
    """The outcome in words, and whether something could not be done."""

    text: str
    incomplete: bool


class _Outcome(NamedTuple):
    name: str
    score: Score
    usage: Usage
    documents: int
    problems: list[Problem]


def run_trials(
    keys: Path,
    settings: Settings,
    *,
    record: Path | None = None,
    replay: Path | None = None,
    against: bool = False,
    save: Path | None = None,
) -> Trials:
    """Ask about every key's documents and score the reports. Raises UsageError for keys that cannot be read."""
    paths = sorted(keys.glob("*.json")) if keys.is_dir() else [keys]
    if not paths:
        raise UsageError(f"{keys}: holds no answer keys (*.json)")
    loaded = [load_key(path) for path in paths]
    outcomes = asyncio.run(_all(loaded, settings, record, replay, against=against, save=save))
    return Trials(_table(outcomes), any(_undone(o) for o in outcomes))


async def _all(
    keys: Sequence[Key],
    settings: Settings,
    record: Path | None,
    replay: Path | None,
    *,
    against: bool,
    save: Path | None,
) -> list[_Outcome]:
    names = ["pipeline", *(["one-prompt"] if against else [])]
    return [await _trial(name, keys, settings, record, replay, save) for name in names]


async def _trial(
    name: str,
    keys: Sequence[Key],
    settings: Settings,
    record: Path | None,
    replay: Path | None,
    save: Path | None,
) -> _Outcome:
    reports = await asyncio.gather(*(_report(name, key, settings, record, replay) for key in keys))
    for key, report in zip(keys, reports, strict=True):
        _keep(report, save and save / f"{key.name}.{name}.json")
    total = reduce(operator.add, (score(r, k) for r, k in zip(reports, keys, strict=True)))
    usage = reduce(_added, (r.run.usage for r in reports))
    return _Outcome(name, total, usage, sum(len(k.documents) for k in keys), [p for r in reports for p in r.problems])


def _keep(report: Report, path: Path | None) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.model_dump_json(indent=1), encoding="utf-8")


async def _report(name: str, key: Key, settings: Settings, record: Path | None, replay: Path | None) -> Report:
    store = open_store(settings, record=record, replay=replay)
    endpoint = settings.endpoint(model_for(settings, store if replay else None))
    chat = Chat(endpoint, transport_for(settings, store, record=record, replay=replay))
    prompts, documents = load_prompts(settings.prompts), list(key.documents.values())
    try:
        return await (check if name == "pipeline" else ask_once)(documents, chat, prompts)
    except ModelError as error:
        problem = Problem(stage="extract", code=error.code, message=f"{key.name}: {error}")
        run = Run(id="", tool="", started=None, model=endpoint.model, prompts={}, usage=chat.usage())
        return Report(run=run, documents=tuple(documents), claims=(), findings=(), problems=(problem,))
    finally:
        await chat.aclose()


def _added(a: Usage, b: Usage) -> Usage:
    names = ("calls", "replayed", "input_tokens", "output_tokens")
    return a.model_copy(update={name: getattr(a, name) + getattr(b, name) for name in names})


def _undone(outcome: _Outcome) -> bool:
    return any(p.stage in {"extract", "judge", "review"} for p in outcome.problems)


def _table(outcomes: Sequence[_Outcome]) -> str:
    lines: list[str] = []
    for outcome in outcomes:
        lines += [f"{outcome.name}: {m}" for m in outcome.score.misses]
        lines += [f"{outcome.name}: not done: {p.message}" for p in outcome.problems]
    lines += ["", f"{'':<38}" + "".join(f"{o.name:>34}" for o in outcomes)]
    for name in outcomes[0].score.tallies:
        lines.append(f"{name:<38}" + "".join(f"{_cell(o.score, name):>34}" for o in outcomes))
    figures = {
        "calls a document": [f"{o.usage.calls / o.documents:.2f}" for o in outcomes],
        "input tokens": [f"{o.usage.input_tokens:,}" for o in outcomes],
        "output tokens": [f"{o.usage.output_tokens:,}" for o in outcomes],
        f"cost (input + {OUTPUT_WEIGHT} × output)": [f"{_cost(o.usage):,}" for o in outcomes],
    }
    lines += [f"{label:<38}" + "".join(f"{cell:>34}" for cell in cells) for label, cells in figures.items()]
    if len(outcomes) > 1:
        lines.append(f"cost, pipeline by one-prompt: {_cost(outcomes[0].usage) / max(1, _cost(outcomes[1].usage)):.2f}")
    return "\n".join(lines)


def _cell(scored: Score, name: str) -> str:
    tally = scored.tallies[name]
    if tally.share is None:
        return "-"
    low, high = tally.interval
    return f"{tally.hits}/{tally.total} = {tally.share:.3f} [{low:.2f}, {high:.2f}]"


def _cost(usage: Usage) -> int:
    return usage.input_tokens + OUTPUT_WEIGHT * usage.output_tokens
