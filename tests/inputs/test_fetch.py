"""Pages as servers send them: compressed, redirected, slow, too large, wrong; and what is kept of them."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from pathlib import Path

import pytest

from factcheck.inputs import fetch as fetching
from factcheck.inputs.article import UnreadableError
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.inputs.fetch import fetch
from tests.support.build_pdf import Page as PdfPage
from tests.support.build_pdf import paragraphs, pdf
from tests.support.reading import EXPECTED, FIXTURES, words_of
from tests.support.web import Page, serving_pages

HTML = {"Content-Type": "text/html; charset=utf-8"}
FERRY = (FIXTURES / "page-en.html").read_bytes()


def visit(pages: dict[str, Page], path: str = "/", *, snapshot: Path | None = None) -> Reading:
    """What reading an address on this machine gives."""
    with serving_pages(pages) as server:
        return read([server.url + path], fetching=Fetching(allow_private=True, snapshot=snapshot))


def deflate(data: bytes) -> bytes:
    """Deflate without its head, as old servers send it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", FERRY),
        ("identity", FERRY),
        ("gzip", gzip.compress(FERRY)),
        ("x-gzip", gzip.compress(FERRY)),
        ("deflate", zlib.compress(FERRY)),
        ("deflate", deflate(FERRY)),
        ("gzip, gzip", gzip.compress(gzip.compress(FERRY))),
        ("GZIP", gzip.compress(FERRY)),
    ],
)
def test_compressed_pages_are_unpacked(coding: str, body: bytes) -> None:
    headers = HTML | ({"Content-Encoding": coding} if coding else {})
    (document,) = visit({"/": (200, headers, body)}).documents
    assert words_of("en")[2] in document.text
    assert document.origin
    assert document.origin.media_type == "text/html"


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "says"),
    [
        (404, {}, b"", "status", "check the address"),
        (403, {}, b"", "status", "save the page"),
        (402, {}, b"", "status", "payment"),
        (429, {}, b"", "status", "later"),
        (500, {}, b"", "status", "later"),
        (999, {}, b"", "status", "999"),
        (204, {}, b"", "status", "204"),
        (200, {"Content-Type": "image/gif"}, b"GIF8\0", "binary", "picture"),
        (200, {"Content-Type": "video/mp4"}, b"\0\0\0 ftyp", "extra", "transcription_model"),
        (200, {"Content-Type": "model/stl"}, b"\0\0\0", "unsupported", "model/stl"),
        (200, HTML | {"Content-Encoding": "br"}, b"x", "encoding", "not asked for (br)"),
        (200, HTML | {"Content-Encoding": "gzip"}, b"not gzip", "encoding", "damaged"),
        (200, HTML | {"Content-Encoding": "deflate"}, b"\xff\xff", "encoding", "damaged"),
        (200, HTML | {"Content-Encoding": "gzip, gzip, gzip"}, b"x", "encoding", "more than twice"),
        (200, HTML | {"Content-Length": "99999999999"}, b"x", "too_long", "bytes"),
        (200, HTML, b"", "empty", "no words"),
        (302, {}, b"", "status", "302"),
    ],
)
def test_what_is_no_page_is_said_in_one_line(
    status: int, headers: dict[str, str], body: bytes, code: str, says: str
) -> None:
    reading = visit({"/": (status, headers, body)})
    assert reading.documents == []
    (problem,) = reading.problems
    assert (problem.code, says in problem.message) == (code, True), problem.message
    assert "\n" not in problem.message


def test_redirects_are_followed_and_the_last_address_is_the_origin() -> None:
    pages: dict[str, Page] = {
        "/a": (301, {"Location": "/b"}, b""),
        "/b": (303, {"Location": "c#here"}, b""),
        "/c": (200, HTML, FERRY),
    }
    (document,) = visit(pages, "/a").documents
    assert document.origin
    assert document.origin.address
    assert document.origin.address.endswith("/c")
    assert document.url == document.origin.address  # another site's address in the page is not believed


def test_redirects_in_a_circle_end() -> None:
    reading = visit({"/a": (302, {"Location": "/b"}, b""), "/b": (302, {"Location": "/a"}, b"")}, "/a")
    assert [problem.code for problem in reading.problems] == ["redirects"]


def test_no_cookie_and_no_key_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    pages: dict[str, Page] = {
        "/a": (302, {"Location": "/b", "Set-Cookie": "id=1"}, b""),
        "/b": (200, HTML, FERRY),
    }
    with serving_pages(pages) as server:
        fetch(f"{server.url}/a", allow_private=True)
    for headers in server.headers:
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


@pytest.mark.parametrize("drip", ["body", "nothing"])
def test_a_slow_server_is_given_up(monkeypatch: pytest.MonkeyPatch, drip: str) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)
    began = time.monotonic()
    with (
        serving_pages({"/": (200, HTML, FERRY)}, drip=0.2 if drip == "body" else 60.0) as server,
        pytest.raises(UnreadableError, match="did not arrive within"),
    ):
        fetch(server.url + "/", allow_private=True)
    assert time.monotonic() - began < 40


def test_a_body_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_RAW", 100_000)
    reading = visit({"/": (200, HTML, b"x" * 2_000_000)})
    assert [problem.code for problem in reading.problems] == ["too_long"]


def test_a_server_that_is_not_there_is_one_line() -> None:
    with serving_pages({}) as server:
        url = server.url
    reading = read([url], fetching=Fetching(allow_private=True))
    assert [problem.code for problem in reading.problems] == ["connection"]


