"""PDFs are read as people read the pages: columns, hyphens, notes, running heads, tables, text layers that are none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck.text.hyphens import unhyphenated
from factcheck.text.language import is_language, language_of
from tests.support.build_pdf import Line, Page, paragraphs, pdf
from tests.support.pdf_reading import article_of, left_out, shifted
from tests.support.reading import LANGUAGES, flat, read_bytes, words_of
from tests.support.typeset import Setter


def text_of(*pages: Page) -> str:
    """The text of pages."""
    return article_of(pdf(pages)).text


def rows(*texts: str, x: float = 72, y: float = 720, size: float = 11, leading: float = 14) -> list[Line]:
    """Lines under each other."""
    return [Line(text, x, y - n * leading, size) for n, text in enumerate(texts)]


# Running heads

LETTER = (
    "The council sat on Tuesday. Its head said that the north pier will",
    "stay in public hands and that nobody had shown her any of the",
)
REST = (
    "offers that the papers wrote about. New piles cost 740,000 crowns, and",
    "the county has not said what it will give.",
)
WHOLE = " ".join([*LETTER, *REST])
HEADS: dict[str, tuple[Sequence[Line], Sequence[Line]]] = {
    "letterhead and contact": (
        [Line("Port of Lundby - News", y=800, size=9), Line("Press: +47 555 0100", y=50, size=8)],
    )
    * 2,
    "page numbers": ([Line("- 1 -", x=290, y=40)], [Line("- 2 -", x=290, y=40)]),
    "pages of pages": ([Line("Page 1 of 2", x=450, y=800)], [Line("Page 2 of 2", x=450, y=800)]),
    "a letterhead of three lines": (rows("Skarvik Harbour", "Quay 1, Skarvik", "Tel. 555 0100", y=815, leading=10),)
    * 2,
    "head and number on one line": (
        [Line("Skarvik Courier", y=805, size=8), Line("4", x=500, y=805, size=8)],
        [Line("Skarvik Courier", y=805, size=8), Line("5", x=500, y=805, size=8)],
    ),
    "in the size of the text": ([Line("Draft of 4 March 2024", y=790)],) * 2,
}


@pytest.mark.parametrize("case", HEADS)
def test_a_sentence_goes_on_over_the_page_without_its_running_heads(case: str) -> None:
    pages = [Page([*head, *rows(*text)]) for head, text in zip(HEADS[case], (LETTER, REST), strict=True)]
    article = article_of(pdf(pages))
    assert article.text == WHOLE
    assert Counter(left_out(article, "running_head")) == Counter(
        " ".join(line.text for line in lines) for head in HEADS[case] for lines in _by_height(head)
    )
    assert [(mark.page, article.text[mark.start :][:5]) for mark in article.marks] == [(1, "The c"), (2, "offer")]


def _by_height(lines: Sequence[Line]) -> list[list[Line]]:
    return [[line for line in lines if line.y == y] for y in dict.fromkeys(line.y for line in lines)]


def test_heads_of_odd_and_even_pages() -> None:
    heads = ["The Skarvik Courier", "Monday, 4 March 2024"] * 2
    pages = [Page([Line(head, y=800, size=8), *rows(text)]) for head, text in zip(heads, (*LETTER, *REST), strict=True)]
    assert left_out(article_of(pdf(pages)), "running_head") == heads


@pytest.mark.parametrize(
    "pages",
    [
        [Page([Line("Quay is not for sale", y=790, size=16), *rows(*LETTER, *REST)])],
        [Page([*rows("Dear Ms Lind,", y=760), *rows(*LETTER)]), Page([*rows("Dear Mr Dahl,", y=760), *rows(*REST)])],
        [Page([*rows("2024", y=734), *rows(*LETTER)]), Page([*rows(*REST)])],
        [Page([*paragraphs(words_of("en")[0]), *rows(*LETTER, y=600)]), Page([*paragraphs(words_of("en")[0])])],
    ],
    ids=["one page", "another text", "a line beside the text", "a paragraph twice"],
)
def test_what_is_no_running_head_stays(pages: list[Page]) -> None:
    article = article_of(pdf(pages))
    assert left_out(article, "running_head") == []
    assert _letters(article.text) == _letters(*(line.text for page in pages for line in page.lines))


def _letters(*texts: str) -> Counter[str]:
    return Counter(char for text in texts for char in text if char.isalnum())


# Hyphens

HYPHENS = [
    ("the German-", "Swedish pact", "the German-Swedish pact"),
    ("a vote on the non-", "European bidder", "a vote on the non-European bidder"),
    ("a so-called price-", "determining factor", "a so-called price-determining factor"),
    ("the vote was lost 12-", "11. He resigned", "the vote was lost 12-11. He resigned"),
    ("the Covid-", "19 pandemic", "the Covid-19 pandemic"),
    ("it was the com-", "mission that refused", "it was the commission that refused"),
    ("the harbour au-", "thority", "the harbour authority"),
    ("he would re-", "sign the treaty", "he would re-sign the treaty"),
    ("in 2019-", "2020 they", "in 2019-2020 they"),
    ("a left-", "wing party", "a left-wing party"),
    ("the decision-", "makers of", "the decision-makers of"),
    ("a long-", "term loan", "a long-term loan"),
    ("the govern-", "ment", "the government"),
    ("an under-", "standing", "an understanding"),
    ("the HAR-", "BOUR BOARD", "the HARBOUR BOARD"),
    ("the NATO-", "EU summit", "the NATO-EU summit"),
    ("a self-", "made man", "a self-made man"),
    ("see www.harbour-", "board.example now", "see www.harbour-board.example now"),
    ("between 1914–", "1918 it", "between 1914–1918 it"),
    ("the board –", "all of it – agreed", "the board – all of it – agreed"),
    ("berths and/", "or quays", "berths and/or quays"),
]


@pytest.mark.parametrize(("first", "second", "whole"), HYPHENS, ids=[row[2] for row in HYPHENS])
def test_hyphens_at_the_end_of_a_line(first: str, second: str, whole: str) -> None:
    beside = ("The board of the port met and it was said that this is", f"what they had asked for, {first}")
    text = text_of(Page(rows(*beside, f"{second} and that is all.")))
    assert text == f"{beside[0]} what they had asked for, {whole} and that is all."


IN_LANGUAGES = [
    ("de", "Hafen-", "behörde", "Hafenbehörde"),
    ("de", "die E-", "Mail", "E-Mail"),
    ("de", "Nordrhein-", "Westfalen", "Nordrhein-Westfalen"),
    ("sv", "hamnstyrel-", "sen", "hamnstyrelsen"),
    ("fi", "sataman hal-", "litus", "hallitus"),
    ("fr", "le gouverne-", "ment", "gouvernement"),
    ("fr", "c’est peut-", "être", "peut-être"),
    ("fr", "a-t-", "il dit", "a-t-il"),
    ("pt", "disse-", "lhe", "disse-lhe"),
    ("pt", "o gover-", "no", "governo"),
    ("ru", "кто-", "то", "кто-то"),
    ("ru", "прави-", "тельство", "правительство"),
    ("es", "el ayunta-", "miento", "ayuntamiento"),
    ("it", "il go-", "verno", "governo"),
]


@pytest.mark.parametrize(("language", "first", "second", "whole"), IN_LANGUAGES)
def test_hyphens_by_language(language: str, first: str, second: str, whole: str) -> None:
    kept = unhyphenated(first, second, set(), language)
    assert kept is not None
    assert whole in f"{first[:-1]}{kept}{second}"


def test_a_hyphen_is_decided_by_how_the_text_writes_the_word_elsewhere() -> None:
    for elsewhere, whole in (("harbourfront", "harbourfront"), ("harbour-front", "harbour-front")):
        text = text_of(
            Page(rows(f"The {elsewhere} is old and the board of it said so. The harbour-", "front is closed."))
        )
        assert text.endswith(f"The {whole} is closed.")


def test_a_hyphenated_word_goes_on_over_the_page() -> None:
    pages = [
        Page(rows("The repairs of the quay were not paid by the commis-")),
        Page(rows("sion, said the treasurer.")),
    ]
    assert text_of(*pages) == "The repairs of the quay were not paid by the commission, said the treasurer."


# Columns

LEFT = (
    "The port council sat on Tuesday",
    "and turned down every offer for",
    "the north pier, its head, Mia",
    "Holt, told those who had waited",
)
RIGHT = (
    "outside the hall for hours. She",
    "added that the piles, now sixty",
    "years old, will be replaced for",
    "740,000 crowns next spring.",
)
IN_ORDER = " ".join([*LEFT, *RIGHT])


def interleaved(*columns: Sequence[Line]) -> list[Line]:
    """Lines in the order of their heights, as many programs write them."""
    return sorted((line for column in columns for line in column), key=lambda line: (-line.y, line.x))


def from_right(*texts: str, x: float) -> list[Line]:
    """Lines of a right-to-left script that begin at the same place on the right."""
    return [Line(text[::-1], x - 5.5 * len(text), 720 - 14 * n) for n, text in enumerate(texts)]


COLUMNS: dict[str, tuple[list[Line], str]] = {
    "two, side by side": (interleaved(rows(*LEFT), rows(*RIGHT, x=320)), IN_ORDER),
    "two, at different heights": (interleaved(rows(*LEFT), rows(*RIGHT, x=320, y=713)), IN_ORDER),
    "a narrow gutter": (interleaved(rows(*LEFT), rows(*RIGHT, x=72 + 31 * 5.5 + 9)), IN_ORDER),
    "a headline across": (
        interleaved(
            [Line("Council turns down every offer for the north pier of the port", 72, 760, 16)],
            rows(*LEFT),
            rows(*RIGHT, x=320),
        ),
        f"Council turns down every offer for the north pier of the port\n\n{IN_ORDER}",
    ),
    "text below across": (
        interleaved(
            rows(*LEFT),
            rows(*RIGHT, x=320),
            rows("The board meets again in June, when the budget of the port is due.", y=600),
        ),
        f"{IN_ORDER}\n\nThe board meets again in June, when the budget of the port is due.",
    ),
    "the right one is shorter": (
        interleaved(rows(*LEFT, "outside the hall for hours. She"), rows(*RIGHT[1:], x=320)),
        IN_ORDER,
    ),
    "three": (
        interleaved(rows(*LEFT, size=8), rows(*RIGHT, x=220, size=8), rows(*LEFT, x=370, size=8)),
        f"{IN_ORDER}\n\n{' '.join(LEFT)}",
    ),
    "written column by column": ([*rows(*LEFT), *rows(*RIGHT, x=320)], IN_ORDER),
    "from right to left": (
        interleaved(
            from_right(
                "قررت هيئة الميناء يوم الاثنين", "عدم تأجير الرصيف القديم أبدا", "كما قالت رئيستها سارة لند", x=500
            ),
            from_right("وهي في منصبها منذ الربيع", "وقال أمين الصندوق أولي دال", "إن الإصلاح يكلف الكثير جدا", x=280),
        ),
        (
            "قررت هيئة الميناء يوم الاثنين عدم تأجير الرصيف القديم أبدا كما قالت رئيستها سارة لند "
            "وهي في منصبها منذ الربيع وقال أمين الصندوق أولي دال إن الإصلاح يكلف الكثير جدا"
        ),
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_columns_are_read_one_after_the_other(case: str) -> None:
    lines, expected = COLUMNS[case]
    assert flat(text_of(Page(lines))) == flat(expected)


def test_a_table_is_read_row_by_row() -> None:
    table = [("Port", "Berths", "Income"), ("Skarvik", "12", "3.2 million"), ("Holma", "7", "1.1 million")]
    cells = [Line(cell, 72 + 150 * n, 650 - 16 * m) for m, row in enumerate(table) for n, cell in enumerate(row)]
    text = text_of(Page([*rows(*LETTER), *cells, *rows(*REST, y=570)]))
    assert text.split("\n\n")[1] == "Port | Berths | Income\nSkarvik | 12 | 3.2 million\nHolma | 7 | 1.1 million"


def test_a_table_below_columns_is_none_of_them() -> None:
    cells = [
        Line(cell, x, 640 - 14 * n)
        for n in range(4)
        for x, cell in ((72, f"Port {n}"), (200, "12"), (330, "3.1"), (450, "4%"))
    ]
    text = text_of(Page(interleaved(rows(*LEFT), rows(*RIGHT, x=320), cells)))
    assert flat(text).startswith(IN_ORDER)
    assert "Port 2 | 12 | 3.1 | 4%" in text


# Notes

RAISED = [
    (
        "The ferries carried 1.4 million people",
        "1",
        " last year.",
        "The ferries carried 1.4 million people last year.",
        ["1"],
    ),
    ("It runs 14", "2", " boats, she added.", "It runs 14 boats, she added.", ["2"]),
    ("“We will not let go,”", "3", " she said.", "“We will not let go,” she said.", ["3"]),
    ("The bridge", "*", " is closed.", "The bridge is closed.", ["*"]),
    ("The repairs", "1, 2", " cost more.", "The repairs cost more.", ["1, 2"]),
    ("The yard measures 4,200 m", "2", " in all.", "The yard measures 4,200 m² in all.", []),
    ("There are 4.2 × 10", "3", " of them.", "There are 4.2 × 10³ of them.", []),
    ("It is the 5", "th", " berth.", "It is the 5th berth.", []),
    ("A strength of 10", "-6", " was measured.", "A strength of 10⁻⁶ was measured.", []),
    ("It fell by 12", "9", " percent.", "It fell by 12⁹ percent.", []),
]


@pytest.mark.parametrize(("before", "mark", "after", "expected", "marks"), RAISED, ids=[row[3] for row in RAISED])
@pytest.mark.parametrize("look", ["smaller", "much higher"])
def test_raised_signs(before: str, mark: str, after: str, expected: str, marks: list[str], look: str) -> None:
    size, rise = (6.0, 4) if look == "smaller" else (11.0, 5)
    x = 72 + len(before) * 5.5
    lines = [
        Line(before, 72, 700, 11),
        Line(mark, x, 700 + rise, size),
        Line(after.strip(), x + len(mark) * size / 2 + 3, 700, 11),
        Line("2 Three of these are laid up.", 72, 80, 8),
    ]
    article = article_of(pdf([Page(lines)]))
    assert article.text.split("\n\n")[0] == expected
    assert left_out(article, "note_mark") == marks
    assert left_out(article, "footnote") == (["2 Three of these are laid up."] if "2" in " ".join(marks) else [])


def test_an_index_stays_in_its_word() -> None:
    lines = [Line("Emissions of CO", 72, 700, 11), Line("2", 154.5, 697, 7), Line("fell in the port.", 161, 700, 11)]
    assert text_of(Page(lines)) == "Emissions of CO2 fell in the port."


FOOTNOTES = rows("1 Built in 1911 by the state,", "which sold it.", "2 Against 2012.", y=110, size=8, leading=10)


def test_footnotes_do_not_part_a_sentence_from_its_end() -> None:
    marked = [Line("1", 72 + len(LETTER[0]) * 5.5, 724, 6), Line("2", 72 + len(LETTER[1]) * 5.5, 710, 6)]
    article = article_of(pdf([Page([*rows(*LETTER), *marked, *FOOTNOTES]), Page(rows(*REST))]))
    assert article.text == WHOLE
    assert left_out(article, "footnote") == ["1 Built in 1911 by the state, which sold it.", "2 Against 2012."]
    assert {(out.page, out.at) for out in article.left_out if out.kind == "footnote"} == {
        (1, article.text.index(" offer"))
    }


def test_small_print_that_nothing_points_to_is_read() -> None:
    assert "1 Built in 1911" in text_of(Page([*rows(*LETTER), *FOOTNOTES]))


def test_a_footnote_goes_on_on_the_next_page() -> None:
    first = rows("1 Built in 1911 by the state, which", y=90, size=8)
    more = rows("sold it in 1950.", y=90, size=8)
    article = article_of(
        pdf([Page([*rows(*LETTER), Line("1", 72 + len(LETTER[0]) * 5.5, 724, 6), *first]), Page([*rows(*REST), *more])])
    )
    assert article.text == WHOLE
    assert left_out(article, "footnote") == ["1 Built in 1911 by the state, which", "sold it in 1950."]


def test_what_stands_sideways_is_told_apart() -> None:
    stamp = "q BT 0 1 -1 0 30 300 Tm /F 9 Tf <{}> Tj ET Q"
    content = pdf([Page(rows(*LETTER, *REST), after=stamp.format("00010002"))])
    article = article_of(content)
    assert article.text == WHOLE
    assert len(left_out(article, "aside")) == 1


# From right to left

SENTENCES: dict[str, tuple[list[str], str]] = {
    "a year before the full stop": (["لن", "يغلق", "الجسر", "قبل", "عام", "2025", "."], "لن يغلق الجسر قبل عام 2025."),
    "a decimal": (["بلغت", "التكلفة", "3.2", "مليون", "."], "بلغت التكلفة 3.2 مليون."),
    "a date": (["في", "12/5/2024", "قال"], "في 12/5/2024 قال"),
    "a name in Latin letters": (["شركة", "Volvo AB", "تبيع", "."], "شركة Volvo AB تبيع."),
    "a comma and a question": (["هل", "قال،", "نعم؟"], "هل قال، نعم؟"),
    "two numbers": (["من", "12", "15", "سفينة"], "من 12 15 سفينة"),
    "Hebrew with a percentage": (["רק", "40%", "מהתקציב", "."], "רק 40% מהתקציב."),
    "Hebrew with a range": (["בשנים", "2019-2020", "נסגר", "."], "בשנים 2019-2020 נסגר."),
}
MARKS = ".،؟,"


@pytest.mark.parametrize("case", SENTENCES)
def test_a_line_from_right_to_left_is_read_in_the_order_of_speech(case: str) -> None:
    words, expected = SENTENCES[case]
    x, lines = 500.0, []
    for word in words:  # each where it stands on paper; letters of these scripts run to the left, all else to the right
        drawn = word[::-1] if re.match("[\u0590-\u06ff]", word) else word
        x -= 5.5 * len(word) + (0 if word in MARKS else 7)
        lines.append(Line(drawn, x, 700))
    assert text_of(Page(lines)) == expected


def test_letters_that_are_stored_in_their_shapes_are_plain() -> None:
    assert text_of(Page([Line("ﺮﺴﺠﻟﺍ", 72, 700)])) == "الجسر"


# Text layers that are none

PLAIN = " ".join(words_of("en"))


BROKEN = {
    "letters moved by eleven": shifted(PLAIN, 11),
    "letters moved by three": shifted(PLAIN, 3),
    "codes moved by 29": "".join(chr(ord(c) - 29) if "A" <= c <= "z" else c for c in PLAIN),
    "Russian in Latin letters": " ".join(words_of("ru")).encode("cp1251", "ignore").decode("latin-1"),
    "Greek in Latin letters": " ".join(words_of("el")).encode("cp1253", "ignore").decode("latin-1"),
    "glyphs without a meaning": "".join(chr(0xE000 + ord(c)) if c != " " else c for c in PLAIN),
    "letters at random": PLAIN.translate(str.maketrans("abcdefghijklmnopqrstuvwxyz", "qzjxkvbpygfwmucldrhsnioate")),
    "one letter for all": re.sub(r"\w", "x", PLAIN),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_text_layer_in_no_language_is_not_quoted(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no program that recognises text
    reading = read_bytes(tmp_path, "a.pdf", pdf([Page(paragraphs(BROKEN[case]))]))
    assert reading.documents == []
    (problem,) = reading.problems
    assert problem.code == "untrusted"
    assert "recognise it" in problem.message


def test_a_page_in_no_language_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    bad = shifted(PLAIN, 11)
    reading = read_bytes(tmp_path, "a.pdf", pdf([Page(paragraphs(PLAIN)), Page(paragraphs(bad))]))
    (document,) = reading.documents
    assert flat(document.text) == PLAIN
    assert [(problem.code, "(2)" in problem.message) for problem in reading.problems] == [("untrusted", True)]
    assert [(out.kind, flat(out.text), out.page) for out in document.left_out] == [("page", bad, 2)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_in_a_language_is_trusted(language: str) -> None:
    text = " ".join(words_of(language))
    assert is_language(text) is not False
    assert language_of(text) in {language, None}


TRUSTED = {
    "a list of names": "Anna Berg, Tom Holm, Sara Lind, Ole Dahl, Ida Strand, Pekka Virtanen, Jean Dupont, Marta "
    "Nowak, Hans Meier, Lucia Rossi, Nils Aas, Eva Novak, Piotr Zielinski, Olga Petrova, Juan Garcia, Kate Miller",
    "figures": "Skarvik 12 3.2 4.1 Holma 7 1.1 2.2 Lundby 120 14.9 3 Harbour 3 4 5 Total 139 19.2 9.3 " * 3,
    "Basque": "Portuko batzordeak astelehenean erabaki zuen kaia ez duela inoiz alokatuko, eta inork ez zekien.",
    "Swahili": "Bodi ya bandari ilikutana Jumatatu na kuamua kwamba gati halitakodishwa kwa mtu yeyote kamwe.",
    "Welsh": "Cyfarfu bwrdd yr harbwr ddydd Llun a phenderfynodd na fydd y cei byth yn cael ei osod i neb.",
    "Esperanto, which is in no list": "La havena estraro kunvenis lunde kaj decidis ke la kajo neniam estos luigita al "
    "fremda aĉetanto, kaj ke la kasisto nenion sciis pri tio antaŭ la kunveno de la estraro en la urbo.",
}


@pytest.mark.parametrize("case", TRUSTED)
def test_unusual_text_is_trusted(case: str) -> None:
    assert is_language(TRUSTED[case]) is not False


# Accounts

LANGUAGES_SET = ("en", "de", "fi", "fr", "es")
NOTE = "Built in 1911 by the state."
settled = settings(max_examples=40, deadline=None)


@settled
@given(
    language=st.sampled_from(LANGUAGES_SET),
    order=st.lists(st.integers(0, 2), min_size=3, max_size=14),
    columns=st.integers(1, 3),
    bottom=st.sampled_from([110.0, 300.0, 500.0]),
    head=st.sampled_from(["", "Skarvik Courier, 4 March 2024"]),
    foot=st.sampled_from(["", "Page #", "- # -"]),
    title=st.booleans(),
    table=st.booleans(),
    noted=st.sets(st.integers(0, 13), max_size=3),
    justify=st.booleans(),
)
def test_what_is_read_and_what_is_left_out_are_the_words_of_the_pages(
    language: str,
    order: list[int],
    columns: int,
    bottom: float,
    head: str,
    foot: str,
    title: bool,
    table: bool,
    noted: set[int],
    justify: bool,
) -> None:
    texts = [f"{words_of(language)[n]} It is story {at}." for at, n in enumerate(order, 100)]  # no line repeats
    page = Setter(columns=columns, bottom=bottom, head=head, foot=foot)
    if title:
        page.title("The quay is not for sale")
    if table:
        page.table([("Port", "Berths"), ("Skarvik", "12"), ("Holma", "7")])
    for n, text in enumerate(texts):
        page.paragraph(text, note=NOTE if n in noted else "", justify=justify)
    article = article_of(page.done())
    outs = [out.text for out in article.left_out]
    assert _letters(_plain(article.text, *outs)) == _letters(_plain(*page.words))
    if page.column and page.lines < 3:
        return  # of a line or two nobody can tell whether they are a column, and where they belong
    assert _words(article.text, *outs) == _words(*page.words)
    read = flat(article.text)
    at = 0
    for text in texts:
        at = read.index(flat(text), at) + len(text) - 1  # whole, and in the order in which it was set


def _plain(*texts: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(texts))


def _words(*texts: str) -> Counter[str]:
    """The words of texts, as far as they say something: marks alone are none."""
    return Counter(word for word in _plain(*texts).split() if any(char.isalnum() for char in word))
