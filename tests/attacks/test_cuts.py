"""A sample of the attack on cuts: every frame in every language once, with another clause each time."""

from __future__ import annotations

import pytest

from tests.attacks.cuts import accepted, cuts, keeps, languages, misleads, others, speakers

SAMPLE = 12
"""One of so many cuts is tried here; all are in tests/bench/test_cuts.py."""


@pytest.mark.parametrize("language", languages())
def test_no_cut_leaves_out_what_turns_it(language: str) -> None:
    turned = [cut for cut in list(cuts(language))[:: SAMPLE + 1] if cut.kind]
    tried = [(cut, accepted(cut, source)) for cut in turned for source in speakers(cut)]
    assert len(tried) >= 80
    assert not [(cut.text, quote) for cut, quote in tried if misleads(cut, quote)]
    assert all(quote is not None for _, quote in tried), "widening is no rejection"


def test_nobody_else_passes_as_the_speaker() -> None:
    tried = [cut for cut, known in others() if not known][::SAMPLE]
    assert len(tried) >= 100
    assert not [cut.text for cut in tried if keeps(cut, accepted(cut, cut.source))]


def test_harmless_frames_keep_the_short_cut() -> None:
    harmless = [cut for language in languages() for cut in cuts(language) if not cut.kind][::SAMPLE]
    kept = [cut for cut in harmless if keeps(cut, accepted(cut, cut.source))]
    assert len(harmless) >= 200
    assert len(kept) >= 0.9 * len(harmless)


def test_the_attack_is_as_wide_as_it_should_be() -> None:
    kinds = {language: {cut.kind for cut in cuts(language)} - {""} for language in languages()}
    assert len(kinds) >= 20
    assert all(len(found) >= 40 for found in kinds.values()), {k: len(v) for k, v in kinds.items()}
