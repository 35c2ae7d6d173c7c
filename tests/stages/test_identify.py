"""Who is who: ties that a sentence shows are kept, others are listed; names change in the report and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Claim, Document, Report
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.stages.identify import Identified, entries_of, identify
from factcheck.text.names import renamed
from tests.support.pier import run
from tests.support.scripted import draft, extracted, judged, source, transport

MAY = "The environment minister said that the bund would stay. It rained."
JUNE = "Joss Ardley, the environment minister, opened the bund. “It will go,” Ardley said."
PIER = "Jo Ardley, a fisherman, praised the pier. The sea was calm."


def article(text: str, published: str) -> Document:
    return document_from_text(text, published=published, publisher="The Echo")


def claim(document: Document, sentence: int, name: str, role: str | None = None) -> Claim:
    made = ground(Draft(document, (Pointer(sentence, ""),), Source(name, role), "assertion", "the bund", "indirect"))
    assert isinstance(made, Claim)
    return made


def asked(same: list[dict[str, Any]], *said: tuple[Document, Claim], seen: list[Any] | None = None) -> Identified:
    async def go() -> Identified:
        chat = Chat(Endpoint("m", deadline=5), transport(lambda schema, user: {"same": same}, seen))
        by_document = {document.id: [made] for document, made in said}
        return await identify(by_document, [document for document, _ in said], chat, load_prompts()["who"])

    return asyncio.run(go())


OLD, NEW, OTHER = article(MAY, "2024-05-01"), article(JUNE, "2024-06-01"), article(PIER, "2024-06-02")
OFFICE = (OLD, claim(OLD, 1, "environment minister", "environment minister"))
NAME = (NEW, claim(NEW, 2, "Joss Ardley", "environment minister"))
NAMESAKE = (OTHER, claim(OTHER, 1, "Jo Ardley", "fisherman"))


def test_an_office_is_the_person_whom_a_sentence_names_with_it() -> None:
    seen: list[Any] = []
    made = asked([{"members": [1, 2], "name": 2, "shown": 2}], OFFICE, NAME, seen=seen)
    (tie,) = made.ties
    assert (tie.document_id, tie.written, tie.name, tie.shown_in) == (
        OLD.id,
        "environment minister",
        "Joss Ardley",
        NEW.id,
    )
    assert NEW.text[tie.start : tie.end] == "Joss Ardley, the environment minister, opened the bund."
    assert "[A1, 2024-05-01] environment minister" in seen[0]["messages"][1]["content"]
    (known,) = renamed([OFFICE[1]], made.ties)
    said = known.attribution
    assert (said.speaker, said.as_written, said.known_from) == ("Joss Ardley", "environment minister", NEW.id)
    assert known.id == OFFICE[1].id
    assert known.quotes == OFFICE[1].quotes


def test_a_tie_that_no_sentence_shows_is_a_problem_and_no_tie() -> None:
    made = asked([{"members": [1, 2], "name": 2, "shown": 1}], OFFICE, NAMESAKE)
    assert not made.ties
    assert [(p.stage, p.code) for p in made.problems] == [("who", "not_shown")]
    assert "stay apart" in made.problems[0].message


@pytest.mark.parametrize(
    ("written", "name", "is_one"),
    [
        ("Ardley", "Joss Ardley", True),
        ("Jos Ardlei", "Joss Ardley", True),
        ("Volodymyr Zelenskyy", "Volodymyr Zelensky", True),
        ("Con Ruddle", "Conrad Ruddle", True),
        ("ほしくさ食品", "株式会社ほしくさ食品", True),
        ("Petra Halden", "Tomas Halden", False),
        ("Jo Ardley", "Ned Ardley", False),
    ],
)
def test_forms_of_one_name_are_tied_and_namesakes_are_not(written: str, name: str, is_one: bool) -> None:
    old, new = article(f"{written} spoke.", "2024-05-01"), article(f"{name} spoke.", "2024-06-01")
    group = [{"members": [1, 2], "name": 2, "shown": 2}]
    made = asked(group, (old, claim(old, 1, written)), (new, claim(new, 1, name)))
    assert bool(made.ties) is is_one
    assert bool(made.problems) is not is_one


def test_entries_that_were_not_shown_tie_nothing() -> None:
    made = asked([{"members": [1, 7], "name": 7, "shown": 1}], OFFICE, NAME)
    assert not made.ties
    assert [p.code for p in made.problems] == ["unknown_source"]


def test_one_article_is_not_asked_about_and_a_proper_name_is_one_entry() -> None:
    seen: list[Any] = []
    assert asked([], NAME, seen=seen) == Identified([], [])
    assert not seen
    again = article("Joss Ardley spoke.", "2024-07-01")
    said = {NEW.id: [NAME[1]], again.id: [claim(again, 1, "Joss Ardley")]}
    (entry,) = entries_of(said, [NEW, again])
    assert (entry.role, [d.id for d in entry.also_in]) == ("environment minister", [again.id])


def test_targets_are_named_too_and_a_failed_call_leaves_names_apart() -> None:
    charged = OFFICE[1].model_copy(update={"target": "environment minister"})
    made = asked([{"members": [1, 2], "name": 2, "shown": 2}], OFFICE, NAME)
    (known,) = renamed([charged], made.ties)
    assert (known.target, known.target_as_written) == ("Joss Ardley", "environment minister")


def test_a_reversal_is_found_through_the_name_and_shown_with_what_the_article_says() -> None:
    def answer(schema: str, user: str) -> Any:
        if schema.startswith("extract"):
            name, sentence = ("Joss Ardley", 2) if "Joss" in user else ("environment minister", 1)
            return extracted([source(1, name, role="environment minister")], [draft(sentence, by=1)])
        if schema.startswith("who"):
            return {"same": [{"members": [1, 2], "name": 2, "shown": 2}]}
        if schema.startswith("judge"):
            assert user.count("Joss Ardley (environment minister)") == 2
            pair = {"a": 1, "b": 2, "about": "the bund", "same_thing": True, "reading": "r", "both_can_be_true": False}
            return judged({**pair, "speakers": "same", "moved": "other", "why": "Stay, then go."})
        return {"looks": [{"n": 1, "because": "no room", "verdict": "clash"}]}

    report: Report = run([OLD, NEW], answer)
    (finding,) = report.findings
    first, second = report.claim(finding.a), report.claim(finding.b)
    assert (finding.kind, first.attribution.speaker, second.attribution.speaker) == (
        "reversal",
        "Joss Ardley",
        "Joss Ardley",
    )
    assert (first.attribution.as_written, second.attribution.as_written) == ("environment minister", None)
    assert [tie.written for tie in report.ties] == ["environment minister"]
    assert not report.problems


def spoken(text: str, published: str, language: str) -> Document:
    return document_from_text(text, published=published, publisher="The Echo", language=language)


def body(document: Document, name: str) -> Claim:
    return claim(document, 1, name).model_copy(update={"target": None})


def test_a_body_has_one_name_in_two_languages_where_the_same_person_stands_beside_both() -> None:
    german = spoken("Staatssekretärin Ada Brück sprach für das Seeamt. Das Seeamt schwieg.", "2024-05-01", "de")
    english = spoken("Ada Brück, state secretary at the sea office, replied.", "2024-06-01", "en")
    other = spoken("Tom Reed, who runs the sea office, replied.", "2024-06-02", "en")
    people = claim(german, 1, "Ada Brück", "Staatssekretärin")
    group = {"members": [1, 3], "name": 1, "shown": 1}
    for beside, is_one in ((english, True), (other, False)):
        said = {german.id: [body(german, "Seeamt"), people], beside.id: [body(beside, "sea office")]}
        ties, problems = _asked_of(said, [german, beside], group)
        assert bool(ties) is is_one
        assert [p.code for p in problems] == ([] if is_one else ["not_shown"])
    (tie,) = _asked_of(
        {german.id: [body(german, "Seeamt"), people], english.id: [body(english, "sea office")]},
        [german, english],
        group,
    )[0]
    assert (tie.written, tie.name, tie.shown_in) == ("sea office", "Seeamt", english.id)


def _asked_of(said: dict[str, list[Claim]], documents: list[Document], group: dict[str, Any]) -> Identified:
    async def go() -> Identified:
        chat = Chat(Endpoint("m", deadline=5), transport(lambda schema, user: {"same": [group]}, None))
        return await identify(said, documents, chat, load_prompts()["who"])

    return asyncio.run(go())


def test_a_compound_may_be_shortened_to_its_last_part() -> None:
    long, short = (
        spoken("Das Verkehrsministerium sprach.", "2024-05-01", "de"),
        spoken("Das Ministerium sprach.", "2024-06-01", "de"),
    )
    group = [{"members": [1, 2], "name": 1, "shown": 1}]
    made = asked(group, (long, body(long, "Verkehrsministerium")), (short, body(short, "Ministerium")))
    assert [(t.written, t.name) for t in made.ties] == [("Ministerium", "Verkehrsministerium")]


def test_a_name_is_given_in_the_language_of_most_articles() -> None:
    french = spoken("Le port de Valmore a parlé.", "2024-05-01", "fr")
    english = [spoken("The port of Valmore spoke.", f"2024-06-0{day}", "en") for day in (1, 2)]
    said = {french.id: [body(french, "port de Valmore")]} | {d.id: [body(d, "port of Valmore")] for d in english}
    ties, problems = _asked_of(said, [french, *english], {"members": [1, 2, 3], "name": 1, "shown": 2})
    assert not problems
    assert {(t.written, t.name) for t in ties} == {("port de Valmore", "port of Valmore")}
