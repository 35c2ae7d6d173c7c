"""Embeddings: asked for only where a model is set, kept, exported, and a way to claims that share no word."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
from contextlib import closing
from operator import mul
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import factcheck
from factcheck.commands.app import app
from factcheck.errors import ModelError
from factcheck.ledger.candidates import candidates, neighbours
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import embeddings
from factcheck.ledger.store import add
from factcheck.ledger.vectors import Vectors, packed, unpacked
from factcheck.llm import endpoint
from factcheck.llm.client import Chat
from factcheck.llm.recordings import RecordingTransport, Store
from tests.conftest import Places
from tests.support.desk import RUN, fill
from tests.support.pier import answer
from tests.support.scripted import transport
from tests.support.statements import article, entry

LENGTH = 256


def vector(seed: int) -> list[float]:
    dice = random.Random(seed)
    return [dice.gauss(0, 1) for _ in range(LENGTH)]


def near(base: list[float], share: float, seed: int) -> list[float]:
    """A vector with about this cosine to another one."""
    other = vector(seed)
    return [share * a + math.sqrt(1 - share**2) * b for a, b in zip(base, other, strict=True)]


def test_the_nearest_is_found_among_vectors_of_a_narrow_cone() -> None:
    kept = Vectors()
    made = {n: [3.0 + a for a in vector(n)] for n in range(1, 2001)}
    kept.add([(n, packed(v)) for n, v in made.items()])
    wanted = [3.0 + a for a in near(vector(77), 0.8, 5001)]
    first, second = kept.nearest({"x": wanted}, 2)["x"]
    assert first.claim == 77
    assert 0.7 < first.cosine < 0.9
    assert second.cosine < 0.7
    plain = sum(a * b for a, b in zip(made[1], made[2], strict=True))
    assert plain / math.sqrt(sum(a * a for a in made[1]) * sum(b * b for b in made[2])) > 0.8  # uncentred: all alike


def test_only_claims_before_a_place_are_near_and_what_comes_later_is_added() -> None:
    kept = Vectors()
    kept.add([(n, packed(vector(n))) for n in range(1, 50)])
    assert kept.last == 49
    assert [n.claim for n in kept.nearest({"x": vector(40)}, 1)["x"]] == [40]
    assert kept.nearest({"x": vector(40)}, 1, before=40)["x"][0].claim < 40
    assert kept.nearest({"x": vector(40)}, 1, before=1) == {}
    kept.add([(60, packed(vector(60)))])
    assert [n.claim for n in kept.nearest({"x": vector(60)}, 1)["x"]] == [60]
    assert kept.nearest({"x": [1.0, 2.0]}, 1) == {}  # of another model


def test_the_scan_in_two_steps_finds_what_one_over_everything_finds() -> None:
    made = [[2.0 + a for a in near(vector(n % 300), 0.6, 1000 + n)] for n in range(3000)]
    whole = Vectors()
    whole.add([(n, packed(v)) for n, v in enumerate(made, 1)])
    asked = {str(n): made[n] for n in range(0, 3000, 600)}
    found = whole.nearest(asked, 10)
    mean = [sum(column) / 2048 for column in zip(*made[:2048], strict=True)]
    centred = [[a - b for a, b in zip(v, mean, strict=True)] for v in made]
    for key, nearest in found.items():
        own = centred[int(key)]
        cosines = [sum(map(mul, own, other)) / math.hypot(*own) / math.hypot(*other) for other in centred]
        exact = sorted(range(3000), key=lambda n: -cosines[n])[:10]
        assert len({n + 1 for n in exact} & {one.claim for one in nearest}) >= 9
        assert nearest[0].cosine == pytest.approx(1, abs=0.01)


def test_what_is_near_does_not_depend_on_the_moments_at_which_vectors_were_read() -> None:
    rows = [(n, packed([1.0 + a for a in vector(n)])) for n in range(1, 1501)]
    at_once, by_turns = Vectors(), Vectors()
    at_once.add(rows)
    for at in range(0, 1500, 130):
        by_turns.add(rows[at : at + 130])
        by_turns.nearest({"x": vector(3)}, 5)
    asked = {str(n): [1.0 + a for a in near(vector(n), 0.7, 9000 + n)] for n in range(1, 20)}
    first, second = (
        {key: [near.claim for near in found] for key, found in kept.nearest(asked, 5).items()}
        for kept in (at_once, by_turns)
    )
    assert first == second


def test_the_scan_takes_one_processor_unless_more_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    Vectors()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    Vectors()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_a_vector_comes_back_as_it_went_in() -> None:
    assert list(unpacked(packed([0.5, -1.25]))) == [0.5, -1.25]


def test_a_claim_in_other_words_is_found_by_its_vector(place: str) -> None:
    meant = vector(1)
    old = entry("Liisa lupasi vuokrata laiturin.", topic="xylem", speaker=None)
    old = old._replace(vectors={old.claims[0].id: meant}, embedded_by="e")
    young = entry("Tilboð barst um bryggjuna.", topic="quark", speaker=None)
    new = young.claims
    young = young._replace(vectors={new[0].id: near(meant, 0.95, 5)}, embedded_by="e")
    fill(place, 20, claims=5)
    with closing(open_ledger(place)) as ledger:
        with ledger.writing() as connection:
            add(connection, [old, young], RUN)
        with ledger.reading() as connection:
            assert old.claims[0] not in [c.claim for c in candidates(connection, new)]
            close = neighbours(connection, new, Vectors(), "e")
            assert candidates(connection, new, near=close)[0].claim == old.claims[0]


class Endpoint(httpx2.AsyncBaseTransport):
    """Answers chat and embeddings; `embedded` replaces the data of the latter."""

    def __init__(self, embedded: Any = None) -> None:
        self.chat = transport(answer)
        self.embedded = embedded
        self.asked: list[list[str]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/embeddings"):
            return await self.chat.handle_async_request(request)
        body = json.loads(request.content)
        self.asked.append(body["input"])
        rows = [{"index": i, "embedding": vector(len(text))} for i, text in enumerate(body["input"])]
        data = self.embedded if self.embedded is not None else rows[::-1]
        answered = json.dumps({"data": data, "usage": {"prompt_tokens": 7, "total_tokens": 7}})
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=answered)


def check(place: str, endpoint: httpx2.AsyncBaseTransport, patch: pytest.MonkeyPatch, model: str | None) -> Any:
    patch.setattr("factcheck.connecting.transport_for", lambda *a, **k: endpoint)
    settings = factcheck.load_settings(
        base_url="http://127.0.0.1:1/v1", model="m", use_cache=False, attempts=1, embedding_model=model
    )
    return factcheck.check(
        [article("The board will lease the pier, Ann Roe said.", published="2024-01-01")],
        settings=settings,
        ledger=place,
    )


def test_vectors_are_kept_and_counted_where_a_model_is_set(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, endpoint = places(), Endpoint()
    report = check(place, RecordingTransport(Store(tmp_path / "tape"), endpoint, read=False), monkeypatch, "embed-1")
    assert endpoint.asked == [["leasing the pier: The board will lease the pier, Ann Roe said."]]
    assert report.run.usage.calls == 3
    assert not report.problems
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        assert connection.execute(select(embeddings.c.model)).scalars().all() == ["embed-1"]
    played = check(places(), RecordingTransport(Store(tmp_path / "tape"), None), monkeypatch, "embed-1")
    assert (played.run.usage.replayed, played.claims) == (3, report.claims)
    assert CliRunner().invoke(app, ["ledger", "verify", "--ledger", place]).exit_code == 0


def test_no_model_asks_for_no_vectors(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint()
    assert check(place, endpoint, monkeypatch, None).run.usage.calls == 2
    assert endpoint.asked == []


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"index": 0}],
        [{"index": 0, "embedding": []}],
        "none",
        [{"index": 0, "embedding": ["x"]}],
        [{"index": 0, "embedding": [1.0, math.inf]}],
        [{"index": 0, "embedding": [1.0]}] * 2,
    ],
)
def test_an_answer_without_vectors_is_a_problem_and_the_comparison_goes_on(
    place: str, monkeypatch: pytest.MonkeyPatch, data: Any
) -> None:
    report = check(place, Endpoint(data), monkeypatch, "embed-1")
    assert [(p.stage, p.code) for p in report.problems] == [("judge", "malformed")]
    assert len(report.claims) == 1


def test_an_export_carries_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, copy = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    check(place, Endpoint(), monkeypatch, "embed-1")
    lines = CliRunner().invoke(app, ["ledger", "export", "--ledger", place]).stdout
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    assert CliRunner().invoke(app, ["ledger", "import", str(tmp_path / "a.jsonl"), "--ledger", copy]).exit_code == 0
    assert CliRunner().invoke(app, ["ledger", "export", "--ledger", copy]).stdout == lines
    with closing(open_ledger(copy)) as ledger, ledger.reading() as connection:
        assert len(connection.execute(select(embeddings.c.vector)).scalars().all()) == 1


def test_vectors_that_nobody_can_use_are_asked_for_again(tmp_path: Path) -> None:
    """Neither the cache nor what workers keep answers with them a second time."""
    store, bodies = Store(tmp_path), [{"data": []}, {"data": [{"index": 0, "embedding": [0.5, 1.0]}]}]
    network = httpx2.MockTransport(lambda request: httpx2.Response(200, json=bodies.pop(0)))
    place = endpoint.Endpoint("m", base_url="http://127.0.0.1:9/v1", attempts=1)
    chat = Chat(place, RecordingTransport(store, network), unusable=store.forget)
    with pytest.raises(ModelError):
        asyncio.run(chat.embed(["words"], "e"))
    assert not store.files()
    assert asyncio.run(chat.embed(["words"], "e")) == [[0.5, 1.0]]
    assert store.files()
