"""Reports made by hand: what outputs are tested on without a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from factcheck.ids import content_id
from factcheck.inputs.documents import document_from_text, read
from factcheck.models import (
    Attribution,
    Claim,
    Document,
    Finding,
    Problem,
    Quote,
    Report,
    Run,
    Usage,
    Verdict,
)

RUN = Run(
    id="r-1", tool="factcheck 0.1.0", started="2026-01-02T03:04:05+00:00", model="m",
    prompts={"extract": "extract.v2#12345678"}, usage=Usage(calls=3, replayed=1, input_tokens=1200, output_tokens=80),
)  # fmt: skip
ANN = "Ann Roe told the Echo on Monday: “I have paid the bill.” Ben Ito says Ann Roe hid the bill. She denies it."
BEN = "The bill was never paid, said Ben Ito.\n\nAnn Roe now says that she has not paid the bill yet."
COPY = "As the Echo wrote, Ann Roe said “I have paid the bill.”"


def claim(document: Document, *words: str, kind: Any = "assertion", target: str | None = None, **said: Any) -> Claim:
    """A claim whose quotes are these words, where they first stand in the document."""
    quotes = []
    for exact in words:
        start = document.text.index(exact)
        end = start + len(exact)
        before, after = document.text[max(0, start - 32) : start], document.text[end : end + 32]
        quotes.append(Quote(exact=exact, prefix=before, suffix=after, start=start, end=end))
    topic = said.pop("topic", "the bill")
    voice = "indirect" if said.get("speaker") else "own"
    return Claim(
        id=content_id("c", document.id, *words, kind, said),
        document_id=document.id,
        text=" … ".join(words),
        kind=kind,
        quotes=tuple(quotes),
        attribution=Attribution(**{"speaker": None, "voice": voice, **said}),
        target=target,
        topic=topic,
        checkworthy=True,
    )


def finding(a: Claim, b: Claim, **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "id": content_id("f", a.id, b.id), "kind": "reversal", "severity": "full", "tier": "strong",
        "a": a.id, "b": b.id, "explanation": "First it was paid, then not.", "reading": "There may be two bills.",
    }  # fmt: skip
    return Finding(**{**fields, **changes})


def report(
    documents: Sequence[Document],
    claims: Sequence[Claim],
    findings: Sequence[Finding] = (),
    problems: Sequence[Problem] = (),
) -> Report:
    return Report(
        run=RUN,
        documents=tuple(documents),
        claims=tuple(claims),
        findings=tuple(findings),
        problems=tuple(problems),
    )


ACCEPTED = Verdict(decision="accepted", by="Kim Oda", on="2026-01-03T00:00:00+00:00", note="Both calls confirmed.")
DISMISSED = Verdict(decision="dismissed", by="Kim Oda", on="2026-01-03T00:00:00+00:00", note="Two bills.")


def bills(folder: Path) -> Report:
    """Three files, a reversal that was accepted, a dispute that is open, an answered accusation, and a problem."""
    names = {"ann.md": ("The Echo", "2024-03-04", ANN), "ben.md": ("The Post", "2024-05-06", BEN),
             "copy.md": ("The Copy", "2024-03-05", COPY)}  # fmt: skip
    for name, (publisher, published, text) in names.items():
        head = f"title: Bills in {publisher}\npublisher: {publisher}\npublished: {published}\n"
        head = f"---\n{head}url: https://example.org/{name}\n---\n"
        (folder / name).write_text(head + text + "\n", encoding="utf-8")
    ann, ben, copy = read([folder / name for name in names]).documents
    roe = {"speaker": "Ann Roe", "role": "mayor", "organisation": "City of Tollmere"}
    claims = [
        claim(ann, "I have paid the bill", **roe, stated_on="2024-03", via=("The Echo",), cue="told"),
        claim(
            ann,
            "Ben Ito says Ann Roe hid the bill.",
            kind="accusation",
            target="Ann Roe",
            speaker="Ben Ito",
            topic="hiding it",
        ),
        claim(ann, "She denies it.", **roe, topic="hiding it"),
        claim(ben, "The bill was never paid", speaker="Ben Ito"),
        claim(ben, "Ann Roe now says that she has not paid the bill yet.", **roe, kind="official_position"),
        claim(copy, "I have paid the bill", **roe),
    ]
    return report(
        [ann, ben, copy],
        claims,
        [
            finding(claims[0], claims[4], verdict=ACCEPTED, also=(claims[5].id,), days_apart=63),
            finding(claims[1], claims[3], kind="dispute", tier="lead", severity="partial"),
        ],
        [Problem(stage="extract", code="not_in_text", document_id=ben.id, message="ben.md: a quote was rejected")],
    )


def article(text: str, **fields: str | None) -> Document:
    return document_from_text(text, **fields)
