"""Flags before the environment before factcheck.toml, and errors that say where a value came from."""

import os
from pathlib import Path

import pytest

from factcheck.errors import UsageError
from factcheck.llm.prices import Prices
from factcheck.settings import Settings, load_settings

SECRET = "sk-not-a-real-key-4711"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith(("FACTCHECK_", "OPENAI_")):
            monkeypatch.delenv(name)


def _file(content: str | bytes) -> None:
    Path("factcheck.toml").write_bytes(content if isinstance(content, bytes) else content.encode())


def _key(settings: Settings) -> str | None:
    return settings.api_key.get_secret_value() if settings.api_key else None


def _refused(**flags: object) -> str:
    with pytest.raises(UsageError) as caught:
        load_settings(**flags)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_flags_come_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _file('model = "file"\nconcurrency = 2\nattempts = 2\n')
    monkeypatch.setenv("FACTCHECK_MODEL", "environment")
    monkeypatch.setenv("FACTCHECK_CONCURRENCY", "3")
    settings = load_settings(model="flag", concurrency=None)
    assert (settings.model, settings.concurrency, settings.attempts) == ("flag", 3, 2)
    assert settings.deadline == Settings.model_fields["deadline"].default


@pytest.mark.parametrize(
    ("environment", "flag", "used"),
    [
        ({}, None, "http://file.example/v1"),
        ({"OPENAI_BASE_URL": "http://openai.example/v1"}, None, "http://openai.example/v1"),
        (
            {"OPENAI_BASE_URL": "http://openai.example/v1", "FACTCHECK_BASE_URL": "http://own.example/v1"},
            None,
            "http://own.example/v1",
        ),
        ({"FACTCHECK_BASE_URL": "http://own.example/v1"}, "http://flag.example/v1", "http://flag.example/v1"),
        ({"OPENAI_BASE_URL": "http://openai.example/v1"}, "http://flag.example/v1", "http://flag.example/v1"),
    ],
    ids=["file", "OPENAI_BASE_URL", "FACTCHECK_BASE_URL", "flag over own", "flag over OPENAI_BASE_URL"],
)
def test_the_address_follows_the_same_order(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], flag: str | None, used: str
) -> None:
    _file('base_url = "http://file.example/v1"\n')
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings(base_url=flag).base_url == used


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "FACTCHECK_API_KEY"])
def test_the_key_comes_from_the_environment_before_the_file(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _file('api_key = "from-the-file"\n')
    assert _key(load_settings()) == "from-the-file"
    monkeypatch.setenv(name, SECRET)
    assert _key(load_settings()) == SECRET


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("API_KEY", "for something else"),
        ("BASE_URL", "https://shop.example"),
        ("MODEL", "T"),
        ("CACHE", "/c"),
    ):
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.model, settings.cache) == (None, None)
    assert _key(settings) is None
    assert settings.base_url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("concurency = 3\n", "concurency"),
        ("[endpoint]\nmodel = 'tern'\n", "endpoint"),
        ("concurrency = 'many'\n", "concurrency"),
        ("temperature = -1\n", "temperature"),
        ("schema_mode = 'loose'\n", "schema_mode"),
        ("deadline = 0\n", "deadline"),
        ("base_url = 3\n", "base_url"),
        ("= 3\n", "line 1"),
        ("model = 'tern'\nmodel = 'tern'\n", "line 2"),
        (b"model = '\xff'\n", "utf-8"),
    ],
    ids=[
        "unknown key",
        "unknown table",
        "word",
        "negative",
        "choice",
        "zero",
        "address",
        "not toml",
        "twice",
        "not utf-8",
    ],
)
def test_a_bad_file_is_named_in_one_line(content: str | bytes, named: str) -> None:
    _file(content)
    message = _refused()
    assert "factcheck.toml" in message
    assert named in message


def test_a_bad_value_names_the_variable_that_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    _file("concurrency = 2\n")
    monkeypatch.setenv("FACTCHECK_CONCURRENCY", "many")
    message = _refused()
    assert message.startswith("setting concurrency: ")
    assert message.endswith("(from FACTCHECK_CONCURRENCY)")


def test_a_bad_flag_is_told_from_a_bad_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTCHECK_ATTEMPTS", "3")
    assert _refused(attempts=0).endswith("(from the command line)")
    assert "mood" in _refused(mood="good")


@pytest.mark.parametrize("flags", [{}, {"price_input": 1.0}, {"price_output": 1.0}])
def test_a_limit_in_money_needs_both_prices(flags: dict[str, float]) -> None:
    message = _refused(max_cost=1.0, model="tern-2", **flags)
    assert "price_input" in message
    assert "price_output" in message


def test_prices_come_from_the_list_with_its_date_unless_they_are_set() -> None:
    listed = load_settings(max_cost=0.5, model="gpt-5-mini-2025-08-07").endpoint().prices
    assert listed is not None
    assert (listed.input, listed.output, listed.as_of) == (0.25, 2.0, "2026-11")
    assert load_settings(model="gpt-5-mini", base_url="localhost:8080").endpoint().prices is None
    assert load_settings(model="gpt-5-mini-tuned").endpoint().prices is None
    own = load_settings(model="gpt-5-mini", price_input=1.0, price_output=4.0).endpoint().prices
    assert own == Prices(1.0, 4.0)


def test_a_limit_in_money_with_prices_is_passed_on() -> None:
    endpoint = load_settings(max_cost=0.5, price_input=1.0, price_output=4.0).endpoint()
    assert endpoint.max_cost == 0.5
    assert endpoint.prices == Prices(1.0, 4.0)


def test_the_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    settings = load_settings()
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert SECRET not in shown
    assert "api_key" not in settings.model_dump()
    assert settings.endpoint().api_key == SECRET


def test_the_key_is_not_in_the_repr_of_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert SECRET not in repr(load_settings().endpoint())


def test_a_bad_key_is_not_in_the_error() -> None:
    _file(f'api_key = ["{SECRET}"]\n')
    assert SECRET not in _refused()


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://localhost:8080/v1", True),
        ("http://127.0.0.1:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("https://localhost.example/v1", False),
        ("https://models.example/v1?host=localhost", False),
    ],
)
def test_only_this_machine_needs_no_key(address: str, local: bool) -> None:
    assert load_settings(base_url=address).is_local is local


def test_answers_of_two_endpoints_are_cached_apart(tmp_path: Path) -> None:
    addresses = ("http://localhost:8080/v1", "http://localhost:9090/v1", "https://models.example/v1")
    folders = {load_settings(base_url=address, cache=tmp_path).cache_folder() for address in addresses}
    assert len(folders) == 3
    assert {folder.parent for folder in folders} == {tmp_path}
