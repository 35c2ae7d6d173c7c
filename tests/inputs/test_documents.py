"""Files, folders and standard input become documents, or one Problem each."""

import io
import os
import time
from pathlib import Path

import pytest

from factcheck.inputs import documents
from factcheck.inputs.documents import Reading, document_from_text, read
from factcheck.models import Document, Problem
from factcheck.stages.split import split

HEAD = """---
title: Ferry to run all winter
publisher: Lundby Courier
published: 2031-11-04
url: https://courier.example/ferry
language: en
---
"""


def _write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _one(reading: Reading) -> Document:
    assert reading.problems == []
    (document,) = reading.documents
    return document


def _problem(reading: Reading) -> Problem:
    (problem,) = reading.problems
    assert problem.stage == "read"
    assert "\n" not in problem.message
    return problem


def test_front_matter_fills_the_fields_and_offsets_start_after_it(tmp_path: Path) -> None:
    path = _write(tmp_path / "ferry.md", HEAD + "\nThe ferry runs, said Ida Strand.\n")
    document = _one(read([path]))
    assert document.text == "The ferry runs, said Ida Strand."
    assert document.characters == 32
    assert (document.title, document.publisher, document.published, document.url, document.language, document.path) == (
        "Ferry to run all winter",
        "Lundby Courier",
        "2031-11-04",
        "https://courier.example/ferry",
        "en",
        str(path),
    )


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2031-11-04", "2031-11-04"),
        ('"2031-11-04"', "2031-11-04"),
        ("2031-11-04 23:30:00", "2031-11-04"),
        ("2031-11", "2031-11"),
        ("2031", "2031"),
        ("", None),
        ("null", None),
    ],
)
def test_dates_are_yaml_dates_or_strings_whole_or_partial(written: str, published: str | None) -> None:
    assert document_from_text(f"---\npublished: {written}\n---\nThe ferry runs.").published == published


@pytest.mark.parametrize(
    "written",
    ["yesterday", "04.11.", "2031-02-30", '"2031-02-30"', '"2031-13"', "|\n  4\n  November"],
    ids=["word", "dots", "no such day", "no such day, quoted", "no such month", "two lines"],
)
def test_a_date_that_is_none_is_left_out_and_the_article_is_read(tmp_path: Path, written: str) -> None:
    path = _write(tmp_path / "ferry.md", f"---\ntitle: Ferry\npublished: {written}\n---\nThe ferry runs.")
    reading = read([path])
    (document,) = reading.documents
    assert (document.title, document.published, document.text) == ("Ferry", None, "The ferry runs.")
    problem = _problem(reading)
    assert (problem.code, problem.document_id) == ("front_matter", document.id)
    assert problem.message.startswith(f"{path}: ")
    assert "published" in problem.message


@pytest.mark.parametrize(
    ("field", "written"), [("language", "no"), ("title", "12:30"), ("title", "3.10"), ("publisher", "On")]
)
def test_fields_are_kept_as_they_are_written(field: str, written: str) -> None:
    assert getattr(document_from_text(f"---\n{field}: {written}\n---\nThe ferry runs."), field) == written


@pytest.mark.parametrize(
    "head",
    ["title: Ferry\npublisher: Courier: Lundby", "title: Ferry\npublisher: a\x07b"],
    ids=["two colons", "control character"],
)
def test_front_matter_that_is_not_yaml_names_the_line(tmp_path: Path, head: str) -> None:
    path = _write(tmp_path / "ferry.md", f"---\n{head}\n---\nThe ferry runs.")
    reading = read([path])
    (document,) = reading.documents
    assert (document.title, document.text) == (None, "The ferry runs.")
    problem = _problem(reading)
    assert problem.code == "front_matter"
    assert problem.message.startswith(f"{path}: ")
    assert "(line 3)" in problem.message


def test_front_matter_that_is_no_mapping_is_left_out(tmp_path: Path) -> None:
    reading = read([_write(tmp_path / "ferry.md", "---\n- title\n- publisher\n---\nThe ferry runs.")])
    assert [d.text for d in reading.documents] == ["The ferry runs."]
    assert "`name: value`" in _problem(reading).message


