"""What bears on a claim, as every output shows it: whose words, when, where, what they do, and what was searched.

Nothing here says what is right: outcomes name what was found, and ratings stand in quotation marks under their makers'
names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from factcheck.models import Check, Claim, Document, Evidence, Quote, Report, Search
from factcheck.plural import counted
from factcheck.stages.quotations import Compared, Part, compared
from factcheck.text.sentences import sentences_of
from factcheck.text.words import figures, values

OUTCOMES = {
    "supported": "what was found supports it",
    "conflicting": "what was found conflicts with it",
    "mixed": "what was found points both ways",
    "qualified": "what was found qualifies it",
    "nothing_found": "nothing found that bears on it",
}
PRESSING = ("conflicting", "mixed", "qualified", "supported")
"""Outcomes in the order in which somebody has to look at them; one that is not weighed to the end comes before them."""
RELATIONS = {"supports": "supports", "conflicts": "conflicts", "qualifies": "qualifies"}
NATURES = {
    "release": "release",
    "report": "report",
    "transcript": "transcript",
    "opinion": "opinion",
    "satire": "satire",
    "fact_check": "somebody's fact-check",
    "reference": "reference",
    "unknown": "",
}
YEAR = re.compile("(?:1[5-9]|20)[0-9]{2}")
MOST_SEARCHES = 6
"""Searches that are named one by one; of the rest the number is told."""


class Piece(NamedTuple):
    """A piece of evidence with its number under the claim, its document, and what there is to know about it."""

    number: int
    evidence: Evidence
    document: Document
    notes: tuple[str, ...]
    compared: tuple[Compared, ...]
    """The claim's quotation beside its source."""


class Weighed(NamedTuple):
    """What was searched for a claim and what bears on it."""

    check: Check | None
    pieces: tuple[Piece, ...]


class Bit(NamedTuple):
    """A stretch of a text: whether it is quoted, and whether the other side differs there."""

    text: str
    quoted: bool
    differs: bool


def weighed_in(report: Report) -> Mapping[str, Weighed]:
    """What there is about each claim that was looked into, by its id."""
    checks = {check.claim_id: check for check in report.checks}
    by_claim: dict[str, list[Evidence]] = {}
    for evidence in report.evidence:
        by_claim.setdefault(evidence.claim_id, []).append(evidence)
    looked = [c for c in report.claims if c.id in checks or c.id in by_claim]
    documents = {document.id: document for document in report.documents}
    return {
        c.id: weighed_of(c, documents[c.document_id], checks.get(c.id), by_claim.get(c.id, []), documents)
        for c in looked
    }


def weighed_of(
    claim: Claim,
    article: Document,
    check: Check | None,
    found: Sequence[Evidence],
    documents: Mapping[str, Document],
) -> Weighed:
    """What there is about one claim; `documents` has those of its evidence by id."""
    order = {key: n for n, key in enumerate(check.evidence if check else ())}
    ordered = sorted(found, key=lambda e: order.get(e.id, len(order)))
    numbers = {e.id: n for n, e in enumerate(ordered, 1)}
    pieces = []
    for evidence in ordered:
        document = documents[evidence.document_id]
        verbatim = evidence.nature == "transcript"
        beside = compared(claim, article, document, evidence.quotes, verbatim=verbatim)
        notes = tuple(_notes(evidence, document, numbers))
        pieces.append(Piece(numbers[evidence.id], evidence, document, notes, tuple(beside)))
    return Weighed(check, tuple(pieces))


def _notes(evidence: Evidence, document: Document, numbers: Mapping[str, int]) -> list[str]:
    """What a reader should know about a piece before leaning on it."""
    notes = [NATURES[evidence.nature], known_since(evidence, document)]
    if evidence.origin_of in numbers:
        notes.append(f"one origin with [{numbers[evidence.origin_of or '']}]: {evidence.dependence}")
    elif not evidence.independent:
        notes.append(f"not independent: {evidence.dependence or 'no reason was given'}")
    if evidence.replaced_by in numbers:
        notes.append(f"[{numbers[evidence.replaced_by or '']}] has later figures of the same series")
    if evidence.rating:
        notes.append(f"rated “{evidence.rating.text}” by {evidence.rating.by}")
    return [note for note in notes if note]


