"""The words of a ledger, by their stems and parts: what a word of a search may mean.

Full-text indexes find whole words; a search asks them for all words of the ledger that a word may stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import snowballstemmer
from sqlalchemy import Connection, func, literal, or_, select

from factcheck.ledger.features import search_words, searchable
from factcheck.ledger.postings import add_stems, insert
from factcheck.ledger.schema import claims, documents, vocabulary
from factcheck.ledger.spellings import close_words
from factcheck.models import Claim
from factcheck.originals import Model

SHORTEST_PART = 3
"""Letters from which a part of a word is looked for anywhere in words; shorter ones only where words begin."""

MOST_FORMS = 100
"""Words of the ledger that one word of a search stands for."""

BATCH = 5_000
LANGUAGES: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


class Meaning(Model):
    """What one word of a search stands for."""

    word: str
    """Without case and accents."""
    forms: list[str]
    """Words of the ledger with the same stem, the word itself first if it is one."""
    parts: list[str]
    """Words of the ledger that it is a part of."""
    near: list[str]
    """Words of the ledger that look like it, where there is neither."""

    @property
    def every(self) -> list[str]:
        """All words that it stands for."""
        return [*self.forms, *self.parts]


@lru_cache(maxsize=262_144)
def stem(word: str, language: str | None) -> str:
    """The stem of a folded word in a language; English where the language is unknown or has no stemmer."""
    if word.isdigit() or not word.isalpha():
        return word
    return str(_stemmer(LANGUAGES.get((language or "en").partition("-")[0].lower(), "english")).stemWord(word))


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(name: str) -> snowballstemmer.StemmerBase:
    return snowballstemmer.stemmer(name)


def forms_of(words: str, language: str | None) -> set[tuple[str, str]]:
    """The words under which a claim is found (see `search_words`), with their stems."""
    return {(word, stem(word, language)) for word in words.split()}


def add_words(connection: Connection, found: Iterable[tuple[str, str]]) -> None:
    """Keep words with their stems that are not there yet."""
    wanted = sorted(set(found))
    if connection.dialect.name != "sqlite":
        add_stems(connection, wanted)
        return
    for start in range(0, len(wanted), BATCH // 10):
        part = wanted[start : start + BATCH // 10]
        query = select(vocabulary.c.word, vocabulary.c.stem).where(vocabulary.c.word.in_({word for word, _ in part}))
        there = {(word, root) for word, root in connection.execute(query)}
        fresh = [{"word": word, "stem": root} for word, root in part if (word, root) not in there]
        insert(connection, vocabulary, fresh)


def spoken(connection: Connection) -> Iterator[set[tuple[str, str]]]:
    """The words of all claims with their stems, some claims at a time."""
    query = select(claims.c.seq, claims.c.body, documents.c.language).join(
        documents, documents.c.id == claims.c.document_id
    )
    last = 0
    while rows := connection.execute(query.where(claims.c.seq > last).order_by(claims.c.seq).limit(BATCH)).all():
        last = rows[-1].seq
        said = ((search_words(Claim.model_validate_json(row.body)), row.language) for row in rows)
        yield {pair for words, language in said for pair in forms_of(words, language)}


def fill(connection: Connection) -> None:
    """Keep the words of all claims of a ledger whose words were not kept so far."""
    if connection.execute(select(vocabulary.c.word).limit(1)).first() is None:
        for found in spoken(connection):
            add_words(connection, found)


def meanings(connection: Connection, text: str) -> list[Meaning]:
    """What each word of a search stands for in this ledger."""
    query = select(documents.c.language).distinct()
    languages = {"en", *(row or "en" for row in connection.execute(query).scalars())}
    return [_meaning(connection, word, languages) for word in dict.fromkeys(searchable(text).split())]


def _meaning(connection: Connection, word: str, languages: set[str]) -> Meaning:
    stems = {stem(word, language) for language in languages}
    within = func.instr if connection.dialect.name == "sqlite" else func.strpos
    known = vocabulary.c.word
    place = within(known, literal(word))
    inside = place > 0 if len(word) >= SHORTEST_PART else place == 1
    same = select(known).where(or_(vocabulary.c.stem.in_(stems), known == word)).distinct().limit(MOST_FORMS)
    forms = sorted(connection.execute(same).scalars(), key=lambda form: (form != word, len(form), form))
    query = select(known).where(inside).group_by(known).order_by(func.min(place), func.length(known), known)
    parts = [form for form in connection.execute(query.limit(MOST_FORMS)).scalars() if form not in forms]
    near = [] if forms or parts else close_words(word, connection.execute(select(known).distinct()).scalars())
    return Meaning(word=word, forms=forms, parts=parts, near=near)