def test_a_rule_further_down_is_no_front_matter() -> None:
    document = document_from_text("The ferry runs.\n---\ntitle: not a title\n---\nIt runs.")
    assert document.title is None
    assert document.text.startswith("The ferry runs.\n---\ntitle: not")


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "Café ☕ runs.\nIt does.").replace("\n", "\r\n").encode(),
        (HEAD + "Café ☕ runs.\nIt does.").replace("\n", "\r").encode(),
        (HEAD + "Cafe\u0301 ☕ runs.\nIt does.").encode(),
        (HEAD + "Café ☕ runs.\nIt does.").encode("utf-8-sig"),
        (HEAD + "Café ☕ runs.\nIt does.").encode("utf-16"),
        b"\xfe\xff" + (HEAD + "Café ☕ runs.\nIt does.").encode("utf-16-be"),
    ],
    ids=["crlf", "cr", "nfd", "utf-8 bom", "utf-16-le bom", "utf-16-be bom"],
)
def test_every_encoding_of_a_text_is_the_same_document(tmp_path: Path, content: bytes) -> None:
    document = _one(read([_write(tmp_path / "ferry.md", content)]))
    assert document.text == "Café ☕ runs.\nIt does."
    assert document.id == document_from_text(HEAD + "Café ☕ runs.\nIt does.").id


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Η Ελένη αρνήθηκε.", 17),
        ("港は閉まる、と市長。", 10),
        ("नाव चलेगी।", 10),
        ("קו המעבורת ייסגר", 16),
        ("🛳️ sails 𝔸t nine", 16),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lengths_and_offsets_are_code_points(tmp_path: Path, text: str, characters: int, encoding: str) -> None:
    document = _one(read([_write(tmp_path / "a.txt", (text + "\nEnd.").encode(encoding))]))
    assert document.characters == characters + len("\nEnd.")
    assert document.text[characters + 1 :] == "End."


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (b"The caf\xe9 is shut.", "encoding", "utf-8 at byte 7;"),
        (b"\xef\xbb\xbfThe caf\xe9 is shut.", "encoding", "byte 10;"),
        (b"\xff\xfeT\x00h", "encoding", "utf-16 at byte 4;"),
        (b"PK\x03\x04\x00\x00text", "binary", "archive"),
        (b"The\x00 ferry runs.", "binary", "NUL"),
        (b"", "empty", "no words"),
        (b" \n\xe2\x80\x94 * \n", "empty", "no words"),
        (HEAD.encode(), "empty", "no words"),
        (b"---\n---\n", "empty", "no words"),
        (b"x" * 501, "too_long", "500 bytes"),
    ],
    ids=[
        "latin-1",
        "bad byte after bom",
        "half utf-16",
        "archive",
        "binary",
        "empty",
        "no words",
        "head only",
        "bare head",
        "long",
    ],
)
def test_a_bad_file_leaves_one_problem_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, code: str, named: str
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 500)
    _write(tmp_path / "a.md", "The ferry runs.")
    bad = _write(tmp_path / "b.md", content)
    _write(tmp_path / "c.md", "The harbour is shut.")
    reading = read([tmp_path])
    assert [d.text for d in reading.documents] == ["The ferry runs.", "The harbour is shut."]
    problem = _problem(reading)
    assert problem.code == code
    assert problem.message.startswith(f"{bad}: ")
    assert named in problem.message


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("gone.md", "missing"),
        ("dangling.md", "missing"),
        ("nul\0byte.md", "unreadable"),
        ("n" * 300, "unreadable"),
        ("hollow", "empty"),
        ("ftp://courier.example/ferry", "address"),
        ("file:///etc/passwd", "address"),
    ],
    ids=["missing", "broken link", "nul in name", "name too long", "folder without articles", "ftp", "file"],
)
def test_a_bad_source_leaves_one_problem_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _write(tmp_path / "a.md", "The ferry runs.")
    _write(tmp_path / "hollow" / "figures.xls", "The harbour is shut.")
    (tmp_path / "dangling.md").symlink_to(tmp_path / "nowhere.md")
    reading = read([source, "a.md"])
    assert [d.text for d in reading.documents] == ["The ferry runs."]
    problem = _problem(reading)
    assert problem.code == code
    assert problem.message.startswith(f"{source}: ")


def test_a_file_as_long_as_allowed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 100)
    assert _one(read([_write(tmp_path / "a.md", b"x" * 100)])).characters == 100


def test_a_folder_is_searched_for_articles_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("z.txt", "a/2.MD", "a/1.md", "a/b/3.markdown", "page.doc", "a/notes.xlsx", "README"):
        _write(tmp_path / name, f"Text of {name}.")
    reading = read([tmp_path])
    assert reading.problems == []
    assert [d.text for d in reading.documents] == [
        "Text of a/1.md.",
        "Text of a/2.MD.",
        "Text of a/b/3.markdown.",
        "Text of z.txt.",
    ]


