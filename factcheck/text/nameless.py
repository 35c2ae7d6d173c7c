"""Sources without a name: whether an article means the one who holds an office, and descriptions in its own words."""

from __future__ import annotations

import re

from factcheck.text.names import folded

UNNAMED = re.compile(
    r"\b(?:"
    r"(?:namentlich )?(?:nicht|un)[ -]?genannt\w*|anonym\w*|ohne namen|"
    r"(?:no|sin) identifica\w*|an[oó]nim[oa]s?|sin nombre|"
    r"non identifi[ée]\w*|non nomm[ée]\w*|"
    r"n[aã]o identificad\w*|non identificat\w*|anonim[oaie]|senza nome|"
    r"niet (?:bij naam )?genoemde?|anonieme?|nienazwan\w*|anonimow\w*|niewymienion\w*|"
    r"nejmenovan\w*|неназванн\w*|анонимн\w*|неназван\w*|анонімн\w*|namnlös\w*|ej namngiven|nimetön"
    r")(?!\w)|匿名の?|未透露姓名的?",
    re.IGNORECASE,
)
"""What descriptions add, in other languages than English, to say that there is no name."""

PREFIX = "unnamed "
"""What says so in this program's own words."""

THE = {
    "en": "the",
    "de": "der|die|das|dem|den|des|vom|zum|zur|beim",
    "es": "el|la|del|al",
    "fr": "le|la|du|au|l",
    "it": "il|lo|la|del|della|dal|dalla|al|alla|l",
    "pt": "o|a|do|da|ao|a|pelo|pela",
    "nl": "de|het",
}
"""Articles and what holds one, by language, that stand before an office which one person holds; folded."""

ONE = {
    "en": "an?|one of|another|several|some",
    "de": "eine?[nrms]?|weitere\\w*|mehrere",
    "es": "una?|unos|unas|otr[oa]",
    "fr": "une?|des|plusieurs|un des|une des",
    "it": "uno?|una|un|alcuni|alcune",
    "pt": "uma?|uns|umas|outr[oa]",
    "nl": "een|enkele",
}
"""What stands before one of several."""


def described(name: str) -> str:
    """A description that says in one way for all languages that it is no name: "unnamed técnico del Instituto"."""
    if name.casefold().startswith((PREFIX, "anonymous ")) or not UNNAMED.search(name):
        return name
    bare = " ".join(UNNAMED.sub(" ", name).split()).strip(" ,;")
    return PREFIX + bare if bare else name


def holds_office(description: str, role: str | None, text: str, language: str | None) -> bool:
    """Whether a description is an office that one person holds, as the text's articles show: "the president of X".

    False where the text speaks of one of several ("an adviser"), where the description says that there is no name, and
    in languages whose articles are not listed.
    """
    key = (language or "")[:2].lower()
    words = folded(role or "").split()
    if key not in THE or not words or described(description).startswith(PREFIX):
        return False
    plain = folded(text)
    the, one = (rf"\b(?:{articles[key]}) (?:\w+ ){{0,2}}?{words[0]}\b" for articles in (THE, ONE))
    return bool(re.search(the, plain)) and not re.search(one, plain)
