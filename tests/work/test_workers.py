"""Workers on PostgreSQL: documents done once, what fails and what becomes of it, and limits that hold for all."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from factcheck.commands.app import app as command_line
from factcheck.errors import LedgerError
from factcheck.inputs.documents import read
from factcheck.ledger.connection import Ledger
from factcheck.ledger.verify import verify
from factcheck.models import Document
from factcheck.settings import load_settings
from tests.conftest import new_database
from tests.support.newsroom import answer, newsroom, write
from tests.support.scripted import completed, completion
from tests.support.services import PARAGRAPH, page, serving

procrastinate = pytest.importorskip("procrastinate", reason="needs the extra `workers`")

from factcheck.work.items import item_of, keep_answer  # noqa: E402
from factcheck.work.limits import Limits, SharedLimits, Spent  # noqa: E402
from factcheck.work.metrics import Metrics  # noqa: E402
from factcheck.work.queue import (  # noqa: E402
    app_of,
    backoff,
    cancel,
    counted,
    enqueue,
    is_idle,
    jobs,
    open_queue,
    rescue,
    retry,
)
from factcheck.work.worker import Pace, Worker  # noqa: E402

QUICK = Pace(sign=0.5, given_up=5.0, grace=30.0, look=0.2)


@pytest.fixture(scope="module")
def database(postgres: str) -> str:
    return new_database(postgres)


@pytest.fixture
def place(database: str) -> str:
    """A queue with nothing in it; one database for all, since a new one takes seconds."""
    with closing(open_queue(database)) as opened, opened.beside() as connection:
        known = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'"
        names = connection.exec_driver_sql(known).scalars().all()
        connection.exec_driver_sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
    return database


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with closing(open_queue(place)) as opened:
        yield opened


def articles(folder: Path, number: int) -> list[Document]:
    """Each shares a matter with the one half the stack away."""
    matters = [[f"pier{n}", f"quay{n % (number // 2)}"] for n in range(number)]
    return read([str(path) for path in write(folder / "articles", matters, unlisted=0)]).documents


def put(ledger: Ledger, documents: list[Document], **more: Any) -> int:
    return asyncio.run(enqueue(ledger, [item_of(document) for document in documents], **more))


def endpoint(status: Callable[[int], int] = lambda n: 200, asked: list[str] | None = None) -> httpx2.MockTransport:
    """Reads articles rightly, where `status` of the number of a request is 200."""
    seen = asked if asked is not None else []

    def handle(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        seen.append(body["response_format"]["json_schema"]["name"])
        if (code := status(len(seen))) != 200:
            return httpx2.Response(code, json={"error": {"message": "no"}}, headers={"retry-after": "0"})
        return completion(completed(seen[-1], answer(seen[-1], body["messages"][1]["content"])))

    return httpx2.MockTransport(handle)


def worker(ledger: Ledger, network: httpx2.AsyncBaseTransport, said: list[dict[str, Any]] | None = None) -> Worker:
    lines = said if said is not None else []
    fixed: dict[str, Any] = {"use_cache": False, "attempts": 1, "schema_mode": "strict"}
    settings = load_settings(base_url="http://127.0.0.1:9/v1", model="m", **fixed)
    told = Metrics(lambda line: lines.append(json.loads(line)))
    return Worker(ledger, settings, told, network=network, allow_private=True)


def drain(ledger: Ledger, network: httpx2.AsyncBaseTransport, said: list[dict[str, Any]] | None = None) -> Worker:
    """One worker, until nothing waits."""

    async def go() -> Worker:
        made = worker(ledger, network, said)
        await made.run(drain=True, pace=QUICK)
        return made

    return asyncio.run(go())


def test_the_command_line_puts_documents_in_and_workers_keep_each_once(place: str, tmp_path: Path) -> None:
    documents = articles(tmp_path, 6)
    call = CliRunner()
    with newsroom() as room:
        put_in = call.invoke(command_line, ["enqueue", str(tmp_path / "articles"), "--ledger", place])
        again = call.invoke(command_line, ["enqueue", str(tmp_path / "articles"), "--ledger", place])
        options = ["--base-url", room.base_url, "--model", "m", "--drain", "--no-cache"]
        done = call.invoke(command_line, ["worker", "--ledger", place, *options])
        pairs = room.pairs()
    assert put_in.stdout == "6 put in, 0 known already\n"
    assert again.stdout == "0 put in, 6 known already\n"
    assert done.exit_code == 0, done.output
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == ["started", *["done"] * 6, "stopped"]
    with closing(open_queue(place)) as opened:
        held = opened.held([document.id for document in documents])
        assert all(one.compared for one in held.values())
        assert len(held) == 6
        assert len(opened.findings()) == 3
        with opened.reading() as connection:
            assert verify(connection) == []
        assert SharedLimits(opened).state().spent.calls == len(room.asked)
    assert set(pairs.values()) == {1}
    listed = call.invoke(command_line, ["jobs", "list", "--ledger", place, "--format", "json"])
    assert json.loads(listed.stdout)["counts"] == {"succeeded": 6}
    known = call.invoke(command_line, ["enqueue", str(tmp_path / "articles"), "--ledger", place])
    assert known.stdout == "0 put in, 6 known already\n"


def test_workers_share_postgres_or_say_so(tmp_path: Path) -> None:
    for place in ((), ("--ledger", str(tmp_path / "desk.db"))):
        told = CliRunner().invoke(command_line, ["jobs", "list", *place])
        assert told.exit_code == 2
        assert "--ledger postgresql://" in told.stderr


def test_todays_articles_come_before_the_catalogue(ledger: Ledger, tmp_path: Path) -> None:
    old, new, chosen = articles(tmp_path, 4)[:3]
    put(ledger, [old, new.model_copy(update={"published": "2999-01-01"})])
    put(ledger, [chosen], priority=99)
    assert [(job.priority, job.name) for job in jobs(ledger)] == [(99, chosen.name), (10, new.name), (0, old.name)]


def test_what_may_pass_is_tried_again_later_and_later(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 2)[:1])
    said: list[dict[str, Any]] = []
    drain(ledger, endpoint(lambda n: 503), said)
    (job,) = jobs(ledger)
    assert (job.status, job.attempts, job.code) == ("todo", 1, "server_error")
    assert said[-1]["event"] == "undone"
    assert 0.8 * backoff(0) <= said[-1]["again_in"] <= 1.2 * backoff(0)
    assert backoff(3) == 8 * backoff(0)


def test_what_fails_for_good_is_listed_with_its_reason_and_can_be_tried_again(ledger: Ledger, tmp_path: Path) -> None:
    documents = articles(tmp_path, 2)
    put(ledger, documents)
    drain(ledger, endpoint(lambda n: 400))
    failed = jobs(ledger, status="failed")
    assert [job.code for job in failed] == ["bad_request"] * 2
    assert all("not accepted" in (job.error or "") for job in failed)
    assert asyncio.run(retry(ledger, [failed[0].id])) == 1
    drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 1, "failed": 1}
    assert asyncio.run(retry(ledger, [])) == 1
    drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 2}


def test_a_job_that_was_cancelled_is_not_done_until_it_is_put_in_again(ledger: Ledger, tmp_path: Path) -> None:
    documents = articles(tmp_path, 2)
    put(ledger, documents)
    first = jobs(ledger)[0]
    assert asyncio.run(cancel(ledger, [first.id, 999])) == 1
    asked: list[str] = []
    drain(ledger, endpoint(asked=asked))
    assert sum(name.startswith("extract") for name in asked) == 1
    assert put(ledger, documents) == 1
    drain(ledger, endpoint())
    assert all(held.compared for held in ledger.held([d.id for d in documents]).values())


def test_a_worker_without_a_key_stops_and_its_documents_wait_for_others(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 4))
    stopped = drain(ledger, endpoint(lambda n: 401))
    assert "key" in (stopped.fatal or "")
    assert counted(ledger) == {"todo": 4}


def test_a_budget_holds_for_all_workers_together(ledger: Ledger, tmp_path: Path) -> None:
    shared = SharedLimits(ledger)
    shared.set(Limits(max_calls=5))
    documents = articles(tmp_path, 6)
    put(ledger, documents)
    asked: list[str] = []

    async def both() -> None:
        await asyncio.gather(*(worker(ledger, endpoint(asked=asked)).run(drain=True, pace=QUICK) for _ in range(2)))

    asyncio.run(both())
    assert len(asked) == shared.state().spent.calls == 5
    left = jobs(ledger, status="todo")
    assert {job.code for job in left} == {"budget"}
    assert not jobs(ledger, status="failed")
    shared.set(Limits(max_calls=0))
    with ledger.beside() as connection:
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 6}


def test_money_and_tokens_are_set_aside_and_settled(ledger: Ledger) -> None:
    shared = SharedLimits(ledger)
    shared.set(Limits(max_tokens=1000, max_cost=1.0))
    assert shared.reserve(Spent(1, 900, 0.5))
    assert not shared.reserve(Spent(1, 200, 0.1))
    assert not shared.reserve(Spent(1, 10, 0.6))
    shared.settle(Spent(0, -800, -0.4))
    assert shared.reserve(Spent(1, 200, 0.6))
    state = shared.state()
    assert state.spent[:2] == (2, 300)
    assert state.spent.cost == pytest.approx(0.7)
    assert state.limits == Limits(None, 1000, 1.0, None)


def test_all_workers_take_turns_at_the_endpoint(ledger: Ledger) -> None:
    shared, other = SharedLimits(ledger), SharedLimits(ledger)
    assert shared.turn() == 0.0
    assert shared.turn() == 0.0
    shared.set(Limits(per_minute=6))
    assert shared.turn() == 0.0
    assert 0 < other.turn() <= 10
    assert 10 < shared.turn() <= 20
    other.hold(100)
    assert 80 < shared.turn() <= 100


def test_a_worker_that_is_told_to_stop_finishes_what_is_under_way(ledger: Ledger, tmp_path: Path) -> None:
    documents = articles(tmp_path, 20)
    put(ledger, documents)

    async def go() -> Worker:
        begun = asyncio.Event()

        class Slow(httpx2.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                begun.set()
                await asyncio.sleep(0.2)
                return await endpoint().handle_async_request(request)

        made = worker(ledger, Slow())
        running = asyncio.ensure_future(made.run(pace=QUICK))
        await begun.wait()
        made.stopping.set()
        await running
        return made

    stopped = asyncio.run(go())
    numbers = counted(ledger)
    assert numbers.keys() == {"succeeded", "todo"}
    assert 1 <= numbers["succeeded"] == stopped.metrics.documents <= 8


def test_what_a_dead_worker_left_is_put_back(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 2)[:1])

    async def die() -> int:
        app = app_of(ledger)
        async with app.open_async():
            dead = await app.job_manager.register_worker()
            assert await app.job_manager.fetch_job(queues=None, worker_id=dead) is not None
            assert await rescue(app, 60.0) == 0
            with ledger.beside() as connection:
                long_ago = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
                connection.exec_driver_sql(long_ago)
            return await rescue(app, 60.0)

    assert asyncio.run(die()) == 1
    drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 1}


def test_an_answer_that_came_is_not_paid_again(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is lost after the answer and before the document is kept; another one, of another machine, goes on."""
    put(ledger, articles(tmp_path, 2)[:1])
    asked: list[str] = []
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "keep", _away)
        drain(ledger, endpoint(asked=asked))
    assert [name.partition("-")[0] for name in asked] == ["extract"]
    with ledger.beside() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM work_answers").scalar() == 1
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    drain(ledger, endpoint(asked=asked))
    assert counted(ledger) == {"succeeded": 1}
    assert [name.partition("-")[0] for name in asked] == ["extract", "judge"]
    assert SharedLimits(ledger).state().spent.calls == 2
    with ledger.beside() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM work_answers").scalar() == 0


