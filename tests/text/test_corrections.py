"""Corrections that a text makes of itself, in the languages of the fixtures."""

from __future__ import annotations

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.text.corrections import MAX_PARAGRAPH, corrections_in, is_correction

CORRECTIONS = {
    "en": "Correction: an earlier version of this article said that the quay earned 3.2 million euros.",
    "de": "In einer früheren Version dieses Artikels stand, der Kai habe 3,2 Millionen Euro eingebracht.",
    "fr": "Rectificatif : le quai a rapporté 2,3 millions d’euros et non 3,2.",
    "es": "Corrección: una versión anterior de este artículo decía que el muelle ganó 3,2 millones.",
    "it": "Correzione: una precedente versione di questo articolo parlava di 3,2 milioni.",
    "pt": "Correção: uma versão anterior deste texto falava em 3,2 milhões.",
    "nl": "Correctie: in een eerdere versie van dit stuk stond 3,2 miljoen.",
    "sv": "Rättelse: i en tidigare version stod det 3,2 miljoner.",
    "fi": "Oikaisu 5.3.: jutun aiemmassa versiossa kerrottiin 3,2 miljoonasta.",
    "pl": "Sprostowanie: we wcześniejszej wersji artykułu podaliśmy 3,2 miliona.",
    "ru": "Исправление: в предыдущей версии статьи говорилось о 3,2 миллиона.",
    "uk": "Виправлення: у попередній версії йшлося про 3,2 мільйона.",
    "el": "Διόρθωση: σε προηγούμενη έκδοση του άρθρου γράφαμε 3,2 εκατομμύρια.",
    "tr": "Düzeltme: haberin önceki sürümünde 3,2 milyon yazıyordu.",
    "ar": "تصحيح: ورد في نسخة سابقة من هذا المقال أن الرصيف حقق 3,2 مليون.",
    "he": "תיקון: בגרסה קודמת של הכתבה נכתב 3.2 מיליון.",
    "fa": "اصلاحیه: در نسخه قبلی این مطلب ۳٫۲ میلیون آمده بود.",
    "hi": "सुधार: इस लेख के पिछले संस्करण में 32 लाख लिखा था।",
    "ja": "訂正：当初の記事で三億円としましたが、二億円でした。",
    "zh": "更正：本文此前版本称收入为三百二十万。",
    "ko": "정정: 이전 기사에서 320만 유로라고 했습니다.",
    "th": "แก้ไขข่าว: ฉบับก่อนหน้าระบุว่า 3.2 ล้าน",
}
NONE = (
    "The corrections officer said that the prison was full.",
    "Corrected for inflation, the quay earned less than in 1999.",
    "The board corrected its figures in March, said Dahl, and published them.",
    "The minister clarified that no version of the plan had been signed.",
    "Die Korrektur der Zahlen dauerte drei Tage, sagte Dahl.",
    "La corrección de los datos duró tres días.",
    "Он исправил ошибку и извинился.",
    "訂正印を押した書類が届いた。",
    "An update of the page is planned.",
)


@pytest.mark.parametrize("language", CORRECTIONS)
def test_a_correction_is_recognised(language: str) -> None:
    before = "Ole Dahl spoke to the board about the quay for an hour."
    text = f"{before}\n{CORRECTIONS[language]}"
    (found,) = corrections_in(text, language)
    assert text[found.start : found.end] == CORRECTIONS[language]


@pytest.mark.parametrize("text", NONE)
def test_other_texts_are_no_corrections(text: str) -> None:
    assert not is_correction(text)


def test_a_long_text_is_no_correction_even_if_it_speaks_of_one() -> None:
    assert not is_correction("An earlier version of this article was wrong. " + "x" * MAX_PARAGRAPH)


def test_a_label_belongs_to_the_paragraph_below_it() -> None:
    text = "It earned 3.2 million euros last year.\nCorrection\nIt earned 2.3 million euros last year.\nThe end."
    (found,) = corrections_in(text, "en")
    assert text[found.start : found.end] == "Correction\nIt earned 2.3 million euros last year."
    assert found.target is not None
    assert text[slice(*found.target)] == "It earned 3.2 million euros last year."


def test_a_correction_of_something_else_is_tied_to_nothing() -> None:
    (found,) = corrections_in("The mayor spoke.\n\nCorrection: Mona Vik leads the harbour office.", "en")
    assert found.target is None


def test_documents_of_every_kind_carry_their_corrections() -> None:
    document = document_from_text(
        "The quay earned 3.2 million euros.\n\nCorrection: The quay earned 2.3 million euros, not 3.2."
    )
    (found,) = document.corrections
    assert document.text[found.corrected_start : found.corrected_end] == "The quay earned 3.2 million euros."
