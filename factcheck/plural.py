"""Words that messages share: a number with its noun ("2,000 documents"), and what a text without a title is called."""

from __future__ import annotations

NAMED = 60
"""Code points of a text that it is called by."""


def counted(number: int | None, noun: str) -> str:
    """A number with a noun that takes an s for more than one; thousands are set apart."""
    shown = f"{number:,}" if number is not None else str(number)
    return f"{shown} {noun}{'' if number == 1 else 's'}"


def was(number: int) -> str:
    """The verb behind a number."""
    return "was" if number == 1 else "were"


def beginning(text: str) -> str:
    """The first words of a text, in quotation marks; empty where it has none."""
    words = " ".join(text[: 4 * NAMED].split())
    if len(words) > NAMED:
        words = f"{words[:NAMED].rpartition(' ')[0] or words[:NAMED]} …"
    return f"“{words}”" if words else ""
