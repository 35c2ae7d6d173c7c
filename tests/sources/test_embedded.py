"""Folders searched by meaning, where an embedding model is set: other words, other languages; without it, by words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from factcheck.api import open_chat
from factcheck.errors import ModelError
from factcheck.settings import load_settings
from factcheck.sources.files import Files
from factcheck.sources.named import embedding_of
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


def test_a_run_hands_its_embedding_model_to_its_sources() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        texts = json.loads(request.content)["input"]
        rows = [{"index": at, "embedding": [1.0, float(at)], "object": "embedding"} for at in range(len(texts))]
        return httpx2.Response(200, json={"data": rows, "model": "some", "object": "list", "usage": {}})

    settings = load_settings(base_url="http://127.0.0.1:9/v1", embedding_model="some", use_cache=False)
    chat = open_chat(settings, None, record=None, replay=None, network=httpx2.MockTransport(answer))
    embedding = embedding_of(chat)

    async def ask() -> list[list[float]]:
        return await embedding.embed(["a", "b"]) if embedding else []

    assert asyncio.run(ask()) == [[1.0, 0.0], [1.0, 1.0]]
    without = settings.model_copy(update={"embedding_model": None})
    assert embedding_of(open_chat(without, None, record=None, replay=None)) is None
