"""Commands that write into a ledger, each in a process that is killed at a random moment and looked at from outside."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
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
from tests.support.desk import RUN, entries
from tests.support.deskweb import fill
from tests.support.scripted import transport
from tests.support.weighing import ARTICLE, read_by_rule, write_releases

FINDINGS = 24
BY = ("--by", "Mina Ek")


IsDone = Callable[[Connection, int], bool]


class Command(NamedTuple):
    """What is run for the nth time, and whether a ledger holds what it does."""

    name: str
    arguments: Callable[[int], list[str]]
    is_done: IsDone


class Killed(NamedTuple):
    """How many processes were killed, how many were done before, and what was wrong."""

    kills: int
    late: int
    faults: list[str]


def commands(place: str, folder: Path) -> list[Command]:
    """Every command that writes, over a ledger of invented articles with findings."""
    found = fill(place, FINDINGS)
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        held = list(connection.execute(select(documents.c.id).order_by(documents.c.seq)).scalars())
        names = sorted(set(connection.execute(select(claims.c.speaker)).scalars()))
    more = folder / "more.jsonl"
    _exported(folder / "other.db", more)
    write_releases(folder / "archive")
    watched = folder / "watched"
    watched.mkdir()
    looking = ["--ledger", place, "--evidence", str(folder / "archive")]
    watching = ["watch", "run", "--once", "--ledger", place]
    CliRunner().invoke(app, ["watch", "add", str(watched), "--ledger", place])
    warm = ["check", _article(folder / "warm.md", 0), "--ledger", str(folder / "other.db"), *looking[2:]]
    assert _run(warm) == 0  # what takes long to import is there before a process is made

    def logged(name: str, action: log.Action, *arguments: Sequence[str]) -> Command:
        def nth(n: int) -> list[str]:
            return [a if isinstance(a, str) else a[n % len(a)] for a in (*arguments, *BY, "--ledger", place)]

        return Command(name, nth, lambda connection, n: bool(log.decisions(connection, action)))

    def checked(name: str, home: Path, first: int, rest: list[str], is_done: IsDone) -> Command:
        def nth(n: int) -> list[str]:
            path = _article(home / f"{name}{n}.md", first + n)
            return rest if rest[0] == "watch" else ["check", path, *rest]

        return Command(name, nth, lambda connection, n: is_done(connection, first + n))

    return [
        logged("review", "accepted", "review", found, "accept"),
        logged("retract", "retract", "ledger", "retract", held, "--note", "x"),
        logged("merge", "merge", "speakers", "merge", names[:20], names[20:40]),
        Command("import", lambda n: ["ledger", "import", str(more), "--ledger", place], _imported),
        checked("check", folder, 1, ["--ledger", place], _compared),
        checked("evidence", folder, 500, looking, _looked_into),
        checked("watch", watched, 900, watching, _compared),
    ]


def _exported(place: Path, file: Path) -> None:
    """Another ledger, taken out."""
    with closing(open_ledger(str(place))) as ledger:
        with ledger.writing() as connection:
            add(connection, list(entries(6, 3, seed=8)), RUN)
        with ledger.reading() as connection:
            file.write_text("".join(export(connection)), encoding="utf-8")


def _article(path: Path, n: int) -> str:
    path.write_text(f"---\ntitle: W{n}\npublished: 2024-06-10\n---\n\n{ARTICLE} It is number {n}.\n", encoding="utf-8")
    return str(path)


def _imported(connection: Connection, n: int) -> bool:
    titles = connection.execute(select(documents.c.title).where(documents.c.title.startswith("8-"))).all()
    return len(titles) == 6


def _compared(connection: Connection, n: int) -> bool:
    home = select(documents.c.id).where(documents.c.title == f"W{n}")
    return len(connection.execute(select(comparisons).where(comparisons.c.document_id.in_(home))).all()) == 1


def _looked_into(connection: Connection, n: int) -> bool:
    home = select(documents.c.id).where(documents.c.title == f"W{n}")
    own = select(claims.c.id).where(claims.c.document_id.in_(home))
    return len(connection.execute(select(checks).where(checks.c.claim_id.in_(own))).all()) >= 4


@contextmanager
def running(arguments: list[str]) -> Iterator[int]:
    """A process that runs a command with an endpoint that weighs by rule; its number."""
    child = os.fork()
    if child == 0:
        os._exit(_run(arguments))
    yield child


def _run(arguments: list[str]) -> int:
    given = {"FACTCHECK_MODEL": "m", "FACTCHECK_BASE_URL": "http://127.0.0.1:9/v1", "FACTCHECK_NO_CACHE": "1"}
    with patch.dict(os.environ, given), patch("httpx2.AsyncHTTPTransport", lambda **_: transport(read_by_rule)):
        return CliRunner().invoke(app, arguments).exit_code


def kill_each(place: str, folder: Path, kills: int, *, only: Sequence[str] = (), seed: int = 1) -> Killed:
    """Kill commands in turn at random moments; what a ledger held before must be there after, and it must verify.

    A SQLite ledger's files are also copied at that moment, as a machine without power leaves them. Each command is then
    run to its end, and what it does must be there.
    """
    dice, late = random.Random(seed), 0
    faults: list[str] = []
    lengths: dict[str, float] = {}
    every = [c for c in commands(place, folder) if not only or c.name in only]
    for n in range(kills + len(every)):
        command, turn = every[n % len(every)], n // len(every)
        arguments = command.arguments(turn)
        with closing(open_ledger(place)) as ledger:
            head = ledger.head()
        began = time.monotonic()
        with running(arguments) as child:
            if turn:  # the first time shows how long it takes
                time.sleep(dice.uniform(0.1, 1.0) * lengths[command.name])
                late += _stopped(child, place, folder / "left", head, faults)
            else:
                os.waitpid(child, 0)
                lengths[command.name] = time.monotonic() - began
        faults += [f"{command.name} {turn}: {line}" for line in _state(place, head)]
        with running(arguments) as child:
            os.waitpid(child, 0)
        with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
            if not command.is_done(connection, turn):
                faults.append(f"{command.name} {turn}: run again, it is not done")
    return Killed(kills, late, faults)


def _stopped(child: int, place: str, left: Path, head: str, faults: list[str]) -> bool:
    """Stop a process, look at what a machine without power would find, and kill it; whether it was over already."""
    os.kill(child, signal.SIGSTOP)
    if "://" not in place:
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        for end in ("", "-wal"):
            if Path(place + end).exists():
                shutil.copy(place + end, left / f"desk.db{end}")
        faults += [f"without power: {line}" for line in _state(str(left / "desk.db"), head)]
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


def _state(place: str, head: str) -> list[str]:
    """What is wrong with a ledger that must hold all that a head stands for."""
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        return verify(connection, earlier=head)
