"""What the model said about a passage: strings and numbers only, not claims yet."""

from __future__ import annotations

from typing import NamedTuple

from factcheck.models import Document, Importance, Kind, Voice
from factcheck.text.sentences import Sentence


class Passage(NamedTuple):
    """A run of sentences that goes into one prompt, with the sentences shown beside it for context only."""

    document: Document
    sentences: tuple[Sentence, ...]
    context: tuple[Sentence, ...] = ()


class Source(NamedTuple):
    """A person or body that statements are attributed to, as the article introduces it."""

    name: str
    role: str | None = None
    organisation: str | None = None
    on_behalf_of: str | None = None
    named: bool = True


class Pointer(NamedTuple):
    """Where words stand: a sentence number and the words, or "" for the whole sentence.

    `first … last` stands for everything from the first to the last words inside that sentence.
    """

    sentence: int
    words: str


class Draft(NamedTuple):
    """A statement as the model reported it; grounding makes it a claim or rejects it."""

    document: Document
    pointers: tuple[Pointer, ...]
    source: Source | None
    kind: Kind
    topic: str
    voice: Voice = "own"
    via: tuple[str, ...] = ()
    target: str | None = None
    cue: str | None = None
    stated_on: str | None = None
    notes: tuple[str, ...] = ()
    """What words of the quote refer to, as `word = meaning`; `= meaning` is about the whole quote."""
    importance: Importance = 1


class Rejection(NamedTuple):
    """A draft that was not found in its document, and why."""

    draft: Draft
    code: str
    reason: str
