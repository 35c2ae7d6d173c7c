"""Articles through a local model over llama.cpp's server, in form only: which schemas it follows, what can be grounded.

make try-model MODEL=path.gguf, or python -m tests.support.try_model MODEL.gguf SOURCE...
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

import factcheck
from factcheck import Report
from factcheck.errors import FactcheckError, ModelError
from factcheck.llm.answers import (
    ExtractAnswer,
    JudgeAnswer,
    RepairAnswer,
    ReviewAnswer,
    WhoAnswer,
    Wire,
)
from factcheck.llm.arrival import live_transport
from factcheck.llm.completions import content_of, reported
from factcheck.llm.parsing import parse
from factcheck.llm.recordings import asked_for
from factcheck.settings import load_settings
from tests.support.tiny_model import llama

SHAPES: dict[str, type[Wire]] = {
    "extract": ExtractAnswer,
    "repair": RepairAnswer,
    "who": WhoAnswer,
    "judge": JudgeAnswer,
    "review": ReviewAnswer,
}


@dataclass
class Tally:
    """What came of the calls of one prompt."""

    calls: int = 0
    followed: int = 0
    """Answers that fitted the schema as they came."""
    sent: int = 0
    made: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """Answers that could not be read, and calls that gave none, by reason."""


class Watched(httpx2.AsyncBaseTransport):
    """The network, and what is seen of each call on the way."""

    def __init__(self) -> None:
        self.inner = live_transport()
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask, and count."""
        prompt = asked_for(request.url.path, json.loads(request.content)).prompt.split(".v")[0]
        response = await self.inner.handle_async_request(request)
        self._count(self.tallies[prompt], prompt, response)
        return response

    async def aclose(self) -> None:
        """Close connections."""
        await self.inner.aclose()

    def _count(self, tally: Tally, prompt: str, response: httpx2.Response) -> None:
        tally.calls += 1
        sent, made = reported(response.text) or (0, 0)
        tally.sent, tally.made = tally.sent + sent, tally.made + made
        if response.status_code != httpx2.codes.OK:
            tally.failed[f"status {response.status_code}"] += 1
            return
        try:
            parsed = parse(SHAPES[prompt], content_of(response.text))
        except ModelError as error:
            tally.failed[error.code] += 1
            return
        fits = parsed.answer is not None and not parsed.errors and not parsed.told
        tally.followed += fits
        if not fits:
            tally.failed["unread" if parsed.answer is None else "read in part, or from another form"] += 1


def lines(tallies: dict[str, Tally], report: Report, seconds: float) -> list[str]:
    """What is printed."""
    shown = [f"{'prompt':<9}{'calls':>6}{'followed':>10}{'tokens in':>11}{'out':>8}  else"]
    for name, one in tallies.items():
        reasons = ", ".join(f"{number} {why}" for why, number in one.failed.most_common())
        shown.append(f"{name:<9}{one.calls:>6}{one.followed:>10}{one.sent:>11,}{one.made:>8,}  {reasons}".rstrip())
    codes = Counter(p.code for p in report.problems)
    problems = ", ".join(f"{number} {code}" for code, number in codes.most_common()) or "none"
    came = f"{len(report.claims)} claims grounded, {len(report.findings)} findings; problems: {problems}"
    shown.append(f"{len(report.documents)} documents in {seconds:.0f} s: {came}")
    return [*shown, "This tells of form only. Whether a model is right, people and factcheck eval tell."]


def tried(model: Path, sources: list[str], context: int, folder: Path) -> list[str]:
    """Read sources through a model. Raises RuntimeError where the server does not start, FactcheckError."""
    watched = Watched()
    with llama(folder, context, model) as base_url:
        settings = load_settings(
            base_url=base_url,
            model=model.stem,
            use_cache=False,
            concurrency=1,
            deadline=1800.0,
            window_tokens=max(2_000, context // 2),
        )
        began = time.monotonic()
        report = factcheck.check(sources, settings=settings, transport=watched, errors="report")
        return lines(dict(watched.tallies), report, time.monotonic() - began)


def main() -> None:
    """Run as a program."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("sources", nargs="+")
    arguments.add_argument("--context", type=int, default=16_384)
    given = arguments.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            print("\n".join(tried(given.model, given.sources, given.context, Path(folder))))  # noqa: T201
    except (RuntimeError, FactcheckError) as error:
        print(f"try-model: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
        raise SystemExit(4) from None


if __name__ == "__main__":
    main()
