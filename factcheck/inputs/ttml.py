"""Read captions in XML: TTML as broadcasters use it, and the transcripts that YouTube exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from factcheck.inputs.article import Original, Part, UnreadableError
from factcheck.inputs.captions import article_of
from factcheck.inputs.cues import DASHED, NAMED, Broken, Cue, Line
from factcheck.inputs.leftout import plain
from factcheck.inputs.trees import attribute, name_of, parsed

CLOCK = re.compile(r"(\d{1,4}):(\d{2}):(\d{2})(?:\.(\d+)|:(\d+)(?:\.\d+)?)?", re.ASCII)
OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)", re.ASCII)
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
SPAN = 5.0
"""Seconds of a caption of which no end is given."""


def read_ttml(original: Original) -> list[Part]:
    """The one article of a caption file in XML. Raises UnreadableError."""
    root = parsed(original.content, "is not well-formed XML")
    cues = list(_cues(root))
    if not cues:
        raise UnreadableError("damaged", "holds no captions (no text with a time at which it begins)")
    language = attribute(root, "lang") or None
    title = next((_words(node) for node in root.iter() if name_of(node) == "title"), None)
    return [article_of(cues, language, title or None)]


def _cues(root: Any) -> Iterator[Cue | Broken]:
    rates = _rates(root)
    agents = {attribute(node, "id") or "": _words(node) for node in root.iter() if name_of(node) == "agent"}
    for number, node in enumerate(node for node in root.iter() if name_of(node) in {"p", "text"}):
        start, end = _times(node, rates)
        lines, unseen = _lines(node, agents)
        if start is None:
            if words := " ".join([line.text for line in lines] + unseen):
                yield Broken(number + 1, words)
        else:
            yield Cue(start, end if end is not None else start + SPAN, tuple(lines), " ".join(unseen))


def _times(node: Any, rates: tuple[float, float]) -> tuple[float | None, float | None]:
    """When a caption begins and ends; times of elements around it are added, as they count from there."""
    if node.get("t") is not None or node.get("start") is not None:  # YouTube
        scale = 0.001 if node.get("t") is not None else 1.0
        start = _number(node.get("t") or node.get("start"), scale)
        length = _number(node.get("d") or node.get("dur"), scale)
        return start, None if start is None or length is None else start + length
    own = _moment(node.get("begin"), rates)
    inner = [_moment(span.get("begin"), rates) for span in node.iter() if span is not node and span.get("begin")]
    around = [_moment(up.get("begin"), rates) or 0.0 for up in node.iterancestors()]
    begin = own if own is not None else next((moment for moment in inner if moment is not None), None)
    if begin is None:
        return None, None
    end, length = _moment(node.get("end"), rates), _moment(node.get("dur"), rates)
    ends = end if end is not None else begin + length if length is not None else None
    return begin + sum(around), None if ends is None else ends + sum(around)


def _lines(node: Any, agents: dict[str, str]) -> tuple[list[Line], list[str]]:
    """What a caption says, by lines and voices, and what of it is not shown."""
    pieces: list[tuple[str | None, str]] = []
    unseen: list[str] = []
    hidden: Any = None
    for event, inner in etree.iterwalk(node, events=("start", "end")):
        name = name_of(inner)
        if event == "start" and hidden is None:
            if _is_hidden(inner):
                hidden = inner
                unseen.append(_words(inner))
            elif name == "br":
                pieces.append((None, "\n"))
            elif name != "metadata" and inner.text:
                pieces.append((_voice(inner, agents), inner.text))
        elif event == "end" and inner is not node:
            hidden = None if hidden is inner else hidden
            if hidden is None and inner.tail:
                pieces.append((_voice(inner.getparent(), agents), inner.tail))
    return _joined(pieces), unseen


def _joined(pieces: list[tuple[str | None, str]]) -> list[Line]:
    lines: list[Line] = []
    voice, words = None, ""
    for said_by, text in [*pieces, (None, "\n")]:
        if (text == "\n" or said_by != voice) and words.strip():
            said = " ".join(plain(words).split())
            turn = bool(DASHED.match(said) or NAMED.match(said) or said.startswith(">>"))
            lines.append(Line(DASHED.sub("", said), voice, turn))
            words = ""
        if text != "\n":
            voice, words = said_by, words + " " * (text[:1].isspace()) + text
    return lines


def _voice(node: Any, agents: dict[str, str]) -> str | None:
    ways = (agents.get(attribute(up, "agent") or "") for up in [node, *node.iterancestors()])
    return next((name for name in ways if name), None)


def _is_hidden(node: Any) -> bool:
    return (
        attribute(node, "display") == "none"
        or attribute(node, "visibility") == "hidden"
        or attribute(node, "ruby") in {"text", "textContainer", "delimiter"}
    )


def _rates(root: Any) -> tuple[float, float]:
    """Frames and ticks a second."""
    given = attribute(root, "frameRate")
    frames = _number(given, 1.0) or 30.0
    ticks = _number(attribute(root, "tickRate"), 1.0) or (frames if given else 1.0)
    return frames, ticks


def _moment(value: str | None, rates: tuple[float, float]) -> float | None:
    """A time expression of TTML in seconds."""
    if match := CLOCK.fullmatch((value or "").strip()):
        whole = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
        return whole + float(f"0.{match[4] or 0}") + int(match[5] or 0) / rates[0]
    if match := OFFSET.fullmatch((value or "").strip()):
        number, unit = float(match[1]), match[2]
        return number * UNITS[unit] if unit in UNITS else number / rates[unit == "t"]
    return None


def _number(value: str | None, scale: float) -> float | None:
    return float(value) * scale if value and re.fullmatch(r"\d{1,12}(?:\.\d+)?", value, re.ASCII) else None


def _words(node: Any) -> str:
    return " ".join(plain(" ".join(node.itertext())).split())
