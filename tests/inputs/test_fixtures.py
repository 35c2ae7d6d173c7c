"""Files of every kind, in many languages and encodings: read right, or refused with one clear line."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.inputs.article import Article, Piece, canonical, joined, without_invisible
from factcheck.inputs.documents import Reading, read
from factcheck.models import Document
from factcheck.originals import Mark
from factcheck.outputs.terminal import draw
from tests.support.build_docx import word
from tests.support.build_pdf import Line, Page, paragraphs, pdf
from tests.support.reading import EXPECTED, FIXTURES, LANGUAGES, assert_exact, flat, read_bytes, report_on, words_of


def _check(document: Document, expected: dict[str, Any]) -> None:
    for field in ("title", "publisher", "published", "url", "language", "author"):
        if field in expected:
            assert getattr(document, field) == expected[field], field
    for words in expected["holds"]:
        assert flat(words) in flat(document.text)
    for words in expected["lacks"]:
        assert words not in document.text
    for moment, words in expected.get("times", []):
        at = document.text.index(words[:20])
        assert [mark.time for mark in document.marks if mark.start <= at][-1] == moment


@pytest.fixture(scope="module")
def everything() -> Reading:
    """All fixtures, read in one go."""
    return read([FIXTURES / name for name in EXPECTED])


@pytest.mark.parametrize("name", EXPECTED)
def test_every_fixture_is_read_right_or_refused_in_one_line(name: str, everything: Reading) -> None:
    documents = [document for document in everything.documents if document.path == str(FIXTURES / name)]
    reading = Reading(documents, [p for p in everything.problems if p.message.startswith(str(FIXTURES / name))])
    assert [problem.code for problem in reading.problems] == EXPECTED[name]["problems"]
    for problem in reading.problems:
        assert "\n" not in problem.message
        assert len(problem.message) < 400
    assert len(reading.documents) == len(EXPECTED[name]["documents"])
    for document, expected in zip(reading.documents, EXPECTED[name]["documents"], strict=True):
        _check(document, expected)
        assert document.origin is not None
        assert len(document.origin.sha256) == 64
    if reading.documents:
        assert_exact(reading.documents)


def test_the_fixtures_are_many_and_speak_many_languages() -> None:
    assert len(EXPECTED) >= 60
    assert len(LANGUAGES) >= 12
    assert {path.name for path in FIXTURES.iterdir()} - set(EXPECTED) == {
        "expected.json",
        "feed.rss",
        "feed.atom",
        "sitemap.xml",
    }


ENCODINGS = [
    ("ru", "windows-1251"),
    ("uk", "koi8-u"),
    ("pl", "iso-8859-2"),
    ("fr", "windows-1252"),
    ("el", "windows-1253"),
    ("tr", "windows-1254"),
    ("he", "windows-1255"),
    ("ar", "windows-1256"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("zh", "gb18030"),
    ("ko", "euc-kr"),
    ("fi", "utf-16"),
    ("hi", "utf-8-sig"),
]
UNSAID = [("fi", "utf-16", "nothing"), ("hi", "utf-8-sig", "nothing"), ("ko", "utf-8", "nothing")]
"""Encodings that a page need not declare; no other one is promised without a declaration."""


@pytest.mark.parametrize(("language", "encoding", "says"), [*((*row, "meta") for row in ENCODINGS), *UNSAID])
def test_pages_in_other_encodings_are_the_same_documents(
    tmp_path: Path, language: str, encoding: str, says: str
) -> None:
    page = (FIXTURES / f"page-{language}.html").read_text(encoding="utf-8")
    declared = encoding.removesuffix("-sig")
    page = page.replace("charset=utf-8", f"charset={declared}").replace('charset="utf-8"', f'charset="{declared}"')
    page = page if says == "meta" else page.replace("charset", "data-x")
    content = page.encode(encoding, "xmlcharrefreplace")
    (document,) = read_bytes(tmp_path, "page.html", content).documents
    _check(
        document,
        {k: v for k, v in EXPECTED[f"page-{language}.html"]["documents"][0].items() if k != "lacks"} | {"lacks": []},
    )
    assert_exact([document])


@pytest.mark.parametrize("language", ["en", "de", "fr", "pl", "ru", "el", "tr", "ja", "zh", "ko", "hi", "th"])
def test_pdfs_are_read_with_the_page_of_every_quote(tmp_path: Path, language: str) -> None:
    words = words_of(language)
    columns = 34 if language in {"ja", "zh", "ko", "th"} else 84
    rows = [word_wrapped(text, columns) for text in words]
    pages = [
        Page([Line("Lundby Courier", y=805), *paragraphs(*rows[:2], columns=columns), Line("1", y=40)]),
        Page([Line("Lundby Courier", y=805), *paragraphs(rows[2], columns=columns), Line("2", y=40)]),
        Page([Line("Lundby Courier", y=805), *paragraphs(rows[0][::1], columns=columns), Line("3", y=40)]),
    ]
    (document,) = read_bytes(tmp_path, "release.pdf", pdf(pages)).documents
    for text in words:
        assert flat(text).replace(" ", "") in flat(document.text).replace(" ", "")
    assert "Courier" not in document.text
    report = assert_exact([document])
    assert {quote.page for claim in report.claims for quote in claim.quotes} == {1, 2, 3}


def word_wrapped(text: str, columns: int) -> str:
    """Text of a script without spaces with one where the line is to end."""
    if text.count(" ") > len(text) // 20:
        return text
    return " ".join(text[i : i + columns] for i in range(0, len(text), columns))


@pytest.mark.parametrize("language", ["he", "ar"])
def test_pdfs_that_run_from_right_to_left_are_read_in_the_order_of_speech(tmp_path: Path, language: str) -> None:
    words = {"he": "קו המעבורת ייסגר מחר", "ar": "لن يؤجر المجلس الرصيف"}[language]
    content = pdf([Page([Line(words[::-1])])])  # as it stands on paper, from left to right
    (document,) = read_bytes(tmp_path, "release.pdf", content).documents
    assert document.text == words


@pytest.mark.parametrize("language", ["en", "fi", "uk", "he", "fa", "ja", "hi"])
def test_word_documents_are_read(tmp_path: Path, language: str) -> None:
    (document,) = read_bytes(tmp_path, "release.docx", word(words_of(language), title="Not on the page")).documents
    assert document.text == "\n\n".join(words_of(language))
    assert (document.title, document.author) == (None, "Ida Strand")
    assert_exact([document])


def test_tables_of_word_documents_stand_in_their_place(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        table = document.add_table(2, 2)
        for n, cell in enumerate(("Crew", "Contract", "1", "none")):
            table.cell(n // 2, n % 2).text = cell
        document.add_paragraph("After the table.")

    (document,) = read_bytes(tmp_path, "a.docx", word(["Before the table."], change=change)).documents
    assert document.text == "Before the table.\n\nCrew | Contract\n1 | none\n\nAfter the table."


def test_paragraphs_of_a_pdf_go_on_over_the_page(tmp_path: Path) -> None:
    pages = [
        Page(paragraphs("The chair said that the winter service would be kept and that the county would pay for a")),
        Page(paragraphs("third of it, as it had promised in the spring of that year to all who live on the islands.")),
    ]
    (document,) = read_bytes(tmp_path, "a.pdf", pdf(pages)).documents
    assert "\n" not in document.text
    assert "for a third of it" in document.text
    assert [mark.page for mark in document.marks] == [1, 2]
    assert document.text[document.marks[1].start :].startswith("third of it")


BROKEN: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("cut.pdf", lambda: pdf([Page(paragraphs("The ferry runs."))])[:600], "damaged", "save it again"),
    ("empty.pdf", lambda: pdf([Page([])]), "empty", "no words"),
    ("noise.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, "damaged", "save it again"),
    ("locked.pdf", lambda: pdf([Page([])], trailer=LOCKED), "encrypted", "password"),
    ("locked.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "binary", "without a password"),
    ("old.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "binary", "save it as .docx"),
    ("cut.docx", lambda: word(["The ferry runs."])[:900], "damaged", "save it again"),
    ("figures.zip", lambda: b"PK\x03\x04" + bytes(100), "binary", "unpack"),
    ("note.rtf", lambda: b"The ferry runs.", "damaged", "RTF"),
    ("photo.gif", lambda: b"GIF89a" + bytes(100), "binary", "picture"),
    ("empty.html", lambda: b"", "empty", "no words"),
    ("empty.docx", lambda: word([]), "empty", "no words"),
    ("latin.csv", lambda: "title,text\nX,Caf\xe9".encode("latin-1"), "encoding", "iconv"),
    ("empty.csv", lambda: b"", "columns", "no column named text"),
    ("empty.jsonl", lambda: b"\n\n", "empty", "no rows"),
    ("latin.srt", lambda: "1\n00:00:01,000 --> 00:00:02,000\nCaf\xe9".encode("latin-1"), "encoding", "iconv"),
    (
        "bad-charset.eml",
        lambda: b"From: a@b\nContent-Type: text/plain; charset=klingon\n\n\xff\xfe",
        "encoding",
        "klingon",
    ),
]
LOCKED = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + "00" * 32 + "> /U <" + "11" * 32 + "> >> /ID [<00> <00>]"
)


@pytest.mark.parametrize(("name", "content", "code", "says"), BROKEN, ids=[row[0] for row in BROKEN])
def test_broken_and_foreign_files_are_refused_in_one_line(
    tmp_path: Path, name: str, content: Callable[[], bytes], code: str, says: str
) -> None:
    reading = read_bytes(tmp_path, name, content())
    assert reading.documents == []
    (problem,) = reading.problems
    assert (problem.stage, problem.code) == ("read", code)
    assert says in problem.message
    assert "\n" not in problem.message


def test_pages_without_text_in_a_pdf_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no program that recognises them
    pages = [Page(paragraphs(words_of("en")[0])), Page([])]
    reading = read_bytes(tmp_path, "a.pdf", pdf(pages, picture=True))
    assert len(reading.documents) == 1
    assert [(p.code, "(2)" in p.message) for p in reading.problems] == [("scanned", True)]


def test_text_behind_a_picture_of_the_page_is_read_and_said_to_be_recognised(tmp_path: Path) -> None:
    lines = [line._replace(mode=3) for line in paragraphs(words_of("en")[0])]
    reading = read_bytes(tmp_path, "a.pdf", pdf([Page(lines)], picture=True))
    assert flat(reading.documents[0].text) == words_of("en")[0]
    assert [problem.code for problem in reading.problems] == ["recognised"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ((FIXTURES / "page-el.html").read_bytes(), "text/html"),
        (pdf([Page(paragraphs("The ferry will run all winter."))]), "application/pdf"),
        (
            word(["The ferry will run all winter."]),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ((FIXTURES / "talk-ar.vtt").read_bytes(), "text/vtt"),
        ((FIXTURES / "mail-en.eml").read_bytes(), "message/rfc822"),
        (b"Plain words.", "text/plain"),
    ],
    ids=["html", "pdf", "docx", "captions", "mail", "text"],
)
def test_standard_input_is_what_it_begins_like(content: bytes, media_type: str) -> None:
    reading = read(["-"], stdin=io.BytesIO(content))
    (document,) = reading.documents
    assert document.origin
    assert document.origin.media_type == media_type
    assert document.path is None


@pytest.mark.parametrize(
    "text", ["ID3 tags are read, said Ida Strand.", "GIF8 was the name of the boat.", "Rar! she cried."]
)
def test_a_text_may_begin_like_another_kind(tmp_path: Path, text: str) -> None:
    assert read_bytes(tmp_path, "a.md", text.encode()).documents[0].text == text


def test_a_page_and_a_time_are_shown_with_the_words(tmp_path: Path) -> None:
    release = pdf([Page(paragraphs("The board met.")), Page(paragraphs("It will keep the ferry."))])
    documents = [
        *read_bytes(tmp_path, "a.pdf", release).documents,
        *read([FIXTURES / "talk-en.vtt"]).documents,
    ]
    shown = io.StringIO()
    draw(report_on(documents), shown, color=False)
    assert "“It will keep the ferry.” (page 2)" in shown.getvalue()
    assert "(at 00:00:05.250)" in shown.getvalue()


def test_an_address_without_its_beginning_is_recognised(tmp_path: Path) -> None:
    for source, hinted in (("www.courier.example/ferry", True), ("courier.org/ferry", True), ("ferry.md", False)):
        (problem,) = read([source]).problems
        assert (problem.code, "https://" in problem.message) == ("missing", hinted)


@pytest.mark.parametrize(
    "odd", ["\x01", "\x0b", "\x1b", "\ufffe", "\uffff", "\x85", "&#1;", "&#xfffe;", "<!-- x\x01 -->\x01", "\0"]
)
def test_an_odd_character_keeps_no_page_from_being_read(tmp_path: Path, odd: str) -> None:
    page = (FIXTURES / "page-en.html").read_text(encoding="utf-8")
    places = ("will run", "</title>", '<meta name="author"', "<aside>")
    for place in places:
        page = page.replace(place, odd + place)
    page = page.replace("</head>", f'<script type="application/ld+json">{{"author": "\\ufffe{odd}"}}</script></head>')
    (document,) = read_bytes(tmp_path, "a.html", page.encode("utf-8", "surrogatepass")).documents
    assert flat(words_of("en")[0]) in flat(document.text)


def test_an_author_is_a_name_and_not_an_address(tmp_path: Path) -> None:
    page = (FIXTURES / "page-en.html").read_text(encoding="utf-8")
    page = page.replace('name="author" content="Ida Strand"', 'name="author" content="https://social.example/ida"')
    (document,) = read_bytes(tmp_path, "a.html", page.encode()).documents
    assert document.author is None


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=4))
def test_taking_out_what_nobody_sees_keeps_marks_inside_and_text_canonical(text: str, starts: list[int]) -> None:
    whole = canonical(text)
    marks = tuple(Mark(start=start, page=n) for n, start in enumerate(sorted(starts), 1) if start <= len(whole))
    article = without_invisible(Article(whole, marks=marks))
    assert canonical(article.text) == article.text
    assert without_invisible(article).text == article.text
    assert all(0 <= mark.start <= len(article.text) for mark in article.marks)
    assert [mark.page for mark in article.marks] == [mark.page for mark in marks]


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["", " ", "\n\n"])), max_size=8))
def test_pieces_are_joined_with_marks_where_they_begin(pieces: list[tuple[str, str]]) -> None:
    text, marks = joined([Piece(words, before, page=n) for n, (words, before) in enumerate(pieces, 1)])
    kept = [canonical(words).strip() for words, _ in pieces if canonical(words).strip()]
    assert [text[mark.start :][: len(words)] for mark, words in zip(marks, kept, strict=True)] == kept


def test_a_page_that_a_browser_saved_in_one_file_is_a_page(tmp_path: Path) -> None:
    page = EmailMessage()
    page.set_content((FIXTURES / "page-uk.html").read_text(encoding="utf-8"), subtype="html", cte="quoted-printable")
    page.add_related(b"\x89PNG", maintype="image", subtype="png")
    page["From"] = "<Saved by a browser>"
    page["Subject"] = "Something else"
    page["Date"] = "Wed, 05 Nov 2031 10:00:00 +0000"
    page["Snapshot-Content-Location"] = "https://courier.example/uk/ferry?from=front"
    (document,) = read_bytes(tmp_path, "page.mhtml", page.as_bytes()).documents
    _check(document, EXPECTED["page-uk.html"]["documents"][0])


def test_a_folder_gives_all_kinds(tmp_path: Path) -> None:
    for name in ("page-ko.html", "talk-ru.srt", "articles.csv", "mail-fr.eml", "release-fi.md"):
        (tmp_path / name).write_bytes((FIXTURES / name).read_bytes())
    (tmp_path / "a.pdf").write_bytes(pdf([Page(paragraphs("The ferry will run all winter."))]))
    (tmp_path / "b.docx").write_bytes(word(["The ferry will run all winter, too."]))
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    reading = read([tmp_path])
    assert reading.problems == []
    assert len(reading.documents) == 9


@pytest.mark.parametrize(("kind", "module"), [("html", "trafilatura"), ("pdf", "pypdfium2"), ("docx", "docx")])
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, kind: Any, module: str
) -> None:
    import sys

    from factcheck.inputs.article import Original, UnreadableError
    from factcheck.inputs.kinds import read_as

    for name in [
        n for n in sys.modules if n.startswith("factcheck.inputs.") and n.split(".")[-1] not in {"article", "kinds"}
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableError, match=rf"python3 -m pip install 'factcheck-desk\[{kind}\]'"):
        read_as(kind, Original("x", b""))
