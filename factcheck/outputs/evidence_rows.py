"""Evidence as CSV for spreadsheets: a row for each piece, and one for each claim for which nothing was found."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from factcheck.models import Claim, Document, Report
from factcheck.outputs import evidence as shown
from factcheck.outputs import words
from factcheck.outputs.evidence import Piece, Weighed
from factcheck.outputs.inert import cell

COLUMNS = (
    *("claim_id", "claim_speaker", "claim_quote", "claim_kind", "claim_answers"),
    *("claim_document", "claim_when", "outcome", "leaves_out", "searched"),
    *("id", "relation", "tier", "quote", "speaker", "publisher", "title", "published", "said_on", "url", "path"),
    *("nature", "timing", "independent", "dependence", "one_origin_with", "later_figures_in", "rating", "rated_by"),
    *("why", "reading", "quotation", "found_in", "document_id", "start", "end", "page", "time"),
)


def evidence_csv(report: Report) -> str:
    """A row for each piece beside its claim; a claim with nothing found has one that says what was searched."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    answers = words.answers_in(report)
    for key, weighed in shown.weighed_in(report).items():
        for row in _rows(report, report.claim(key), weighed, answers.get(key, ())):
            values = (row.get(name) for name in COLUMNS)
            writer.writerow([cell(value) if isinstance(value, str) else value for value in values])
    return out.getvalue()


def _rows(report: Report, claim: Claim, weighed: Weighed, answers: Sequence[Claim]) -> Iterator[Mapping[str, object]]:
    own = _claim(claim, report.document(claim.document_id), weighed, answers)
    yield from ({**own, **_piece(piece)} for piece in weighed.pieces)
    if not weighed.pieces:
        yield own


def _claim(claim: Claim, article: Document, weighed: Weighed, answers: Sequence[Claim]) -> Mapping[str, object]:
    return {
        "claim_id": claim.id,
        "claim_speaker": words.who(claim),
        "claim_quote": words.quoted(claim),
        "claim_kind": words.charge(claim),
        "claim_answers": "\n".join(f"{words.who(answer)}: {words.quoted(answer)}" for answer in answers),
        "claim_document": words.outlet(article),
        "claim_when": words.when(claim, article),
        "outcome": weighed.check.outcome if weighed.check else None,
        "leaves_out": weighed.check.leaves_out if weighed.check else None,
        "searched": shown.searched(weighed),
    }


def _piece(piece: Piece) -> Mapping[str, object]:
    one, home = piece.evidence, piece.document
    return {
        "id": one.id,
        "relation": one.relation,
        "tier": shown.tier(one),
        "quote": shown.quoted(one),
        "speaker": one.speaker,
        "publisher": home.publisher,
        "title": home.title,
        "published": home.published,
        "said_on": one.said_on,
        "url": home.url,
        "path": home.path,
        "nature": one.nature,
        "timing": one.timing,
        "independent": "yes" if one.independent else "no",
        "dependence": one.dependence,
        "one_origin_with": one.origin_of,
        "later_figures_in": one.replaced_by,
        "rating": f"“{one.rating.text}”" if one.rating else None,
        "rated_by": one.rating.by if one.rating else None,
        "why": one.why,
        "reading": one.reading,
        "quotation": "\n".join(shown.beside_source(piece)),
        "found_in": one.source,
        "document_id": home.id,
        "start": one.quotes[0].start,
        "end": one.quotes[-1].end,
        "page": one.quotes[0].page,
        "time": one.quotes[0].time,
    }
