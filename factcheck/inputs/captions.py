"""Make captions a text: lines that roll up are read once, turns stay apart, and the time of every line is marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, canonical, joined
from factcheck.inputs.cues import Broken, Cue, Line, cues_of
from factcheck.inputs.leftout import LeftOuts, plain
from factcheck.inputs.plain import clock, decoded

PAUSE = 2.0
"""Seconds of silence after a closed sentence that begin a new paragraph; speakers breathe for less than one."""

ROLLS = 1.0
"""Seconds after which the same words are said again, and not still shown."""

GROWS = 2
"""Words of a line that goes on in the next caption; a single one may well be said twice."""

CLOSED = tuple('.!?…。！？؟।"”»」')


def read_captions(original: Original) -> list[Part]:
    """The one article of a caption file, and a note of cues that are broken. Raises UnreadableError."""
    text = plain(canonical(decoded(original.content)))
    found = list(cues_of(text))
    if not any(isinstance(item, Cue) for item in found):
        raise UnreadableError("damaged", "holds no captions (no line like 00:00:01.000 --> 00:00:04.000)")
    return [article_of(found, _language(text))]


def article_of(found: Iterable[Cue | Broken], language: str | None, title: str | None = None) -> Article:
    """The article that cues are, and a note of what of them is broken."""
    left = LeftOuts()
    broken: list[int] = []
    body, marks = joined(list(_pieces(found, left, broken)))
    settled = left.settle(body, marks)
    where = ", ".join(str(n) for n in broken[:5])
    message = f"{len(broken)} cues have no readable time and were left out (line {where})"
    notes = (("damaged", message),) if broken else ()
    fields = {"language": language, "title": title}
    return Article(settled.text, fields, settled.marks, notes, left_out=settled.left_out)


def _language(text: str) -> str | None:
    head = text.split("\n\n", maxsplit=1)[0]
    found = re.search(r"^Language:\s*([A-Za-z]{2,3}(?:-\w+)*)\s*$", head, re.MULTILINE) if "WEBVTT" in head else None
    return found[1] if found else None


def _pieces(found: Iterable[Cue | Broken], left: LeftOuts, broken: list[int]) -> Iterator[Piece]:
    """Cues run on within a turn; a new speaker, or a pause after a closed sentence, begins a paragraph."""
    before: Cue | None = None
    last: Line | None = None
    places = ""
    for cue in found:
        if isinstance(cue, Broken):
            broken.append(cue.line)
            places += left.place("page", cue.text, f"line {cue.line}")
            continue
        shown, rest = _still_shown(before, cue)
        places += left.place("hidden", cue.unseen, "comment") + left.place("repeated", shown)
        silence = cue.start - before.end if before else 0.0
        for n, line in enumerate(cue.lines[len(cue.lines) - len(rest) :]):
            pause = n == 0 and last is not None and last.text.endswith(CLOSED) and silence >= PAUSE
            piece = _piece(line._replace(text=rest[n]), last, pause=pause, start=cue.start, grown=rest[n] != line.text)
            yield piece._replace(text=places + piece.text.strip())
            places, last = "", line
        before = cue if cue.lines else before
    yield Piece(places)


def _piece(line: Line, last: Line | None, *, pause: bool, start: float, grown: bool) -> Piece:
    changed = last is None or line.voice != last.voice
    name = f"{line.voice}: " if line.voice and (changed or pause) else ""
    if grown and not changed:
        return Piece(line.text, " " if line.text[:1].isspace() else "", time=clock(start))
    return Piece(name + line.text, "\n\n" if changed or pause or line.turn else " ", time=clock(start))


def _still_shown(before: Cue | None, cue: Cue) -> tuple[str, list[str]]:
    """What of a cue was on the screen already, and its lines without that: the first may go on within a line."""
    lines = [line.text for line in cue.lines]
    if before is None or cue.start - before.end > ROLLS:
        return "", lines
    there = [line.text for line in before.lines]
    for first in range(len(there)):
        old = there[first:]
        n = len(old)
        if n > len(lines) or lines[: n - 1] != old[:-1] or _voices(before)[first:] != _voices(cue)[:n]:
            continue
        if lines[n - 1] == old[-1]:
            return " ".join(old), lines[n:]
        if lines[n - 1].startswith(old[-1]) and (n > 1 or len(old[-1].split()) >= GROWS):
            return " ".join(old), [lines[n - 1][len(old[-1]) :], *lines[n:]]
    return "", lines


def _voices(cue: Cue) -> list[str | None]:
    return [line.voice for line in cue.lines]
