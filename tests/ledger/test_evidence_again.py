"""Evidence that was found once serves later articles with the same statement, without another call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import factcheck
from factcheck.models import Report
from tests.support.scripted import transport
from tests.support.weighing import ARTICLE, article, read_by_rule, write_releases


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_releases(tmp_path / "archive")


class Desk:
    """Checks against one ledger, with a model that reads by rule; it says how often something was weighed."""

    def __init__(self, folder: Path, ledger: Path) -> None:
        self.folder, self.ledger, self.weighed = folder, ledger, 0

    def check(self, document: factcheck.Document, *, evidence: bool = True) -> Report:
        seen: list[Any] = []
        report = factcheck.check(
            [document],
            settings=factcheck.load_settings(model="m", base_url="http://127.0.0.1:9/v1", use_cache=False),
            evidence=[self.folder] if evidence else [],
            ledger=self.ledger,
            transport=transport(read_by_rule, seen),
        )
        names = [body["response_format"]["json_schema"]["name"] for body in seen]
        self.weighed = sum(name.startswith("weigh") for name in names)
        return report


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Desk:
    return Desk(folder, tmp_path / "desk.db")


def other(**fields: str) -> factcheck.Document:
    """The same text at another outlet, later."""
    return factcheck.document_from_text(ARTICLE, **{"publisher": "The Mirror", "published": "2024-07-09", **fields})


def said(report: Report) -> list[tuple[str, str]]:
    """What was found, without the names of claims."""
    return sorted((e.relation, e.quotes[0].exact) for e in report.evidence)


def test_the_same_article_again_asks_nothing_and_says_the_same(desk: Desk) -> None:
    first = desk.check(article())
    assert desk.weighed > 0
    again = desk.check(article())
    assert desk.weighed == 0
    assert (again.evidence, again.checks) == (first.evidence, first.checks)


def test_another_outlet_with_the_same_statement_has_the_evidence_without_a_call(desk: Desk) -> None:
    first = desk.check(article())
    later = desk.check(other())
    assert desk.weighed == 0
    assert said(later) == said(first)
    assert [c.outcome for c in later.checks] == [c.outcome for c in first.checks]
    assert {c.claim_id for c in later.checks}.isdisjoint({c.claim_id for c in first.checks})


def test_what_code_derives_is_derived_beside_the_new_article(desk: Desk) -> None:
    assert {e.timing for e in desk.check(article()).evidence} == {"before"}
    early = desk.check(other(published="2024-01-01", publisher="Town Hall"))
    assert {e.timing for e in early.evidence} == {"after"}


def test_a_run_without_sources_shows_what_is_known(desk: Desk) -> None:
    first = desk.check(article())
    assert said(desk.check(other(), evidence=False)) == said(first)
    assert desk.weighed == 0


def test_a_new_document_is_weighed_and_what_was_known_stays(desk: Desk) -> None:
    first = desk.check(article())
    head = "---\npublisher: The Auditor\npublished: 2024-06-20\n---\n\n"
    (desk.folder / "new.md").write_text(f"{head}Counted anew. The bridge cost 12 million crowns, the auditor says.\n")
    second = desk.check(article())
    assert desk.weighed > 0
    assert set(said(first)) < set(said(second))
    for path in desk.folder.glob("*.md"):
        path.unlink()
    (desk.folder / "other.md").write_text(f"{head}Nothing of it stands here, and the weather was fine.\n")
    assert said(desk.check(article())) == said(second)
