"""Sentences are found in every script, and passages are cut between them."""

import re
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck.inputs.documents import document_from_text
from factcheck.llm.tokens import estimate
from factcheck.models import Document
from factcheck.stages.drafts import Passage
from factcheck.stages.split import LEAD_SENTENCES, PASSAGE_TOKENS, TAIL_SENTENCES, halve, split
from factcheck.text.sentences import Sentence, sentences_of

# A bar stands where one sentence ends and the next begins.
LANGUAGES = [
    ("en", "Mr. Strand said no.| The U.S. ferry left at 9.30 p.m. with 7.| It was full."),
    ("de", "Dr. Abel kam am 3. Mai z. B. nach Lund.| „Wir fahren!“, rief er."),
    ("ru", "Паром, т. е. катер, стоит.| Он не уйдёт!| Почему?"),
    ("el", "Το αρνήθηκε;| Είπε ναι.| Τέλος."),
    ("ja", "政府は否定した。|市長は「知らない」と述べた！|本当か？"),
    ("zh", "市长否认了。|他说：“计划不变。”|真的吗？"),
    ("ko", "장관은 부인했다.| 배는 그대로다!"),
    ("ar", "هل نفى الوزير ذلك؟| قال إن العبّارة باقية."),
    ("he", "האם השר הכחיש?| המעבורת נשארת."),
    ("hi", "मंत्री ने इनकार किया।| क्या नाव चलेगी?| हाँ।"),
    ("am", "ሚኒስትሩ ካዱ።| ጀልባው ይቀራል።"),
    ("fr", "« Non. »| Le bac de M. Ferrand reste.| « Pourquoi ? »"),
    (None, "“We left NATO.”| The ferry 🛳️ runs!| 🎉 Families 👨‍👩‍👧 wave 𝔸 flag.|\nIt docks ⚓.|"),
]

PARAGRAPH = (
    "The harbour board of Lundby met on Tuesday evening. It talked for more than two hours about the new pier and "
    "about what the town would have to pay for it in the coming year. Ida Strand, who chairs the board, said that "
    "12 of the 14 members were in favour. “We will not wait for the county,” she said. The county had asked the "
    "town to wait until the spring (when a report is due), but it never gave a reason: none at all."
)


def _texts(text: str, language: str | None = None) -> list[str]:
    return [text[s.start : s.end] for s in sentences_of(text, language)]


def _check_spans(text: str, sentences: tuple[Sentence, ...]) -> None:
    assert [s.number for s in sentences] == list(range(1, len(sentences) + 1))
    ends = [0, *(s.end for s in sentences)]
    assert all(end <= s.start < s.end <= len(text) for end, s in zip(ends, sentences, strict=False))
    between = "".join(text[end:start] for end, start in zip(ends, [*(s.start for s in sentences), None], strict=True))
    assert not re.search(r"\w", between)
    for sentence in sentences:
        span = text[sentence.start : sentence.end]
        assert span == span.strip()


@pytest.mark.parametrize(("language", "marked"), LANGUAGES, ids=[str(language) for language, _ in LANGUAGES])
def test_sentences_in_many_languages(language: str | None, marked: str) -> None:
    text = marked.replace("|", "")
    _check_spans(text, sentences_of(text, language))
    assert _texts(text, language) == [part.strip() for part in marked.split("|") if part]


def test_marks_without_words_belong_to_the_sentence_before_them() -> None:
    assert _texts("* * *\nIt runs. ***\n\nReally. 🎉") == ["It runs. ***", "Really. 🎉"]


@pytest.mark.parametrize("language", ["de-AT", "pt_BR", "EN", "", "English (UK)", "xx", "no"])
def test_any_language_field_will_do(language: str) -> None:
    assert _texts("The ferry runs. It does.", language) == ["The ferry runs.", "It does."]


