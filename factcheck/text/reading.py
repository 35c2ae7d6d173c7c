"""Reads a stretch of a sentence word by word against a language's list, as one letter a word; see `frames.CLASSES`.

N is a name that the draft gives, X a capitalised name behind a preposition, # a number; marks are `,` `:` `.` and `q`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.text.folding import QUOTE_MARKS
from factcheck.text.frames import Words, plain
from factcheck.text.speaking import BEHIND, Names, Read, Speaker

COMMAS, COLONS, STOPS, ROUND = ",、،，-–—―‒", ":：", ".。।॥۔", "()（）"
MARKS = re.escape("".join(sorted(QUOTE_MARKS)) + "*_" + COMMAS + COLONS + STOPS + ROUND + "…;；؛!?！？؟¿¡/")
QUOTES = re.compile("[" + re.escape("".join(sorted(QUOTE_MARKS - set("'’ʼ`´")))) + "]")
WORD = rf"[^\s\d{MARKS}]+(?:(?:[.'’\"״‑-]|(?<=[A-ZÄÖÅ]):(?=[a-zäöå]))[^\s\d{MARKS}]+)*"
TOKEN = re.compile(
    rf"(?P<number>\d+(?:[.:]\d+)*(?:st|nd|rd|th|['’][^\W\d_]{1, 5})?(?!\w))|(?P<word>{WORD})|(?P<mark>\S)"
)
PARTS = re.compile(r"(?<=['’])|[-‑]")
LETTER_OF = {**dict.fromkeys(COMMAS, ","), **dict.fromkeys(COLONS, ":"), **dict.fromkeys(STOPS, ".")}
LETTER_OF |= dict.fromkeys(ROUND, "") | dict.fromkeys(QUOTE_MARKS, "q") | dict.fromkeys("*_", "")

OBJECT = re.compile(r"([GT]D?[NX]*|AD(?=x+T)|O)(x+)")
BESIDE = re.compile(r"(?<!G)M+(?=[NMRGD]*N)|(?<=N,)D?M+|(?<=N,D)M+")
SHORT = re.compile(r"[^\W\d_a-z]{2,6}[-:][^\W\d_A-Z]{1,4}")
"""An agency or a station with the ending of a case: MTI-vel, STT:lle."""
OF_A_ROLE = re.compile(r"([DG])(x+)(?=R)")
OTHER_FIRST = re.compile(r"[,K]?D?[WX]*O[^,]*[STy]")
SAID_OTHER = re.compile(r"[STy]O")
ABBREVIATED = re.compile(r"(?<=[RWN#X])\.")
TITLE = re.compile(r"[“„«\"]\s?([^\W\d_a-z][\w.]*(?:[ -][^\W\d_a-z][\w.]*){0,3})\s?[”“»\"](?![^\s,.:)])")
"""A newspaper or a company in quotation marks."""
BESIDES = re.compile(rf"G[{BEHIND}]+")
"""What stands behind a preposition is nobody who speaks."""
NO_FRAME = re.compile(r"[OW#]X+[STyA]|[ST][^C]*[ST]|D[ST]|T[.,q]*$")
"""A name that the draft does not give before the verb ("at the meeting Petrov said"), two who say something, a noun
that looks like a verb ("the reply"), or somebody who was told."""
BESIDE_THE_NAME = re.compile(r"N[OR]*O[OR]*[STyA]")
"""Somebody of the speaker's, in a language that needs a preposition for anything else ("Ada Roth voters said")."""
OTHER_SUBJECT = re.compile(r"(?:^|[,K])D?[WX]*O[^NPR]*[STy]|[STy]D[WX]*O")
"""Somebody who is no speaker of the draft says it: "the newspaper said"."""
PLAIN_PREFIXES = frozenset(["ال", "و", "ف", "وال", "ה", "ו", "וה"])
PLAIN_SUFFIXES = frozenset(["은", "는", "이", "가", "께서", "의"])
"""Articles, "and" and marks of the subject; what else is written together with a noun is a preposition."""

TOPICS = frozenset("はが")
"""Particles that make what stands before them the subject."""

LONGEST = 8
"""Characters of the longest entry in a list of a script without spaces."""
FIRST_PART, COMPOUND = 3, 5
"""Letters of the shortest first and last part of a compound."""

CALM = 0.4
"""Share of small letters at the beginning of words below which capitals say nothing (headlines)."""


