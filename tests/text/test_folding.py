"""Typography that is no difference: the same words are found in either form and shown as they stand in the document."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.ground import ground, occurrences
from factcheck.text.folding import fold
from factcheck.text.sentences import sentences_of
from tests.attacks.cuts import cuts, languages
from tests.support.corpus import articles

HALF_WIDTH = str.maketrans(
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン、。「」・ー",
    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ､｡｢｣･ｰ",
)
FULL_WIDTH = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
ARABIC = re.compile(r"[\u0621-\u064a]{2}")
SOLID = re.compile(r"([\u3040-\u30ff\u4e00-\u9fff])(?=[\u3040-\u30ff\u4e00-\u9fffA-Za-z0-9])")
Form = Callable[[str], str]


def nth_word(text: str, n: int, change: Form) -> str:
    words = text.split(" ")
    at = n % len(words)
    return " ".join([*words[:at], change(words[at]), *words[at + 1 :]])


MARKDOWN: dict[str, Form] = {
    "bold": lambda t: nth_word(t, 1, lambda w: f"**{w}**"),
    "italic": lambda t: nth_word(t, 2, lambda w: f"_{w}_"),
    "star": lambda t: nth_word(t, 3, lambda w: f"*{w}*"),
    "whole": lambda t: f"**{t}**",
    "code": lambda t: nth_word(t, 1, lambda w: f"`{w}`"),
    "link": lambda t: nth_word(t, 1, lambda w: f"[{w}](https://example.org/a_b(c)?d=1&e=2)"),
    "titled link": lambda t: nth_word(t, 2, lambda w: f'[{w}](/path/to.html "a title")'),
    "note": lambda t: nth_word(t, 1, lambda w: f"{w}[^7]"),
    "escaped": lambda t: re.sub(r"([-*_()!.])", r"\\\1", t),
}
HTML: dict[str, Form] = {
    "named": lambda t: t.replace(" ", "&nbsp;").replace("’", "&rsquo;").replace("“", "&ldquo;").replace("”", "&rdquo;"),
    "decimal": lambda t: re.sub(r"[^\x00-\x7f]", lambda m: f"&#{ord(m[0])};", t),
    "hexadecimal": lambda t: re.sub(r"[^\x00-\x7f]", lambda m: f"&#x{ord(m[0]):X};", t),
    "escaped": html.escape,
    "soft hyphens": lambda t: nth_word(t, 1, lambda w: "&shy;".join((w[:2], w[2:]))),
}
DASHES: dict[str, Form] = {
    "two": lambda t: re.sub(r" [–—] ", " -- ", t),
    "three": lambda t: re.sub(r" [–—] ", "---", t),
    "joined": lambda t: re.sub(r" [–—] ", "--", t),
}
SCRIPTS: dict[str, Form] = {
    "tatweel": lambda t: ARABIC.sub(lambda m: m[0][0] + "ـ" + m[0][1], t),
    "vowels": lambda t: re.sub(r"([\u0628-\u064a])", "\\1\u064e", t),
    "tanween": lambda t: re.sub(r"([\u0628-\u064a])(?= )", "\\1\u064b", t),
    "no vowels": lambda t: re.sub("[\u064b-\u0652]", "", t),
    "points": lambda t: re.sub(r"([\u05d0-\u05ea])", "\\1\u05b7", t),
    "spaced": lambda t: SOLID.sub(r"\1 ", t),
    "wide space": lambda t: SOLID.sub("\\1\u3000", t),
    "half width": lambda t: t.translate(HALF_WIDTH),
    "full width": lambda t: re.sub(r"[0-9A-Za-z,:!()%]+", lambda m: m[0].translate(FULL_WIDTH), t),
    "half width, decomposed": lambda t: unicodedata.normalize("NFD", t).translate(HALF_WIDTH),
}
FORMS = {**MARKDOWN, **HTML, **DASHES, **SCRIPTS}
FOR = {"ja": SCRIPTS, "zh": SCRIPTS, "ar": SCRIPTS, "he": SCRIPTS}


def texts() -> list[tuple[str | None, str]]:
    found = [(d.language, d.text[s.start : s.end]) for d in articles() for s in sentences_of(d.text, d.language)]
    own = [(cut.language, cut.text) for language in languages() for cut in list(cuts(language))[::300]]
    dashed = [(language, text.replace(", ", " – ", 1)) for language, text in own]
    return [(language, text) for language, text in found + own + dashed if not re.search(r"[*_\[\]&\\]", text)]


def variants() -> Iterator[tuple[str, str | None, str, str]]:
    for language, text in texts():
        for name, form in FORMS.items():
            other = form(text)
            if other != text:
                yield name, language, text, other


def quoted(document: Document, words: str) -> str | None:
    number = sentences_of(document.text, document.language)[0].number
    claim = ground(Draft(document, (Pointer(number, words),), None, "assertion", "t"))
    return claim.quotes[0].exact if isinstance(claim, Claim) else None


def test_typography_is_no_difference_whichever_side_has_it() -> None:
    tried: Counter[str] = Counter()
    lost: list[tuple[str, str]] = []
    for name, language, text, other in variants():
        for stands, asked in ((text, other), (other, text)):
            tried[name] += 1
            document = document_from_text(f"{stands}\n\nAnother line.", language=language)
            exact = quoted(document, asked)
            if exact is None or exact not in document.text or fold(exact.strip()).chars != fold(exact).chars:
                lost.append((name, asked))
    assert sum(tried.values()) >= 1300, tried
    assert set(tried) == set(FORMS)
    assert len(lost) <= sum(tried.values()) / 100, Counter(name for name, _ in lost)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the board will **never** lease the quay", "the board will never lease the quay"),
        ("lease [the old quay](https://harbour.example/quay) to anybody", "lease the old quay to anybody"),
        (r"a \*joke\* plan", "a *joke* plan"),
        ("A & B agreed", "A &amp; B agreed"),
        ("it fell -- at last -- by 5%", "it fell – at last – by 5%"),
        ("the file my_own_file.txt", "the file my_own_file.txt"),
        ("橋は　２５ 億円 です", "橋は25億円です"),
        ("王，NATO 加盟", "王, NATO加盟"),
        ("יו״ר הכנסת", 'יו"ר הכנסת'),
    ],
)
def test_the_same_words_are_found(text: str, words: str) -> None:
    assert len(occurrences(text, words)) == len(occurrences(words, text)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("die Masse wächst", "die Maße wächst"),
        ("ein Bär kam", "ein Baer kam"),
        ("2*3 makes 6", "23 makes 6"),
        ("2 * 3 makes 6", "2 3 makes 6"),
        (r"2\*3 makes 6", "23 makes 6"),
        ("see [he](no) there", "see he there"),
        ("the file my_own", "the file myown"),
        ("it was ~~never~~ sold", "it was sold"),
        ("12 34 votes", "1234 votes"),
        ("五 6 月", "五7月"),
        ("أمر الوزير", "آمر الوزير"),
        ("the R&D budget", "the RD budget"),
        ("AT&T; paid", "ATT paid"),
        ("fell by -5 degrees", "fell by 5 degrees"),
    ],
)
def test_other_words_are_not(text: str, words: str) -> None:
    assert not occurrences(text, words)


def test_a_quote_is_shown_as_it_stands() -> None:
    text = "The board will **never** lease [the old quay](https://harbour.example/quay) to caf&eacute; owners."
    document = document_from_text(text, language="en")
    assert quoted(document, "The board will never lease the old quay to café owners") == text.rstrip(".")
    assert [text[s.start : s.end] for s in occurrences(text, "to café")] == ["to caf&eacute;"]


@pytest.mark.parametrize("piece", [" ", "[", "*", "**a", "&amp", "\\", "[a](", "-", "“", "; ", ", but ", "[a]"])
def test_no_text_takes_long(piece: str) -> None:
    document = document_from_text(f"Ada said that {piece * 20_000} the firm paid.", language="en")
    for words in ("the firm paid", f"Ada{piece * 20_000}paid", f"Ada said … {piece * 20_000} … paid"):
        ground(Draft(document, (Pointer(1, words),), None, "assertion", "t"))
