"""Recordings of sound are transcribed by a model: this says what to set where none is."""

from __future__ import annotations

from factcheck.inputs.article import Original, Part, UnreadableError


def read_sound(original: Original) -> list[Part]:  # noqa: ARG001  (like all readers)
    """Refuse: nothing here can hear. Raises UnreadableError."""
    raise UnreadableError(
        "extra",
        "is a recording; to have it transcribed, set transcription_model to a model of your endpoint, e.g. whisper-1",
    )
