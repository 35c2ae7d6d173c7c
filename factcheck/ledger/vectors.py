"""Embeddings of a ledger's claims: the nearest of them by a scan in two steps, centred on the ledger's own mean.

Vectors of real models lie in a narrow cone: with multilingual E5 unrelated texts have a cosine of .8. What tells
texts apart is the direction from the mean of all, so that cosines are taken of vectors less that mean ("all but the
top", Mu and Viswanath, 2018). A few coordinates, along which the centred vectors differ most, choose claims that are
then ranked by their whole vectors, which are kept at one byte a coordinate. What is nearest depends on how many
vectors there are and not on the moments at which they were read: mean and coordinates are those of the first 2^n.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from factcheck.errors import LedgerError

CHUNK = 16_384
"""Vectors that are worked on at once, so that little memory is needed."""

LEVELS = 127
"""Steps of one byte on either side of zero; the error of a cosine is about .001."""

TINY = 1e-12
"""What a length is at least, so that nothing is divided by zero."""

FEW = 32
"""Vectors below which a mean says nothing about the model, and plain cosines are taken."""

SAMPLE = 4_096
"""Vectors from which the coordinates are chosen, in which others are compared first."""

COORDINATES = 96
"""Coordinates of the first step."""

CHOSEN, EACH = 768, 16
"""About so many vectors are compared whole for each that is asked about: those with a score that is among the highest
of every sixteenth, since to sort all scores would take longer than all the rest (recall: `make bench`)."""


class Near(NamedTuple):
    """The number of a claim and how near it is, from -1 to 1."""

    claim: int
    cosine: float


class Rows:
    """A table of numbers to which rows are added at its end."""

    def __init__(self, width: int, kind: str) -> None:
        self._held: Any = _numpy().zeros((0, width), dtype=kind)
        self.number = 0

    @property
    def all(self) -> Any:
        """All rows that were added."""
        return self._held[: self.number]

    def add(self, rows: Any) -> None:
        """Add rows; the table doubles where it is full, so that this takes no longer as it grows."""
        end = self.number + len(rows)
        if end > len(self._held):
            larger = _numpy().empty((max(end, 2 * len(self._held)), self._held.shape[1]), dtype=self._held.dtype)
            larger[: self.number] = self.all
            self._held = larger
        self._held[self.number : end] = rows
        self.number = end


class Vectors:
    """The embeddings of one model in memory, by the numbers of their claims."""

    def __init__(self) -> None:
        self._np = _numpy()
        self._numbers = Rows(1, "int64")
        self._levels = Rows(0, "int8")
        self._scales = Rows(1, "float32")
        self._near = Rows(0, "float32")
        self._centred_on = 0
        self._mean: Any = None
        self._axes: Any = None

    @property
    def last(self) -> int:
        """The highest number of a claim that is in memory; later ones are still to be added."""
        return int(self._numbers.all[-1, 0]) if self._numbers.number else 0

    def add(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add vectors, as the ledger keeps them, with numbers above all before; those of another length are none."""
        np = self._np
        width = self._levels.all.shape[1] or (len(rows[0][1]) // 4 if rows else 0)
        fitting = [(number, content) for number, content in rows if len(content) == 4 * width]
        if not fitting:
            return
        if not self._numbers.number:
            self._levels = Rows(width, "int8")
        made = np.frombuffer(b"".join(content for _, content in fitting), dtype="<f4").reshape(len(fitting), width)
        self._numbers.add(np.array([[number] for number, _ in fitting], dtype="int64"))
        made = made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), TINY)
        scales = np.maximum(np.abs(made).max(axis=1, keepdims=True), TINY) / LEVELS
        self._scales.add(scales)
        self._levels.add(np.rint(made / scales))

    def nearest(
        self, wanted: Mapping[str, Sequence[float]], number: int, *, before: int | None = None
    ) -> dict[str, list[Near]]:
        """For each of these vectors the nearest claims with a number below `before`, the nearest first."""
        np, numbers = self._np, self._numbers.all[:, 0]
        end = len(numbers) if before is None else int(np.searchsorted(numbers, before))
        usable = {key: vector for key, vector in wanted.items() if len(vector) == self._levels.all.shape[1]}
        if not end or not usable:
            return {}
        self._prepare()
        asked = np.array(list(usable.values()), dtype="float32")
        asked = self._centred(asked / np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), TINY))
        scores = (asked @ self._axes) @ self._near.all[:end].T
        return {key: self._best(asked[i], scores[i], number) for i, key in enumerate(usable)}

    def _prepare(self) -> None:
        """Bring the coordinates of the first step up to date."""
        held = self._numbers.number
        power = 1 << held.bit_length() - 1
        if power != self._centred_on:
            self._centre(power)
        for at in range(self._near.number, held, CHUNK):
            self._near.add(self._centred(self._whole(slice(at, at + CHUNK))) @ self._axes)

    def _centre(self, first: int) -> None:
        """Take the mean of the first vectors, and the axes along which they differ most."""
        np = self._np
        parts = (slice(at, min(at + CHUNK, first)) for at in range(0, first, CHUNK))
        mean = sum(self._whole(part).sum(axis=0, dtype="float64") for part in parts) / first
        self._mean = (mean if first >= FEW else np.zeros_like(mean)).astype("float32")
        some = self._centred(self._whole(slice(0, first, max(1, first // SAMPLE))))
        _, axes = np.linalg.eigh(some.T @ some)
        self._axes = np.ascontiguousarray(axes[:, -COORDINATES:], dtype="float32")
        self._near = Rows(self._axes.shape[1], "float32")
        self._centred_on = first

    def _whole(self, which: Any) -> Any:
        """These vectors as they were given, of length 1."""
        return self._levels.all[which].astype("float32") * self._scales.all[which]

    def _centred(self, vectors: Any) -> Any:
        """Vectors less the mean, of length 1."""
        centred = vectors - self._mean
        return centred / self._np.maximum(self._np.linalg.norm(centred, axis=1, keepdims=True), TINY)

    def _best(self, asked: Any, scores: Any, number: int) -> list[Near]:
        """The nearest by their whole vectors, of those whose scores are the highest."""
        chosen = self._chosen(scores, number)
        cosines = self._centred(self._whole(chosen)) @ asked
        numbers = self._numbers.all[chosen, 0]
        best = self._np.lexsort((numbers, -cosines))[:number]
        return [Near(int(numbers[i]), float(cosines[i])) for i in best]

    def _chosen(self, scores: Any, number: int) -> Any:
        """The places of about as many of the highest scores as are compared whole; all, where there are few."""
        some = scores[::EACH]
        few = max(number, CHOSEN // EACH)
        if len(some) <= few:
            return self._np.arange(len(scores))
        return self._np.flatnonzero(scores >= self._np.partition(some, -few)[-few])


def _numpy() -> Any:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # beside other work its threads wait for each other, spinning
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
