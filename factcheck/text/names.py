"""Names without what only spelling adds: the rule by which two names are one speaker."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without case, accents and punctuation; equal names are one speaker, similar ones are not."""
    if name.isascii():
        return " ".join(NOT_ALPHANUMERIC.sub(" ", name.lower()).split())
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if unicodedata.category(c) != "Mn").split())
