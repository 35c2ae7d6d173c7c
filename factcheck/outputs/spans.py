"""Cut the text of an article into stretches, so that overlapping claims can all be marked in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from factcheck.models import Claim, Document
from factcheck.text.sentences import WRAPPED_LINE, sentences_of

PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")


class Stretch(NamedTuple):
    """Words that belong to the same claims: all of them, those that begin here, and those that end here."""

    text: str
    claims: tuple[int, ...] = ()
    """Numbers, the shortest claim first."""
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def paragraphs(document: Document, claims: Mapping[int, Claim]) -> list[list[Stretch]]:
    """The whole text, paragraph by paragraph, cut where a quote of one of these claims begins or ends."""
    text = _flowing(document.text)
    breaks = [found.span() for found in PARAGRAPH.finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(text)]
    stretches = _Cut(text, claims)
    return [stretches.between(a, b) for a, b in zip(starts, ends, strict=True) if a < b]


def in_sentences(document: Document, claim: Claim) -> list[Stretch]:
    """The sentences of a claim's quotes, its words marked with 1, and the one before each, which they may lean on.

    An ellipsis stands where something is left out.
    """
    every = sentences_of(document.text, document.language)
    own = {s.number for s in every if any(q.start < s.end and s.start < q.end for q in claim.quotes)}
    touched = [s for s in every if s.number in own or s.number + 1 in own]
    stretches = _Cut(_flowing(document.text), {1: claim})
    shown: list[Stretch] = []
    for first, last in _runs([s.number for s in touched]):
        start = next(s.start for s in touched if s.number == first)
        end = next(s.end for s in touched if s.number == last)
        quotes = [q for q in claim.quotes if q.start < end and start < q.end]
        shown += [Stretch(" … ")] if shown else []
        shown += stretches.between(min(start, *(q.start for q in quotes)), max(end, *(q.end for q in quotes)))
    return shown or stretches.between(claim.quotes[0].start, claim.quotes[-1].end)


def _flowing(text: str) -> str:
    """The text without line breaks inside sentences, as long as before."""
    return WRAPPED_LINE.sub(r"\1 ", text)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


class _Cut:
    """A text with the places at which claims begin and end."""

    def __init__(self, text: str, claims: Mapping[int, Claim]) -> None:
        self.text = text
        spans = [(q.start, q.end, number) for number, claim in claims.items() for q in claim.quotes]
        self.spans = sorted(spans, key=lambda span: (span[1] - span[0], span[2]))
        self.first = {number: claim.quotes[0].start for number, claim in claims.items()}
        self.last = {number: claim.quotes[-1].end for number, claim in claims.items()}

    def between(self, start: int, end: int) -> list[Stretch]:
        """The stretches from one offset to another."""
        spans = [span for span in self.spans if span[0] < end and start < span[1]]
        cuts = sorted({start, end, *(at for a, b, _ in spans for at in (a, b) if start < at < end)})
        return [self._stretch(a, b, spans) for a, b in pairwise(cuts)]

    def _stretch(self, start: int, end: int, spans: Sequence[tuple[int, int, int]]) -> Stretch:
        claims = tuple(dict.fromkeys(number for a, b, number in spans if a < end and start < b))
        begins = tuple(number for number in claims if self.first[number] == start)
        return Stretch(self.text[start:end], claims, begins, tuple(n for n in claims if self.last[n] == end))
