"""What was known when a statement was made, and which figures later ones of the same series replace."""

from __future__ import annotations

import datetime
import re
from urllib.parse import urlsplit

from factcheck.models import Claim, Document, Evidence, Timing, said_on
from factcheck.text.dates import span_of
from factcheck.text.names import folded
from factcheck.text.words import values

PRELIMINARY = re.compile(
    r"\b(?:preliminary|provisional|flash|first estimate|interim|advance|vorlaufig\w*|provisoire\w*|provisional\w*|"
    r"preliminar\w*|provvisori\w*|ennakko\w*|alustav\w*|forelopig\w*|voorlopig\w*|wstepn\w*|предварительн\w*|попередн\w*)\b"
)
REVISED = re.compile(
    r"\b(?:final|revised?|revision|corrected|updated?|replaces?|endgultig\w*|revidiert\w*|korrigiert\w*|"
    r"definiti\w*|revise\w*|revis\w*|corrig\w*|rectifi\w*|aggiornat\w*|tarkist\w*|lopulli\w*|slutlig\w*|reviderad\w*|"
    r"reviderte?|endelig\w*|herzien\w*|ostateczn\w*|skorygowan\w*|окончательн\w*|уточненн\w*|пересмотрен\w*|остаточн\w*)\b",
    re.IGNORECASE,
)
"""What first and later figures of one series are called, in titles and texts; folded."""

NUMBERED = re.compile(r"\b(?:no|nr|number|nummer|numero|n|update|bulletin|№)\s+\d+\b")


def timing(claim: Claim, article: Document, evidence: Evidence, document: Document) -> Timing:
    """Whether a piece was there when the statement was made; `undated` where the dates do not tell.

    What is of the same day counts as there. What was said earlier and published later was known later. What an article
    says in its own voice it says on the day on which it appears, whatever day it speaks of.
    """
    own = article.published if claim.attribution.speaker is None else None
    stated = span_of(own or said_on(claim, article) or "")
    there = span_of(document.published or evidence.said_on or "")
    if stated is None or there is None:
        return "undated"
    if there[1] <= stated[0] or there == stated:
        return "before"
    return "after" if stated[1] < there[0] else "undated"


def replaces(later: Document, figures: frozenset[str], document: Document) -> bool:
    """Whether a document gives later figures of the same series by the same body than these, of another document."""
    days = days_between(document.published, later.published)
    if not same_outlet(later, document) or not days or days < 0:
        return False
    told = bool(figures) and figures <= values([later.text]) and REVISED.search(later.text) is not None
    return told or (_series(later) == _series(document) != "")


def _series(document: Document) -> str:
    """A title without what tells the issues of one series apart."""
    return " ".join(REVISED.sub(" ", PRELIMINARY.sub(" ", NUMBERED.sub(" ", folded(document.title or "")))).split())


def same_outlet(a: Document, b: Document) -> bool:
    """Whether two documents are of one publisher, or stand on one site."""
    if a.publisher and b.publisher:
        return folded(a.publisher) == folded(b.publisher)
    site = _site(a)
    return bool(site) and site == _site(b)


def _site(document: Document) -> str:
    try:
        return re.sub(r"^(www|m|amp)\.", "", (urlsplit(document.url or "").hostname or "").lower())
    except ValueError:
        return ""


def days_between(first: str | None, second: str | None) -> int | None:
    """Days from the first date to the second; None where one is unknown or not dated to the day."""
    try:
        return (datetime.date.fromisoformat(second or "") - datetime.date.fromisoformat(first or "")).days
    except ValueError:
        return None
