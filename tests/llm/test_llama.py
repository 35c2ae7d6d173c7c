"""A real server: llama.cpp's, over a model of random weights. What it says is nonsense; nothing may come of that."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from factcheck import Report
from factcheck.commands.app import app
from factcheck.errors import ModelError
from factcheck.llm.answers import Wire
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import Prompt, fill
from tests.attacks.odd_answers import SCHEMAS
from tests.support.tiny_model import llama, make
from tests.support.try_model import tried

MISSING = [name for name in ("xllamacpp", "gguf") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"needs {', '.join(MISSING)}: pip install 'factcheck-desk[servers]'"
)
TEXT = "The harbour bridge will open in May, Ida Strand said. It cost 40 million euros."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama(tmp_path_factory.mktemp("llama")) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama(tmp_path_factory.mktemp("small"), context=512) as base_url:
        yield base_url


def ask(base_url: str, answer: type[Wire], *, deadline: float = 60, words: str = "hello") -> Wire:
    prompt = Prompt("nonsense", 1, "", ("words",), ("words",), "Say it.", "$words $tag", "")

    async def go() -> Wire:
        chat = Chat(Endpoint("tiny", base_url=base_url, deadline=deadline, attempts=1, max_output_tokens=300))
        try:
            return (await chat.ask(fill(prompt, {"words": words}, expected_output=50), answer)).answer
        finally:
            await chat.aclose()

    return asyncio.run(go())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_taken_and_its_grammar_is_what_is_read(server: str, name: str) -> None:
    codes = []
    for words in ("one", "two", "three"):
        try:
            ask(server, SCHEMAS[name], words=words)
        except ModelError as error:
            codes.append(error.code)
    assert set(codes) <= {"truncated"}
    assert len(codes) < 3


def test_nonsense_becomes_no_claim_without_its_words(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACTCHECK_MAX_OUTPUT_TOKENS", "200")
    for name in ("a.md", "b.md"):
        Path(name).write_text(f"{TEXT} It is told in {name}.", encoding="utf-8")
    options = ("--base-url", server, "--model", "tiny", "--no-cache", "--format", "json", "--ledger", "desk.db")
    result = CliRunner().invoke(app, ["check", "a.md", "b.md", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in {0, 4}
    report = Report.model_validate_json(result.stdout)
    texts = {d.id: d.text for d in report.documents}
    assert all(q.exact and texts[c.document_id][q.start : q.end] == q.exact for c in report.claims for q in c.quotes)
    assert {p.code for p in report.problems} & {"bad_request", "server_error", "not_found"} == set()


def test_a_deadline_ends_a_call_and_the_server_is_free_again(server: str) -> None:
    with pytest.raises(ModelError, match="raise --deadline"):
        ask(server, SCHEMAS["judge"], deadline=0.005)
    codes = set()
    for words in ("four", "five"):
        try:
            ask(server, SCHEMAS["review"], words=words)
        except ModelError as error:
            codes.add(error.code)
    assert codes <= {"truncated"}


def test_a_prompt_that_does_not_fit_is_named(small: str) -> None:
    with pytest.raises(ModelError, match="longer than the model takes") as caught:
        ask(small, SCHEMAS["extract"], words=" ".join(str(n) for n in range(2_000)))
    assert caught.value.code == "truncated"


def test_a_local_model_is_tried_in_form_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACTCHECK_MAX_OUTPUT_TOKENS", "80")
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "m").mkdir()
    make(tmp_path / "m" / "mine.gguf", 16_384)
    told = tried(tmp_path / "m" / "mine.gguf", ["a.md"], 16_384, tmp_path / "m")
    assert re.match(r"extract +[1-9]", told[1]), told
    assert any("claims grounded" in line for line in told)


def test_doctor_tells_of_it(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACTCHECK_MAX_OUTPUT_TOKENS", "300")
    monkeypatch.setenv("FACTCHECK_CACHE", str(tmp_path))
    told = CliRunner().invoke(app, ["doctor", "--base-url", server, "--model", "tiny"])
    done = "ok  schema       strict schemas; the answer fits its schema" in told.stdout
    assert done or "the answer was cut off" in told.stdout, told.stdout
