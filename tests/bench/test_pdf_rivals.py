"""What is read of PDFs, against the text of pypdf and pdfplumber: words, and neighbours in their order."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest

from factcheck.inputs.article import Article, Original
from factcheck.inputs.pdf import read_pdf
from tests.inputs import test_pdf as cases
from tests.support.build_pdf import Page, pdf
from tests.support.reading import words_of
from tests.support.typeset import Setter

pypdf = pytest.importorskip("pypdf")
pdfplumber = pytest.importorskip("pdfplumber")


class Wanted(NamedTuple):
    """A PDF and the text of its article."""

    content: bytes
    text: str


def ours(content: bytes) -> str:
    """The text that factcheck reads."""
    (article,) = read_pdf(Original("a.pdf", content))
    assert isinstance(article, Article)
    return article.text


def by_pypdf(content: bytes) -> str:
    """The text of pypdf alone."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def by_pdfplumber(content: bytes) -> str:
    """The text of pdfplumber alone."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        return "\n".join(page.extract_text() or "" for page in document.pages)


READERS: dict[str, Callable[[bytes], str]] = {"factcheck": ours, "pypdf": by_pypdf, "pdfplumber": by_pdfplumber}


def originals() -> Iterator[Wanted]:
    """Set pages in five languages with one to three columns, and the small cases of the tests."""
    for n, language in enumerate(cases.LANGUAGES_SET):
        for columns in (1, 2, 3):
            page = Setter(columns=columns, head="Skarvik Courier, 4 March 2024", foot="Page #", bottom=300)
            texts = [f"{words_of(language)[m % 3]} It is story {m}." for m in range(9 + n)]
            for m, text in enumerate(texts):
                page.paragraph(text, note=cases.NOTE if m in {1, 5} else "", justify=columns > 1)
            yield Wanted(page.done(), " ".join(texts))
    for lines, text in cases.COLUMNS.values():
        yield Wanted(pdf([Page(lines)]), text)
    for head in cases.HEADS.values():
        pages = [
            Page([*lines, *cases.rows(*text)]) for lines, text in zip(head, (cases.LETTER, cases.REST), strict=True)
        ]
        yield Wanted(pdf(pages), cases.WHOLE)
    for first, second, whole in cases.HYPHENS:
        yield Wanted(
            pdf([Page(cases.rows("They said what was asked for,", first, second))]),
            f"They said what was asked for, {whole}",
        )


class Score(NamedTuple):
    """How much of what was wanted was found, and how much of what was found was wanted."""

    recall: float
    precision: float


def score(found: list[Counter[str]], wanted: list[Counter[str]]) -> Score:
    """Over all originals together."""
    shared = sum((a & b).total() for a, b in zip(found, wanted, strict=True))
    return Score(shared / sum(b.total() for b in wanted), shared / max(1, sum(a.total() for a in found)))


def words(text: str) -> list[str]:
    """The words of a text."""
    return [word for word in unicodedata.normalize("NFKC", text).split() if any(char.isalnum() for char in word)]


def test_words_and_their_order() -> None:
    wanted = list(originals())
    print(f"\n{len(wanted)} PDFs, {sum(len(words(one.text)) for one in wanted):,} words")
    print(f"{'':12}  words: recall precision   neighbours: recall precision")
    scores = {}
    for name, reader in READERS.items():
        texts = [words(reader(one.content)) for one in wanted]
        given = [words(one.text) for one in wanted]
        single = score([Counter(t) for t in texts], [Counter(g) for g in given])
        couples = score([_couples(t) for t in texts], [_couples(g) for g in given])
        scores[name] = couples
        print(
            f"{name:12} {single.recall:14.3f} {single.precision:9.3f} {couples.recall:20.3f} {couples.precision:9.3f}"
        )
    for rival in ("pypdf", "pdfplumber"):
        assert scores["factcheck"].recall > scores[rival].recall
        assert scores["factcheck"].precision > scores[rival].precision


def _couples(found: list[str]) -> Counter[str]:
    return Counter(f"{a} {b}" for a, b in pairwise(found))
