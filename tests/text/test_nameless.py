"""Sources without a name: the holder of an office is one person, and a description is told in one way."""

from __future__ import annotations

import pytest

from factcheck.text.nameless import described, holds_office


@pytest.mark.parametrize(
    ("name", "role", "text", "language", "holds"),
    [
        ("president of the court", "president", "The president of the court was silent.", "en", True),
        ("adviser to the mayor", "adviser", "An adviser to the mayor said so. The adviser left.", "en", False),
        ("unnamed president of the court", "president", "The president of the court was silent.", "en", False),
        ("Präsidentin des Hofs", "Präsidentin", "Das sagte die neue Präsidentin des Hofs.", "de", True),
        (
            "Mitarbeiter der Stadt",
            "Mitarbeiter",
            "Ein Mitarbeiter sagte es. Der Mitarbeiter ging.",
            "de",
            False,
        ),
        ("técnico del puerto", "técnico", "Lo dijo un joven técnico del puerto, y el técnico se fue.", "es", False),
        ("directora del puerto", "directora", "La directora del puerto calló.", "es", True),
        ("maire", "maire", "L'ancienne maire n'a rien dit.", "fr", True),
        ("burmistrz", "burmistrz", "Burmistrz milczał.", "pl", False),
        ("president", None, "The president spoke.", "en", False),
    ],
)
def test_who_holds_an_office_is_told_from_one_of_several(
    name: str, role: str | None, text: str, language: str, holds: bool
) -> None:
    assert holds_office(name, role, text, language) is holds


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ungenannter Mitarbeiter der Stadt", "unnamed Mitarbeiter der Stadt"),
        ("técnico no identificado del puerto", "unnamed técnico del puerto"),
        ("conseiller anonyme du maire", "unnamed conseiller du maire"),
        ("nienazwane źródło", "unnamed źródło"),
        ("匿名の職員", "unnamed 職員"),
        ("unnamed official at the port", "unnamed official at the port"),
        ("anonymous caller", "anonymous caller"),
        ("residents of Harrow", "residents of Harrow"),
    ],
)
def test_that_there_is_no_name_is_said_in_one_way(name: str, shown: str) -> None:
    assert described(name) == shown
