"""Which sentences a claim is weighed against: the fitting ones of all languages, whole, and no more than the budget."""

from __future__ import annotations

from factcheck.models import Claim, Document
from factcheck.stages.retrieve import BUDGET_TOKENS, passages
from tests.support.statements import article, claim

ARTICLE = article(
    "The harbour of Pellby had a good year. It handled 4,210 ships in 2023. Nobody was hurt on its quays.",
    title="A good year for Pellby",
)
SHIPS, HURT = claim(ARTICLE, 2, speaker=None, topic="ships in the harbour of Pellby"), claim(ARTICLE, 3, speaker=None)

COUNT = article("The year was quiet. Pellbyn satamassa kävi 4 210 alusta vuonna 2023. Sää oli kylmä.", language="fi")
FALL = article("A docker fell from a quay in Pellby in May. He was hurt and taken to hospital. It rained.")
NOISE = [article(f"The town of Norr{n} sold {n} carts of hay. The mayor of Norr{n} was pleased.") for n in range(30)]


def shown(made: Claim, documents: list[Document], budget: int = BUDGET_TOKENS) -> list[str]:
    (passage,) = passages([made], {ARTICLE.id: ARTICLE}, {made.id: documents}, budget_tokens=budget)
    return [c.document.text[c.start : c.end] for c in passage.candidates]


def test_a_figure_is_found_in_another_language() -> None:
    assert "Pellbyn satamassa kävi 4 210 alusta vuonna 2023." in shown(SHIPS, [*NOISE, COUNT], budget=60)[0]


def test_a_sentence_about_it_is_found_through_its_neighbours() -> None:
    assert "He was hurt and taken to hospital." in " ".join(shown(HURT, [*NOISE, FALL, COUNT], budget=60))


def test_the_budget_is_kept_and_shared() -> None:
    found = {SHIPS.id: [COUNT, FALL, *NOISE], HURT.id: [COUNT, FALL, *NOISE]}
    for budget in (10, 40, 100):
        made = passages([SHIPS, HURT], {ARTICLE.id: ARTICLE}, found, budget_tokens=budget)
        spans = {(c.document.id, at) for p in made for c in p.candidates for at in range(c.start, c.end)}
        texts = {c.document.id: c.document.text for p in made for c in p.candidates}
        assert sum(len(texts[key][at].encode()) for key, at in spans) / 4 <= 2 * budget
        assert [p.claim.id for p in made] == [SHIPS.id, HURT.id]


def test_sentences_one_behind_the_other_are_one_candidate_and_whole() -> None:
    (passage,) = passages([HURT], {ARTICLE.id: ARTICLE}, {HURT.id: [FALL]})
    (candidate,) = passage.candidates
    assert FALL.text[candidate.start : candidate.end].startswith("A docker fell")


def test_nothing_found_is_no_candidate() -> None:
    assert passages([SHIPS], {ARTICLE.id: ARTICLE}, {}) == [(SHIPS, ())]
    assert passages([], {}, {}) == []


def test_what_a_source_found_by_meaning_comes_without_a_shared_word() -> None:
    silent = article("Ninguém se feriu no cais.", language="pt")
    found = {HURT.id: [silent], SHIPS.id: NOISE}
    hurt, _ = passages([HURT, SHIPS], {ARTICLE.id: ARTICLE}, found)
    assert silent.id in {c.document.id for c in hurt.candidates}
