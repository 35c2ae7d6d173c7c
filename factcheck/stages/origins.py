"""Which pieces of evidence rest on one origin, whose own words they are, and what was known when: by code alone.

A piece that repeats another one counts once. Among those that say the same, the earliest is the origin; a release comes
before what others wrote on the same day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from factcheck.models import Claim, Document, Evidence
from factcheck.stages.natures import nature_of
from factcheck.stages.quotations import quoted_spans
from factcheck.stages.timing import days_between, replaces, same_outlet, timing
from factcheck.text.frames import words_of
from factcheck.text.names import folded
from factcheck.text.sentences import sentences_of
from factcheck.text.words import Word, values, words_of_text

SHINGLE, NEAR_COPY, ENOUGH = 4, 0.4, 20
"""Words of a shingle; the share of the shorter text's shingles that a near-copy has; how many these are at least."""

COPIED_RUN = 8
"""Consecutive words of a piece that, found in an earlier text, were copied from it."""

QUOTED_RUN = 5
"""Words of a quotation by which it is known again elsewhere."""

NEAR_SENTENCES = 2
"""Sentences around a piece in which it may say from whom it has its figures."""

SHARED_DETAIL, DETAIL_SHARE, SOON = 4, 0.4, 14
"""A further sentence with so many words of content, a figure among them, that are so much of the shorter of two
sentences, within so many days: the two texts were written from one."""

YEAR = re.compile("(?:19|20)[0-9]{2}")
PRIMARY = frozenset({"release", "transcript", "reference", "fact_check"})
"""Natures whose authors do not rewrite others' releases."""


class _Piece(NamedTuple):
    """A piece of evidence with its document and the figures of its words."""

    evidence: Evidence
    document: Document
    figures: frozenset[str]

    @property
    def rank(self) -> tuple[str, bool, str]:
        """Earliest first; on one day what is a release, since others write from it."""
        return self.document.published or "9999", self.evidence.nature != "release", self.evidence.id


class _Source(NamedTuple):
    """An earlier text that a piece may rest on: that of another piece, or the article itself."""

    document: Document
    texts: tuple[str, ...]
    figures: frozenset[str]


def origins(
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
    claims: Mapping[str, Claim],
    articles: Mapping[str, Document],
) -> list[Evidence]:
    """The same evidence in the same order, with what code derives set.

    These are `nature` where the source did not say it, `timing`, `origin_of`, `independent`, `dependence` and
    `replaced_by`. `documents` hold the evidence, `articles` the claims, both by id.
    """
    shown = [_shown(piece, documents[piece.document_id]) for piece in evidence]
    found: dict[str, Evidence] = {}
    for claim_id in dict.fromkeys(piece.claim_id for piece in shown):
        claim = claims[claim_id]
        own = [_piece(p, documents[p.document_id]) for p in shown if p.claim_id == claim_id]
        found |= {e.id: e for e in _of_one(own, claim, articles[claim.document_id])}
    return [found[piece.id] for piece in evidence]


def _shown(evidence: Evidence, document: Document) -> Evidence:
    if evidence.nature != "unknown":
        return evidence
    return evidence.model_copy(update={"nature": nature_of(document)})


def _piece(evidence: Evidence, document: Document) -> _Piece:
    return _Piece(evidence, document, _telling(values([q.exact for q in evidence.quotes])))


def _telling(figures: frozenset[str]) -> frozenset[str]:
    """Figures without years, where there are others."""
    return frozenset(f for f in figures if not YEAR.fullmatch(f)) or figures


def _of_one(pieces: Sequence[_Piece], claim: Claim, article: Document) -> Iterator[Evidence]:
    """The evidence of one claim."""
    ordered = sorted(pieces, key=lambda piece: piece.rank)
    roots: dict[str, str] = {}
    for at, piece in enumerate(ordered):
        origin, why = _origin(piece, ordered[:at])
        if origin is not None:
            roots[piece.evidence.id] = roots.get(origin.evidence.id, origin.evidence.id)
        why = why or _of_the_claim(piece, claim, article)
        yield piece.evidence.model_copy(
            update={
                "origin_of": roots.get(piece.evidence.id),
                "independent": not why,
                "dependence": why,
                "timing": timing(claim, article, piece.evidence, piece.document),
                "replaced_by": next((p.evidence.id for p in reversed(ordered) if _replaced_by(piece, p)), None),
            }
        )