def _away(*_: Any) -> None:
    raise LedgerError("the database restarts")


def test_an_answer_waits_for_a_database_that_restarts(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ledger, articles(tmp_path, 2)[:1])
    tries: list[str] = []

    def at_the_third(*given: Any) -> None:
        tries.append(given[2])
        if len(tries) < 3:
            raise LedgerError("the database restarts")
        keep_answer(*given)

    monkeypatch.setattr("factcheck.work.answers.keep_answer", at_the_third)
    monkeypatch.setattr("factcheck.work.answers.PAUSE", 0.0)
    asked: list[str] = []
    drain(ledger, endpoint(asked=asked))
    assert counted(ledger) == {"succeeded": 1}
    assert len(set(tries)) == len(asked) == len(tries) - 2


def test_an_answer_that_is_no_text_holds_nobody_up(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 2)[:1])
    said: list[dict[str, Any]] = []
    drain(ledger, httpx2.MockTransport(lambda request: httpx2.Response(200, content=b"\0\xff")), said)
    assert [one["event"] for one in said] == ["done"], "nothing waits for what cannot be kept"


def test_an_error_that_came_as_an_answer_is_asked_about_again(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 2)[:1])
    drain(ledger, httpx2.MockTransport(lambda request: httpx2.Response(200, json={"error": {"message": "busy"}})))
    with ledger.beside() as connection:
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 1}


