"""Embeddings as features: near vectors share numbers, so that the same index finds them, at any size of the ledger.

Each band is the signs of a vector's sums along a few random directions (Charikar, "Similarity estimation techniques
from rounding algorithms", 2002); the directions are sparse (Li, Hastie and Church, "Very sparse random
projections", 2006), and the same on every machine. Two vectors with a cosine of .75 share a band with probability
.56, of .85 with .89, of 0 with .002.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence
from functools import lru_cache

from factcheck.ledger.features import number

BANDS, BITS = 32, 14
"""With 14 bits a million claims leave about 60 in each band by chance, fewer than are taken for one feature."""

COORDINATES = 48
"""Of a vector, that one direction looks at."""


def bands(vector: Sequence[float]) -> frozenset[int]:
    """The features of a vector."""
    found = []
    for band, directions in enumerate(_directions(len(vector))):
        signs = "".join("1" if sum(vector[i] * sign for i, sign in d) > 0 else "0" for d in directions)
        found.append(number("near", str(band), signs))
    return frozenset(found)


@lru_cache(maxsize=4)
def _directions(length: int) -> list[list[list[tuple[int, int]]]]:
    """For each band and bit the coordinates that count, with their signs."""
    dice = random.Random(length)  # noqa: S311  (the same directions everywhere; nothing secret)
    count = min(COORDINATES, length)
    return [
        [[(i, dice.choice((-1, 1))) for i in dice.sample(range(length), count)] for _ in range(BITS)]
        for _ in range(BANDS)
    ]


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """How near two vectors are, from -1 to 1; 0 where their lengths differ or one is empty."""
    if len(a) != len(b):
        return 0.0
    size = math.sqrt(math.fsum(x * x for x in a) * math.fsum(y * y for y in b))
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / size if size else 0.0


def packed(vector: Sequence[float]) -> bytes:
    """A vector as 4-byte floats, in the machine's order of bytes (little-endian wherever this runs)."""
    return array("f", vector).tobytes()


def unpacked(content: bytes) -> Sequence[float]:
    """The vector of `packed`."""
    vector = array("f")
    vector.frombytes(content)
    return vector
