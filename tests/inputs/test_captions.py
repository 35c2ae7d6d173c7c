"""Captions and transcripts: each word once, by whom and when, and everything else accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.inputs.article import Article, Original
from factcheck.inputs.captions import read_captions
from factcheck.inputs.plain import article_of
from factcheck.models import Document
from tests.support.balance import WORD, assert_balanced, words
from tests.support.reading import read_bytes


def _srt(*cues: tuple[float, float, str]) -> bytes:
    def at(seconds: float) -> str:
        return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02},{round(seconds % 1 * 1000):03}"

    return "".join(f"{n}\n{at(a)} --> {at(b)}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1)).encode()


def _read(folder: Path, name: str, content: bytes) -> Document:
    reading = read_bytes(folder, name, content)
    assert reading.problems == []
    (document,) = reading.documents
    return document


ROLLING = {
    "two lines roll": (
        _srt(
            (1, 3, "The ferry will\nrun all winter."),
            (3, 5, "run all winter.\nThe board said so."),
            (5, 7, "The board said so."),
        ),
        "The ferry will run all winter. The board said so.",
    ),
    "three lines roll by two": (
        _srt(
            (1, 3, "One crossing\nof nine\nis cut."),
            (3, 5, "is cut.\nThe crew\nwas told."),
            (5, 6, "was told.\nToday."),
        ),
        "One crossing of nine is cut. The crew was told. Today.",
    ),
    "painted on by words": (
        _srt((1, 2, "The ferry will"), (2, 3, "The ferry will run"), (3, 4, "The ferry will run on.")),
        "The ferry will run on.",
    ),
    "painted on by letters": (
        _srt((1, 2, "Nine cross"), (2, 3, "Nine crossings"), (3, 4, "Nine crossings\nare cut.")),
        "Nine crossings are cut.",
    ),
    "shown again for a moment": (
        _srt((1, 3, "the crew was"), (3, 3.01, "the crew was"), (3.01, 5, "the crew was\ntold on Monday")),
        "the crew was told on Monday",
    ),
}


@pytest.mark.parametrize("case", ROLLING)
def test_captions_that_roll_up_or_paint_on_are_read_once(tmp_path: Path, case: str) -> None:
    content, text = ROLLING[case]
    document = _read(tmp_path, "a.srt", content)
    assert document.text == text
    assert {item.kind for item in document.left_out} == {"repeated"}


def test_what_is_said_twice_stays_twice(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "a.srt",
        _srt((1, 2, "Will it run?"), (5, 6, "Will it run?"), (6, 7, "No."), (7, 8, "No, it will not.")),
    )
    assert document.text == "Will it run?\n\nWill it run? No. No, it will not."
    assert document.left_out == ()


VOICES = {
    "two on a line": (
        "<v Ida Strand>Will it run?</v> <v Per Lund>It will.</v>",
        "Ida Strand: Will it run?\n\nPer Lund: It will.",
    ),
    "three on a line": ("<v A>One.</v><v B>Two.</v><v A>Three.</v>", "A: One.\n\nB: Two.\n\nA: Three."),
    "with classes": ("<v.first.loud Ida>Yes.</v> <v.second Per>No.</v>", "Ida: Yes.\n\nPer: No."),
    "not closed": ("<v Ida>Yes, it\nwill.", "Ida: Yes, it will."),
    "words of nobody between": ("<v Ida>Yes.</v> (laughter) <v Per>No.</v>", "Ida: Yes.\n\n(laughter)\n\nPer: No."),
}


@pytest.mark.parametrize("case", VOICES)
def test_every_voice_of_a_caption_has_its_own_turn(tmp_path: Path, case: str) -> None:
    cue, text = VOICES[case]
    content = f"WEBVTT\n\n00:01.000 --> 00:05.000\n{cue}\n".encode()
    assert _read(tmp_path, "a.vtt", content).text == text


ASS = """[Script Info]
Title: Ferry

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a note to the translator
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Ida Strand,0,0,0,,{\\i1}Will it{\\i0} run,\\Nall winter?
Dialogue: 0,0:00:03.00,0:00:04.00,Default,Per Lund,0,0,0,,{unsure}It will.
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
"""
SBV = "0:00:01.000,0:00:03.000\nWill it run,\nall winter?\n\n0:00:03.000,0:00:04.000\nIt will.\n"
TTML = """<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
 xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling"
 xml:lang="en" ttp:frameRate="25">