class Reader:
    """Reads stretches of the sentence text[start:end]."""

    def __init__(self, text: str, start: int, end: int, words: Words, names: Names | None) -> None:
        self.text, self.start, self.words, self.names = text, start, words, names
        strings = [s for s in (names.name, *names.others) if self._is_like_a_name(s)] if names else []
        roles = [names.role] if names and names.role and self._is_like_a_name(names.role) else []
        split = [tuple(plain(w) for w in re.findall(WORD, string)) for string in (*strings, *roles)]
        self._phrases = [p for p in split if len(p) > 1]
        self._known = {plain(w) for string in strings for w in re.findall(WORD, string)}
        self._roles = {plain(w) for string in roles for w in re.findall(WORD, string) if w.lower() != w.upper()}
        self._speaker = Speaker(names, words, WORD) if names else None
        self._solid = _solid([*strings, *roles], words) if words.spaceless else ()
        found = re.findall(WORD, text[start:end])
        small = sum(w[0].islower() for w in found)
        self._calm = not words.capital_nouns and small >= CALM * len(found)

    def _is_like_a_name(self, string: str | None) -> bool:
        """Whether a draft's string may be a name or a role: no word of saying, negation or condition is in it."""
        found = re.findall(WORD, string or "")
        kinds = [self.words.kinds.get(plain(w), "") for w in found]
        if not found or kinds[0] == "G" or any(self._refused(plain(w)) for w in found):
            return False
        if self.words.spaceless:
            return not re.search("[はが]", string or "") and not QUOTES.search(string or "")
        small = [
            k for w, k in zip(found, kinds, strict=True) if w[0].islower() and k not in {"G", "D", "R", "K", "P", "O"}
        ]
        return not set(kinds) & set("STCAyv") and len(small) * 3 <= len(found)

    def is_name(self, word: str) -> bool:
        """Whether a word of the text belongs to a name that the draft gives."""
        return plain(word) in self._known and not word[0].islower()

    def is_about_the_speaker(self, words: Sequence[str]) -> bool:
        """Whether the draft's speaker is named among words of the text."""
        return self._speaker is not None and self._speaker.is_among(words)

    def is_a_speaker(self, start: int, end: int) -> bool:
        """Whether a label names the speaker by more than one word, or by a word that has a capital elsewhere, too."""
        found = re.findall(WORD, self.text[start:end])
        names = [w for w in found if self.is_name(w)]
        own = len(re.findall(WORD, self.names.name)) if self.names else 0
        return len(names) > 1 or own > 1 or any(re.search(rf"\w,? {re.escape(w)}\b", self.text) for w in names)

    def read(self, start: int, end: int) -> str | None:
        """A letter for each word and mark of text[start:end], or None if one is not on the lists."""
        kinds = self._solid_kinds(start, end) if self.words.spaceless else self._kinds(start, end)
        if kinds is None:
            return None
        kinds = OF_A_ROLE.sub(_placed, OBJECT.sub(_placed, ABBREVIATED.sub("", kinds)))
        kinds = BESIDE.sub(lambda found: found[0].replace("M", "R"), kinds)
        kinds = re.sub(r"(?<=[PRNXO])y|^([,q]*)y", r"\1S", kinds).replace("p", "G")
        unread = bool(set(kinds) & set("xvyM")) or "B" in kinds[1:] or bool(NO_FRAME.search(kinds))
        unread = unread or (self.words.subjects and bool(BESIDE_THE_NAME.search(kinds)))
        return None if unread or self._another_speaks(BESIDES.sub("", kinds)) else kinds

    def _another_speaks(self, bare: str) -> bool:
        """Whether the subject is a thing or a person that is no speaker of the draft ("the newspaper said")."""
        if not self.words.verb_last and OTHER_FIRST.match(bare):
            return True
        other = OTHER_SUBJECT.search(bare) or (self.words.prefixes and SAID_OTHER.search(bare))
        return bool(other) and not set(bare) & set("NPR")

    def _kinds(self, start: int, end: int) -> str | None:
        tokens = list(TOKEN.finditer(self.text, start, end))
        read: list[tuple[str, str]] = []
        i = 0
        while i < len(tokens):
            run = self._phrase(tokens, i)
            title = TITLE.match(self.text, tokens[i].start(), end)
            if title and read and read[-1][0][-1:] in set("GTDRON") and not self._is_speech(title[1]):
                read.append(("X", ""))
                i += sum(t.start() < title.end() for t in tokens[i:])
                continue
            letter, taken = ("N" * run, run) if run else self._letter(tokens[i], end)
            if letter is None:
                return None
            read.append((letter, plain(tokens[i][0])))
            i += taken
        kinds = "".join(letter for letter, _ in self._with_two_part_verbs(read))
        return kinds if self._speaker is None or self._speaker.may_be_left_out(read) else None

    def _is_speech(self, title: str) -> bool:
        found = [plain(word) for word in re.findall(WORD, title)]
        return any(self._refused(word) or self.words.kinds.get(word, "") in set("STCAyv") for word in found)

    def _with_two_part_verbs(self, read: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Both parts of a verb of saying as S, where the second part follows the first."""
        found = list(read)
        for i, (letter, verb) in enumerate(read):
            if letter in {"v", "S"}:
                for j, (_, part) in enumerate(read[i + 1 :], i + 1):
                    if (verb, part) in self.words.split:
                        found[i], found[j] = ("S", ""), ("p", "")
        return found

    def _phrase(self, tokens: list[re.Match[str]], i: int) -> int:
        """How many words from here on are one of the draft's strings in full."""
        for phrase in self._phrases:
            run = tokens[i : i + len(phrase)]
            if tuple(plain(t[0]) for t in run) != phrase:
                continue
            firm = [t for t in run if not t[0][0].islower() or self.words.kinds.get(plain(t[0])) == "R"]
            if len(phrase) > 1 and firm:
                return len(phrase)
        return 0

    def _letter(self, token: re.Match[str], end: int) -> tuple[str | None, int]:
        """The letter of a token, and how many tokens it takes."""
        if token["number"]:
            return "#", 1
        if token["mark"]:
            return LETTER_OF.get(token[0]), 1
        elided = plain(token[0]) + "'"
        if elided in self.words.kinds and token.end() < end and self.text[token.end()] in "'’":
            return self.words.kinds[elided], 2
        first = token.start() == self.start or not re.search(r"\w", self.text[self.start : token.start()])
        return self._kind(token[0], first=first), 1

    def _kind(self, word: str, *, first: bool) -> str | None:
        kinds, low = self.words.kinds, plain(word)
        if self._refused(low):
            return kinds.get(low)
        if low in self._known and not word[0].islower():
            return "N"
        if low in self._roles and low not in kinds:
            return "x" if word[0].isupper() and self._calm and not first else "M"
        found = kinds.get(word) or kinds.get(low) or kinds.get(re.sub(r"'s?$", "", low))
        if found:
            return found
        stem = re.sub(r"(?:'s|s'|s)$", "", low)
        if len(stem) > 2 and stem in self._known and not word[0].islower():  # noqa: PLR2004
            return "N"
        parts = [part for part in PARTS.split(word) if part]
        if len(parts) > 1 and not SHORT.fullmatch(word):
            letters = [self._kind(part, first=first) for part in parts]
            return None if None in letters else (letters[-1] if "-" in word else "".join(str(x) for x in letters))
        affixed = "O" if SHORT.fullmatch(word) else self._affixed(low) or self._compounded(low)
        if affixed or not word[0].isupper() or first or not self._calm:
            return affixed
        return "x"

    def _affixed(self, word: str) -> str | None:
        """The kind of a word that is written together with an article, a preposition or a particle."""
        words = self.words
        stems = [word[len(p) :] for p in words.prefixes if word.startswith(p)]
        stems += [word[: -len(s)] for s in words.suffixes if word.endswith(s)]
        if any(stem in words.turning for stem in stems):
            return None
        for stem in stems:
            letter = "N" if stem in self._known else words.kinds.get(stem)
            if letter and letter in "NROW":
                return (
                    letter
                    if word.removesuffix(stem) in PLAIN_PREFIXES or word.removeprefix(stem) in PLAIN_SUFFIXES
                    else "G" + letter
                )
            if letter and letter in "SC" and word[0] in "وفו":
                return letter
        return None

    def _compounded(self, word: str) -> str | None:
        """The kind of a compound's last part, where the language writes compounds as one word ("Hafenministerin")."""
        if not self.words.compounds or any(
            word.startswith(turn) for turn in self.words.turning if len(turn) >= COMPOUND
        ):
            return None
        lasts = (word[at:] for at in range(FIRST_PART, len(word) - COMPOUND + 1))
        return next((letter for last in lasts if (letter := self.words.kinds.get(last, "")) and letter in "RW"), None)

    def _refused(self, low: str) -> bool:
        return low in self.words.turning or low in self.words.binding

    def _solid_kinds(self, start: int, end: int) -> str | None:
        """The same for a script without spaces: the longest entry at each place."""
        read: list[Read] = []
        at = start
        while at < end:
            char = self.text[at]
            name = next((n for n in self._solid if self.text.startswith(n, at, end)), None)
            entry = next((self.text[at : at + n] for n in range(LONGEST, 0, -1) if self._listed(at, n, end)), None)
            if char.isspace():
                at += 1
            elif name and len(name) >= len(entry or ""):
                read.append(("N", name))
                at += len(name)
            elif entry and entry in TOPICS and read[-1:] and read[-1][0] == "O":
                return None
            elif entry:
                read.append((self.words.kinds[entry], entry))
                at += len(entry)
            elif char.isdigit() or char in LETTER_OF:
                read.append(("#" if char.isdigit() else LETTER_OF[char], char))
                at += 1
            else:
                return None
        if self._speaker is not None and not self._speaker.may_be_left_out_solid(read):
            return None
        return "".join(letter for letter, _ in read)

    def _listed(self, at: int, length: int, end: int) -> bool:
        return at + length <= end and self.text[at : at + length] in self.words.kinds


def _placed(found: re.Match[str]) -> str:
    return found[1] + "X" * len(found[2])


def _solid(strings: list[str], words: Words) -> tuple[str, ...]:
    """Names and their parts as they may stand in a script without spaces, the longest first."""
    parts = {part for string in strings for part in [string, *re.split(r"[\s・·]", string)]}
    parts |= {part[:n] for part in parts for n in (2, 3) if len(part) > n}
    turning = words.turning | words.binding
    return tuple(sorted((p for p in parts if len(p) > 1 and not any(t in p for t in turning)), key=len, reverse=True))
