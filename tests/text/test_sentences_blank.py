"""White space between sentences costs no time and changes no sentence."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text import sentences
from factcheck.text.sentences import sentences_of

MAX_SECONDS = 60.0
"""For a text of the greatest length; one break at each line feed took twenty."""

PARTS = st.lists(
    st.sampled_from(
        ["One. ", "Dr. Two", " is “three.” ", "\n", "\n\n", "\n \n", "\n\n\n", "\n\t\n  ", "x", "3. Mai ", "「四。」"]
    ),
    max_size=12,
)


@pytest.mark.parametrize("blank", ["\n", "\n ", "\r\n".replace("\r", " ")])
def test_millions_of_empty_lines_are_passed_over(blank: str) -> None:
    text = "The ferry runs." + blank * (3_900_000 // len(blank)) + "It is late."
    before = time.process_time()
    found = sentences_of(text, "en")
    assert time.process_time() - before < MAX_SECONDS
    assert [text[s.start : s.end] for s in found] == ["The ferry runs.", "It is late."]


@given(PARTS, st.sampled_from(["en", "de", None]))
def test_blank_lines_change_no_sentence(parts: list[str], language: str | None) -> None:
    text = "".join(parts)
    found = [(s.start, s.end) for s in sentences_of.__wrapped__(text, language)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences, "BLANK", re.compile(r"(?!)"))
        assert [(s.start, s.end) for s in sentences_of.__wrapped__(text, language)] == found
