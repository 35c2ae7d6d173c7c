"""Which language a text is in, and whether it is in any: by its commonest words, and by how vowels alternate."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import pairwise

COMMON = {
    "af": "die en van in het is nie dat op te om vir wat met sy aan was ek hulle ons",
    "ar": "في من على إلى أن عن التي الذي هذا هذه كان قال لا ما لم بين بعد مع كما لن قد إن",
    "be": "на не што да па за як але гэта для быў ад яго яны каб або была пра пры",
    "bg": "на да се за от не по са че ще като това но му ги при до след един",
    "ca": "de la que el en els les del per amb una un és no al dels va ha més com",
    "cs": "se na je že si to jako za ale do by po který podle od pro až jsou bude jeho",
    "cy": "yn yr ac ei mae ar wedi bod fod hefyd gan wrth ond nad oedd eu hyn am",
    "da": "og at det er en til af på som for med der den har ikke de et vil var kan",
    "de": "der die und das den von zu mit sich des auf für ist im nicht ein eine als auch dem es an werden wird dass",
    "el": "και το του της να την τον στο με για που από στην δεν ότι οι τα θα των είναι η ο",
    "en": "the of and to in that is was for on it with as be at by this had not are but have or which he said will",
    "es": "de la que el en los del se las por un para con no una su al es lo como más pero",
    "et": "ja on ei et see oli kui aga ka ning oma mis kes ta pole selle siis või veel",
    "eu": "eta da ez du bat dute zen dira baina hori ere izan dela bere den duen egin",
    "fa": "در به از که این را با است برای آن یک خود تا بر هم نیز شد گفت می",
    "fi": "ja on ei että se oli hän mutta myös kun joka ovat kuin olla sen jos ole nyt tai mukaan",
    "fr": "de la le et les des en un du une que est pour qui dans sur par plus pas au ne il se avec ce",
    "ga": "an na ar agus go is le do sé bhí seo atá nach ag bhfuil mar dá sin air tá",
    "gl": "de que do da en os das no na por unha para con non se ao máis dos como pola",
    "he": "של את על לא זה הוא עם כי היא גם או אם כל יש אבל רק מה לאחר אמר כדי בין",
    "hi": "के में की है को से का और ने कि यह पर हैं भी एक नहीं इस था कर लिए",
    "hr": "je se na da su za od bi ne što će kako ali ili koji nije kao to iz po",
    "hu": "az és hogy nem egy is meg volt ez csak már de van még azt mint ha lesz szerint",
    "hy": "է եւ և որ են մի այդ համար նաև չի այս էր իր հետ ու",
    "id": "yang dan di dari untuk dengan ini itu pada tidak dalam akan ke oleh juga adalah ada",
    "is": "og að er í sem var hann um við það ekki með til en af hún fyrir þá frá",
    "it": "di che la il un in per una del non le con da si è dei gli al alla nel sono più della",
    "ka": "და რომ არ ამ ეს არის იყო მაგრამ თუ მისი ის რა უნდა ასევე",
    "kk": "және бір мен бұл деп үшін де да еді бар болған сол осы туралы",
    "lt": "ir kad į iš yra bet su su tai jo buvo ar už taip pat kaip dėl nuo po",
    "lv": "un ir ka no uz par ar bet kas arī tas bija lai pēc kā nav gada tika",
    "mk": "на да се во од за не со што ќе ги по но како тоа кој сите беше",
    "ms": "yang dan di untuk dengan ini itu dalam pada tidak akan oleh kepada telah beliau",
    "mt": "li ta tal fil għal huwa minn kien mill biex din dan ma jew bil sa",
    "nl": "de van het een en in is dat op te zijn voor met niet aan er die om ook door als bij",
    "no": "og det er som på at en til av for ikke med den de har et var han om vil fra men",
    "pl": "się na nie że do to jest od za po jak ale przez dla czy oraz jego będzie który tym",
    "pt": "de que do da em um para com não uma os no se na por mais as dos como mas foi ao",
    "ro": "de în și la a care cu nu din pe că este un pentru mai au fost sau ce prin",
    "ru": "в на не что по из как это за от но для он его она они был все или при будет также",
    "sk": "sa na je že to aj ako za ale do by po ktorý od pre sú bude si podľa",
    "sl": "je in na se da za so ne pa bi po kot ki tudi iz od ali še pri",
    "sq": "të në dhe e për me një që nga është si ka se ky do nuk u kjo",
    "sr": "је се на да су за од би не што ће како али или који није као то из по",
    "sv": "och att det i som en på är av för med till den har de inte om ett var men från",
    "sw": "ya na kwa wa ni katika za la kuwa hiyo huo cha hii pia yake lakini",
    "tl": "ang ng sa na mga at ay ito hindi para si kung may ni",
    "tr": "ve bir bu da de için ile çok olarak daha ama ne o gibi olan var sonra kadar dedi",
    "uk": "на не що до за як це від але для він його вони було або та про при буде також",
    "ur": "کے میں کی ہے کو سے کا اور نے کہ یہ پر ہیں بھی ایک نہیں اس تھا",
    "vi": "và của là có trong cho được không với các một những đã này người để khi đến",
}
"""Words that run through every text of a language; those of one letter say too little."""

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
MIN_WORDS = 20
"""Fewer say nothing about the language."""

LOOKED_AT = 4000
"""Characters from which a language is told."""

FAMILIAR, KINDS = 0.08, 3
"""The part of common words, and how many different ones, that no text reaches by chance."""

VOWELS = frozenset("aeiouyıøœæ" + "аеёиоуыэюяєіїўөүұә" + "αεηιουω")
ALPHABETS = re.compile(r"LATIN|CYRILLIC|GREEK")
VOWEL_SHARE = (0.28, 0.6)
MIN_CHANGES = 0.63
"""Neighbours of which one is a vowel; in letters put for one another at random it is less than half."""

MAX_ACCENTED = 0.45
"""Letters beyond the Latin alphabet of English; Vietnamese has a third of them, legacy fonts of Greek nine tenths."""


def language_of(text: str) -> str | None:
    """The language (ISO 639-1) that most of the commonest words belong to, or None where that is not clear."""
    words = Counter(_words(text))
    best = _familiar(words)
    return best[0] if best and best[1] >= FAMILIAR else None


def is_language(text: str) -> bool | None:
    """Whether a text can be in any language at all; None where it is too short, or its script has no known signs."""
    words = Counter(_words(text))
    if words.total() < MIN_WORDS:
        return None
    best = _familiar(words)
    if best and best[1] >= FAMILIAR and best[2] >= KINDS:
        return True
    return _alternates(words)


def _words(text: str) -> list[str]:
    return [match[0].casefold() for match in WORD.finditer(unicodedata.normalize("NFC", text[:LOOKED_AT]))]


def _familiar(words: Counter[str]) -> tuple[str, float, int] | None:
    """The language with the most common words, their part of the text, and how many different ones they are."""
    total = words.total()
    if not total:
        return None
    shares: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for word in words.keys() & _languages_of().keys():
        for language in _languages_of()[word]:
            shares[language] += words[word]
            kinds[language] += 1
    if not shares:
        return None
    language, number = shares.most_common(1)[0]
    return language, number / total, kinds[language]


@cache
def _languages_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language, words in COMMON.items():
        for word in words.split():
            if len(word) > 1:
                found.setdefault(word, []).append(language)
    return found


def _alternates(words: Counter[str]) -> bool | None:
    """Whether vowels and consonants follow each other as they do in speech; None in scripts that write no vowels."""
    written = {word: number for word, number in words.items() if ALPHABETS.match(unicodedata.name(word[0], ""))}
    if 2 * sum(written.values()) < words.total():
        return None
    letters = vowels = accented = pairs = changes = 0
    for word, number in written.items():
        base = [char in VOWELS for char in unicodedata.normalize("NFD", word) if char.isalpha()]
        letters += number * len(base)
        vowels += number * sum(base)
        accented += number * sum("\x7f" < char < "\u0250" for char in word)
        pairs += number * (len(base) - 1)
        changes += number * sum(a != b for a, b in pairwise(base))
    return (
        VOWEL_SHARE[0] <= vowels / letters <= VOWEL_SHARE[1]
        and changes >= MIN_CHANGES * pairs
        and accented <= MAX_ACCENTED * letters
    )
