"""Pairs of statements with a known relation: a test of the comparison alone, without extraction.

A suite is a JSONL file, one pair a line: `id`, `category`, `language`, `a` and `b` (each with `text`, and
optionally `date`, `speaker`, `role`), `expected` (`none`, `partial` or `full`), optionally `same_article`.
Twenty pairs go into one comparison, each with its own speakers, so that a pair has to be found among others.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from factcheck.errors import UsageError
from factcheck.inputs.documents import document_from_text
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Claim, Document, Finding, Problem
from factcheck.quality.evaluate import Score, Tally
from factcheck.stages.compare import Member, compare
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.text.sentences import sentences_of

PAIRS_IN_ONE = 20


class Side(NamedTuple):
    """One statement of a pair."""

    text: str
    date: str | None
    speaker: str | None
    role: str | None


class Pair(NamedTuple):
    """Two statements and how they relate; with `expected` any other word than `none` a finding is right."""

    id: str
    category: str
    language: str
    a: Side
    b: Side
    expected: str
    same_article: bool = False


class Verdict(NamedTuple):
    """What the comparison said of a pair: a finding, or None."""

    pair: Pair
    finding: Finding | None


class Verdicts(NamedTuple):
    """All verdicts, findings across two pairs (which are all wrong), and what could not be done."""

    verdicts: list[Verdict]
    strays: list[Finding]
    problems: list[Problem]


def load_suite(path: Path) -> list[Pair]:
    """Read a suite. Raises UsageError for a file that is none."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [_pair(row, n) for n, row in enumerate(rows, 1)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is not a suite of pairs ({type(error).__name__}: {error})") from None


def _pair(row: Mapping[str, Any], number: int) -> Pair:
    if "gold" in row:  # the Political Inconsistencies benchmark: one party's statements, without dates
        party = f"Party {number}"
        a, b = (Side(row[f"text_{side}"], None, party, None) for side in ("a", "b"))
        expected = "full" if row["gold"] == "contradiction" else "none"
        return Pair(row["id"], "political", "en", a, b, expected)
    a, b = (Side(row[s]["text"], row[s].get("date"), row[s].get("speaker"), row[s].get("role")) for s in ("a", "b"))
    return Pair(row["id"], row["category"], row["language"], a, b, row["expected"], bool(row.get("same_article")))


async def compare_pairs(pairs: Sequence[Pair], chat: Chat, prompts: Mapping[str, Prompt]) -> Verdicts:
    """Judge all pairs, twenty at a time in the order given, with a second look at what was found."""
    batches = [pairs[i : i + PAIRS_IN_ONE] for i in range(0, len(pairs), PAIRS_IN_ONE)]
    done = await asyncio.gather(*(_compare(batch, chat, prompts) for batch in batches))
    return Verdicts(
        [v for d in done for v in d.verdicts],
        [f for d in done for f in d.strays],
        [p for d in done for p in d.problems],
    )


async def _compare(batch: Sequence[Pair], chat: Chat, prompts: Mapping[str, Prompt]) -> Verdicts:
    earlier = [(p.id, "a", p.a) for p in batch if not p.same_article]
    later = [row for p in batch for row in ([(p.id, "a", p.a)] if p.same_article else []) + [(p.id, "b", p.b)]]
    dated = any(side.date for p in batch for side in (p.a, p.b))
    titles = ("Earlier digest", "Later digest") if dated else ("A digest", "Another digest")
    old, old_claims = _digest(titles[0], earlier)
    new, new_claims = _digest(titles[1], later)
    members = [Member(new, list(new_claims.values()))]
    if old_claims:
        members.insert(0, Member(old, list(old_claims.values()), is_new=False))
    made = await compare(members, chat, prompts, knows_names=True)
    given = {**old_claims, **new_claims}
    claims = {c.id: c for c in (*given.values(), *made.claims)}
    owner = {c.id: key for c in claims.values() for key, whole_text in given.items() if _inside(c, whole_text)}
    found = {p.id: next((f for f in made.findings if _is_of(f, p.id, owner)), None) for p in batch}
    strays = [f for f in made.findings if not any(_is_of(f, p.id, owner) for p in batch)]
    return Verdicts([Verdict(p, found[p.id]) for p in batch], strays, made.problems)


def _digest(title: str, rows: Sequence[tuple[str, str, Side]]) -> tuple[Document, dict[tuple[str, str], Claim]]:
    """One document with a paragraph a statement, and its claims by pair and side."""
    document = document_from_text("\n\n".join(side.text for _, _, side in rows) or "(empty)", title=title)
    claims: dict[tuple[str, str], Claim] = {}
    at = 0
    for pair_id, name, side in rows:
        number = next(s.number for s in sentences_of(document.text) if s.start >= at)
        source = Source(side.speaker, side.role) if side.speaker else None
        kind: Literal["official_position", "assertion"] = "official_position" if source else "assertion"
        draft = Draft(document, (Pointer(number, side.text),), source, kind, "", "indirect", stated_on=side.date)
        made = ground(draft)
        if not isinstance(made, Claim):
            raise UsageError(f"{pair_id}: its text cannot be grounded ({made.reason})")
        claims[pair_id, name] = made
        at += len(side.text) + 2
    return document, claims


def _inside(claim: Claim, statement: Claim) -> bool:
    """Whether a claim is a statement of the suite or a part of one that the comparison pointed at."""
    first, last = statement.quotes[0].start, statement.quotes[-1].end
    return claim.document_id == statement.document_id and all(first <= q.start < last for q in claim.quotes)


def _is_of(finding: Finding, pair_id: str, owner: Mapping[str, tuple[str, str]]) -> bool:
    sides = [owner.get(claim_id, ("", ""))[0] for claim_id in (finding.a, finding.b)]
    return sides == [pair_id, pair_id]


def score_suite(done: Verdicts) -> Score:
    """Accuracy, false alarms and misses, in all and by category and language."""
    total = Score({}, ())
    for verdict in done.verdicts:
        total += _score(verdict)
    strays = tuple(f"extra finding between pairs: {f.explanation}" for f in done.strays)
    return total + Score({"findings between pairs": Tally(len(done.strays), len(done.verdicts))}, strays)


def _score(verdict: Verdict) -> Score:
    pair, finding = verdict
    real, flagged = pair.expected != "none", finding is not None
    tallies = {"pairs right": Tally(int(real == flagged), 1)}
    if real:
        tallies["contradictions found"] = Tally(int(flagged), 1)
    else:
        tallies["false alarms"] = Tally(int(flagged), 1)
    if real and finding is not None:
        tallies["severity right"] = Tally(int(finding.severity == pair.expected), 1)
    parts = {f"category {pair.category}": tallies, f"language {pair.language}": tallies}
    return Score(tallies, _miss(verdict), parts)


def _miss(verdict: Verdict) -> tuple[str, ...]:
    pair, finding = verdict
    said = f"{finding.severity} {finding.tier}: {finding.explanation}" if finding else "none"
    if (pair.expected != "none") == (finding is not None) and (finding is None or finding.severity == pair.expected):
        return ()
    return (f"pair {pair.id}: “{pair.a.text[:70]}” × “{pair.b.text[:70]}”: {said}, not {pair.expected}",)
