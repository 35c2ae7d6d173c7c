"""Watched sources: what is new is checked once, what changed is recognised, and hosts are left in peace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

pytest.importorskip("protego", reason="needs the extra `watch`")

from factcheck.commands.app import app as command_line
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.settings import load_settings
from factcheck.work.alone import watch
from factcheck.work.polite import Clock, Guest
from factcheck.work.watch import add, look, next_look, note, remove, watched
from tests.support.scripted import transport, whole_sentences
from tests.support.sites import Sites, Turned, page, rss

FEED = "http://echo.example/feed.xml"
ONE, TWO = "http://echo.example/one", "http://echo.example/two"


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "desk.db")


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with closing(open_ledger(place)) as opened:
        add(opened, FEED, 900.0)
        yield opened


@pytest.fixture
def sites() -> Sites:
    pages: dict[str, str | int] = {
        FEED: rss("The Echo", {ONE: "Pier opens"}),
        ONE: page("Pier opens", "The mayor said that the pier opens in May."),
        TWO: page("Ferry stops", "The owner said that the ferry stops in June."),
    }
    return Sites(Turned(), pages)


def guest(ledger: Ledger, sites: Sites, **more: Any) -> Guest:
    return Guest(ledger, clock=Clock(sites.clock.now, sites.clock.sleep), take=sites.take, **more)


def looked(ledger: Ledger, visitor: Guest) -> list[str]:
    """Look at what is due, and note it; the titles that were found."""
    seen = next_look(ledger, visitor)
    assert seen is not None
    assert seen.problems == []
    note(ledger, seen, visitor.clock.now())
    return [document.title or "" for document in seen.documents]


def test_what_is_new_is_read_once_and_what_is_the_same_is_not_sent_again(ledger: Ledger, sites: Sites) -> None:
    visitor = guest(ledger, sites, contact="desk@example.org")
    assert looked(ledger, visitor) == ["Pier opens"]
    assert sites.paths() == ["/robots.txt", "/feed.xml", "/one"]
    assert next_look(ledger, visitor) is None, "it is not due"
    sites.clock.at += 900
    assert looked(ledger, visitor) == []
    assert sites.asked[-1].same
    sites.clock.at += 900
    sites.pages[FEED] = rss("The Echo", {TWO: "Ferry stops", ONE: "Pier opens"})
    assert looked(ledger, visitor) == ["Ferry stops"]
    assert sites.paths().count("/one") == 1
    assert all("(+desk@example.org)" in one.headers["User-Agent"] for one in sites.asked)


def test_an_article_that_was_changed_is_a_new_version_of_it(place: str, ledger: Ledger, sites: Sites) -> None:
    visitor = guest(ledger, sites)
    settings = load_settings(base_url="http://127.0.0.1:9/v1", model="m", use_cache=False)
    told: list[str] = []

    def run() -> bool:
        return watch(
            place, settings, lambda _: visitor, once=True, tell=told.append, network=transport(whole_sentences)
        )

    assert run()
    sites.pages[ONE] = page("Pier opens", "The mayor said that the pier opens in June.")
    sites.clock.at += 2 * 3600
    assert run(), told
    with ledger.reading() as connection:
        rows = connection.exec_driver_sql("SELECT kind, reason FROM successions").all()
        texts = connection.exec_driver_sql("SELECT text FROM documents ORDER BY seq").scalars().all()
    assert [("May" in text, "June" in text) for text in texts] == [(True, False), (False, True)]
    assert [tuple(row) for row in rows] == [("revised", "a later version exists")]


def test_robots_and_pauses_are_respected(ledger: Ledger, sites: Sites) -> None:
    sites.pages["http://echo.example/robots.txt"] = "User-agent: *\nDisallow: /two\nCrawl-delay: 20"
    sites.pages[FEED] = rss("The Echo", {ONE: "Pier opens", TWO: "Ferry stops"})
    seen = next_look(ledger, guest(ledger, sites, pause=3.0))
    assert seen is not None
    assert [d.title for d in seen.documents] == ["Pier opens"]
    assert "/two" not in sites.paths()
    assert ["robots.txt" in problem for problem in seen.problems] == [True]
    robots, feed, one = (asked.at for asked in sites.asked)
    assert feed - robots >= 3
    assert one - feed >= 20


@pytest.mark.parametrize(("status", "reads"), [(503, False), (429, False), (404, True), (403, True)])
def test_without_robots_txt_all_is_allowed_and_while_it_fails_nothing(
    ledger: Ledger, sites: Sites, status: int, reads: bool
) -> None:
    sites.pages["http://echo.example/robots.txt"] = status
    seen = next_look(ledger, guest(ledger, sites))
    assert seen is not None
    assert bool(seen.documents) == reads
    assert bool(seen.problems) != reads
    assert all(str(status) in problem for problem in seen.problems), "the cause is said"


def test_a_host_is_not_waited_for_while_another_one_is_free(ledger: Ledger, sites: Sites) -> None:
    more = ["http://echo.example/second.xml", "http://post.example/feed.xml"]
    for address in more:
        sites.pages[address] = rss("The Echo", {})
        add(ledger, address, 900.0)
    visitor, begins = guest(ledger, sites, pause=60.0), []
    while (seen := next_look(ledger, visitor)) is not None:
        begins.append((seen.feed, sites.clock.at))
    assert [feed for feed, _ in begins] == [FEED, more[1], more[0]]


def test_an_address_that_is_not_asked_at_all_is_not_blamed_on_robots_txt(ledger: Ledger) -> None:
    remove(ledger, FEED)
    add(ledger, "http://127.0.0.1:9/feed.xml", 900)
    seen = next_look(ledger, Guest(ledger, pause=0.0))
    assert seen is not None
    assert "--allow-private" in seen.problems[0]
    assert "robots" not in seen.problems[0]


def test_what_could_not_be_read_or_checked_is_found_again(ledger: Ledger, sites: Sites) -> None:
    visitor = guest(ledger, sites)
    good, sites.pages[ONE] = sites.pages[ONE], 500
    seen = next_look(ledger, visitor)
    assert seen is not None
    assert seen.documents == []
    note(ledger, seen, visitor.clock.now())
    assert "500" in str(watched(ledger)[0].problem)
    sites.pages[ONE] = good
    sites.clock.at += 900
    first = next_look(ledger, visitor)
    assert first is not None
    assert len(first.documents) == 1
    sites.clock.at += 900  # it was not noted: whoever read it died
    assert looked(ledger, visitor) == ["Pier opens"]
    assert watched(ledger)[0].problem is None


def test_a_long_list_is_taken_in_parts(ledger: Ledger, sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    from factcheck.work import watch as under_test

    monkeypatch.setattr(under_test, "AT_ONCE", 1)
    sites.pages[FEED] = rss("The Echo", {ONE: "Pier opens", TWO: "Ferry stops"})
    visitor = guest(ledger, sites)
    assert looked(ledger, visitor) == ["Pier opens"]
    assert looked(ledger, visitor) == ["Ferry stops"], "at once, and the list is sent again"
    assert next_look(ledger, visitor) is None


def test_a_folder_is_watched_like_a_feed(place: str, ledger: Ledger, sites: Sites, tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "a.txt").write_text("The pier opens in May.")
    assert add(ledger, str(folder), 60.0)
    assert not add(ledger, str(folder), 90.0)
    visitor = guest(ledger, sites)
    feed = next(f for f in watched(ledger) if f.address == str(folder))
    assert feed.every == 90.0
    first = look(ledger, feed, visitor)
    note(ledger, first, visitor.clock.now())
    (folder / "b.txt").write_text("The ferry stops in June.")
    second = look(ledger, feed, visitor)
    assert [len(seen.documents) for seen in (first, second)] == [1, 1]
    assert "ferry" in second.documents[0].text


def test_findings_are_told_to_the_webhook(place: str, ledger: Ledger, sites: Sites, monkeypatch: Any) -> None:
    from factcheck.work import alone

    heard: list[str] = []

    def deliver(ledger: Ledger, hook: Any) -> Any:
        heard.append(hook.address)
        return type("Sent", (), {"problem": None})

    monkeypatch.setattr(alone, "deliver", deliver)
    fixed: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "use_cache": False}
    settings = load_settings(webhook="http://127.0.0.1:9/hook", **fixed)
    visitor = guest(ledger, sites)
    assert watch(place, settings, lambda _: visitor, once=True, network=transport(whole_sentences))
    assert heard == ["http://127.0.0.1:9/hook"]


def test_an_endpoint_that_is_down_leaves_articles_for_the_next_look(place: str, ledger: Ledger, sites: Sites) -> None:
    settings = load_settings(base_url="http://127.0.0.1:9/v1", model="m", use_cache=False, attempts=1)
    visitor = guest(ledger, sites)
    down = httpx2.MockTransport(lambda request: httpx2.Response(503, json={"error": {"message": "no"}}))
    assert not watch(place, settings, lambda _: visitor, once=True, network=down)
    sites.clock.at += 900
    assert watch(place, settings, lambda _: visitor, once=True, network=transport(whole_sentences))
    with ledger.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM documents").scalar() == 1


def test_the_command_line_adds_lists_and_removes(tmp_path: Path) -> None:
    call, place = CliRunner(), str(tmp_path / "desk.db")
    added = call.invoke(command_line, ["watch", "add", FEED, "--every", "2h", "--ledger", place])
    assert added.stdout == f"{FEED}: is watched, every 2h\n"
    listed = call.invoke(command_line, ["watch", "list", "--ledger", place])
    assert listed.stdout == f"{FEED}  every 7200 s, looked at never\n"
    wrong = call.invoke(command_line, ["watch", "add", FEED, "--every", "often", "--ledger", place])
    assert wrong.exit_code == 2
    assert "15m" in wrong.stderr
    assert call.invoke(command_line, ["watch", "remove", FEED, "--ledger", place]).exit_code == 0
    assert call.invoke(command_line, ["watch", "remove", FEED, "--ledger", place]).exit_code == 2
    assert call.invoke(command_line, ["watch", "list"]).exit_code == 2


def test_conditions_and_the_name_reach_a_real_server(ledger: Ledger) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            same = "if-none-match" in heard[-1]
            content = b"" if same else rss("The Echo", {ONE: "x"}).encode()
            self.send_response(304 if same else 404 if self.path == "/robots.txt" else 200)
            self.send_header("etag", '"1"')
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/feed.xml"
    visitor = Guest(ledger, contact="desk@example.org", pause=0.0, allow_private=True)
    first = visitor.get(url)
    second = visitor.get(url, etag=first.hops[-1].headers["etag"])
    server.shutdown()
    server.server_close()
    assert (first.is_same, second.is_same) == (False, True)
    assert heard[-1]["if-none-match"] == '"1"'
    assert all(one["user-agent"].endswith("(+desk@example.org)") for one in heard), json.dumps(heard)
