"""What is built to use up memory or time is ended inside its limits, and the next document is read."""

from __future__ import annotations

import gzip
import io
import resource
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from factcheck.inputs import sandbox as sandboxes
from factcheck.inputs.article import Original, UnreadableError
from factcheck.inputs.documents import Fetching, read
from factcheck.inputs.sandbox import sandbox
from tests.support.build_docx import NAMESPACE, repacked, word
from tests.support.build_pdf import Page, paragraphs, pdf, stream
from tests.support.web import serving_pages

MAX_SECONDS = 60.0
MAX_BYTES = 1_000_000_000
ENTITIES = '<!DOCTYPE x [<!ENTITY a "lundby lundby ">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 12}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


def with_content(content: bytes) -> bytes:
    """A PDF whose page has this stream."""
    whole = pdf([Page(paragraphs("The ferry runs."))])
    begin = whole.rindex(b"/Filter [/FlateDecode]")
    start = whole.rindex(b" obj\n", 0, begin) + 5
    return whole[:start] + content + whole[whole.index(b"\nendobj", begin) :]


def flate(times: int, megabytes: int) -> bytes:
    """A PDF whose page unpacks to very much."""
    return with_content(stream(b"BT /F 11 Tf ET\n" * (megabytes * 70_000), times=times))


def bottomless() -> bytes:
    """A PDF whose page unpacks to more than the machine may give."""
    packed = endless(zlib.MAX_WBITS)
    return with_content(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream")


def endless(window: int) -> bytes:
    """Zeros, 1.5 thousand million of them, in few bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    first, again = (packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + 150 * again


def zipped(size: int) -> bytes:
    """A Word document with a part of this many bytes."""
    return repacked(word(["The ferry runs."]), {"word/media/a.bin": bytes(size)})


def bloated() -> bytes:
    """A Word document whose text itself is enormous."""
    run = f"<w:p {NAMESPACE}><w:r><w:t>x</w:t></w:r></w:p>" * 60_000
    head = f'<?xml version="1.0"?><w:document {NAMESPACE}><w:body>'
    return repacked(word([""]), {"word/document.xml": (head + run * 12 + "</w:body></w:document>").encode()})


def lying() -> bytes:
    """A Word document whose table of contents says that a part is small."""
    content = bytearray(zipped(60_000_000))
    return bytes(content).replace((60_000_000).to_bytes(4, "little"), (900).to_bytes(4, "little"))


def nested(depth: int) -> bytes:
    """A page of boxes in boxes."""
    return b"<html><body>" + b"<div><b>" * depth + b"The ferry runs." + b"</b></div>" * depth


def quoted(levels: int) -> bytes:
    """A mail of mails in mails."""
    text = "The ferry runs."
    for n in range(levels):
        text = f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n{text}\n--b{n}--"
    return f"From: a@b.example\n{text}\n".encode()


def aliases() -> bytes:
    """Front matter of lists of lists of lists."""
    rows = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40))]
    return ("---\n" + "\n".join(rows) + "\ntitle: Ferry\n---\nThe ferry runs.").encode()


FEED = f"{ENTITIES}]><rss><channel><item><link>&j;</link></item></channel></rss>"
RULE = "p:not(.a):not(.b) * * * {display:none}"
ITEM = "<p><i>x</i>"
PAGES = (b"/Kids [10 0 R] /Count 1", b"/Kids [10 0 R " + b"2 0 R " * 9 + b"] /Count 999999")
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pdf, one layer": ("a.pdf", lambda: flate(1, 60)),
    "pdf, two layers": ("a.pdf", lambda: flate(2, 120)),
    "pdf, without end": ("a.pdf", bottomless),
    "pdf, a million pages": ("a.pdf", lambda: pdf([Page([])]).replace(*PAGES)),
    "word, zeros": ("a.docx", lambda: zipped(300_000_000)),
    "word, many words": ("a.docx", bloated),
    "word, a lying table": ("a.docx", lying),
    "word, entities": (
        "a.docx",
        lambda: repacked(word(["x"]), {"word/document.xml": (ENTITIES + f"]><w:p {NAMESPACE}>&j;</w:p>").encode()}),
    ),
    "feed, entities": ("a.rss", FEED.encode),
    "page, boxes in boxes": ("a.html", lambda: nested(400_000)),
    "page, one long paragraph": ("a.html", lambda: b"<p>" + b"The ferry runs. " * 3_500_000),
    "page, many short ones": ("a.html", lambda: b"<p>The ferry runs." * 3_000_000),
    "page, a million attributes": ("a.html", lambda: b"<html><body><p " + b"a=1 " * 4_000_000 + b">The ferry runs."),
    "page, rules": ("a.html", f"<style>{RULE * 60_000}</style>{ITEM * 30_000}".encode),
    "page, unclosed comments": ("a.html", lambda: b"<html><body><p>x" + b"<!-- <p>" * 2_000_000),
    "mail in mail": ("a.eml", lambda: quoted(3000)),
    "front matter": ("a.md", aliases),
    "text, comments": ("a.md", lambda: b"The ferry runs. " + b"<!--" * 900_000),
    "table, one field": ("a.csv", lambda: b'title,text\n"' + b"x" * 30_000_000),
    "lines in lines": ("a.jsonl", lambda: b'{"text": ' + b"[" * 20_000_000),
    "captions": ("a.srt", lambda: b"00:00:01,000 --> 00:00:02,000\n" * 400_000),
}


BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: endless(16 + zlib.MAX_WBITS)),
    "gzip in gzip": ("gzip, gzip", lambda: gzip.compress(endless(16 + zlib.MAX_WBITS))),
    "deflate": ("deflate", lambda: endless(zlib.MAX_WBITS)),
}


def test_they_are_many() -> None:
    assert len(FILES) + len(BODIES) >= 12


@pytest.mark.parametrize("bomb", FILES)
def test_a_file_that_is_a_bomb_is_ended_and_the_next_is_read(tmp_path: Path, bomb: str) -> None:
    name, content = FILES[bomb]
    (tmp_path / name).write_bytes(content())
    (tmp_path / "z.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "z.txt").write_text("The harbour is shut.", encoding="utf-8")
    _measured(tmp_path, [str(tmp_path)])


@pytest.mark.parametrize("bomb", BODIES)
def test_an_answer_that_is_a_bomb_is_ended_and_the_next_is_read(tmp_path: Path, bomb: str) -> None:
    coding, content = BODIES[bomb]
    headers = {"Content-Type": "text/html", "Content-Encoding": coding}
    pages = {"/bomb": (200, headers, content()), "/z": (200, {"Content-Type": "text/html"}, PAGE.encode())}
    (tmp_path / "z.txt").write_text("The harbour is shut.", encoding="utf-8")
    with serving_pages(pages) as server:
        _measured(tmp_path, [f"{server.url}/bomb", f"{server.url}/z", str(tmp_path)])


PAGE = f"<article>{'<p>The board met on Monday and decided to keep the ferry.</p>' * 9}</article>"
MEASURE = """
import re, resource, sys, time
from pathlib import Path
from factcheck.inputs.documents import Fetching, read
began = time.monotonic()
reading = read(sys.argv[1:], fetching=Fetching(allow_private=True))
seconds = time.monotonic() - began
usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
seconds = min(seconds, sum(usage.ru_utime + usage.ru_stime for usage in usages))
own = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # ru_maxrss counts whoever started it, too
peak = max(int(own[1]), usages[1].ru_maxrss) * 1024
texts = [document.text for document in reading.documents]
assert any("keep the ferry" in text for text in texts), texts
assert "The harbour is shut." in texts, texts
assert all("\\n" not in problem.message for problem in reading.problems)
print(seconds, peak, [problem.code for problem in reading.problems])
"""


def _measured(folder: Path, sources: list[str]) -> None:
    """Read in a fresh process and hold it to its limits; where others keep the machine busy, processor time counts."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *sources], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    seconds, peak, _ = done.stdout.split(maxsplit=2)
    assert float(seconds) < MAX_SECONDS
    assert int(peak) < MAX_BYTES


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "WALL_SECONDS", 0.5)
    monkeypatch.setattr(sandboxes, "START", "import time; time.sleep(300)")
    with sandbox(1) as pool:
        began = time.monotonic()
        with pytest.raises(UnreadableError, match="built to use up the machine"):
            pool.read("html", Original("a.html", b"<p>x"))
        assert time.monotonic() - began < 60
        monkeypatch.undo()
        with pytest.raises(UnreadableError, match=r"no words|no article"):
            pool.read("html", Original("a.html", b"<p>"))


