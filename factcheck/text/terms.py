"""What a text can be found by, in any language: words by their sound, figures, months, and what they are counted in.

A word stands for its sound in Latin letters, cut off where endings begin, so that `ministers`, `Ministerium` and
`министр` are one term and a name is found in every alphabet. Figures are one term however they are written: `2,730`,
`2 730`, `2.730` and, as far as their words are known, `Vingt-six mille`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

from factcheck.text.dates import MONTHS
from factcheck.text.language import COMMON
from factcheck.text.sounds import sounds_like

STEM = 6
"""Letters of a word's sound that are kept; endings and the later parts of compounds differ behind them."""

SHORTEST = 3
"""Letters of a word that tells texts apart; shorter ones run through every text."""

SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"
"""Scripts without spaces between words; they are found by pairs of letters."""

SPACELESS_RUN = re.compile(f"[{SPACELESS}]")
TOKEN = re.compile(
    r"\d+(?:[.,'’\u00a0\u202f\u2009 ]\d+)*|%|[" + SPACELESS + r"]+|[^\W\d_" + SPACELESS + r"]+(?:['’][^\W\d_]+)*"
)
GROUPED = re.compile(r"\d{1,3}(?:[.,'’\s]\d{3})+")
"""Digits in threes; with one mark it may be a decimal figure, too, which costs little to find as well."""

WITHIN = re.compile(r"\b[^\W\d_a-z](?:(?<=[\w,;)] .)|(?<=['’-].))\w*")
"""A word behind another one, where a capital means something."""

PARTS = re.compile(r"[.,'’\s]")
PER_CENT = "% percent cent prozent procent prosent pourcent prosenttia proc percento процент процента"
PERCENT = frozenset(PER_CENT.split(" "))
POWERS = {
    3: "thousand tausend mille mil mila tusen tusind tuhat tuhatta duizend тысяч тыс tys tisíc",
    6: "million millions millionen mio millón millones milioni milione milhão milhões miljoner miljoen miljoonaa milj "
    "millioner mln miljonów milionů миллион миллионов млн мільйонів",
    9: "billion billions milliarde milliarden milliards miliardi miljard miljarder miliarda miliard mrd bn "
    "миллиард миллиардов млрд",
}
SCALES = {word: zeros for zeros, words in POWERS.items() for word in words.split(" ")}
"""Words for powers of ten, and how many zeros they stand for."""

SPELT = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete "
    "dezoito dezanove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "sv": "ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton "
    "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio",
    "da": "en to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tyve "
    "tredive fyrre halvtreds tres halvfjerds firs halvfems",
    "fi": "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista "
    "kolmetoista neljätoista viisitoista kuusitoista seitsemäntoista kahdeksantoista yhdeksäntoista",
    "pl": "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście "
    "piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście dwadzieścia trzydzieści czterdzieści",
    "ru": "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать тридцать сорок пятьдесят",
}
"""One to twenty, thirty, and so on in tens."""

DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag"
)
WEEKDAYS = frozenset(DAYS.split(" "))
LEAST_SPELT = 3
"""Words for one and two are articles and pronouns in some languages."""

YEARS = range(1800, 2100)


class Term(NamedTuple):
    """What a text can be found by."""

    key: str
    kind: str
    """`word`, `name` (a word with a capital that begins no sentence), `figure`, `year`, `month` or `unit`."""


def keys_of(text: str) -> list[str]:
    """The terms of a text, in its order, as a full-text index takes them."""
    return [term.key for term in terms_of(text)]


def terms_of(text: str) -> Iterator[Term]:
    """The terms of a text, in its order; a word may be several."""
    tokens = list(TOKEN.finditer(text))
    spelt: list[str] = []
    numbers = _spelt()
    for match, following in zip_longest(tokens, tokens[1:]):
        token = match[0]
        if token[0].isdigit():
            yield from _figure(token, SCALES.get(following[0].casefold(), 0) if following else 0)
            continue
        plain = token.casefold()
        if plain in numbers or (spelt and plain in SCALES):
            spelt = [*spelt, plain]
            after = following[0].casefold() if following else ""
            if after not in numbers and after not in SCALES:
                yield from _spelt_figure(spelt)
                spelt = []
        terms = _word(plain)
        if token[0].isupper() and terms and terms[0].kind == "word" and not _begins(text, match.start()):
            yield from (Term(term.key, "name") for term in terms)
        else:
            yield from terms


