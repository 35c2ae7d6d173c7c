"""What words sound like in Latin letters, so that names meet whatever alphabet and spelling they are written in."""

from __future__ import annotations

import re

from anyascii import anyascii

SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"ch(?=[rl])", "h"),
        (r"tzsch|tsch|shch|sch|sh|zh|ch|cz|sz|tch|dj|dzh", "s"),
        (r"kh", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"ck|q|c", "k"),
        (r"ts|tz|z|x", "s"),
        (r"w", "v"),
        (r"ae|oe|ue", lambda m: m[0][0]),
        (r"\b[jy](?=e)", ""),
        (r"[yj]|ie|ei", "i"),
        (r"(.)\1+", r"\1"),
    )
)
"""What other ways of writing one sound are read as, for comparison only."""

NO_LETTERS = re.compile(r"[^a-z]+")


def sounds_like(text: str) -> str:
    """The words of a text in Latin letters, each by its sound, with single spaces between."""
    plain = " ".join(NO_LETTERS.sub(" ", anyascii(text).lower().replace("'", "")).split())
    for pattern, letters in SOUNDS:
        plain = pattern.sub(letters, plain)
    return plain
