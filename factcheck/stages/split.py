"""Cut a document into passages that fit a prompt; a normal article is one passage."""

from __future__ import annotations

from factcheck.llm.tokens import estimate
from factcheck.models import Document
from factcheck.stages.drafts import Passage
from factcheck.text.sentences import Sentence, sentences_of

PASSAGE_TOKENS = 3500
"""Estimated tokens of a passage, about 2,000 English words; the size is estimated from bytes and never from
a tokenizer, so that a document is cut alike on every machine and its recordings play everywhere."""

LEAD_SENTENCES = 6
TAIL_SENTENCES = 12
"""Sentences from the article's start and from right before the passage that are shown for context, so that
names, roles and pronouns resolve across a cut."""


def split(document: Document, *, budget: int = PASSAGE_TOKENS) -> list[Passage]:
    """The passages of a document, in order, each of at most `budget` estimated tokens where sentences allow."""
    sentences = sentences_of(document.text, document.language)
    return _passages(document, sentences, budget)


def halve(passage: Passage) -> list[Passage]:
    """Two smaller passages in place of one whose answer did not fit; the same one when it is one sentence."""
    middle = len(passage.sentences) // 2
    if middle == 0:
        return [passage]
    halves = passage.sentences[:middle], passage.sentences[middle:]
    return [_with_context(passage.document, half) for half in halves]


def _passages(document: Document, sentences: tuple[Sentence, ...], budget: int) -> list[Passage]:
    groups: list[list[Sentence]] = []
    room = 0
    for sentence in sentences:
        size = estimate(document.text[sentence.start : sentence.end])
        if not groups or size > room:
            groups.append([])
            room = budget
        groups[-1].append(sentence)
        room -= size
    return [_with_context(document, tuple(group)) for group in groups]


def _with_context(document: Document, group: tuple[Sentence, ...]) -> Passage:
    before = sentences_of(document.text, document.language)[: group[0].number - 1]
    context = sorted({*before[:LEAD_SENTENCES], *before[-TAIL_SENTENCES:]})
    return Passage(document, group, tuple(context))