<head><metadata><ttm:title>Ferry</ttm:title>
<ttm:agent xml:id="i"><ttm:name>Ida Strand</ttm:name></ttm:agent></metadata></head>
<body><div begin="10s">
<p begin="00:00:01:05" end="00:00:03.000" ttm:agent="i">Will it run,<br/>all <span>winter</span>?</p>
<p begin="3s" dur="1s">It will.<span tts:display="none">not shown</span></p></div></body></tt>"""
YOUTUBE = (
    '<transcript><text start="1.5" dur="2">will it run</text><text start="3.5" dur="2">all winter</text></transcript>'
)
OTHERS = {
    "a.ass": (ASS, "Ida Strand: Will it run, all winter?\n\nPer Lund: It will.", ["hidden", "hidden"]),
    "a.sbv": (SBV, "Will it run, all winter? It will.", []),
    "a.ttml": (TTML, "Ida Strand: Will it run, all winter?\n\nIt will.", ["hidden"]),
    "a.xml": (TTML, "Ida Strand: Will it run, all winter?\n\nIt will.", ["hidden"]),
    "b.xml": (YOUTUBE, "will it run all winter", []),
    "c.txt": (_srt((1, 3, "Will it run?"), (3, 4, "It will.")).decode(), "Will it run? It will.", []),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_captions_are_read_as_what_they_are(tmp_path: Path, name: str) -> None:
    content, text, kinds = OTHERS[name]
    document = _read(tmp_path, name, content.encode())
    assert document.text == text
    assert [item.kind for item in document.left_out] == kinds


def test_times_of_ttml_count_frames_and_what_is_around(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.ttml", TTML.encode())
    assert [mark.time for mark in document.marks] == ["00:00:11.200", "00:00:11.200", "00:00:13.000"]
    assert (document.title, document.language) == ("Ferry", "en")


TRANSCRIPTS = {
    "otter": "Ida Strand  0:03\nWill it run?\n\nPer Lund  1:09\nIt will.\n\nTranscribed by https://otter.example",
    "trint": "[00:00:03] Ida Strand\nWill it run?\n\n[00:01:09] Per Lund\nIt will.",
    "hyphen": "[00:00:03.000] - Ida Strand\nWill it run?\n\n[00:01:09.000] - Per Lund\nIt will.",
    "brackets": "Ida Strand (00:03):\nWill it run?\nPer Lund (01:09):\nIt will.",
    "one space": "Ida Strand 0:03\nWill it run?\n\nPer Lund 1:09\nIt will.",
    "teams": "0:0:3.0 --> 0:0:5.120\nIda Strand\nWill it run?\n0:1:9.0 --> 0:1:11.9\nPer Lund\nIt will.",
    "premiere": "00:00:03:00 - 00:00:05:12\nIda Strand\nWill it run?\n\n00:01:09:00 - 00:01:10:02\nPer Lund\nIt will.",
}


@pytest.mark.parametrize("service", TRANSCRIPTS)
def test_transcripts_of_services_have_turns_and_times(tmp_path: Path, service: str) -> None:
    document = _read(tmp_path, "talk.txt", TRANSCRIPTS[service].encode())
    assert document.text == "Ida Strand: Will it run?\n\nPer Lund: It will."
    assert [mark.time for mark in document.marks] == ["00:00:03.000", "00:01:09.000"]
    assert [item.text for item in document.left_out] == ["Transcribed by https://otter.example"] * (service == "otter")


@pytest.mark.parametrize("spoken", ["", "{n} seconds\n"])
def test_a_transcript_copied_from_youtube_runs_on(tmp_path: Path, spoken: str) -> None:
    rows = [("0:03", "the ferry will"), ("0:05", "run all winter"), ("0:09", "said the board")]
    text = "".join(f"{time}\n{spoken.format(n=time[-1])}{said}\n" for time, said in rows)
    document = _read(tmp_path, "talk.txt", text.encode())
    assert document.text == "the ferry will run all winter said the board"
    assert [mark.start for mark in document.marks] == [0, 15, 30]
    assert [item.kind for item in document.left_out] == ["repeated"] * 3 * bool(spoken)


@pytest.mark.parametrize(
    "text",
    [
        "Opening hours\n9:00\n12:00\nCome by.",
        "The bus goes at 9:15\nand the ferry  9:20\nThen we go home.",
        "Results\n\nNorby  3:01\nLundby  2:10\nThe match was long.",
        "Psalm 23:1\nThe ferry runs.",
    ],
)
def test_a_text_with_times_is_no_transcript(text: str) -> None:
    assert article_of(text).text == text


SAID = st.lists(
    st.sampled_from(["ferry", "runs", "all", "winter", "said", "the", "No", "Yes", "nine"]), min_size=1, max_size=5
).map(" ".join)


@given(
    st.lists(
        st.tuples(st.lists(SAID, min_size=1, max_size=3), st.sampled_from([0.0, 0.5, 3.0])), min_size=1, max_size=8
    )
)
def test_words_of_captions_are_read_or_left_out(cues: list[tuple[list[str], float]]) -> None:
    at, made = 0.0, []
    for lines, pause in cues:
        made.append((at + pause, at + pause + 2, "\n".join(lines)))
        at += pause + 2
    (article,) = read_captions(Original("a.srt", _srt(*made)))
    assert isinstance(article, Article)
    total = words(article.text)
    for item in article.left_out:
        total += words(item.text)
    assert total == words("\n".join(text for _, _, text in made))


@given(st.lists(st.tuples(SAID, SAID), min_size=2, max_size=8))
def test_words_of_transcripts_are_read(turns: list[tuple[str, str]]) -> None:
    names = ["Ida Strand", "Per Lund"]
    text = "\n\n".join(f"{names[n % 2]}  {n}:0{n}\n{a}\n{b}" for n, (a, b) in enumerate(turns))
    article = article_of(text)
    assert words(article.text) == words("\n".join(f"{names[n % 2]} {a} {b}" for n, (a, b) in enumerate(turns)))
    assert len(article.marks) == len(turns)


def test_the_account_notices_a_loss(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.srt", _srt((1, 3, "The ferry runs.")))
    assert_balanced("The ferry runs.", document)
    with pytest.raises(AssertionError):
        assert_balanced("The ferry runs today.", document)
    assert WORD.findall("nine_9") == ["nine", "9"]
