"""Whether whoever a frame names is the speaker that a draft gives, and not somebody beside, before or behind them.

"He told Ada Roth that …", "Ada Roth's lawyer said", "in court the prosecutor said", "the deputy mayor said": none of
these is said by Ada Roth, mayor, and none may be left out beside a quote that is hers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from factcheck.text.frames import Words, plain

Read = tuple[str, str]
"""The letter of a word (see `frames.CLASSES`; N is a name that the draft gives), and the word as the lists have it."""

NOUNS, VERBS = "ORWNX#", "STyA"
BEHIND = "DNXROW#MxK"
"""What may follow a preposition and still belong to it."""

STEM, ENDING = 3, 4
"""Letters that two forms of a word have in common at least, and by which they may differ in length."""

ROLE_THEN_NAME = re.compile(r"[,K]?D?[WX]*R[^NPS]*[Sy][^NRP]*N+[^NRPS]*$")
"""An office before the verb and a name behind it: in "Der Richter sagte Hanna Voss" she is spoken to."""

COURTESIES = frozenset(["氏", "さん", "様", "先生", "女士", "同氏", "小姐"])
TO = frozenset(["对", "對", "向", "与", "與", "和", "跟", "给", "給", "面对", "面對", "接受"])
BEHIND_A_NAME = frozenset("に へ の から を には への にも との に対し 的 之后 之後 访问期间".split())  # noqa: SIM905
"""In scripts without spaces: what shows that the name beside it is no subject."""


class Names(NamedTuple):
    """What a model gave for whoever is committed to a quote; it counts only where it stands in the text."""

    name: str
    role: str | None = None
    others: tuple[str, ...] = ()
    """Organisation, whom somebody speaks for, who passed it on, the publisher."""


class Speaker:
    """The speaker of a draft, as one looks for them among the words of a frame; `pattern` is what a word is."""

    def __init__(self, names: Names, words: Words, pattern: str) -> None:
        self._words = words
        self._text = "".join((names.name, names.role or "", *names.others))
        found = re.findall(pattern, names.name)
        self.name = {plain(w) for w in found if not w[0].islower()}
        every = [plain(w) for s in (names.name, names.role, *names.others) if s for w in re.findall(pattern, s)]
        self._offices = {w for w in every if words.kinds.get(w, "") not in {"G", "D", "K"}}
        self._known = set(every)

    def is_own(self, letter: str, word: str) -> bool:
        """Whether a word names the speaker or the speaker's office, whatever its ending."""
        if set(letter) == {"N"}:
            return word in self.name or re.sub("['’]?s$", "", word) in self.name
        return letter == "R" and any(
            word.startswith(own[: max(STEM, len(own) - ENDING)]) and len(word) <= len(own) + ENDING
            for own in self._offices
        )

    def is_among(self, words: Sequence[str]) -> bool:
        """Whether the speaker is named among words of the text."""
        return any(plain(word) in self.name or self.is_own("R", plain(word)) for word in words)

    def may_be_left_out(self, read: Sequence[Read]) -> bool:
        """Whether nobody but the speaker says what the words of a frame say."""
        subject, others = self._parted(read)
        told = [word for letter, word in subject if letter == "P" and word in self._words.objects]
        pronouns = [word for letter, word in subject if self._is_pronoun(letter, word) and word not in told]
        if pronouns and (told or any(self.is_own(letter, word) for letter, word in (*subject, *others))):
            return False  # "he told the mayor": the speaker is somebody else's listener or matter
        if self._of_another(subject):
            return False
        if not _says(read):
            return True
        roles = [word for letter, word in subject if letter == "R"]
        spoken_to = bool(ROLE_THEN_NAME.match("".join(letter for letter, _ in subject)))
        named = any(set(letter) == {"N"} for letter, _ in subject) and not spoken_to
        if pronouns or (named and not (told and roles)):
            return True
        if any(own in word for _, word in others for own in self.name):
            return False
        unknown = any(letter == "x" for letter, _ in read)
        if not roles:
            return not (self._words.subjects or told or unknown)
        return all(self.is_own("R", word) for word in roles) and not unknown

    def _is_pronoun(self, letter: str, word: str) -> bool:
        """Whether a word is a pronoun, or a verb with one behind it ("a-t-elle")."""
        behind = word.rpartition("-")[2]
        return letter == "P" or (letter in VERBS and behind != word and self._words.kinds.get(behind) == "P")

    def _parted(self, read: Sequence[Read]) -> tuple[list[Read], list[Read]]:
        """Words that may be the subject, and those behind a preposition or spoken to."""
        subject: list[Read] = []
        others: list[Read] = []
        behind = False
        for i, (letter, word) in enumerate(read):
            if word in self._words.postpositions or (letter[:1] == "G" and self._words.suffixes):
                before_it = takewhile(lambda one: set(one[0]) <= {"N", "R", "D"}, reversed(read[:i]))
                for one in before_it if letter == "G" else ():
                    others += [subject.pop()] if subject[-1:] == [one] else []
                others.append((letter, word))
                continue
            before = read[i - 1][0][-1:] if i else ""
            after = next((x for x, _ in read[i + 1 :] if x != "R"), "")
            begins = letter == "D" and before in NOUNS
            heads = letter == "R" and before in {"O", "W", "#"} and after[:1] in VERBS
            told = letter == "T" and (subject != [] or self._words.subjects)
            goes_on = behind and set(letter) <= set(BEHIND) and not begins and not heads
            behind = letter[:1] == "G" or told or goes_on
            (others if behind else subject).append((letter, word))
        return subject, others

    def _of_another(self, subject: Sequence[Read]) -> bool:
        """Whether it is somebody of the speaker's ("Ada Roth's lawyer"), by an office that is not the speaker's own."""
        for i, (letter, word) in enumerate(subject[:-1]):
            following = [x for x, _ in subject[i + 1 :]]
            group = list(takewhile(lambda x: x == "R" or set(x) <= {"N", "D"}, following))
            genitive = re.search("['’]s?$", word) if letter == "R" else word not in self._known
            if not (set(letter) == {"N"} or (letter == "R" and genitive)) or any(set(x) == {"N"} for x in group):
                continue
            if genitive and following[0] in {"R", "O"}:
                return True
            roles = [w for x, w in subject[i + 1 : i + 1 + len(group)] if x == "R"]
            if word in self.name and group[:1] == ["R"] and not all(self.is_own("R", role) for role in roles):
                return True
        return False

    def may_be_left_out_solid(self, read: Sequence[Read]) -> bool:
        """The same in a script without spaces, whose words are entries of the list."""
        if not (self._words.verb_last or _says(read)):
            return True
        subjects = named = 0
        for i, (letter, word) in enumerate(read):
            before = read[i - 1] if i else ("", "")
            after = next((one for one in read[i + 1 :] if one[1] not in COURTESIES), ("", ""))
            if word in COURTESIES and before[0] in {"N", "R"}:
                continue
            if before[0] == "C" and word == "の":
                return False  # "the question that", and not "said that"
            if letter == "N" or (letter == "R" and word in self._text):
                named += 1
                subjects += before[1] not in TO and before[0] != "T" and after[1] not in BEHIND_A_NAME
            elif letter == "R" and not (after[0] == "N" or after == ("G", "の")):
                return False
            elif letter == "P":
                named, subjects = named + 1, subjects + 1
        if not named:
            return self._words.verb_last  # its subject may stand before the quote
        return subjects > 0 and (named == subjects or not any(letter == "P" for letter, _ in read))


def _says(read: Sequence[Read]) -> bool:
    return any(letter[:1] in VERBS for letter, _ in read)
