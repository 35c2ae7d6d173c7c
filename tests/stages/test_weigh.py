"""What bears on claims: places are grounded, faults are listed, outcomes are derived, and a second look is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Outcome
from factcheck.stages.excerpts import Excerpt
from factcheck.stages.weigh import Piece, Weighed, outcome_of, weigh, weigh_prompt
from factcheck.stages.weigh_review import Reviewed, review_pieces
from tests.support.scripted import completion, transport
from tests.support.weighing import article, claims_of, piece, release, together, weight, whole

ARTICLE = article()
CLAIMS = claims_of(ARTICLE)
BRIDGE = release("The accounts are closed. The bridge cost 12 million crowns, and not 14 million as planned.")
POOL = release("The pool had 3200 visitors in May. It was not closed in June, Ann Roe told the council.", title="Pool")
PROMPTS = load_prompts()


def chat(answer: Callable[[str, str], Any], seen: list[dict[str, Any]] | None = None) -> Chat:
    return Chat(Endpoint("m", base_url="http://127.0.0.1:9/v1"), transport(answer, seen))


def weighed(
    *weights: dict[str, Any], sources: Sequence[Excerpt] = (whole(BRIDGE), whole(POOL)), **others: Any
) -> Weighed:
    def answer(name: str, _: str) -> Any:
        return together(weights) if name.startswith("weigh") else others

    return asyncio.run(weigh(CLAIMS, ARTICLE, sources, chat(answer), PROMPTS))


def every(*weights: dict[str, Any]) -> list[dict[str, Any]]:
    """Weights with nothing for the claims that are not among them."""
    given = {w["of"]: w for w in weights}
    return [given.get(n, weight(n)) for n in range(1, len(CLAIMS) + 1)]


def test_places_become_exact_words_of_one_or_more_documents() -> None:
    done = weighed(*every(weight(1, piece("A2 cost 12 million crowns", "B1"), lacks="the plan")))
    (found,) = done.pieces
    assert [w.document_id for w in found.words] == [BRIDGE.id, POOL.id]
    for words, document in zip(found.words, (BRIDGE, POOL), strict=True):
        assert all(document.text[q.start : q.end] == q.exact for q in words.quotes)
    assert done.lacks == {CLAIMS[0].id: "the plan"}
    assert done.problems == []


def test_a_cut_that_turns_the_meaning_is_widened() -> None:
    (found,) = weighed(*every(weight(2, piece("[B2] closed in June", rel="conflicts")))).pieces
    assert "not closed in June" in found.words[0].quotes[0].exact


def test_whoever_says_it_must_stand_in_the_document() -> None:
    done = weighed(*every(weight(2, piece("B2", by="Ann Roe")), weight(3, piece("B1", by="Bo Lind"))))
    assert [p.words[0].attribution.speaker for p in done.pieces] == ["Ann Roe", None]


def test_what_is_about_something_else_is_no_evidence() -> None:
    assert weighed(*every(weight(2, piece("B1", same=False)))).pieces == []


@pytest.mark.parametrize("place", ["A9", "C1", "7", "A", "the second sentence"])
def test_places_that_were_not_shown_are_refused(place: str) -> None:
    done = weighed(*every(weight(1, piece(place))))
    assert done.pieces == []
    assert [p.code for p in done.problems] == ["unknown_sentence"]


def test_sentences_that_were_not_shown_are_refused_though_they_exist() -> None:
    part = Excerpt(BRIDGE, whole(BRIDGE).sentences[:1], ())
    done = weighed(*every(weight(1, piece("A2"))), sources=[part])
    assert [p.code for p in done.problems] == ["unknown_sentence"]


def test_words_that_do_not_stand_there_are_repaired_or_left_out() -> None:
    answer = every(weight(1, piece("A2 the bridge was cheap at 12")))
    (found,) = weighed(*answer, repairs=[{"n": 1, "at": ["2"]}]).pieces
    assert found.words[0].quotes[0].exact.startswith("The bridge cost 12")
    done = weighed(*answer, repairs=[{"n": 1, "at": []}])
    assert done.pieces == []
    assert [(p.stage, p.code) for p in done.problems] == [("weigh", "not_in_text")]
    assert not done.problems[0].leaves_undone


def test_claims_without_an_answer_are_not_taken_for_claims_without_evidence() -> None:
    done = weighed(weight(1), weight(2), weight(9))
    assert done.unread == {CLAIMS[2].id, CLAIMS[3].id}
    assert sorted(p.code for p in done.problems) == ["incomplete", "unknown_claim"]
    assert any(p.leaves_undone for p in done.problems)


def test_an_answer_that_was_cut_off_is_asked_for_in_halves() -> None:
    def answer(_: str, user: str) -> Any:
        statements = user.count("\n#")
        if statements > 2:
            return completion('{"pieces": [', finish="length")
        return together(weight(n) for n in range(1, statements + 1))

    done = asyncio.run(weigh(CLAIMS, ARTICLE, [whole(BRIDGE)], chat(answer), PROMPTS))
    assert done.unread == frozenset()


def test_a_source_that_speaks_to_the_machine_is_left_out_and_the_others_are_weighed_anew() -> None:
    seen: list[dict[str, Any]] = []

    def answer(_: str, user: str) -> Any:
        hostile = "Pool" in user
        found = piece("B1" if hostile else "A2")
        return together(every(weight(1, found)), machine=["B"] if hostile else [])

    both = [whole(BRIDGE), whole(POOL)]
    done = asyncio.run(weigh(CLAIMS, ARTICLE, both, chat(answer, seen), PROMPTS))
    assert [w.document_id for p in done.pieces for w in p.words] == [BRIDGE.id]
    assert [p.code for p in done.problems] == ["addresses_machine"]
    assert len(seen) == 2


def test_the_prompt_shows_each_source_once_and_the_words_that_are_meant() -> None:
    text = weigh_prompt(CLAIMS, ARTICLE, [whole(BRIDGE), whole(POOL)], PROMPTS["weigh"]).messages[1]["content"]
    assert text.count("Town Hall, 2024-05-31") == 2
    assert "[B2] It was not closed in June" in text
    assert "#1 (article): ⟦The bridge cost 12 million crowns.⟧" in text
    assert text.count("The bakery employs 36 people.") == 1


def made(relation: str) -> Piece:
    (found,) = weighed(*every(weight(1, piece("A2", rel=relation)))).pieces
    return found


@pytest.mark.parametrize(
    ("relations", "outcome"),
    [
        ([], "nothing_found"),
        (["supports"], "supported"),
        (["supports", "qualifies"], "qualified"),
        (["qualifies"], "qualified"),
        (["conflicts", "qualifies"], "conflicting"),
        (["conflicts", "supports"], "mixed"),
        (["conflicts", "replaced"], "conflicting"),
        (["replaced"], "qualified"),
    ],
)
def test_code_derives_the_outcome(relations: list[str], outcome: Outcome) -> None:
    assert outcome_of([made(relation) for relation in relations]) == outcome


def looked(verdict: str | None, relation: str = "conflicts") -> Reviewed:
    pieces = [made("supports"), made(relation)]
    looks = [{"n": 1, "because": "Other pools.", "verdict": verdict}] if verdict else []
    documents = {d.id: d for d in (ARTICLE, BRIDGE, POOL)}
    asked = chat(lambda name, user: {"looks": looks})
    return asyncio.run(review_pieces(pieces, documents, asked, PROMPTS["weigh-review"]))


def test_a_second_look_that_agrees_makes_a_piece_strong() -> None:
    supports, conflicts = looked("conflicts").pieces
    assert (supports.strong, conflicts.strong, conflicts.relation) == (False, True, "conflicts")


def test_where_two_looks_differ_the_milder_one_holds() -> None:
    assert looked("qualifies").pieces[1].relation == "qualifies"
    assert looked("conflicts", "qualifies").pieces[1].relation == "qualifies"


@pytest.mark.parametrize(("day", "relation"), [("2024-06-04", "conflicts"), ("2025-06-04", "qualifies")])
def test_what_replaced_a_figure_before_the_statement_conflicts_with_it(day: str, relation: str) -> None:
    article = ARTICLE.model_copy(update={"published": "2024-12-01"})
    newer = {d.id: d.model_copy(update={"published": day}) for d in (BRIDGE, POOL)}
    asked = chat(lambda name, user: {"looks": [{"n": 1, "because": "A newer count.", "verdict": "qualifies"}]})
    documents = {article.id: article, **newer}
    done = asyncio.run(review_pieces([made("replaced"), made("conflicts")], documents, asked, PROMPTS["weigh-review"]))
    assert [(p.relation, p.replaced) for p in done.pieces] == [("supports", True), (relation, False)]


@pytest.mark.parametrize("verdict", ["other", "fits"])
def test_what_a_second_look_does_not_see_is_left_out_and_listed(verdict: str) -> None:
    done = looked(verdict)
    assert [p.relation for p in done.pieces] == ["supports"]
    assert [p.code for p in done.problems] == ["no_conflict"]
    assert "Other pools." in done.problems[0].message


def test_without_a_second_look_a_piece_stays_and_the_run_is_incomplete() -> None:
    done = looked(None)
    assert [(p.relation, p.strong) for p in done.pieces] == [("supports", False), ("conflicts", False)]
    assert [p.leaves_undone for p in done.problems] == [True]
