"""Look without running: prompts as they are sent, estimates, recordings, and the state of the set-up."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from factcheck.errors import UsageError
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.llm import tokens
from factcheck.llm.answers import ExtractAnswer, JudgeAnswer, Wire
from factcheck.llm.endpoint import Endpoint, request_body
from factcheck.llm.prices import Prices
from factcheck.llm.prompts import Filled, Prompt, default_directory, load_prompts
from factcheck.models import Document
from factcheck.order import in_time
from factcheck.outputs.words import RATES
from factcheck.plural import counted
from factcheck.redaction import shown
from factcheck.settings import Settings
from factcheck.stages.excerpts import CAPTION_TOKENS, whole
from factcheck.stages.extract import extraction_prompt
from factcheck.stages.judge import judge_prompt
from factcheck.stages.pair import Gathering, Unit, Window, windows
from factcheck.stages.split import split
from factcheck.stages.weigh import BATCH
from factcheck.text.sentences import sentences_of

CLAIMS_PER_SENTENCE = 0.6
"""Claims of an article for each of its sentences; for estimates only."""

SETTLED = 0.7
"""Share of claims that evidence could settle; for estimates only."""

WEIGHED_IN, WEIGHED_OUT = 720, 150
"""Tokens that weighing a claim takes, second looks included; for estimates only."""


def describe_prompts(directory: Path | None) -> str:
    """All prompts, a line each: fingerprint and purpose."""
    prompts = load_prompts(directory)
    lines = [f"{p.fingerprint:<26} {p.purpose}" for _, p in sorted(prompts.items())]
    return "\n".join([*lines, "", f"from {directory or default_directory()}"])


def show_prompt(name: str, source: str | None, directory: Path | None) -> str:
    """A prompt as it stands, or filled with a document exactly as it is sent. Raises UsageError."""
    prompts = load_prompts(directory)
    if name not in prompts:
        raise UsageError(f"{name}: no such prompt; there are {', '.join(sorted(prompts))}")
    prompt = prompts[name]
    if source is None:
        return f"# {prompt.fingerprint}: {prompt.purpose}\n\n## system\n\n{prompt.system}\n\n## user\n\n{prompt.user}"
    document = _one(source)
    if name == "extract":
        filled = [extraction_prompt(passage, prompt) for passage in split(document)]
    elif name == "judge":
        filled = [judge_prompt(whole(document, []), [], prompt)]
    else:
        raise UsageError(f"{name}: is filled with what earlier answers say; only extract and judge can be shown filled")
    return "\n\n".join(_as_sent(item) for item in filled)


def _as_sent(filled: Filled) -> str:
    parts = [f"## {message['role']}\n\n{message['content']}" for message in filled.messages]
    return "\n\n".join([f"# {filled.prompt.fingerprint}", *parts])


def _one(source: str) -> Document:
    reading = read([source])
    if not reading.documents:
        raise UsageError(reading.problems[0].message)
    return reading.documents[0]


def _told(reading: Reading) -> list[str]:
    return [f"{'note' if p.document_id else 'not read'}: {p.message}" for p in reading.problems]


def estimate_run(
    sources: Iterable[str],
    settings: Settings,
    *,
    compare: bool,
    ledger: bool = False,
    allow_private: bool = False,
    evidence: Sequence[str] = (),
    limit: int | None = None,
) -> tuple[str, bool]:
    """Calls, tokens and, where prices are known, money that a run would take, without asking anyone.

    And whether everything could be read. With a ledger each document is compared by itself; what the ledger holds
    already is not looked up. With `evidence` the sources are not asked, and at most `limit` claims are looked into.
    Input is counted on the prompts as they would be sent; what depends on answers is estimated.
    """
    reading = read(
        list(sources),
        stdin=getattr(sys.stdin, "buffer", None),
        fetching=Fetching(allow_private, language=settings.language),
    )
    if not reading.documents:
        raise UsageError("; ".join(p.message for p in reading.problems) or "there is nothing to read")
    prompts = load_prompts(settings.prompts)
    endpoint = settings.endpoint()
    extraction = [extraction_prompt(p, prompts["extract"]) for d in reading.documents for p in split(d)]
    groups = _groups(reading.documents, settings.window_tokens) if compare else []
    parts = [[Unit(part) for d in group for part in whole(d, [])] for group in groups]
    laid = [w for units in parts for w in windows(units, settings.window_tokens)]
    naming = sum(len(group) > 1 for group in groups)
    judging = [judge_prompt(w.new, w.beside, prompts["judge"]) for w in laid]
    asked = sum(_size(f, endpoint, ExtractAnswer) for f in extraction)
    asked += sum(_size(f, endpoint, JudgeAnswer) for f in judging)
    asked += sum(_captions(w) for w in laid) + _candidates(laid if ledger else laid[1:], settings)
    answered = sum(f.expected_output for f in (*extraction, *judging))
    weighing = _weighing(reading.documents, limit) if evidence else Weighing()
    asked, answered = asked + weighing.asked, answered + weighing.answered
    calls = len(extraction) + naming + len(judging) + weighing.calls
    asking = f"{len(extraction)} to extract, {naming} for who is who, {len(judging)} to compare"
    asking += f", {weighing.calls} to weigh evidence" if evidence else ""
    lines = [
        f"{counted(len(reading.documents), 'document')}, {counted(len(extraction), 'passage')}",
        f"about {counted(calls, 'call')} ({asking}), plus second looks",
        f"about {asked:,} tokens in and {answered:,} out, counted by {tokens.count('', endpoint.model).counted_by}",
    ]
    if evidence:
        places = ", ".join(shown(place) for place in evidence)
        lines.append(f"evidence for about {counted(weighing.claims, 'claim')} would be looked for in {places}")
    lines.append(_cost(asked, answered, endpoint.prices))
    return "\n".join([*lines, *_told(reading)]), not any(p.leaves_undone for p in reading.problems)


class Weighing(NamedTuple):
    """What looking for evidence takes, roughly: claims, calls, tokens in and out."""

    claims: int = 0
    calls: int = 0
    asked: int = 0
    answered: int = 0


def _weighing(documents: Sequence[Document], limit: int | None) -> Weighing:
    """About as many claims as evidence could settle, and for each document the calls for their number."""
    numbers = [int(CLAIMS_PER_SENTENCE * len(sentences_of(d.text, d.language)) * SETTLED) + 1 for d in documents]
    number = min(sum(numbers), limit) if limit else sum(numbers)
    calls = min(sum(-(-n // BATCH) + 1 for n in numbers), -(-number // BATCH) + 2 * len(documents))
    return Weighing(number, calls, number * WEIGHED_IN, number * WEIGHED_OUT)


def _cost(asked: int, answered: int, prices: Prices | None) -> str:
    if prices is None:
        return "cost: set price_input and price_output (US dollars for a million tokens)"
    listed = f" by list prices of {prices.as_of}{RATES[prices.rate]}" if prices.as_of else ""
    return f"about {(asked * prices.input + answered * prices.output) / 1_000_000:.4f} USD{listed}"


def _groups(documents: Sequence[Document], window: int) -> list[list[Document]]:
    """The documents that are compared together, as far as that does not depend on answers."""
    gathering: Gathering[Document] = Gathering(window)
    ordered = in_time({d.sha256: d for d in reversed(in_time(documents))}.values())
    return [g for d in ordered for g in gathering.add(d, tokens.estimate(d.text))] + gathering.rest()


def _candidates(laid: Sequence[Window], settings: Settings) -> int:
    """Tokens that what was said before adds to comparisons at most."""
    room = settings.window_tokens // 2
    return sum(min(settings.candidate_tokens * len(window.new), room) for window in laid)


def _captions(window: Window) -> int:
    """Tokens that claims add to a comparison."""
    sentences = sum(len(excerpt.sentences) for excerpt in (*window.new, *window.beside))
    return int(sentences * CLAIMS_PER_SENTENCE * CAPTION_TOKENS)


def _size(filled: Filled, endpoint: Endpoint, answer: type[Wire]) -> int:
    body = request_body(endpoint, filled, list(filled.messages), answer)
    return tokens.count(json.dumps(body, ensure_ascii=False), endpoint.model).tokens


class Described(NamedTuple):
    """A folder of recordings in words, and the recordings that are stale."""

    text: str
    stale: list[Path]


def describe_recordings(folder: Path, directory: Path | None) -> Described:
    """Recordings by prompt and model, and those made with a prompt that has changed since. Raises UsageError."""
    from factcheck.llm.recordings import Store

    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder of recordings")
    prompts = load_prompts(directory)
    counts: Counter[str] = Counter()
    stale: list[Path] = []
    for path in Store(folder).files():
        record = json.loads(path.read_text(encoding="utf-8"))
        counts[f"{record['prompt']} by {record['answered_by']}"] += 1
        if _is_stale(record, prompts):
            stale.append(path)
    lines = [f"{number:>5}  {name}" for name, number in sorted(counts.items())]
    lines += [f"stale: {path.relative_to(folder)} (its prompt has changed; record it again)" for path in stale]
    if not lines:
        raise UsageError(f"{folder}: holds no recordings; make some with --record {folder}")
    return Described("\n".join(lines), stale)


def _is_stale(record: dict[str, object], prompts: dict[str, Prompt]) -> bool:
    request = record["request"]
    if isinstance(request, dict) and not {"messages", "instructions"} & request.keys():  # no prompt shaped it
        return False
    system = (request.get("instructions") or request["messages"][0]["content"]) if isinstance(request, dict) else []
    current = prompts.get(str(record["prompt"]).split(".v")[0])
    return current is None or "\n".join(system) != current.system
