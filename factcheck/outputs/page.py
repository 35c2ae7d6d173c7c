"""A report as one HTML page that needs nothing else: findings, timelines, articles with their claims, problems."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from factcheck.ending import ending
from factcheck.models import Claim, Document, Finding, Report
from factcheck.outputs import evidence, words
from factcheck.outputs.clips import clips
from factcheck.outputs.evidence import Bit, Piece, Weighed
from factcheck.outputs.inert import visible
from factcheck.outputs.links import address
from factcheck.outputs.reading import correction_lines, left_out_line
from factcheck.outputs.spans import Stretch, in_sentences, paragraphs
from factcheck.outputs.timeline import WIDTH, timelines
from factcheck.outputs.words import Side
from factcheck.text.names import folded

ASSETS = Path(__file__).parent / "assets"
DATE = re.compile(r"\b(\d{4}-\d\d(?:-\d\d)?)\b", re.ASCII)
ANCHOR = re.compile(r"[a-z]-[A-Za-z0-9_-]{1,80}", re.ASCII)
"""Ids that may stand in an address as they are."""

ORDERS = {
    "newest": "newest first",
    "oldest": "oldest first",
    "apart": "longest apart first",
    "name": "by name",
    "open": "not reviewed first",
}
"""How the queue of findings may be sorted on the page; as reported where nothing is chosen."""

RIGHT_TO_LEFT = frozenset(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"])


class Shown(NamedTuple):
    """A claim with its number, the findings that it is part of, and the numbers that filters go by."""

    number: int
    side: Side
    findings: tuple[int, ...]
    speaker: int
    target: int
    document: int


class Card(NamedTuple):
    """A finding with its number and both sides, and in which sentences they stand."""

    number: int
    finding: Finding
    names: tuple[str, ...]
    topic: str
    newest: str
    sides: tuple[Shown, Shown]
    sentences: tuple[list[Stretch], list[Stretch]]
    also: tuple[Shown, ...]


class Article(NamedTuple):
    """A document with its text cut into stretches, and its claims."""

    number: int
    document: Document
    paragraphs: list[list[Stretch]]
    claims: list[Shown]


class Row(NamedTuple):
    """A piece of evidence beside the claim, both in their sentences, and the pieces that have one origin with it."""

    piece: Piece
    claim: list[Bit]
    words: list[Bit]
    copies: tuple[Row, ...] = ()


class Weighing(NamedTuple):
    """A claim that was looked into, with what bears on it."""

    number: int
    item: Shown
    weighed: Weighed
    rows: list[Row]


class Choice(NamedTuple):
    """An option of a filter, and how many claims it stands for."""

    value: int
    name: str
    claims: int


def page(report: Report) -> str:
    """The whole page; the same report gives the same bytes."""
    shown = _shown(report)
    weighings = _weighings(report, shown)
    claims = anchors("c", (c.id for c in report.claims))
    style, script = ((ASSETS / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    values = {
        "report": report,
        "ending": ending(report),
        "style": Markup(style),  # noqa: S704  (our own files)
        "script": Markup(script),  # noqa: S704
        "policy": policy(style, script),
        "cards": _cards(report, shown),
        "articles": _articles(report, shown),
        "claims": shown,
        "weighings": weighings,
        "looked": {one.item.side.claim.id: one.number for one in weighings},
        "timelines": timelines(report),
        "width": WIDTH,
        "filters": _filters(report, shown),
        "orders": ORDERS,
        "clips": clips(report),
        "finding_at": anchors("f", (f.id for f in report.findings)),
        "claim_at": claims,
        "words_at": [f"w{anchor[1:]}" for anchor in claims],
        "evidence_at": [f"e{anchor[1:]}" for anchor in claims],
        "document_at": anchors("d", (d.id for d in report.documents)),
    }
    return environment().get_template("page.html").render(values)


def anchors(prefix: str, ids: Iterable[str]) -> list[str]:
    """Where things stand on the page: their ids, or their numbers where an id is none for an address or comes twice."""
    found: dict[str, None] = {}
    for number, key in enumerate(ids, 1):
        usable = ANCHOR.fullmatch(key) and key.startswith(f"{prefix}-") and key not in found
        found[key if usable else f"{prefix}{number}"] = None
    return list(found)


def policy(style: str, script: str) -> str:
    """The content policy: nothing is loaded or sent, and only this very style and script are used."""
    own = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def environment(folder: Path = ASSETS) -> Environment:
    """Templates of a folder, in which every value is escaped and without control characters, whatever it is."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    made.filters.update(direction=_direction, dates=_dates, left_out=left_out_line, corrections=correction_lines)
    made.globals.update(words=words, evidence=evidence, address=address)
    return made


def _dates(text: str) -> Markup:
    """A text with its ISO dates marked, so that no line breaks within one."""
    kinds = (Markup("{}"), Markup("<time>{}</time>"))
    return Markup("").join(kinds[at % 2].format(visible(part)) for at, part in enumerate(DATE.split(text)))


