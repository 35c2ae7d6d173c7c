"""The recorded cases: what was accepted still comes out, every recording is played, and none holds a secret."""

from __future__ import annotations

import asyncio
import json
import operator
from contextlib import closing
from functools import reduce
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

import factcheck
from factcheck.commands.app import app
from factcheck.ledger.connection import open_ledger
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.llm.recordings import RecordingTransport, Request, Store
from factcheck.pipeline import check
from factcheck.quality.context import together
from factcheck.quality.evaluate import Key, Score
from factcheck.quality.trials import Suite, load_cases
from factcheck.stages.pair import Window
from tests.support.desk import fill

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
RECORDINGS = FIXTURES / "recordings"
SEEDS = ROOT / "seeds" / "nato-2014"
REFERENCES = ROOT / "seeds" / "references"
NOISE = 250
"""Invented documents that the cases are lost among, as `make record` has them."""


@pytest.fixture(scope="module")
def played() -> set[Path]:
    return set()


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledgers")


@pytest.fixture(scope="module")
def regression(played: set[Path], ledgers: Path) -> Result:
    """All cases and the demo, without and with a ledger, while every recording that is played is noted."""
    load = Store.load

    def noting(self: Store, request: Request) -> httpx2.Response | None:
        response = load(self, request)
        played.add(self.path_of(request))
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "load", noting)
        settings = factcheck.load_settings(use_cache=False, cache=ledgers / "cache")
        for place, evidence in ((None, [REFERENCES]), (ledgers / "seeds.db", [])):
            factcheck.check([SEEDS], settings=settings, replay=RECORDINGS, ledger=place, evidence=evidence)
        return CliRunner().invoke(app, ["regress", str(FIXTURES)], catch_exceptions=False)


def test_nothing_got_worse(regression: Result) -> None:
    assert regression.exit_code == 0, regression.stdout


def test_an_archive_shows_together_what_a_dossier_shows(ledgers: Path) -> None:
    """All cases in one run, in a ledger of other documents; what is shown is seen without an answer to it."""
    fill(place := str(ledgers / "archive.db"), NOISE)
    keys = [case for case in load_cases(FIXTURES / "cases") if isinstance(case, Key)]
    seen: list[Window] = []

    async def go() -> list[Score]:
        chat = Chat(Endpoint("relay"), RecordingTransport(Store(RECORDINGS), None))
        with closing(open_ledger(place)) as ledger:
            every = [d for key in keys for d in key.documents.values()]
            report = await check(every, chat, load_prompts(), ledger=ledger, watch=seen.append)
            reports = [ledger.report([d.id for d in key.documents.values()], report.run) for key in keys]
            return [together(kept, key, seen) for kept, key in zip(reports, keys, strict=True)]

    total = reduce(operator.add, asyncio.run(go()))
    assert (total.tallies["shown together"].share or 0) >= 0.95
    assert len(seen) <= len(keys)


def test_the_docs_show_the_timeline_of_the_seeds(regression: Result, ledgers: Path) -> None:
    run = ["timeline", "Alexander Stubb", "--ledger", str(ledgers / "seeds.db"), "--format", "text"]
    chart = CliRunner().invoke(app, run).stdout.split("\n\n")[1]
    assert chart in (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")


def test_the_docs_show_the_evidence_of_the_demo(regression: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run = ["check", "seeds/nato-2014", "--evidence", "seeds/references", "--replay", str(RECORDINGS)]
    shown = CliRunner().invoke(app, run).stdout
    docs = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    (example,) = [block for block in docs.split("```") if "evidence: what was found" in block]
    assert example.strip("\n") in shown
    assert shown.index("position softened") < shown.index("evidence: what was found")


def test_every_recording_is_played(regression: Result, played: set[Path]) -> None:
    unplayed = [path for path in Store(FIXTURES / "recordings").files() if path not in played]
    assert not unplayed


@pytest.mark.parametrize("path", Store(FIXTURES / "recordings").files(), ids=lambda p: p.stem[:8])
def test_a_recording_says_who_answered_and_holds_no_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    assert record["answered_by"] == "relay"
    assert set(record["response"]["headers"]) <= {"content-type"}
    assert "127.0.0.1" not in text
    assert '"authorization":' not in text.lower()


def test_the_cases_cover_languages_and_traps() -> None:
    cases = load_cases(FIXTURES / "cases")
    evidence = load_cases(FIXTURES / "evidence")
    assert {case.language for case in evidence if not isinstance(case, Suite)} >= {"de", "en", "es"}
    suites = [case for case in load_cases(FIXTURES / "suite") if isinstance(case, Suite)]
    assert len({case.language for case in cases if not isinstance(case, Suite)}) >= 5
    pairs = [pair for suite in suites for pair in suite.pairs]
    assert len({pair.id for pair in pairs}) == len(pairs)
    counts: dict[str, int] = {}
    for pair in pairs:
        counts[pair.category] = counts.get(pair.category, 0) + 1
    assert counts["ladder"] >= 60
    assert len(counts) >= 15
    assert min(counts.values()) >= 12
