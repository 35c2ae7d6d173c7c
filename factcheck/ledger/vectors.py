"""Embeddings of a ledger's claims: an exact scan for the nearest, centred on the ledger's own mean.

Vectors of real models lie in a narrow cone: with multilingual E5 unrelated texts have a cosine of .8. What tells
texts apart is the direction from the mean of all, so that cosines are taken of vectors less that mean ("all but the
top", Mu and Viswanath, 2018, without its principal components). A scan reads one byte a coordinate and asks about all
new claims at once; at 200,000 claims it takes about as long as the rest of the look-up (`make bench`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from factcheck.errors import LedgerError

CHUNK = 16_384
"""Vectors that are multiplied at once, so that a scan needs little memory."""

LEVELS = 127
"""Steps of one byte on either side of zero; the error of a cosine is below .01."""

TINY = 1e-12
"""What a length is at least, so that nothing is divided by zero."""

FEW = 32
"""Vectors below which a mean says nothing about the model, and plain cosines are taken."""


class Near(NamedTuple):
    """The number of a claim and how near it is, from -1 to 1."""

    claim: int
    cosine: float


class Vectors:
    """The embeddings of one model in memory, by the numbers of their claims."""

    def __init__(self) -> None:
        self._np = _numpy()
        self._numbers: Any = self._np.zeros(0, dtype="int64")
        self._levels: Any = self._np.zeros((0, 0), dtype="int8")
        self._scales: Any = self._np.zeros(0, dtype="float32")
        self._lengths: Any = self._np.zeros(0, dtype="float32")
        self._sum: Any = None

    @property
    def last(self) -> int:
        """The highest number of a claim that is in memory; later ones are still to be added."""
        return int(self._numbers[-1]) if len(self._numbers) else 0

    def add(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add vectors, as the ledger keeps them, with numbers above all before; those of another length are none."""
        np = self._np
        width = self._levels.shape[1] or (len(rows[0][1]) // 4 if rows else 0)
        fitting = [(number, content) for number, content in rows if len(content) == 4 * width]
        if not fitting:
            return
        made = np.frombuffer(b"".join(content for _, content in fitting), dtype="<f4").reshape(len(fitting), width)
        size = np.abs(made).max(axis=1)
        scales = (np.where(size > 0, size, 1) / LEVELS).astype("float32")
        levels = np.rint(made / scales[:, None]).astype("int8")
        total = made.sum(axis=0, dtype="float64")
        self._sum = total if self._sum is None else self._sum + total
        self._numbers = np.concatenate([self._numbers, np.array([number for number, _ in fitting], dtype="int64")])
        self._levels = np.concatenate([self._levels, levels]) if len(self._levels) else levels
        self._scales = np.concatenate([self._scales, scales])

    def nearest(
        self, wanted: Mapping[str, Sequence[float]], number: int, *, before: int | None = None
    ) -> dict[str, list[Near]]:
        """For each of these vectors the nearest claims with a number below `before`, the nearest first."""
        np = self._np
        end = len(self._numbers) if before is None else int(np.searchsorted(self._numbers, before))
        usable = {key: vector for key, vector in wanted.items() if len(vector) == self._levels.shape[1]}
        if not end or not usable:
            return {}
        asked = np.array(list(usable.values()), dtype="float32") - self._mean()
        asked /= np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), TINY)
        products = self._products(asked, end)
        cosines = (products - asked @ self._mean()) / self._norms()[:end, None]
        return {key: self._best(cosines[:, i], number) for i, key in enumerate(usable)}

    def _mean(self) -> Any:
        """The mean of all vectors, or nothing where they are few."""
        if len(self._numbers) < FEW:
            return self._np.zeros(self._levels.shape[1], dtype="float32")
        return (self._sum / len(self._numbers)).astype("float32")

    def _products(self, asked: Any, end: int) -> Any:
        """The products of the first vectors with all that is asked."""
        np = self._np
        parts = [self._levels[at : min(at + CHUNK, end)].astype("float32") @ asked.T for at in range(0, end, CHUNK)]
        return np.concatenate(parts) * self._scales[:end, None]

    def _norms(self) -> Any:
        """The lengths of all vectors less the mean; counted once until vectors are added."""
        np, mean = self._np, self._mean()
        if len(self._lengths) != len(self._numbers):
            own = [
                np.einsum("ij,ij->i", part, part)
                for part in (
                    self._levels[at : at + CHUNK].astype("float32") for at in range(0, len(self._levels), CHUNK)
                )
            ]
            along = self._products(mean[None, :], len(self._numbers))[:, 0]
            squares = np.concatenate(own) * self._scales**2 - 2 * along + mean @ mean
            self._lengths = np.sqrt(np.maximum(squares, TINY))
        return self._lengths

    def _best(self, cosines: Any, number: int) -> list[Near]:
        np = self._np
        few = min(number, len(cosines))
        top = np.argpartition(-cosines, few - 1)[:few]
        ranked = sorted(((float(cosines[i]), int(self._numbers[i])) for i in top), key=lambda row: (-row[0], row[1]))
        return [Near(claim, cosine) for cosine, claim in ranked]


def _numpy() -> Any:
    try:
        import numpy as np  # noqa: PLC0415  (only where embeddings are used)
    except ModuleNotFoundError:
        raise LedgerError("embeddings need an extra: python3 -m pip install 'factcheck-desk[vectors]'") from None
    return np


def packed(vector: Iterable[float]) -> bytes:
    """A vector as 4-byte floats, in the machine's order of bytes (little-endian wherever this runs)."""
    return array("f", vector).tobytes()


def unpacked(content: bytes) -> Sequence[float]:
    """The vector of `packed`."""
    vector = array("f")
    vector.frombytes(content)
    return vector
