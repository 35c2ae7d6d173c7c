"""Adding articles: pasted, uploaded, fetched; hostile files and names; limits; progress as events."""

from __future__ import annotations

import json
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from factcheck.ledger.connection import open_ledger
from factcheck.models import Report
from factcheck.web.accounts import Accounts
from factcheck.web.adding import safe_name
from factcheck.web.checks import Checks
from factcheck.web.options import Limits, Options
from tests.support.deskserver import free_port
from tests.support.deskweb import Stuck, csrf, desk, sign_in
from tests.support.scripted import transport, whole_sentences

PASSWORD = "a long password"
SECONDS = 120
"""How long a check may take at most, on whatever machine."""


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "desk.db")


@pytest.fixture
def client(place: str) -> Iterator[TestClient]:
    options = Options(transport=transport(whole_sentences))
    with desk(place, options, api_key="sk-test-key-of-nobody") as opened:
        sign_in(opened, "Mira")
        yield opened


def add(client: TestClient, files: list[tuple[str, bytes]] | None = None, /, **form: str) -> str:
    """The page of a check once it is over, or the page that says why there is none."""
    data = {"csrf": csrf(client.get("/add").text), **form}
    sent = [("files", (name, content)) for name, content in files or []]
    answer = client.post("/add", data=data, files=sent or None, follow_redirects=False)
    if answer.status_code != 303:
        return answer.text
    for line in client.get(f"{answer.headers['location']}/events").iter_lines():
        if line.startswith("data:") and json.loads(line[5:])["over"]:
            break
    return client.get(answer.headers["location"]).text


def documents(place: str) -> list[str | None]:
    with closing(open_ledger(place)) as ledger:
        return [row.document.path or row.document.title for row in ledger.documents().rows]


def test_a_text_without_a_title_is_called_by_its_first_words(client: TestClient, place: str) -> None:
    page = add(client, text="Ann Roe will lease the pier. " * 4)
    assert "“Ann Roe will lease the pier. Ann Roe will lease the pier. …”" in page
    assert "d-" not in re.sub(r'"[^"]*"', "", page)


def test_a_pasted_text_is_checked_and_kept(client: TestClient, place: str) -> None:
    page = add(client, text="Ann paid the bill. Ben did not.", title="Bills", published="2024-05", publisher="Echo")
    assert "2 statements" in page
    assert re.search(r'href="/articles/d-\w+"><bdi>Bills', page)
    with closing(open_ledger(place)) as ledger:
        (row,) = ledger.documents().rows
    assert (row.document.publisher, row.document.published) == ("Echo", "2024-05")


def test_files_go_by_their_own_names_and_are_not_left_behind(client: TestClient, place: str) -> None:
    before = set(Path(tempfile.gettempdir()).glob("factcheck-desk-*"))
    page = add(client, [("../../a b.md", b"Ann paid."), ("c.txt", b"Ben paid."), ("bad.pdf", b"%PDF-nothing")])
    assert sorted(filter(None, documents(place))) == ["a b.md", "c.txt"]
    assert "bad.pdf" in page
    assert "factcheck-desk-" not in page
    assert set(Path(tempfile.gettempdir()).glob("factcheck-desk-*")) == before


@pytest.mark.parametrize(("allowed", "said"), [(False, "private network"), (True, "could not be fetched")])
def test_what_an_uploaded_feed_names_is_fetched_where_the_desk_may(tmp_path: Path, allowed: bool, said: str) -> None:
    feed = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
        "<item><title>a</title><link>{}</link></item></channel></rss>"
    )
    with (
        free_port() as port,
        desk(str(tmp_path / "desk.db"), Options(allow_private=allowed), api_key="none") as client,
    ):
        sign_in(client, "Mira")
        page = add(client, [("in.rss", feed.format(f"http://127.0.0.1:{port}/a.html").encode())])
    assert said in page


@pytest.mark.parametrize(
    ("given", "safe"),
    [("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("a\0b.md", "b.md"), ("..", "file"),
     ("", "file"),     (".bashrc", "bashrc"), ("x" * 300 + ".md", "x" * 80 + ".md"), ("a\nb<i>.md", "a_b_i_.md"),
     ("نص.txt", "نص.txt")],
)  # fmt: skip
def test_names_of_files_lead_nowhere(given: str, safe: str) -> None:
    assert safe_name(given) == safe


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "one of the three"),
        ({"text": "  \n "}, "one of the three"),
        ({"text": "A.", "address": "https://a.example"}, "one of the three"),
        ({"address": "file:///etc/passwd"}, "begins with https"),
        ({"address": "/etc/passwd"}, "begins with https"),
        ({"address": "-"}, "begins with https"),
        ({"address": "javascript:alert(1)"}, "begins with https"),
        ({"text": "Ann paid.", "published": "soon"}, "is no date"),
        ({"text": "…"}, "no words"),
        ({"text": "---\nlanguage: [\n---\nA."}, "front matter"),
    ],
)
def test_what_cannot_be_checked_is_one_line(client: TestClient, form: dict[str, str], message: str) -> None:
    page = add(client, **form)
    assert message in page
    assert 'class="alert"' in page


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8765/", "http://localhost/", "http://169.254.169.254/latest/meta-data", "http://[::1]/",
     "http://0x7f000001/", "http://192.168.0.1/", "http://user:pass@example.org/"],
)  # fmt: skip
def test_addresses_of_this_machine_are_not_fetched(client: TestClient, place: str, address: str) -> None:
    page = add(client, address=address)
    assert "Not checked" in page
    assert documents(place) == []


