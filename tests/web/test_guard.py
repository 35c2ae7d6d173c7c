"""What no request gets past: other names and origins, too much, too often; and what every response says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from factcheck.web.guard import POLICY, headers_of
from factcheck.web.options import Limits, Options
from factcheck.web.throttle import Throttle
from tests.support.deskweb import csrf, desk, sign_in

FORGED = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8766"},
    {"origin": "http://127.0.0.1"},
    {"origin": "https://127.0.0.1:8765"},
    {"origin": "http://127.0.0.1:8765.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
)
HOSTS = (
    "evil.example",
    "evil.example:8765",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.1:8765.evil.example",
    "localhost.evil.example:8765",
    "0.0.0.0:8765",
    "127.0.0.1:8765@evil.example",
    "",
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with desk(str(tmp_path / "desk.db")) as opened:
        sign_in(opened, "Mira")
        yield opened


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/login", "/assets/desk.js"):
        assert client.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_this_machine_has_several_names(client: TestClient, host: str) -> None:
    assert client.get("/assets/desk.js", headers={"host": host}).status_code == 200


def test_a_browser_is_told_only_what_it_heeds() -> None:
    """Over plain http on a network it would complain of the rest in its console, on every page."""
    here, there, behind = Options(), Options(host="192.0.2.2"), Options(url="https://desk.example.org")
    opener = [headers_of(options).get("cross-origin-opener-policy") for options in (here, there, behind)]
    assert opener == ["same-origin", None, "same-origin"]
    assert ["strict-transport-security" in headers_of(options) for options in (here, there, behind)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("headers", FORGED)
def test_a_page_of_another_site_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    form = {"csrf": csrf(client.get("/nowhere").text)}
    assert client.post("/logout", data=form, headers=headers).status_code == 403
    assert client.get("/login", follow_redirects=False).status_code == 303


def test_a_request_that_says_nothing_of_its_page_changes_nothing(client: TestClient) -> None:
    form = {"csrf": csrf(client.get("/nowhere").text)}
    del client.headers["origin"]
    del client.headers["sec-fetch-site"]
    assert client.post("/logout", data=form).status_code == 403


@pytest.mark.parametrize("given", [None, "", "0" * 64, "é"])
def test_a_form_without_its_token_changes_nothing(client: TestClient, given: str | None) -> None:
    form = {"csrf": given} if given is not None else {}
    assert client.post("/logout", data=form).status_code == 403
    assert client.get("/login", follow_redirects=False).status_code == 303


def test_no_other_site_may_read(client: TestClient) -> None:
    for method in ("GET", "OPTIONS", "HEAD"):
        response = client.request(method, "/login", headers={"origin": "https://evil.example"})
        assert not [name for name in response.headers if name.startswith("access-control")]


def test_a_proxy_without_accounts_is_refused(client: TestClient) -> None:
    for name in ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"):
        assert client.get("/login", headers={name: "192.0.2.1"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/assets/desk.css", "/assets/nothing", "/logout"])
def test_every_response_has_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers
    assert ("immutable" in headers["cache-control"]) == (path == "/assets/desk.css")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e%2f%2e%2e%2fsettings.py",
        "/assets/..\\app.py",
        "/assets//etc/passwd",
        "/assets/%00desk.css",
        "/assets/desk.css%00.py",
        "/assets/base.html",
    ],
)
def test_assets_are_the_few_that_are_meant(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_too_much_is_refused_whatever_its_head_says(tmp_path: Path) -> None:
    options = Options(limits=Limits(form=2_000, upload=4_000))
    with desk(str(tmp_path / "desk.db"), options) as client:
        token = csrf(client.get("/login").text)
        form = {"csrf": token, "name": "Mira"}
        assert client.post("/login", data={**form, "x": "x" * 3_000}).status_code == 413
        assert client.post("/login", files={"x": b"x" * 5_000}, data=form).status_code == 413

        def chunks() -> Iterator[bytes]:
            yield from (b"name=" if n == 0 else b"x" * 500 for n in range(20))

        kind = {"content-type": "application/x-www-form-urlencoded"}
        assert client.post("/login", content=chunks(), headers=kind).status_code == 413
        assert client.post("/login", content=b"", headers={**kind, "content-length": "9" * 5_000}).status_code == 413
        assert client.post("/login", data={f"f{n}": "" for n in range(500)}).status_code in {400, 413}


def test_what_is_no_form_is_no_crash(client: TestClient) -> None:
    kind = {"content-type": "multipart/form-data"}
    for body in (b"", b"--x\r\n", b"\x00" * 50):
        assert client.post("/logout", content=body, headers=kind).status_code in {400, 403}
        assert client.post("/logout", content=body, headers={"content-type": "text/plain"}).status_code == 403


def test_too_often_is_refused(tmp_path: Path) -> None:
    with desk(str(tmp_path / "desk.db"), Options(limits=Limits(requests=10))) as client:
        answered = [client.get("/assets/desk.css").status_code for _ in range(14)]
    assert answered[:10] == [200] * 10
    assert 429 in answered


def test_what_was_spent_comes_back() -> None:
    now = [0.0]
    throttle = Throttle(2, 60, lambda: now[0])
    assert [throttle.spend("a") for _ in range(3)] == [True, True, False]
    assert throttle.spend("b")
    now[0] = 31
    assert throttle.spend("a")
    assert not throttle.spend("a")
    throttle.forgive("a")
    assert not throttle.is_spent("a")


def test_many_senders_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factcheck.web.throttle.MOST_KEYS", 10)
    throttle = Throttle(2, 60)
    for n in range(50):
        throttle.spend(str(n))
    assert len(throttle._spent) == 10