def _replaced_by(piece: _Piece, later: _Piece) -> bool:
    return later.figures != piece.figures and replaces(later.document, piece.figures, piece.document)


def _origin(piece: _Piece, earlier: Sequence[_Piece]) -> tuple[_Piece | None, str]:
    """The first earlier piece that this one repeats, and how it shows; a piece of the same publisher is no copy."""
    for other in earlier:
        if other.document.id == piece.document.id and other.evidence.relation != piece.evidence.relation:
            continue  # a text that supports and qualifies does both
        source = _Source(other.document, tuple(q.exact for q in other.evidence.quotes), other.figures)
        if why := _same_document(piece, other) or _repeats(piece, source) or _same_speaker(piece, other):
            return other, why
    for other in earlier:
        if other.evidence.relation == piece.evidence.relation and _one_publisher(piece, other):
            return None, f"from the same body as {_named(other.document)}"
    return None, ""


def _same_document(piece: _Piece, other: _Piece) -> str:
    if other.document.id == piece.document.id:
        return "from the same document"
    return "the same text" if other.document.sha256 == piece.document.sha256 else ""


def _same_speaker(piece: _Piece, other: _Piece) -> str:
    """Two outlets with the words of one person or body are one origin, where they agree."""
    speaker = piece.evidence.speaker
    if not speaker or folded(speaker) != folded(other.evidence.speaker or ""):
        return ""
    agree = piece.evidence.relation == other.evidence.relation and piece.figures == other.figures
    return f"words of {speaker}, as in {_named(other.document)}" if agree else ""


def _one_publisher(piece: _Piece, other: _Piece) -> bool:
    a, b = piece.evidence.speaker, other.evidence.speaker
    if a and b and folded(a) != folded(b):
        return False  # a parliament prints what everybody says there
    return same_outlet(piece.document, other.document)


def _repeats(piece: _Piece, source: _Source) -> str:
    """How a piece shows that it repeats an earlier text that has the same figures; empty where it does not."""
    if piece.figures != source.figures and not piece.figures <= values([source.document.text]):
        return ""
    named = _named(source.document)
    if _contained(piece.document, source.document) >= NEAR_COPY and piece.figures == source.figures:
        return f"a copy of {named}"
    if _copied(piece, source.document):
        return f"has its words from {named}"
    if piece.figures and _names_publisher(piece, source.document):
        return f"cites {named}"
    if piece.figures <= source.figures and _quotes_alike(piece.document, source.document):
        return f"quotes the same words as {named}"
    if piece.figures and piece.figures == source.figures and _tells_alike(piece, source.document):
        return f"tells the same details as {named}"
    return ""


def _named(document: Document) -> str:
    """What a reader knows a document by: its publisher, title and date."""
    title = f"“{document.title}”" if document.title else ""
    return ", ".join(part for part in (document.publisher, title, document.published) if part) or document.name


@lru_cache(maxsize=256)
def _shingles(text: str, length: int) -> frozenset[tuple[str, ...]]:
    words = [word.text for word in words_of_text(text)]
    return frozenset(tuple(words[i : i + length]) for i in range(len(words) - length + 1))


def _contained(document: Document, other: Document) -> float:
    """The share of the shorter text's shingles that both have; 0 where one is too short to tell."""
    a, b = _shingles(document.text, SHINGLE), _shingles(other.text, SHINGLE)
    shorter = min(len(a), len(b))
    return len(a & b) / shorter if shorter >= ENOUGH else 0.0


def _copied(piece: _Piece, other: Document) -> bool:
    """Whether a run of words of the piece stands in another text."""
    own = {run for quote in piece.evidence.quotes for run in _shingles(quote.exact, COPIED_RUN)}
    return bool(own and own & _shingles(other.text, COPIED_RUN))


def _quotes_alike(document: Document, other: Document) -> bool:
    """Whether both quote somebody with the same words."""
    return bool(_quotations(document.text) & _quotations(other.text))


@lru_cache(maxsize=64)
def _quotations(text: str) -> frozenset[tuple[str, ...]]:
    quoted = (words_of_text(text[start:end]) for start, end in quoted_spans(text))
    return frozenset(
        tuple(word.text for word in said[i : i + QUOTED_RUN])
        for said in quoted
        for i in range(len(said) - QUOTED_RUN + 1)
    )


