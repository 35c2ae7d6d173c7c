"""Read transcripts as services export them: lines that name who speaks and when, with the words below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from factcheck.inputs.article import Piece, joined
from factcheck.inputs.leftout import LeftOuts
from factcheck.originals import Mark

TIME = r"(?:(?P<h>\d{1,2}):)?(?P<m>[0-5]?\d):(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,3})|:\d{2})?"
UNTIL = r"(?:\d{1,2}:)?\d{1,2}:\d{1,2}(?:[.,:]\d{1,3})?"
NAME = r"(?P<name>[^\W\d_][^\n:;!?,\t\[\]()]{0,58}?)"
BY_NAME = re.compile(rf"[ \t]*{NAME}(?:[ \t]{{2,}}|\t|[ \t]*[-–—|][ \t]*|[ \t]*[\[(])[ \t]*{TIME}[\])]?:?[ \t]*")
BY_NAME_CLOSE = re.compile(rf"[ \t]*{NAME}[ \t]+{TIME}:?[ \t]*")
BY_TIME = re.compile(rf"[ \t]*[\[(]?{TIME}[\])]?(?:[ \t]*[-–—|][ \t]*|[ \t]+){NAME}:?[ \t]*")
LOOSE = TIME.replace(r":(?P<s>[0-5]\d)", r":(?P<s>[0-5]?\d)")
SPAN = re.compile(rf"[ \t]*{LOOSE}[ \t]*(?:-->|[-–—])[ \t]*{UNTIL}[ \t]*")
ALONE = re.compile(rf"[ \t]*[\[(]?{TIME}[\])]?[ \t]*")
SPOKEN_TIME = re.compile(
    r"[ \t]*(?:\d{1,3} (?:hours?|minutes?|seconds?|Stunden?|Minuten?|Sekunden?),? ?){1,3}[ \t]*", re.IGNORECASE
)
"""What screen readers are told in place of `0:03`, and what is copied with it."""

TIMED = re.compile(r"\d:\d")
"""What every line with a time holds: the quick test."""

FOOTER = re.compile(
    r"(?:this )?(?:transcri(?:bed|pt(?:ion)?)) (?:was )?(?:generated |made )?(?:by|with|from) .{1,60}", re.IGNORECASE
)
"""What a service writes below the last turn."""

MAX_TIMES = 50_000
"""A day of talk has fewer turns."""

MAX_HEAD_LINE = 120
MAX_NAME_WORDS = 5
ENOUGH = 2
"""Lines that name a speaker and a time; of lines with a time alone three are wanted, since opening hours exist."""

ENOUGH_ALONE = 3


class Turn(NamedTuple):
    """What somebody says from a moment (seconds) on."""

    start: float
    name: str | None
    words: list[str]


def transcript(text: str, left: LeftOuts) -> tuple[str, tuple[Mark, ...]] | None:
    """The text of a transcript, each turn behind its speaker, and when its turns begin; None where it is none.

    What is left out has its places in the text.
    """
    if not 0 < sum(1 for _ in TIMED.finditer(text)) <= MAX_TIMES:
        return None
    lines = text.split("\n")
    ways = ((BY_NAME, ENOUGH), (BY_TIME, ENOUGH), (BY_NAME_CLOSE, ENOUGH), (SPAN, ENOUGH), (ALONE, ENOUGH_ALONE))
    for pattern, wanted in ways:
        before, turns = _turns(lines, pattern)
        starts = [turn.start for turn in turns]
        if len(turns) >= wanted and starts == sorted(starts) and _is_filled(before, turns):
            turns = _named(turns) if pattern is SPAN else turns
            pieces = [Piece("\n".join(before).strip()), *_pieces(turns, left)]
            return joined(pieces)
    return None


def clock(seconds: float) -> str:
    """A moment as `HH:MM:SS.mmm`."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _turns(lines: list[str], pattern: re.Pattern[str]) -> tuple[list[str], list[Turn]]:
    """The lines before the first turn, and the turns."""
    before: list[str] = []
    turns: list[Turn] = []
    for line in lines:
        match = pattern.fullmatch(line) if len(line) <= MAX_HEAD_LINE and TIMED.search(line) else None
        if match is not None and (pattern is not BY_NAME_CLOSE or _is_name(match["name"])):
            name = match.groupdict().get("name")
            turns.append(Turn(_seconds(match), " ".join(name.split()) if name else None, []))
        elif not turns:
            before.append(line)
        elif line.strip():
            turns[-1].words.append(line.strip())
    return before, turns


def _is_name(text: str) -> bool:
    """Whether words begin like a name: each with a capital, or in a script without them."""
    return all(not word[:1].islower() for word in text.split())


def _seconds(match: re.Match[str]) -> float:
    fraction = float(f"0.{match['f'] or 0}")
    return int(match["h"] or 0) * 3600 + int(match["m"]) * 60 + int(match["s"]) + fraction


def _is_filled(before: list[str], turns: list[Turn]) -> bool:
    """Whether nearly every turn has words, and little stands before the first."""
    filled = sum(bool(turn.words) for turn in turns)
    head = sum(bool(line.strip()) for line in before)
    return filled * 4 >= len(turns) * 3 and head <= 5 + len(turns)


def _named(turns: list[Turn]) -> list[Turn]:
    """Turns whose first lines are the names of speakers, where that holds for nearly all of them."""
    firsts = [turn.words[0] for turn in turns if len(turn.words) > 1]
    named = sum(_is_name(first) and len(first.split()) <= MAX_NAME_WORDS for first in firsts)
    if named * 10 < len(turns) * 9 or len(set(firsts)) * 2 > len(firsts) + 2:
        return turns
    return [Turn(t.start, t.words[0].rstrip(":"), t.words[1:]) if len(t.words) > 1 else t for t in turns]


def _pieces(turns: list[Turn], left: LeftOuts) -> Iterator[Piece]:
    for n, turn in enumerate(turns):
        words, places = turn.words, ""
        if turn.name is None and words and SPOKEN_TIME.fullmatch(words[0]):
            words, places = words[1:], left.place("repeated", words[0], "time")
        if n == len(turns) - 1 and words and FOOTER.fullmatch(words[-1]):
            words, places = words[:-1], places + left.place("other", words[-1], "footer")
        text = "\n".join(words) if turn.name else " ".join(words)
        name = turn.name or ""
        said = f"{name}: {text}" if name and text else name + text
        yield Piece(said + places, "\n\n" if name else " ", time=clock(turn.start))
