"""Endpoints of many kinds: each is answered rightly; docs/endpoints.md lists the same ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

import factcheck
from factcheck import Report
from factcheck.errors import UsageError
from factcheck.settings import Settings, address_of, load_settings
from tests.support.odd_endpoints import KINDS, Kind, spoken
from tests.support.scripted import draft, extracted, source

TABLE = Path(__file__).parent.parent.parent / "docs" / "endpoints.md"
EVERY = {f"{group}: {name}": kind for group, kinds in KINDS.items() for name, kind in kinds.items()}
TEXT = "The ferry will stop in May, Ida Strand said."


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return load_settings(base_url="http://127.0.0.1:9/v1", model="m", cache=tmp_path / "kept", **changes)


def run(tmp_path: Path, kind: Kind, seen: list[dict[str, Any]] | None = None, **changes: Any) -> Report:
    """One article through an endpoint of this kind; files in the working folder are the article."""
    right = extracted([source(1, "Ida Strand")], [draft(1, by=1, cue="said")])

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked = json.loads(request.content)
        if seen is not None:
            seen.append(asked)
        return kind(right, asked)

    article = tmp_path / "a.md"
    article.write_text(TEXT, encoding="utf-8")
    transport = httpx2.MockTransport(handle)
    return factcheck.check([article], settings=settings(tmp_path, **changes), compare=False, transport=transport)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", EVERY)
def test_an_endpoint_of_this_kind_is_answered_rightly(tmp_path: Path, name: str) -> None:
    taken: dict[str, Any] = {
        "temperature": 0.0,
        "reasoning_effort": "low",
        "service_tier": "flex",
        "extra_body": {"top_k": 5},
    }
    report = run(tmp_path, EVERY[name], **taken)
    assert [p.message for p in report.problems if p.code != "adapted"] == []
    (claim,) = report.claims
    assert claim.quotes[0].exact == TEXT
    assert claim.attribution.speaker == "Ida Strand"


def test_the_docs_list_these_kinds_and_no_others() -> None:
    rows = re.findall(
        r"^\| (.+?) \| read \|$|^\| (.+?) \| left out, remembered \|$", TABLE.read_text("utf-8"), re.MULTILINE
    )
    assert [a or b for a, b in rows] == [name for kinds in KINDS.values() for name in kinds]


def test_every_cell_of_the_table_of_endpoints_is_a_test() -> None:
    part = TABLE.read_text("utf-8").partition("## What works with which endpoint")[2].partition("\n## ")[0]
    tests = dict(re.findall(r"^(\w) `(\S+::\w+)`", part, re.MULTILINE))
    rows = [line.split("|")[2:-1] for line in part.splitlines() if line.startswith("|")][2:]
    used = {letter for row in rows for cell in row for letter in cell.split() if letter not in {"–", "no"}}
    assert used == tests.keys()
    for test in (*tests.values(), *re.findall(r"\(`(\S+::\w+)`\)", part)):
        file, _, name = test.partition("::")
        assert f"def {name}(" in (TABLE.parent.parent / "tests" / file).read_text("utf-8"), test


def test_azure_is_asked_with_its_own_header_and_query() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return spoken({"content": json.dumps(extracted([], []))})

    url = "https://desk.openai.azure.com/openai/deployments/mine?api-version=2025-01-01"
    made = load_settings(base_url=url, model="mine", api_key="azure-key-4711", use_cache=False)
    factcheck.check([factcheck.document_from_text(TEXT)], settings=made, transport=httpx2.MockTransport(handle))
    assert (
        seen[0].url == "https://desk.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01"
    )
    assert seen[0].headers["api-key"] == "azure-key-4711"
    assert "max_completion_tokens" in json.loads(seen[0].content)


@pytest.mark.parametrize("name", KINDS["What the endpoint takes"])
def test_what_is_found_out_is_said_once_and_remembered(tmp_path: Path, name: str) -> None:
    taken: dict[str, Any] = {
        "temperature": 0.0,
        "reasoning_effort": "low",
        "service_tier": "flex",
        "extra_body": {"top_k": 5},
    }
    kind = EVERY[f"What the endpoint takes: {name}"]
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    told = run(tmp_path, kind, first, **taken)
    for path in (tmp_path / "kept").rglob("extract*/*.json"):
        path.unlink()
    again = run(tmp_path, kind, second, **taken)
    assert len(first) > 1
    assert "adapted" in {p.code for p in told.problems}
    assert not any(p.leaves_undone for p in told.problems)
    assert (len(second), again.problems) == (1, ())


def test_a_mode_that_was_chosen_is_kept(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    report = run(tmp_path, EVERY["What the endpoint takes: JSON mode only"], seen, schema_mode="strict")
    assert len(seen) == 1
    assert [p.code for p in report.problems] == ["bad_request"]
    assert 'schema_mode = "prompt"' in report.problems[0].message


def test_a_replay_finds_the_form_that_was_recorded(tmp_path: Path) -> None:
    for name in ("JSON mode only", "no schemas (400)"):
        folder = tmp_path / re.sub(r"\W", "", name)
        kind = EVERY[f"What the endpoint takes: {name}"]

        def handle(request: httpx2.Request, kind: Kind = kind) -> httpx2.Response:
            return kind(extracted([], [draft(1)]), json.loads(request.content))

        article = tmp_path / "a.md"
        article.write_text(TEXT, encoding="utf-8")
        made = settings(tmp_path, use_cache=False)
        factcheck.check([article], settings=made, compare=False, record=folder, transport=httpx2.MockTransport(handle))
        played = factcheck.check([article], settings=made, compare=False, replay=folder)
        assert (len(played.claims), played.problems) == (1, ())


def test_what_was_read_otherwise_is_counted(tmp_path: Path) -> None:
    run(tmp_path, EVERY["How values are written: null for empty lists"])
    (kept,) = (tmp_path / "kept").rglob("traits-*.json")
    told = json.loads(kept.read_text())["told"]
    assert told == {"claims/notes: null": 1, "claims/via: null": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"by": "one"},
        {"by": 1.5},
        {"by": [1, 2]},
        {"check": "very"},
        {"kind": "rumour"},
        {"voice": None},
        {"at": [{"page": 3}]},
        {"at": [None]},
        {"mood": "good"},
        {"topic": 7},
        {"topic": ["a", "b"]},
    ],
    ids=str,
)
def test_what_could_mean_two_things_is_not_guessed(tmp_path: Path, change: dict[str, Any]) -> None:
    right = extracted([source(1, "Ida Strand")], [draft(1, by=1), {**draft(1, by=1), **change}])
    report = run(tmp_path, lambda value, request: spoken({"content": json.dumps(right)}))
    assert [p.code for p in report.problems] == ["malformed"]
    assert len(report.claims) == 1


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("localhost:11434", "http://localhost:11434/v1"),
        ("127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("http://localhost:1234", "http://localhost:1234/v1"),
        ("192.168.1.20:8000", "http://192.168.1.20:8000/v1"),
        ("gpu-box:8000/v1", "http://gpu-box:8000/v1"),
        ("api.mistral.ai/v1", "https://api.mistral.ai/v1"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("https://x.openai.azure.com/openai/deployments/d?api-version=1", None),
    ],
)
def test_addresses_are_understood_as_people_type_them(given: str, meant: str | None) -> None:
    assert address_of(given) == (meant or given)


def test_settings_reach_the_request(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    headers: list[httpx2.Headers] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(json.loads(request.content))
        headers.append(request.headers)
        return spoken({"content": json.dumps(extracted([], []))})

    article = tmp_path / "a.md"
    article.write_text(TEXT, encoding="utf-8")
    made = settings(
        tmp_path,
        max_output_tokens=900,
        reasoning_effort="low",
        service_tier="flex",
        extra_headers={"X-Desk": "foreign"},
        extra_body={"options": {"num_ctx": 16384}},
    )
    factcheck.check([article], settings=made, compare=False, transport=httpx2.MockTransport(handle))
    (body,) = seen
    sent = {k: body[k] for k in ("max_tokens", "reasoning_effort", "service_tier", "options")}
    assert sent == {
        "max_tokens": 900,
        "reasoning_effort": "low",
        "service_tier": "flex",
        "options": {"num_ctx": 16384},
    }
    assert headers[0]["x-desk"] == "foreign"


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="schema_mode"):
        load_settings(schema_mode="loose")
