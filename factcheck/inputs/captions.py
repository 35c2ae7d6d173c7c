"""Read WebVTT and SubRip captions: speaker turns stay in the text, and every cue's time is marked."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, canonical, joined
from factcheck.inputs.plain import clock, decoded

TIMING = re.compile(
    r"\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})", re.ASCII
)
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,100}\}")
DASHED = re.compile(r"^\s*[-–—]\s+(?=\S)")
NAMED = re.compile(r"^\s*(?:>>\s*)?([^\W\d_][\w.'’ \-]{0,40}):\s+(?=\S)")
PAUSE = 2.0
"""Seconds of silence after a closed sentence that begin a new paragraph; speakers breathe for less than one."""

CLOSED = tuple('.!?…。！？؟।"”»」')


class Cue(NamedTuple):
    """One caption: when it is shown, who speaks if that is said, and its words."""

    start: float
    end: float
    voice: str | None
    text: str
    turn: bool
    """Whether a dash or a name says that somebody else begins to speak."""


def read_captions(original: Original) -> list[Part]:
    """The one article of a caption file, and a note of cues that are broken. Raises UnreadableError."""
    text = canonical(decoded(original.content))
    broken: list[int] = []
    cues = list(_cues(text, broken))
    if not cues:
        raise UnreadableError("damaged", "holds no captions (no line like 00:00:01.000 --> 00:00:04.000)")
    body, marks = joined(list(_pieces(cues)))
    notes = []
    if broken:
        where = ", ".join(str(n) for n in broken[:5])
        notes.append(("damaged", f"{len(broken)} cues have no readable time and were left out (line {where})"))
    return [Article(body, {"language": _language(text)}, marks, tuple(notes))]


def _language(text: str) -> str | None:
    head = text.split("\n\n", maxsplit=1)[0]
    found = re.search(r"^Language:\s*([A-Za-z]{2,3}(?:-\w+)*)\s*$", head, re.MULTILINE) if "WEBVTT" in head else None
    return found[1] if found else None


def _cues(text: str, broken: list[int]) -> Iterator[Cue]:
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if "-->" not in lines[at] or lines[at].startswith("NOTE"):
            at += 1
            continue
        timing = TIMING.match(lines[at])
        first = at = at + 1
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            at += 1
        if timing is None:
            broken.append(first)
            continue
        body = lines[first:at]
        if at < len(lines) and "-->" in lines[at] and body and body[-1].strip().isdecimal():
            body = body[:-1]  # the next cue's number, where the empty line between is missing
        yield from _spoken(timing, body)


def _spoken(timing: re.Match[str], body: list[str]) -> Iterator[Cue]:
    start, end = (_seconds(*timing.groups()[i : i + 4]) for i in (0, 4))
    voice: str | None = None
    for line in body:
        named = VOICE.search(line)
        voice = html.unescape(named[1]).strip() if named else voice
        words = html.unescape(TAG.sub("", line)).strip()
        turn = bool(DASHED.match(words) or NAMED.match(words) or words.startswith(">>"))
        if words:
            yield Cue(start, end, voice, DASHED.sub("", words), turn)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _pieces(cues: list[Cue]) -> Iterator[Piece]:
    """Cues run on within a turn; a new speaker, or a pause after a closed sentence, begins a paragraph."""
    before: Cue | None = None
    for cue in cues:
        if before and cue.text == before.text and cue.voice == before.voice:
            before = cue  # rolling captions show a line twice
            continue
        changed = before is None or cue.voice != before.voice
        pause = before is not None and before.text.endswith(CLOSED) and cue.start - before.end >= PAUSE
        name = f"{cue.voice}: " if cue.voice and (changed or pause) else ""
        separator = "\n\n" if changed or pause or cue.turn else " "
        yield Piece(name + cue.text, separator, time=clock(cue.start))
        before = cue
