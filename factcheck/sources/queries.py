"""What is asked about a claim."""

from __future__ import annotations

import re
from collections import Counter

from factcheck.models import Claim, Document
from factcheck.sources.results import LIMIT, Query
from factcheck.stages.retrieve import around
from factcheck.text.terms import capitalised

BRACKETS = re.compile(r"[\[\]]")
FIGURE = re.compile(r"\d[\d.,]*\d|\d")
WORD = re.compile(r"[^\W\d_]+")
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


def sentence(query: Query, *, words: int = 50, characters: int = 400) -> str:
    """The claim as services take it that search for whole sentences, cut between words."""
    chosen: list[str] = []
    for word in BRACKETS.sub("", query.words.split("\n")[0]).split()[:words]:
        if len(" ".join([*chosen, word])) > characters:
            break
        chosen.append(word)
    return " ".join(chosen)


def keywords(query: Query, number: int = 10) -> list[str]:
    """Names, figures and the longest words, for services that search for words."""
    claim = query.words.split("\n")[0]
    names = [name for name in (*capitalised(claim), *query.names) if len(name) > 2][: number // 2]  # noqa: PLR2004
    figures = FIGURE.findall(claim)
    plain = sorted({w.casefold() for w in WORD.findall(claim) if len(w) > 4}, key=lambda w: (-len(w), w))  # noqa: PLR2004
    covered = " ".join(names).casefold()
    return list(dict.fromkeys([*names, *figures[:2], *(w for w in plain if w not in covered)]))[:number]
