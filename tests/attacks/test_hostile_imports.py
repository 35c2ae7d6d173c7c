"""Exports that somebody changed are refused with one line, or hold as a whole; `make bench` reads four hundred."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.errors import UsageError
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.exchange import export, read_in
from factcheck.ledger.verify import fingerprint, verify
from tests.attacks import test_tampering
from tests.conftest import Places

desk = test_tampering.desk


def lines_of(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return list(export(connection))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a line."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return (
        [path, *(leaf for key, part in inner for leaf in leaves(part, (*path, key)))]
        if path
        else [leaf for key, part in inner for leaf in leaves(part, (key,))]
    )


def forged(lines: list[str], dice: random.Random) -> list[str]:
    """The export with one value changed, one line moved or lost, or one that nobody can read."""
    lines = list(lines)
    n = dice.randrange(len(lines))
    what = dice.choice(["value", "value", "value", "value", "lose", "move", "twice", "deep", "junk"])
    if what == "lose":
        lines.pop(n)
    elif what == "move":
        lines.insert(dice.randrange(len(lines)), lines.pop(n))
    elif what == "twice":
        lines.insert(n, lines[n])
    elif what == "deep":
        lines[n] = '{"type": "document", "document": ' + "[" * 100_000 + "\n"
    elif what == "junk":
        lines[n] = dice.choice(["", "null", "[1]", '{"type": null}', '{"type": "claim"}', "\ufffd", '"x"']) + "\n"
    else:
        value = json.loads(lines[n])
        *path, last = dice.choice(leaves(value))
        at = value
        for key in path:
            at = at[key]
        odd: list[Any] = [None, "", "Ann Roe confessed to theft", 7, -1, 1e400, [], {}, ["x"], True, "\ud800", "d-0"]
        at[last] = dice.choice([*odd, f"{at[last]} not", f"{at[last]}"[:-1]])
        lines[n] = json.dumps(value) + "\n"
    return lines


def unproved(lines: list[str], folder: Path, number: int, *, seed: int) -> list[str]:
    """Of so many forged exports those that were neither refused with one line nor hold."""
    dice, bad = random.Random(seed), list[str]()
    open_ledger(str(folder / "empty.db")).close()
    for n in range(number):
        place = str(shutil.copy(folder / "empty.db", folder / f"copy{n}.db"))
        with closing(open_ledger(place)) as copy:
            try:
                read_in(copy, forged(lines, dice), "forged.jsonl")
            except UsageError as error:
                if "\n" in str(error) or not str(error).startswith("forged.jsonl"):
                    bad.append(str(error))
            with copy.reading() as connection:
                bad += verify(connection)
    return bad


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of a small ledger with everything in it."""
    place = str(tmp_path_factory.mktemp("exported") / "desk.db")
    with closing(test_tampering.filled(place)) as ledger:
        return lines_of(ledger)


def test_forged_exports_are_refused_or_hold(exported: list[str], tmp_path: Path) -> None:
    assert unproved(exported, tmp_path, 30, seed=11) == []


def test_an_export_carries_everything(desk: Ledger, places: Places) -> None:
    lines = lines_of(desk)
    with closing(open_ledger(places())) as copy:
        assert read_in(copy, lines, "desk.jsonl") == 4
        assert read_in(copy, lines, "desk.jsonl") == 0
        with copy.reading() as connection, desk.reading() as original:
            assert verify(connection) == []
            assert fingerprint(connection) == fingerprint(original)
        assert lines_of(copy) == lines


def change(lines: list[str], kind: str, edit: Any) -> list[str]:
    found = [json.loads(line) for line in lines]
    edit(next(value for value in found if value["type"] == kind))
    return [json.dumps(value) + "\n" for value in found]


FORGED: dict[str, tuple[str, Any, str]] = {
    "a quote": ("document", lambda v: v["claims"][0]["quotes"][0].update(exact="Nobody"), "does not stand in its doc"),
    "a text": ("document", lambda v: v["claims"][0].update(text="The pier is sold"), "is not its quoted words"),
    "a speaker": ("document", lambda v: v["claims"][0]["attribution"].update(speaker="Ola Ny"), "the id of its quotes"),
    "a target": ("document", lambda v: v["claims"][0].update(target="Quentin Zorn"), "names Quentin Zorn, of whom its"),
    "a kind": ("document", lambda v: v["claims"][0].update(kind="crime"), "official_position"),
    "a run": ("document", lambda v: v.update(run="r-0"), "its run r-0 is not in the file"),
    "a side": ("finding", lambda v: v["finding"].update(a="c-0"), "does not have the id of its two claims"),
    "a verdict": ("finding", lambda v: v["finding"].update(stale="gone"), "holds what only decisions"),
    "an answer": ("answer", lambda v: v.update(answer="c-0"), "claim c-0 is neither in the file"),
    "a tie": ("tie", lambda v: v.update(end=9999), "the sentence that shows who"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_was_forged_is_named_with_its_line(exported: list[str], tmp_path: Path, name: str) -> None:
    kind, edit, words = FORGED[name]
    file = tmp_path / "forged.jsonl"
    file.write_text("".join(change(exported, kind, edit)), encoding="utf-8")
    result = CliRunner().invoke(app, ["ledger", "import", str(file), "--ledger", str(tmp_path / "copy.db")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "forged.jsonl, line " in result.stderr
    assert words in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"type": "ledger", "format": "factcheck.ledger/2"}\n{"x": "é"}\n'.encode("latin-1"), "it is not UTF-8"),
        (b"[" * 100_000, "line 1: is no line of an exported ledger (it is nested too deep)"),
        (b"", "is empty"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(content)
    result = CliRunner().invoke(app, ["ledger", "import", str(file), "--ledger", str(tmp_path / "copy.db")])
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_undone_merge_is_undone_there_too(tmp_path: Path) -> None:
    from factcheck.ledger import log

    with closing(open_ledger(str(tmp_path / "a.db"))) as ledger, closing(open_ledger(str(tmp_path / "b.db"))) as other:
        with ledger.writing() as connection:
            log.append(connection, "merge", "a = b", by="Mina Ek", data={"names": ["a", "b"]})
            log.append(connection, "undo", "1", by="Mina Ek", data={"seq": 1})
        with other.writing() as connection:
            log.append(connection, "merge", "c = d", by="Ola Ny", data={"names": ["c", "d"]})
        read_in(other, lines_of(ledger), "a.jsonl")
        with other.reading() as connection:
            assert [(d.action, d.data) for d in log.decisions(connection, "undo")] == [("undo", {"seq": 2})]


def test_many_decisions_are_read_in_time_that_grows_with_their_number(tmp_path: Path) -> None:
    from factcheck.ledger import log

    with closing(open_ledger(str(tmp_path / "a.db"))) as ledger, closing(open_ledger(str(tmp_path / "b.db"))) as other:
        with ledger.writing() as connection:
            for n in range(200):
                log.append(connection, "accepted", f"p-{n}", by="Mina Ek")
        lines, statements = lines_of(ledger), []
        from sqlalchemy import event

        event.listen(other.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        read_in(other, lines, "a.jsonl")
        assert sum("FROM log" in s and "action" in s for s in statements) <= 2
        with other.reading() as connection:
            assert len(log.decisions(connection, "accepted")) == 200
