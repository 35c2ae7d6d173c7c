"""Commands that write into a ledger, each in a process that is killed at a random moment and looked at from outside."""

from __future__ import annotations

import faulthandler
import itertools
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from sqlalchemy import Connection, select
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.ledger import log
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.exchange import export
from factcheck.ledger.schema import checks, claims, comparisons, documents
from factcheck.ledger.store import add
from factcheck.ledger.verify import verify
from factcheck.work.tables import feeds
from tests.support.desk import RUN, entries
from tests.support.deskweb import fill
from tests.support.scripted import transport
from tests.support.weighing import ARTICLE, read_by_rule, write_releases

FINDINGS = 30
BY = ("--by", "Mina Ek")
HANGS = 120.0
"""Seconds after which a process ends itself and says where it stood."""

IsDone = Callable[[Connection, int], bool]


class Command(NamedTuple):
    """What is run for the nth time, and whether a ledger holds what it does."""

    name: str
    arguments: Callable[[int], list[str]]
    is_done: IsDone


class Killed(NamedTuple):
    """How many processes of each command were killed, how many more had ended before that, and what was wrong."""

    kills: Counter[str]
    late: int
    faults: list[str]


def commands(place: str, folder: Path) -> list[Command]:
    """Every command that writes, over a ledger of invented articles with findings."""
    found = fill(place, FINDINGS)
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        held = list(connection.execute(select(documents.c.id).order_by(documents.c.seq)).scalars())
        names = sorted(set(connection.execute(select(claims.c.speaker)).scalars()))
    write_releases(folder / "archive")
    watched = folder / "watched"
    watched.mkdir()
    looking = ["--evidence", str(folder / "archive")]
    warm = ["check", _article(folder / "warm.md", 0), "--ledger", str(folder / "other.db"), *looking]
    assert _run(warm) == 0  # what takes long to import is there before a process is made
    assert _run(["watch", "add", str(watched), "--every", "1s", "--ledger", place]) == 0
    at = ["--ledger", place]
    on_postgres = [Command("enqueue", lambda n: ["enqueue", _article(folder / f"q{n}.md", 2000 + n), *at], _enqueued)]
    return [
        _logged("review", "accepted", lambda n: ["review", found[n], "accept", *BY, *at]),
        _logged("retract", "retract", lambda n: ["ledger", "retract", held[n], "--note", "x", *BY, *at]),
        _logged("merge", "merge", lambda n: ["speakers", "merge", names[2 * n], names[2 * n + 1], *BY, *at]),
        _logged("undo", "undo", lambda n: ["speakers", "undo", _last_merge(place), *BY, *at]),
        _logged("split", "split", lambda n: ["speakers", "split", names[2 * n], names[2 * n + 1], *BY, *at]),
        Command("import", lambda n: ["ledger", "import", _exported(folder, n), *at], _imported),
        Command("check", lambda n: ["check", _article(folder / f"c{n}.md", n), *at], _compared),
        Command("evidence", lambda n: ["check", _article(folder / f"e{n}.md", 500 + n), *at, *looking], _looked_into),
        Command("watch", lambda n: _watching(place, watched / f"w{n}.md", 900 + n), _watched),
        Command("watch add", lambda n: ["watch", "add", _folder(folder / f"f{n}"), *at], _is_watched),
        *(on_postgres if "://" in place else []),
    ]


def _logged(name: str, action: log.Action, arguments: Callable[[int], list[str]]) -> Command:
    """A command whose every turn adds a decision."""
    return Command(name, arguments, lambda connection, n: len(log.decisions(connection, action)) > n)


def _last_merge(place: str) -> str:
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        return str(log.decisions(connection, "merge")[-1].seq)


def _watching(place: str, article: Path, n: int) -> list[str]:
    """An article in a watched folder, and a look at it as soon as one is due."""
    if not article.exists():
        _article(article, n)
    return ["watch", "run", "--once", "--ledger", place]


def _folder(path: Path) -> str:
    path.mkdir(exist_ok=True)
    return str(path)


def _exported(folder: Path, n: int) -> str:
    """Another ledger, taken out."""
    file = folder / f"more{n}.jsonl"
    if not file.exists():
        with closing(open_ledger(str(folder / f"other{n}.db"))) as ledger:
            with ledger.writing() as connection:
                add(connection, list(entries(6, 3, seed=1000 + n)), RUN)
            with ledger.reading() as connection:
                file.write_text("".join(export(connection)), encoding="utf-8")
    return str(file)


def _article(path: Path, n: int) -> str:
    path.write_text(f"---\ntitle: W{n}\npublished: 2024-06-10\n---\n\n{ARTICLE} It is number {n}.\n", encoding="utf-8")
    return str(path)


def _imported(connection: Connection, n: int) -> bool:
    titles = connection.execute(select(documents.c.title).where(documents.c.title.startswith(f"{1000 + n}-"))).all()
    return len(titles) == 6


