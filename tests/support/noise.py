"""Distractors: paragraphs of answer keys' documents put together anew, about other places and people and figures.

Names are enciphered letter by letter and figures digit by digit, so that no length changes and every quote stays where
it is: the matters, the offices and the words are those of the real documents, and none of them is about the same thing.
"""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from factcheck.ids import carried
from factcheck.inputs.documents import document_from_text
from factcheck.ledger.store import Entry
from factcheck.models import Claim, Document, Quote
from factcheck.quality.evaluate import Key

VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
SHORTEST = 4
"""Letters of a name; shorter ones are too often words."""

YEAR = re.compile(r"(?:19|20)\d\d$")
UNCASED = frozenset({"ar", "ja"})
"""Languages whose names no capital shows."""

AROUND = 32
"""Code points that a quote carries of its surroundings."""

SPREAD = 900
"""Days by which a distractor is older or younger than its model."""


class Cipher:
    """One rewriting of names and figures, the same for the whole of a dossier."""

    def __init__(self, names: frozenset[str], dice: random.Random) -> None:
        letters = _shuffled(VOWELS, dice) | _shuffled(CONSONANTS, dice)
        self._letters = str.maketrans(letters | {a.upper(): b.upper() for a, b in letters.items()})
        self._digits = str.maketrans({"0": "0"} | _shuffled("123456789", dice))
        self._names = names

    def __call__(self, text: str) -> str:
        """A text of the same length with other names and figures."""
        return re.sub(r"\w+", self._word, text)

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        if word[0].isdigit():
            return word if YEAR.match(word) else word.translate(self._digits)
        known = any(word[:n] in self._names for n in range(SHORTEST, len(word) + 1))
        return word.translate(self._letters) if known else word


def _shuffled(signs: str, dice: random.Random) -> dict[str, str]:
    moved = list(signs)
    dice.shuffle(moved)
    return dict(zip(signs, moved, strict=True))


def names_of(key: Key, said: Mapping[str, Sequence[Claim]]) -> frozenset[str]:
    """Words that the sources, targets and topics of a dossier write with a capital, and no document without one.

    German writes every noun so; of its sources only people's names are taken, whose office is given beside them.
    """
    german = {d.id for d in key.documents.values() if d.language == "de"}
    named = [n for claims in said.values() for c in claims for n in _named(c, german=c.document_id in german) if n]
    plain = {word for d in key.documents.values() for word in re.findall(r"\w+", d.text) if word[0].islower()}
    offices = {w for claims in said.values() for c in claims for w in re.findall(r"\w+", c.attribution.role or "")}
    words = {word for name in named for word in re.findall(r"\w+", name)} - offices
    return frozenset(w for w in words if len(w) >= SHORTEST and w[0].isupper() and w.lower() not in plain)


def _named(claim: Claim, *, german: bool) -> tuple[str | None, ...]:
    said = claim.attribution
    if german:
        return (said.speaker if said.role else None, claim.topic)
    return (said.speaker, said.organisation, said.on_behalf_of, claim.target, claim.topic)


class Paragraph(NamedTuple):
    """A part of a document, from a line break to the next, with the claims that stand in it."""

    document: Document
    start: int
    end: int
    claims: tuple[Claim, ...]


Said = Mapping[str, Sequence[Claim]]
"""The claims of documents, by the documents' ids."""


def distractors(dossiers: Sequence[tuple[Key, Said]], number: int, *, seed: int = 3) -> Iterator[Entry]:
    """So many documents with their claims, of the dossiers in turn; those in scripts without capitals are left out."""
    dice = random.Random(seed)
    usable = [(key, said) for key, said in dossiers if key.language not in UNCASED]
    for n in range(number):
        key, said = usable[n % len(usable)]
        model = dice.choice(list(key.documents.values()))
        yield _entry(model, _mixed(model, key, said, dice), Cipher(names_of(key, said), dice), dice)


def _mixed(model: Document, key: Key, said: Said, dice: random.Random) -> list[Paragraph]:
    """About as many paragraphs as a document has, of all documents of its dossier in its language."""
    every = [p for d in key.documents.values() if d.language == model.language for p in _paragraphs(d, said[d.id])]
    return dice.sample(every, min(len(every), model.text.count("\n\n") + 1))


def _paragraphs(document: Document, claims: Sequence[Claim]) -> Iterator[Paragraph]:
    for match in re.finditer(r"[^\n]+", document.text):
        held = [c for c in claims if all(match.start() <= q.start and q.end <= match.end() for q in c.quotes)]
        yield Paragraph(document, match.start(), match.end(), tuple(held))


def _entry(model: Document, parts: Sequence[Paragraph], cipher: Cipher, dice: random.Random) -> Entry:
    day = datetime.date.fromisoformat((model.published or "2024-01-01")[:10])
    document = document_from_text(
        "\n\n".join(cipher(p.document.text[p.start : p.end]) for p in parts),
        title=cipher(model.title or ""),
        publisher=cipher(model.publisher or ""),
        published=str(day + datetime.timedelta(dice.randint(-SPREAD, SPREAD))),
        language=model.language,
    )
    starts = accumulate((p.end - p.start + 2 for p in parts), initial=0)
    moved = [_claim(c, document, cipher, at - p.start) for p, at in zip(parts, starts, strict=False) for c in p.claims]
    return Entry(document, moved)


def _claim(claim: Claim, document: Document, cipher: Cipher, by: int) -> Claim:
    said = claim.attribution
    names = {n: _written(getattr(said, n), cipher) for n in ("speaker", "organisation", "on_behalf_of")}
    quotes = tuple(_quote(document.text, q.start + by, q.end + by) for q in claim.quotes)
    fields = {
        "text": cipher(claim.text),
        "topic": cipher(claim.topic),
        "target": _written(claim.target, cipher),
        "quotes": quotes,
        "attribution": said.model_copy(update=names),
    }
    return carried(claim.model_copy(update=fields), document)


def _quote(text: str, start: int, end: int) -> Quote:
    around = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Quote(exact=text[start:end], prefix=around[0], suffix=around[1], start=start, end=end)


def _written(name: str | None, cipher: Cipher) -> str | None:
    return cipher(name) if name else None
