"""Grounding: words that are in the document are found, corrupted ones are not, whatever the corruption."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.originals import Mark
from factcheck.stages.drafts import Draft, Pointer, Rejection, Source
from factcheck.stages.ground import ground, occurrences
from factcheck.text.sentences import Sentence, sentences_of
from tests.support.corpus import TEXTS, articles

ROOT = Path(__file__).parent.parent.parent
NAMES = ["Orlen Tavik", "Мария Чен", "Tavik"]
SPACED = [d for d in articles() if d.language != "ja"]


def grounded(document: Document, sentence: int, words: str, **fields: object) -> Claim | Rejection:
    draft = Draft(document, (Pointer(sentence, words),), None, "assertion", "a topic")
    return ground(draft._replace(**fields))  # type: ignore[arg-type]


def exact(document: Document, sentence: int, words: str, **fields: object) -> str:
    claim = grounded(document, sentence, words, **fields)
    assert isinstance(claim, Claim), claim
    return claim.quotes[0].exact


def sentences() -> Iterator[tuple[Document, Sentence, str]]:
    for document in SPACED:
        for sentence in sentences_of(document.text, document.language):
            yield document, sentence, document.text[sentence.start : sentence.end]


def with_negation_in(text: str) -> Iterator[str]:
    words = text.split(" ")
    for at in range(1, len(words), 4):
        yield " ".join([*words[:at], "not", *words[at:]])


def with_negation_out(text: str) -> Iterator[str]:
    for match in re.finditer(r"(?<=\w )(?:not|never|nicht|keinen|pas|no|ei|не|لن|لم) (?=\w)", text):
        yield text[: match.start()] + text[match.end() :]


def with_another_number(text: str) -> Iterator[str]:
    for match in re.finditer(r"\d+", text):
        yield text[: match.start()] + str(int(match[0]) + 1) + text[match.end() :]
        yield text[: match.start()] + match[0] + "0" + text[match.end() :]


def with_another_name(text: str) -> Iterator[str]:
    for match in re.finditer(r"(?<=\w )[A-ZА-Я]\w+(?: [A-ZА-Я]\w+)?", text):
        for name in NAMES[:2]:
            yield text[: match.start()] + name + text[match.end() :]


def with_a_word_less(text: str) -> Iterator[str]:
    words = text.split(" ")
    for at in range(2, len(words) - 2, 5):
        if any(char.isalnum() for char in " ".join(words[at + 1 :])):
            yield " ".join([*words[:at], *words[at + 1 :]])


CORRUPTIONS: dict[str, Callable[[str], Iterator[str]]] = {
    "negation in": with_negation_in,
    "negation out": with_negation_out,
    "another number": with_another_number,
    "another name": with_another_name,
    "a word less": with_a_word_less,
}


def test_no_corrupted_quote_is_accepted() -> None:
    tried: Counter[str] = Counter()
    accepted = []
    for name, corrupt in CORRUPTIONS.items():
        for document, sentence, text in sentences():
            for wrong in corrupt(text):
                assert wrong not in document.text
                tried[name] += 1
                if isinstance(grounded(document, sentence.number, wrong), Claim):
                    accepted.append((name, wrong))
    assert not accepted
    assert sum(tried.values()) >= 500, tried
    assert all(tried[name] >= 10 for name in CORRUPTIONS), tried


def test_no_stitched_quote_is_accepted() -> None:
    tried = 0
    for document in SPACED:
        spans = sentences_of(document.text, document.language)
        for first, second in pairwise(spans):
            a, b = document.text[first.start : first.end].split(), document.text[second.start : second.end].split()
            head, tail = " ".join(a[: len(a) // 2 + 1]), " ".join(b[len(b) // 2 :])
            for joint in (" ", " … ", " ... ", " […] "):
                tried += 1
                assert isinstance(grounded(document, first.number, head + joint + tail), Rejection), (head, tail)
    assert tried >= 150


def test_no_quote_of_another_article_is_accepted() -> None:
    tried = 0
    for document, sentence, text in sentences():
        for other in SPACED:
            if other.id != document.id and len(text.split()) > 3 and text not in other.text:
                tried += 1
                assert isinstance(grounded(other, sentence.number, text), Rejection), text
    assert tried >= 500


@pytest.mark.parametrize(
    ("language", "cut", "turning"),
    [
        ("en", "she had met the freight firm in Ostley", "denied that"),
        ("en", "it owed 90,000 pounds in fees", "rejected the claim that"),
        ("en", "publish its minutes", "did not"),
        ("en", "been asked and would strike for 12 days", "had not"),
        ("en", "do so while I sit here", "will not"),
        ("en", "leased Pier 7 to Halden Freight", "never"),
        ("de", "abzureißen", "nicht"),
        ("de", "er den Vertrag unterschrieben habe", "bestreitet"),
        ("de", "Das Gutachten unterstützt den Plan der Stadt", "nicht"),
        ("de", "Cent mehr", "keinen"),
        ("fr", "avoir versé 15 000 euros au comité des fêtes", "dément"),
        ("fr", "vendu ce terrain", "jamais"),
        ("es", "hubiera grietas en el muro", "negó"),
        ("es", "se vaciará este año", "no"),
        ("fi", "hän olisi tavannut johtajan Turussa", "kiisti"),
        ("fi", "laajene ennen vuotta 2031", "ei"),
        ("ru", "подписал договор в мае", "отрицает"),
        ("ru", "будет закрыт до 2030 года", "не"),
        ("ja", "契約書に署名した", "否定した"),
        ("ja", "橋を取り壊さ", "ない"),
        ("ar", "يُغلق قبل عام 2031", "لن"),
        ("ar", "يبع الأرض رقم 12", "لم"),
    ],
)
def test_a_cut_that_hides_the_word_that_governs_it_is_widened(language: str, cut: str, turning: str) -> None:
    document = document_from_text(TEXTS[language], language=language)
    number = next(s.number for s in sentences_of(document.text, language) if cut in document.text[s.start : s.end])
    for source in (None, Source("Ines Corbett")):
        quoted = words(exact(document, number, cut, source=source))
        assert " ".join(words(turning)) in " ".join(quoted) or turning in exact(document, number, cut)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("She would not comment, but the mayor said the bridge is safe.", "the bridge is safe"),
        ("The bill was not signed; a new one will follow in June.", "a new one will follow in June"),
        ("The plan is sound; the council will vote.", "The plan is sound"),
        ("But the firm will pay.", "the firm will pay"),
        ("Q. The firm will pay.", "The firm will pay"),
        ("Ada Roth: The firm will pay.", "The firm will pay"),
        ("OSTLEY, May 4 - The firm will pay.", "The firm will pay"),
    ],
)
def test_what_stands_apart_in_a_sentence_may_be_left_out(text: str, cut: str) -> None:
    assert exact(document_from_text(text, language="en"), 1, cut, source=Source("Ada Roth", "mayor")) == cut


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Not far from here the river has risen by two metres since the storm.", "the river has risen"),
        ("The firm will pay on Tuesday.", "The firm will pay"),
        ("In 2019 the firm paid 3 million.", "the firm paid 3 million"),
        ("Ada Roth said that on Tuesday the firm paid.", "the firm paid"),
        ("The firm may pay.", "pay"),
        ("Only the firm paid.", "the firm paid"),
        ("The firm paid first.", "The firm paid"),
        ("The firm paid if the court agreed, Ada Roth said.", "The firm paid"),
        ("The firm paid; it is a lie.", "The firm paid"),
        ("The firm paid, and nobody minded.", "The firm paid"),
        ("The firm paid, and I am the Pope.", "The firm paid"),
        ("The newspaper said that the firm paid.", "the firm paid"),
        ("Police told Ada Roth that the firm paid.", "the firm paid"),
        ("Ada Roth “said” that the firm paid.", "the firm paid"),
        ("Ada Roth said 0 times that the firm paid.", "the firm paid"),
        ("Nobody believes that the town is poor; or that the firm paid.", "the firm paid"),
        ("Has Ada Roth said that the firm paid?", "the firm paid"),
        ("Had Ada Roth said that the firm paid, the price would have risen.", "the firm paid"),
        ("FALSE - The firm paid.", "The firm paid"),
        ("False: The firm paid.", "The firm paid"),
        ("Ada Roth told nobody that the firm paid.", "the firm paid"),
        ("Ada Roth said, if at all, that the firm paid.", "the firm paid"),
        ("Another Smith said that the firm paid.", "the firm paid"),
    ],
)
def test_what_is_not_known_to_be_harmless_is_not_left_out(text: str, cut: str) -> None:
    widened = exact(document_from_text(text, language="en"), 1, cut, source=Source("Ada Roth", "mayor"))
    missing = set(words(text)) - set(words(widened))
    assert cut in widened
    assert missing <= {"Ada", "Roth", "said", "that"}, widened


def test_a_speaker_in_the_answer_excuses_no_word_that_turns_the_quote() -> None:
    document = document_from_text("Nobody in the ministry said that the firm paid.", language="en")
    for name in ("Nobody in the ministry", "Nobody", "Nobody in the ministry said that"):
        assert exact(document, 1, "the firm paid", source=Source(name)).startswith("Nobody")


def test_who_speaks_is_left_out_only_where_the_claim_has_a_speaker() -> None:
    document = document_from_text("Ada Roth said that the firm paid.", language="en")
    assert exact(document, 1, "the firm paid") == "Ada Roth said that the firm paid"
    assert exact(document, 1, "the firm paid", source=Source("Ada Roth")) == "the firm paid"
    assert exact(document, 1, "the firm paid", source=Source("Eva Smith")) == "Ada Roth said that the firm paid"


def test_a_language_without_a_list_keeps_its_sentences_whole() -> None:
    document = document_from_text("Sara Lind sagði að brúin væri ótrygg.", language="is")
    assert exact(document, 1, "brúin væri ótrygg", source=Source("Sara Lind")) == "Sara Lind sagði að brúin væri ótrygg"


def documented() -> list[tuple[str, ...]]:
    """Sentences, cuts and quotes of the table in docs/grounding.md."""
    page = (ROOT / "docs" / "grounding.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*\*\*.*) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    return [row for row in rows if row[1] in row[0].replace("**", "")]


def test_the_documentation_tells_what_widens() -> None:
    assert len(documented()) >= 10
    for shown, cut, quote in documented():
        text = shown.replace("**", "").partition(" (speaker")[0]
        document = document_from_text(text, language="en")
        expected = text if quote == "the whole sentence" else quote
        assert exact(document, 1, cut, source=Source("Sara Lind", "mayor")).strip("“”. ") == expected.strip("“”. ")


def typographies(text: str) -> Iterator[str]:
    """The same words in other typographic or Unicode forms."""
    straight = re.sub("[“”„«»”]", '"', text).replace("’", "'").replace("‘", "'")
    yield straight
    yield re.sub('"', "“", straight)
    yield unicodedata.normalize("NFD", text)
    yield text.replace(" ", "\u00a0")
    yield text.replace(" ", "  ").replace("–", "—")
    yield text.replace(" – ", "-").replace("-", "\u2011")
    yield text.replace("fi", "ﬁ").replace("fl", "ﬂ")
    yield text.replace("e", "e\u00ad").replace(". ", ".\n")
    yield f"“{text}”"
    yield text.replace("…", "...").rstrip(".")
    yield "\u200b".join(text.split(" ")) if " " not in text else text.replace(" ", " \u200b")
    yield text.replace("« ", "«\u202f").replace(" »", "\u202f»").replace(" !", "!")


def test_typography_does_not_matter() -> None:
    tried, lost = 0, []
    for document in articles():
        for sentence in sentences_of(document.text, document.language):
            text = document.text[sentence.start : sentence.end]
            for form in typographies(text):
                if form == text:
                    continue
                tried += 1
                claim = grounded(document, sentence.number, form)
                if not isinstance(claim, Claim) or set(words(claim.quotes[0].exact)) != set(words(text)):
                    lost.append(form)
    assert tried >= 200
    assert len(lost) <= tried / 100, lost[:5]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_quotes_are_copied_from_the_document_and_spans_are_code_points() -> None:
    text = "🙂 “Ça va,” said Zoë 𝒳avier. “C’est ﬁni.”"
    document = document_from_text(text)
    claim = grounded(document, 2, "C'est fini")
    assert isinstance(claim, Claim)
    quote = claim.quotes[0]
    assert quote.exact == "C’est ﬁni"
    assert document.text[quote.start : quote.end] == quote.exact
    assert document.text.startswith(quote.prefix[-5:], quote.start - 5)
    assert quote.suffix == ".”"


def test_the_occurrence_in_the_named_sentence_is_taken() -> None:
    document = document_from_text("The pier is safe. Others fear it. The pier is safe, she says again.")
    first, third = grounded(document, 1, "The pier is safe"), grounded(document, 3, "The pier is safe")
    assert isinstance(first, Claim)
    assert isinstance(third, Claim)
    assert first.quotes[0].start == 0
    assert third.quotes[0].start == document.text.rindex("The pier")
    second = grounded(document, 2, "The pier is safe")
    assert isinstance(second, Rejection)
    assert second.code == "wrong_sentence"


def test_a_unique_longer_quote_is_found_outside_the_named_sentence() -> None:
    document = document_from_text("Rain fell. The council will sell the old library. Nobody came.")
    assert exact(document, 1, "The council will sell the old library") == "The council will sell the old library"


def test_a_unique_longer_quote_is_found_elsewhere_in_a_script_without_spaces() -> None:
    document = document_from_text("雨が降った。市は古い図書館を売る。誰も来なかった。", language="ja")
    assert exact(document, 1, "市は古い図書館を売る") == "市は古い図書館を売る"
    assert isinstance(grounded(document, 1, "誰も"), Rejection)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("It cost 4,212 crowns.", "212 crowns"),
        ("It cost 3.5 million.", "5 million"),
        ("It fell by -5 degrees.", "5 degrees"),
        ("The anti-war party won.", "war party won"),
        ("He is unable to pay.", "able to pay"),
        ("They can't pay it.", "They can"),
        ("It rose by 12% in May.", "It rose by 12"),
        ("In all 1 234 567 votes were cast.", "234 567 votes were cast"),
    ],
)
def test_words_and_numbers_are_not_cut_in_two(text: str, part: str) -> None:
    assert not occurrences(text, part)


def test_first_and_last_words_stand_for_the_stretch_between() -> None:
    document = document_from_text("Well, the board will not sell the pier to anyone this year.")
    assert "the board will not sell the pier to anyone this year" in exact(document, 1, "the board will … this year")
    assert isinstance(grounded(document, 1, "this year … the board will"), Rejection)


def test_a_quotation_split_by_its_cue_keeps_two_quotes() -> None:
    document = document_from_text("“We leave,” said Ada Roth, “on Monday.” It rained.")
    claim = ground(
        Draft(document, (Pointer(1, "We leave"), Pointer(1, "on Monday")), Source("Ada Roth"), "assertion", "leaving")
    )
    assert isinstance(claim, Claim)
    assert [q.exact for q in claim.quotes] == ["We leave", "on Monday"]


def test_neighbouring_places_become_one_quote() -> None:
    document = document_from_text("“That is no hope. It is a vow,” he said.")
    claim = ground(Draft(document, (Pointer(1, ""), Pointer(2, "")), None, "assertion", "vow"))
    assert isinstance(claim, Claim)
    assert [q.exact for q in claim.quotes] == ["“That is no hope. It is a vow,” he said."]


def test_text_adds_only_in_brackets() -> None:
    document = document_from_text("He said it would open in May.")
    claim = grounded(document, 1, "", notes=("He = Ian Roe", "it = the pier", "= about Tollmere", "never = nothing"))
    assert isinstance(claim, Claim)
    assert claim.text == "[about Tollmere:] He [Ian Roe] said it [the pier] would open in May."
    assert re.sub(r"\s*\[[^]]*\]", "", claim.text).strip() == document.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2024-02", "2024-02"),
        ("2024-02-06", "2024-02-06"),
        ("2024-13", None),
        ("yesterday", None),
        ("2024-03-01", None),
    ],
)
def test_dates_are_iso_and_not_after_publication(given: str, kept: str | None) -> None:
    document = document_from_text("She said it in February.", published="2024-02-10")
    claim = grounded(document, 1, "", stated_on=given)
    assert isinstance(claim, Claim)
    assert claim.attribution.stated_on == kept


def test_the_cue_is_the_documents_or_nothing() -> None:
    document = document_from_text("“No,” snapped Ada Roth. Later she said yes.")
    said = Source("Ada Roth")
    found, invented = (grounded(document, 1, "", source=said, cue=cue) for cue in ("snapped", "shouted"))
    assert isinstance(found, Claim)
    assert isinstance(invented, Claim)
    assert found.attribution.cue == "snapped"
    assert invented.attribution.cue is None


def test_unknown_sentences_and_empty_quotes_are_rejected() -> None:
    document = document_from_text("One sentence.")
    for pointer, code in ((Pointer(9, ""), "unknown_sentence"), (Pointer(1, "—"), "not_in_text")):
        rejected = ground(Draft(document, (pointer,), None, "assertion", "t"))
        assert isinstance(rejected, Rejection)
        assert rejected.code == code
    assert isinstance(ground(Draft(document, (), None, "assertion", "t")), Rejection)


def test_a_quote_knows_the_page_and_the_time_at_which_it_begins() -> None:
    document = document_from_text("The first page ends here. The second begins here.\n\nAnna spoke later.")
    second, later = document.text.index("The second"), document.text.index("Anna")
    marks = (Mark(start=0, page=1), Mark(start=second, page=2), Mark(start=later, time="00:01:02.000"))
    marked = document.model_copy(update={"marks": marks})
    made = [ground(Draft(marked, (Pointer(n, ""),), None, "assertion", "")) for n in (1, 2, 3)]
    assert [(c.quotes[0].page, c.quotes[0].time) for c in made if isinstance(c, Claim)] == [
        (1, None),
        (2, None),
        (2, "00:01:02.000"),
    ]


@pytest.mark.parametrize(
    ("language", "text", "cut", "name", "role"),
    [
        ("en", "He told Ada Roth that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "On Monday reporters told Ada Roth that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "In court the prosecutor said that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "Ada Roth's lawyer said that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "Ada Roth's lawyer: The firm paid.", "The firm paid", "Ada Roth", "mayor"),
        ("en", "Ada Roth voters said that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "The deputy mayor said that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "The prosecutor said that the firm paid.", "the firm paid", "Ada Roth", None),
        ("en", "He told me that the firm paid, Ada Roth said.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "Ada Roth said the judge told her that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "They say that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "To Ada Roth: The firm paid.", "The firm paid", "Ada Roth", "mayor"),
        ("en", "The firm paid; the mayor was joking.", "The firm paid", "Ada Roth", "mayor"),
        ("de", "„Die Firma zahlt“, sagte er zu Hanna Voss.", "Die Firma zahlt", "Hanna Voss", "Bürgermeisterin"),
        ("de", "„Die Firma zahlt“, sagte Voss’ Anwalt.", "Die Firma zahlt", "Hanna Voss", "Bürgermeisterin"),
        ("de", "„Die Firma zahlt“, sagte der Vizebürgermeister.", "Die Firma zahlt", "Hanna Voss", "Bürgermeister"),
        ("es", "«La empresa pagó», dijo a la prensa Pedro Gil.", "La empresa pagó", "Alba Ruiz", "alcaldesa"),
        ("hu", "„A cég fizet” – mondta Kovács Anna ügyvédje.", "A cég fizet", "Kovács Anna", "polgármester"),
        ("ru", "На заседании Иванов сказал, что фирма заплатила.", "фирма заплатила", "Анна Рот", "мэр"),
        ("zh", "议员说，公司付了钱。", "公司付了钱", "王芳", "市长"),
        ("zh", "他对王芳说：“公司付了钱”。", "公司付了钱", "王芳", "市长"),
        ("zh", "王芳的律师表示，公司付了钱。", "公司付了钱", "王芳", "市长"),
        ("ja", "「会社は払った」と市長の報道官は述べた。", "会社は払った", "山田花子", "市長"),
        ("ja", "「会社は払った」と住民は市長に伝えた。", "会社は払った", "山田花子", "市長"),
        ("ja", "「会社は払った」との質問に市長は答えた。", "会社は払った", "山田花子", "市長"),
    ],
)
def test_nobody_beside_the_speaker_is_left_out(language: str, text: str, cut: str, name: str, role: str | None) -> None:
    widened = exact(document_from_text(text, language=language), 1, cut, source=Source(name, role))
    assert len(words(widened)) > len(words(cut))


@pytest.mark.parametrize(
    ("language", "text", "cut", "name", "role"),
    [
        ("en", "Ada Roth, mayor of Ostley, told reporters that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "The mayor told him on Monday that the firm paid.", "the firm paid", "Ada Roth", "mayor"),
        ("en", "In a statement on Monday, Ada Roth said that the firm paid.", "the firm paid", "Ada Roth", None),
        ("de", "Die Firma zahlt, sagte sie am Dienstag.", "Die Firma zahlt", "Hanna Voss", None),
        ("fr", "« La mairie a payé », a-t-elle ajouté.", "La mairie a payé", "Odile Brun", "maire"),
        ("zh", "市长王芳对记者说：“公司付了钱”。", "公司付了钱", "王芳", "市长"),
        ("ja", "山田花子市長は「会社は払った」と述べた。", "会社は払った", "山田花子", "市長"),
    ],
)
def test_the_speaker_is_left_out(language: str, text: str, cut: str, name: str, role: str | None) -> None:
    assert exact(document_from_text(text, language=language), 1, cut, source=Source(name, role)) == cut


@pytest.mark.parametrize(
    ("text", "cut", "name", "language"),
    [
        ("The judge told him that the firm paid three million.", "the firm paid three million", "Tom Reed", "en"),
        ("Le juge lui a dit que la mairie a payé.", "la mairie a payé", "Jean Durand", "fr"),
        ("Ihm sagte der Richter, die Firma habe bezahlt.", "die Firma habe bezahlt", "Kurt Braun", "de"),
        ("A Ruiz le dijo el juez que la empresa pagó.", "la empresa pagó", "Ruiz", "es"),
    ],
)
def test_who_is_spoken_to_does_not_speak(text: str, cut: str, name: str, language: str) -> None:
    document = document_from_text(text, language=language)
    made = ground(Draft(document, (Pointer(1, cut),), Source(name), "assertion", "x", "indirect"))
    assert isinstance(made, Claim)
    assert [quote.exact for quote in made.quotes] == [text[:-1]]
