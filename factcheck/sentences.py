"""Sentence boundaries in any script, by ICU's rules (Unicode Standard Annex 29, with abbreviation lists)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from icu4py.breakers import SentenceBreaker

ABBREVIATIONS_FOR = frozenset({"de", "en", "es", "fr", "it", "pt", "ru"})
"""Languages for which ICU ships lists of abbreviations that do not end a sentence (CLDR `ss=standard`)."""

WRAPPED_LINE = re.compile(r"(?<=[^\n.!?:;。！？؟।…”\"»]{50})\n(?=[^\s\-*#>•\d])")
"""A line break inside a sentence: at least 50 characters before it without closing punctuation."""

HAS_WORD = re.compile(r"\w")


class Sentence(NamedTuple):
    """A sentence: its number within the document, from 1, and its span in code points."""

    number: int
    start: int
    end: int


@lru_cache(maxsize=256)
def sentences_of(text: str, language: str | None = None) -> tuple[Sentence, ...]:
    """The sentences of a text in order, without surrounding white space or segments that hold no word."""
    primary = (language or "en").lower().replace("_", "-").split("-")[0]
    locale = f"{primary}@ss=standard" if primary in ABBREVIATIONS_FOR else primary
    found: list[Sentence] = []
    position = 0
    for segment in SentenceBreaker(WRAPPED_LINE.sub(" ", text), locale):
        stripped = segment.strip()
        if HAS_WORD.search(stripped):
            start = position + segment.index(stripped)
            found.append(Sentence(len(found) + 1, start, start + len(stripped)))
        elif stripped and found:  # a closing quote mark that ICU set apart belongs to the sentence before it
            last = found[-1]
            found[-1] = last._replace(end=position + segment.index(stripped) + len(stripped))
        position += len(segment)
    return tuple(found)