def known_since(evidence: Evidence, document: Document) -> str:
    """Since when it could be known, and whether that is later than the statement."""
    date = document.published or evidence.said_on
    if not date:
        return "undated: it may be later than the statement"
    late = {"after": ", after the statement", "undated": ", perhaps after the statement"}
    return f"known since {date}{late.get(evidence.timing, '')}"


def outcome(weighed: Weighed) -> str:
    """What was found, in words, with how many independent sources do what."""
    said = OUTCOMES[weighed.check.outcome] if weighed.check else "not weighed to the end"
    return " · ".join([said, *_tally(weighed.pieces)])


def _tally(pieces: Sequence[Piece]) -> list[str]:
    lines = []
    for relation in RELATIONS:
        own = [p.evidence for p in pieces if p.evidence.relation == relation]
        free = sum(e.independent for e in own)
        rest = f", {len(own) - free} not independent" if free < len(own) else ""
        lines += [f"{relation}: {counted(free, 'independent source')}{rest}"] if own else []
    return lines


def pressing(weighed: Weighed) -> int:
    """How soon somebody has to look at a claim's evidence: what conflicts with it comes before what supports it."""
    order = (*PRESSING, "nothing_found")
    return order.index(weighed.check.outcome) if weighed.check else -1


def tier(evidence: Evidence) -> str:
    """Whether the second look agreed; empty for what supports, which gets none."""
    return "" if evidence.relation == "supports" else "strong" if evidence.strong else "lead"


def head(piece: Piece) -> str:
    """Relation, tier, who said it, where and when, in one line."""
    evidence, document = piece.evidence, piece.document
    where = document.publisher or document.name
    speaker = f"{evidence.speaker} in {where}" if evidence.speaker and evidence.speaker != where else where
    title = f"“{document.title}”" if document.title else ""
    said = f"said {evidence.said_on}" if evidence.said_on and evidence.said_on != document.published else ""
    place = ", ".join(part for part in (speaker, title, said, document.published or "undated") if part)
    return " · ".join(part for part in (RELATIONS[evidence.relation], tier(evidence), place) if part)


def quoted(evidence: Evidence) -> str:
    """The exact words, several stretches with an ellipsis between."""
    return "“" + " … ".join(" ".join(q.exact.split()) for q in evidence.quotes) + "”"


def beside_source(piece: Piece) -> list[str]:
    """What the claim's quotation changed or left out of its source, word for word."""
    lines = []
    for one in piece.compared:
        by = f" ({one.turn})" if one.turn else ""
        if not (one.left_out or one.changed):
            lines.append(f"The quotation has these words as the source has them{by}.")
        if one.left_out:
            words = " … ".join(f"“{' '.join(words.split())}”" for words in one.left_out)
            lines.append(f"The quotation leaves out{by}: {words}")
        if one.changed:
            words = " … ".join(f"“{' '.join(words.split())}”" for words in one.changed)
            lines.append(f"Words of the quotation that the source does not have{by}: {words}")
    return lines


def lines(piece: Piece) -> list[str]:
    """All that is said of a piece below its words."""
    evidence = piece.evidence
    given = [
        "; ".join(piece.notes),
        f"Why it {RELATIONS[evidence.relation]}: {evidence.why}" if evidence.why else "",
        f"How both could stand: {evidence.reading}" if evidence.reading else "",
    ]
    return [line for line in (*given, *beside_source(piece)) if line]


def leaves_out(weighed: Weighed) -> str:
    """What the claim does not say and evidence does; empty where nothing was noted."""
    return f"The claim leaves out: {weighed.check.leaves_out}" if weighed.check and weighed.check.leaves_out else ""


