"""Who may do what on the desk: roles, scopes of tokens, and the person behind a request."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Literal, NamedTuple, get_args

from factcheck.errors import UsageError
from factcheck.outputs.inert import ACTIVE

Right = Literal["read", "decide", "add", "people"]
"""Look; decide, comment, assign and undo; add articles; say who is who, and that an article no longer stands."""

Role = Literal["reader", "checker", "editor"]

RIGHTS: dict[Role, frozenset[Right]] = {
    "reader": frozenset({"read"}),
    "checker": frozenset({"read", "decide", "add"}),
    "editor": frozenset({"read", "decide", "add", "people"}),
}
SCOPES: tuple[Right, ...] = get_args(Right)
LONGEST_NAME = 80


class Person(NamedTuple):
    """Who sent a request, and what they may do."""

    name: str
    role: Role
    rights: frozenset[Right]
    csrf: str | None
    """What forms must bring back; null for a token, which no browser sends by itself."""

    def may(self, right: Right) -> bool:
        """Whether they have this right."""
        return right in self.rights


def clean_name(name: str) -> str:
    """A name as it is kept with decisions. Raises UsageError."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"a name has 1 to {LONGEST_NAME} characters")
    if ACTIVE.search(name) or not any(c.isalpha() for c in name):
        raise UsageError("a name has letters, and no characters that nobody sees")
    return name


def scopes_of(given: str) -> frozenset[Right]:
    """Scopes of a token, separated by commas or spaces. Raises UsageError."""
    words = frozenset(re.split(r"[\s,]+", given.strip()))
    if unknown := words - set(SCOPES):
        raise UsageError(f"scope {', '.join(sorted(unknown))}: is none; there are {', '.join(SCOPES)}")
    return frozenset(scope for scope in SCOPES if scope in words)


def form_token(cookie: str) -> str:
    """What the forms of a page carry, so that other sites cannot send them: only who has the cookie can make it."""
    return hmac.new(cookie.encode(), b"factcheck desk form", hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())