def test_many_files_are_refused(client: TestClient) -> None:
    answer = add(client, [(f"{n}.md", b"A paid.") for n in range(30)])
    assert "Maximum number of files" in answer or "Too many files" in answer


def test_only_so_many_checks_wait(place: str) -> None:
    hold = threading.Event()

    def slow(schema: str, user: str) -> object:
        hold.wait(SECONDS)
        return whole_sentences(schema, user)

    options = Options(transport=transport(slow), limits=Limits(checks=1, waiting=1))
    with desk(place, options, api_key="sk-test-key-of-nobody") as client:
        sign_in(client, "Mira")
        form = {"csrf": csrf(client.get("/add").text), "text": "Ann paid the bill."}
        answers = [client.post("/add", data=form, follow_redirects=False).status_code for _ in range(4)]
        hold.set()
    assert answers == [303, 303, 429, 429]


def test_a_check_that_fails_says_so() -> None:
    def broken(**watched: object) -> Report:
        raise RuntimeError("what nobody foresaw")

    done = threading.Event()
    checks = Checks(at_once=1, waiting=1)
    made = checks.start(broken, by="Mira", title="x", after=done.set)
    assert done.wait(SECONDS)
    until = time.monotonic() + SECONDS
    while not (found := checks.get(made.key)) or not found.is_over:
        assert time.monotonic() < until
    assert found.state == "failed"
    assert "nobody foresaw" not in found.problems[0]
    checks.close()


def test_a_model_that_cannot_be_asked_is_told_without_its_key(place: str) -> None:
    with desk(place, base_url="http://127.0.0.1:9/v1", api_key="sk-test-key-of-nobody", attempts=1) as client:
        sign_in(client, "Mira")
        page = add(client, text="Ann paid the bill.")
    assert 'class="problems alert"' in page
    assert "sk-test-key" not in page


def begun(client: TestClient, *texts: str) -> str:
    """The address of a check that was just begun."""
    files = [("files", (f"{n}.md", text.encode())) for n, text in enumerate(texts)]
    form = {"csrf": csrf(client.get("/add").text)}
    return str(client.post("/add", data=form, files=files, follow_redirects=False).headers["location"])


def test_a_running_check_is_stopped_and_keeps_what_is_done(place: str) -> None:
    stuck = Stuck()
    with desk(place, Options(transport=stuck), api_key="sk-test-key-of-nobody") as client:
        sign_in(client, "Mira")
        where = begun(client, "Ann paid the bill.", "Ben paid the bill.")
        assert stuck.asked.wait(SECONDS)
        page = client.get(where).text
        assert "Stop it" in page
        stopped = client.post(f"{where}/stop", data={"csrf": csrf(page)}).text
        assert stuck.given_up.wait(SECONDS)
        assert "Stopped: " in stopped
        assert "stopped by Mira" in stopped
        assert "Stop it" not in stopped
    assert documents(place) in ([], ["0.md"])


def test_a_check_that_waits_is_stopped_before_it_begins(place: str) -> None:
    stuck = Stuck()
    options = Options(transport=stuck, limits=Limits(checks=1, waiting=1))
    with desk(place, options, api_key="sk-test-key-of-nobody") as client:
        sign_in(client, "Mira")
        first, second = begun(client, "Ben paid the bill."), begun(client, "Ann paid the bill.")
        for where in (second, first):
            assert "Stopped: " in client.post(f"{where}/stop", data={"csrf": csrf(client.get(where).text)}).text
        assert "Stopped: " not in add(client, text="Ann paid the rent.", title="Rent")
    assert documents(place) == ["Rent"]


def test_only_who_began_a_check_or_an_editor_stops_it(place: str) -> None:
    with closing(open_ledger(place)) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        for name, role in (("Mira", "checker"), ("Ben", "checker"), ("Ola", "editor")):
            accounts.add(name, role, PASSWORD)  # type: ignore[arg-type]
    stuck = Stuck()
    with desk(place, Options(transport=stuck), api_key="sk-test-key-of-nobody") as client:
        sign_in(client, "Mira", PASSWORD)
        where = begun(client, "Ben paid the bill.")
        assert stuck.asked.wait(SECONDS)
        for name, status in (("Ben", 403), ("Ola", 200)):
            client.cookies.clear()
            sign_in(client, name, PASSWORD)
            page = client.get(where).text
            assert ("Stop it" in page) == (status == 200)
            token = csrf(client.get("/add").text)
            assert client.post(f"{where}/stop", data={"csrf": token}).status_code == status
        assert "stopped by Ola" in client.get(where).text
