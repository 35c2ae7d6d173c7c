"""A folder of reference documents: indexed once, kept up to date by hash, by several processes at once."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from factcheck.models import Document
from factcheck.sources import files
from factcheck.sources.files import Files
from factcheck.sources.index import Index
from factcheck.sources.results import Query, Result
from tests.support.archive import write_archive

NEEDLE = "---\ntitle: Traffic of the port\npublished: 2023-02-01\n---\nIn Pellby 4,210 ships called in 2022.\n"
QUERY = Query("The harbour of Pellby handled 4 210 ships", ("Pellby",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_archive(tmp_path / "archive", 60)
    (tmp_path / "archive" / "needle.md").write_text(NEEDLE, encoding="utf-8")
    return tmp_path / "archive"


def ask(folder: Path, *queries: Query) -> list[Result]:
    return asyncio.run(Files(folder, folder.parent / "cache").search(queries))


def titles(result: Result) -> list[str | None]:
    return [found.document.title for found in result.found]


def test_the_fitting_document_comes_first_and_is_evidence(folder: Path) -> None:
    (result,) = ask(folder, QUERY)
    first = result.found[0]
    assert (first.document.title, first.document.role, first.source) == ("Traffic of the port", "evidence", str(folder))
    assert result.search.hits == len(result.found) <= QUERY.limit
    assert result.problems == []


def test_a_single_file_is_a_source_and_common_words_find_something(folder: Path) -> None:
    (result,) = ask(folder / "needle.md", Query("ships"))
    assert titles(result) == ["Traffic of the port"]


def test_a_second_run_reads_nothing_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(folder, QUERY)
    old = {path: path.stat() for path in folder.rglob("*.md")}
    for path, state in old.items():  # out of the time within which a change may go unseen
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns - 10**10))
    ask(folder, QUERY)  # their times changed, their contents did not
    monkeypatch.setattr(files, "read", lambda paths, **_: pytest.fail(f"read again: {paths}") if paths else reading())
    monkeypatch.setattr(files, "_as_it_is", lambda *_: pytest.fail("opened again"))
    (result,) = ask(folder, QUERY)
    assert titles(result)[0] == "Traffic of the port"


def reading() -> object:
    raise AssertionError


def test_changed_new_and_deleted_files_are_seen(folder: Path) -> None:
    ask(folder, QUERY)
    needle = folder / "needle.md"
    state = needle.stat()
    needle.write_text(NEEDLE.replace("4,210", "9,876"), encoding="utf-8")
    os.utime(needle, ns=(state.st_atime_ns, state.st_mtime_ns))  # one size and one time of change
    (folder / "new.txt").write_text("Pellby counted 5,555 swans.", encoding="utf-8")
    changed, new = ask(folder, QUERY, Query("5 555 swans"))
    assert "9,876" in changed.found[0].document.text
    assert "swans" in new.found[0].document.text
    needle.unlink()
    (gone,) = ask(folder, QUERY)
    assert "Traffic of the port" not in titles(gone)


def test_what_cannot_be_read_is_told_every_time_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    for _ in range(2):
        (result,) = ask(folder, QUERY)
        assert [(p.stage, "broken.pdf" in p.message, "\n" in p.message) for p in result.problems] == [
            ("read", True, False)
        ]
        assert titles(result)[0] == "Traffic of the port"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    first, second = ask(tmp_path / "none", QUERY, QUERY)
    (problem,) = first.problems
    assert problem.code == "missing"
    assert second.problems == []


def test_dates_bound_the_search(folder: Path) -> None:
    early, late = ask(folder, QUERY._replace(until="2023"), QUERY._replace(since="2023-03"))
    assert titles(early)[0] == "Traffic of the port"
    assert "Traffic of the port" not in titles(late)


@pytest.mark.parametrize("content", [b"no database", b""])
def test_an_index_that_is_none_is_made_anew(folder: Path, content: bytes) -> None:
    ask(folder, QUERY)
    (index,) = (folder.parent / "cache").glob("*.sqlite")
    for path in (folder.parent / "cache").iterdir():
        path.unlink()
    index.write_bytes(content)
    (result,) = ask(folder, QUERY)
    assert titles(result)[0] == "Traffic of the port"


def test_an_index_of_another_version_is_made_anew(folder: Path) -> None:
    ask(folder, QUERY)
    (index,) = (folder.parent / "cache").glob("*.sqlite")
    with sqlite3.connect(index) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    (result,) = ask(folder, QUERY)
    assert titles(result)[0] == "Traffic of the port"


def test_a_cache_that_cannot_be_written_is_one_line(folder: Path) -> None:
    (folder.parent / "cache").write_text("a file", encoding="utf-8")
    (result,) = ask(folder, QUERY)
    assert result.problems[0].code == "index"
    assert result.search.problem


def test_several_processes_index_one_folder(folder: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from factcheck.sources.files import Files; from factcheck.sources.results import Query\n"
        "(r,) = asyncio.run(Files(Path(sys.argv[1]), Path(sys.argv[2])).search([Query('4 210 ships', ('Pellby',))]))\n"
        "assert not r.problems, r.problems\n"
        "print(r.found[0].document.title)"
    )
    command = [sys.executable, "-c", program, str(folder), str(folder.parent / "cache")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == ["Traffic of the port"] * 3
    (name,) = (folder.parent / "cache").glob("*.sqlite")
    index = Index(name)
    assert len(index.files()) == 61
    counted = index._connection.execute("SELECT count(*), count(DISTINCT path) FROM documents").fetchone()
    assert counted == (61, 61)
    index.close()


def test_long_documents_are_found_by_any_of_their_parts(tmp_path: Path) -> None:
    pages = "\n\n".join(
        f"Paragraph {n} is about nothing in particular, and says so at length. " * 8 for n in range(300)
    )
    (tmp_path / "law.txt").write_text(f"{pages}\n\nThe lamp at Quell burns whale oil.", encoding="utf-8")
    (result,) = asyncio.run(Files(tmp_path, tmp_path / "cache").search([Query("whale oil for a lamp")]))
    assert isinstance(result.found[0].document, Document)
