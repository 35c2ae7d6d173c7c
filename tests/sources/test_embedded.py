"""Folders searched by meaning, where an embedding model is set: other words, other languages; without it, by words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from factcheck.errors import ModelError
from factcheck.sources.files import Files
from factcheck.sources.results import Embedding, Query, Result
from tests.support.archive import write_archive

pytest.importorskip("numpy")
MEANING = ("ninguém se feriu", "nobody was hurt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_archive(tmp_path / "archive", 40)
    (tmp_path / "archive" / "needle.txt").write_text("Ninguém se feriu naquele dia.", encoding="utf-8")
    return tmp_path / "archive"


class Model:
    """Vectors that are near where texts mean one thing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [
            [1.0, 0.0, 0.0] if any(m in t.casefold() for m in MEANING) else [0.0, 1.0, (len(t) % 7) / 7] for t in texts
        ]


def ask(folder: Path, embedding: Embedding | None) -> Result:
    source = Files(folder, folder.parent / "cache", embedding=embedding)
    (result,) = asyncio.run(source.search([Query("Nobody was hurt")]))
    return result


def found(result: Result) -> bool:
    return any("Ninguém" in one.document.text for one in result.found)


def test_another_language_is_found_by_meaning_and_nothing_is_asked_twice(folder: Path) -> None:
    assert not found(ask(folder, None))
    model = Model()
    result = ask(folder, Embedding("some", model.embed))
    assert found(result)
    assert result.problems == []
    number = len(model.asked)
    assert number > 40
    assert found(ask(folder, Embedding("some", model.embed)))
    assert model.asked[number:] == ["Nobody was hurt"]
    (folder / "new.txt").write_text("One more matter.", encoding="utf-8")
    ask(folder, Embedding("some", model.embed))
    assert len(model.asked) == number + 3


def test_a_model_that_fails_is_one_line_and_words_go_on(folder: Path) -> None:
    async def failing(texts: Sequence[str]) -> list[list[float]]:
        raise ModelError("connection", "nobody listens")

    (folder / "hurt.txt").write_text("It says that nobody was hurt.", encoding="utf-8")
    result = ask(folder, Embedding("some", failing))
    assert [(p.code, "nobody listens" in p.message) for p in result.problems] == [("connection", True)]
    assert any("nobody was hurt" in one.document.text for one in result.found)
