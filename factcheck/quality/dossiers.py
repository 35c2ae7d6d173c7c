"""Evidence dossiers: articles, an archive, and a key of which documents bear on which claim; and how a report scores.

A dossier is a JSON file with `articles`, `archive`, `checks` and `decoys`. Its claims are given, not extracted, so that
finding and weighing evidence are measured alone. Places are compared as spans, a neighbouring sentence included.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from factcheck.errors import UsageError
from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document, Evidence, Report
from factcheck.quality.evaluate import Score, Tally
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.ground import ground, occurrences
from factcheck.stages.retrieve import Passage
from factcheck.text.sentences import sentences_of

OUTCOMES = {"supports": "supported", "conflicts": "conflicting", "mixed": "mixed", "none": "nothing_found"}


class Dossier(NamedTuple):
    """Articles and an archive by their ids in the file, claims in the order of the checks, and the key."""

    name: str
    language: str
    articles: dict[str, Document]
    archive: dict[str, Document]
    claims: tuple[Claim, ...]
    checks: list[dict[str, Any]]
    decoys: list[dict[str, Any]]

    @property
    def documents(self) -> dict[str, Document]:
        """The articles, whose claims are looked into."""
        return self.articles


class Span(NamedTuple):
    """A stretch of a document, in code points."""

    document_id: str
    start: int
    end: int


def is_dossier(value: Any) -> bool:
    """Whether the content of a JSON file is an evidence dossier."""
    return isinstance(value, dict) and "archive" in value


def load_dossier(path: Path) -> Dossier:
    """Read an evidence dossier. Raises UsageError for a file that is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        language = value.get("language")
        articles = {d["id"]: _document(path.stem, d, language) for d in value["articles"]}
        archive = {d["id"]: _document(path.stem, d, None) for d in value["archive"]}
        archive = {key: d.model_copy(update={"role": "evidence"}) for key, d in archive.items()}
        claims = _told_apart([_claim(path.stem, articles, check["claim"]) for check in value["checks"]])
        if wrong := {check["expected"] for check in value["checks"]} - OUTCOMES.keys():
            raise ValueError(f"expected is {wrong.pop()}")
        return Dossier(path.stem, language or "unknown", articles, archive, claims, value["checks"], value["decoys"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is not an evidence dossier ({type(error).__name__}: {error})") from None


def _document(name: str, row: Mapping[str, Any], language: str | None) -> Document:
    return document_from_text(
        row["text"],
        title=row.get("title"),
        publisher=row.get("publisher"),
        published=row.get("date"),
        language=row.get("language", language),
        path=f"{name}/{row['id']}",
    )


def _claim(name: str, articles: Mapping[str, Document], side: Mapping[str, Any]) -> Claim:
    document = articles[side["doc"]]
    span = _span(name, document, side["quote"])
    sentences = [s for s in sentences_of(document.text, document.language) if s.start < span.end and span.start < s.end]
    pointers = [
        Pointer(s.number, document.text[max(s.start, span.start) : min(s.end, span.end)].strip()) for s in sentences
    ]
    made = ground(Draft(document, tuple(pointers), None, "assertion", "", importance=2))
    if isinstance(made, Claim) and sum(q.end - q.start for q in made.quotes) > span.end - span.start + 2:
        return made.model_copy(update={"topic": " ".join(side["quote"].split())})
    if not isinstance(made, Claim):
        raise UsageError(f"{name}: a claim cannot be grounded ({made.reason})")
    return made


def _told_apart(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Two claims that the guard widened to one sentence keep an id each, so that neither gets the other's evidence."""
    seen: Counter[str] = Counter()
    apart = []
    for claim in claims:
        seen[claim.id] += 1
        number = seen[claim.id]
        apart.append(claim if number == 1 else claim.model_copy(update={"id": f"{claim.id}.{number}"}))
    return tuple(apart)


def _span(name: str, document: Document, quote: str) -> Span:
    at = document.text.find(quote)
    if at != -1:
        return Span(document.id, at, at + len(quote))
    found = occurrences(document.text, quote)
    if len(found) != 1:
        raise UsageError(f"{name}: a keyed quote stands {len(found)} times in {document.name}: {quote[:60]}")
    return Span(document.id, *found[0])


def write_archive(dossier: Dossier, folder: Path) -> None:
    """The archive as files, so that it is found as any other reference documents are."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, document in dossier.archive.items():
        fields = {"title": document.title, "publisher": document.publisher, "published": document.published}
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
        text = "\n".join(["---", *lines, "---", "", document.text, ""])
        (folder / f"{key}.md").write_text(text, encoding="utf-8")


def score_dossier(report: Report, dossier: Dossier, rows: Sequence[Passage]) -> Score:
    """Compare a report with a dossier's key; `rows` are the sentences that its claims were weighed against."""
    total = Score({"quotes exact": _exact(report)}, ())
    shown: dict[str, list[Span]] = {}
    for row in rows:  # the claims of an article are weighed together
        own = (Span(c.document.id, c.start, c.end) for c in row.candidates)
        shown.setdefault(row.claim.document_id, []).extend(own)
    for claim, check in zip(dossier.claims, dossier.checks, strict=True):
        made = _retrieved(dossier, check, shown.get(claim.document_id, [])) if rows else Score({}, ())
        made += _outcome(report, dossier, claim, check) + _pieces(report, dossier, claim, check)
        total += made._replace(parts={f"trap {check.get('trap') or 'plain'}": made.tallies})
    total += _decoys(report, dossier)
    tallies = total.tallies
    parts = {**total.parts, f"language {dossier.language}": tallies, f"dossier {dossier.name}": tallies}
    return total._replace(parts=parts)


def _exact(report: Report) -> Tally:
    quotes = [(report.document(e.document_id).text, q) for e in report.evidence for q in e.quotes]
    return Tally(sum(text[q.start : q.end] == q.exact for text, q in quotes), len(quotes))


def _retrieved(dossier: Dossier, check: Mapping[str, Any], spans: Sequence[Span]) -> Score:
    """How much of the keyed evidence is among the sentences that a claim was weighed against."""
    keyed = [_keyed(dossier, e) for e in check["evidence"]]
    missed = [e for e, place in zip(check["evidence"], keyed, strict=True) if not _meets(place, spans)]
    lines = tuple(f"not retrieved   {_place(dossier, check)}: {e['doc']} “{e['quote'][:80]}”" for e in missed)
    return Score({"evidence retrieved": Tally(len(keyed) - len(missed), len(keyed))}, lines)


def _outcome(report: Report, dossier: Dossier, claim: Claim, check: Mapping[str, Any]) -> Score:
    """Right, or half right for a claim that holds and of which nothing says what it leaves out."""
    outcome = next((c.outcome for c in report.checks if c.claim_id == claim.id), None)
    wanted = OUTCOMES[check["expected"]]
    leaves_out = wanted == "supported" and any(e["relation"] == "qualifies" for e in check["evidence"])
    right = 1.0 if outcome == ("qualified" if leaves_out else wanted) else 0.0
    right = 0.5 if leaves_out and outcome == "supported" else right
    tallies = {"outcome right": Tally(right if right % 1 else int(right), 1)}
    if wanted == "nothing_found":
        tallies["claims with nothing kept clean"] = Tally(int(right), 1)
    if right == 1:
        return Score(tallies, ())
    meant = "qualified" if leaves_out else wanted
    return Score(tallies, (f"outcome         {_place(dossier, check)}: {outcome}, not {meant} ({check.get('why')})",))


def _pieces(report: Report, dossier: Dossier, claim: Claim, check: Mapping[str, Any]) -> Score:
    """Keyed evidence that is cited, with its relation, and what is cited beside it."""
    cited = [e for e in report.evidence if e.claim_id == claim.id]
    found = related = right = Tally()
    lines: list[str] = []
    places = [(_keyed(dossier, keyed), keyed) for keyed in check["evidence"]]
    for place, keyed in places:
        matching = [e for e in cited if _meets(place, _spans(e))]
        found += Tally(int(bool(matching)), 1)
        where = f"{_place(dossier, check)}: {keyed['doc']} “{keyed['quote'][:60]}”"
        if not matching:
            lines.append(f"missed evidence {where}")
            continue
        is_related = any(e.relation == keyed["relation"] for e in matching)
        related += Tally(int(is_related), 1)
        lines += [] if is_related else [f"relation        {where}: {matching[0].relation}, not {keyed['relation']}"]
    for e in cited:
        is_right = any(_meets(place, _spans(e)) for place, _ in places)
        right += Tally(int(is_right), 1)
        if not is_right:
            words = f"{report.document(e.document_id).name} “{e.quotes[0].exact[:60]}”"
            lines.append(f"extra evidence  {_place(dossier, check)}: {e.relation} {words}: {e.why}")
    return Score({"evidence found": found, "evidence right": right, "relation right": related}, tuple(lines))


def _decoys(report: Report, dossier: Dossier) -> Score:
    total = Score({}, ())
    claims = dict(zip((_key(check["claim"]) for check in dossier.checks), dossier.claims, strict=True))
    for decoy in dossier.decoys:
        claim = claims.get(_key(decoy["claim"]))
        place = _exactly(dossier, decoy)
        cited = any(
            e.claim_id == claim.id and any(_overlap(place, s) for s in _spans(e)) for e in report.evidence if claim
        )
        lines = (f"decoy cited     {_place(dossier, decoy)}: {decoy['doc']} {decoy['why_not']}",) if cited else ()
        total += Score({"decoys cited": Tally(int(cited), 1)}, lines)
    return total


def _key(side: Mapping[str, Any]) -> tuple[str, str]:
    return side["doc"], side["quote"]


def _place(dossier: Dossier, row: Mapping[str, Any]) -> str:
    return f"{dossier.name}/{row['claim']['doc']} “{row['claim']['quote'][:60]}”"


def _spans(evidence: Evidence) -> list[Span]:
    return [Span(evidence.document_id, q.start, q.end) for q in evidence.quotes]


def _exactly(dossier: Dossier, row: Mapping[str, Any]) -> Span:
    return _span(dossier.name, dossier.archive[row["doc"]], row["quote"])


def _keyed(dossier: Dossier, row: Mapping[str, Any]) -> Span:
    """A keyed place with the sentences before and after it."""
    place, document = _exactly(dossier, row), dossier.archive[row["doc"]]
    sentences = sentences_of(document.text, document.language)
    own = [s.number for s in sentences if s.start < place.end and place.start < s.end]
    around = [s for s in sentences if own[0] - 1 <= s.number <= own[-1] + 1]
    return Span(place.document_id, around[0].start, around[-1].end)


def _meets(place: Span, spans: Iterable[Span]) -> bool:
    return any(_overlap(place, span) for span in spans)


def _overlap(a: Span, b: Span) -> bool:
    return a.document_id == b.document_id and a.start < b.end and b.start < a.end
