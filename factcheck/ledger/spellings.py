"""Names that may be one person's in other spellings, scripts or orders; they are only ever suggested to a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from rapidfuzz import fuzz, process

from factcheck.text.sounds import sounds_like

ALIKE = 85
"""Similarity (0 to 100) of two words' sounds from which they may be one."""

MOST_NAMESAKES = 200
"""Names that share a word's sound; more are a common name and tell nothing."""

SHORTEST = 2
"""Letters of a word that tells names apart."""

LONG = 4
"""Letters from which a word may differ a little and still be the same."""

CLOSE, MOST_CLOSE = 75, 3
"""Similarity (0 to 100) of a word to one that was not found, from which it is named; and how many are."""

PARTICLES = frozenset(["al", "el", "de", "da", "di", "du", "van", "von", "der", "den", "la", "le", "bin", "ibn", "ben"])


def sound(name: str) -> str:
    """A name's words without particles, in Latin letters, each by its sound, in alphabetical order."""
    words = sounds_like(name).split()
    return " ".join(sorted(word for word in words if word not in PARTICLES) or words)


def alike(names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Pairs of folded names that may be one person's, with the reason."""
    by_word: dict[str, list[str]] = defaultdict(list)
    sounds = {name: sound(name) for name in sorted(set(names))}
    for name, heard in sounds.items():
        for word in {_bones(word) for word in heard.split() if len(word) >= SHORTEST}:
            by_word[word].append(name)
    seen: set[tuple[str, str]] = set()
    for _, group in sorted(by_word.items()):
        for pair in combinations(group, 2) if len(group) <= MOST_NAMESAKES else ():
            if pair not in seen and (why := _reason(*pair, sounds)):
                seen.add(pair)
                yield (*pair, why)


def _reason(a: str, b: str, sounds: dict[str, str]) -> str | None:
    mine, theirs = a.split(), b.split()
    if mine[-1] == theirs[-1] and 1 in {len(mine), len(theirs)}:
        return "one is the other's last name alone"
    if sorted(mine) == sorted(theirs):
        return "the same words in another order"
    one, two = sounds[a].split(), sounds[b].split()
    same = len(one) == len(two) and all(any(_same(x, y) for y in two) for x in one)
    return "differ in spelling" if same and all(any(_same(x, y) for x in one) for y in two) else None


def _same(a: str, b: str) -> bool:
    return _bones(a) == _bones(b) or (min(len(a), len(b)) >= LONG and fuzz.ratio(a, b) >= ALIKE)


def _bones(word: str) -> str:
    """A word's first letter and the consonants behind it."""
    return word[:1] + re.sub(r"[aeiou]", "", word[1:])


def close_words(word: str, words: Iterable[str]) -> list[str]:
    """The few words that look most like one that is not among them."""
    found = process.extract(word, list(words), scorer=fuzz.ratio, limit=MOST_CLOSE, score_cutoff=CLOSE)
    return [str(other) for other, *_ in found]
