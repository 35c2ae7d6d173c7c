"""What makes claims findable without a model: who with about what, and about what alone.

A feature is a 63-bit number. Topics are written at extraction without their stance and in English, so that
"Finland joining NATO" meets its opposite, in any language; their words are compared by stem.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import snowballstemmer

from factcheck.ids import content_id
from factcheck.models import Claim
from factcheck.text.names import folded

SPEAKER_TOPIC, BODY_TOPIC, TARGET_TOPIC, TOPIC_PAIR = 3.0, 2.0, 2.0, 2.0
SPEAKER, TOPIC_WORD, WORD = 0.5, 0.7, 0.7
"""Weights: how much a shared feature of each sort says that two claims may meet. Set by hand, in the order of how
narrow each is, and checked against the keyed contradictions of the development dossiers."""

MOST_TOPIC_WORDS = 6
MOST_WORDS = 6
"""Of a claim's words, its numbers and its longest words, which are mostly names and terms."""

SMALL = "a an and as at by for from in into is its of on or over per than that the to under with"
STOP = frozenset(SMALL.split(" "))

MULTIPLIER = 0x9E37_79B9_7F4A_7C15
"""2^64 by the golden ratio, as in Fibonacci hashing: spreads what is added over all bits."""

LARGEST = 2**63 - 1


def features(claim: Claim, names: Mapping[str, frozenset[str]] | None = None) -> dict[int, float]:
    """The features of a claim with their weights; `names` gives the folded names that count as one person's."""
    said = claim.attribution
    same = names or {}
    speaker = _aliases(said.speaker, same)
    bodies = _aliases(said.organisation, same) | _aliases(said.on_behalf_of, same)
    targets = _aliases(claim.target, same)
    topic = topic_words(claim.topic)
    words = [_code(word) for word in sorted(topic)]
    found: dict[int, float] = {}
    for weight, who in ((BODY_TOPIC, bodies), (TARGET_TOPIC, targets), (SPEAKER_TOPIC, speaker)):
        for name in who:
            found |= dict.fromkeys(_behind(number("who", name), words), weight)
    for at, first in enumerate(_behind(number("pair"), words), 1):
        found |= dict.fromkeys(_behind(first, words[at:]), TOPIC_PAIR)
    found |= dict.fromkeys(_behind(number("topic"), words), TOPIC_WORD)
    found |= {number("speaker", name): SPEAKER for name in speaker}
    return found | {number("word", word): WORD for word in telling_words(claim)}


def number(*parts: str) -> int:
    """A feature's number, the same on every machine."""
    mixed = 0
    for part in parts:
        mixed = (mixed * MULTIPLIER + _code(part)) & LARGEST
    return mixed


def _behind(start: int, codes: Iterable[int]) -> list[int]:
    """The numbers of what begins with the parts of `start` and ends with one more, by its code."""
    return [(start * MULTIPLIER + code) & LARGEST for code in codes]


@lru_cache(maxsize=262_144)
def _code(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _aliases(name: str | None, same: Mapping[str, frozenset[str]]) -> frozenset[str]:
    key = folded(name) if name else ""
    return same.get(key, frozenset([key] if key else []))


@lru_cache(maxsize=65_536)
def topic_words(topic: str) -> frozenset[str]:
    """The stems of a topic's words, without the small ones."""
    words = [word for word in re.findall(r"\w+", folded(topic)) if word not in STOP]
    return frozenset(_stem(word) for word in words[:MOST_TOPIC_WORDS])


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


_STEMMER = snowballstemmer.stemmer("english")


def telling_words(claim: Claim) -> list[str]:
    """A few words that tell the claim from others: its numbers, then its longest words."""
    words = {w for q in claim.quotes for w in plainly(q.exact).split() if len(w) > 4 or w.isdigit()}  # noqa: PLR2004
    return sorted(words, key=lambda w: (not w.isdigit(), -len(w), w))[:MOST_WORDS]


def plainly(text: str) -> str:
    """A text without case, accents and punctuation."""
    return folded.__wrapped__(text)


def statement_key(claim: Claim) -> str:
    """One key for the same words of the same speaker, wherever they were printed."""
    speaker = folded(claim.attribution.speaker or "")
    return content_id("s", speaker, *(plainly(quote.exact) for quote in claim.quotes))


def pair_key(a: str, b: str) -> str:
    """One key for two statements, whichever comes first; decisions about a finding are kept under it."""
    return content_id("p", *sorted((a, b)))


def searchable(text: str) -> str:
    """The words of a text for full-text search; scripts without spaces are taken letter by letter."""
    return " ".join(re.sub(r"([぀-ヿ㐀-䶿一-鿿가-힣฀-๿])", r" \1 ", plainly(text)).split())


def search_words(claim: Claim) -> str:
    """The words under which full-text search finds a claim: its speaker, topic and text."""
    return searchable(f"{claim.attribution.speaker or ''} {claim.topic} {claim.text}")
