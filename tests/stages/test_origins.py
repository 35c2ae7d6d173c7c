"""Which evidence repeats which, whose own words it is, and what was known when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from factcheck.models import Claim, Document, Evidence
from factcheck.originals import LeftOut
from factcheck.stages.natures import nature_of
from factcheck.stages.origins import origins
from tests.support.evidence import piece, source
from tests.support.reports import article, claim

STORY = "The harbour of Lund took in 4,200 ships last year. A new crane was bought."
RELEASE = (
    "The Port Authority counted 4,200 ships in Lund last year, more than ever before. “We have never been this busy "
    "in winter,” said its director, Mia Holm. A second crane for 31 million crowns will be in place by 1 June, and the "
    "old quay will be closed for repairs until the end of the summer. The Authority employs 190 people."
)


@pytest.fixture
def story() -> Document:
    return article(STORY, publisher="The Echo", published="2024-03-05", title="Busy harbour")


def said(document: Document, **fields: Any) -> Claim:
    return claim(document, "The harbour of Lund took in 4,200 ships last year.", **fields)


def settled(story: Document, one: Claim, pieces: Sequence[tuple[Document, Evidence]]) -> list[Evidence]:
    documents = {document.id: document for document, _ in pieces}
    return origins([evidence for _, evidence in pieces], documents, {one.id: one}, {story.id: story})


def two(story: Document, one: Claim, later: Document, *words: str, **fields: Any) -> tuple[Evidence, Evidence]:
    """The release, and a later piece beside it, given in the other order."""
    first = source(RELEASE, publisher="Port Authority of Lund", published="2024-02-01", title="Record year")
    pieces = [(later, piece(one, later, *words, **fields)), (first, piece(one, first, "4,200 ships in Lund last year"))]
    second, origin = settled(story, one, pieces)
    return origin, second


@pytest.mark.parametrize(
    ("text", "words", "how"),
    [
        (
            f"LUND – {RELEASE[:-34]} More in our next issue.",
            "4,200 ships in Lund last year",
            "a copy of Port Authority",
        ),
        (
            "A record. The Authority, it says, “counted 4,200 ships in Lund last year, more than ever before”.",
            "4,200 ships in Lund last year, more than ever before",
            "has its words from",
        ),
        ("Some 4 200 ships came, the Port Authority said on Thursday.", "Some 4 200 ships came", "cites"),
        (
            "It was full: 4,200 ships. “We have never been this busy in winter,” one hears.",
            "4,200 ships",
            "quotes the same words as",
        ),
        (
            "So many ships: 4,200. A crane that cost 31 million crowns will be there by 1 June.",
            "So many ships: 4,200.",
            "tells the same details as",
        ),
    ],
)
def test_what_repeats_a_release_has_it_as_its_origin(story: Document, text: str, words: str, how: str) -> None:
    later = source(text, publisher="Radio Lund", published="2024-02-02", title="Ships")
    origin, second = two(story, said(story), later, words)
    assert (origin.independent, origin.origin_of, origin.dependence) == (True, None, "")
    assert (second.independent, second.origin_of) == (False, origin.id)
    assert second.dependence.startswith(how)
    assert "Port Authority of Lund, “Record year”, 2024-02-01" in second.dependence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Our reporters stood on the quay every day and saw 4,200 ships.", "saw 4,200 ships"),
        (f"{RELEASE.replace('4,200', '3,900')}", "3,900 ships in Lund last year"),  # the same words, another year
        ("The Port Authority was asked for comment. It gave none. Then. Now. We counted 4,200.", "We counted 4,200."),
    ],
)
def test_what_only_agrees_or_only_looks_alike_is_independent(story: Document, text: str, words: str) -> None:
    later = source(text, publisher="Radio Lund", published="2024-02-20", title="Counted")
    _, second = two(story, said(story), later, words)
    assert (second.independent, second.origin_of) == (True, None)


def test_copies_of_copies_have_one_origin(story: Document) -> None:
    one = said(story)
    wire = "The harbour of Lund was visited by 4,200 ships in one year, the Port Authority announced on Thursday."
    texts = [
        source(RELEASE, publisher="Port Authority of Lund", published="2024-02-01"),
        source(wire, publisher="Wire", published="2024-02-02"),
        source(f"{wire} And so on.", publisher="The Post", published="2024-02-03"),
    ]
    found = settled(story, one, [(t, piece(one, t, "4,200 ships")) for t in texts])
    assert [e.origin_of for e in found] == [None, found[0].id, found[0].id]
    assert sum(e.independent for e in found) == 1


def test_order_on_one_day_is_release_first(story: Document) -> None:
    one = said(story)
    copy = source(f"{RELEASE} Ours.", publisher="A Paper", published="2024-02-01", title="A copy")
    release = source(RELEASE, publisher="Port Authority", published="2024-02-01", title="Press release: a record")
    found = settled(story, one, [(d, piece(one, d, "4,200 ships")) for d in (copy, release)])
    assert [e.origin_of for e in found] == [found[1].id, None]
    assert found[1].nature == "release"


def test_own_words_of_outlet_and_speaker_are_not_independent(story: Document) -> None:
    own = source("We counted 4,200 ships ourselves.", publisher="THE ECHO", published="2023-12-01")
    (found,) = settled(story, said(story), [(own, piece(said(story), own, "4,200 ships"))])
    assert (found.independent, found.dependence) == (False, "the outlet's own earlier words")
    by_her = said(story, speaker="Mia Holm", organisation="Port Authority of Lund")
    speech = source("HOLM: It was 4,200 ships.", publisher="Radio Lund", published="2024-01-01")
    (found,) = settled(story, by_her, [(speech, piece(by_her, speech, "4,200 ships", speaker="Mia HOLM"))])
    assert (found.independent, found.dependence) == (False, "the speaker's own words")
    body = source("4,200 ships.", publisher="Port Authority of Lund", published="2024-01-01")
    (found,) = settled(story, by_her, [(body, piece(by_her, body, "4,200 ships"))])
    assert found.dependence == "published by Port Authority of Lund, for whom the statement was made"


def test_people_of_one_surname_are_two(story: Document) -> None:
    by_her = said(story, speaker="Mia Holm")
    speech = source("It was 4,200 ships.", publisher="Radio Lund", published="2024-01-01")
    (found,) = settled(story, by_her, [(speech, piece(by_her, speech, "4,200 ships", speaker="Ms Holm"))])
    assert found.independent


def test_a_copy_of_the_article_is_no_evidence_beside_it(story: Document) -> None:
    long = story.model_copy(update={"text": f"{STORY} {RELEASE}"})
    copy = source(f"{STORY} {RELEASE} Copied.", publisher="Elsewhere", published="2024-03-06")
    (found,) = settled(long, said(long), [(copy, piece(said(long), copy, "4,200 ships last year"))])
    assert found.dependence == "a copy of the article itself"
    quoting = source("Some 4,200 ships came, The Echo reported. Nice.", publisher="Elsewhere", published="2024-03-06")
    (found,) = settled(story, said(story), [(quoting, piece(said(story), quoting, "4,200 ships"))])
    assert found.dependence == "repeats the article: The Echo, “Busy harbour”, 2024-03-05"


@pytest.mark.parametrize(
    ("published", "said_on", "stated_on", "timing"),
    [
        ("2024-03-04", None, None, "before"),
        ("2024-03-05", None, None, "before"),
        ("2024-03-06", None, None, "after"),
        ("2024-03", None, None, "undated"),
        ("2023", None, None, "before"),
        ("2025", None, None, "after"),
        (None, None, None, "undated"),
        (None, "1999", None, "before"),
        ("2024-03-04", "1990", "2024-02", "after"),  # what was said long ago became known later
        ("2024-02-10", None, "2024-02", "undated"),
    ],
)
def test_known_before_or_after_the_statement(
    story: Document, published: str | None, said_on: str | None, stated_on: str | None, timing: str
) -> None:
    one = said(story, stated_on=stated_on, **({"speaker": "Ann Roe"} if stated_on else {}))
    there = source("We saw 4,200 ships.", publisher="Radio", published=published)
    (found,) = settled(story, one, [(there, piece(one, there, "4,200 ships", said_on=said_on))])
    assert found.timing == timing


def test_an_article_says_in_its_own_voice_what_it_says_on_its_day(story: Document) -> None:
    one = said(story, stated_on="2024-02")  # it reports a poll of February on 5 March
    there = source("We saw 4,200 ships.", publisher="Radio", published="2024-02-28")
    (found,) = settled(story, one, [(there, piece(one, there, "4,200 ships"))])
    assert found.timing == "before"


def test_revised_figures_replace_the_first_ones(story: Document) -> None:
    one = said(story)
    first = source("Ships, by preliminary counts: 4,200.", publisher="Statistics Lund", published="2024-02-01",
                   title="Ships 2023 (preliminary)")  # fmt: skip
    last = source("Revised: 4,350 ships, not 4,200.", publisher="Statistics Lund", published="2024-06-01",
                  title="Ships 2023, final")  # fmt: skip
    next_year = source("Ships: 4,400.", publisher="Statistics Lund", published="2025-02-01", title="Ships 2024")
    pieces = [(first, piece(one, first, "counts: 4,200")), (last, piece(one, last, "4,350 ships, not 4,200")),
              (next_year, piece(one, next_year, "Ships: 4,400"))]  # fmt: skip
    found = settled(story, one, pieces)
    assert [e.replaced_by for e in found] == [found[1].id, None, None]
    assert [e.timing for e in found] == ["before", "after", "after"]


def test_one_document_that_supports_and_qualifies_does_both(story: Document) -> None:
    one = said(story)
    text = source(RELEASE, publisher="Port Authority", published="2024-02-01")
    pieces = [(text, piece(one, text, "4,200 ships")), (text, piece(one, text, "busy in winter", relation="qualifies"))]
    assert [e.independent for e in settled(story, one, pieces)] == [True, True]
    pieces[1] = (text, piece(one, text, "busy in winter"))
    assert [e.dependence for e in settled(story, one, pieces)].count("from the same document") == 1


def test_pieces_of_different_claims_do_not_meet(story: Document) -> None:
    one, other = said(story), claim(story, "A new crane was bought.")
    text = source(RELEASE, publisher="Port Authority", published="2024-02-01")
    evidence = [piece(one, text, "4,200 ships"), piece(other, text, "A second crane")]
    found = origins(evidence, {text.id: text}, {one.id: one, other.id: other}, {story.id: story})
    assert [e.independent for e in found] == [True, True]


def kind(**fields: str) -> LeftOut:
    (name, value), *_ = fields.items()
    return LeftOut(kind="other", text=value, at=0, note=name)


@pytest.mark.parametrize(
    ("fields", "nature"),
    [
        ({"title": "Opinion: Leave the harbour alone"}, "opinion"),
        ({"title": "Kommentar – Der Hafen bleibt"}, "opinion"),
        ({"title": "Pääkirjoitus: Satama on täynnä"}, "opinion"),
        ({"title": "Letters: not my harbour"}, "opinion"),
        ({"title": "Der Hafen", "url": "https://example.de/meinung/hafen.html"}, "opinion"),
        ({"title": "Faktencheck: Wie viele Schiffe?"}, "fact_check"),
        ({"title": "Kamen 4200 Schiffe? Nein"}, "fact_check"),
        ({"url": "https://www.snopes.com/x", "title": "Ships"}, "fact_check"),
        ({"publisher": "Lund Fact Check"}, "fact_check"),
        ({"url": "https://theonion.com/ship"}, "satire"),
        ({"url": "https://example.org/satire/ship"}, "satire"),
        ({"title": "Compte rendu intégral de la séance du 4 mars"}, "transcript"),
        ({"title": "Стенограмма заседания"}, "transcript"),
        ({"title": "Communiqué de presse : le port"}, "release"),
        ({"url": "https://fi.wikipedia.org/wiki/Lund"}, "reference"),
        ({"title": "Did 4,200 ships come to Lund?"}, "unknown"),
        ({"title": "The opinion of the harbour master"}, "unknown"),
        ({"url": "https://notsnopes.com/opinions-matter"}, "unknown"),
        ({"url": "http://["}, "unknown"),
    ],
)
def test_nature_by_what_a_document_shows_of_itself(fields: dict[str, str], nature: str) -> None:
    assert nature_of(source("Ships came.", **fields)) == nature


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("MS ROE: It is.\n\nMR ITO (Lund): It is not.\n\nMS ROE: We shall see.", "transcript"),
        ("Frage: Warum?\n\nHolm: Darum.\n\nFrage: Und nun?\n\nHolm: Nichts.", "transcript"),
        ("Note: ships.\n\nThe harbour is full.\n\nWeather: fine.\n\nIt rains.\n\nMore rain.\n\nAnd more.", "unknown"),
        ("OPINION\n\nLeave it.", "opinion"),
        ("FOR IMMEDIATE RELEASE\n\nShips.", "release"),
    ],
)
def test_nature_by_how_a_text_is_written(text: str, nature: str) -> None:
    assert nature_of(source(text)) == nature


def test_nature_by_a_field_of_its_head_goes_first() -> None:
    document = source("Ships.", title="Opinion: ships").model_copy(update={"left_out": (kind(Kind="Satire"),)})
    assert nature_of(document) == "satire"
    assert nature_of(source("Ships.").model_copy(update={"machine": "transcribed"})) == "transcript"
