"""Broken originals of every kind: no traceback, no endless reading, no more memory than there may be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.inputs.documents import read
from factcheck.inputs.kinds import FORMATS
from factcheck.inputs.sandbox import Sandbox, sandbox
from tests.support.mutations import ORIGINALS, memory, mutants, outcome

EACH = 10
ENDLESS = 60.0
"""Seconds that no reading takes on any machine unless its work grows faster than its text."""
MAX_BYTES = 600_000_000


@pytest.fixture(scope="module")
def processes() -> Iterator[Sandbox]:
    with sandbox(1) as pool:
        yield pool


def test_every_kind_is_among_them() -> None:
    from factcheck.inputs.kinds import named_kind

    others = {"html", "pdf", "picture", "sound"}
    assert {named_kind(name) for name in ORIGINALS} >= FORMATS.keys() - others


@pytest.mark.parametrize("name", ORIGINALS)
def test_an_original_is_read_as_it_is(name: str, tmp_path: Path) -> None:
    if name == "a.rss":
        pytest.skip("its pages are elsewhere")
    (tmp_path / name).write_bytes(ORIGINALS[name])
    assert any("ferry" in document.text for document in read([tmp_path / name]).documents)


@pytest.mark.parametrize("name", ORIGINALS)
def test_broken_originals_are_read_or_refused(name: str, processes: Sandbox) -> None:
    before = memory()
    for content in mutants(name, EACH):
        assert outcome(name, content, processes).seconds < ENDLESS
    assert memory() - before < MAX_BYTES


def test_broken_files_take_no_other_with_them(tmp_path: Path) -> None:
    for name in ORIGINALS:
        for n, content in enumerate(mutants(name, 1, seed=1)):
            (tmp_path / f"{n}-{name}").write_bytes(content)
    (tmp_path / "z.md").write_text("The harbour is shut.", encoding="utf-8")
    reading = read([tmp_path])
    assert "The harbour is shut." in [document.text for document in reading.documents]
    assert all("\n" not in problem.message for problem in reading.problems)


LONG = {
    "carriage returns": b"\r" * 3_900_000 + b"The ferry runs.",
    "lines of times": b"0:03\n" * 300_000,
    "speakers without words": b"Ida  0:03\n" * 150_000,
    "struck marks": b"~~a " * 900_000,
    "comments": b"<!--a-->" * 100_000 + b"The ferry runs.",
    "comments that end nowhere": b"<!--" * 900_000 + b"The ferry runs.",
    "quotes": b"> " * 1_900_000 + b"The ferry runs.",
}


@pytest.mark.parametrize("case", LONG)
def test_a_long_text_is_read_in_time(tmp_path: Path, case: str) -> None:
    (tmp_path / "a.md").write_bytes(LONG[case])
    began = time.process_time()
    read([tmp_path])
    assert time.process_time() - began < ENDLESS
