"""What bears on the statements of a page, from what the ledger holds about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from factcheck.ledger.connection import Ledger
from factcheck.ledger.lookup import Said
from factcheck.outputs.evidence import Bit, Piece, Weighed, sides, weighed_of


class Beside(NamedTuple):
    """A piece of evidence: the statement's words and its own, with what differs marked."""

    piece: Piece
    claim: list[Bit]
    words: list[Bit]


class Bearing(NamedTuple):
    """What was searched for a statement, and what bears on it."""

    said: Said
    weighed: Weighed
    rows: list[Beside]


def bearing(ledger: Ledger, statements: Sequence[Said]) -> list[Bearing]:
    """For each of the statements that were looked into, here or at another outlet. Raises LedgerError."""
    known = ledger.known([said.claim for said in statements])
    found = []
    for said in statements:
        if one := known.found.get(said.claim.id):
            weighed = weighed_of(said.claim, said.document, one.check, one.evidence, known.documents)
            rows = [Beside(piece, *sides(said.claim, said.document, piece)) for piece in weighed.pieces]
            found.append(Bearing(said, weighed, rows))
    return found
