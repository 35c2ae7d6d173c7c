"""Accounts that balance: visible words of an original are the words of the text and the words that were left out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from factcheck.models import Document
from factcheck.text.invisible import visible

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> Counter[str]:
    """The words of a text, each with its number."""
    return Counter(WORD.findall(visible(unicodedata.normalize("NFC", text))))


def account(*documents: Document, fields: tuple[str, ...] = ()) -> Counter[str]:
    """The words of texts, of what was left out of them, and of the fields that the readers took from the originals."""
    total: Counter[str] = Counter()
    for document in documents:
        total += words(document.text)
        for item in document.left_out:
            assert 0 <= item.at <= len(document.text)
            total += words(item.text)
        for field in fields:
            total += words(getattr(document, field) or "")
    return total


def assert_balanced(original: str, *documents: Document, fields: tuple[str, ...] = ()) -> None:
    """Nothing of the visible words of the original is lost, and only the reader's own words are added: none."""
    there, kept = words(original), account(*documents, fields=fields)
    assert (there - kept, kept - there) == (Counter(), Counter())
