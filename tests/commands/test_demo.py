"""The demo on the seeds, from recordings of a language model's answers: what it must find and must not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import factcheck
from factcheck.models import Claim, Finding, Report
from factcheck.outputs.terminal import draw

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds" / "nato-2014"
RECORDINGS = ROOT / "fixtures" / "recordings"


@pytest.fixture(scope="module")
def report() -> Report:
    settings = factcheck.load_settings(use_cache=False)
    return factcheck.check([SEEDS], settings=settings, replay=RECORDINGS)


def sides(report: Report, finding: Finding) -> tuple[Claim, Claim]:
    return report.claim(finding.a), report.claim(finding.b)


def holds(claim: Claim, words: str) -> bool:
    return any(words in quote.exact for quote in claim.quotes)


def find(report: Report, a: str, b: str) -> list[Finding]:
    return [f for f in report.findings if holds(report.claim(f.a), a) and holds(report.claim(f.b), b)]


def test_everything_was_done_from_recordings(report: Report) -> None:
    usage = report.run.usage
    assert not report.problems
    assert usage.calls == usage.replayed > 0
    assert report.run.model == "relay"
    assert report.run.started


def test_stubbs_june_wish_against_octobers_near_future(report: Report) -> None:
    found = find(report, "wants Finland to become a member of NATO", "membership in the near future")
    assert [(f.kind, f.severity) for f in found] == [("reversal", "partial")]
    june, october = sides(report, found[0])
    assert june.attribution.speaker == october.attribution.speaker == "Alexander Stubb"
    assert {june.kind, october.kind} == {"official_position"}


def test_what_the_articles_get_wrong(report: Report) -> None:
    assert find(report, "majority of Swedes", "37 per cent") or find(report, "37 per cent", "majority of Swedes")
    assert any(holds(c, "Within weeks") for f in report.findings for c in sides(report, f))


def test_the_accusation_stands_with_its_speaker_and_target(report: Report) -> None:
    accusations = [c for c in report.claims if c.kind == "accusation" and c.attribution.speaker == "Paula Lehtomäki"]
    assert [c.target for c in accusations] == ["Alexander Stubb"]
    assert all(c.attribution.speaker for c in report.claims if c.kind == "accusation")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("majority of Finns", "37 per cent"),
        ("majority of Finns", "more Swedes want"),
        ("37 per cent", "in Finland a clear majority"),
        ("pushing too close to Russia's borders", "aggravating the fighting"),
        ("wants Finland to become a member of NATO", "it does not intend to apply"),
        ("is progressing well", "threatens Russia's security"),
    ],
)
def test_decoys_are_left_alone(report: Report, a: str, b: str) -> None:
    assert not find(report, a, b)
    assert not find(report, b, a)


def test_every_quote_is_its_span(report: Report) -> None:
    assert len(report.claims) > 30
    for claim in report.claims:
        text = report.document(claim.document_id).text
        assert all(text[q.start : q.end] == q.exact for q in claim.quotes)


def test_replays_are_byte_identical_elsewhere_and_with_another_hash_seed(tmp_path: Path) -> None:
    outputs = []
    for seed, folder in (("0", ROOT), ("4711", tmp_path)):
        arguments = [
            sys.executable,
            "-m",
            "factcheck",
            "check",
            str(SEEDS),
            "--replay",
            str(RECORDINGS),
            "--format",
            "json",
        ]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
        environment.pop("OPENAI_API_KEY", None)
        done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, check=True)
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]


def test_the_readme_shows_what_the_demo_prints(report: Report) -> None:
    out = io.StringIO()
    draw(report, out)
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1].strip().splitlines()
    assert len(shown) > 10
    assert [line for line in shown if line.rstrip() not in [x.rstrip() for x in out.getvalue().splitlines()]] == []
