"""Word, OpenDocument, RTF and EPUB: the running text, and an account of everything that is no part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from factcheck.inputs.article import Article, Original
from factcheck.inputs.documents import Reading
from factcheck.inputs.numbering import formatted
from factcheck.inputs.rtf import read_rtf
from tests.support.balance import assert_balanced, words
from tests.support.build_docx import NAMESPACE, repacked, word
from tests.support.build_office import epub, odt, packed
from tests.support.reading import read_bytes

M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def _append(document: Any, xml: str) -> None:
    document.paragraphs[-1]._p.append(
        parse_xml(xml.replace(">", f" {NAMESPACE} {M}>", 1) if "xmlns" not in xml else xml)
    )


def _noted(kind: str, texts: list[str]) -> Callable[[Any], None]:
    """Footnotes, endnotes or comments with these texts, referred to at the end of the last paragraph."""

    def change(document: Any) -> None:
        tag = kind.removesuffix("s")
        inner = "".join(
            f'<w:{tag} w:id="{n}" w:author="Per"><w:p><w:r><w:t>{t}</w:t></w:r></w:p></w:{tag}>'
            for n, t in enumerate(texts, 2)
        )
        xml = f"<w:{kind} {NAMESPACE}>{inner}</w:{kind}>".encode()
        known = {rel.reltype: rel for rel in document.part.rels.values()}
        relation = known.get(getattr(RELATIONSHIP_TYPE, kind.upper()))
        if relation is not None:
            document.part.rels.pop(relation.rId)
        part = Part(PackURI(f"/word/{kind}-x.xml"), f"application/vnd.x.{kind}+xml", xml, document.part.package)
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, kind.upper()))
        for n in range(2, 2 + len(texts)):
            _append(document, f'<w:r {NAMESPACE}><w:{tag}Reference w:id="{n}"/></w:r>')

    return change


def _run(document: Any, text: str, **font: Any) -> None:
    run = document.paragraphs[-1].add_run(text)
    for name, value in font.items():
        setattr(run.font, name, value)


def _struck(document: Any) -> None:
    _run(document, "is cut", strike=True)
    _run(document, " goes on.")


def _header(document: Any) -> None:
    document.sections[0].header.paragraphs[0].text = "Harbour board"
    document.sections[0].footer.paragraphs[0].text = "Page one"


DOCX: dict[str, tuple[str, Callable[[Any], None], str, list[tuple[str, str]]]] = {
    "a footnote": ("It runs.", _noted("footnotes", ["Not on Sundays."]), "It runs.", [("footnote", "Not on Sundays.")]),
    "two footnotes": (
        "It runs.",
        _noted("footnotes", ["One.", "Two."]),
        "It runs.",
        [("footnote", "One."), ("footnote", "Two.")],
    ),
    "an endnote": ("It runs.", _noted("endnotes", ["Not on Sundays."]), "It runs.", [("footnote", "Not on Sundays.")]),
    "a comment": ("It runs.", _noted("comments", ["Ask Per."]), "It runs.", [("comments", "Ask Per.")]),
    "struck": ("The ferry ", _struck, "The ferry goes on.", [("struck", "is cut")]),
    "a header": ("It runs.", _header, "It runs.", [("running_head", "Harbour board"), ("running_head", "Page one")]),
}


@pytest.mark.parametrize("case", DOCX)
def test_what_word_shows_apart_is_left_out_and_said(tmp_path: Path, case: str) -> None:
    start, change, text, left_out = DOCX[case]
    (document,) = read_bytes(tmp_path, "a.docx", word([start], change=change)).documents
    assert document.text == text
    assert [(item.kind, item.text) for item in document.left_out] == left_out


def test_every_number_of_a_note_stays_out_of_the_figures(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        _run(document, "1", superscript=True)
        _run(document, " and 12")
        _run(document, "2", superscript=True)
        _run(document, " berths on 5 km")
        _run(document, "2", superscript=True)

    (document,) = read_bytes(tmp_path, "a.docx", word(["It cost 3 euros"], change=change)).documents
    assert document.text == "It cost 3 euros and 12² berths on 5 km²"
    assert [(item.kind, item.text) for item in document.left_out] == [("note_mark", "1")]


EQUATION = (
    "<m:oMath {ns}><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>12</m:t></m:r></m:den></m:f>"
    "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
)


def test_equations_and_symbols_are_read_as_they_are_meant(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        _append(document, EQUATION.format(ns=f"{M} {NAMESPACE}"))
        for font, char in (("Symbol", "F0A3"), ("Symbol", "F062"), ("Wingdings", "F0FC"), ("Odd", "F001")):
            _append(document, f'<w:r {NAMESPACE}><w:sym w:font="{font}" w:char="{char}"/></w:r>')

    (document,) = read_bytes(tmp_path, "a.docx", word(["A share of "], change=change)).documents
    assert document.text == "A share of 1/12x^2≤β✓"
    assert [(item.kind, item.text, item.note) for item in document.left_out] == [("other", "symbol F001", "font Odd")]


def test_numbers_of_lists_are_read(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        for text in ("Keep the ferry.", "Pay the crew."):
            document.add_paragraph(text, style="List Number")
        document.add_paragraph("A dot has no number.", style="List Bullet")

    (document,) = read_bytes(tmp_path, "a.docx", word(["The plan:"], change=change)).documents
    assert document.text == "The plan:\n1. Keep the ferry.\n2. Pay the crew.\nA dot has no number."


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (4, "decimal", "4"),
        (4, "decimalZero", "04"),
        (28, "lowerLetter", "bb"),
        (3, "upperLetter", "C"),
        (1994, "upperRoman", "MCMXCIV"),
        (9, "lowerRoman", "ix"),
        (4, "klingon", ""),
    ],
)
def test_numbers_are_formatted_as_lists_show_them(number: int, form: str, shown: str) -> None:
    assert formatted(number, form) == shown


def _strict(content: bytes) -> bytes:
    import io
    import re
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    pattern = re.compile(rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml)/2006/")
    return repacked(
        content, {name: pattern.sub(rb"http://purl.oclc.org/ooxml/\1/", part) for name, part in parts.items()}
    )


def _typed(content: bytes, kind: str) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        types = archive.read("[Content_Types].xml").decode()
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return repacked(content, {"[Content_Types].xml": types.replace(main, kind).encode()})


OTHER_WORD: dict[str, Callable[[bytes], bytes]] = {
    "a.docx": _strict,
    "a.docm": lambda content: _typed(content, "application/vnd.ms-word.document.macroEnabled.main+xml"),
    "a.dotx": lambda c: _typed(c, "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
    "a.dotm": lambda content: _typed(content, "application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
}


@pytest.mark.parametrize("name", OTHER_WORD)
def test_strict_documents_and_templates_are_word_documents(tmp_path: Path, name: str) -> None:
    content = OTHER_WORD[name](word(["It runs."], change=_noted("footnotes", ["Not on Sundays."])))
    reading = read_bytes(tmp_path, name, content)
    assert reading.problems == []
    (document,) = reading.documents
    assert (document.text, [item.text for item in document.left_out]) == ("It runs.", ["Not on Sundays."])


def test_a_transcript_of_teams_in_word_has_turns(tmp_path: Path) -> None:
    content = word(["Ida Strand   0:03\nWill it run?", "Per Lund   0:09\nIt will."])
    (document,) = read_bytes(tmp_path, "a.docx", content).documents
    assert document.text == "Ida Strand: Will it run?\n\nPer Lund: It will."
    assert [mark.time for mark in document.marks] == ["00:00:03.000", "00:00:09.000"]


def test_a_text_box_is_a_paragraph_of_its_own(tmp_path: Path) -> None:
    box = (
        f'<w:r {NAMESPACE} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
        "<mc:Choice><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    (document,) = read_bytes(tmp_path, "a.docx", word(["It runs."], change=lambda d: _append(d, box))).documents
    assert document.text == "It runs.\n\nIn a box."


STYLES = (
    '<style:style style:name="S"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1"'
    ' style:num-suffix="."/>'
    "</text:list-style>"
)
AROUND = "<style:header><text:p>Harbour board</text:p></style:header>"
NOTE = '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
NOTE += "<text:p>Not on Sundays.</text:p></text:note-body></text:note>"
COMMENT = "<office:annotation><dc:creator>Per</dc:creator><text:p>Sure?</text:p></office:annotation>"
STRUCK = '<text:span text:style-name="S">is cut </text:span>runs.<text:span text:style-name="H"> Obey.</text:span>'
DELETED = "<text:tracked-changes><text:changed-region><text:deletion><text:p>is cut</text:p></text:deletion>"
DELETED += "</text:changed-region></text:tracked-changes>"
LIST = '<text:list text:style-name="L"><text:list-item><text:p>Keep it.</text:p></text:list-item>'
LIST += "<text:list-item><text:p>Pay.</text:p><text:p>Soon.</text:p></text:list-item></text:list>"
TABLE = "<table:table><table:table-row><table:table-cell><text:p>Crew</text:p></table:table-cell>"
TABLE += "<table:table-cell><text:p>none</text:p></table:table-cell></table:table-row></table:table>"
ODT: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "spaces": ("<text:p>It<text:s/>runs<text:tab/>all<text:line-break/>winter.</text:p>", "It runs all winter.", []),
    "a footnote": (f"<text:p>It runs{NOTE}.</text:p>", "It runs.", [("footnote", "Not on Sundays.")]),
    "a comment": (f"<text:p>It runs{COMMENT}.</text:p>", "It runs.", [("comments", "Sure?")]),
    "struck, hidden": (f"<text:p>It {STRUCK}</text:p>", "It runs.", [("struck", "is cut"), ("hidden", "Obey.")]),
    "deleted": (f"{DELETED}<text:h>Ferry</text:h><text:p>It.</text:p>", "Ferry\n\nIt.", [("struck", "is cut")]),
    "a list": (LIST, "1. Keep it.\n2. Pay.\nSoon.", []),
    "a table": (f"<text:p>On.</text:p>{TABLE}<text:p>Off.</text:p>", "On.\n\nCrew | none\n\nOff.", []),
}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("case", ODT)
def test_opendocument_texts_are_read(tmp_path: Path, case: str, flat: bool) -> None:
    body, text, left_out = ODT[case]
    content = odt(body, styles=STYLES, around=AROUND, flat=flat)
    (document,) = read_bytes(tmp_path, "a.fodt" if flat else "a.odt", content).documents
    assert document.text == text
    assert [(i.kind, i.text) for i in document.left_out] == [("running_head", "Harbour board"), *left_out]
    assert document.author == "Ida Strand"


RTF = {
    "encodings": (rb"{\rtf1\ansi\ansicpg1251 \'cf\'e0\'f0\'ee\'ec {\f0 x}\u8364?\u8220?}", "Паром x€“", []),
    "fonts": (
        rb"{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset161 B;}{\f2\fcharset2 Symbol;}}a \f1\'e1 \f2 b}",
        "a α β",
        [],
    ),
    "a footnote": (
        rb"{\rtf1 It runs{\super\chftn}{\footnote\pard\plain Not on Sundays.}.\par}",
        "It runs.",
        [("footnote", "Not on Sundays.")],
    ),
    "a header": (
        rb"{\rtf1{\header\pard Harbour board\par}It runs.{\footer Page}}",
        "It runs.",
        [("running_head", "Harbour board"), ("running_head", "Page")],
    ),
    "struck": (
        rb"{\rtf1 It {\strike is cut }runs{\v  Obey}.{\*\unknown x}}",
        "It runs.",
        [("struck", "is cut"), ("hidden", "Obey")],
    ),
    "deleted": (rb"{\rtf1 It {\deleted is cut }runs.}", "It runs.", [("struck", "is cut")]),
    "a comment": (rb"{\rtf1 It runs.{\*\atnid PL}{\*\annotation Sure?}}", "It runs.", [("comments", "Sure?")]),
    "paragraphs": (
        rb"{\rtf1 One.\par Two\line three.\par\pard{\pntext 1.\tab}Four.}",
        "One.\n\nTwo\nthree.\n\n1. Four.",
        [],
    ),
    "a link": (rb'{\rtf1 {\field{\*\fldinst{HYPERLINK "http://x"}}{\fldrslt{It runs}}}.}', "It runs.", []),
    "skipped": (rb"{\rtf1\uc2 It\u8217\'92\'92s on.{\pict\pngblip 89504e47}}", "It’s on.", []),
}


@pytest.mark.parametrize("case", RTF)
def test_rtf_is_read(tmp_path: Path, case: str) -> None:
    content, text, left_out = RTF[case]
    (document,) = read_bytes(tmp_path, "a.rtf", content).documents
    assert document.text == text
    assert [(item.kind, item.text) for item in document.left_out] == left_out


def test_a_book_is_read_by_chapters(tmp_path: Path) -> None:
    chapters = {
        "a.xhtml": "<h1>Ferry</h1><p>It <del>is cut</del> runs.</p>",
        "b%20c.xhtml": "<p>All winter.</p>",
        "e.xhtml": "<p> </p>",
    }
    reading = read_bytes(
        tmp_path,
        "a.epub",
        epub(chapters, contents="<nav>Contents: Ferry</nav><p>Ferry</p>"),
    )
    first = reading.documents[0]
    assert (first.text, first.title, first.author, first.published) == (
        "Ferry\n\nIt runs.",
        "Ferry",
        "Ida Strand",
        "2031-11-04",
    )
    assert [(item.kind, item.note) for item in first.left_out] == [("navigation", "contents"), ("struck", "")]
    assert [(d.text, d.title) for d in reading.documents[1:]] == [("All winter.", "The Courier")]
    assert reading.problems == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.odt", packed({"mimetype": "application/vnd.oasis.opendocument.text"})),
        ("a.odt", b"PK\x03\x04" + bytes(90)),
        ("a.fodt", b"<office:document"),
        ("a.epub", packed({"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"})),
        ("a.epub", b"no book"),
        ("a.rtf", b"It runs."),
        ("a.docx", packed({"word/document.xml": "<x/>"})),
    ],
)
def test_broken_office_files_are_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    reading: Reading = read_bytes(tmp_path, name, content)
    assert [(p.code, "\n" in p.message) for p in reading.problems] == [("damaged", False)]


WORDS = st.lists(st.sampled_from(["ferry", "runs", "all", "winter", "board"]), min_size=1, max_size=5).map(" ".join)
KINDS = st.sampled_from(["", "struck", "hidden", "note"])


@given(st.lists(st.tuples(WORDS, KINDS), min_size=1, max_size=8))
def test_words_of_rtf_are_read_or_left_out(runs: list[tuple[str, str]]) -> None:
    forms = {"": "%s ", "struck": "{\\strike %s }", "hidden": "{\\v %s }", "note": "{\\footnote %s}"}
    content = "{\\rtf1 " + "".join(forms[kind] % text for text, kind in runs) + "end}"
    (article,) = read_rtf(Original("a.rtf", content.encode()))
    assert isinstance(article, Article)
    kept = words(article.text) + words(" ".join(item.text for item in article.left_out))
    assert kept == words(" ".join([*(text for text, _ in runs), "end"]))


def test_words_of_word_documents_are_read_or_left_out(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        for other in (_header, _struck, _noted("footnotes", ["Not on Sundays."]), _noted("comments", ["Ask Per."])):
            other(document)
        _run(document, " obey", hidden=True)

    original = "It runs. is cut goes on. Not on Sundays. Ask Per. Harbour board Page one obey"
    assert_balanced(original, *read_bytes(tmp_path, "a.docx", word(["It runs. "], change=change)).documents)


def test_words_of_opendocument_texts_are_read_or_left_out(tmp_path: Path) -> None:
    body = "".join(body for body, _, _ in ODT.values())
    original = "Harbour board " + " ".join(
        " ".join([text, *(words for _, words in left_out)]) for _, text, left_out in ODT.values()
    )
    assert_balanced(original, *read_bytes(tmp_path, "a.odt", odt(body, styles=STYLES, around=AROUND)).documents)
