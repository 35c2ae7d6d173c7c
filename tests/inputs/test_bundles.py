"""Archives, mailboxes, web archives and feeds: each article inside is read on its own, and what is not is said."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from factcheck.inputs import loading
from factcheck.inputs.article import Article, Original
from factcheck.inputs.documents import Fetching, read
from tests.support.build_docx import word
from tests.support.build_office import packed
from tests.support.reading import read_bytes
from tests.support.web import serving_pages

MAIL = b"From: Ida Strand <s@h.example>\nSubject: %s\nDate: Tue, 04 Nov 2031 10:00:00 +0100\n\n%s\n"
PAGE = "<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1>%s</article></body></html>"
LONG = (
    "<p>The harbour board of Lundby decided on Tuesday evening that the ferry will run all winter, and said so.</p>" * 3
)


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "a.md": "---\ntitle: Ferry\n---\nIt runs.",
        "deep/b.docx": word(["All winter."]),
        "c.eml": MAIL % (b"Crew", b"They were told."),
        "inner.zip": packed({"d.txt": "A file in a file."}),
        "__MACOSX/._a.md": b"\0\0",
        ".DS_Store": b"\0",
        "style.css": "p {}",
        "photo.xyz": b"\0\1",
    }
    reading = read_bytes(tmp_path, "a.zip", packed(files))
    assert [d.text for d in reading.documents] == ["It runs.", "They were told.", "All winter.", "A file in a file."]
    assert {d.path for d in reading.documents} == {str(tmp_path / "a.zip")}
    assert [("photo.xyz" in p.message, p.code) for p in reading.problems] == [(True, "binary")]


def test_archives_within_archives_end_somewhere(tmp_path: Path) -> None:
    content = packed({"a.txt": "It runs."})
    for n in range(6):
        content = packed({f"{n}.zip": content, f"{n}.txt": f"Level {n}."})
    reading = read_bytes(tmp_path, "a.zip", content)
    assert len(reading.documents) == 3
    assert [problem.code for problem in reading.problems] == ["depth"]


def test_a_file_that_says_less_of_its_size_than_is_true_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed({"a.txt": "x" * 90_000_000, "b.txt": "It runs."}))
    lying = bytes(content).replace((90_000_000).to_bytes(4, "little"), (900).to_bytes(4, "little"))
    reading = read_bytes(tmp_path, "a.zip", lying)
    assert {problem.code for problem in reading.problems} <= {"bomb", "damaged"}
    assert reading.problems
    assert all(document.text == "It runs." for document in reading.documents)


def test_too_many_files_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_INSIDE", 2)
    reading = read_bytes(tmp_path, "a.zip", packed({f"{n}.txt": f"It runs {n}." for n in range(4)}))
    assert len(reading.documents) == 2
    assert [(p.code, "holds 4 files" in p.message) for p in reading.problems] == [("limit", True)]


@pytest.mark.parametrize("name", ["a.mbox", "mails"])
def test_a_mailbox_is_read_mail_by_mail(tmp_path: Path, name: str) -> None:
    mails = [MAIL % (b"One", b"It runs.\n\n>From here on nine."), MAIL % (b"Two", b"All winter.")]
    content = b"".join(b"From s@h.example Tue Nov  4 10:00:00 2031\n" + mail + b"\n" for mail in mails)
    reading = read_bytes(tmp_path, name, content)
    assert [(d.text, d.title) for d in reading.documents] == [
        ("It runs.\n\nFrom here on nine.", "One"),
        ("All winter.", "Two"),
    ]


def _record(address: str, status: str, kind: str, content: bytes) -> bytes:
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + content
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2031-11-05T08:00:00Z\r\n"
    head += f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    return head.encode() + answer + b"\r\n\r\n"


def _warc(*, packs: bool) -> bytes:
    page = (PAGE % (LONG + "<p>“Yes.”</p>")).encode("cp1252")
    records = [
        _record("https://courier.example/ferry", "200 OK", "text/html; charset=windows-1252", page),
        _record("https://courier.example/gone", "404 Not Found", "text/html", b"<p>gone</p>"),
        _record("https://courier.example/style.css", "200 OK", "text/css", b"p {}"),
        _record("https://courier.example/note.txt", "200 OK", "text/plain", b"The crew was told."),
    ]
    return b"".join(gzip.compress(record) if packs else record for record in records)


@pytest.mark.parametrize(("name", "packs"), [("a.warc", False), ("a.warc.gz", True), ("kept", False)])
def test_a_web_archive_is_read_page_by_page(tmp_path: Path, name: str, packs: bool) -> None:
    reading = read_bytes(tmp_path, name, _warc(packs=packs))
    page, note = reading.documents
    assert "“Yes.”" in page.text
    assert (page.url, note.text, note.url) == (
        "https://courier.example/ferry",
        "The crew was told.",
        "https://courier.example/note.txt",
    )
    assert page.origin
    assert (page.origin.retrieved, page.origin.media_type) == ("2031-11-05T08:00:00Z", "text/html")


def test_a_collection_of_web_archives_is_read(tmp_path: Path) -> None:
    content = packed({"archive/data.warc.gz": _warc(packs=True), "indexes/index.cdx": "x", "datapackage.json": "{}"})
    reading = read_bytes(tmp_path, "a.wacz", content)
    assert len(reading.documents) == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.zip", b"PK\x03\x04" + bytes(50), "binary"),
        ("a.zip", packed({"a.css": "p {}"}), "empty"),
        ("a.mbox", b"no mails", "damaged"),
        ("a.warc", b"WARC/1.0\r\nnothing", "empty"),
        ("a.warc.gz", b"\x1f\x8b" + bytes(50), "damaged"),
        ("a.xlsx", packed({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}), "binary"),
        ("a.unknown", b"<thing>It runs.</thing>", "unsupported"),
        ("a.unknown", b'{"thing": 1}', "columns"),
    ],
)
def test_broken_and_unknown_files_are_refused_in_one_line(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (problem,) = read_bytes(tmp_path, name, content).problems
    assert (problem.code, "\n" in problem.message) == (code, False)


def test_an_encrypted_archive_says_so(tmp_path: Path) -> None:
    content = bytearray(packed({"a.txt": "It runs."}))
    content[6] |= 1
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert [p.code for p in read_bytes(tmp_path, "a.zip", bytes(content)).problems] == ["encrypted"]


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Courier &amp; Echo</title><language>en</language>{items}</channel></rss>"""
ITEM = (
    "<item><title>Ferry &amp; crew</title><link>{url}/a</link><pubDate>Tue, 04 Nov 2031 23:30:00 -0500</pubDate>"
    "<dc:creator>Ida Strand</dc:creator></item>"
)
FULL = (
    "<item><title>Gone</title><link>{url}/gone</link><pubDate>Mon, 03 Nov 2031 10:00:00 GMT</pubDate>"
    "<content:encoded><![CDATA[<p>The <del>nine</del> eight crossings.</p>]]></content:encoded></item>"
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>The Courier &amp; Echo</title>
<entry><title>Ferry &amp; crew</title><link rel="alternate" href="{url}/a"/><link rel="edit" href="{url}/edit"/>
<published>2031-11-04T23:30:00-05:00</published>
<author><name>Ida Strand</name></author></entry></feed>"""
WILD = {
    "plain": RSS.format(items=ITEM),
    "a blank line first": "\n\n  " + RSS.format(items=ITEM),
    "entities of HTML": RSS.format(items=ITEM + "<description>Caf&eacute; &nbsp; &bull;</description>"),
    "a bare ampersand": RSS.format(
        items=ITEM.replace("</title>", "</title><comments>http://x.example/?a=1&b=2</comments>")
    ),
    "not closed": RSS.format(items=ITEM).replace("</channel></rss>", ""),
    "a mark and Latin letters": RSS.format(items=ITEM).replace("UTF-8", "iso-8859-1"),
    "atom": ATOM,
}


@pytest.mark.parametrize("case", WILD)
def test_feeds_are_read_as_they_are_in_the_wild(tmp_path: Path, case: str) -> None:
    with serving_pages({"/a": (200, {"Content-Type": "text/html"}, (PAGE % LONG).encode())}) as web:
        path = tmp_path / "a.rss"
        path.write_text(WILD[case].replace("{url}", web.url), encoding="utf-8")
        reading = read([path], fetching=Fetching(allow_private=True))
    (document,) = reading.documents
    assert reading.problems == []
    assert "the ferry will run" in document.text
    assert (document.published, document.url) == ("2031-11-04", f"{web.url}/a")
    assert document.fields_from["published"] == "the feed that lists it"
    assert document.author == "Ida Strand"


def test_the_text_of_a_feed_stands_in_for_a_page_that_is_gone(tmp_path: Path) -> None:
    with serving_pages({"/a": (200, {"Content-Type": "text/html"}, (PAGE % LONG).encode())}) as web:
        path = tmp_path / "a.rss"
        path.write_text(RSS.format(items=ITEM + FULL).replace("{url}", web.url), encoding="utf-8")
        reading = read([path], fetching=Fetching(allow_private=True))
    gone = reading.documents[1]
    assert (gone.text, gone.title, gone.published) == ("The eight crossings.", "Gone", "2031-11-03")
    assert (gone.publisher, gone.url) == ("The Courier & Echo", f"{web.url}/gone")
    assert [(p.code, "404" in p.message, p.leaves_undone) for p in reading.problems] == [("feed_text", True, False)]


def test_a_feed_cannot_speak_for_another_site(tmp_path: Path) -> None:
    feed = RSS.format(items=FULL).replace("{url}", "http://127.0.0.2:1")
    with serving_pages({"/feed": (200, {"Content-Type": "application/rss+xml"}, feed.encode())}) as web:
        reading = read([f"{web.url}/feed"], fetching=Fetching(allow_private=True))
    assert [document.url for document in reading.documents] == [f"{web.url}/feed"]


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY a "lundby">]>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd" [<!ENTITY % b SYSTEM "http://127.0.0.1:1/x"> %b;]>',
        "<!doctype rss [ <!entity x SYSTEM 'file:///etc/hostname'> ]>",
    ],
)
def test_a_feed_that_declares_entities_is_refused(tmp_path: Path, head: str) -> None:
    feed = RSS.format(items=ITEM).replace("?>\n", f"?>\n{head}", 1)
    assert [problem.code for problem in read_bytes(tmp_path, "a.rss", feed.encode()).problems] == ["damaged"]


def test_archives_are_closed_even_when_they_are_many(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for n in range(30):
            archive.writestr(f"{n:02}.txt", f"It runs {n}.")
    assert len(read([tmp_path / "a.zip"]).documents) == 30


def test_a_recording_in_an_archive_is_transcribed_in_the_language_that_was_given(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"talk.txt": b"OggS\0\2" + bytes(60)}))
    given: list[Original] = []

    def transcribe(original: Original) -> Article:
        given.append(original)
        return Article("It runs all winter.", machine="transcribed")

    reading = read([tmp_path / "a.zip"], fetching=Fetching(language="de"), transcribe=transcribe)
    assert [(document.text, document.machine) for document in reading.documents] == [
        ("It runs all winter.", "transcribed")
    ]
    assert [original.language for original in given] == ["de"]
