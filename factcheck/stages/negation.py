"""Words that turn a statement round, so that no quote is cut in a way that hides them.

The lists are small on purpose: plain negators and verbs of denial in the languages of most news
agencies. A language that is missing is still covered by the rule that a whole sentence hides nothing.
"""

from __future__ import annotations

import re
import unicodedata

from factcheck.text.sentences import Sentence

NEGATORS: dict[str, str] = {
    "en": "not never no neither nor without cannot can't won't don't doesn't didn't isn't wasn't aren't weren't "
    "wouldn't couldn't shouldn't hasn't haven't hadn't hardly",
    "de": "nicht nie niemals kein keine keinen keinem keiner keines weder ohne",
    "nl": "niet nooit geen noch zonder",
    "sv": "inte aldrig ingen inget inga icke utan",
    "no": "ikke aldri ingen intet uten",
    "da": "ikke aldrig ingen intet uden",
    "fr": "ne pas jamais aucun aucune ni sans",
    "es": "no ni nunca jamás tampoco ningún ninguna ninguno sin",
    "pt": "não nem nunca jamais nenhum nenhuma sem",
    "it": "non né mai nessun nessuna nessuno senza",
    "ro": "nu nici niciun nicio niciodată fără",
    "ca": "no mai cap sense",
    "ru": "не ни никогда нет без",
    "uk": "не ні ніколи немає без",
    "pl": "nie nigdy ani bez żaden żadna",
    "cs": "ne nikdy ani bez žádný žádná",
    "el": "δεν δε μην ποτέ ούτε χωρίς",
    "fi": "en et ei emme ette eivät eikä ilman älä",
    "hu": "nem soha sem nincs ne",
    "tr": "değil hiç asla yok",
    "ar": "لا لم لن ليس ليست غير",
    "he": "לא אין אל בלי",
    "fa": "نه نیست هرگز",
    "ur": "نہیں نہ",
    "hi": "नहीं न मत कभी",
    "bn": "না নয় নেই",
    "id": "tidak bukan belum jangan tak tanpa",
    "vi": "không chưa chẳng",
}
"""Plain negators by language; each is looked for in texts of its language."""

UNMISTAKABLE = frozenset(
    [
        "not",
        "never",
        "cannot",
        "can't",
        "won't",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "wasn't",
        "nicht",
        "niemals",
        "kein",
        "keine",
        "keinen",
        "niet",
        "nooit",
        "geen",
        "inte",
        "aldrig",
        "ikke",
        "aldri",
        "jamais",
        "aucun",
        "aucune",
        "não",
        "nenhum",
        "nenhuma",
        "nunca",
        "ningún",
        "ninguna",
        "nessun",
        "nessuna",
        "niciodată",
        "никогда",
        "нет",
        "не",
        "nigdy",
        "żaden",
        "nikdy",
        "δεν",
        "ούτε",
        "eivät",
        "değil",
        "asla",
        "لم",
        "لن",
        "ليس",
        "ليست",
        "לא",
        "אין",
        "نیست",
        "هرگز",
        "نہیں",
        "नहीं",
        "না",
        "tidak",
        "bukan",
        "không",
        "chưa",
        "chẳng",
    ]
)
"""Negators that are no other word in any language of the table: all that is used when the language is unknown."""

DENIALS = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|refut(?:e[sd]?|ing)|disput(?:e[sd]?|ing)|"
    r"dismiss(?:es|ed|ing)? (?:the|a|any|all|claims?|suggestions?|reports?|allegations?|as)|contradict(?:s|ed|ing)?|disavow(?:s|ed|ing)?|untrue|false(?:ly)?|"
    r"bestreite[tn]?|bestritt(?:en)?|dementier(?:t|te|ten|en)|weist|wies|zurückgewiesen|leugne(?:t|te|ten|n)|"
    r"dément(?:i|it|ent)?|nie(?:nt|r|ait)?|niée?|rejett?e(?:r|nt)?|rejeté|réfut(?:e|é|er|ent|ait)|"
    r"nieg(?:a|an|ó)|neg(?:ó|aron|ado|ando|ou|aram|ato|ato)|desmient[ea]n?|desmint(?:ió|ieron)|rechaz(?:a|an|ó|aron)|"
    r"desment(?:e|em|iu|iram)|rejeit(?:a|am|ou|aram)|smentisc(?:e|ono)|smentit[oaie]|nega(?:no|va|ndo)?|"
    r"ontken(?:t|de|den|nen)|ontkend|förneka(?:r|de|t)|dementera(?:r|de|t)|benekte(?:r|t)|"
    r"kiis(?:tää|ti|tivät|tänyt|täneet)|zaprzecz(?:a|ył|yła|yli|ają)|popře(?:l|la|li)|опроверг\w*|отрица\w*|"
    r"отверг\w*|заперечу\w*|заперечи\w*|спростува\w*|yalanla\w*|reddet\w*|inkâr|nafi|نف[ىت]|ينفي|تنفي|أنكر\w*|"
    r"הכחיש\w*|membantah|menyangkal|phủ nhận)\b",
    re.IGNORECASE,
)

