"""Keys in the keyring: kept for one host, used for it alone, never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.errors
import pytest
from typer.testing import CliRunner

import factcheck
from factcheck.commands.app import app
from factcheck.connecting import open_chat
from factcheck.keys import kept_for, kept_key, with_key
from tests.support.keyrings import InMemory, ring_in_memory

SECRET = "sk-kept-0123456789abcdef"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InMemory]:
    for name in ("OPENAI_API_KEY", "FACTCHECK_API_KEY", "FACTCHECK_GOOGLE_KEY", "FACTCHECK_BRAVE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with ring_in_memory() as ring:
        yield ring


def run(*words: str, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["keys", *words], input=given)
    return result.exit_code, result.output


def test_a_key_is_kept_for_one_host_and_never_shown(ring: InMemory) -> None:
    code, output = run("set", given=f"  {SECRET}\n")
    assert (code, output) == (0, "A key for api.openai.com is kept in the keyring.\n")
    assert ring.kept == {("factcheck", "api.openai.com"): SECRET}
    code, output = run("list")
    assert output == "api.openai.com: in the keyring\ngoogle: none\nbrave: none\n"
    code, output = run("remove")
    assert (code, ring.kept) == (0, {})
    assert run("remove") == (2, "factcheck: no key is kept for api.openai.com\n")


def test_it_is_used_for_its_host_where_no_key_is_set_and_for_nothing_else(ring: InMemory) -> None:
    ring.kept["factcheck", "api.openai.com"] = SECRET
    usual = factcheck.load_settings(use_cache=False)
    assert open_chat(usual, None, record=None, replay=None).endpoint.api_key == SECRET
    other = factcheck.load_settings(base_url="https://models.example/v1")
    assert with_key(other).api_key is None
    set_by_hand = factcheck.load_settings(api_key="sk-by-hand")
    assert with_key(set_by_hand) is set_by_hand
    assert SECRET not in repr(with_key(usual))


def test_services_have_keys_of_their_own(ring: InMemory) -> None:
    assert run("set", "brave", given=SECRET)[0] == 0
    key = kept_key("brave")
    assert key is not None
    assert key.get_secret_value() == SECRET
    code, output = run("set", "yahoo", given=SECRET)
    assert (code, output) == (2, "factcheck: yahoo: there is no such key; name endpoint, google or brave\n")


def test_nothing_given_is_nothing_kept(ring: InMemory) -> None:
    code, output = run("set", given="\n")
    assert code == 2
    assert "no key was given" in output
    assert not ring.kept


@pytest.mark.parametrize("error", [keyring.errors.NoKeyringError("none"), keyring.errors.KeyringLocked("locked")])
def test_a_keyring_that_does_not_open_is_one_line(
    ring: InMemory, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: str) -> None:
        raise error

    monkeypatch.setattr(ring, "get_password", fail)
    monkeypatch.setattr(ring, "set_password", fail)
    assert kept_key(kept_for(factcheck.load_settings(), "endpoint")) is None
    code, output = run("set", given=SECRET)
    assert code == 2
    assert output.startswith("factcheck: th")
    assert output.count("\n") == 1
    assert SECRET not in output
