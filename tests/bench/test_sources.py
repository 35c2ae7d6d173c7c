"""Retrieval: how fast an archive is indexed and searched, and how much of the keyed evidence of dossiers is found.

pytest tests/bench/test_sources.py -o addopts= -s
FACTCHECK_DOSSIERS=FOLDER pytest tests/bench/test_sources.py -o addopts= -s   # also dossiers, as docs/evidence.md says
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from factcheck.inputs.documents import document_from_text
from factcheck.models import Attribution, Claim, Document, Quote
from factcheck.sources.files import Files
from factcheck.sources.queries import query_of
from factcheck.stages.retrieve import BUDGET_TOKENS, Passage, passages
from tests.support.archive import archive, write_archive

DOSSIERS = os.environ.get("FACTCHECK_DOSSIERS", "")
DISTRACTORS = 5_000
CLAIMS = 15
ROUNDS = 40


class Dossier(NamedTuple):
    """Claims of articles and an archive, with the evidence that a person keyed."""

    claims: list[Claim]
    articles: dict[str, Document]
    archive: dict[str, Document]
    keyed: list[tuple[int, Document, int, int]]
    """The number of a claim, and a span of a document of the archive."""


def document(entry: Mapping[str, Any], **more: str) -> Document:
    named = {"title": entry["title"], "publisher": entry["publisher"], "published": entry["date"], **more}
    return document_from_text(entry["text"], **named)


def load(path: Path) -> Dossier:
    data = json.loads(path.read_text(encoding="utf-8"))
    articles = {a["id"]: document(a, language=data["language"]) for a in data["articles"]}
    held = {a["id"]: document(a) for a in data["archive"]}
    claims, keyed = [], []
    for number, check in enumerate(data["checks"]):
        article, words = articles[check["claim"]["doc"]], check["claim"]["quote"]
        start = article.text.index(words)
        quote = Quote(exact=words, prefix="", suffix="", start=start, end=start + len(words))
        claims.append(
            Claim(
                id=f"c-{number}", document_id=article.id, text=words, kind="assertion", quotes=(quote,), topic="",
                attribution=Attribution(speaker=None, voice="own"), checkworthy=True,
            )
        )  # fmt: skip
        for piece in check["evidence"]:
            home = held[piece["doc"]]
            at = home.text.index(piece["quote"])
            keyed.append((number, home, at, at + len(piece["quote"])))
    return Dossier(claims, {a.id: a for a in articles.values()}, held, keyed)


def covers(rows: Sequence[Passage], home: Document, start: int, end: int) -> bool:
    """Whether the first and the last letter of a span are among the sentences."""
    found = [(c.start, c.end) for row in rows for c in row.candidates if c.document.id == home.id]
    return all(any(a <= at < b for a, b in found) for at in (start, end - 1))


Look = Callable[[Sequence[Claim], Dossier], dict[str, list[Document]]]


def recall(dossiers: Sequence[Dossier], look: Look) -> tuple[float, float]:
    """The share of keyed pieces among the sentences of their claim, and among those of its article's claims."""
    own = shared = number = 0
    for dossier in dossiers:
        for key in dossier.articles:
            claims = [claim for claim in dossier.claims if claim.document_id == key]
            rows = {p.claim.id: p for p in passages(claims, dossier.articles, look(claims, dossier))}
            for at, home, start, end in dossier.keyed:
                if (row := rows.get(dossier.claims[at].id)) is not None:
                    number += 1
                    own += covers([row], home, start, end)
                    shared += covers(list(rows.values()), home, start, end)
    return own / number, shared / number


def in_files(source: Files) -> Look:
    def look(claims: Sequence[Claim], dossier: Dossier) -> dict[str, list[Document]]:
        queries = [query_of(claim, dossier.articles[claim.document_id]) for claim in claims]
        results = asyncio.run(source.search(queries))
        return {c.id: [f.document for f in result.found] for c, result in zip(claims, results, strict=True)}

    return look


@pytest.mark.skipif(not DOSSIERS, reason="FACTCHECK_DOSSIERS names no folder")
def test_keyed_evidence_is_found_alone_and_among_others(tmp_path: Path) -> None:
    dossiers = [load(path) for path in sorted(Path(DOSSIERS).glob("*.json"))]
    whole = recall(dossiers, lambda claims, d: {c.id: list(d.archive.values()) for c in claims})
    write_archive(tmp_path / "archive", DISTRACTORS)
    for at, dossier in enumerate(dossiers):
        for name, held in dossier.archive.items():
            head = yaml.safe_dump(
                {n: getattr(held, n) for n in ("title", "publisher", "published")}, allow_unicode=True
            )
            (tmp_path / "archive" / f"needle-{at}-{name}.md").write_text(
                f"---\n{head}---\n{held.text}", encoding="utf-8"
            )
    among = recall(dossiers, in_files(Files(tmp_path / "archive", tmp_path / "index")))
    pieces = sum(len(dossier.keyed) for dossier in dossiers)
    print(f"\n{pieces} keyed pieces of {len(dossiers)} dossiers, {BUDGET_TOKENS} tokens a claim, no model:")
    for name, (own, shared) in {"archives alone": whole, f"among {DISTRACTORS:,} others": among}.items():
        print(
            f"{name}: {shared:.3f} found in what the claims of an article are shown, {own:.3f} in the claim's own part"
        )
    assert whole[1] >= 0.97
    assert among[1] >= whole[1] - 0.02


def test_an_archive_of_20000_documents(tmp_path: Path) -> None:
    write_archive(tmp_path / "archive", 20_000)
    source = Files(tmp_path / "archive", tmp_path / "index")
    began, spent = time.perf_counter(), time.process_time()
    assert source.update() == []
    took, spent = time.perf_counter() - began, time.process_time() - spent
    size = sum(path.stat().st_size for path in (tmp_path / "index").iterdir()) / 1e6
    print(
        f"\nindexed: {20_000 / took:.0f} documents/s ({20_000 / spent:.0f} a second of processor time), {size:.0f} MB"
    )
    articles = [document_from_text(text) for _, text in archive(ROUNDS * CLAIMS, seed=7)]
    queries = [query_of(_first(article), article) for article in articles]
    asyncio.run(source.search(queries[:1]))
    times = []
    for at in range(0, len(queries), CLAIMS):
        began = time.perf_counter()
        asyncio.run(source.search(queries[at : at + CLAIMS]))
        times.append(1000 * (time.perf_counter() - began))
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"searched for {CLAIMS} claims: {statistics.median(times):.0f} ms (median), {p95:.0f} ms (p95)")
    began = time.perf_counter()
    Files(tmp_path / "archive", tmp_path / "index").update()
    print(f"nothing changed: {time.perf_counter() - began:.1f} s")


def _first(article: Document) -> Claim:
    end = article.text.index(".") + 1
    quote = Quote(exact=article.text[:end], prefix="", suffix="", start=0, end=end)
    return Claim(
        id="c-0", document_id=article.id, text=quote.exact, kind="assertion", quotes=(quote,), topic="",
        attribution=Attribution(speaker=None, voice="own"), checkworthy=True,
    )  # fmt: skip