def test_a_file_that_is_named_may_end_in_anything(tmp_path: Path) -> None:
    reading = read([_write(tmp_path / "page.article", "The ferry runs.")])
    assert [document.text for document in reading.documents] == ["The ferry runs."]
    assert (_problem(reading).code, ".article, which is not known" in _problem(reading).message) == (
        "unknown_kind",
        True,
    )


def test_a_dash_is_standard_input() -> None:
    document = _one(read(["-"], stdin=io.BytesIO((HEAD + "The ferry runs.").encode())))
    assert (document.text, document.publisher, document.path) == ("The ferry runs.", "Lundby Courier", None)


@pytest.mark.parametrize("stdin", [None, io.BytesIO(b"")])
def test_empty_standard_input_is_a_problem(stdin: io.BytesIO | None) -> None:
    reading = read(["-"], stdin=stdin)
    assert reading.documents == []
    assert _problem(reading).code == "empty"


def test_the_same_document_is_read_once(tmp_path: Path) -> None:
    first = _write(tmp_path / "a.md", HEAD + "The ferry runs.\nIt does.")
    again = _write(tmp_path / "b.md", (HEAD + "The ferry runs.\nIt does.").replace("\n", "\r\n"))
    _write(tmp_path / "c.md", HEAD.replace("Courier", "Herald") + "The ferry runs.\nIt does.")
    reading = read([tmp_path])
    assert [d.publisher for d in reading.documents] == ["Lundby Courier", "Lundby Herald"]
    problem = _problem(reading)
    assert problem.code == "duplicate"
    assert problem.message.startswith(f"{again}: ")
    assert problem.message.endswith(str(first))


def test_a_string_is_a_document_and_arguments_override_its_front_matter() -> None:
    document = document_from_text(HEAD + "The ferry runs.", publisher="Lundby Herald", url=None)
    assert (document.publisher, document.url, document.title) == ("Lundby Herald", None, "Ferry to run all winter")


@pytest.mark.parametrize(
    "text",
    ["", "* * *", HEAD, "---\npublished: soon\n---\nThe ferry runs.", "The \ud800 ferry runs."],
    ids=["empty", "no words", "head only", "bad date", "half a character"],
)
def test_a_string_that_is_no_document_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"^\S.*$"):
        document_from_text(text)


def test_a_broken_link_in_a_folder_leaves_a_problem(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("The ferry runs.", encoding="utf-8")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    reading = read([tmp_path])
    assert len(reading.documents) == 1
    assert [(p.code, "gone.md" in p.message) for p in reading.problems] == [("missing", True)]


def test_a_damaged_utf_16_file_is_not_told_to_be_converted(tmp_path: Path) -> None:
    (tmp_path / "odd.md").write_bytes(b"\xff\xfe\x00")
    (problem,) = read([tmp_path / "odd.md"]).problems
    assert "damaged" in problem.message
    assert "iconv" not in problem.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are for POSIX")
def test_a_pipe_in_a_folder_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    _write(tmp_path / "a.md", HEAD + "The ferry runs.")
    reading = read([tmp_path])
    assert [document.text for document in reading.documents] == ["The ferry runs."]
    assert (_problem(reading).code, "pipe.md: is no file" in _problem(reading).message) == ("unreadable", True)


def test_a_file_name_that_is_not_utf_8_is_shown_in_hex_and_can_be_written(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "f") + b"\xe4hre.md")).write_text("The ferry runs.", encoding="utf-8")
        Path(os.fsdecode(os.fsencode(tmp_path / "l") + b"\xe4rm.md")).write_text("---", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    reading = read([tmp_path])
    (document,) = reading.documents
    assert document.path == str(tmp_path / "f\\xe4hre.md")
    assert "l\\xe4rm.md" in _problem(reading).message
    assert document.model_dump_json().encode()
    assert _problem(reading).model_dump_json().encode()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.eml", "a.srt", "a.html"])
def test_millions_of_carriage_returns_are_read_at_once(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path / name, b"The ferry runs.\r\r" + b"\r" * 3_900_000 + b"It is late.")
    before = time.monotonic()
    reading = read([path])
    for document in reading.documents:
        assert len(split(document)) == 1
    assert time.monotonic() - before < 90
