"""What is asked about a claim."""

from __future__ import annotations

from collections import Counter

from factcheck.models import Claim, Document
from factcheck.sources.results import LIMIT, Query
from factcheck.stages.retrieve import around
from factcheck.text.terms import capitalised

MOST_NAMES = 24
"""Names around a claim that are looked for, too."""


def query_of(
    claim: Claim, article: Document, *, since: str | None = None, until: str | None = None, limit: int = LIMIT
) -> Query:
    """The question about a claim of an article, with the names in its title and in the sentences around it."""
    said = claim.attribution
    texts = [claim.text, around(claim, article), article.title or ""]
    often = Counter(capitalised(article.text))
    names = [said.speaker, said.organisation, claim.target, *(name for text in texts for name in capitalised(text))]
    names += [name for name, _ in often.most_common()]
    words = f"{claim.text}\n{claim.topic}".strip()
    chosen = tuple(dict.fromkeys(name for name in names if name))[:MOST_NAMES]
    return Query(words, chosen, since, until, article.language, limit)
