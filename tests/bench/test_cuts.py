"""The whole attack on cuts, and how many of the cuts that a model made are widened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import factcheck
from factcheck.inputs.documents import document_from_text
from factcheck.text import cuts as guard
from tests.attacks.cuts import accepted, cuts, keeps, languages, misleads, others, speakers

ROOT = Path(__file__).parent.parent.parent
RECORDINGS = ROOT / "fixtures" / "recordings"


def test_the_whole_attack() -> None:
    tried: Counter[str] = Counter()
    wrong: list[tuple[str, str | None]] = []
    harmless = kept = 0
    for language in languages():
        for cut in cuts(language):
            if cut.kind:
                tried[cut.kind] += 1
                quotes = [accepted(cut, source) for source in speakers(cut)]
                wrong += [(cut.text, quote) for quote in quotes if quote is None or misleads(cut, quote)]
            else:
                harmless += 1
                kept += keeps(cut, accepted(cut, cut.source))
    print(
        f"\n{sum(tried.values()):,} cuts in {len(tried)} kinds of frame and {len(languages())} languages, each with up "
        f"to three speakers: {len(wrong)} mislead; {kept:,} of {harmless:,} harmless frames ({kept / harmless:.1%}) "
        "keep the short cut"
    )
    assert not wrong
    assert sum(tried.values()) >= 10_000
    assert harmless >= 2000
    assert kept >= 0.9 * harmless


def test_nobody_else_passes_as_the_speaker() -> None:
    stand = [(cut.text, known) for cut, known in others() if keeps(cut, accepted(cut, cut.source))]
    print(f"\n{len(stand)} of {len(others()):,} sentences written against the guard still give a cut that misleads")
    assert not [text for text, known in stand if not known]


def test_cuts_of_recorded_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[tuple[Any, ...], tuple[bool, bool]] = {}
    widened = guard.widened

    def noting(text: str, language: str | None, sentences: Any, places: Sequence[Any], names: Any) -> list[Any]:
        wide = widened(text, language, sentences, places, names)
        low, high = sentences[0].start, sentences[-1].end
        left_out = text[low : min(places)[0]] + text[max(p[1] for p in places) : high]
        cut = len(places) > 1 or any(char.isalnum() for char in left_out)
        seen[text, tuple(places), names] = (cut, wide != sorted((p[0], p[1]) for p in places))
        return wide

    monkeypatch.setattr(guard, "widened", noting)
    settings = factcheck.load_settings(use_cache=False)
    dossiers = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "fixtures/cases").glob("*.json"))
    ]
    fields = ("title", "publisher")
    articles = [
        document_from_text(d["text"], language=c["language"], published=d["date"], **{f: d.get(f) for f in fields})
        for c in dossiers
        for d in c["documents"]
    ]
    for sources in ([ROOT / "seeds" / "nato-2014"], articles):
        factcheck.check(sources, settings=settings, replay=RECORDINGS, compare=False)
    print(
        f"\n{len(seen)} statements of recorded answers: {sum(cut for cut, _ in seen.values())} are less than their "
        f"sentences, {sum(wide for _, wide in seen.values())} are widened"
    )
    if not seen:
        pytest.skip("no recording plays: record again")
