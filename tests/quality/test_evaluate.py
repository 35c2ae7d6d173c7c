"""The scorer: a perfect report scores 1, and each fault costs what it should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from factcheck.errors import UsageError
from factcheck.models import Claim, Finding, Report, Run, Usage
from factcheck.quality.evaluate import Key, Tally, load_key, names_match, score
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from tests.support.keys import KEY


@pytest.fixture
def key(tmp_path: Path) -> Key:
    path = tmp_path / "k.json"
    path.write_text(json.dumps(KEY), encoding="utf-8")
    return load_key(path)


def claim(key: Key, doc: str, sentence: int, speaker: str | None, kind: Any, target: str | None = None) -> Claim:
    source = Source(speaker) if speaker else None
    made = ground(Draft(key.documents[doc], (Pointer(sentence, ""),), source, kind, "t", target=target))
    assert isinstance(made, Claim)
    return made


def perfect(key: Key) -> list[Claim]:
    return [
        claim(key, "a", 1, "Ann Roe", "official_position"),
        claim(key, "b", 1, "Roe", "official_position"),
        claim(key, "b", 2, "Ben Ito", "accusation", "Ann Roe"),
        claim(key, "a", 2, None, "assertion"),
        claim(key, "b", 3, None, "assertion"),
    ]


def report(key: Key, claims: list[Claim], pairs: list[tuple[int, int]], kind: Any = "reversal") -> Report:
    findings = tuple(
        Finding(
            id=f"f{a}{b}",
            kind=kind,
            severity="partial",
            tier="strong",
            a=claims[a].id,
            b=claims[b].id,
            explanation="",
            reading="",
        )
        for a, b in pairs
    )
    run = Run(id="r", tool="t", started=None, model="m", prompts={}, usage=Usage())
    return Report(
        run=run, documents=tuple(key.documents.values()), claims=tuple(claims), findings=findings, problems=()
    )


def shares(key: Key, made: Report) -> dict[str, Tally]:
    return score(made, key).tallies


def test_a_perfect_report(key: Key) -> None:
    scored = score(report(key, perfect(key), [(0, 1)]), key)
    assert scored.misses == ()
    assert scored.tallies["claims found"] == Tally(4, 4)
    assert scored.tallies["speaker right"] == Tally(4, 4)
    assert scored.tallies["target right"] == Tally(1, 1)
    assert scored.tallies["contradictions found"] == Tally(1, 1)
    assert scored.tallies["findings right"] == Tally(1, 1)
    assert scored.tallies["decoys flagged"] == Tally(0, 1)


def test_each_fault_costs_its_tally(key: Key) -> None:
    good = perfect(key)
    assert shares(key, report(key, good[1:], []))["claims found"] == Tally(3, 4)
    wrong_speaker = [good[0], claim(key, "b", 1, "Ben Ito", "official_position"), *good[2:]]
    assert shares(key, report(key, wrong_speaker, []))["speaker right"] == Tally(3, 4)
    wrong_kind = [claim(key, "a", 1, "Ann Roe", "assertion"), *good[1:]]
    assert shares(key, report(key, wrong_kind, []))["kind right"] == Tally(3, 4)
    wrong_target = [*good[:2], claim(key, "b", 2, "Ben Ito", "accusation", "the board"), *good[3:]]
    assert shares(key, report(key, wrong_target, []))["target right"] == Tally(0, 1)
    assert shares(key, report(key, good, []))["contradictions found"] == Tally(0, 1)
    assert shares(key, report(key, good, [(0, 1)], "dispute"))["finding kind right"] == Tally(0, 1)


def test_a_flagged_decoy_is_an_extra_finding_too(key: Key) -> None:
    tallies = shares(key, report(key, perfect(key), [(0, 1), (3, 4)]))
    assert tallies["decoys flagged"] == Tally(1, 1)
    assert tallies["findings right"] == Tally(1, 2)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Ann Roe", "Roe", True),
        ("Ann Roe", "Ben Roe", False),
        ("UGS", "Union générale des salariés", True),
        ("unnamed official at the port ministry", "an official of the port ministry", True),
        ("the Harbour Board", "Harbour Board", True),
        ("Ann Roe", "the chair", False),
        ("株式会社ほしくさ食品", "ほしくさ食品", True),
        ("ほしくさ食品", "なつくさ食品", False),
    ],
)
def test_names(a: str, b: str, same: bool) -> None:
    assert names_match(a, b) is same


def test_intervals_hold_their_share() -> None:
    low, high = Tally(24, 25).interval
    assert low < 0.96 < high
    assert Tally().share is None


@pytest.mark.parametrize("content", ["{}", "[]", "not json"])
def test_a_file_that_is_no_key(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"x\.json: is not an answer key"):
        load_key(path)