def _direction(document: Document) -> Markup:
    """The attributes that say in which language and direction a document is written."""
    language = (document.language or "").replace("_", "-")
    if not language or not all(part.isascii() and part.isalnum() for part in language.split("-")):
        return Markup('dir="auto"')
    way = "rtl" if language.lower().split("-")[0] in RIGHT_TO_LEFT else "ltr"
    return Markup('lang="{}" dir="{}"').format(language, way)


def _shown(report: Report) -> list[Shown]:
    answers = words.answers_in(report)
    documents = {document.id: (n, document) for n, document in enumerate(report.documents, 1)}
    speakers = _numbered(words.source(Side(c, report.document(c.document_id), ())) for c in report.claims)
    targets = _numbered(c.target for c in report.claims if c.target)
    found: dict[str, list[int]] = {}
    for number, finding in enumerate(report.findings, 1):
        for key in (finding.a, finding.b):
            found.setdefault(key, []).append(number)
    shown = []
    for number, claim in enumerate(report.claims, 1):
        place, document = documents[claim.document_id]
        side = Side(claim, document, answers.get(claim.id, ()))
        target = targets[_same(claim.target)] if claim.target else 0
        mine = tuple(dict.fromkeys(found.get(claim.id, ())))
        shown.append(Shown(number, side, mine, speakers[_same(words.source(side))], target, place))
    return shown


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Numbers for names, equal ones having one; by their folded form."""
    return {name: number for number, name in enumerate(dict.fromkeys(_same(n) for n in names), 1)}


def _same(name: str) -> str:
    """What is equal for names of one person or body."""
    return folded(name) or name


def _cards(report: Report, shown: Sequence[Shown]) -> list[Card]:
    known = {s.side.claim.id: s for s in shown}
    cards = []
    for number, finding in enumerate(report.findings, 1):
        a, b = known[finding.a], known[finding.b]
        names = tuple(words.parties(report, finding))
        sentences = (in_sentences(a.side.document, a.side.claim), in_sentences(b.side.document, b.side.claim))
        also = tuple(known[key] for key in finding.also if key in known)
        newest = max(side.side.document.published or "" for side in (a, b))
        cards.append(Card(number, finding, names, words.topic(report, finding), newest, (a, b), sentences, also))
    return cards


def _weighings(report: Report, shown: Sequence[Shown]) -> list[Weighing]:
    found = evidence.weighed_in(report)
    looked = [item for item in shown if item.side.claim.id in found]
    return [Weighing(n, item, w := found[item.side.claim.id], _rows(item.side, w)) for n, item in enumerate(looked, 1)]


def _rows(side: Side, weighed: Weighed) -> list[Row]:
    """Origins in their order, each with what repeats it."""
    rows = {p.evidence.id: Row(p, *evidence.sides(side.claim, side.document, p)) for p in weighed.pieces}
    copies: dict[str, list[Row]] = {}
    for row in rows.values():
        if row.piece.evidence.origin_of in rows:
            copies.setdefault(row.piece.evidence.origin_of or "", []).append(row)
    roots = [(key, row) for key, row in rows.items() if row.piece.evidence.origin_of not in rows]
    return [row._replace(copies=tuple(copies.get(key, ()))) for key, row in roots]


def _articles(report: Report, shown: Sequence[Shown]) -> list[Article]:
    mine: dict[str, list[Shown]] = {}
    for item in shown:
        mine.setdefault(item.side.document.id, []).append(item)
    return [
        Article(n, document, paragraphs(document, _claims(mine.get(document.id, []))), mine.get(document.id, []))
        for n, document in enumerate(report.documents, 1)
        if document.role == "article"
    ]


def _claims(shown: Iterable[Shown]) -> dict[int, Claim]:
    return {item.number: item.side.claim for item in shown}


def _filters(report: Report, shown: Sequence[Shown]) -> Mapping[str, Any]:
    """The choices of the filters by speaker, target and document; the others are few and fixed."""
    speakers = _choices((s.speaker, words.source(s.side)) for s in shown)
    targets = _choices((s.target, s.side.claim.target) for s in shown if s.side.claim.target)
    claims = Counter(s.document for s in shown)
    documents = [
        Choice(n, " · ".join(part for part in (d.published, d.title or d.name) if part), claims[n])
        for n, d in enumerate(report.documents, 1)
        if d.role == "article"
    ]
    return {"speaker": speakers, "target": targets, "document": documents}


def _choices(items: Iterable[tuple[int, str]]) -> list[Choice]:
    """Names by their numbers, sorted, with how often each occurs."""
    names: dict[int, str] = {}
    counts: Counter[int] = Counter()
    for number, name in items:
        names.setdefault(number, name)
        counts[number] += 1
    return sorted((Choice(n, name, counts[n]) for n, name in names.items()), key=lambda c: (c.name.casefold(), c.value))
