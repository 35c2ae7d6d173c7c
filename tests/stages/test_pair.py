"""What is read together: each pair of a dossier meets in a window, and an archive is read in groups."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.stages.excerpts import Excerpt, whole
from factcheck.stages.pair import Gathering, Unit, Window, windows


def story(number: int, sentences: int = 10) -> Excerpt:
    text = " ".join(f"The pier of town {number} was mended on day {n}." for n in range(sentences))
    (part,) = whole(document_from_text(text, title=str(number)), [])
    return part


def met(laid: list[Window]) -> list[frozenset[str]]:
    """Every pair of titles that stands in one window, with one of the two new, as often as it does."""
    found = []
    for window in laid:
        new = [e.document.title or "" for e in window.new]
        found += [frozenset(p) for p in combinations(new, 2)]
        found += [frozenset((a, e.document.title or "")) for a in new for e in window.beside]
    return found


def test_what_fits_is_one_window() -> None:
    (window,) = windows([Unit(story(n)) for n in range(5)], 5 * story(0).size + 50)
    assert len(window.new) == 5
    assert not window.beside


@pytest.mark.parametrize("number", [3, 5, 8, 13])
def test_each_pair_of_a_dossier_meets_in_a_window(number: int) -> None:
    stories = [story(n) for n in range(number)]
    laid = windows([Unit(s) for s in stories], 4 * stories[0].size)
    wanted = {frozenset((str(a), str(b))) for a, b in combinations(range(number), 2)}
    assert set(met(laid)) == wanted
    room = 4 * stories[0].size
    assert all(sum(e.size for e in (*w.new, *w.beside)) <= room for w in laid)
    assert len(laid) <= max(1, -(-number // 2) * (-(-number // 2) - 1) // 2)


def test_documents_that_were_compared_before_are_shown_and_not_asked_about() -> None:
    units = [Unit(story(0), is_new=False), Unit(story(1), is_new=False), Unit(story(2))]
    (window,) = windows(units, 10_000)
    assert [e.document.title for e in window.new] == ["2"]
    assert [e.document.title for e in window.beside] == ["0", "1"]
    assert windows(units[:2], 10_000) == []
    small = windows(units, 2 * story(0).size)
    assert all([e.document.title for e in w.new] == ["2"] for w in small)
    assert set(met(small)) == {frozenset("02"), frozenset("12")}


def gathered(sizes: list[int], window: int, matters: list[str] | None = None) -> list[list[int]]:
    gathering: Gathering[int] = Gathering(window, lambda n: frozenset({matters[n]}) if matters else frozenset())
    return [group for n, size in enumerate(sizes) for group in gathering.add(n, size)] + gathering.rest()


def test_a_dossier_is_one_group_and_an_archive_many_of_half_a_window() -> None:
    assert gathered([100] * 10, 1000) == [list(range(10))]
    archive = gathered([100] * 21, 1000)
    assert [len(group) for group in archive] == [5, 5, 5, 5, 1]
    assert [n for group in archive for n in group] == list(range(21))
    assert gathered([5000, 10], 1000) == [[0], [1]]
    assert gathered([], 1000) == []


def test_an_archives_documents_about_one_matter_share_a_group() -> None:
    matters = [f"matter {n % 7}" for n in range(42)]
    groups = gathered([100] * 42, 1000, matters)
    assert [len(group) for group in groups] == [6] * 7
    assert all(len({matters[n] for n in group}) == 1 for group in groups)
    assert all(a < b for group in groups for a, b in pairwise(group))


def test_no_group_is_larger_than_the_window_allows_and_none_waits_for_ever() -> None:
    groups = gathered([100] * 200, 1000, ["one"] * 200)
    assert sorted(n for group in groups for n in group) == list(range(200))
    assert max(len(group) for group in groups) <= 6
    gathering: Gathering[int] = Gathering(1000)
    assert any(gathering.add(n, 100) for n in range(100))
