"""Transcribe recordings: what a machine heard becomes an article whose words it says are the machine's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import Any, NamedTuple

import httpx2

from factcheck.errors import ModelError
from factcheck.inputs.article import Article, Original, Piece, UnreadableError, joined
from factcheck.inputs.plain import clock
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.models import Usage, added
from factcheck.originals import LeftOut

PAUSE = 2.0
"""Seconds without speech that begin a new paragraph."""

SILENT, UNLIKELY = 0.6, -1.0
"""Probability of silence above which, and mean log probability of words below which, a stretch was not spoken."""

REPETITIVE = 2.4
"""How far a stretch can be compressed that says the same again and again, as these models do when they lose track."""


class Transcriber:
    """Has recordings transcribed by an endpoint, one call each; may be called from several threads."""

    def __init__(
        self, endpoint: Endpoint, transport: Callable[[], httpx2.AsyncBaseTransport], language: str | None = None
    ) -> None:
        self.endpoint = endpoint
        self.usage = Usage()
        """What all calls took so far."""
        self._transport = transport
        self._language = language

    def __call__(self, original: Original) -> Article:
        """The article of a recording. Raises UnreadableError."""
        try:
            return article_of(asyncio.run(self._heard(original)), self.endpoint.model)
        except ModelError as error:
            raise UnreadableError(error.code, str(error)) from None

    async def _heard(self, original: Original) -> str:
        chat = Chat(self.endpoint, self._transport())
        try:
            name = PurePath(original.place.split("?", maxsplit=1)[0]).name
            return await chat.transcribe(name if "." in name else "recording.mp3", original.content, self._language)
        finally:
            self.usage = added(self.usage, chat.usage())
            await chat.aclose()


class Segment(NamedTuple):
    """A stretch of speech: when it was heard, in seconds, and what."""

    start: float
    end: float
    text: str
    spoken: bool = True
    """Whether the machine itself takes it for speech."""
    doubtful: bool = False


def article_of(raw: str, model: str) -> Article:
    """The article of an answer of `/audio/transcriptions` (verbose_json, or json without times). Raises ModelError."""
    try:
        body = json.loads(raw)
        text = body["text"]
        rows = body.get("segments") or []
        segments = [_segment(row) for row in rows] if rows else [Segment(0.0, 0.0, str(text))]
        timed = bool(rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise ModelError("malformed", f"the endpoint's response is no transcription: {raw[:80]!r}") from None
    return article(segments, model, timed=timed, language=language_code(body.get("language")))


def article(segments: Sequence[Segment], model: str, *, timed: bool = True, language: str | None = None) -> Article:
    """What was heard, with the time of every stretch; what the machine takes for silence is left out."""
    spoken = [segment for segment in segments if segment.spoken and segment.text.strip()]
    text, marks = joined(list(_pieces(spoken, timed=timed)))
    notes = [
        ("transcribed", f"a machine ({model}) wrote these words down from speech; compare quotes with the recording")
    ]
    if not timed and spoken:
        notes.append(("no_times", f"{model} gave no times; a model that gives segments tells when words were said"))
    if doubtful := [clock(segment.start)[:8] for segment in spoken if segment.doubtful]:
        notes.append(("unsure", f"the machine may have lost track at {', '.join(doubtful[:8])}; listen there"))
    fields_from = {"text": f"transcribed by {model}"} | ({"language": "the transcription"} if language else {})
    return Article(
        text,
        {"language": language},
        marks,
        tuple(notes),
        left_out=tuple(_unspoken(segments, marks_at=[mark.start for mark in marks], end=len(text))),
        fields_from=fields_from,
        machine="transcribed",
    )


def _segment(row: Any) -> Segment:
    start, end, text = float(row["start"]), float(row["end"]), str(row["text"])
    if not 0 <= start < float("inf"):
        raise ValueError
    silence, likely = float(row.get("no_speech_prob") or 0), float(row.get("avg_logprob") or 0)
    doubtful = likely < UNLIKELY or float(row.get("compression_ratio") or 0) > REPETITIVE
    return Segment(start, end, text, not (silence > SILENT and likely < UNLIKELY), doubtful)


def _pieces(segments: Sequence[Segment], *, timed: bool) -> Iterator[Piece]:
    for before, segment in pairwise([None, *segments]):
        assert segment  # noqa: S101  (only the first is none)
        pause = before is not None and segment.start - before.end >= PAUSE
        yield Piece(segment.text, "\n\n" if pause else " ", time=clock(segment.start) if timed else None)


def _unspoken(segments: Sequence[Segment], *, marks_at: Sequence[int], end: int) -> Iterator[LeftOut]:
    """Words that the machine wrote where it heard no speech."""
    places = [*marks_at, end]
    before = 0
    for segment in segments:
        words = segment.text.strip()
        if words and segment.spoken:
            before += 1
        elif words:
            note = f"written at {clock(segment.start)[:8]}, where no speech was heard"
            yield LeftOut(kind="other", text=words, at=places[min(before, len(places) - 1)], note=note)


def language_code(name: object) -> str | None:
    """The ISO code of a language that is given by its English name, or by a code."""
    if not isinstance(name, str):
        return None
    return NAMES.get(name.casefold()) or (name if len(name) == 2 and name.isalpha() else None)  # noqa: PLR2004


NAMES = {
    "arabic": "ar", "belarusian": "be", "bulgarian": "bg", "catalan": "ca", "czech": "cs", "welsh": "cy",
    "danish": "da",
    "german": "de", "greek": "el", "english": "en", "spanish": "es", "estonian": "et", "basque": "eu", "persian": "fa",
    "finnish": "fi", "french": "fr", "galician": "gl", "hebrew": "he", "hindi": "hi", "croatian": "hr",
    "hungarian": "hu", "armenian": "hy", "indonesian": "id", "icelandic": "is", "italian": "it", "japanese": "ja",
    "georgian": "ka", "kazakh": "kk", "korean": "ko", "lithuanian": "lt", "latvian": "lv", "macedonian": "mk",
    "malay": "ms", "maltese": "mt", "dutch": "nl", "norwegian": "no", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "slovak": "sk", "slovenian": "sl", "albanian": "sq", "serbian": "sr",
    "swedish": "sv", "swahili": "sw", "thai": "th", "tagalog": "tl", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi", "chinese": "zh",
}  # fmt: skip
"""Languages as transcriptions call them."""
