"""What the model was shown: keyed contradictions whose sides stood in one comparison, and who was taken for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from factcheck.models import Claim, Report
from factcheck.quality.evaluate import Key, Place, Score, Tally, best_claim, names_match, place_of, stands_at
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
    """Keyed claims whose article does not write the speaker's name: those that got it, and those that got another one.

    `sources joined` counts the former out of all that need a name from elsewhere, `sources wrongly joined` the latter
    out of all that were given one.
    """
    joined = wrong = Tally()
    misses: list[str] = []
    for keyed in key.claims:
        claim = best_claim(report, key, keyed)
        if claim is None or claim.attribution.speaker is None:
            continue
        said = claim.attribution
        written, name = said.as_written or said.speaker, said.speaker or ""
        right = names_match(name, keyed["speaker"])
        if not names_match(written or "", keyed["speaker"]):
            joined += Tally(int(right), 1)
        if said.as_written is not None:
            wrong += Tally(int(not right), 1)
        if said.as_written is not None and not right:
            misses.append(f"wrongly joined {key.name}/{keyed['doc']}: {written} with {name}, not {keyed['speaker']}")
    return Score({"sources joined": joined, "sources wrongly joined": wrong}, tuple(misses))
