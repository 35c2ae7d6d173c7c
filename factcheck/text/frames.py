"""Words that may stand around a quote without changing it, by language: who says it, that it is said, when and where.

The lists are data (`frames/<language>.toml`). A list that lacks a word makes quotes longer, never wrong: what is not
listed is taken for something that changes the meaning.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "frames"
ALIASES = {"nb": "no", "nn": "no", "sr": "hr", "bs": "hr", "iw": "he", "ms": "id", "in": "id"}
CLASSES = {
    "where": "O",
    "when": "W",
    "role": "R",
    "glue": "G",
    "det": "D",
    "who": "P",
    "but": "B",
    "and": "K",
    "aux": "A",
    "that": "C",
    "say": "S",
    "tell": "T",
    "bare": "y",
    "so": "Z",
}
"""Letters for kinds of words; where a word is in two lists, the later one here counts."""

SAMPLE = 2000
"""Characters of a text from which its language is guessed where no one names it."""

SCRIPTS = (("HIRAGANA", "ja"), ("KATAKANA", "ja"), ("HANGUL", "ko"), ("CJK", "zh"), ("DEVANAGARI", "hi"))
IGNORED = re.compile("[\u0640\u064b-\u0652\u0670\u00ad\u200b-\u200f]")
LOOK = re.compile(r"[^\W\d_]+")


class Words(NamedTuple):
    """What a language's list knows: the kind of each word, what turns or ties a clause, and how words are written."""

    kinds: dict[str, str]
    turning: frozenset[str]
    """Words that turn a statement round or weaken it; no name in a model's answer excuses one."""
    binding: frozenset[str]
    """Words that tie a clause to what stands around it: conditions, questions, relatives, pointers back."""
    and_: frozenset[str]
    but: frozenset[str]
    objects: frozenset[str]
    """Pronouns of whoever is spoken to; they say nothing of who speaks."""
    postpositions: frozenset[str]
    """Words that make of the name before them a listener, a matter or an owner."""
    split: frozenset[tuple[str, str]]
    """Verbs of saying in two parts ("teilte … mit")."""
    short: tuple[str, ...]
    """Abbreviations that do not end a sentence."""
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    spaceless: bool
    verb_last: bool
    inverts: bool
    """Whether a clause that begins with its verb asks or sets a condition."""
    capital_nouns: bool
    subjects: bool
    """Whether no sentence does without a subject."""
    compounds: bool
    """Whether a noun of two parts is written as one word, the more general part last."""


def plain(word: str) -> str:
    """A word as the lists have it: composed, lower case, with straight apostrophes and without vowel marks."""
    composed = unicodedata.normalize("NFC", IGNORED.sub("", word).replace("’", "'").replace("İ", "i"))
    return composed.lower()


def words_of(language: str | None, text: str = "") -> Words | None:
    """The list for a language tag; for None the one whose small words are most of the text, or None if none fits."""
    primary = (language or _guessed(text[:SAMPLE])).lower().replace("_", "-").split("-")[0]
    return _load(ALIASES.get(primary, primary))


@cache
def _load(primary: str) -> Words | None:
    path = FOLDER / f"{primary}.toml"
    if not re.fullmatch("[a-z]{2,3}", primary) or not path.is_file():
        return None
    data = tomllib.loads(path.read_text(encoding="utf-8"))

    def listed(key: str) -> list[str]:
        return str(data.get(key, "")).split()

    turning = frozenset(map(plain, listed("turn")))
    kinds = {_cased(word): letter for key, letter in CLASSES.items() for word in listed(key)}
    split = frozenset((verb, part) for verb, _, part in (plain(pair).partition("+") for pair in listed("split")))
    kinds |= {part: kinds.get(part, "p") for _, part in split} | {verb: "v" for verb, _ in split if verb not in kinds}
    return Words(
        kinds={word: letter for word, letter in kinds.items() if word not in turning},
        turning=turning,
        binding=frozenset(map(plain, [*listed("bind"), *listed("that")])),
        and_=frozenset(map(plain, listed("and"))),
        but=frozenset(map(plain, listed("but"))),
        objects=frozenset(map(plain, listed("to"))),
        postpositions=frozenset(map(plain, listed("post"))),
        split=split,
        short=tuple(listed("short")),
        prefixes=tuple(listed("prefixes")),
        suffixes=tuple(sorted(listed("suffixes"), key=len, reverse=True)),
        spaceless=bool(data.get("spaceless")),
        verb_last=bool(data.get("verb_last")),
        inverts=bool(data.get("inverts")),
        capital_nouns=bool(data.get("nouns")),
        subjects=bool(data.get("subjects")),
        compounds=bool(data.get("compounds")),
    )


def _cased(word: str) -> str:
    """A word in lower case, unless the list has it with a capital ("May", a month)."""
    return word if word[0].isupper() else plain(word)


@lru_cache(maxsize=256)
def _guessed(sample: str) -> str:
    """The language with the most hits among its small words, or "" where two are close or nothing fits."""
    letters = [unicodedata.name(char, "") for char in sample if char.isalpha()]
    for script, language in SCRIPTS:
        if letters and sum(name.startswith(script) for name in letters) > len(letters) / 10:
            return language
    if sum(char in "ığ" for char in sample) > len(letters) / 50:
        return "tr"  # which has endings where others have small words
    found = [plain(word) for word in LOOK.findall(sample)]
    scores = sorted(((sum(word in words for word in found), name) for name, words in _small()), reverse=True)
    (most, best), (second, _) = scores[0], scores[1]
    return best if most > second and most * 8 >= len(found) else ""


@cache
def _small() -> list[tuple[str, frozenset[str]]]:
    """The small words of each language by which it is guessed."""
    found = []
    for name in sorted(path.stem for path in FOLDER.glob("*.toml")):
        words = _load(name)
        if words is None or words.spaceless:
            found.append((name, frozenset[str]()))
            continue
        small = frozenset(word for word, letter in words.kinds.items() if letter in "GDPKC")
        found.append((name, small | words.turning | words.binding))
    return found
