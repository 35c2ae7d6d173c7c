"""How worthwhile it is to look for evidence about a claim: what extraction says of it, and what it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from factcheck.models import Claim, Document, Priority
from factcheck.text.names import folded

HEADLINE_SHARE = 0.6
"""Share of a headline's three-letter pieces that a claim must have to be what the headline is about."""

POINTS = {
    "much hangs on it": 4,
    "accusation": 2,
    "figures": 2,
    "headline": 2,
    "officeholder": 1,
}
"""What each reason adds to the rank, 1 being that of any claim that evidence could settle."""


def ranked(claims: Iterable[Claim], documents: Mapping[str, Document]) -> list[Claim]:
    """The same claims in their order, each with its priority."""
    return [c.model_copy(update={"priority": priority(c, documents[c.document_id])}) for c in claims]


def worthwhile(claims: Iterable[Claim]) -> list[Claim]:
    """Ranked claims that evidence could settle, the most worthwhile first; equal ones in the order given."""
    able = [c for c in claims if c.priority is not None and c.priority.rank > 0]
    return sorted(able, key=lambda c: -(c.priority.rank if c.priority else 0))


def priority(claim: Claim, document: Document) -> Priority:
    """The rank of a claim with its reasons, the weightiest first."""
    if not claim.checkworthy:
        return Priority(rank=0, because=("no evidence could settle it",))
    words = " ".join(quote.exact for quote in claim.quotes)
    found = {
        "much hangs on it": claim.importance > 1,
        "accusation": claim.kind == "accusation",
        "figures": any(unicodedata.numeric(char, None) is not None for char in words if not char.isalpha()),
        "headline": _share(document.title or "", words) >= HEADLINE_SHARE,
        "officeholder": claim.attribution.role is not None and claim.attribution.voice != "anonymous",
    }
    because = tuple(name for name, is_so in found.items() if is_so)
    return Priority(rank=1 + sum(POINTS[name] for name in because), because=because)


def _share(title: str, words: str) -> float:
    """The share of a title's pieces of three letters that words have; so it works without spaces and across endings."""
    wanted, had = _pieces(title), _pieces(words)
    return len(wanted & had) / len(wanted) if wanted else 0.0


def _pieces(text: str) -> set[str]:
    plain = folded(text).split()
    return {word[i : i + 3] for word in plain for i in range(max(1, len(word) - 2))}
