"""What a program hands over to be read: one source or several, or the text itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from factcheck.errors import UsageError
from factcheck.models import Document

Source = str | Path | Document
"""A file, a folder, an address, `-` for standard input, or a document that was read already."""

Sources = Source | Iterable[Source]


def listed(sources: Sources | None) -> list[Source]:
    """The sources one by one; a string is one source, never its letters. Raises UsageError for anything else."""
    if sources is None:
        return []
    if isinstance(sources, str | os.PathLike | Document):
        return [_source(sources, "the source")]
    if isinstance(sources, Mapping | bytes | bytearray) or not isinstance(sources, Iterable):
        raise UsageError(f"the source is of type {type(sources).__name__}; {EXPECTED}")
    return [_source(one, f"source {number}") for number, one in enumerate(sources, 1)]


EXPECTED = "give a file, a folder, an address, a Document, or several of them; an article itself goes into text="


def folder_of(value: str | Path | None, name: str) -> Path | None:
    """A folder as programs give it. Raises UsageError for what is no path."""
    if value is None or (isinstance(value, str | os.PathLike) and str(value)):
        return None if value is None else Path(value)
    raise UsageError(f"{name} is {value!r}; give the path of a folder")


def _source(value: Any, name: str) -> Source:
    if isinstance(value, Document):
        return value
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name} is of type {type(value).__name__}; {EXPECTED}")
    place = os.fspath(value)
    if not isinstance(place, str) or not place.strip():
        raise UsageError(f"{name} is empty; {EXPECTED}")
    if "\n" in place and not os.path.exists(place):  # noqa: PTH110  (pathlib raises on names that are too long)
        raise UsageError(f"{name} has several lines; {EXPECTED}")
    return place
