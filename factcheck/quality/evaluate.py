"""Score a report against an answer key: what was found, what was right, and every miss with its place.

A key is a JSON file with `documents`, `claims`, `contradictions` and `decoys` (see the README). Places are
compared as spans, never as strings: a keyed quote counts as found when a claim covers at least half of the
shorter of the two.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from factcheck.errors import UsageError
from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document, Finding, Report, Tier
from factcheck.stages.ground import occurrences
from factcheck.text.names import folded
from factcheck.text.sentences import sentences_of

COVER = 0.5
"""Share of the shorter span that two places must have in common to be the same statement."""

Z95 = 1.96
ABSENT = frozenset({"unnamed", "anonymous", "official", "the", "at", "of", "a", "an", "in", "by"})


class Tally(NamedTuple):
    """Hits out of a total, e.g. 24 of 25 keyed claims found."""

    hits: float = 0
    """Whole numbers, but for what is half right."""
    total: int = 0

    @property
    def share(self) -> float | None:
        """Hits by total, None where there was nothing to hit."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        if not self.total:
            return 0.0, 1.0
        p, n = self.hits / self.total, self.total
        middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __add__(self, other: object) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(self.hits + other.hits, self.total + other.total)


class Score(NamedTuple):
    """The tallies of one or more dossiers, and a line for everything that was missed or wrong."""

    tallies: dict[str, Tally]
    misses: tuple[str, ...]
    parts: Mapping[str, dict[str, Tally]] = MappingProxyType({})
    """The same tallies for parts of the whole, e.g. `language de` or `kind accusation`."""

    def __add__(self, other: object) -> Score:
        if not isinstance(other, Score):
            return NotImplemented
        names = dict.fromkeys([*self.parts, *other.parts])
        parts = {n: _summed(self.parts.get(n, {}), other.parts.get(n, {})) for n in names}
        return Score(_summed(self.tallies, other.tallies), self.misses + other.misses, parts)


def _summed(a: Mapping[str, Tally], b: Mapping[str, Tally]) -> dict[str, Tally]:
    return {name: a.get(name, Tally()) + b.get(name, Tally()) for name in dict.fromkeys([*a, *b])}


class Key(NamedTuple):
    """An answer key with its documents, by their ids in the key."""

    name: str
    language: str
    documents: dict[str, Document]
    claims: list[dict[str, Any]]
    contradictions: list[dict[str, Any]]
    decoys: list[dict[str, Any]]


class Place(NamedTuple):
    """A stretch of a document, in code points."""

    document_id: str
    start: int
    end: int


def load_key(path: Path) -> Key:
    """Read an answer key. Raises UsageError for a file that is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        documents = {
            d["id"]: document_from_text(
                d["text"],
                title=d.get("title"),
                publisher=d.get("publisher"),
                published=d.get("date"),
                url=d.get("url"),
                language=d.get("language", value.get("language")),
                path=f"{path.stem}/{d['id']}",
            )
            for d in value["documents"]
        }
        language = value.get("language") or "unknown"
        return Key(path.stem, language, documents, value["claims"], value["contradictions"], value["decoys"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is not an answer key ({type(error).__name__}: {error})") from None


def score(report: Report, key: Key) -> Score:
    """Compare a report on the key's documents with the key."""
    made = _claims(report, key) + _findings(report, key)
    return made._replace(
        parts={**made.parts, f"language {key.language}": made.tallies, f"dossier {key.name}": made.tallies}
    )


def _claims(report: Report, key: Key) -> Score:
    exact = Tally(sum(_is_exact(report, c) for c in report.claims), len(report.claims))
    total = Score({"quotes exact": exact}, ())
    for keyed in key.claims:
        made = _claim(report, key, keyed)
        places = (f"kind {keyed['kinds'][0]}", f"document {key.name}/{keyed['doc']}")
        total += made._replace(parts=dict.fromkeys(places, made.tallies))
    return total


