"""Cuts that cannot mislead: a quote that is less than its sentence leaves out nothing that could change it.

Permission, not prohibition. What a cut leaves out has to be read, to the last word, as one of these:

- the speaker (a name that the draft gives and that stands there, a role, a pronoun), a listed verb of saying in the
  affirmative, its conjunction, the time and the place of saying;
- the label of a turn in an interview, a mark, "and" or "but" at the beginning;
- a clause of its own beside a semicolon, or before ", but".

Anything else widens the quote to the next place beside which nothing but this is left out, at the most to the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from factcheck.text.frames import Words, plain, words_of
from factcheck.text.reading import MARKS, QUOTES, Reader
from factcheck.text.sentences import Sentence
from factcheck.text.speaking import Names

Place = tuple[int, int]
"""Code points [start, end) of a text."""

BEGINNINGS = re.compile(rf"(?<=[\s{MARKS}])(?<!\w['’])(?=[^\s{MARKS}])")
"""Where a word begins behind a space or a mark: a wider quote may begin there."""

ENDINGS = re.compile(rf"(?<=[^\s{MARKS}])(?!['’]\w)(?=\s*[{MARKS}])|(?<=[」』”»\"])")
"""Where a mark follows a word, or a quotation is closed: a wider quote may end there."""

REACH = 400
"""Characters before or behind a quote that may be a frame; nothing longer is read."""

LABEL = re.compile(r"[^\W\d_][.:)](?:\s+|$)")
"""P. R. Q: A: before a turn of an interview."""

DATELINE = re.compile(r"[^\W\d_a-z][^\da-z,()]*(?:, (?=[^(]*\d)[^,;:()]{3,16})?(?: \([^()]{2,24}\))?\s[-–—]\s+")
DATED = re.compile(r"\d| \(\w+\)\s")
"""HELSINKI, Oct 23 – : a place in capitals with a date or an agency."""

STOPPED = re.compile(r"(?<=[^\W\d_]{4})[.!?][\"”»“]?\s+(?=[\"„“«])|(?<=[^\W\d_]{6})[.!?]\s+(?=\d)")
"""Sentences that ICU takes for one: a full stop before a quotation or a number."""
ASKED = re.compile(r"[?？؟][\s!\"”»’)」』]*$")
ASKED_IN_GREEK = re.compile(r"[?;\u037e][\s\"”»’)]*$")
BUT = r";\s+|,\s+(?:{but})\s+"
SEMICOLON = re.compile(r";\s+")
HOLDS = re.compile(r"[?!:？！：؟¿¡/()（）…–—]|--")
LOOSE = re.compile(rf"[^\s\d{MARKS}]+")

MARKS_ONLY = re.compile(r"[,q.]*")
LEADING = re.compile(r"[,q]*[KB][,q]*")
NAMED = re.compile(r"[NRDGX,]*N[NR,]*:q?")
SAID_THAT = re.compile(r"[^C.:q]*[ST][^C.:q]*C[,:]*q?")
SAID = re.compile(r"[^C.:q]*[ST],?q?")
TOLD = re.compile(r"[^C.:q]*T(?:P|D?O|D?X)q?")
SAID_MARK = re.compile(r"[^C.:q]*[ST](?:[^C.:q]*[NRPWOX#ST])?[,:]+q?")
SAID_OPENLY = re.compile(r"[^C.:q]*[ST](?:[^C.:q]*[NRPWOX#ST])?,*(?:[:q]|:q)")
BEFORE = (NAMED, SAID_THAT, SAID, TOLD, SAID_MARK)
"""What may lead into the words that a draft quotes."""
BEFORE_MORE = (NAMED, SAID_THAT, SAID_OPENLY)
"""What may lead into a wider quote: an end that cannot fall inside a longer frame ("said, if at all, that")."""
AWAITING = re.compile(r"C|[^C.:q]*N[^C.:q]*q?")
"""What leads into a quote whose verb of saying stands behind it."""
AFTER = re.compile(r"([,q.:]*)[DRNPSTAKCZ][^C.:q]*")
SPEAKS = re.compile(r"[ST]|Z[DGRPX]*[NR]")


Forms = tuple[re.Pattern[str], ...]


class _Edges(NamedTuple):
    """Where a quote may begin or end at the nearest, and whether a verb of saying was left out there."""

    at: int
    says: bool = False


def widened(
    text: str, language: str | None, sentences: Sequence[Sentence], places: Sequence[Place], names: Names | None
) -> list[Place]:
    """The places of one quote in order, each as wide as its sentence needs.

    Without names there is no speaker, and nothing that says who speaks may be left out.
    """
    guard = _Guard(text, words_of(language, text), names)
    found: list[Place] = []
    for start, end in sorted(places):
        if found and not guard.parted(sentences, found[-1][1], start):
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    wide: list[Place] = []
    for i, (start, end) in enumerate(found):
        inner = [s for s in sentences if s.start < end and s.end > start]
        if not inner:
            wide.append((start, end))
            continue
        first, last = inner[0], inner[-1]
        begin = None if i and found[i - 1][1] > first.start else first.start
        limit = None if i + 1 < len(found) and found[i + 1][0] < last.end else last.end
        wide.append(guard.edges(begin, start, end, limit))
    return _joined(wide)


def _joined(places: Sequence[Place]) -> list[Place]:
    joined: list[Place] = []
    for start, end in places:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class _Guard:
    """Tells harmless remainders of a sentence from others, for one text, language and speaker."""

    def __init__(self, text: str, words: Words | None, names: Names | None) -> None:
        self.text = text
        self.words = words
        self.names = names

    def parted(self, sentences: Sequence[Sentence], a: int, b: int) -> bool:
        """Whether two places of one quote may leave out what stands between them."""
        shared = next((s for s in sentences if s.start < a and b < s.end), None)
        if shared is None:
            return True
        reader = self._reader(shared.start, shared.end)
        if reader is None or not a < b <= a + REACH or self._asks(shared.start, shared.end):
            return False
        return _between(reader, a, b)

    def edges(self, begin: int | None, start: int, end: int, limit: int | None) -> Place:
        """The narrowest place around [start, end) that leaves out nothing but what is harmless."""
        low, high = start if begin is None else begin, end if limit is None else limit
        low = max([low, *(low + m.end() for m in STOPPED.finditer(self.text[low:start]))])
        low += len(_heading(self.text[low:start]))
        high = min([high, *(end + m.start() for m in STOPPED.finditer(self.text[end:high]))])
        if not self.text[low:start].strip() and not self.text[end:high].strip():
            return (start, end)
        if self._asks(low, high):
            return (low, high)
        reader = self._reader(low, high)
        after = self._after(reader, end, high) if limit is not None else _Edges(end)
        before = self._before(reader, low, start, says=after.says) if begin is not None else start
        if after.says and before < start and self.words and self.words.verb_last:
            return (before, high)  # the verb belongs to what the quote now begins with
        return (min(start, before), max(end, after.at))

    def _asks(self, start: int, end: int) -> bool:
        greek = self.words is not None and "ότι" in self.words.binding
        return bool((ASKED_IN_GREEK if greek else ASKED).search(self.text[start:end]))

    def _reader(self, start: int, end: int) -> Reader | None:
        return Reader(self.text, start, end, self.words, self.names) if self.words else None

    def _before(self, reader: Reader | None, low: int, start: int, *, says: bool) -> int:
        if start - low <= REACH and _harmless_before(reader, self.text, low, start, BEFORE, says=says):
            return start
        places = reversed([low + m.start() for m in BEGINNINGS.finditer(self.text[low : min(start, low + REACH)])])
        return next((at for at in places if _harmless_before(reader, self.text, low, at, BEFORE_MORE, says=says)), low)

    def _after(self, reader: Reader | None, end: int, high: int) -> _Edges:
        nearest = max(end, high - REACH)
        places = (nearest + m.start() for m in ENDINGS.finditer(self.text[nearest:high]))
        for at in chain([end] if nearest == end else [], places):
            found = _harmless_after(reader, self.text, at, high)
            if found is not None:
                return _Edges(at, found)
        return _Edges(high)


def _heading(gap: str) -> str:
    """The label of a turn or a dateline with which what is left out begins."""
    label, line = LABEL.match(gap), DATELINE.match(gap[:REACH])
    if line and gap[: line.end()].isascii() and DATED.search(line[0]):
        return line[0]
    return label[0] if label else ""


def _harmless_before(reader: Reader | None, text: str, low: int, at: int, forms: Forms, *, says: bool) -> bool:
    gap = text[low:at]
    if not LOOSE.search(gap) and not re.search(r"[\d?!？！؟¿¡/(]", gap):
        return True
    if reader is None:
        return False
    return _leads_in(reader, low, at, forms, says=says) or _behind_a_clause(reader, low, at, forms)


def _leads_in(reader: Reader, low: int, at: int, forms: Forms, *, says: bool) -> bool:
    kinds = reader.read(low, at)
    if kinds is None:
        return False
    if LEADING.fullmatch(kinds):
        return True
    if reader.names is None:
        return False
    bare = kinds[1:] if kinds[:1] in {"K", "B"} else kinds
    if reader.words.inverts and low == reader.start and bare.lstrip(",q")[:1] in {"A", "S", "y"}:
        return False
    if says and set(bare) & set("ST"):
        return False  # speech within speech: somebody told the speaker
    awaits = says and forms is BEFORE and (bare == "C" or reader.words.verb_last) and AWAITING.fullmatch(bare)
    if NAMED.fullmatch(bare) and (bare[0] == "G" or not reader.is_a_speaker(low, at)):
        return False
    return bool(awaits) or any(form.fullmatch(bare) for form in forms)


def _behind_a_clause(reader: Reader, low: int, at: int, forms: Forms) -> bool:
    """Whether all that is left out is a clause of its own, with what leads in behind it."""
    gap, words = reader.text[low:at], reader.words
    but = "|".join(sorted(map(re.escape, words.but))) or r"(?!)"
    for split in reversed(list(re.finditer(BUT.format(but=but), gap, re.IGNORECASE))):
        clause = gap[: split.start()]
        if HOLDS.search(clause) or QUOTES.search(clause) or _ties(words, clause, spoken=reader.names is None):
            continue
        rest = low + split.end()
        if rest == at or _leads_in(reader, rest, at, forms, says=False):
            return True
    return False


def _harmless_after(reader: Reader | None, text: str, at: int, high: int) -> bool | None:
    """None where what follows may change the quote, else whether it holds a verb of saying."""
    gap = text[at:high]
    if not LOOSE.search(gap) and not re.search(r"[\d?？؟/()）]", gap):
        return False
    if reader is None:
        return None
    if _leads_out(reader, at, high):
        return True
    return False if _before_a_clause(reader, at, high) else None


def _leads_out(reader: Reader, at: int, high: int) -> bool:
    kinds = reader.read(at, high) if reader.names is not None else None
    if kinds is None:
        return False
    found = AFTER.fullmatch(kinds.rstrip(".q,"))
    if not found or not SPEAKS.search(kinds):
        return False
    marked = bool(set(found[1]) & set(",q"))
    return (marked and "C" not in kinds) or reader.words.verb_last


def _before_a_clause(reader: Reader, at: int, high: int) -> bool:
    """Whether what follows is a clause of its own, perhaps with a harmless frame before or behind it."""
    gap = reader.text[at:high]
    for split in SEMICOLON.finditer(gap):
        frame_end = at + split.start()
        if LOOSE.search(gap[: split.start()]) and not _leads_out(reader, at, frame_end):
            continue
        clause = gap[split.end() :]
        if not HOLDS.search(clause) and not QUOTES.search(clause) and _stands_alone(reader, clause):
            return True
    return False


def _stands_alone(reader: Reader, clause: str) -> bool:
    """A clause with a subject of its own first, without a negation, a condition or a word that points back."""
    found = LOOSE.findall(clause)
    if len(found) < 2 or _ties(reader.words, clause) or _turns(reader.words, clause):  # noqa: PLR2004
        return False
    if reader.is_about_the_speaker(found):
        return False  # "; the mayor was joking"
    return reader.words.kinds.get(plain(found[0])) == "D" or reader.is_name(found[0])


def _ties(words: Words, clause: str, *, spoken: bool = True) -> bool:
    """Whether a clause reaches beyond itself; a verb of saying does not where the draft has a speaker anyway."""
    found = [plain(word) for word in LOOSE.findall(clause)]
    return any(word in words.binding or (spoken and words.kinds.get(word, "") in set("STyv")) for word in found)


def _turns(words: Words, clause: str) -> bool:
    return any(plain(word) in words.turning for word in LOOSE.findall(clause))


def _between(reader: Reader, a: int, b: int) -> bool:
    """Whether a frame that parts a quotation (`…,” she said, “…`) may be left out."""
    gap = reader.text[a:b]
    if not LOOSE.search(gap):
        return not re.search(r"[\d?？؟/(]", gap)
    end = a + len(gap.rstrip())
    return bool(re.search(r"[,:;.\"“”„«»「」『』–—-]$", gap.rstrip())) and _leads_out(reader, a, end)
