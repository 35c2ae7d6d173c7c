"""An endpoint that weighs by rule: a sentence with a claim's key word and figures bears on it, equal ones support."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.excerpts import Excerpt
from factcheck.stages.ground import ground
from factcheck.text.sentences import sentences_of

KEYS = ("bridge", "pool", "bakery", "school")
ARTICLE = (
    "The bridge cost 12 million crowns. The pool had 4100 visitors in May. "
    "The bakery employs 36 people. The school has 250 pupils."
)
RELEASES = {
    "bridge": "The accounts are closed. The bridge cost 12 million crowns, the treasurer reports.",
    "pool": "The doors count. The pool had 3200 visitors in May, according to the counters.",
    "bakery": "The bakery employs 36 people. It bakes rye bread.",
}
"""What reference documents say: two agree with the article, one does not, and none speaks of the school."""


def article() -> Document:
    return document_from_text(ARTICLE, title="Town in figures", publisher="The Echo", published="2024-06-10")


def claims_of(document: Document) -> list[Claim]:
    """A claim a sentence."""
    made = [
        ground(Draft(document, (Pointer(s.number, ""),), None, "assertion", "", importance=2))
        for s in sentences_of(document.text)
    ]
    return [claim for claim in made if isinstance(claim, Claim)]


def release(text: str, **fields: str) -> Document:
    return document_from_text(text, **{"publisher": "Town Hall", "published": "2024-05-31", **fields})


def whole(document: Document) -> Excerpt:
    return Excerpt(document, sentences_of(document.text), ())


def write_releases(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in RELEASES.items():
        (folder / f"{name}.md").write_text(
            f"---\ntitle: On the {name}\npublisher: Town Hall\npublished: 2024-05-31\n---\n\n{text}\n"
        )
    return folder


def piece(*at: str, rel: str = "supports", **fields: Any) -> dict[str, Any]:
    return {"at": list(at), "by": None, "why": "The figures.", "same": True, "rel": rel, "reading": "", **fields}


def weight(n: int, *pieces: dict[str, Any], lacks: str = "") -> dict[str, Any]:
    """What an answer says of statement `n`."""
    found = {"pieces": [{"n": n, **p} for p in pieces], "nothing": [] if pieces else [n]}
    return {"of": n, **found, "lacks": [{"n": n, "what": lacks}] if lacks else []}


def together(weights: Iterable[dict[str, Any]], machine: Sequence[str] = ()) -> dict[str, Any]:
    """A whole answer."""
    parts = list(weights)
    return {
        "machine": list(machine),
        **{name: [row for part in parts for row in part[name]] for name in ("pieces", "nothing", "lacks")},
    }


def read_by_rule(schema: str, user: str) -> dict[str, Any]:
    """Statements of an article, weights of evidence, and a second look that agrees with what conflicts."""
    if schema.startswith("extract"):
        numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", user, re.MULTILINE)]
        return {"claims": [{**EXTRACTED, "at": [str(n)]} for n in numbers]}
    if schema.startswith("weigh-review"):
        looks = [int(n) for n in re.findall(r"^Piece (\d+)$", user, re.MULTILINE)]
        return {"looks": [{"n": n, "because": "Other figures.", "verdict": "conflicts"} for n in looks]}
    if schema.startswith("weigh"):
        return together(weight(n, *_bearing(text, user)) for n, text in _statements(user))
    return {}


EXTRACTED: dict[str, Any] = {
    "by": 0,
    "via": [],
    "kind": "assertion",
    "target": None,
    "cue": None,
    "voice": "indirect",
    "on": None,
    "topic": "the town",
    "notes": [],
    "check": 1,
}


def _statements(user: str) -> Iterator[tuple[int, str]]:
    for n, text in re.findall(r"^#(\d+) (.*)$", user, re.MULTILINE):
        yield int(n), re.findall(r"⟦(.*?)⟧", text)[0]


def _bearing(statement: str, user: str) -> Iterator[dict[str, Any]]:
    key = next((k for k in KEYS if k in statement), None)
    for label, sentence in re.findall(r"\[([A-Z]+\d+)\] (.*)$", user, re.MULTILINE):
        figures = re.findall(r"\d+", sentence)
        if key and key in sentence and figures:
            agrees = set(figures) <= set(re.findall(r"\d+", statement))
            yield piece(label, rel="supports" if agrees else "conflicts", reading="" if agrees else "Other counts.")
