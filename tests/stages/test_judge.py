"""What answers about pairs amount to, and how the comparison is put together."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.llm.answers import JudgeAnswer, PairWire
from factcheck.llm.client import Reply
from factcheck.llm.prompts import load_prompts
from factcheck.models import Claim, Document, Kind
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.excerpts import whole
from factcheck.stages.ground import ground
from factcheck.stages.judge import Judgement, judge, kind_of, severity_of
from tests.support.scripted import completed


def article(text: str, publisher: str = "The Echo", published: str = "2024-01-10") -> Document:
    return document_from_text(text, publisher=publisher, published=published)


def claim(document: Document, sentence: int, speaker: str | None = None, kind: Kind = "assertion") -> Claim:
    source = Source(speaker) if speaker else None
    made = ground(Draft(document, (Pointer(sentence, ""),), source, kind, "leasing the pier", "indirect"))
    assert isinstance(made, Claim)
    return made


def answered(**changes: Any) -> PairWire:
    fields: dict[str, Any] = {
        "a": 1,
        "b": 2,
        "about": "the pier",
        "same_thing": True,
        "reading": "Both may hold.",
        "both_can_be_true": False,
        "speakers": "same",
        "moved": "no",
        "why": "They do not fit.",
    }
    return PairWire(**{**fields, **changes})


class Scripted:
    """Stands in for the model seam of the judge and keeps the prompt that it was asked with."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = JudgeAnswer.model_validate(completed("judge", answer))
        self.prompt = ""

    async def ask(self, filled: Any, answer: Any) -> Reply[JudgeAnswer]:
        self.prompt = filled.messages[1]["content"]
        return Reply(self.answer, [])


@pytest.mark.parametrize(
    ("same_thing", "both", "moved", "speakers", "own", "severity"),
    [
        (True, False, "no", "different", False, "full"),
        (True, False, "other", "same", False, "full"),
        (True, True, "softer", "same", False, "partial"),
        (True, True, "harder", "different", False, None),
        (True, True, "narrower", "different", True, "partial"),
        (True, True, "no", "same", False, None),
        (False, False, "other", "same", False, None),
        (False, True, "other", "same", False, "partial"),
        (False, True, "other", "different", True, None),
    ],
)
def test_severity_follows_from_the_answers(
    same_thing: bool, both: bool, moved: str, speakers: str, own: bool, severity: str | None
) -> None:
    pair_answer = answered(same_thing=same_thing, both_can_be_true=both, moved=moved, speakers=speakers)
    assert severity_of(pair_answer, own_voice=own) == severity


def test_kind_follows_from_whose_voice_the_sides_are_in() -> None:
    echo, later, other = (
        article("Rain. Snow."),
        article("Rain. Hail.", published="2024-05-01"),
        article("Rain.", publisher="Star"),
    )
    ann, ben = claim(echo, 1, "Ann"), claim(later, 1, "Ben")
    own, own_later, own_other = claim(echo, 1), claim(later, 1), claim(other, 1)
    assert kind_of(ann, claim(later, 2, "Ann"), echo, later, same_speaker=True) == "reversal"
    assert kind_of(ann, ben, echo, later, same_speaker=True) == "reversal"
    assert kind_of(ann, ben, echo, later, same_speaker=False) == "dispute"
    assert kind_of(own, own_later, echo, later, same_speaker=True) == "inconsistency"
    assert kind_of(own, own_other, echo, other, same_speaker=False) == "inconsistency"
    assert kind_of(own, claim(echo, 2, "Ann"), echo, echo, same_speaker=False) == "inconsistency"
    assert kind_of(own_other, ann, other, echo, same_speaker=False) == "dispute"
    assert kind_of(own, claim(echo, 2, "Ann"), echo, echo, same_speaker=True) == "inconsistency"
    assert kind_of(own_other, ann, other, echo, same_speaker=True) == "dispute"