def _begins(text: str, start: int) -> bool:
    """Whether a word begins a sentence, a line or a quotation, where capitals say nothing."""
    before = text[max(0, start - 3) : start].rstrip(" \u00a0")
    return not before or before[-1] in ".!?:\n\"“„«»”'‘’…"


def _figure(token: str, zeros: int) -> Iterator[Term]:
    """A figure in all readings: with its thousands grouped, as a decimal figure, and rounded."""
    if GROUPED.fullmatch(token):
        yield from _value(PARTS.sub("", token), "", zeros)
        if len(PARTS.findall(token)) > 1 or token[-4].isspace():
            return
    parts = PARTS.split(token)
    if len(parts) == 2 and not re.search(r"\s", token):  # noqa: PLR2004  (a whole part and a decimal one)
        yield from _value(parts[0], parts[1].rstrip("0"), zeros)
        return
    for part in parts:
        yield from _value(part, "", zeros)


def _value(whole: str, decimals: str, zeros: int) -> Iterator[Term]:
    whole = whole.lstrip("0") or "0"
    if zeros:
        moved = (whole + (decimals + "0" * zeros)[:zeros]).lstrip("0") + decimals[zeros:]
        yield Term(f"n{moved}", "figure")
    if not decimals:
        is_year = len(whole) == 4 and int(whole) in YEARS  # noqa: PLR2004
        yield Term(f"n{whole}", "year" if is_year else "figure")
        return
    yield Term(f"n{whole}d{decimals}", "figure")
    yield Term(f"n{int(whole) + (decimals[0] >= '5')}", "rounded")


def _spelt_figure(words: list[str]) -> Iterator[Term]:
    """A figure in words, e.g. `vingt`, `six`, `mille`."""
    total = current = 0
    for word in words:
        if word in SCALES:
            total, current = total + max(current, 1) * 10 ** SCALES[word], 0
        else:
            current += _spelt()[word]
    if total + current >= LEAST_SPELT:
        yield Term(f"n{total + current}", "figure")


@lru_cache(maxsize=262_144)
def _word(plain: str) -> tuple[Term, ...]:
    """The terms of a word in lower case: the sounds of its parts, cut off where endings begin."""
    if plain in PERCENT:
        return (Term("upercent", "unit"),)
    if plain in MONTHS and len(plain) >= SHORTEST:
        return (Term(f"m{MONTHS[plain]}", "month"),)
    if SPACELESS_RUN.match(plain):
        return tuple(Term("".join(pair), "word") for pair in pairwise(plain))
    if plain in _small():
        return ()
    heard = sounds_like(max(plain.replace("’", "'").split("'"), key=len))  # without an article in front, or a genitive
    return tuple(Term(part[:STEM], "word") for part in heard.split() if len(part) >= SHORTEST)


def _is_day(plain: str) -> bool:
    """Whether a word names a month or a day of the week, which English and German write like names."""
    return plain in MONTHS or plain in WEEKDAYS


@cache
def _small() -> frozenset[str]:
    """Words that run through every text of some language."""
    return frozenset(word for words in COMMON.values() for word in words.split())


@cache
def _spelt() -> dict[str, int]:
    found: dict[str, int] = {}
    for words in SPELT.values():
        for at, word in enumerate(words.split(), 1):
            found.setdefault(word, at if at <= 20 else 10 * (at - 18))  # noqa: PLR2004  (twenty, then in tens)
    return found


@lru_cache(maxsize=262_144)
def word_keys(word: str) -> tuple[str, ...]:
    """The terms of one word, which stands in no text; figures as they are written."""
    return tuple(term.key for term in terms_of(word))


def words_of(text: str) -> set[str]:
    """The terms of a text's words taken one by one: quicker than `keys_of`, and without figures of several parts."""
    return {key for word in re.findall(r"\w+", text) for key in word_keys(word.casefold())}


def names_of(text: str) -> set[str]:
    """The terms of words with a capital that stand behind another word: names, and in German all nouns."""
    found = (word for word in WITHIN.findall(text) if word[0].isupper() and not _is_day(word.casefold()))
    return {key for word in found for key in word_keys(word.casefold())}


def capitalised(text: str) -> list[str]:
    """The words with a capital that begin no sentence, one behind the other as one name, e.g. `Ana Sol`."""
    found: list[list[str]] = []
    end = -1
    for match in TOKEN.finditer(text):
        token = match[0]
        follows = bool(found) and text[end : match.start()] == " "
        if _is_day(token.casefold()):
            continue
        if token[0].isupper() and (follows or not _begins(text, match.start())):
            if follows:
                found[-1].append(token)
            else:
                found.append([token])
            end = match.end()
    return [" ".join(words) for words in found]
