"""Whether a hyphen at the end of a line divides a word or belongs to it."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache

HYPHENS = "-\u2010\u2011\u00ad"
SOFT = "\u00ad"
BEFORE = re.compile(rf"(\w+(?:[{HYPHENS}'’]\w+)*)[{HYPHENS}]$")
AFTER = re.compile(rf"\w+(?:[{HYPHENS}'’]\w+)*")
WORD = re.compile(r"\w+(?:[-\u2010\u2011]\w+)*")

CLOSED = frozenset(["de", "nl", "sv", "da", "nb", "nn", "no", "fi", "et", "hu", "is", "lb"])
"""Languages that write compounds in one word: before a small letter a hyphen divides."""

LISTED = frozenset(["en", "fr", "pt", "es", "it", "ca", "ro", "cs", "pl"])
"""Languages in which it is looked up whether both halves are words and the whole is none."""

PREFIXES = frozenset(["self", "ex", "quasi", "vice", "all", "cross", "half", "non-"])
CLITICS = {
    language: frozenset(words.split())
    for language, words in {
        "ru": "то либо нибудь ка таки",
        "fr": "je tu il elle on nous vous ils elles ce ci là t moi toi le la les lui leur y en même mêmes",
        "pt": "me te se nos vos lhe lhes o a os as lo la los las no na",
        "ro": "o i l le mi ți și vă ne",
    }.items()
}
"""What a hyphen ties to the word before it."""

COMPOUND = re.compile(
    r"(?:left|right)-(?:wing|hand|leaning).*|(?:long|short|near|mid|medium)-(?:term|range|running|standing|lasting|lived)"
    r"|(?:high|low|mid|top)-(?:level|ranking|profile|income|speed|tech|risk|cost|rise|quality|end|paid)"
    r"|(?:well|ill)-\w+(?:ed|en|wn|ing)|(?:full|part|real|first|last|one|two)-(?:time|scale|minute|way|thirds|day)"
)
"""English compounds that dictionaries list in one word, too, and papers print with a hyphen."""

TWO_MEANINGS = re.compile(r"re\Wsign\w*", re.IGNORECASE)
"""To re-sign is not to resign, in the news of every day; such a word stays as it is printed."""


def unhyphenated(before: str, after: str, known: Container[str], language: str | None = None) -> str | None:
    """What stands in place of the hyphen that ends `before`: nothing, a hyphen, or None where no word is divided.

    `known` holds the words of the text, hyphenated ones whole, in small letters.
    """
    head, tail = BEFORE.search(before), AFTER.match(after)
    if head is None or tail is None:
        return None
    if before[-1] == SOFT:
        return ""
    first, second = head[1], tail[0]
    if first[-1].isdecimal() or second[0].isdecimal():
        return before[-1]
    shouted = first.isupper() and second.isupper()
    if second[0].isupper() and not shouted:
        return before[-1]
    halves = first.casefold(), second.casefold()
    divided = _is_divided(*halves, known, (language or "en")[:2], shouted=shouted)
    return "" if divided else before[-1]


def _is_divided(first: str, second: str, known: Container[str], language: str, *, shouted: bool) -> bool:
    whole, tied = first + second, f"{first}-{second}"
    if (tied in known) != (whole in known):
        return whole in known
    last, next_ = re.split(rf"[{HYPHENS}'’]", first)[-1], re.split(rf"[{HYPHENS}'’]", second)[0]
    if TWO_MEANINGS.fullmatch(tied) or last in PREFIXES or (language == "en" and COMPOUND.fullmatch(tied)):
        return False
    if shouted or next_ in CLITICS.get(language, ()):
        return _is_word(last + next_, language)
    if language in CLOSED or language not in LISTED:
        return True
    if len(last) < 3 or len(next_) < 3 or _is_word(last + next_, language):  # noqa: PLR2004
        return True
    return not (_is_word(last, language) and _is_word(next_, language))


def words_in(text: str) -> set[str]:
    """The words of a text in small letters, hyphenated ones whole; halves at the ends of lines are not among them."""
    return {match[0].casefold().replace("\u2010", "-").replace("\u2011", "-") for match in WORD.finditer(text)}


def _is_word(word: str, language: str) -> bool:
    words = _dictionary(language)
    return word in words or word.capitalize() in words


@lru_cache(maxsize=4)
def _dictionary(language: str) -> Container[str]:
    """The words of a language, or none where the word lists are not installed."""
    try:
        from simplemma.strategies.dictionaries.stream_dictionary_factory import (  # noqa: PLC0415  (an extra)
            StreamDictionaryFactory,
        )
    except ImportError:
        return ()
    return StreamDictionaryFactory().get_dictionary(language)