def _compared(connection: Connection, n: int) -> bool:
    home = select(documents.c.id).where(documents.c.title == f"W{n}")
    return len(connection.execute(select(comparisons).where(comparisons.c.document_id.in_(home))).all()) == 1


def _watched(connection: Connection, n: int) -> bool:
    return _compared(connection, 900 + n)


def _looked_into(connection: Connection, n: int) -> bool:
    home = select(documents.c.id).where(documents.c.title == f"W{500 + n}")
    own = select(claims.c.id).where(claims.c.document_id.in_(home))
    return len(connection.execute(select(checks).where(checks.c.claim_id.in_(own))).all()) >= 4


def _is_watched(connection: Connection, n: int) -> bool:
    found = connection.execute(select(feeds.c.address).where(feeds.c.address.endswith(f"/f{n}"))).all()
    return len(found) == 1


def _enqueued(connection: Connection, n: int) -> bool:
    home = "procrastinate_jobs j JOIN work_items i ON j.args->>'item' = i.id"
    waiting = connection.exec_driver_sql(f"SELECT i.document FROM {home}").scalars()
    return sum(f"It is number {2000 + n}." in str(document) for document in waiting) == 1


@contextmanager
def running(arguments: list[str]) -> Iterator[int]:
    """A process that runs a command with an endpoint that weighs by rule; its number."""
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(HANGS, exit=True, file=2)
        os._exit(_run(arguments))
    yield child


def _run(arguments: list[str]) -> int:
    given = {"FACTCHECK_MODEL": "m", "FACTCHECK_BASE_URL": "http://127.0.0.1:9/v1", "FACTCHECK_NO_CACHE": "1"}
    with patch.dict(os.environ, given), patch("httpx2.AsyncHTTPTransport", lambda **_: transport(read_by_rule)):
        return CliRunner().invoke(app, arguments).exit_code


def kill_each(place: str, folder: Path, kills: int, *, only: Sequence[str] = (), seed: int = 1) -> Killed:
    """Kill commands in turn at random moments; what a ledger held before must be there after, and it must verify.

    A SQLite ledger's files are also copied at that moment, as a machine without power leaves them. Each command is then
    run to its end, and what it does must be there. A process that had ended before it could be killed does not count.
    """
    dice, killed, late = random.Random(seed), Counter[str](), 0
    faults: list[str] = []
    lengths: dict[str, float] = {}
    every = [c for c in commands(place, folder) if not only or c.name in only]
    turns = ((turn, command) for turn in itertools.count() for command in every)
    while killed.total() < kills:
        turn, command = next(turns)
        arguments = command.arguments(turn)
        head = _head(place)
        if turn:  # the first time shows how long it takes
            wait = dice.uniform(0.05, 1.0) * lengths[command.name]
            is_late = _killed(arguments, wait, place, folder / "left", head, faults)
            killed[command.name] += not is_late
            late += is_late
            faults += [f"{command.name} {turn}: {line}" for line in _state(place, head)]
        lengths[command.name] = min(_finished(arguments), lengths.get(command.name, HANGS))
        if not _is_done(place, command, turn, arguments):
            faults.append(f"{command.name} {turn}: run again, it is not done")
    return Killed(killed, late, faults)


def _head(place: str) -> str:
    with closing(open_ledger(place)) as ledger:
        return ledger.head()


def _finished(arguments: list[str]) -> float:
    """Run a command to its end; the seconds that it took."""
    began = time.monotonic()
    with running(arguments) as child:
        os.waitpid(child, 0)
    return time.monotonic() - began


def _is_done(place: str, command: Command, turn: int, arguments: list[str]) -> bool:
    """Whether a ledger holds what a command does; a source whose look was cut off is looked at again when it is due."""
    for _ in range(20 if command.name == "watch" else 1):
        with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
            if command.is_done(connection, turn):
                return True
        if command.name == "watch":
            time.sleep(0.3)
            _finished(arguments)
    return False


def _killed(arguments: list[str], wait: float, place: str, left: Path, head: str, faults: list[str]) -> bool:
    """Start a command, stop it after a while, look at what a machine without power would find, and kill it.

    Whether it had ended already. Faults of the copy are added.
    """
    with running(arguments) as child:
        time.sleep(wait)
        os.kill(child, signal.SIGSTOP)
        if "://" not in place:
            _copied(place, left)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if "://" not in place:
        faults += [f"{arguments[:2]} without power: {line}" for line in _state(str(left / "desk.db"), head)]
    return os.WIFEXITED(status)


def _copied(place: str, left: Path) -> None:
    """The files of a SQLite ledger at this instant; its shared memory does not outlive a machine."""
    shutil.rmtree(left, ignore_errors=True)
    left.mkdir()
    for end in ("", "-wal"):
        if Path(place + end).exists():
            shutil.copy(place + end, left / f"desk.db{end}")


def _state(place: str, head: str) -> list[str]:
    """What is wrong with a ledger that must hold all that a head stands for."""
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        return verify(connection, earlier=head)