def _claim(report: Report, key: Key, keyed: Mapping[str, Any]) -> Score:
    """One keyed claim: found, and if so with the right kind, speaker and target."""
    document = key.documents[keyed["doc"]]
    where = f"{key.name}/{keyed['doc']}: “{keyed['quote'][:90]}”"
    best = best_claim(report, key, keyed)
    if best is None:
        return Score({"claims found": Tally(0, 1)}, (f"missed claim  {where}",))
    checks = {
        "kind": (best.kind in keyed["kinds"], best.kind, " or ".join(keyed["kinds"])),
        "speaker": (_speaker_right(best, keyed, document), best.attribution.speaker, keyed["speaker"]),
    }
    if keyed.get("target") and best.kind == "accusation":
        checks["target"] = (names_match(best.target or "", keyed["target"]), best.target, keyed["target"])
    tallies = {f"{name} right": Tally(int(right), 1) for name, (right, _, _) in checks.items()}
    wrong = [f"{name:<13} {where}: {said}, not {meant}" for name, (right, said, meant) in checks.items() if not right]
    return Score({"claims found": Tally(1, 1), **tallies}, tuple(wrong))


def best_claim(report: Report, key: Key, keyed: Mapping[str, Any]) -> Claim | None:
    """The claim at a keyed place that fits the key best, None where there is none."""
    place, document = place_of(key, keyed), key.documents[keyed["doc"]]
    candidates = [c for c in report.claims if any(_same(place, p) for p in _places(c))]
    return max(candidates, key=lambda c: (_speaker_right(c, keyed, document), c.kind in keyed["kinds"]), default=None)


def _findings(report: Report, key: Key) -> Score:
    found = right = kind = severity = decoys = Tally()
    misses = []
    hit: set[str] = set()
    for keyed in key.contradictions:
        matching = [f for f in report.findings if _is_pair(report, f, key, keyed)]
        found += Tally(int(bool(matching)), 1)
        sides = " × ".join(f"{keyed[s]['doc']} “{keyed[s]['quote'][:60]}”" for s in ("a", "b"))
        label = f"{key.name}: {sides}"
        if not matching:
            misses.append(f"missed finding {label} ({keyed['kind']}, {keyed['severity']})")
            continue
        hit |= {f.id for f in matching}
        best = max(matching, key=lambda f: (f.kind == keyed["kind"], f.severity == keyed["severity"]))
        kind += Tally(int(best.kind == keyed["kind"]), 1)
        severity += Tally(int(best.severity == keyed["severity"]), 1)
        if (best.kind, best.severity) != (keyed["kind"], keyed["severity"]):
            misses.append(
                f"finding kind  {label}: {best.kind} {best.severity}, not {keyed['kind']} {keyed['severity']}"
            )
    for finding in report.findings:
        right += Tally(int(finding.id in hit), 1)
        if finding.id not in hit:
            misses.append(f"extra finding {key.name}: {_describe(report, finding)}")
    for keyed in key.decoys:
        flagged = [f for f in report.findings if f.id not in hit and _is_pair(report, f, key, keyed)]
        decoys += Tally(int(bool(flagged)), 1)
        if flagged:
            misses.append(f"decoy flagged {key.name}: {keyed['why_not']}")
    tallies = {
        "contradictions found": found,
        "findings right": right,
        "strong findings right": _of_tier(report, hit, "strong"),
        "leads right": _of_tier(report, hit, "lead"),
        "finding kind right": kind,
        "severity right": severity,
        "decoys flagged": decoys,
        "dossiers without findings kept clean": Tally(int(not report.findings), 1)
        if not key.contradictions
        else Tally(),
    }
    return Score(tallies, tuple(misses))


def _of_tier(report: Report, hit: Collection[str], tier: Tier) -> Tally:
    """How many of the findings of a tier are keyed; `hit` holds the ids of those that are."""
    ids = [finding.id for finding in report.findings if finding.tier == tier]
    return Tally(sum(key in hit for key in ids), len(ids))


def _is_exact(report: Report, claim: Claim) -> bool:
    text = report.document(claim.document_id).text
    return all(text[q.start : q.end] == q.exact for q in claim.quotes)


