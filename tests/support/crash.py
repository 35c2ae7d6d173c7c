"""Many real processes and one ledger: killed at any moment, or all writing at once."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

import factcheck
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.schema import claims, documents
from factcheck.ledger.verify import fingerprint, verify
from factcheck.llm.recordings import RecordingTransport, Store
from tests.support.scripted import draft, judged, source, transport

CLAIMS = 3


class Stack(NamedTuple):
    """Articles on disk, and the recorded answers to all that is asked about them."""

    articles: list[Path]
    recordings: Path


class State(NamedTuple):
    """What a ledger holds: claims by document, faults, and the fingerprint of the whole."""

    claims: dict[str, int]
    faults: list[str]
    seal: str


def stack(folder: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """So many articles and their recordings; no two share a word, so that none is a candidate of another."""
    (folder / "articles").mkdir()
    paths = []
    for n in range(number):
        path = folder / "articles" / f"{n:03}.md"
        day = f"2024-{1 + n % 12:02}-{1 + n // 12 % 28:02}"
        body = " ".join(f"Ann{n}x{i} saw pier{n}x{i}." for i in range(CLAIMS))
        path.write_text(f"---\npublished: {day}\npublisher: The Echo\n---\n{body}\n", encoding="utf-8")
        paths.append(path)
    made = Stack(paths, folder / "recordings")
    with monkeypatch.context() as patch:
        inner = transport(_answer)
        patch.setattr(
            "factcheck.api.transport_for",
            lambda *a, **k: RecordingTransport(Store(made.recordings), inner, read=False),
        )
        settings = factcheck.load_settings(model="m", base_url="http://127.0.0.1:1/v1", use_cache=False)
        report = factcheck.check(paths, settings=settings, ledger=folder / "whole.db")
    assert not report.problems
    return made


def _answer(schema: str, user: str) -> Any:
    if not schema.startswith("extract"):
        return judged() if schema.startswith("judge") else {"looks": []}
    found = re.findall(r"^\[(\d+)\] (Ann\S+) saw (\S+)\.", user, re.MULTILINE)
    return {
        "sources": [source(int(n), who) for n, who, _ in found],
        "claims": [draft(int(n), by=int(n), topic=what) for n, _, what in found],
    }


def start(made: Stack, place: str, articles: Sequence[Path] | None = None) -> subprocess.Popen[bytes]:
    """The real command line, replaying."""
    chosen = [str(path) for path in articles or made.articles]
    command = [sys.executable, "-m", "factcheck", "check", *chosen, "--ledger", place, "--replay", str(made.recordings)]
    environment = {**os.environ, "HOME": str(made.recordings.parent)}
    return subprocess.Popen(
        [*command, "--format", "json"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that must succeed."""
    _, told = process.communicate(timeout=600)
    assert process.returncode == 0, told.decode()


def state(place: str) -> State:
    """Look into a ledger from outside."""
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        counted = select(documents.c.id, func.count(claims.c.id)).join(
            claims, claims.c.document_id == documents.c.id, isouter=True
        )
        held = {row[0]: row[1] for row in connection.execute(counted.group_by(documents.c.id))}
        return State(held, verify(connection), fingerprint(connection))


def kill_at_random(made: Stack, new_place: Any, kills: int, *, seed: int = 1) -> int:
    """Kill so many runs at random moments, each resuming the one before; returns how many ledgers were completed.

    Documents that were seen before a kill must be there after it, whole, and a ledger that is completed after
    any number of kills must be the one of an uninterrupted run.
    """
    dice = random.Random(seed)
    place = new_place()
    began = time.monotonic()
    finish(start(made, place))
    length = time.monotonic() - began
    whole = state(place)
    assert set(whole.claims.values()) == {CLAIMS}
    completed, place = 0, new_place()
    state(place)
    for _ in range(kills):
        process = start(made, place)
        time.sleep(dice.uniform(0.3, 1.0) * length)
        acknowledged = state(place).claims
        process.send_signal(signal.SIGKILL)
        process.communicate()
        after = state(place)
        assert acknowledged.items() <= after.claims.items(), "an acknowledged document was lost"
        assert set(after.claims.values()) <= {CLAIMS}, "a document is torn"
        assert after.faults == []
        if len(after.claims) == len(made.articles):
            assert after.seal == whole.seal
            completed, place = completed + 1, new_place()
            state(place)
    finish(start(made, place))
    assert state(place).seal == whole.seal
    return completed + 1


def add_at_once(made: Stack, place: str, processes: int) -> None:
    """Deal the articles out to so many processes that all write into one ledger, and look at the result."""
    running = [start(made, place, made.articles[i::processes]) for i in range(processes)]
    for process in running:
        finish(process)
    after = state(place)
    assert len(after.claims) == len(made.articles)
    assert set(after.claims.values()) == {CLAIMS}
    assert after.faults == []
