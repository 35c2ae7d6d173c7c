"""Invented documents with invented claims, many of them: what a ledger of years looks like, without a model."""

from __future__ import annotations

import datetime
import itertools
import random
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import get_args

from factcheck.inputs.documents import document_from_text
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry, add
from factcheck.models import Claim, Kind, Run, Usage
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.text.sentences import sentences_of


def _words(text: str) -> list[str]:
    return text.split()


THINGS = _words(
    """pier harbour ferry bridge school clinic library budget levy lease tram tunnel dam reactor quarry forest
    orchard vineyard fishery cannery shipyard airport depot archive museum theatre stadium prison barracks
    pension wage rent subsidy tariff quota permit audit census survey merger strike curfew embargo treaty"""
)
DOINGS = _words(
    """opening closing funding selling renaming moving widening taxing licensing inspecting privatising
    rebuilding staffing delaying extending insuring"""
)
SIDES, ENDS = (
    _words("North South East West Old New Upper Lower"),
    _words("mere ford wick ham dale stead haven moor gate"),
)
PLACES = [a + b for a in SIDES for b in ENDS]
FIRST = _words("Ada Bela Cora Dana Edda Faye Gwen Hana Iris Jana Kaja Lena Mira Nora Olga Pia Rita Sara Tova Una")
ROOTS, TAILS = (
    _words("Ash Birk Carl Dahl Elm Falk Grim Holm Isak Jarl Kron"),
    _words("berg strand man sen ova ini idze yan"),
)
LAST = [a + b for a in ROOTS for b in TAILS]
RUN = Run(id="r-synthetic", tool="factcheck", started=None, model="none", prompts={}, usage=Usage())


def speaker(dice: random.Random, people: int) -> str:
    """A name out of many, the n-th commonest about n times as rare as the commonest (Zipf)."""
    rank = min(people, int(people ** dice.random()))
    namesakes = rank // (len(FIRST) * len(LAST))
    return f"{FIRST[rank % len(FIRST)]} {LAST[rank // len(FIRST) % len(LAST)]}{f' {namesakes}' if namesakes else ''}"


def entries(number: int, claims: int = 15, *, seed: int = 7, people: int = 20_000) -> Iterator[Entry]:
    """So many documents, each with so many grounded claims; the same seed makes the same ones."""
    dice = random.Random(seed)
    day = datetime.date(2010, 1, 1)
    for n in range(number):
        said = [(speaker(dice, people), _matter(dice), dice.randint(2, 98)) for _ in range(claims)]
        text = " ".join(f"{who} spoke for {what}, at {share} per cent of the cost." for who, what, share in said)
        document = document_from_text(
            text,
            publisher=dice.choice(PLACES) + " Echo",
            published=str(day + datetime.timedelta(n % 5000)),
            title=f"{seed}-{n}",
        )
        places = sentences_of(document.text)
        made = [
            ground(
                Draft(
                    document, (Pointer(place.number, ""),), Source(who), dice.choice(get_args(Kind)), what, "indirect"
                )
            )
            for place, (who, what, _) in zip(places, said, strict=True)
        ]
        yield Entry(document, [claim for claim in made if isinstance(claim, Claim)])


def _matter(dice: random.Random) -> str:
    """What a claim is about: one of about 70,000 matters, some much commoner than others."""
    thing = THINGS[int(len(THINGS) * dice.random() ** 2)]
    return f"{dice.choice(DOINGS)} the {thing} of {dice.choice(PLACES)}"


def batches(found: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    """Entries in lists of this length."""
    while part := list(itertools.islice(found, size)):
        yield part


def fill(place: str, number: int, *, claims: int = 15, seed: int = 7) -> None:
    """Put so many invented documents into a ledger, e.g. as an archive that other documents are lost in."""
    with closing(open_ledger(place)) as ledger:
        for part in batches(entries(number, claims, seed=seed), 200):
            with ledger.writing() as connection:
                add(connection, part, RUN)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
