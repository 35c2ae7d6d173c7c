"""Invented findings between invented claims, and people who work on them from many processes at once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, get_args

from factcheck.errors import Conflict
from factcheck.ids import content_id
from factcheck.ledger import log
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.findings import FindingFilter, FindingRow
from factcheck.ledger.log import Decision
from factcheck.ledger.store import Entry, add, add_findings
from factcheck.models import Finding, FindingKind
from tests.support.desk import RUN, batches, entries

ROOT = str(Path(__file__).parents[2])
PEOPLE = ("Mina Ek", "Ola Ny", "Pia Ask", "Sam Orr")


def fill(ledger: Ledger, claims: int, findings: int, *, seed: int = 7) -> list[str]:
    """Put so many claims, 15 a document, and findings between them into a ledger; returns the ids of the findings."""
    sides: list[Entry] = []
    for part in batches(entries(claims // 15, seed=seed), 200):
        with ledger.writing() as connection:
            add(connection, part, RUN)
        sides += part
    dice = random.Random(seed)
    found = [_finding(dice, *dice.sample(sides, 2)) for _ in range(findings)]
    with ledger.writing() as connection:
        add_findings(connection, found)
    return [finding.id for finding, _ in found]


def _finding(dice: random.Random, a: Entry, b: Entry) -> tuple[Finding, str]:
    first, second = dice.choice(a.claims), dice.choice(b.claims)
    kind: FindingKind = dice.choice(get_args(FindingKind))
    made = Finding(
        id=content_id("f", first.id, second.id),
        kind=kind,
        severity=dice.choice(("full", "partial")),
        tier=dice.choice(("strong", "lead")),
        a=first.id,
        b=second.id,
        explanation=f"{first.topic} against {second.topic}.",
        reading="Both may stand.",
    )
    return made, b.document.id


def work(place: str, name: str, actions: int) -> None:
    """Decide, comment, assign and take back at random, so many times, and say what the ledger acknowledged.

    A conflict is met as people meet it: look again, then act on what is there now.
    """
    dice = random.Random(name)
    with closing(open_ledger(place)) as ledger:
        ids = ledger.finding_ids(FindingFilter(state="all"))
        for number in range(actions):
            done = _acted(ledger, dice.choice(ids), name, f"{name}, {number}", dice)
            os.write(sys.stdout.fileno(), f"{json.dumps(done)}\n".encode())  # whole lines, also beside other processes


def _acted(ledger: Ledger, key: str, by: str, note: str, dice: random.Random) -> dict[str, Any]:
    conflicts = 0
    while True:
        row = ledger.finding(key).row
        seen = row.seen
        try:
            made = _act(ledger, row, by, note, dice)
        except Conflict:
            conflicts += 1
            continue
        return {"seq": made.seq, "pair": row.pair, "seen": seen, "note": note, "conflicts": conflicts}


def _act(ledger: Ledger, row: FindingRow, by: str, note: str, dice: random.Random) -> Decision:
    key, seen, roll = row.finding.id, row.seen, dice.random()
    if roll < 0.4:
        decision: Literal["accepted", "dismissed"] = "accepted" if row.state == "dismissed" else "dismissed"
        return ledger.decide(key, decision, by=by, note=note, seen=seen)
    if roll < 0.6:
        return ledger.assign(key, dice.choice(PEOPLE), by=by, seen=seen)
    if roll < 0.75 and row.finding.verdict:
        return ledger.undo(key, by=by, note=note, seen=seen)
    return ledger.comment(key, note, by=by)


def started(place: str, name: str, actions: int, processes: int = 1) -> subprocess.Popen[str]:
    """So many processes at work; what they acknowledge comes out line by line."""
    command = [sys.executable, "-m", "tests.support.disputes", place, name, str(actions), str(processes)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": ROOT}
    )


def faults_of(ledger: Ledger, acknowledged: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was lost or overwritten unseen of what the ledger acknowledged, and what is wrong with its chain."""
    with ledger.reading() as connection:
        entries = log.decisions(connection, *log.ACTIONS)
        found = log.faults(connection)
    kept = {d.seq: d for d in entries}
    about: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        about[entry.subject if entry.action != "undo" else kept[entry.data["seq"]].subject].append(entry.seq)
    for told in acknowledged:
        made = kept.get(told["seq"])
        if made is None or (made.action != "assign" and made.note != told["note"]):
            found.append(f"entry {told['seq']} is lost")
        elif made.action != "comment" and any(told["seen"] < n < told["seq"] for n in about[told["pair"]]):
            found.append(f"entry {told['seq']} overwrote what its author had not seen")
    return found


if __name__ == "__main__":
    where, who, times, crowd = sys.argv[1:]
    children = []
    for n in range(int(crowd)):
        if (child := os.fork()) == 0:
            work(where, f"{who} {n}", int(times))
            os._exit(0)
        children.append(child)
    sys.exit(max(os.waitpid(child, 0)[1] for child in children))
