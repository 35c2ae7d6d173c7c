"""Names without what only spelling adds: the rule by which two names are one speaker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from factcheck.models import Claim, Tie

NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """A name without case, accents and punctuation; equal names are one speaker, similar ones are not."""
    if name.isascii():
        return " ".join(NOT_ALPHANUMERIC.sub(" ", name.lower()).split())
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if unicodedata.category(c) != "Mn").split())


def renamed(claims: Iterable[Claim], ties: Sequence[Tie]) -> list[Claim]:
    """Claims with speakers and targets under the names that sentences show; what was written is kept beside."""
    known = {(tie.document_id, folded(tie.written)): tie for tie in ties}
    return [_renamed(claim, known) for claim in claims] if known else list(claims)


def merged(claims: Iterable[Claim], called: Mapping[str, str]) -> list[Claim]:
    """Claims with speakers and targets under the one name that people chose; `called` gives it for folded names."""
    return [_merged(claim, called) for claim in claims] if called else list(claims)


def _merged(claim: Claim, called: Mapping[str, str]) -> Claim:
    said = claim.attribution
    by, to = called.get(folded(said.speaker or "")), called.get(folded(claim.target or ""))
    if by is not None and by != said.speaker:
        shown = {"speaker": by, "as_written": said.as_written or said.speaker}
        claim = claim.model_copy(update={"attribution": said.model_copy(update=shown)})
    if to is not None and to != claim.target:
        written = claim.target_as_written or claim.target
        claim = claim.model_copy(update={"target": to, "target_as_written": written})
    return claim


def _renamed(claim: Claim, known: Mapping[tuple[str, str], Tie]) -> Claim:
    said = claim.attribution
    by = known.get((claim.document_id, folded(said.speaker or ""))) if said.as_written is None else None
    to = known.get((claim.document_id, folded(claim.target or ""))) if claim.target_as_written is None else None
    if by is not None:
        shown = {"speaker": by.name, "as_written": said.speaker, "known_from": by.shown_in}
        claim = claim.model_copy(update={"attribution": said.model_copy(update=shown)})
    if to is not None:
        claim = claim.model_copy(update={"target": to.name, "target_as_written": claim.target})
    return claim
