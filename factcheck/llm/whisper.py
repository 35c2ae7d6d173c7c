"""Transcribe recordings on this machine, with a model for faster-whisper in a folder."""

from __future__ import annotations

import io
from pathlib import Path

from factcheck.inputs.article import Article, Original, UnreadableError
from factcheck.llm.speech import REPETITIVE, SILENT, UNLIKELY, Segment, article

INSTALL = "to transcribe on this machine, install: python3 -m pip install 'factcheck-desk[speech]'"


class LocalTranscriber:
    """Has recordings transcribed by a model in a folder; the model is loaded with the first of them."""

    def __init__(self, folder: Path, language: str | None = None) -> None:
        self.folder = folder
        self._language = language

    def __call__(self, original: Original) -> Article:
        """The article of a recording. Raises UnreadableError."""
        try:
            from faster_whisper import WhisperModel  # noqa: PLC0415  (an extra, and slow to import)
        except ImportError:
            raise UnreadableError("extra", f"is a recording; {INSTALL}") from None
        try:
            model = WhisperModel(str(self.folder), device="cpu", compute_type="int8", local_files_only=True)
        except (RuntimeError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())[:160]
            raise UnreadableError("extra", f"{self.folder} holds no model for faster-whisper ({reason})") from None
        try:
            found, told = model.transcribe(io.BytesIO(original.content), language=self._language)
            segments = [_segment(part) for part in found]
        except (RuntimeError, ValueError, OSError, IndexError) as error:
            reason = " ".join(str(error).split())[:160]
            raise UnreadableError("damaged", f"cannot be heard ({reason}); save it as .wav or .mp3") from None
        return article(segments, self.folder.name, language=told.language)


def _segment(part: object) -> Segment:
    start, end, text = (getattr(part, name) for name in ("start", "end", "text"))
    silence, likely, ratio = (getattr(part, n) for n in ("no_speech_prob", "avg_logprob", "compression_ratio"))
    spoken = not (silence > SILENT and likely < UNLIKELY)
    return Segment(start, end, text, spoken, doubtful=likely < UNLIKELY or ratio > REPETITIVE)