def test_a_body_that_publishes_its_own_releases_reverses_itself() -> None:
    june = article("We will lease. Rain.", publisher="Harbour Board", published="2024-06-01")
    july = article("We will not lease.", publisher="Harbour Board", published="2024-07-01")
    sides = claim(june, 1, "Harbour Board", "official_position"), claim(july, 1, "Harbour Board", "official_position")
    assert kind_of(*sides, june, july, same_speaker=True) == "reversal"
    assert kind_of(sides[0], claim(june, 2), june, june, same_speaker=True) == "inconsistency"
    paper = article("The board would lease, its head said.", published="2024-08-01")
    head = Source("Ann Roe", "head", "Harbour Board")
    said = ground(Draft(paper, (Pointer(1, ""),), head, "official_position", "leasing the pier", "indirect"))
    assert isinstance(said, Claim)
    assert kind_of(sides[1], said, july, paper, same_speaker=True) == "reversal"


def run(answer: dict[str, Any]) -> tuple[Judgement, str]:
    june = article("The board will lease the pier, Ann Roe said. It rained.", published="2024-06-01")
    july = article("The board will never lease it, Ann Roe said. The pier is 90 metres long.", published="2024-07-01")
    old = claim(june, 1, "Ann Roe", "official_position")
    new = claim(july, 1, "Ann Roe", "official_position")
    chat = Scripted(answer)
    return asyncio.run(judge(whole(july, [new]), whole(june, [old]), chat, load_prompts()["judge"])), chat.prompt  # type: ignore[arg-type]


def test_a_finding_puts_the_earlier_side_first_and_counts_the_days() -> None:
    judgement, prompt = run(
        {"matters": [], "missed": [], "answers": [], "pairs": [json.loads(answered(a=1, b=2).model_dump_json())]}
    )
    (finding,) = judgement.findings
    assert (finding.kind, finding.severity, finding.tier, finding.days_apart) == ("reversal", "full", "lead", 30)
    assert "[N1] The board will never lease it" in prompt
    assert "[A1] The board will lease the pier" in prompt
    assert "#1 Ann Roe: position: leasing the pier" in prompt
    assert not judgement.problems


def test_without_two_full_dates_the_order_is_the_models() -> None:
    undated = document_from_text("The board will lease it, Ann Roe said.", publisher="Star")
    dated = article("The board will never lease it, Ann Roe said.", published="2024-07-01")
    new, old = claim(dated, 1, "Ann Roe"), claim(undated, 1, "Ann Roe")
    for first, second in ((1, 2), (2, 1)):
        chat = Scripted(
            {
                "matters": [],
                "missed": [],
                "answers": [],
                "pairs": [json.loads(answered(a=first, b=second).model_dump_json())],
            }
        )
        prompt = load_prompts()["judge"]
        judgement = asyncio.run(judge(whole(dated, [new]), whole(undated, [old]), chat, prompt))  # type: ignore[arg-type]
        (finding,) = judgement.findings
        assert finding.a == {1: new, 2: old}[first].id
        assert finding.days_apart is None


def test_a_missed_side_becomes_a_claim_through_grounding() -> None:
    missed = {"n": 901, "at": "N2", "words": "", "speaker": None, "kind": "assertion"}
    judgement, _ = run({"missed": [missed], "pairs": [json.loads(answered(a=901, b=1).model_dump_json())]})
    (new,) = judgement.claims
    assert new.quotes[0].exact == "The pier is 90 metres long."
    assert new.id in {judgement.findings[0].a, judgement.findings[0].b}


@pytest.mark.parametrize(
    ("missed", "pair_answer", "code"),
    [
        ([], answered(a=1, b=77), "unknown_claim"),
        (
            [{"n": 901, "at": "Z4", "words": "", "speaker": None, "kind": "assertion"}],
            answered(a=901),
            "unknown_sentence",
        ),
        (
            [{"n": 901, "at": "N2", "words": "the pier is a mile long", "speaker": None, "kind": "assertion"}],
            answered(a=901),
            "not_in_text",
        ),
    ],
)
def test_sides_that_were_not_shown_or_not_said_are_problems(
    missed: list[dict[str, Any]], pair_answer: PairWire, code: str
) -> None:
    judgement, _ = run({"missed": missed, "pairs": [json.loads(pair_answer.model_dump_json())]})
    assert not judgement.findings
    assert code in {problem.code for problem in judgement.problems}


