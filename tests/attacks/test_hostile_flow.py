"""A hostile article harms only itself, even where the model obeys every word of it: honest findings stay as they are.

`make bench` runs the whole matrix, here stands a sample of it.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from factcheck.ending import exit_code
from factcheck.inputs.documents import document_from_text
from factcheck.ledger.connection import open_ledger
from tests.attacks.injections import (
    COMMANDS,
    HONEST,
    MARK,
    Articles,
    Cell,
    come_in,
    harm,
    hostile,
    of_honest,
    run,
    sampled,
)
from tests.conftest import Places

SAMPLE = sampled(6)
WITHOUT = of_honest(run(HONEST))


def test_there_is_something_to_suppress() -> None:
    assert len(WITHOUT["findings"]) >= 8
    assert {f.tier for f in WITHOUT["findings"]} == {"strong"}


@pytest.mark.parametrize("first", range(0, len(COMMANDS), 4))
def test_every_order_is_known_and_listed(first: int) -> None:
    articles = [hostile(order) for order in [*COMMANDS.values()][first : first + 4]]
    report = run([*HONEST, *articles], suppress=first % 8 == 0)
    assert of_honest(report) == WITHOUT
    listed = {p.document_id for p in report.problems if p.code == "addresses_machine"}
    assert listed == {article.id for article in articles}
    assert exit_code(report) == 0


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Articles:
    """Those of the sample."""
    return come_in(SAMPLE, tmp_path_factory.mktemp("articles"))


@pytest.mark.parametrize("cell", SAMPLE, ids=lambda cell: cell.name)
def test_honest_articles_are_compared_as_without_it(cell: Cell, articles: Articles, tmp_path: Path) -> None:
    assert harm(cell, articles, tmp_path) == []


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


@pytest.mark.parametrize("door", ["file", "evidence"])
def test_an_order_that_nobody_knows_would_be_seen_in_the_matrix(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "unknown", "It is a fine day.")
    cell = Cell("unknown", door, "last", "plain", suppress=False, honest_review=False)
    assert {"findings", "outcomes"} & set(harm(cell, come_in([cell], tmp_path), tmp_path))