@given(st.text(st.sampled_from("aB1 é港。「」नाव।؟🛳\u200d\ufe0f.!?;:…\"'“”«»()[]—*#-\n\t\u2028\u00a0"), max_size=200))
@settings(max_examples=300, deadline=None, database=None)
def test_spans_are_in_order_apart_and_cover_every_word(text: str) -> None:
    _check_spans(text, sentences_of(text))


def test_lines_that_are_wrapped_are_one_sentence() -> None:
    text = "The harbour board of Lundby met on Tuesday evening in the old custom house\nto talk about the new pier."
    assert _texts(text) == [text]


@pytest.mark.parametrize("width", [66, 72, 80])
def test_wrapping_a_paragraph_does_not_change_its_sentences(width: int) -> None:
    wrapped = textwrap.fill(PARAGRAPH, width)
    assert [" ".join(sentence.split()) for sentence in _texts(wrapped)] == _texts(PARAGRAPH)


def test_headings_lists_and_paragraphs_are_not_joined() -> None:
    text = "Ferry to run\n\nThe board decided\n- to run the ferry\n- to shut the pier\n\nIt met on Monday"
    assert _texts(text) == [
        "Ferry to run",
        "The board decided",
        "- to run the ferry",
        "- to shut the pier",
        "It met on Monday",
    ]


def _long(sentences: int = 120) -> Document:
    return document_from_text(" ".join(f"The ferry no. {n} left Lundby with 🛳 on board." for n in range(sentences)))


def _spans(passages: list[Passage]) -> list[Sentence]:
    return [sentence for passage in passages for sentence in passage.sentences]


def test_a_short_document_is_one_passage() -> None:
    text = "Das Schiff kam am 13. Mai. Es blieb."
    document = document_from_text(text, language="de")
    assert split(document) == [Passage(document, sentences_of(text, "de"), ())]
    assert len(sentences_of(text, "de")) == 2


@pytest.mark.parametrize("budget", [20, 100, 333])
def test_a_long_document_is_cut_at_sentences_within_the_budget(budget: int) -> None:
    document = _long()
    passages = split(document, budget=budget)
    assert _spans(passages) == list(sentences_of(document.text))
    sizes = [sum(estimate(document.text[s.start : s.end]) for s in passage.sentences) for passage in passages]
    one = max(estimate(document.text[s.start : s.end]) for s in sentences_of(document.text))
    assert max(sizes) <= budget
    assert min(sizes[:-1]) > budget - one


def test_the_default_budget_cuts_a_very_long_document() -> None:
    document = _long(2 * PASSAGE_TOKENS // 10)
    assert len(split(document)) > 1


def test_a_sentence_longer_than_the_budget_stands_alone() -> None:
    document = document_from_text(f"It runs. The ferry {'really ' * 100}runs. It does.")
    assert [len(passage.sentences) for passage in split(document, budget=20)] == [1, 1, 1]


def test_context_is_the_lead_and_what_comes_right_before() -> None:
    passages = split(_long(), budget=100)
    assert passages[0].context == ()
    for passage in passages:
        first = passage.sentences[0].number
        numbers = [sentence.number for sentence in passage.context]
        before = range(1, first)
        assert numbers == sorted({*before[:LEAD_SENTENCES], *before[-TAIL_SENTENCES:]})
    assert len(passages[-1].context) == LEAD_SENTENCES + TAIL_SENTENCES


def test_halving_ends_at_single_sentences_and_loses_none() -> None:
    document = _long(13)
    parts = split(document)
    for _ in range(4):
        parts = [half for part in parts for half in halve(part)]
    assert [len(part.sentences) for part in parts] == [1] * 13
    assert _spans(parts) == list(sentences_of(document.text))
    assert [halve(part) for part in parts] == [[part] for part in parts]


def test_halves_see_what_came_before_them() -> None:
    (passage,) = split(_long(40))
    first, second = halve(passage)
    assert first.context == ()
    assert len(first.sentences) == len(second.sentences) == 20
    assert [s.number for s in second.context] == [*range(1, 7), *range(9, 21)]
