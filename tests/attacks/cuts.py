"""Cuts out of sentences: frames that turn a clause round, and frames that do not, in many languages.

`frames/<language>.txt` holds a speaker, subjects and predicates of clauses, then one frame a line: `kind | frame` turns
its clause, and what turns it stands in [brackets]; `= frame` does not. {n} is the speaker, {x} the clause, {C} the
clause at the beginning of a sentence, {s} the clause behind a conjunction that sends its verb to the end, {v} with its
verb first. Most frames hold words that the lists in `factcheck/text/frames` do not know; in the others it is the order
of the words or a mark that turns the clause.

`others.tsv` holds whole sentences that were written against the lists and the grammar of the guard, mostly of somebody
else who speaks: language, sentence, clause, the speaker and the role of the draft, and "open" where the cut still
stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.text.sentences import sentences_of

FRAMES = Path(__file__).parent / "frames"
OTHERS = Path(__file__).parent / "others.tsv"
SOLID = {"ja", "zh"}
"""Languages that put no space between subject and predicate."""


class Cut(NamedTuple):
    """A clause within a sentence, who says it, and which words of the sentence turn it (none in a harmless frame)."""

    language: str
    kind: str
    text: str
    clause: str
    source: Source
    turning: tuple[str, ...]


class Speech(NamedTuple):
    name: str
    role: str
    clauses: list[dict[str, str]]
    frames: list[tuple[str, str]]


def languages() -> list[str]:
    return sorted(path.stem for path in FRAMES.glob("*.txt"))


def speech_of(language: str) -> Speech:
    head: dict[str, str] = {}
    frames: list[tuple[str, str]] = []
    for line in (FRAMES / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            frames.append(("", line[2:]))
        elif " | " in line:
            kind, frame = line.split(" | ", 1)
            frames.append((kind, frame))
        else:
            key, _, value = line.partition(" ")
            head[key] = value
    subjects, predicates = (head[key].split(" ; ") for key in ("subjects", "predicates"))
    late = head.get("subpredicates", head["predicates"]).split(" ; ")
    space = "" if language in SOLID else " "
    clauses = [_clause(s, m, e, space) for s, (m, e) in product(subjects, zip(predicates, late, strict=True))]
    return Speech(head["name"], head["role"], clauses, frames)


def _clause(subject: str, main: str, late: str, space: str) -> dict[str, str]:
    """The clause with its verb in second place, first in the sentence, at the end, and before the subject."""
    verb, _, rest = main.partition(" ")
    first = subject + space + main
    return {
        "x": first,
        "C": first[0].upper() + first[1:],
        "s": subject + space + late,
        "v": f"{verb} {subject} {rest}",
    }


def cuts(language: str) -> Iterator[Cut]:
    """Every clause in every frame of a language."""
    speech = speech_of(language)
    for (kind, frame), clause in product(speech.frames, speech.clauses):
        slot = next(m[1] for m in re.finditer(r"\{(\w)\}", frame) if m[1] != "n")
        marked = frame.replace("{n}", speech.name)
        turning = tuple(part.strip() for part in re.findall(r"\[([^]]*)\]", marked))
        plain = re.sub(r"[\[\]]", "", marked)
        plain = plain[0].upper() + plain[1:]
        yield Cut(
            language,
            kind,
            plain.replace("{" + slot + "}", clause[slot]),
            clause[slot],
            Source(speech.name, speech.role),
            turning,
        )


SOMEBODY_ELSE = ("opponent", "other speaker")
"""Kinds of frame in which somebody else speaks: a model that names just them is right."""


def speakers(cut: Cut) -> list[Source | None]:
    """Whom a model may name as the speaker: the right one, nobody, or, as an attacker would, the words of the frame."""
    given: list[Source | None] = [cut.source, None]
    if not cut.kind.startswith(SOMEBODY_ELSE):
        frame = cut.text.split(cut.clause)[0].strip(' .,“«"') or cut.text
        given.append(Source(frame, cut.turning[0]))
    return given


def keeps(cut: Cut, quote: str | None) -> bool:
    """Whether the quote is the clause and no more than its quotation marks."""
    return quote is not None and quote.strip(' .。”“„"«»」「').lower() == cut.clause.lower()


def accepted(cut: Cut, source: Source | None) -> str | None:
    """What the claim quotes that is made of the clause alone, or None if there is no claim."""
    document = document_from_text(cut.text, language=cut.language)
    number = next(
        s.number for s in sentences_of(document.text, cut.language) if cut.clause in document.text[s.start : s.end]
    )
    claim = ground(Draft(document, (Pointer(number, cut.clause),), source, "assertion", "t"))
    return " … ".join(q.exact for q in claim.quotes) if isinstance(claim, Claim) else None


def misleads(cut: Cut, quote: str | None) -> bool:
    """Whether a claim was made without the words that turn its clause."""
    return quote is not None and not all(part.lower() in quote.lower() for part in cut.turning)


def others() -> list[tuple[Cut, bool]]:
    """Cuts of whole sentences, and whether the cut is known to stand alone though it should not."""
    rows = [line.split("\t") for line in OTHERS.read_text(encoding="utf-8").splitlines()]
    padded = [[*row, "", ""][:6] for row in rows]
    return [
        (Cut(language, "others", text, clause, Source(name, role or None), (text,)), known == "open")
        for language, text, clause, name, role, known in padded
    ]
