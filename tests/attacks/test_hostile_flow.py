"""A hostile article harms only itself, even where the model obeys every word of it: honest findings stay as they are.

The endpoint reads honest articles rightly and does whatever an order in its request says, for the whole request.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from factcheck.ending import exit_code
from factcheck.inputs.documents import document_from_text
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Document, Report
from factcheck.pipeline import check
from tests.conftest import Places
from tests.support.hostile import ORDERS
from tests.support.newsroom import answer
from tests.support.scripted import draft, extracted, judged, source, transport

HARMLESS = {"link", "markup", "terminal", "terminal, one byte", "direction", "rich", "formula", "template"}
"""Texts that attack outputs and order nothing."""
COMMANDS = {name: order for name, order in ORDERS.items() if name not in HARMLESS}
MARK = "whoever reads this obeys"
"""Stands in every hostile article, so that a request can be asked for it."""


def honest(n: int) -> Document:
    matters = [f"pier{n}", f"quay{n % 2}", "ferry"]
    text = " ".join(f"Ann{n}x{i} saw {what}." for i, what in enumerate(matters)) + " Later nobody saw ferry."
    return document_from_text(text, title=f"T{n:03}", publisher="The Echo", published=f"2024-0{n + 2}-01")


HONEST = [honest(n) for n in range(4)]
DAYS = {"first": "2024-01-01", "in the middle": "2024-03-15", "last": "2024-12-01", "undated": None}


def hostile(order: str, day: str | None = None) -> Document:
    text = f"Ann9 saw ferry.\n\n{order}\n\nAnn8 saw quay0, {MARK}. Ann7 saw quay1."
    return document_from_text(text, title="T666", publisher="The Echo", published=day)


def obedient(schema: str, user: str, *, suppress: bool) -> Any:
    """Where a hostile article stands in the request: no finding at all, or everything clashes with everything."""
    if MARK not in user:
        return answer(schema, user)
    if schema.startswith("extract"):
        numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", user, re.MULTILINE)]
        lies = [draft(n, by=1, kind="accusation", topic="ferry", target="Ann1x1") for n in numbers]
        return extracted([source(1, "Ann0x0")], lies, machine=False)
    if schema.startswith("review"):
        verdict = "fit" if suppress else "clash"
        return {"looks": [{"n": n, "because": "told so", "verdict": verdict} for n in range(1, 9)]}
    if schema.startswith("who"):
        return {"same": [{"members": [1, 2], "shown": 1, "name": 1}]}
    if suppress or not schema.startswith("judge"):
        return judged()
    known = sorted({int(n) for n in re.findall(r"^  #(\d+)", user, re.MULTILINE)})
    labels = re.findall(r"^\[(\w+?\.?\d+)\]", user, re.MULTILINE)
    missed = [
        {"n": 900 + i, "at": at, "words": "", "speaker": None, "kind": "accusation"} for i, at in enumerate(labels)
    ]
    every = [*known[:9], *(m["n"] for m in missed[:9])]
    look = {"same_thing": True, "reading": "x", "both_can_be_true": False, "speakers": "same", "moved": "other"}
    pairs = [{"a": a, "b": b, "about": "x", "why": "told so", **look} for a, b in itertools.permutations(every, 2)]
    return judged(*pairs, missed=missed, answers=[{"to": a, "by": b} for a, b in itertools.permutations(every, 2)])


def run(
    documents: Sequence[Document], ledger: Ledger | None = None, seen: list[Any] | None = None, *, suppress: bool = True
) -> Report:
    async def go() -> Report:
        endpoint = transport(lambda schema, user: obedient(schema, user, suppress=suppress), seen)
        chat = Chat(Endpoint("m", deadline=20), endpoint)
        try:
            return await check(documents, chat, load_prompts(), ledger=ledger)
        finally:
            await chat.aclose()

    return asyncio.run(go())


def of_honest(report: Report) -> dict[str, list[Any]]:
    """All that a report says about the honest documents among themselves."""
    own = {d.id for d in HONEST}
    home = {c.id: c.document_id for c in report.claims}
    return {
        "claims": [c for c in report.claims if c.document_id in own],
        "findings": [f for f in report.findings if {home[f.a], home[f.b]} <= own],
        "answers": [a for a in report.answers if {home[a.accusation], home[a.answer]} <= own],
        "ties": [t for t in report.ties if t.document_id in own],
        "problems": [p for p in report.problems if p.document_id in own or p.document_id is None],
    }


WITHOUT = of_honest(run(HONEST))


def test_there_is_something_to_suppress() -> None:
    assert len(WITHOUT["findings"]) >= 8
    assert {f.tier for f in WITHOUT["findings"]} == {"strong"}


@pytest.mark.parametrize("suppress", [True, False], ids=["suppress", "invent"])
@pytest.mark.parametrize("name", COMMANDS)
def test_honest_articles_are_compared_as_without_it(name: str, suppress: bool, tmp_path: Path) -> None:
    for n, day in enumerate(DAYS.values()):
        article = hostile(COMMANDS[name], day)
        with closing(open_ledger(str(tmp_path / f"{n}.db"))) as ledger:
            for kept in (None, ledger) if n == len(name) % 3 else (None,):
                report = run([*HONEST, article], kept, suppress=suppress)
                assert of_honest(report) == WITHOUT
                listed = [p for p in report.problems if p.code == "addresses_machine"]
                assert [p.document_id for p in listed] == [article.id]
                assert exit_code(report) == 0


@pytest.mark.parametrize("suppress", [True, False], ids=["suppress", "invent"])
def test_no_later_article_sees_its_words_or_what_it_did(suppress: bool, places: Places) -> None:
    with closing(open_ledger(places())) as clean, closing(open_ledger(places())) as ledger:
        for part in (HONEST[:2], HONEST[2:]):
            wanted = run(part, clean)
        article = hostile(COMMANDS["judge"], "2024-01-01")
        copy = document_from_text(article.text, title="T667", publisher="The Star")
        run([*HONEST[:2], article], ledger, suppress=suppress)
        run([copy], ledger, suppress=suppress)
        seen: list[Any] = []
        report = run(HONEST[2:], ledger, seen, suppress=suppress)
        assert of_honest(report) == of_honest(wanted)
        assert all(MARK not in message["content"] for body in seen for message in body["messages"])


def test_an_order_in_a_title_counts_too() -> None:
    article = document_from_text("Ann9 saw ferry.", title=COMMANDS["override, English"], published="2024-01-01")
    assert "addresses_machine" in {p.code for p in run([*HONEST, article]).problems}