RESUMES = re.compile(
    r"[;:]|[,،] (?:and|which|who|und|et|y|e|och|og|en|i|и|та|ja|και|ve|و)\b|\b(?:but|however|although|though|and (?:said|added|says)|instead|sondern|aber|jedoch|mais|pero|sino|mas|"
    r"ma|però|men|utan|maar|ale|lecz|но|а|ama|fakat|mutta|vaan|و?لكن\w*)\b|[，；]",
    re.IGNORECASE,
)
"""After one of these a negation to the left no longer governs what follows."""

BARE_PREFIXES = ("不", "没", "沒", "未", "非", "无", "無", "否认", "否認", "안", "못")
BARE_SUFFIXES = (
    "ない",
    "なかった",
    "ません",
    "ず",
    "ぬ",
    "ことを否定",
    "との見方を否定",
    "지 않",
    "지 못",
    "것은 아니",
    "것을 부인",
    "नहीं",
)
"""Negation that is written without a space around it, right before or right after."""

CONJUNCTIONS = frozenset(
    [
        "and",
        "or",
        "but",
        "that",
        "than",
        "as",
        "und",
        "oder",
        "aber",
        "dass",
        "als",
        "et",
        "ou",
        "mais",
        "que",
        "y",
        "o",
        "pero",
        "e",
        "mas",
        "och",
        "eller",
        "men",
        "og",
        "en",
        "of",
        "maar",
        "i",
        "a",
        "ale",
        "lub",
        "и",
        "или",
        "но",
        "а",
        "что",
        "ja",
        "tai",
        "mutta",
        "että",
        "ve",
        "veya",
        "ama",
    ]
)
"""What follows one of these is another clause, with negations of its own."""

WORDS = re.compile(r"n['’](?=\w)|[^\W\d_]+(?:['’][^\W\d_]+)?['’]?|[,，、]")
REACH_LEFT = 3
REACH_RIGHT = 2
"""How many words away a plain negator still governs; chosen so that `not` with an adverb or two is caught."""


def hidden_negation(text: str, sentence: Sentence, start: int, end: int, language: str | None = None) -> str | None:
    """The word outside text[start:end], within the sentence, that turns the cut-out words round, or None."""
    negators = _negators(language)
    before = unicodedata.normalize("NFC", text[sentence.start : start]).rstrip("\"“”„«»‘’' ")
    after = text[end : sentence.end]
    return _denial(before) or _bare(before, after) or _left(before, negators) or _right(after, negators)


def _denial(before: str) -> str | None:
    """The last verb of denial in the clause that leads into the span."""
    governing = RESUMES.split(before)[-1]
    found = list(DENIALS.finditer(governing))
    return found[-1].group(0) if found else None


def _bare(before: str, after: str) -> str | None:
    for mark in BARE_PREFIXES:
        if before.endswith(mark):
            return mark
    return next((mark for mark in BARE_SUFFIXES if after.lstrip(" ").startswith(mark)), None)


def _left(before: str, negators: frozenset[str]) -> str | None:
    governing = RESUMES.split(before)[-1]
    words = [w.lower().replace("’", "'") for w in WORDS.findall(governing)][-REACH_LEFT:]
    if "," in words:
        words = words[len(words) - words[::-1].index(",") :]
    return _negator(words, negators)


def _right(after: str, negators: frozenset[str]) -> str | None:
    if not after[:1].isspace():
        return None
    clause = re.split(r"[.,;:!?。、，\"”»]", after, maxsplit=1)[0]
    words = [w.lower().replace("’", "'") for w in WORDS.findall(clause)][:REACH_RIGHT]
    if words and words[0] in CONJUNCTIONS:
        return None
    return _negator(words, negators)


def _negator(words: list[str], negators: frozenset[str]) -> str | None:
    return next((w for w in words if w in negators), None)


def _negators(language: str | None) -> frozenset[str]:
    primary = (language or "").lower().replace("_", "-").split("-")[0]
    if primary not in NEGATORS:
        return UNMISTAKABLE
    elided = {"n'"} if primary == "fr" else set()
    return frozenset(NEGATORS[primary].split()) | elided
