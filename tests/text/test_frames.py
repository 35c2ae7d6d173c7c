"""The lists behind the guard: languages are told apart, lists are sound, and abbreviations end no sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.text.frames import FOLDER, words_of
from factcheck.text.sentences import sentences_of
from tests.attacks.cuts import cuts, languages
from tests.support.corpus import TEXTS

LISTED = sorted(path.stem for path in Path(FOLDER).glob("*.toml"))


@pytest.mark.parametrize("language", LISTED)
def test_a_list_holds_the_kinds_of_words_that_a_frame_needs(language: str) -> None:
    words = words_of(language)
    assert words is not None
    assert set("SRW") <= set(words.kinds.values())
    assert words.turning
    assert not words.turning & words.kinds.keys()


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_language_that_nobody_named_is_told_by_its_small_words(language: str) -> None:
    assert words_of(None, TEXTS[language]) is words_of(language)


@pytest.mark.parametrize("language", [n for n in languages() if n not in TEXTS])
def test_other_languages_are_not_taken_for_one_another(language: str) -> None:
    text = " ".join(dict.fromkeys(cut.text for cut in list(cuts(language))[::31]))
    assert words_of(None, text) is words_of(language)


def test_what_has_no_list_is_not_guessed() -> None:
    assert words_of("is") is None
    assert words_of(None, "1234 5678") is None
    assert words_of("../secrets") is None
    assert words_of("nb") is words_of("nn-NO") is words_of("no")


def test_a_document_without_a_language_is_guarded_in_its_own() -> None:
    text = "Hanna Voss sagte, dass die Firma gezahlt hat. Niemand glaubt, dass die Firma gezahlt hat."
    document = document_from_text(text)
    quotes = []
    for number in (1, 2):
        made = ground(
            Draft(document, (Pointer(number, "die Firma gezahlt hat"),), Source("Hanna Voss"), "assertion", "t")
        )
        assert isinstance(made, Claim)
        quotes.append(made.quotes[0].exact)
    assert quotes == ["die Firma gezahlt hat", "Niemand glaubt, dass die Firma gezahlt hat"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Nach Art. 5 Abs. 2 GG gilt das."),
        ("de", "Gem. Art. 3 ist das verboten, bzw. Ausnahmen sind zu begründen."),
        ("de", "Das kostet 5 Mio. Euro und 3 Mrd. Dollar."),
        ("de", "Er wohnt in St. Gallen und z. B. Krupp auch."),
        ("en", "Gen. Smith and Sen. Jones met in St. Louis, see Fig. 3 and Sec. 2 of the act."),
        ("fr", "M. Dupont et Mgr Roi citent l’art. 5 al. 2 du code, cf. Annexe."),
        ("es", "El Sr. Ruiz y la Sra. Peña citan el art. 5, núm. 3 y pág. 12."),
        ("it", "Il sig. Rossi e l’avv. Riva citano l’art. 5, pag. 12."),
        ("pl", "Przy ul. Długiej i św. Jana mieszka m.in. Kowalski, tj. Nowak."),
        ("cs", "Podle čl. 5 odst. 2 platí tzv. Zákon."),
        ("ru", "Это т. е. Иванов живёт на ул. Ленина в г. Москве."),
        ("uk", "Це т. зв. Центр на вул. Шевченка."),
        ("nl", "Volgens art. 5 mag bijv. Rutte dat."),
        ("sv", "T.ex. Anna och bl.a. Eva kom."),
        ("fi", "Esim. Aino ja ns. Uusi tulivat."),
        ("hu", "Ott volt pl. Nagy és dr. Kiss."),
        ("tr", "Prof. Dr. Ali ve Av. Veli geldi."),
    ],
)
def test_abbreviations_end_no_sentence(language: str, sentence: str) -> None:
    text = f"{sentence} {sentence}"
    assert [text[s.start : s.end] for s in sentences_of(text, language)] == [sentence, sentence]


def test_a_possessive_ends_a_sentence() -> None:
    assert len(sentences_of("It was the mayor’s. Then she left. It’s Anna’s. No one came.", "en")) == 4


@pytest.mark.parametrize(
    ("language", "text", "cut", "whole"),
    [
        (
            "de",
            "Die Brücke ist sicher, sagte Deichministerin Hanna Voss am Dienstagabend.",
            "Die Brücke ist sicher",
            False,
        ),
        ("nl", "De brug is veilig, zei sluisdirecteur Hanna Voss dinsdagavond.", "De brug is veilig", False),
        ("sv", "Bron är säker, sade slussdirektören Hanna Voss.", "Bron är säker", False),
        ("fi", "Silta on turvallinen, sanoi satamajohtaja Hanna Voss.", "Silta on turvallinen", False),
        ("fi", "Hanna Voss kertoi STT:lle, että silta on turvallinen.", "silta on turvallinen", False),
        ("de", "Die Brücke ist sicher, sagte niemandsminister Hanna Voss.", "Die Brücke ist sicher", True),
        ("de", "Die Brücke ist sicher, sagte Hanna Voss im Scherz.", "Die Brücke ist sicher", True),
        ("en", "The bridge is safe, lockminister Hanna Voss said.", "The bridge is safe", True),
    ],
)
def test_a_word_of_parts_is_known_by_its_last_part(language: str, text: str, cut: str, whole: bool) -> None:
    document = document_from_text(text, language=language)
    claim = ground(Draft(document, (Pointer(1, cut),), Source("Hanna Voss"), "assertion", "t"))
    assert isinstance(claim, Claim)
    assert claim.quotes[0].exact == (text[:-1] if whole else cut)
