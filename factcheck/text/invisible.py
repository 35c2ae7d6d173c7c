"""Take out of a text what its readers cannot see: zero-width, direction, tag and control characters."""

from __future__ import annotations

import re
import unicodedata

NAMES = (
    ("control", re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")),
    ("direction", re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]")),
    ("tag", re.compile("[\U000e0000-\U000e007f]")),
    (
        "variation",
        re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}|(?<=[\\s!-~])[\ufe00-\ufe0e\U000e0100-\U000e01ef]"),
    ),
    (
        "zero-width",
        re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff9-\ufffb]"),
    ),
    (
        "zero-width",
        re.compile(
            "[\u200c\u200d]{2,}|(?<![^\\W\\d_\u0000-\u024f])(?<![\u0900-\u0dff\ufe0f])\u200c|\u200d(?=[\\s!-~]|$)"
        ),
    ),
)
"""Variation selectors and joiners belong to emoji and to scripts that need them, one at a time."""

FLAG = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
    "\U000e0077\U000e006c\U000e0073))\U000e007f"
)
"""The flags of England, Scotland and Wales, the only tags in common use."""

MESSAGE = "message"

RUN = re.compile(
    "[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]+"
)
CARRIERS = re.compile("[\u202d\u202e\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2}")
"""What no editor leaves behind: overrides of direction, tags, rows of selectors."""

MIN_MESSAGE = 4
"""Different invisible characters in a row from which on they may spell something."""

QUICK = re.compile("[^\t\n\x20-\x7e\u00a0-\u024f\u0400-\u04ff\u4e00-\u9fff]")
"""What could be invisible at all; a text without it is left alone."""


def visible(text: str, taken: dict[str, int] | None = None) -> str:
    """The text without invisible characters; how many of which kind goes into `taken`."""
    if not QUICK.search(text):
        return text
    flags = FLAG.findall(text)
    text = FLAG.sub("\ufdd0", text.replace("\ufdd0", ""))
    if taken is not None and (messages := sum(_may_spell(run) for run in RUN.findall(text))):
        taken[MESSAGE] = taken.get(MESSAGE, 0) + messages
    for name, pattern in NAMES:
        text, number = pattern.subn("", text)
        if number and taken is not None:
            taken[name] = taken.get(name, 0) + number
    for flag in flags:
        text = text.replace("\ufdd0", flag, 1)
    return text


def line(value: str | None, limit: int) -> str | None:
    """A field as one visible line, or None where it is empty or longer than such a field can honestly be."""
    if value is None:
        return None
    text = " ".join(visible(unicodedata.normalize("NFC", value)).split())
    return text if 0 < len(text) <= limit else None


def note_of(taken: dict[str, int]) -> list[tuple[str, str]]:
    """A note where what was taken out may have spelled a message; a stray mark of an editor is only counted."""
    if MESSAGE not in taken:
        return []
    return [("hidden_text", f"invisible characters that may spell a message were taken out ({counted(taken)})")]


def counted(taken: dict[str, int]) -> str:
    """What was taken out, in words; empty where nothing was."""
    return ", ".join(f"{number} {name}" for name, number in sorted(taken.items()) if name != MESSAGE)


def _may_spell(run: str) -> bool:
    return bool(CARRIERS.search(run)) or (len(run) >= MIN_MESSAGE and len(set(run)) > 1)
