"""What is proved again of a claim that comes from a file."""

from __future__ import annotations

from typing import Any

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.text.proof import claim_flaw, document_flaw, names_in

PIER = document_from_text("Ann Roe [sic] said that she closed it. The board met.", publisher="The Echo")


def made(*notes: str) -> Claim:
    source = Source("Ann Roe")
    claim = ground(Draft(PIER, (Pointer(1, ""),), source, "assertion", "closing", "indirect", notes=notes))
    assert isinstance(claim, Claim)
    return claim


@pytest.mark.parametrize(
    "note", ["it = the pier", "= her duty", "she = Ann] confessed [Roe", "it = [[the]] pier", "she = a]b"]
)
def test_whatever_a_note_holds_stays_in_its_brackets(note: str) -> None:
    assert claim_flaw(made(note), PIER) is None


def test_other_words_outside_of_brackets_are_named() -> None:
    claim = made("it = the pier")
    for text in ("She stole it.", claim.text + " Gladly.", claim.text.replace("closed", "burned"), ""):
        told = claim_flaw(claim.model_copy(update={"text": text}), PIER)
        assert told == f"the text of claim {claim.id} is not its quoted words with additions in [brackets]"


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"quotes": ()}, "does not stand in its document"),
    ({"id": "c-0"}, "does not have the id"),
    ({"target": "Quentin Zorn"}, "of whom its document does not speak"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_what_cannot_be_is_named(change: dict[str, Any], words: str) -> None:
    assert words in (claim_flaw(made().model_copy(update=change), PIER) or "")


def test_a_document_is_its_text() -> None:
    assert document_flaw(PIER) is None
    for change in ({"text": "Another."}, {"id": "d-0"}, {"characters": 3}, {"publisher": "The Star"}):
        assert document_flaw(PIER.model_copy(update=change))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("榎並志津子", "榎並志津子さんは述べた。"),
        ("Kowalski", "Według Kowalskiego most jest zamknięty."),
        ("Jörg Müller", "MÜLLERS Rede"),
    ],
)
def test_names_are_found_with_their_endings(name: str, text: str) -> None:
    assert names_in(name, text)
    assert not names_in("Quentin Zorn", text)
