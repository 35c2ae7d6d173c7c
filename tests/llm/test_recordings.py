"""Answers are kept as they came, found again by what shaped them, and missed with a reason."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from factcheck.errors import ModelError
from factcheck.llm.recordings import RecordingTransport, Store

URL = "https://models.example/v1/chat/completions"
SECRET = "sk-not-a-real-key-4711"
ANSWER = b'{"model": "tern-2-0611",  "choices": [ ]}\r\n\n'

Sent = dict[str, Any]


def _sent(
    article: str = "The ferry runs.", system: str = "List the statements.", *, model: str = "tern-2", **more: Any
) -> Sent:
    return {
        "model": model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": article}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "extract-v3", "strict": True, "schema": {"type": "object"}},
        },
        **more,
    }


def _post(
    transport: RecordingTransport, sent: Sent, *, url: str = URL, headers: dict[str, str] | None = None
) -> httpx2.Response:
    async def post() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=transport) as client:
            return await client.post(url, json=sent, headers=headers)

    return asyncio.run(post())


def _record(
    folder: Path,
    sent: Sent,
    answer: bytes = ANSWER,
    *,
    status: int = 200,
    sends: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    read: bool = False,
) -> httpx2.Response:
    inner = httpx2.MockTransport(lambda request: httpx2.Response(status, content=answer, headers=headers))
    return _post(RecordingTransport(Store(folder), inner, read=read), sent, headers=sends)


def _replay(folder: Path, sent: Sent, *, url: str = URL) -> httpx2.Response:
    return _post(RecordingTransport(Store(folder), None), sent, url=url)


def _miss(folder: Path, sent: Sent) -> str:
    with pytest.raises(ModelError) as caught:
        _replay(folder, sent)
    assert caught.value.code == "replay_miss"
    assert not caught.value.retryable
    return str(caught.value)


def _file(folder: Path) -> Path:
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    return path


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        b"",
        b"the gateway fell over",
        b"[1]",
        b'{"model": NaN}',
        b'{"model": "\\ud800"}',
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        b"caf\xe9 \x00",
        '{"a": "港 🛳️ \u2028"}'.encode(),
    ],
    ids=["json", "nothing", "prose", "list", "nan", "half character", "deep", "bom", "latin-1", "script"],
)
def test_an_answer_is_kept_byte_for_byte_whatever_it_holds(tmp_path: Path, answer: bytes) -> None:
    assert _record(tmp_path, _sent(), answer).content == answer
    assert _file(tmp_path).parent.name == "extract.v3"
    assert _replay(tmp_path, _sent()).content == answer


def test_nothing_secret_and_nothing_about_the_host_is_written(tmp_path: Path) -> None:
    _record(
        tmp_path,
        _sent(user=SECRET, metadata={"desk": SECRET}),
        sends={"Authorization": f"Bearer {SECRET}", "Cookie": f"session={SECRET}", "X-Api-Key": SECRET},
        headers={
            "content-type": "application/json",
            "openai-model": "tern-2",
            "openai-organization": SECRET,
            "set-cookie": f"session={SECRET}",
            "location": URL,
        },
    )
    written = _file(tmp_path).read_text(encoding="utf-8")
    assert SECRET not in written
    assert "models.example" not in written
    assert json.loads(written)["response"]["headers"] == {"content-type": "application/json", "openai-model": "tern-2"}


def test_the_request_is_written_so_that_a_change_reads_as_a_diff(tmp_path: Path) -> None:
    _record(tmp_path, _sent("Die Fähre fährt.\nSagt sie."))
    lines = [line.strip() for line in _file(tmp_path).read_text(encoding="utf-8").splitlines()]
    assert '"Die Fähre fährt.",' in lines
    assert '"Sagt sie."' in lines


@pytest.mark.parametrize(
    "changed",
    [
        _sent(model="tern-3"),
        _sent("The ferry stops."),
        _sent(system="List every statement."),
        _sent(temperature=0.5),
        {**_sent(), "response_format": {"type": "json_object"}},
        {**_sent(), "messages": _sent()["messages"][::-1]},
    ],
    ids=["model", "article", "system", "temperature", "schema", "order of messages"],
)
def test_another_request_is_another_recording(tmp_path: Path, changed: Sent) -> None:
    _record(tmp_path, _sent())
    _miss(tmp_path, changed)


@pytest.mark.parametrize(
    ("sent", "url"),
    [
        (_sent(user="desk-4"), URL),
        (_sent(metadata={"run": "9"}, store=False, service_tier="flex"), URL),
        (dict(reversed(_sent().items())), URL),
        (_sent(), "http://127.0.0.1:8080/openai/chat/completions?trace=1"),
    ],
    ids=["user", "metadata", "order of keys", "host"],
)
def test_what_does_not_shape_the_answer_is_not_in_the_key(tmp_path: Path, sent: Sent, url: str) -> None:
    _record(tmp_path, _sent())
    assert _replay(tmp_path, sent, url=url).content == ANSWER


def test_recording_again_replaces(tmp_path: Path) -> None:
    _record(tmp_path, _sent(), b'{"first": 1}')
    _record(tmp_path, _sent(), b'{"second": 2}')
    assert _replay(tmp_path, _sent()).content == b'{"second": 2}'
    assert _file(tmp_path)


def test_a_cached_answer_is_not_asked_for_again(tmp_path: Path) -> None:
    _record(tmp_path, _sent(), b'{"first": 1}', read=True)
    assert _record(tmp_path, _sent(), b'{"second": 2}', read=True).content == b'{"first": 1}'


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_is_passed_on_and_not_kept(tmp_path: Path, status: int) -> None:
    response = _record(tmp_path, _sent(), b'{"error": {}}', status=status)
    assert (response.status_code, response.content) == (status, b'{"error": {}}')
    assert Store(tmp_path).files() == []


def _halved(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    "damage",
    [
        _halved,
        lambda path: b"",
        lambda path: b"\xff",
        lambda path: b"[]",
        lambda path: b'{"format": "factcheck.recording/1"}',
    ],
    ids=["half", "empty", "not utf-8", "list", "format only"],
)
def test_a_torn_file_is_a_miss_and_is_replaced(tmp_path: Path, damage: Callable[[Path], bytes]) -> None:
    _record(tmp_path, _sent())
    path = _file(tmp_path)
    path.write_bytes(damage(path))
    assert "extract.v3" in _miss(tmp_path, _sent())
    _record(tmp_path, _sent(), read=True)
    assert _file(tmp_path) == path
    assert _replay(tmp_path, _sent()).content == ANSWER


def test_a_miss_without_any_recording_names_prompt_and_folder(tmp_path: Path) -> None:
    message = _miss(tmp_path, _sent())
    assert "extract.v3" in message
    assert f"--record {tmp_path}" in message


@pytest.mark.parametrize(
    ("asked", "differs", "shown"),
    [
        (
            _sent(system="List every statement."),
            "differs in the system message;",
            "List [-the statements.-] {+every statement.+}",
        ),
        (_sent(model="tern-3"), "differs in model;", "model: [-tern-2-] {+tern-3+}"),
        (_sent(temperature=0.5), "differs in temperature;", "temperature: [-nothing-] {+0.5+}"),
    ],
    ids=["system", "model", "temperature"],
)
def test_a_miss_names_the_nearest_recording_and_what_differs(
    tmp_path: Path, asked: Sent, differs: str, shown: str
) -> None:
    _record(tmp_path, _sent())
    nearest = _file(tmp_path).relative_to(tmp_path)
    for other in ("The harbour is shut.", "So is the bridge.", "The mayor is out.", "It rains."):
        _record(tmp_path, _sent(other))
    message = _miss(tmp_path, asked)
    assert "this extract.v3 request" in message
    assert f"the nearest, {nearest}," in message
    assert differs in message
    assert shown in message


def test_a_miss_sees_a_change_in_any_message_of_a_role(tmp_path: Path) -> None:
    def with_repair(article: str) -> Sent:
        sent = _sent(article)
        repair = [{"role": "assistant", "content": "{}"}, {"role": "user", "content": "Give it again."}]
        return {**sent, "messages": [*sent["messages"], *repair]}

    _record(tmp_path, with_repair("The ferry runs."))
    assert "differs in the user message;" in _miss(tmp_path, with_repair("The ferry stops."))


LONG = " ".join(f"Berth {n} of the harbour is leased to line {n % 7} until autumn." for n in range(60))


def test_a_miss_shows_the_words_that_changed_once_and_no_more(tmp_path: Path) -> None:
    def fenced(text: str, key: str) -> Sent:
        return _sent(f"<article-{key}>\ntitle: Berths\n\n[1] {text}\n</article-{key}>")

    _record(tmp_path, fenced(LONG, "3dd632"))
    message = _miss(tmp_path, fenced(LONG.replace("Berth 31 of", "Berth 31 outside of"), "0a1b2c"))
    assert message.endswith("what changed: until autumn. Berth 31 {+outside+} of the harbour is")
    message = _miss(tmp_path, fenced(LONG.replace("until autumn", "until spring"), "0a1b2c"))
    assert message.count("[-autumn.-] {+spring.+} Berth 2 of the") == 1
    assert message.endswith("(and 57 more)")
    assert len(message) < 600


def test_a_recording_of_another_article_is_never_the_nearest(tmp_path: Path) -> None:
    _record(tmp_path, _sent("The mayor of the town said on Monday that the bridge will be closed in May."))
    _record(tmp_path, _sent("The head of the port said on Tuesday that it had paid the workers in full."))
    message = _miss(
        tmp_path, _sent("The mayor of the village said on Friday that nobody had asked her about the school.")
    )
    assert "nearest" not in message
    assert "all 2 recordings of extract in" in message
    assert f"record it with --record {tmp_path}" in message


def test_replay_never_reaches_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _record(tmp_path, _sent())
    reached: list[object] = []
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, lambda self, address: reached.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: reached.append(args))
    _replay(tmp_path, _sent())
    _miss(tmp_path, _sent(model="tern-3"))
    assert reached == []


def test_recordings_that_nothing_asked_for_are_listed(tmp_path: Path) -> None:
    _record(tmp_path, _sent("The harbour is shut."))
    spare = _file(tmp_path)
    _record(tmp_path, _sent())
    store = Store(tmp_path)
    assert store.unplayed() == store.files()
    _post(RecordingTransport(store, None), _sent())
    assert store.unplayed() == [spare]


def test_what_was_just_recorded_counts_as_played(tmp_path: Path) -> None:
    store = Store(tmp_path)
    inner = httpx2.MockTransport(lambda request: httpx2.Response(200, content=ANSWER))
    _post(RecordingTransport(store, inner), _sent())
    assert store.files() != []
    assert store.unplayed() == []


def test_a_replayed_answer_says_so_and_a_live_one_does_not(tmp_path: Path) -> None:
    assert "x-factcheck-replayed" not in _record(tmp_path, _sent()).headers
    assert "x-factcheck-replayed" in _replay(tmp_path, _sent()).headers


def test_an_error_that_comes_with_status_200_is_asked_for_again(tmp_path: Path) -> None:
    error = b'{"error": {"message": "The model is busy.", "code": 503}, "choices": []}'
    assert _record(tmp_path, _sent(), error, read=True).content == error
    assert _record(tmp_path, _sent(), read=True).content == ANSWER
    assert len(Store(tmp_path).files()) == 1
