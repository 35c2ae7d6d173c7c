"""Find the corrections that a text makes of itself, and the statements that they correct."""

from __future__ import annotations

import re
from typing import NamedTuple

from factcheck.text.sentences import sentences_of

LABEL = re.compile(
    r"\W{0,6}(?:corrections?|corrected|clarifications?|corrigendum|erratum|errata(?: corrige)?|korrektur(?:hinweis)?|"
    r"berichtigung|richtigstellung|rectificatif|correctif|rectification|corrección|rectificación|fe de erratas?|"
    r"correzione|rettifica|correção|retificação|rectificatie|correctie|rättelse|oikaisu|sprostowanie|korekta|rettelse|"
    r"исправление|поправка|уточнение|виправлення|уточнення|διόρθωση|διευκρίνιση|düzeltme|tekzip|تصحيح|تصويب|تصحیح|"
    r"اصلاحیه|תיקון(?: טעות)?|הבהרה|सुधार|शुद्धि-?पत्र|भूल-?सुधार|訂正|更正|勘误|정정|바로잡습니다|แก้ไขข่าว|คำแก้ไข)"
    r"(?:\s*[:,.–—-]|\s*[(（\[]|：|、|\s+\d|\s*$|\s+(?:note|appended|vom|du|del|from|van|z dnia|от|від)\b)",
    re.IGNORECASE,
)
"""How a paragraph begins that corrects its article."""

EARLIER = re.compile(
    r"(?:an?|the|this article's|in an) (?:earlier|previous|prior|original|initial) version\b|"
    r"(?:article|story|post|report|headline|page) (?:has been|was) (?:corrected|amended|updated to correct)\b|"
    r"(?:incorrectly|wrongly|mistakenly|erroneously) (?:said|stated|reported|gave|identified|named)\b|"
    r"in einer (?:früheren|vorherigen|ersten|ursprünglichen) (?:version|fassung)\b|"
    r"(?:frühere|ursprüngliche) (?:version|fassung) (?:dieses|des) (?:artikels|textes|beitrags)\b|"
    r"(?:une|dans une) (?:première|précédente) version|(?:une|dans une) version (?:précédente|antérieure)|"
    r"(?:una|en una) (?:primera )?versión (?:anterior|previa)|(?:una|in una) (?:precedente|prima) versione|"
    r"(?:uma|numa|em uma) versão anterior|(?:een|in een) eerdere versie|(?:en|i en) tidigare version|"
    r"(?:jutun|tekstin|artikkelin|uutisen) (?:aiemmassa|aikaisemmassa|alkuperäisessä) versiossa|"
    r"(?:we|w) (?:wcześniejszej|poprzedniej|pierwotnej) wersji|"
    r"в (?:предыдущей|более ранней|первоначальной|ранней) версии|"
    r"у (?:попередній|ранішій|першій) версії|σε προηγούμενη (?:έκδοση|εκδοχή|μορφή)|"
    r"(?:haberin|yazının|metnin) (?:önceki|ilk) (?:sürümünde|versiyonunda|halinde)|"
    r"في نسخة سابقة|النسخة السابقة|در نسخهٔ? پیشین|در نسخه قبلی|בגרסה (?:קודמת|מוקדמת)|"
    r"(?:पिछले|पहले के) संस्करण|(?:以前|当初|初出|先)の(?:版|記事|バージョン)|(?:此前|早前|先前|较早)(?:的)?版本|"
    r"이전 (?:판|버전|기사)(?:에서|에는|은)|ฉบับก่อนหน้า",
    re.IGNORECASE,
)
"""How a text speaks of what it said before."""

MAX_PARAGRAPH = 1200
MIN_SHARED = 3.0
"""Weight of the words that a statement must share with its correction; figures and names count more."""

COMMON = 4
"""Letters of a word below which it says nothing, figures apart; and those by which inflected words are compared."""

FIGURE = 2.0
WORD = re.compile(r"\d[\d.,  ]*\d|\w+")
WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Corrected(NamedTuple):
    """A correction, and the sentence that it corrects where one could be told; offsets are code points."""

    start: int
    end: int
    target: tuple[int, int] | None


def is_correction(paragraph: str) -> bool:
    """Whether a paragraph corrects the text that it belongs to."""
    if not 0 < len(paragraph) <= MAX_PARAGRAPH:
        return False
    return bool(LABEL.match(paragraph) or EARLIER.search(paragraph))


def corrections_in(text: str, language: str | None) -> tuple[Corrected, ...]:
    """The corrections of a text in their order, each with the sentence elsewhere in it that shares most with it."""
    found = _paragraphs(text)
    if not found:
        return ()
    sentences = [(s.start, s.end) for s in sentences_of(text, language)]
    free = [span for span in sentences if not any(start <= span[0] < end for start, end in found)]
    return tuple(Corrected(start, end, _target(text, text[start:end], free)) for start, end in found)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Paragraphs that correct; a label alone on its line belongs to the paragraph below it."""
    found: list[tuple[int, int]] = []
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    for number, (start, end) in enumerate(lines):
        if found and start < found[-1][1]:
            continue
        if is_correction(text[start:end]):
            is_label = bool(LABEL.fullmatch(text[start:end].strip())) and number + 1 < len(lines)
            found.append((start, lines[number + 1][1] if is_label else end))
    return found


def _target(text: str, correction: str, sentences: list[tuple[int, int]]) -> tuple[int, int] | None:
    wanted = _weights(correction)
    best, most = None, 0.0
    for start, end in sentences:
        words = _weights(text[start:end])
        shared = sum(weight for word, weight in words.items() if word in wanted)
        if shared > most:
            best, most = (start, end), shared
    return best if most >= MIN_SHARED else None


def _weights(text: str) -> dict[str, float]:
    """The words that say what a sentence is about, cut to what inflection leaves alone."""
    found: dict[str, float] = {}
    for match in WORD.finditer(text):
        word = match[0].casefold()
        if word[0].isdigit():
            found[re.sub(r"\D", "", word)] = FIGURE
        elif WIDE.search(word):
            found |= {word[n : n + 2]: 0.5 for n in range(len(word) - 1)}
        elif len(word) >= COMMON:
            found[word[: max(COMMON, len(word) - 2)][:7]] = 1.0
    return found
