"""Tokens are estimated alike everywhere; tokenizer data is used where it is, and never fetched unasked."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiktoken

from factcheck.errors import UsageError
from factcheck.llm import tokens
from factcheck.llm.tokens import Count, Vocabulary, count, data_folder, encoding_name, estimate, install, is_installed

TEXT = "The ferry runs all winter, said Ida Strand."


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[object]]:
    """No tokenizer data, and a network that only notes what was tried."""
    tried: list[object] = []

    def refuse(*args: object, **kwargs: object) -> None:
        tried.append(args)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "data"))
    tokens._encoding.cache_clear()
    yield tried
    tokens._encoding.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("a", 1), ("x" * 400, 120), ("é" * 400, 240), ("港" * 400, 360), ("🛳" * 400, 480)]
)
def test_the_estimate_is_bytes_over_four_and_a_fifth_more(text: str, expected: int) -> None:
    assert estimate(text) == expected


def test_the_estimate_never_falls_as_text_grows() -> None:
    sizes = [estimate("aé港🛳" * 50 + "a" * n) for n in range(50)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_half_a_character_is_counted() -> None:
    assert estimate("\ud83d") == 1


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4", "tern-2", ""])
def test_without_data_tokens_are_estimated_and_nothing_is_fetched(model: str, reached: list[object]) -> None:
    assert count(TEXT, model) == Count(estimate(TEXT), "estimate")
    assert reached == []


def test_damaged_data_is_neither_used_nor_fetched_anew_nor_removed(
    reached: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tmp_path / "vocabulary"
    data.write_bytes(b"dA== 0\n")
    known = tokens.VOCABULARIES["o200k_base"]
    right = hashlib.sha256(data.read_bytes()).hexdigest()
    with monkeypatch.context() as patch:
        patch.setitem(tokens.VOCABULARIES, "o200k_base", Vocabulary(known.url, right))
        installed = install("o200k_base", data)
        assert is_installed("o200k_base")
    assert not is_installed("o200k_base")
    assert count(TEXT, "gpt-4o").counted_by == "estimate"
    assert installed.read_bytes() == data.read_bytes()
    assert reached == []


@pytest.mark.parametrize("named", [None, ""])
def test_tiktoken_reads_from_the_folder_that_was_checked(monkeypatch: pytest.MonkeyPatch, named: str | None) -> None:
    if named is None:
        monkeypatch.delenv("TIKTOKEN_CACHE_DIR")
    else:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", named)
    read_from: list[str | None] = []

    class Words:
        def encode(self, text: str, **options: object) -> list[str]:
            return text.split()

    def get_encoding(name: str) -> Words:
        read_from.append(os.environ.get("TIKTOKEN_CACHE_DIR"))
        return Words()

    monkeypatch.setattr(tokens, "is_installed", lambda encoding: True)
    monkeypatch.setattr(tiktoken, "get_encoding", get_encoding)
    checked = str(data_folder())
    assert count(TEXT, "gpt-4o") == Count(8, "tiktoken")
    assert read_from == [checked]


def test_a_file_that_is_not_the_data_is_refused_by_its_hash(tmp_path: Path) -> None:
    wrong = tmp_path / "o200k_base.tiktoken"
    wrong.write_bytes(b"dA== 0\n")
    with pytest.raises(UsageError, match=r"o200k_base\.tiktoken: .*hash"):
        install("o200k_base", wrong)
    assert not is_installed("o200k_base")
    assert not data_folder().exists()


def test_a_file_that_cannot_be_read_and_an_unknown_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.tiktoken"):
        install("o200k_base", tmp_path / "gone.tiktoken")
    with pytest.raises(UsageError, match=r"^p51k_base: .*o200k_base"):
        install("p51k_base", tmp_path / "gone.tiktoken")


def test_a_download_that_fails_says_to_give_the_file(reached: list[object]) -> None:
    with pytest.raises(UsageError, match=r"^https://.*give the file"):
        install("o200k_base")
    assert reached != []


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("tern-2", None),
        ("", None),
    ],
)
def test_the_encoding_of_a_model(model: str, encoding: str | None) -> None:
    assert encoding_name(model) == encoding
