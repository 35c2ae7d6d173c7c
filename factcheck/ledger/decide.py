"""What people decide and say about findings and documents: it goes to the end of the log and is never removed.

Whoever acts on what they saw names the last entry that they had `seen`; a newer one is a `Conflict`, unless it is
overridden on purpose. Entries are taken back by further entries.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, select

from factcheck.errors import Conflict, UsageError
from factcheck.ledger.log import Action, Decision, append, decisions_about, entry
from factcheck.ledger.prefixes import resolve
from factcheck.ledger.schema import findings
from factcheck.ledger.store import now
from factcheck.ledger.successions import withdraw

ABOUT_FINDINGS: tuple[Action, ...] = ("accepted", "dismissed", "comment", "assign")
CAN_BE_UNDONE: tuple[Action, ...] = (*ABOUT_FINDINGS, "merge", "split")

LONGEST_NAME = 200
LONGEST_NOTE = 20_000
"""Characters of a name, and of a note or comment."""


def decide(
    connection: Connection,
    key: str,
    decision: Literal["accepted", "dismissed"],
    *,
    by: str,
    note: str = "",
    seen: int | None = None,
    override: bool = False,
) -> Decision:
    """Accept or dismiss a finding, for its two statements wherever they come back; the last decision counts.

    Raises UsageError for an id that is no finding, for a decision without a name, and for a dismissal without a reason.
    """
    if decision == "dismissed" and not note.strip():
        raise UsageError("a dismissal needs a reason that others can read later: --note WHY")
    pair = pair_of(connection, key)
    _unless_newer(connection, pair, key, seen, override=override)
    return append(connection, decision, pair, by=named(by), note=_noted(note))


def comment(connection: Connection, key: str, words: str, *, by: str) -> Decision:
    """Say something about a finding without deciding. Raises UsageError for an empty comment."""
    if not words.strip():
        raise UsageError("a comment needs words")
    return append(connection, "comment", pair_of(connection, key), by=named(by), note=_noted(words))


def assign(
    connection: Connection, key: str, to: str | None, *, by: str, seen: int | None = None, override: bool = False
) -> Decision:
    """Give a finding to somebody to look at, or with None to nobody. Raises UsageError as `decide` does."""
    pair = pair_of(connection, key)
    _unless_newer(connection, pair, key, seen, override=override)
    return append(connection, "assign", pair, by=named(by), data={"to": named(to, "to") if to is not None else None})


def undo(
    connection: Connection,
    target: str | int,
    *,
    by: str,
    note: str = "",
    seen: int | None = None,
    override: bool = False,
) -> Decision:
    """Take back an entry of the log by its number, or the last one about a finding that still stands, by its id.

    Raises UsageError where there is none, or where it was taken back already.
    """
    if isinstance(target, int) or target.strip().isdecimal():
        number = int(target)
    else:
        pair = pair_of(connection, target)
        _unless_newer(connection, pair, target, seen, override=override)
        number = _last_standing(connection, pair, target)
    kept = entry(connection, number)
    if kept is None or kept.action not in CAN_BE_UNDONE:
        raise UsageError(f"{number}: is no entry of the log that can be taken back")
    if earlier := [d for d in decisions_about(connection, [str(number)]) if d.action == "undo"]:
        raise UsageError(f"{number}: was taken back already, by {earlier[0].by} on {earlier[0].at} ({earlier[0].seq})")
    return append(connection, "undo", str(number), by=named(by), note=_noted(note), data={"seq": number})


def history(connection: Connection, pair: str) -> list[Decision]:
    """All entries about a finding, what was taken back and by whom included, oldest first."""
    own = decisions_about(connection, [pair])
    undone = [d for d in decisions_about(connection, [str(d.seq) for d in own]) if d.action == "undo"]
    return sorted([*own, *undone], key=lambda d: d.seq)


def standing(entries: Sequence[Decision]) -> list[Decision]:
    """Of these entries those that were not taken back, and no undoing itself."""
    gone = {d.data.get("seq") for d in entries if d.action == "undo"}
    return [d for d in entries if d.action != "undo" and d.seq not in gone]


def retract(connection: Connection, document_id: str, *, by: str, note: str) -> Decision:
    """Say that a document no longer stands, and mark the findings that rest on it as stale. Raises UsageError."""
    document_id = resolve(connection, document_id, "document")
    at, who, why = now(), named(by), _noted(note)
    withdraw(connection, document_id, f"retracted by {who}{f': {why}' if why else ''}", at)
    return append(connection, "retract", document_id, by=who, note=why, at=at)


def pair_of(connection: Connection, key: str) -> str:
    """What the log calls a finding: the key of its two statements. Raises UsageError for an id that is no finding."""
    found = resolve(connection, key, "finding")
    query = select(findings.c.pair).where(findings.c.id == found)
    return found if found.startswith("p-") else str(connection.execute(query).scalar_one())


def named(by: str, what: str = "by") -> str:
    """The name of whoever decides. Raises UsageError for an empty one, and for one that cannot be shown in a line."""
    name = " ".join(_writable(by).split())
    if not name:
        raise UsageError(f"--{what}: needs the name of whoever {'decides' if what == 'by' else 'it is given to'}")
    if len(name) > LONGEST_NAME or any(unicodedata.category(c) == "Cc" for c in name):
        raise UsageError(f"--{what}: a name has at most {LONGEST_NAME} characters, all of which can be seen")
    return name


def _noted(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"--note: has {len(note):,} characters; write at most {LONGEST_NOTE:,}")
    return _writable(note).strip()


def _writable(words: str) -> str:
    """Words as every database takes them: without NUL and half characters."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()


def _last_standing(connection: Connection, pair: str, key: str) -> int:
    left = standing(history(connection, pair))
    if not left:
        raise UsageError(f"{key}: nobody decided or said anything about it that can be taken back")
    return left[-1].seq


def _unless_newer(connection: Connection, pair: str, key: str, seen: int | None, *, override: bool) -> None:
    """Raise Conflict where somebody wrote about a finding after the entry that was seen; UsageError if it is none."""
    if seen is None or override:
        return
    entries = history(connection, pair)
    if seen > max((d.seq for d in entries), default=0):
        raise UsageError(f"{key}: has no entry {seen} that anybody could have seen; look at it again")
    newer = [d for d in entries if d.seq > seen]
    if newer:
        last = newer[-1]
        what = last.action if last.action != "undo" else f"undo of entry {last.data['seq']}"
        told = ": " + " ".join(last.note.split())[:120] if last.note else ""
        raise Conflict(
            f"{key}: {last.by} was quicker ({what}, {last.at}{told}); look again before you override it",
            seq=last.seq, action=last.action, by=last.by, at=last.at, note=last.note,
        )  # fmt: skip
