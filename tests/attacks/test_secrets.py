"""Secrets are masked in everything that leaves the process, however a server gives them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.errors import ModelError, UsageError
from factcheck.redaction import MASK, forget_secrets, keep_secret, keep_secrets_of, redacted, redacted_bytes, shown
from factcheck.settings import load_settings
from tests.attacks.canaries import SECRETS, Case, holds, leaks, sampled
from tests.conftest import new_database
from tests.support.odd_endpoints import encodings

FORMS = list(encodings("x"))


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


@pytest.mark.parametrize("case", sampled(workers=False), ids=lambda c: f"{c.place}-{c.form}-{c.secret}-{c.command}")
def test_nothing_is_left_behind(case: Case, tmp_path: Path) -> None:
    assert leaks(case, tmp_path) == []


def test_a_worker_leaves_nothing_behind(postgres: str, tmp_path: Path) -> None:
    case = Case("status 500", "base64 of a header", "key", "worker")
    assert leaks(case, tmp_path, new_database(postgres)) == []


@pytest.mark.parametrize("secret", [*SECRETS.values(), "Schlüssel-für-Ærø-4711", 'quo"ted\\back/slash'])
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(secret: str, form: str) -> None:
    keep_secret(secret)
    written = f"before {encodings(secret)[form]} after"
    for text in (
        written,
        json.dumps(written),
        json.dumps(json.dumps(written)),
        json.dumps(written, ensure_ascii=False),
    ):
        assert MASK in redacted(text)
        assert not holds(redacted(text).encode(), secret)
    assert redacted(written).startswith("before ")
    assert redacted(written).endswith(" after")


def test_the_search_itself_finds_what_is_not_masked() -> None:
    for form, text in encodings(SECRETS["key"]).items():
        assert holds(text.encode(), SECRETS["key"]), form
        assert holds(json.dumps(f"<{text}>").encode(), SECRETS["key"]), form
    assert not holds(b"nothing of the kind", SECRETS["key"])


def test_errors_hold_no_secret() -> None:
    keep_secret(SECRETS["key"])
    for error in (UsageError(f"bad {SECRETS['key']}"), ModelError("empty", f"bad {SECRETS['key']}")):
        assert SECRETS["key"] not in str(error)


def test_honest_text_is_left_byte_for_byte() -> None:
    keep_secret("lm-studio", "short", "EMPTY", SECRETS["key"])
    for data in (b"lm-studio short EMPTY \xff\xfe", "Schlüssel \u200b \\u00e9 %20".encode()):
        assert redacted_bytes(data) == data


def test_addresses_are_shown_without_what_lets_one_in() -> None:
    assert shown("https://desk:pw@h.example:8443/v1?key=1") == "https://h.example:8443/v1?…"
    assert shown("postgresql://desk:pw@h/db?password=x") == "postgresql://h/db?…"
    assert "pw" not in shown("http://desk:pw@h:port/v1?key=1")
    keep_secrets_of("postgresql://desk:hunter-two-22@h/db?password=another-4711&host=/run/desk-sockets")
    assert redacted("no server at /run/desk-sockets") == "no server at /run/desk-sockets"
    assert redacted("hunter-two-22 and another-4711") == f"{MASK} and {MASK}"


def test_settings_make_secrets_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one-4711")
    load_settings(
        base_url="https://u:two-two-4711@h/v1?k=three-4711",
        extra_headers={"X-Api-Key": "four-4711x"},
        extra_body={"auth_token": "five-4711x"},
        ledger="postgresql://u:six-six-4711@h/db",
    )
    every = "sk-one-4711 two-two-4711 three-4711 four-4711x five-4711x six-six-4711"
    assert redacted(every) == " ".join([MASK] * 6)
