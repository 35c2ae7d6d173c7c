"""A quotation in an article beside the text that it was taken from, word for word: what was changed, what left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from factcheck.models import Claim, Document, Quote
from factcheck.text.sentences import sentences_of
from factcheck.text.words import Word, words_of_text

PAIRS = {"“": "”“", "„": "“”", "«": "»", "»": "«", '"': '"', "「": "」", "『": "』", "〝": "〟", "‟": "”", "＂": "＂"}
"""Marks that open a quotation, and those that close it."""

LONGEST = 4_000
"""Characters of a quotation; a mark that is closed later than that opened none."""

FEWEST = 3
"""Words by which a quotation can be known again."""

SHARE = 0.6
"""Share of its words, in their order, that a quotation has in common with its source."""

SHORT = 5
"""Quotations of fewer words must be there whole."""


TURN = re.compile(
    r"^[ \t]*(?P<who>(?:[^\W\d_]{1,4}\.[ \t]?)?[^\W\d_][^\n:.?!]{0,70})[ \t]?[:：][ \t]*(?=\S)", re.MULTILINE
)
"""The beginning of a turn of a transcript: who speaks."""

BESIDE = ' \t\n"“”„«»「」『』,;:–—-'
"""What may stand at the ends of words that were left out and is none of them."""


class Part(NamedTuple):
    """A stretch of a text, and whether the other text has it at this place, too."""

    text: str
    shared: bool


class Compared(NamedTuple):
    """A quotation and the sentences that it was taken from."""

    start: int
    """Code points [start, end) of the quotation in its article, a clause like `she said` in it included."""
    end: int
    source_start: int
    source_end: int
    said: tuple[Part, ...]
    """The quotation, in stretches."""
    source: tuple[Part, ...]
    """The sentences of the source, in stretches."""
    left_out: tuple[str, ...]
    """Words of these sentences that the quotation does not have."""
    changed: tuple[str, ...]
    """Words of the quotation that the source does not have."""
    turn: str
    """Who speaks there, as a transcript has it; empty where it does not say."""


@lru_cache(maxsize=64)
def quoted_spans(text: str) -> tuple[tuple[int, int], ...]:
    """What stands between quotation marks, without the marks, in order; nothing goes over an empty line."""
    found: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for at, char in enumerate(text):
        if opened and (char in opened[1]):
            if opened[0] < at:
                found.append((opened[0], at))
            opened = None
        elif opened and (text.startswith("\n\n", at) or at - opened[0] > LONGEST):
            opened = None
        elif not opened and char in PAIRS:
            opened = (at + 1, PAIRS[char])
    return tuple(found)


def compared(
    claim: Claim, article: Document, source: Document, near: Sequence[Quote] = (), *, verbatim: bool = True
) -> list[Compared]:
    """A claim's quotation beside each place of a source that has its words, near these quotes of the source if there.

    Empty where the claim quotes nobody, or the source does not have the words. A source that is no transcript
    (`verbatim` false) may itself quote the words: then what stands between its marks is compared.
    """
    own = [w for start, end in _quotation(claim, article) for w in _words(article.text, start, end)]
    if len(own) < FEWEST:
        return []
    every = sentences_of(source.text, source.language)
    places = _runs([(s.start, s.end) for s in every if any(q.start < s.end and s.start < q.end for q in near)])
    whole = (0, len(source.text))
    found = [made for place in places or [whole] if (made := _at(own, article, source, place, verbatim=verbatim))]
    if not found and places and (made := _at(own, article, source, whole, verbatim=verbatim)):
        return [made]
    return found


def _quotation(claim: Claim, article: Document) -> list[tuple[int, int]]:
    """The stretches between quotation marks that a claim's words touch."""
    return [s for s in quoted_spans(article.text) if any(q.start < s[1] and s[0] < q.end for q in claim.quotes)]


def _runs(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sentences that stand next to each other as one stretch."""
    runs: list[tuple[int, int]] = []
    for start, end in places:
        if runs and start - runs[-1][1] <= 2:  # noqa: PLR2004  (a space or two)
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _words(text: str, start: int, end: int) -> list[Word]:
    return [Word(w.text, w.start + start, w.end + start) for w in words_of_text(text[start:end])]


def _at(
    own: Sequence[Word], article: Document, source: Document, place: tuple[int, int], *, verbatim: bool
) -> Compared | None:
    """The quotation beside the sentences of a stretch of the source that have most of its words."""
    theirs = _words(source.text, *place)
    pairs = _aligned(own, theirs)
    if not pairs:
        return None
    start, end = _context(source, theirs[pairs[0][1]].start, theirs[pairs[-1][1]].end, verbatim=verbatim)
    turn = TURN.match(source.text, start)
    start = turn.end() if turn and turn.end() <= theirs[pairs[0][1]].start else start
    span = (own[0].start, own[-1].end)
    said = tuple(_parts(article.text, span, own, {own[a].start for a, _ in pairs}))
    words = _words(source.text, start, end)
    there = tuple(_parts(source.text, (start, end), words, {theirs[b].start for _, b in pairs}))
    return Compared(*span, start, end, said, there, _missing(there), _missing(said), _speaker(source.text, start))


def _aligned(own: Sequence[Word], theirs: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of places of words that both have in one order; empty where too few are shared."""
    anchor = _matcher(own, theirs).find_longest_match()
    if anchor.size < min(FEWEST, len(own)):
        return []
    first = max(0, anchor.b - anchor.a - len(own))
    near = theirs[first : anchor.b - anchor.a + 2 * len(own)]
    blocks = _matcher(own, near).get_matching_blocks()
    pairs = [(b.a + i, first + b.b + i) for b in blocks for i in range(b.size)]
    return pairs if len(pairs) >= (len(own) if len(own) < SHORT else SHARE * len(own)) else []


def _matcher(own: Sequence[Word], theirs: Sequence[Word]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, [w.text for w in own], [w.text for w in theirs], autojunk=False)


def _context(document: Document, start: int, end: int, *, verbatim: bool) -> tuple[int, int]:
    """A stretch of a document, widened to its sentences, or to what its own quotation marks hold."""
    if not verbatim and (own := [s for s in quoted_spans(document.text) if s[0] <= start and end <= s[1]]):
        return own[0]
    touched = [s for s in sentences_of(document.text, document.language) if s.start < end and start < s.end]
    return (min(start, touched[0].start), max(end, touched[-1].end)) if touched else (start, end)


def _speaker(text: str, at: int) -> str:
    """Who speaks at an offset of a transcript: the last turn that begins before it."""
    turns = [found["who"] for found in TURN.finditer(text, 0, at + 1)]
    return turns[-1].strip() if turns else ""


def _parts(text: str, span: tuple[int, int], words: Sequence[Word], shared: set[int]) -> Iterator[Part]:
    """A stretch of a text in parts that are shared or not; they begin with a word, save the first."""
    at, state = span[0], words[0].start in shared if words else True
    for word in words:
        if (word.start in shared) != state:
            yield Part(text[at : word.start], state)
            at, state = word.start, not state
    if at < span[1]:
        yield Part(text[at : span[1]], state)


def _missing(parts: Sequence[Part]) -> tuple[str, ...]:
    """The words of the parts that are not shared."""
    found = (part.text.strip(BESIDE) for part in parts if not part.shared)
    return tuple(words for words in found if words)
