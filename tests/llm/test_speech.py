"""Recordings are transcribed by an endpoint, kept like every other answer, and shown as what a machine heard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factcheck.api import open_store, transcriber_for
from factcheck.inputs.documents import Reading, read
from factcheck.llm.whisper import LocalTranscriber
from factcheck.models import Document
from factcheck.outputs.render import FORMATS, render
from factcheck.settings import Settings
from tests.support.listening import GOOD, SEGMENTS, TOLD, listening, wav
from tests.support.reading import assert_exact, report_on


def settings(url: str, **more: Any) -> Settings:
    """Settings that transcribe at an endpoint, without a cache."""
    given: dict[str, Any] = {
        "transcription_model": "whisper-1", "transcription_base_url": url, "use_cache": False, "attempts": 2,
        "deadline": 10.0,
    }  # fmt: skip
    return Settings(**{**given, **more})


def hear(place: Path, wanted: Settings, record: Path | None = None, replay: Path | None = None) -> Reading:
    """What reading a recording gives."""
    store = open_store(wanted, record=record, replay=replay)
    return read([place], transcribe=transcriber_for(wanted, store, record=record, replay=replay))


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A recording."""
    path = tmp_path / "talk.wav"
    path.write_bytes(wav())
    return path


def test_a_recording_is_transcribed_with_its_times(talk: Path) -> None:
    with listening() as server:
        reading = hear(talk, settings(server.url, language="en"))
    (document,) = reading.documents
    assert document.text == (
        "The ferry will run all winter, the chair said. We will not cut a single crossing.\n\n"
        "The county pays a third of it."
    )
    assert [mark.time for mark in document.marks] == ["00:00:00.000", "00:00:04.200", "00:00:11.500"]
    assert (document.machine, document.language) == ("transcribed", "en")
    assert document.fields_from["text"] == "transcribed by whisper-1"
    assert document.origin is not None
    assert document.origin.media_type == "audio/wav"
    assert [problem.code for problem in reading.problems] == ["transcribed"]
    (heard,) = server.heard
    assert heard.path == "/v1/audio/transcriptions"
    assert heard.fields["file"] == talk.read_bytes()
    assert heard.fields["model"] == b"whisper-1"
    assert heard.fields["response_format"] == b"verbose_json"
    assert heard.fields["timestamp_granularities[]"] == b"segment"
    assert heard.fields["language"] == b"en"


def transcript(talk: Path) -> Document:
    """The document of a recording."""
    with listening() as server:
        return hear(talk, settings(server.url)).documents[0]


def test_every_quote_says_that_a_machine_heard_it(talk: Path) -> None:
    report = assert_exact([transcript(talk)])
    assert report.claims
    for claim in report.claims:
        assert {quote.machine for quote in claim.quotes} == {"transcribed"}


@pytest.mark.parametrize("form", [form for form in FORMATS if "findings" not in form])
def test_every_output_says_it(talk: Path, form: Any) -> None:
    shown = render(report_on([transcript(talk)]), form)
    if form in {"json", "jsonl"}:
        assert '"machine": "transcribed"' in shown or '"machine":"transcribed"' in shown
    elif "single crossing" in shown:
        assert "transcribed by a machine" in shown


