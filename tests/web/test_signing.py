"""Who gets in: names on this machine, passwords elsewhere, tokens, sessions that end; nobody by guessing."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from factcheck.errors import UsageError
from factcheck.ledger.connection import open_ledger
from factcheck.web import accounts as kept
from factcheck.web.accounts import Accounts
from factcheck.web.app import create_app
from factcheck.web.options import Options
from tests.conftest import Places
from tests.support.deskweb import csrf, desk, sign_in

PASSWORD = "a long enough secret"


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "desk.db")


def open_account(place: str, name: str = "Mira", role: str = "checker", password: str | None = PASSWORD) -> Accounts:
    accounts = Accounts(open_ledger(place))
    accounts.prepare()
    accounts.add(name, role, password)  # type: ignore[arg-type]
    return accounts


def cookie_of(client: TestClient) -> str:
    return client.cookies.get("desk-8765") or ""


def test_on_this_machine_a_name_is_enough(place: str) -> None:
    with desk(place) as client:
        assert client.get("/login").status_code == 200
        assert sign_in(client, "Mira").headers["location"] == "/"
        assert cookie_of(client)
        for bad in ("", " ", "\u202e", "x" * 81, "12"):
            client.cookies.clear()
            assert sign_in(client, bad).status_code == 401


def test_with_accounts_a_password_is_needed(places: Places) -> None:
    place = places()
    accounts = open_account(place)
    with desk(place) as client:
        assert sign_in(client, "Mira", "not the password").status_code == 401
        assert sign_in(client, "Nobody", PASSWORD).status_code == 401
        assert not cookie_of(client)
        assert sign_in(client, "mira", PASSWORD).status_code == 303
        assert client.get("/login", follow_redirects=False).headers["location"] == "/"
        accounts.remove("Mira")
        assert client.get("/login").status_code == 200
    with accounts.ledger.reading() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM desk_sessions").scalar()
    assert stored == 0
    accounts.ledger.close()


def test_no_secret_is_kept(place: str) -> None:
    accounts = open_account(place)
    token = accounts.new_token("Mira", "read")
    with desk(place) as client:
        sign_in(client, "Mira", PASSWORD)
        cookie = cookie_of(client)
    accounts.ledger.close()
    files = b"".join(path.read_bytes() for path in Path(place).parent.iterdir())
    assert b"Mira" in files
    for secret in (PASSWORD, cookie, token.split("_", 2)[2], token):
        assert secret.encode() not in files


def test_a_session_gets_a_new_cookie_at_login_and_ends(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_account(place).ledger.close()
    with desk(place) as client:
        client.cookies.set("desk-8765", "chosen-by-an-attacker", domain="127.0.0.1", path="/")
        client.get("/login")
        visit = client.cookies.get("desk-8765-visit")
        sign_in(client, "Mira", PASSWORD)
        first = cookie_of(client)
        assert first not in {"chosen-by-an-attacker", visit}
        client.cookies.clear()
        sign_in(client, "Mira", PASSWORD)
        assert cookie_of(client) != first
        page = client.get("/nowhere").text
        assert client.post("/logout", data={"csrf": csrf(page)}, follow_redirects=False).status_code == 303
        assert client.get("/login", follow_redirects=False).status_code == 200
        client.cookies.clear()
        sign_in(client, "Mira", PASSWORD)
        later = kept._now() + kept.IDLE + 1
        monkeypatch.setattr(kept, "_now", lambda: later)
        assert client.get("/login", follow_redirects=False).status_code == 200


def test_a_cookie_that_was_set_by_somebody_else_is_nobody(place: str) -> None:
    with desk(place) as client:
        client.cookies.set("desk-8765", "made up")
        assert client.get("/login", follow_redirects=False).status_code == 200


def test_a_session_by_name_ends_where_accounts_begin(place: str) -> None:
    with desk(place) as client:
        sign_in(client, "Mira")
        cookie = cookie_of(client)
    open_account(place).ledger.close()
    with desk(place) as client:
        client.cookies.set("desk-8765", cookie)
        assert client.get("/login", follow_redirects=False).status_code == 200


def test_guessing_is_limited(place: str) -> None:
    open_account(place).ledger.close()
    with desk(place) as client:
        tried = [sign_in(client, "Mira", f"guess number {n}").status_code for n in range(7)]
        assert tried == [401] * 5 + [429] * 2
        assert sign_in(client, "Mira", PASSWORD).status_code == 429
        others = [sign_in(client, f"Name {n}", "guess").status_code for n in range(18)]
        assert others.count(429) == 3


def test_a_login_form_of_another_site_signs_nobody_in(place: str) -> None:
    with desk(place) as client:
        assert client.post("/login", data={"name": "Eve"}).status_code == 403
        client.get("/login")
        assert client.post("/login", data={"name": "Eve", "csrf": "0" * 64}).status_code == 403
        assert not cookie_of(client)


def test_after_signing_in_one_stays_on_this_desk(place: str) -> None:
    with desk(place) as client:
        for target in ("https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:alert(1)"):
            client.cookies.clear()
            form = {"csrf": csrf(client.get("/login").text), "name": "Mira", "next": target}
            assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_passwords_and_names_that_cannot_be(place: str) -> None:
    with pytest.raises(UsageError, match="10 to 500"):
        open_account(place, password="short")
    for name in ("", "\u202eMira", "a\u200bb", "…"):
        with pytest.raises(UsageError, match="a name has"):
            open_account(place, name=name)


def test_two_names_that_look_alike_are_one_account(place: str) -> None:
    open_account(place, "Mira Ek").ledger.close()
    accounts = open_account(place, "MIRA EK", "reader")
    assert accounts.everyone() == [("MIRA EK", "reader")]
    accounts.ledger.close()


def test_a_token_has_the_rights_that_it_and_its_owner_have(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = open_account(place, role="checker", password=None)
    token = accounts.new_token("Mira", "read,people", days=3)
    person = accounts.with_token(token)
    assert person
    assert (person.name, person.rights, person.csrf) == ("Mira", frozenset(["read"]), None)
    key = token.split("_")[1]
    for wrong in (token[:-1], f"fcd_{key}_", "fcd__", "", f"xyz_{key}_{token.split('_', 2)[2]}", "\udcff"):
        assert accounts.with_token(wrong) is None
    assert accounts.with_password("Mira", "") is None
    with pytest.raises(UsageError, match="scope"):
        accounts.new_token("Mira", "everything")
    with pytest.raises(UsageError, match="no account"):
        accounts.new_token("Eve", "read")
    now = kept._now()
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_now", lambda: now + 4 * 24 * 3600)
        assert accounts.with_token(token) is None
    accounts.remove_token(key)
    assert accounts.with_token(token) is None
    accounts.ledger.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(host="0.0.0.0"), "no accounts"),
        (Options(host="192.0.2.7"), "no accounts"),
        (Options(host="desk.example.org"), "no accounts"),
        (Options(url="https://desk.example.org"), "no accounts"),
    ],
)
def test_a_desk_that_anybody_could_reach_does_not_open(place: str, options: Options, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        create_app(place, options=options)


@pytest.mark.parametrize(
    "options", [Options(host="0.0.0.0"), Options(host="::"), Options(url="desk.example"), Options(url="https://a/b")]
)
def test_a_desk_knows_its_own_name(place: str, options: Options) -> None:
    open_account(place).ledger.close()
    with pytest.raises(UsageError, match=r"--url"):
        create_app(place, options=options)


def test_behind_a_proxy_cookies_are_for_https_alone(place: str) -> None:
    open_account(place).ledger.close()
    with desk(place, Options(url="https://desk.example.org")) as client:
        response = sign_in(client, "Mira", PASSWORD)
        (cookie,) = (c for c in response.headers.get_list("set-cookie") if c.startswith("__Host-desk="))
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
        assert "Domain" not in cookie
        assert "strict-transport-security" in response.headers
