"""What the model was shown: keyed contradictions whose sides stood in one comparison, and who was taken for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any

from factcheck.models import Claim, Report
from factcheck.quality.evaluate import Key, Place, Score, Tally, names_match, place_of, stands_at
from factcheck.stages.excerpts import Excerpt
from factcheck.stages.pair import Window

LONG = 180
"""Days; pairs that are further apart are counted by themselves."""


def together(report: Report, key: Key, seen: Sequence[Window]) -> Score:
    """How many keyed contradictions were shown in one comparison, by languages, days apart and naming; and identity."""
    total = identity(report, key)
    for keyed in key.contradictions:
        a, b = (place_of(key, keyed[side]) for side in ("a", "b"))
        hit = any(_shows(w, a) and _shows(w, b) and (_is_new(w, a) or _is_new(w, b)) for w in seen)
        tallies = {"shown together": Tally(int(hit), 1)}
        label = f"{keyed['a']['doc']} “{keyed['a']['quote'][:50]}” × {keyed['b']['doc']} “{keyed['b']['quote'][:50]}”"
        misses = () if hit else (f"never shown together {key.name}: {label}",)
        total += Score(tallies, misses, dict.fromkeys(_parts(report, key, keyed), tallies))
    return total


def _shows(window: Window, place: Place) -> bool:
    return any(_holds(excerpt, place) for excerpt in (*window.new, *window.beside))


def _is_new(window: Window, place: Place) -> bool:
    return any(_holds(excerpt, place) for excerpt in window.new)


def _holds(excerpt: Excerpt, place: Place) -> bool:
    return excerpt.document.id == place.document_id and any(
        s.start < place.end and place.start < s.end for s in excerpt.sentences
    )


def _parts(report: Report, key: Key, keyed: Mapping[str, Any]) -> list[str]:
    """The groups that a keyed contradiction is counted in."""
    documents = [key.documents[keyed[side]["doc"]] for side in ("a", "b")]
    languages = "-".join(sorted({d.language or key.language for d in documents}))
    days = [d.published or "" for d in documents]
    try:
        apart = abs((date.fromisoformat(days[0]) - date.fromisoformat(days[1])).days)
        span = "same day" if not apart else "half a year apart or less" if apart <= LONG else "over half a year apart"
    except ValueError:
        span = "undated"
    named = {c.attribution.as_written or c.attribution.speaker for c in _sides(report, key, keyed)}
    return [f"languages {languages}", f"days {span}", f"speakers {'named alike' if len(named) <= 1 else 'named apart'}"]


def _sides(report: Report, key: Key, keyed: Mapping[str, Any]) -> list[Claim]:
    sides = (keyed["a"], keyed["b"])
    return [c for side in sides if (c := next((c for c in report.claims if stands_at(c, key, side)), None))]


def identity(report: Report, key: Key) -> Score:
    """Pairs of keyed claims of one speaker whose claims name one speaker, too; and of two whose claims name one."""
    named = [
        (keyed["speaker"], claim)
        for keyed in key.claims
        if (claim := next((c for c in report.claims if stands_at(c, key, keyed)), None)) and claim.attribution.speaker
    ]
    written = {
        (meant, claim.attribution.as_written or claim.attribution.speaker or "", claim.document_id): claim
        for meant, claim in named
    }
    joined = wrong = Tally()
    misses = []
    for (meant, name, _), (other, second, _) in combinations(written, 2):
        if name == second:
            continue
        one = _name(written, meant, name) & _name(written, other, second)
        if meant == other:
            joined += Tally(int(bool(one) or names_match(name, second)), 1)
        else:
            wrong += Tally(int(bool(one)), 1)
            if one:
                misses.append(f"wrongly joined {key.name}: {name} and {second} ({meant}, {other})")
    return Score({"sources joined": joined, "sources wrongly joined": wrong}, tuple(dict.fromkeys(misses)))


def _name(written: Mapping[tuple[str, str, str], Claim], meant: str, name: str) -> set[str | None]:
    return {c.attribution.speaker for (m, n, _), c in written.items() if (m, n) == (meant, name)}