def _around(piece: _Piece) -> str:
    """The sentences of a piece and those near it."""
    every = sentences_of(piece.document.text, piece.document.language)
    quotes = piece.evidence.quotes
    own = [s.number for s in every if any(q.start < s.end and s.start < q.end for q in quotes)]
    if not own:
        return " ".join(quote.exact for quote in quotes)
    near = every[max(0, own[0] - 1 - NEAR_SENTENCES) : own[-1] + NEAR_SENTENCES]
    return piece.document.text[near[0].start : near[-1].end]


def _names_publisher(piece: _Piece, other: Document) -> bool:
    """Whether a piece says near its words that it has them from the publisher of another text."""
    if not other.publisher or same_outlet(piece.document, other):
        return False
    near = f" {_joined(words_of_text(_around(piece)))} "
    return any(f" {name} " in near for name in _called(other.publisher))


def _called(publisher: str) -> list[str]:
    """What texts call a body: its name, or a part of it of two words or more that are no small ones."""
    words = words_of_text(publisher)
    whole = _joined(words)
    if len(words) < 3:  # noqa: PLR2004
        return [whole] if len(whole) > 3 else []  # noqa: PLR2004
    parts = (words[a:b] for a in range(len(words)) for b in range(a + 2, len(words) + 1))
    return [_joined(part) for part in parts if _tells(part) >= 2 and 2 * len(part) >= len(words)]  # noqa: PLR2004


def _tells(words: Iterable[Word]) -> int:
    """How many words are long enough to be no small ones."""
    return sum(len(word.text) > 3 for word in words)  # noqa: PLR2004


def _joined(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _tells_alike(piece: _Piece, other: Document) -> bool:
    """Whether two texts of a few days share a further sentence with a figure, as texts do that rest on one release."""
    days = days_between(other.published, piece.document.published)
    if days is None or not 0 <= days <= SOON or piece.evidence.nature in PRIMARY:
        return False
    own = {q.exact for q in piece.evidence.quotes}
    theirs = [_content(text) for text in _sentence_texts(other)]
    rest = (t for t in _sentence_texts(piece.document) if not any(words in t or t in words for words in own))
    return any(_alike(_content(text), sentence, piece.figures) for text in rest for sentence in theirs)


def _sentence_texts(document: Document) -> list[str]:
    return [document.text[s.start : s.end] for s in sentences_of(document.text, document.language)]


def _content(text: str) -> frozenset[str]:
    """The words of a sentence without small ones, by their beginnings."""
    known = words_of(None, text)
    small = known.kinds.keys() | known.turning | known.binding if known else frozenset()
    kept = (w.text for w in words_of_text(text) if w.text not in small or any(c.isdigit() for c in w.text))
    return frozenset(word[:6] for word in kept if len(word) > 2 or any(c.isdigit() for c in word))  # noqa: PLR2004


def _alike(a: frozenset[str], b: frozenset[str], claimed: frozenset[str]) -> bool:
    both = a & b
    figure = any(c.isdigit() for word in both if word not in claimed for c in word)
    return figure and len(both) >= SHARED_DETAIL and len(both) >= DETAIL_SHARE * min(len(a), len(b))


def _of_the_claim(piece: _Piece, claim: Claim, article: Document) -> str:
    """Why a piece is not independent of the statement itself; empty where it is."""
    if piece.document.sha256 == article.sha256 or _contained(piece.document, article) >= NEAR_COPY:
        return "a copy of the article itself"
    said = claim.attribution
    if said.speaker and folded(piece.evidence.speaker or "") == folded(said.speaker):
        return "the speaker's own words"
    bodies = {folded(name) for name in (said.speaker, said.organisation, said.on_behalf_of) if name}
    if piece.document.publisher and folded(piece.document.publisher) in bodies:
        return f"published by {piece.document.publisher}, for whom the statement was made"
    if said.speaker is None and same_outlet(piece.document, article):
        when = days_between(piece.document.published, article.published)
        return f"the outlet's own {'earlier ' if (when or 0) > 0 else 'later ' if (when or 0) < 0 else ''}words"
    if said.speaker is None and _follows(piece, article):
        return f"repeats the article: {_named(article)}"
    return ""


def _follows(piece: _Piece, article: Document) -> bool:
    """Whether a piece was published after an article, and has its words or names its outlet as the source."""
    days = days_between(article.published, piece.document.published)
    from_it = _copied(piece, article) or (bool(piece.figures) and _names_publisher(piece, article))
    return days is not None and days >= 0 and from_it
