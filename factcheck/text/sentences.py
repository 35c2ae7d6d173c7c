"""Sentence boundaries in any script, by ICU's rules (Unicode Standard Annex 29).

ICU breaks after every full stop before a capital; the abbreviations below mend the common cases. CLDR's own
lists (`ss=standard`) are not used: ICU matches them against the end of a word, so that "NATO." would be
taken for the initial "O.".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from icu4py.breakers import SentenceBreaker

from factcheck.text.frames import words_of

ABBREVIATIONS = (
    "Dr Prof Gen Lt Col Maj Capt Sgt Gov Sen Rep Rev Hon Mr Mrs Ms Messrs Mt St Sr Jr Sra Hr M MM Mme Mlle Dott Sig "
    "Avv Ing vs No Nr Art Abs Jan Feb Febr Mar Apr Aug Sept Sep Oct Okt Nov Dec Dez janv févr avr juil déc Inc Ltd Co "
    "ca bzw evtl resp approx"
)
UNFINISHED = r"(?:(?:^|[\s(“\"«„])(?:{known}|[^\W\d_]|(?:[A-Z]\.)+[A-Z])|(?<=\w)['’](?:{known}))\.\s*$"
"""Titles, months, single letters and initials: what follows them belongs to the same sentence."""

ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.\s*$")
ORDINALS_FOR = frozenset(
    ["cs", "da", "de", "et", "fi", "hr", "hu", "lv", "nb", "nn", "no", "pl", "sk", "sl", "sr", "tr"]
)
"""Languages that write "3. Mai": a day or a rank does not end a sentence there."""

TRAILING_MARK = re.compile(r"[»”’)\]]+\s+")
"""Closing marks that ICU leaves to the next sentence; an opening one is not followed by a space."""

OPENING_MARKS = "「『《〈（【"
"""Marks that ICU leaves at the end of a sentence and that open the next one."""

WRAPPED_LINE = re.compile(r"^([^\n]{49,}[^\s.!?:;。！？؟।…”\"»])\n(?=[^\s\-*#>•])(?!\d+[.)] )", re.MULTILINE)
"""A line break inside a sentence: a line of 50 characters or more that ends without closing punctuation."""

BLANK = re.compile(r"\n\s{2,}")
"""A line break with more white space behind it."""

HAS_WORD = re.compile(r"\w")
LOOK_BACK = 24
"""Characters before a break in which an abbreviation is looked for."""


class Sentence(NamedTuple):
    """A sentence: its number within the document, from 1, and its span in code points."""

    number: int
    start: int
    end: int


@lru_cache(maxsize=4096)
def sentences_of(text: str, language: str | None = None) -> tuple[Sentence, ...]:
    """The sentences of a text in order, without surrounding white space or segments that hold no word."""
    found: list[Sentence] = []
    start = 0
    for end in _breaks(WRAPPED_LINE.sub(r"\1 ", text), language):
        segment = text[start:end]
        stripped = segment.strip()
        first = start + segment.find(stripped)
        if HAS_WORD.search(stripped):
            found.append(Sentence(len(found) + 1, first, first + len(stripped)))
        elif stripped and found:  # a closing mark that ICU set apart belongs to the sentence before it
            found[-1] = found[-1]._replace(end=first + len(stripped))
        start = end
    return tuple(found)


@cache
def _unfinished(primary: str) -> re.Pattern[str]:
    """What does not end a sentence in a language: abbreviations of all languages and its own, with a capital, too."""
    words = words_of(primary) if primary else None
    own = [form for short in (words.short if words else ()) for form in (short, short[0].upper() + short[1:])]
    return re.compile(UNFINISHED.format(known="|".join(map(re.escape, [*ABBREVIATIONS.split(), *own]))))


def _breaks(text: str, language: str | None) -> Iterator[int]:
    """Offsets at which a sentence ends, the end of the text included."""
    start = 0
    for blank in BLANK.finditer(text):  # no sentence goes over it; ICU would stop at each of a million empty lines
        yield from _breaks_within(text, start, blank.start(), language)
        yield blank.end()
        start = blank.end()
    yield from _breaks_within(text, start, len(text), language)


def _breaks_within(text: str, at: int, end: int, language: str | None) -> Iterator[int]:
    """The same for a part of a text that ends before white space or with the text."""
    primary = (language or "en").lower().replace("_", "-").split("-")[0]
    ends = _unfinished(primary if language else "")
    for segment in SentenceBreaker(text[at:end], primary):
        at += len(segment)
        before = text[max(0, at - LOOK_BACK) : at]
        unfinished = ends.search(before) or (primary in ORDINALS_FOR and ORDINAL.search(before))
        if at == end or not unfinished or "\n" in segment[-2:]:
            mark = TRAILING_MARK.match(text, at)
            yield mark.end() if mark else at - len(before) + len(before.rstrip(OPENING_MARKS))
