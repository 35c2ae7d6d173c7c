"""What is read of a PDF that a test made, and texts whose letters do not say what they show."""

from __future__ import annotations

from factcheck.inputs.article import Article, Original
from factcheck.inputs.pdf import read_pdf


def article_of(content: bytes) -> Article:
    """The one article of a PDF."""
    (article,) = read_pdf(Original("a.pdf", content))
    assert isinstance(article, Article)
    return article


def left_out(article: Article, kind: str) -> list[str]:
    """What was left out of a kind."""
    return [out.text for out in article.left_out if out.kind == kind]


def shifted(text: str, by: int) -> str:
    """A text with every letter moved in the alphabet."""
    return "".join(
        chr((ord(char) - base + by) % 26 + base) if char.isascii() and char.isalpha() else char
        for char in text
        for base in (65 if char.isupper() else 97,)
    )