def test_a_process_that_answers_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"parts": [["article", ["text", {"title": 7}, [], []]]], "error": null}'
    monkeypatch.setattr(sandboxes, "START", f"import sys; sys.stdin.readline(); print({answer!r}, flush=True)")
    with sandbox(1) as pool, pytest.raises(UnreadableError, match="no text"):
        pool.read("html", Original("a.html", b""))


def test_the_process_holds_no_secret_and_imports_nothing_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lxml.py").write_text("raise SystemExit(7)", encoding="utf-8")
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    assert len(read(["a.html"]).documents) == 1
    spy = "import os, sys; sys.stdin.readline(); print(dict(os.environ), file=open('seen', 'w'))"
    monkeypatch.setattr(sandboxes, "START", spy)
    with sandbox(1) as pool, pytest.raises(UnreadableError):
        pool.read("html", Original("a.html", b""))
    assert "secret" not in (tmp_path / "seen").read_text(encoding="utf-8")


def test_processes_end_with_the_reading(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    read([tmp_path])
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before  # it was waited for


def test_an_archive_is_weighed_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(80_000_000))
    from factcheck.inputs.docx import read_docx

    with pytest.raises(UnreadableError, match="unpacks to far more"):
        read_docx(Original("a.docx", out.getvalue()))


def test_replayed_pages_need_no_network() -> None:
    reading = read(["http://127.0.0.1:9/"], fetching=Fetching(replay=True))
    assert [problem.code for problem in reading.problems] == ["replay_miss"]