def searched(weighed: Weighed) -> str:
    """What was asked of which source, with how many answers; never silent."""
    if weighed.check is None:
        return ""
    found = [_search(one) for one in weighed.check.searched[:MOST_SEARCHES]]
    more = len(weighed.check.searched) - len(found)
    return "Searched: " + ("; ".join([*found, *([f"{more} more"] if more else [])]) or "no source") + "."


def _search(search: Search) -> str:
    failed = f", {search.problem}" if search.problem else ""
    return f"{search.source} for “{' '.join(search.query.split())}” ({counted(search.hits, 'hit')}{failed})"


def text_lines(weighed: Weighed) -> list[str]:
    """Everything about a claim's evidence as plain lines, for outputs that have nothing but lines."""
    said = [f"Evidence: {outcome(weighed)}"]
    for piece in weighed.pieces:
        said += [f"[{piece.number}] {head(piece)}: {quoted(piece.evidence)}", *lines(piece)]
    return [*said, *(line for line in (leaves_out(weighed), searched(weighed)) if line)]


def sides(claim: Claim, article: Document, piece: Piece) -> tuple[list[Bit], list[Bit]]:
    """Both texts in their sentences: the claim's and the evidence's, with the words or figures marked that differ."""
    if piece.compared:
        here = [s for one in piece.compared for s in _spans(one.start, one.said)]
        there = [s for one in piece.compared for s in _spans(one.source_start, one.source)]
    elif piece.evidence.relation == "supports":
        here, there = [], []
    else:
        here, there = (_figures(a, b) for a, b in (_pair(claim, piece), _pair(claim, piece)[::-1]))
    return in_context(article, claim.quotes, here), in_context(piece.document, piece.evidence.quotes, there)


def _pair(claim: Claim, piece: Piece) -> tuple[Sequence[Quote], Sequence[Quote]]:
    return claim.quotes, piece.evidence.quotes


def _spans(start: int, parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Where the parts that the other side does not have stand."""
    found, at = [], start
    for text, shared in parts:
        kept = text.rstrip()
        if not shared and kept:
            found.append((at, at + len(kept)))
        at += len(text)
    return found


def _figures(quotes: Sequence[Quote], others: Sequence[Quote]) -> list[tuple[int, int]]:
    """The figures in these words that the other side does not have; years only where nothing else differs."""
    there = values([quote.exact for quote in others])
    own = [(q.start + f.start, q.start + f.end, f.text) for q in quotes for f in figures(q.exact)]
    found = [one for one in own if one[2] not in there]
    telling = [one for one in found if not YEAR.fullmatch(one[2])] or found
    return [(start, end) for start, end, _ in telling]


def in_context(document: Document, quotes: Sequence[Quote], differing: Sequence[tuple[int, int]]) -> list[Bit]:
    """The sentences that quotes stand in, cut where a quote or a difference begins or ends."""
    every = sentences_of(document.text, document.language)
    wide = [*((q.start, q.end) for q in quotes), *differing]
    touched = [(s.start, s.end) for s in every if any(a < s.end and s.start < b for a, b in wide)]
    runs: list[tuple[int, int]] = []
    for start, end in sorted([*touched, *wide]):
        if runs and start <= runs[-1][1] + 2:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    bits: list[Bit] = []
    for start, end in runs:
        bits += [Bit(" … ", quoted=False, differs=False)] if bits else []
        bits += _bits(document.text, (start, end), [(q.start, q.end) for q in quotes], differing)
    return bits


def _bits(
    text: str, run: tuple[int, int], quotes: Sequence[tuple[int, int]], differing: Sequence[tuple[int, int]]
) -> list[Bit]:
    start, end = run
    cuts = sorted({start, end, *(at for span in (*quotes, *differing) for at in span if start < at < end)})
    return [
        Bit(" ".join(text[a:b].split("\n")), _within(a, b, quotes), _within(a, b, differing)) for a, b in pairwise(cuts)
    ]


def _within(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)
