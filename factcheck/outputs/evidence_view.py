"""Draw what bears on a claim, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from factcheck.models import Claim, Document
from factcheck.outputs import evidence as shown
from factcheck.outputs.evidence import Bit, Piece, Weighed
from factcheck.outputs.inert import visible

STYLES = {"supports": "green", "conflicts": "red", "qualifies": "yellow"}


def drawn(claim: Claim, article: Document, weighed: Weighed | None, *, searched: bool = False) -> list[RenderableType]:
    """What stands under a claim: the outcome, each piece with its words; nothing if nothing was looked for.

    With `searched` also what was asked of which source.
    """
    if weighed is None:
        return []
    head = Text.assemble(("evidence: ", "bold"), visible(shown.outcome(weighed)))
    pieces = [_piece(claim, article, piece) for piece in weighed.pieces]
    asked = shown.searched(weighed) if searched else ""
    tail = [Text(visible(line)) for line in (shown.leaves_out(weighed), asked) if line]
    return [Padding(Group(head, *pieces, *tail), (0, 0, 1, 4), expand=False)]


def _piece(claim: Claim, article: Document, piece: Piece) -> Group:
    style = STYLES[piece.evidence.relation]
    head = Text.assemble((f"[{piece.number}] ", "bold"), (visible(shown.head(piece)), style))
    _, bits = shown.sides(claim, article, piece)
    below = [Text(visible(line), style="dim") for line in shown.lines(piece)]
    return Group(head, Padding(Group(_words(bits), *below), (0, 0, 0, 4), expand=False))


def _words(bits: Sequence[Bit]) -> Text:
    """The sentences of a piece: the quoted words in quotation marks, what differs underlined."""
    text, inside = Text(), False
    for bit in bits:
        if bit.quoted != inside:
            text.append("“" if bit.quoted else "”")
            inside = bit.quoted
        text.append(visible(bit.text), style=f"{'' if bit.quoted else 'dim'}{' bold underline' if bit.differs else ''}")
    return text.append("”") if inside else text