def test_a_missed_side_does_not_take_the_number_of_another() -> None:
    missed = {"n": 1, "at": "N2", "words": "", "speaker": None, "kind": "assertion"}
    judgement, _ = run({"missed": [missed], "pairs": [json.loads(answered(a=1, b=2).model_dump_json())]})
    assert [f.kind for f in judgement.findings] == ["reversal"]
    assert [p.code for p in judgement.problems] == ["unknown_claim"]


def test_two_parts_of_one_sentence_can_clash() -> None:
    july = article("The pier is 90 metres long; it was built 80 metres long.", published="2024-07-01")
    parts = [
        {"n": 901, "at": "N1", "words": "", "speaker": None, "kind": "assertion"},
        {"n": 902, "at": "N1", "words": "it was built 80 metres long", "speaker": None, "kind": "assertion"},
    ]
    chat = Scripted({"missed": parts, "pairs": [json.loads(answered(a=901, b=902).model_dump_json())]})
    judgement = asyncio.run(judge(whole(july, []), [], chat, load_prompts()["judge"]))  # type: ignore[arg-type]
    assert [f.kind for f in judgement.findings] == ["inconsistency"]
    assert [c.quotes[0].exact for c in judgement.claims] == [july.text, "it was built 80 metres long"]


def test_a_pair_without_a_side_in_the_new_document_is_no_finding() -> None:
    judgement, _ = run(
        {"matters": [], "missed": [], "answers": [], "pairs": [json.loads(answered(a=2, b=2).model_dump_json())]}
    )
    assert not judgement.findings


def test_articles_read_together_are_all_new() -> None:
    june = article("The board will lease the pier, Ann Roe said.", published="2024-06-01")
    july = article("The board will never lease it, Ann Roe said.", published="2024-07-01")
    old = article("The board owns the pier. The city owns the pier.", published="2024-01-01")
    new = [e for d in (june, july) for e in whole(d, [claim(d, 1, "Ann Roe", "official_position")])]
    earlier = whole(old, [claim(old, 1), claim(old, 2)])
    between_new, among_old = answered(a=1, b=2), answered(a=3, b=4)
    chat = Scripted(
        {
            "matters": [],
            "missed": [],
            "answers": [],
            "pairs": [json.loads(p.model_dump_json()) for p in (between_new, among_old)],
        }
    )
    judgement = asyncio.run(judge(new, earlier, chat, load_prompts()["judge"]))  # type: ignore[arg-type]
    assert [f.kind for f in judgement.findings] == ["reversal"]
    assert "[B1] The board will never lease it" in chat.prompt.split("<other-")[0]
    assert "[C1] The board owns the pier." in chat.prompt.split("<other-")[1]


def test_a_speaker_whom_the_document_does_not_name_is_no_side() -> None:
    missed = {"n": 901, "at": "N2", "words": "", "speaker": "Zoe Falk", "kind": "assertion"}
    judgement, _ = run({"missed": [missed], "pairs": [json.loads(answered(a=901, b=1).model_dump_json())]})
    assert not judgement.claims
    assert [p.code for p in judgement.problems] == ["unknown_source", "unknown_claim"]
    named = {**missed, "speaker": "Ann Roe"}
    judgement, _ = run({"missed": [named], "pairs": [json.loads(answered(a=901, b=1).model_dump_json())]})
    assert [c.attribution.speaker for c in judgement.claims] == ["Ann Roe"]


def test_an_answer_belongs_to_an_accusation() -> None:
    june = article("Ann Roe stole the pier, Ben Ito said. It rained.", published="2024-06-01")
    july = article("I never took it, Ann Roe said.", published="2024-07-01")
    charge, reply = claim(june, 1, "Ben Ito", "accusation"), claim(july, 1, "Ann Roe")
    chat = Scripted({"answers": [{"to": 2, "by": 1}, {"to": 1, "by": 2}, {"to": 9, "by": 1}, {"to": 2, "by": 2}]})
    made = asyncio.run(judge(whole(july, [reply]), whole(june, [charge]), chat, load_prompts()["judge"]))  # type: ignore[arg-type]
    assert [(a.accusation, a.answer) for a in made.answers] == [(charge.id, reply.id)]