def test_what_was_heard_is_recorded_and_replayed_whatever_its_file_is_called(talk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with listening() as server:
        first = hear(talk, settings(server.url), record=folder).documents[0]
        url = server.url
    (kept,) = folder.glob("transcriptions/*.json")
    record = json.loads(kept.read_text(encoding="utf-8"))
    assert json.loads(record["response"]["body"]) == GOOD
    assert len(record["request"]["sound"]) == 64
    assert "RIFF" not in kept.read_text(encoding="utf-8")
    other = tmp_path / "other name.wav"
    other.write_bytes(talk.read_bytes())
    again = hear(other, settings(url), replay=folder).documents[0]
    assert (again.text, again.marks) == (first.text, first.marks)
    other.write_bytes(wav(pitch=41))
    missed = hear(other, settings(url), replay=folder)
    assert [problem.code for problem in missed.problems] == ["replay_miss"]
    assert "record it" in missed.problems[0].message or "record again" in missed.problems[0].message


def with_segment(**changes: Any) -> dict[str, Any]:
    """An answer whose second segment is different."""
    segments = [dict(segment) for segment in TOLD]
    segments[1].update(changes)
    return {**GOOD, "segments": segments}


FAILURES: dict[str, tuple[Any, int, str, str]] = {
    "too many": ({"error": {"message": "slow down"}}, 429, "rate_limited", "429"),
    "no money": ({"error": {"message": "pay", "code": "insufficient_quota"}}, 429, "quota", "quota"),
    "broken server": (b"oops", 500, "server_error", "500"),
    "no such model": ({"error": {"message": "no whisper"}}, 404, "not_found", "404"),
    "key": ({"error": {"message": "who"}}, 401, "unauthorized", "401"),
    "too large": ({"error": {"message": "25 MB"}}, 413, "truncated", "413"),
    "broken JSON": (b'{"text": "The fer', 200, "malformed", "no transcription"),
    "a page": (b"<!DOCTYPE html><html><body>Log in</body></html>", 200, "malformed", "no transcription"),
    "a list": ([1, 2], 200, "malformed", "no transcription"),
    "a string": (b'"text"', 200, "malformed", "no transcription"),
    "no text": ({"segments": []}, 200, "malformed", "no transcription"),
    "segments of another shape": ({"text": "x", "segments": [{"words": "x"}]}, 200, "malformed", "no transcription"),
    "a time before the beginning": (with_segment(start=-3), 200, "malformed", "no transcription"),
    "a time that is none": (with_segment(start="soon"), 200, "malformed", "no transcription"),
    "an error in place of an answer": ({"error": {"message": "GPU is gone"}}, 200, "server_error", "GPU is gone"),
    "nothing": (b"", 200, "malformed", "no transcription"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_goes_wrong_is_one_clear_line(talk: Path, case: str) -> None:
    body, status, code, says = FAILURES[case]
    with listening(body, status) as server:
        reading = hear(talk, settings(server.url))
    assert reading.documents == []
    (problem,) = reading.problems
    assert (problem.stage, problem.code) == ("read", code)
    assert says in problem.message
    assert problem.message.startswith(f"{talk}: ")
    assert "\n" not in problem.message
    assert len(server.heard) == (2 if code in {"rate_limited", "server_error"} else 1)


def test_an_answer_that_does_not_come(talk: Path) -> None:
    with listening(delay=3) as server:
        (problem,) = hear(talk, settings(server.url, deadline=0.5, attempts=1)).problems
    assert (problem.code, "--deadline" in problem.message) == ("timeout", True)


def test_silence_in_which_a_machine_wrote_words_is_left_out(talk: Path) -> None:
    with listening(with_segment(text=" Thanks for watching!", no_speech_prob=0.9, avg_logprob=-1.4)) as server:
        (document,) = hear(talk, settings(server.url)).documents
    assert "watching" not in document.text
    (out,) = document.left_out
    assert (out.kind, out.text, "00:00:04" in out.note) == ("other", "Thanks for watching!", True)
    assert document.text[: out.at].strip() == SEGMENTS[0]["text"].strip()


def test_nothing_but_silence_holds_no_words(talk: Path) -> None:
    silent = {**GOOD, "segments": [{**TOLD[0], "no_speech_prob": 0.9, "avg_logprob": -1.4}]}
    with listening(silent) as server:
        assert [problem.code for problem in hear(talk, settings(server.url)).problems] == ["empty"]


def test_a_stretch_in_which_it_lost_track_is_named(talk: Path) -> None:
    with listening(with_segment(text=" no no no no no no", compression_ratio=9.0)) as server:
        problems = hear(talk, settings(server.url)).problems
    assert [("00:00:04" in problem.message) for problem in problems if problem.code == "unsure"] == [True]


def test_a_model_without_times_is_asked_without_them(talk: Path) -> None:
    with listening({"text": GOOD["text"]}, no_times=True) as server:
        reading = hear(talk, settings(server.url))
    assert reading.documents[0].text == GOOD["text"]
    assert [problem.code for problem in reading.problems] == ["transcribed", "no_times"]
    assert [heard.fields["response_format"] for heard in server.heard] == [b"verbose_json", b"json"]


def test_without_a_model_it_is_said_what_to_set(talk: Path) -> None:
    (problem,) = read([talk]).problems
    assert (problem.code, "transcription_model" in problem.message) == ("extra", True)


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.mp4", "a.webm", "a.unknown"])
def test_recordings_of_many_kinds_are_known(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(wav())
    with listening() as server:
        (document,) = hear(tmp_path / name, settings(server.url)).documents
    assert document.machine == "transcribed"


def test_a_key_goes_to_its_own_endpoint_only(talk: Path) -> None:
    keys: list[tuple[dict[str, Any], Callable[[str], str | None]]] = [
        ({"api_key": "sk-one"}, lambda url: None),
        ({"api_key": "sk-one", "transcription_api_key": "sk-two"}, lambda url: "Bearer sk-two"),
    ]
    for given, expected in keys:
        with listening() as server:
            hear(talk, settings(server.url, base_url="https://api.example/v1", **given))
        sent = server.heard[0].headers.get("Authorization") or server.heard[0].headers.get("authorization")
        assert sent == expected(server.url) or (expected(server.url) is None and "sk-one" not in str(sent))


def test_a_folder_without_a_model_or_a_library_is_named(talk: Path, tmp_path: Path) -> None:
    (problem,) = read([talk], transcribe=LocalTranscriber(tmp_path)).problems
    assert problem.code == "extra"
    assert "faster-whisper" in problem.message or "factcheck-desk[speech]" in problem.message
