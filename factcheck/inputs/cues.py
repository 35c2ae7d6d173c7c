"""Take caption files apart: WebVTT, SubRip, SubViewer and SubStation Alpha give cues with times, voices and lines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}", re.ASCII)
SBV_TIMING = re.compile(rf"^{TIME},{TIME}[ \t]*$", re.ASCII | re.MULTILINE)
ASS_TIME = re.compile(rf"\s*{TIME}\s*", re.ASCII)
ASS_HEAD = re.compile(r"^\s*\[(?:Script Info|V4\+? Styles|Events)\]", re.IGNORECASE | re.MULTILINE)
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>|(</v>)")
TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,100}\}")
BRACES = re.compile(r"\{([^{}]{0,500})\}")
DRAWING = re.compile(r"\\p[1-9]")
DASHED = re.compile(r"^\s*[-–—]\s+(?=\S)")
NAMED = re.compile(r"^\s*(?:>>\s*)?([^\W\d_][\w.'’ \-]{0,40}):\s+(?=\S)")


class Line(NamedTuple):
    """One line of a caption, or what one of several voices says in it."""

    text: str
    voice: str | None = None
    turn: bool = False
    """Whether a dash or a name says that somebody else begins to speak."""


class Cue(NamedTuple):
    """What is shown from one moment (seconds) to another."""

    start: float
    end: float
    lines: tuple[Line, ...]
    unseen: str = ""
    """Words of its notation that nobody sees, such as comments."""


class Broken(NamedTuple):
    """Lines without a time that can be read."""

    line: int
    text: str


def cues_of(text: str) -> Iterator[Cue | Broken]:
    """The cues of a caption file in its order, and what of it is broken."""
    if ASS_HEAD.search(text[:4000]) and "\nDialogue:" in text:
        return _ass(text)
    if "-->" not in text and SBV_TIMING.search(text):
        return _sbv(text)
    return _arrows(text)


def _arrows(text: str) -> Iterator[Cue | Broken]:
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
        body = lines[first:at]
        if at < len(lines) and "-->" in lines[at] and body and body[-1].strip().isdecimal():
            body = body[:-1]  # the next cue's number, where the empty line between is missing
        yield Broken(first, "\n".join(body)) if timing is None else _cue(timing, body)


def _sbv(text: str) -> Iterator[Cue | Broken]:
    timings = list(SBV_TIMING.finditer(text))
    if before := text[: timings[0].start()].strip():
        yield Broken(1, before)
    for timing, end in zip(timings, [*(t.start() for t in timings[1:]), len(text)], strict=True):
        yield _cue(timing, text[timing.end() : end].strip().split("\n"))


def _ass(text: str) -> Iterator[Cue | Broken]:
    fields = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    for number, row in enumerate(text.split("\n"), 1):
        what, _, rest = row.partition(":")
        if what.strip().lower() == "format" and "text" in rest.lower():
            fields = [name.strip().lower() for name in rest.split(",")]
        elif what in {"Dialogue", "Comment"}:
            values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
            yield _event(number, values, is_comment=what == "Comment")


def _event(number: int, values: dict[str, str], *, is_comment: bool) -> Cue | Broken:
    times = [ASS_TIME.fullmatch(values.get(name, "")) for name in ("start", "end")]
    text = values.get("text", "")
    if times[0] is None or times[1] is None:
        return Broken(number, text)
    start, end = (_seconds(*time.groups()) for time in times if time)
    unseen = " ".join(inner for inner in BRACES.findall(text) if not inner.startswith("\\"))
    is_drawing = any(DRAWING.search(inner) for inner in BRACES.findall(text))
    shown = re.sub(r"\\[Nn]", "\n", BRACES.sub("", text)).replace("\\h", " ")
    if is_comment:
        return Cue(start, end, (), f"{unseen} {shown}".strip())
    voice = values.get("name", "").strip() or None
    lines = [] if is_drawing else [Line(part.strip(), voice) for part in shown.split("\n") if part.strip()]
    return Cue(start, end, tuple(_turned(line) for line in lines), unseen)


def _cue(timing: re.Match[str], body: list[str]) -> Cue:
    start, end = (_seconds(*timing.groups()[i : i + 4]) for i in (0, 4))
    lines: list[Line] = []
    voice: str | None = None
    for row in body:
        at = 0
        for change in [*VOICE.finditer(row), None]:
            said = html.unescape(TAG.sub("", row[at : change.start() if change else len(row)])).strip()
            if said:
                lines.append(_turned(Line(said, voice)))
            if change:
                voice, at = html.unescape(change[1]).strip() if change[1] else None, change.end()
    return Cue(start, end, tuple(lines))


def _turned(line: Line) -> Line:
    turn = bool(DASHED.match(line.text) or NAMED.match(line.text) or line.text.startswith(">>"))
    return Line(DASHED.sub("", line.text), line.voice, turn)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000