def place_of(key: Key, side: Mapping[str, Any]) -> Place:
    """Where a keyed quote stands. Raises UsageError for one that does not stand exactly once."""
    document = key.documents[side["doc"]]
    at = document.text.find(side["quote"])
    if at != -1:
        return Place(document.id, at, at + len(side["quote"]))
    spans = occurrences(document.text, side["quote"])
    if len(spans) != 1:
        raise UsageError(f"{key.name}/{side['doc']}: the keyed quote stands {len(spans)} times: {side['quote'][:60]}")
    return Place(document.id, spans[0].start, spans[0].end)


def _places(claim: Claim) -> list[Place]:
    return [Place(claim.document_id, q.start, q.end) for q in claim.quotes]


def _same(a: Place, b: Place) -> bool:
    if a.document_id != b.document_id:
        return False
    common = min(a.end, b.end) - max(a.start, b.start)
    return common >= COVER * min(a.end - a.start, b.end - b.start)


def _speaker_right(claim: Claim, keyed: Mapping[str, Any], document: Document) -> bool:
    said = claim.attribution.speaker or document.publisher or ""
    return names_match(said, keyed["speaker"])


def names_match(a: str, b: str) -> bool:
    """Whether two names are meant alike: one holds all words of the other, or two descriptions share half."""
    if _acronym(a, b) or _acronym(b, a):
        return True
    first, second = ({w for w in folded(name).split() if w not in ABSENT} for name in (a, b))
    if not first or not second:
        return folded(a) == folded(b)
    short, long = sorted((folded(a), folded(b)), key=len)
    if not short.isascii() and " " not in long and short in long:
        return True  # a company with its legal form, in scripts without spaces
    common = len(first & second)
    described = any(w in folded(name).split() for name in (a, b) for w in ("unnamed", "anonymous"))
    return common == min(len(first), len(second)) or (described and common >= min(len(first), len(second)) / 2)


def _acronym(short: str, long: str) -> bool:
    """Whether a name is made of the initials of the other, as UGS of Union générale des salariés."""
    initials = "".join(word[0] for word in folded(long).split() if len(word) > 3 or word[0].isupper())  # noqa: PLR2004
    return len(short) > 1 and short.isupper() and short.casefold() == initials


def stands_at(claim: Claim, key: Key, side: Mapping[str, Any]) -> bool:
    """Whether a claim is a keyed side, or a neighbouring sentence that may stand for it."""
    return _any(_places(claim), _widened(key, place_of(key, side)))


def _is_pair(report: Report, finding: Finding, key: Key, keyed: dict[str, Any]) -> bool:
    """Whether a finding's sides are the keyed sides; a neighbouring sentence may stand for a side."""
    a, b = (report.claim(claim_id) for claim_id in (finding.a, finding.b))
    x, y = keyed["a"], keyed["b"]
    return (stands_at(a, key, x) and stands_at(b, key, y)) or (stands_at(a, key, y) and stands_at(b, key, x))


def _any(places: Iterable[Place], wide: Place) -> bool:
    return any(p.document_id == wide.document_id and p.start < wide.end and wide.start < p.end for p in places)


def _widened(key: Key, place: Place) -> Place:
    document = next(d for d in key.documents.values() if d.id == place.document_id)
    sentences = sentences_of(document.text, document.language)
    touched = [s.number for s in sentences if s.start < place.end and place.start < s.end]
    around: Sequence[Any] = [s for s in sentences if min(touched) - 1 <= s.number <= max(touched) + 1]
    return Place(place.document_id, around[0].start, around[-1].end)


def _describe(report: Report, finding: Finding) -> str:
    sides = [report.claim(claim_id) for claim_id in (finding.a, finding.b)]
    quotes = " × ".join(f"“{c.quotes[0].exact[:70]}”" for c in sides)
    return f"{finding.kind} {finding.severity} {finding.tier}: {quotes}: {finding.explanation}"