@pytest.mark.parametrize(
    "bad",
    [
        completion("no JSON at all"),
        completion("", finish="length"),
        completion("", finish="content_filter"),
    ],
    ids=["malformed", "truncated", "refused"],
)
def test_an_answer_that_nobody_can_use_is_not_kept_for_the_next_attempt(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: httpx2.Response
) -> None:
    """Whatever the endpoint says, the first attempt is lost before the document is kept."""
    put(ledger, articles(tmp_path, 2)[:1])
    kept: list[str] = []

    def noted(*given: Any) -> None:
        kept.append(given[2])
        keep_answer(*given)

    monkeypatch.setattr("factcheck.work.answers.keep_answer", noted)
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "keep", _away)
        drain(ledger, httpx2.MockTransport(lambda request: httpx2.Response(200, content=bad.content)))
    assert kept
    with ledger.beside() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM work_answers").scalar() == 0
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = NULL, status = 'todo'")
    asked: list[str] = []
    drain(ledger, endpoint(asked=asked))
    assert counted(ledger) == {"succeeded": 1}
    assert asked[0].startswith("extract")


def test_a_connection_that_ended_while_it_waited_is_replaced(
    ledger: Ledger, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counted(ledger) == {}
    with closing(open_queue(place)) as other, other.beside() as connection:
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        ended = connection.exec_driver_sql(f"{ours} AND datname = current_database()").scalars().all()
    assert True in ended
    monkeypatch.setattr("factcheck.ledger.engines.IDLE_SECONDS", 0.0)
    assert counted(ledger) == {}


def test_a_queue_that_is_drained_says_what_it_left(place: str, ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, articles(tmp_path, 2))
    away = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--deadline", "1", "--no-cache"]
    done = CliRunner().invoke(command_line, ["worker", "--ledger", place, "--drain", *away])
    assert done.exit_code == 4
    assert "2 wait for another try; see factcheck jobs list" in done.stderr


def test_what_an_address_puts_in_is_done_before_a_worker_is_drained(ledger: Ledger) -> None:
    with serving(lambda request: page(PARAGRAPH * 3, "Ships at Pellby")) as server:
        asyncio.run(enqueue(ledger, [item_of(f"{server.url}/ships")]))
        drain(ledger, endpoint())
    assert counted(ledger) == {"succeeded": 2}


def test_what_another_worker_has_is_waited_for(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come back, and a worker that is drained does it then."""
    put(ledger, articles(tmp_path, 2)[:1])
    looks: list[bool] = []

    def looked(of: Ledger) -> bool:
        looks.append(is_idle(of))
        with of.beside() as connection:
            connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
        return looks[-1]

    with ledger.beside() as connection:
        connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'doing'")
    monkeypatch.setattr("factcheck.work.worker.is_idle", looked)
    monkeypatch.setattr("factcheck.work.worker.rescue", _nobody_to_rescue)
    drain(ledger, endpoint())
    assert looks == [False, True]
    assert counted(ledger) == {"succeeded": 1}


async def _nobody_to_rescue(*_: Any) -> int:
    return 0


def test_prometheus_is_told_of_documents_calls_and_the_queue() -> None:
    pytest.importorskip("prometheus_client", reason="needs the extra `workers`")
    figures = Metrics()
    port = _free_port()
    figures.serve(f"127.0.0.1:{port}", lambda: {"todo": 7})
    figures.done("a", 1.5)
    figures.log("undone", item="b")
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
    assert "factcheck_documents_total 1.0" in text
    assert "factcheck_undone_total 1.0" in text
    assert 'factcheck_jobs{status="todo"} 7.0' in text
    assert 'factcheck_document_seconds_bucket{le="2.0"} 1.0' in text


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
