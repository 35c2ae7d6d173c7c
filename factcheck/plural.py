"""A number with its noun, in English: "1 document", "2,000 documents"."""

from __future__ import annotations


def counted(number: int | None, noun: str) -> str:
    """A number with a noun that takes an s for more than one; thousands are set apart."""
    shown = f"{number:,}" if number is not None else str(number)
    return f"{shown} {noun}{'' if number == 1 else 's'}"


def was(number: int) -> str:
    """The verb behind a number."""
    return "was" if number == 1 else "were"