def test_fetched_front_matter_cannot_withdraw_what_others_said() -> None:
    head = b"---\nurl: https://other.example/x\nretracts: https://other.example/y\ncorrects: https://other.example/z\n---\n"
    (document,) = visit({"/": (200, {"Content-Type": "text/markdown"}, head + b"The ferry runs.")}).documents
    assert (document.retracts, document.corrects) == (None, None)
    assert document.origin
    assert document.url == document.origin.address


def test_a_feed_is_a_list_of_sources(tmp_path: Path) -> None:
    with serving_pages({}) as server:
        listed = (FIXTURES / "feed.rss").read_text(encoding="utf-8").replace("https://courier.example", server.url)
        sitemap = (FIXTURES / "sitemap.xml").read_text(encoding="utf-8").replace("https://courier.example", server.url)
        index = f"<sitemapindex><sitemap><loc>{server.url}/sitemap.xml</loc></sitemap></sitemapindex>"
        server.pages = {
            "/feed": (200, {"Content-Type": "application/rss+xml"}, listed.encode()),
            "/en/ferry": (200, HTML, FERRY),
            "/sitemap.xml": (200, {"Content-Type": "application/xml"}, sitemap.encode()),
            "/index.xml": (200, {"Content-Type": "text/xml"}, index.encode()),
            "/de/ferry": (200, HTML, (FIXTURES / "page-de.html").read_bytes()),
            "/pl/ferry": (200, HTML, (FIXTURES / "page-pl.html").read_bytes()),
        }
        reading = read([f"{server.url}/feed", f"{server.url}/index.xml"], fetching=Fetching(allow_private=True))
    assert [document.language for document in reading.documents] == ["en", "de", "pl"]
    assert [(p.code, "/crane: " in p.message) for p in reading.problems] == [("status", True)]


def test_a_feed_that_lists_itself_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_pages({}) as server:
        links = "".join(f"<url><loc>{server.url}/{n}</loc></url>" for n in range(300))
        body = f"<urlset><url><loc>{server.url}/map</loc></url>{links}</urlset>".encode()
        server.pages = {"/map": (200, {"Content-Type": "application/xml"}, body)}
        reading = read([f"{server.url}/map"], fetching=Fetching(allow_private=True))
    assert len(server.hosts) == 100
    assert "limit" in {problem.code for problem in reading.problems}


def test_a_sitemap_of_sitemaps_lists_no_more_than_a_sitemap() -> None:
    with serving_pages({}) as server:
        maps = {f"/{n}.xml": [f"{server.url}/{n}-{m}" for m in range(90)] for n in range(3)}
        index = "".join(f"<sitemap><loc>{server.url}{path}</loc></sitemap>" for path in maps)
        for path, links in maps.items():
            body = "".join(f"<url><loc>{link}</loc></url>" for link in links)
            server.pages[path] = (200, {"Content-Type": "application/xml"}, f"<urlset>{body}</urlset>".encode())
        server.pages["/"] = (200, {"Content-Type": "text/xml"}, f"<sitemapindex>{index}</sitemapindex>".encode())
        reading = read([server.url + "/"], fetching=Fetching(allow_private=True))
    assert len(server.hosts) == 1 + 3 + 100
    assert [p.code for p in reading.problems].count("limit") == 2


def test_what_was_fetched_is_kept_by_its_hash_and_played_back(tmp_path: Path) -> None:
    pages: dict[str, Page] = {
        "/a": (302, {"Location": "/b", "Set-Cookie": "secret=1"}, b""),
        "/b": (200, HTML | {"Set-Cookie": "secret=2", "ETag": '"7"'}, FERRY),
        "/c.pdf": (200, {"Content-Type": "application/pdf"}, pdf([PdfPage(paragraphs("The ferry runs."))])),
    }
    with serving_pages(pages) as server:
        sources = [f"{server.url}/a", f"{server.url}/c.pdf"]
        live = read(sources, fetching=Fetching(allow_private=True, snapshot=tmp_path))
    for document in live.documents:
        assert document.origin
        assert document.origin.snapshot
        kept = tmp_path / document.origin.snapshot
        assert kept.stem == document.origin.sha256
        assert document.origin.retrieved
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".pdf", ".jsonl"}
    index = (tmp_path / "fetched.jsonl").read_text(encoding="utf-8")
    assert "secret" not in index
    lines = {line["asked"]: line for line in map(json.loads, index.splitlines())}
    assert [hop["status"] for hop in lines[sources[0]]["hops"]] == [302, 200]
    replayed = read(sources, fetching=Fetching(snapshot=tmp_path, replay=True))
    assert replayed == live


def test_a_replay_never_fetches(tmp_path: Path) -> None:
    with serving_pages({"/": (200, HTML, FERRY)}) as server:
        for folder in (None, tmp_path):
            reading = read([server.url + "/"], fetching=Fetching(allow_private=True, snapshot=folder, replay=True))
            assert [problem.code for problem in reading.problems] == ["replay_miss"]
    assert server.hosts == []


def test_a_copy_that_was_changed_is_not_played(tmp_path: Path) -> None:
    with serving_pages({"/": (200, HTML, FERRY)}) as server:
        url = server.url + "/"
        (document,) = read([url], fetching=Fetching(allow_private=True, snapshot=tmp_path)).documents
    assert document.origin
    (tmp_path / str(document.origin.snapshot)).write_bytes(FERRY + b"<p>More</p>")
    reading = read([url], fetching=Fetching(snapshot=tmp_path, replay=True))
    assert [(p.code, "was changed" in p.message) for p in reading.problems] == [("snapshot", True)]


def test_what_a_page_says_of_itself_is_told_apart_from_where_it_came_from() -> None:
    expected = EXPECTED["page-en.html"]["documents"][0]
    (document,) = visit({"/": (200, HTML, FERRY)}).documents
    assert (document.title, document.publisher) == (expected["title"], expected["publisher"])
    assert document.url != expected["url"]
