"""Candidates: by who and about what, the best into the budget."""

from __future__ import annotations

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.stages.pair import Known, _sought, known, likeness, pair, rarities
from factcheck.text.names import folded


def claim(document: Document, sentence: int, speaker: str | None, topic: str, principal: str | None = None) -> Claim:
    said = Source(speaker, on_behalf_of=principal) if speaker else None
    made = ground(Draft(document, (Pointer(sentence, ""),), said, "assertion", topic))
    assert isinstance(made, Claim)
    return made


def scores(new: tuple[Document, Claim], *old: tuple[Document, Claim]) -> list[float]:
    ready = [known(document, [made])[0] for document, made in (new, *old)]
    return [likeness(k, _sought(ready[:1]), rarities(ready)) for k in ready[1:]]


def story(number: int) -> Document:
    return document_from_text(f"Story {number} opens. The pier of town {number} will close. Nobody minded. It ended.")


def test_same_speaker_and_same_topic_rank_above_either_alone() -> None:
    document, other = story(1), story(2)
    new = claim(other, 2, "Ann Roe", "closing the pier")
    both = claim(document, 2, "Ann Roe", "closing the pier")
    speaker_only = claim(document, 1, "Ann Roe", "school meals")
    topic_only = claim(document, 3, "Ben Ito", "closing the pier")
    neither = claim(document, 4, "Ben Ito", "school meals")
    made = scores((other, new), *((document, c) for c in (both, speaker_only, topic_only, neither)))
    assert made[0] > max(made[1:3])
    assert min(made[:3]) > made[3]


def test_a_spokesperson_meets_the_body() -> None:
    first, second = story(1), story(2)
    new = claim(first, 2, "Ann Roe", "x", "Harbour Board")
    body = claim(second, 2, "Harbour Board", "y")
    stranger = claim(second, 2, "Ben Ito", "y")
    made = scores((first, new), (second, body), (second, stranger))
    assert made[0] > made[1]


def group(number: int) -> list[Known]:
    document = story(number)
    made = [claim(document, 2, "Ann Roe", "closing the pier"), claim(document, 4, None, "weather")]
    return known(document, made)


def test_a_small_collection_is_shown_whole_and_a_large_one_within_the_budget() -> None:
    new, earlier = group(0)[:1], [group(n) for n in range(1, 60)]
    rarity = rarities([*new, *(k for g in earlier for k in g)])
    small = pair(new, earlier[:3], rarity)
    assert [len(e.sentences) for e in small] == [4, 4, 4]
    assert all(len(e.claims) == 2 for e in small)
    large = pair(new, earlier, rarity, budget=200)
    assert 1 < len(large) < 20
    assert all(e.claims[0].topic == "closing the pier" for e in large)


def test_names_are_equal_without_accents_case_and_marks_only() -> None:
    assert folded("José Ó'Brien") == folded("jose o brien")
    assert folded("Ann Roe") != folded("Anna Roe")
