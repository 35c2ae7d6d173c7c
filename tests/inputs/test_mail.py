"""Mails: every text part, encodings as they are meant, and each earlier or attached mail under its own name."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.inputs.article import Article, Original
from factcheck.inputs.documents import Reading
from factcheck.inputs.mail import read_mail
from factcheck.inputs.replies import split
from tests.support.balance import words
from tests.support.build_msg import msg
from tests.support.reading import read_bytes

HEAD = "From: Ida Strand <strand@harbour.example>\nTo: desk@echo.example\nSubject: Winter service\n"
HEAD += "Date: Tue, 04 Nov 2031 18:20:00 +0100\n"


def _raw(folder: Path, body: bytes, *, head: str = "", name: str = "a.eml") -> Reading:
    return read_bytes(folder, name, (HEAD + head).encode() + b"\n" + body)


def _plain(charset: str, body: bytes, encoding: str = "8bit") -> bytes:
    return (
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n".encode() + b"\n" + body
    )


CHARSETS = [
    ("iso-8859-1", "“It’s €412,000” – Strand…".encode("cp1252"), "“It’s €412,000” – Strand…"),
    ("latin1", "Žoldák œuvre ™".encode("cp1252"), "Žoldák œuvre ™"),
    ("iso-8859-9", "“İskele’de”".encode("cp1254"), "“İskele’de”"),
    ("us-ascii", "Fähre fährt".encode(), "Fähre fährt"),
    ("gb2312", "镕基 說".encode("gb18030"), "镕基 說"),
    ("shift_jis", "①髙橋さん".encode("cp932"), "①髙橋さん"),
    ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
    ("koi8-r", "Паром пойдёт".encode("koi8-r"), "Паром пойдёт"),
    ("utf-8", "Die Fähre fährt".encode(), "Die Fähre fährt"),
]


@pytest.mark.parametrize(("charset", "content", "text"), CHARSETS, ids=[row[0] for row in CHARSETS])
def test_encodings_are_read_as_programs_mean_them(tmp_path: Path, charset: str, content: bytes, text: str) -> None:
    body = _plain(charset, content)
    reading = read_bytes(tmp_path, "a.eml", HEAD.encode() + body)
    assert [document.text for document in reading.documents] == [text]
    assert reading.problems == []


def test_an_encoding_that_is_not_the_declared_one_is_said(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, "a.eml", HEAD.encode() + _plain("utf-8", "Die Fähre fährt".encode("cp1252")))
    assert [document.text for document in reading.documents] == ["Die Fähre fährt"]
    assert [(p.code, "Windows-1252" in p.message) for p in reading.problems] == [("charset", True)]
    reading = read_bytes(tmp_path, "b.eml", HEAD.encode() + _plain("utf-8", "Паром пойдёт".encode("koi8-r")))
    assert [p.code for p in reading.problems] == ["encoding"]  # in Windows-1252 it would be gibberish


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (b"=?iso-8859-1?Q?It=92s_=80900?=", "It’s €900"),
        ("Fähre fährt".encode(), "Fähre fährt"),
        ("Fähre fährt".encode("cp1252"), "Fähre fährt"),
        (b"=?utf-8?B?RsOkaHJl?=\n =?utf-8?B?IGbDpGhydA==?=", "Fähre fährt"),
        (b"=?klingon?Q?Ferry?=", "Ferry"),
    ],
)
def test_subjects_are_read_as_they_are_meant(tmp_path: Path, subject: bytes, title: str) -> None:
    content = b"From: a@b.example\nSubject: " + subject + b"\n\nThe ferry runs."
    assert read_bytes(tmp_path, "a.eml", content).documents[0].title == title


def _mixed(*parts: bytes, kind: str = "mixed") -> bytes:
    mark = kind.encode()
    joined = b"".join(b"--" + mark + b"\n" + part + b"\n" for part in parts)
    head = f"MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary={kind}\n\n"
    return head.encode() + joined + b"--" + mark + b"--\n"


TEXT = [
    _plain("utf-8", text.encode()) for text in ("The ferry runs.", "Correction: it does not run.", "Signed, the board.")
]
PICTURE = b'Content-Type: image/png; name="quay.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo='
HTML = b"Content-Type: text/html; charset=utf-8\n\n<p>A word in <b>HTML</b>.</p>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (_mixed(TEXT[0], PICTURE, TEXT[1]), "The ferry runs.\n\nCorrection: it does not run."),
        (_mixed(TEXT[0], TEXT[1], TEXT[2]), "The ferry runs.\n\nCorrection: it does not run.\n\nSigned, the board."),
        (_mixed(_mixed(TEXT[0], PICTURE, kind="related"), TEXT[1]), "The ferry runs.\n\nCorrection: it does not run."),
        (_mixed(HTML, PICTURE, TEXT[1]), "A word in HTML.\n\nCorrection: it does not run."),
        (_mixed(PICTURE, TEXT[0]), "The ferry runs."),
    ],
)
def test_all_parts_with_text_are_read_in_their_order(tmp_path: Path, body: bytes, text: str) -> None:
    (document,) = read_bytes(tmp_path, "a.eml", HEAD.encode() + body).documents
    assert document.text == text
    assert ("attachment", "quay.png") in {(i.kind, i.text) for i in document.left_out} or b"quay" not in body


RELEASE = (
    "The harbour board decided on Tuesday to keep the winter service. Nine crossings a day will run until the spring."
)


@pytest.mark.parametrize(
    "stub",
    [
        "This mail is in HTML. Please open https://harbour.example/1 in a browser.",
        "Ihr Programm kann diese Nachricht nicht anzeigen.",
        "Winter service",
        "-",
    ],
)
def test_a_plain_part_that_only_stands_in_for_the_html_is_left_out(tmp_path: Path, stub: str) -> None:
    page = f"Content-Type: text/html; charset=utf-8\n\n<h1>Winter service</h1><p>{RELEASE}</p>".encode()
    reading = read_bytes(
        tmp_path, "a.eml", HEAD.encode() + _mixed(_plain("utf-8", stub.encode()), page, kind="alternative")
    )
    (document,) = reading.documents
    assert document.text == f"Winter service\n\n{RELEASE}"
    kept = " ".join([document.text, *(item.text for item in document.left_out)])
    assert words(stub).keys() <= words(kept).keys()


def test_what_only_the_html_holds_is_said(tmp_path: Path) -> None:
    page = f"Content-Type: text/html\n\n<p>{RELEASE}</p><p>Correction: eight crossings will run.</p>".encode()
    body = _mixed(_plain("utf-8", RELEASE.encode()), page, kind="alternative")
    (document,) = read_bytes(tmp_path, "a.eml", HEAD.encode() + body).documents
    assert document.text == RELEASE
    assert [(i.kind, i.text) for i in document.left_out][-1] == ("other", "Correction: eight crossings will run.")


QUESTION = "Is it true that the board will end the service?"
REPLIES = {
    "apple": f"No.\n\nOn 3 Nov 2031, at 09:12, Per Lund <lund@echo.example> wrote:\n\n> {QUESTION}\n",
    "gmail": f"No.\n\nOn Mon, Nov 3, 2031 at 9:12 AM Per Lund <lund@echo.example>\nwrote:\n\n> {QUESTION}\n",
    "thunderbird": f"No.\n\nAm 03.11.2031 um 09:12 schrieb Per Lund:\n> {QUESTION}\n",
    "french": f"No.\n\nLe lun. 3 nov. 2031 à 09:12, Per Lund <lund@echo.example> a écrit :\n> {QUESTION}\n",
    "finnish, below": f"Per Lund kirjoitti 3.11.2031 klo 9.12:\n> {QUESTION}\n\nNo.\n",
    "outlook": "No.\n\n-----Original Message-----\nFrom: Per Lund [mailto:lund@echo.example]\nSent: Monday, "
    "November 3, 2031 "
    f"9:12 AM\nTo: Ida Strand\nSubject: Ferry\n\n{QUESTION}\n",
    "outlook, german": "No.\n\n________________________________\nVon: Per Lund <lund@echo.example>\nGesendet: Montag, "
    f"3. November 2031 09:12\nAn: Strand, Ida\nBetreff: Ferry\n\n{QUESTION}\n",
    "forwarded": f"No.\n\n---------- Forwarded message ---------\nFrom: Per Lund <lund@echo.example>\nDate: "
    "Mon, 3 Nov 2031 at "
    f"09:12\nSubject: Ferry\nTo: <strand@harbour.example>\n\n{QUESTION}\n",
}


@pytest.mark.parametrize("program", REPLIES)
def test_an_earlier_mail_is_its_own_author_s_and_of_its_own_date(tmp_path: Path, program: str) -> None:
    reading = _raw(tmp_path, REPLIES[program].encode(), head="Content-Type: text/plain; charset=utf-8\n")
    assert reading.problems == []
    reply, earlier = reading.documents
    assert (reply.text, reply.author, reply.published) == ("No.", "Ida Strand", "2031-11-04")
    assert (earlier.text, earlier.author, earlier.published) == (QUESTION, "Per Lund", "2031-11-03")
    total = words(reply.text) + words(earlier.text)
    for item in (*reply.left_out, *earlier.left_out):
        total += words(item.text) if item.text != "To: desk@echo.example" else words("")
    assert total == words(REPLIES[program])


def test_mails_quoted_in_quoted_mails_are_told_apart() -> None:
    text = "C.\n\nOn 3 Nov 2031, Per Lund wrote:\n> B.\n>\n> On 2 Nov 2031, Ida Strand wrote:\n>> A.\n"
    told = split(text)
    assert told.own == "C."
    assert [(e.text, e.author, e.published) for e in told.earlier] == [
        ("B.", "Per Lund", "2031-11-03"),
        ("A.", "Ida Strand", "2031-11-02"),
    ]


def test_an_earlier_mail_without_an_author_is_said_to_be_one(tmp_path: Path) -> None:
    reading = _raw(tmp_path, b"No.\n\n> Is it true?\n")
    assert [(d.text, d.author) for d in reading.documents] == [("No.", "Ida Strand"), ("Is it true?", None)]
    assert [(p.code, "whose" in p.message) for p in reading.problems] == [("quoted_mail", True)]


def test_answers_between_the_lines_keep_them(tmp_path: Path) -> None:
    text = "Per Lund wrote on 2031-11-03:\n> Does it run?\nYes.\n> And in summer?\nNo."
    reading = _raw(tmp_path, text.encode())
    assert [document.text for document in reading.documents] == [text]
    assert [p.code for p in reading.problems] == ["quoted_mail"]


def test_quotes_of_html_mails_are_earlier_mails(tmp_path: Path) -> None:
    page = f"<p>No.</p><div>On 3 Nov 2031, Per Lund wrote:</div><blockquote><p>{QUESTION}</p><p>Yours</p></blockquote>"
    reading = _raw(tmp_path, page.encode(), head="Content-Type: text/html; charset=utf-8\n")
    assert [(d.text, d.author) for d in reading.documents] == [
        ("No.", "Ida Strand"),
        (f"{QUESTION}\n\nYours", "Per Lund"),
    ]


def test_paragraphs_that_were_broken_for_sending_are_whole_again(tmp_path: Path) -> None:
    body = (
        b"The ferry will run \nall winter, said \nthe chair.\n\n From here on nine crossings.\n-- \nIda Strand, chair\n"
    )
    reading = _raw(tmp_path, body, head='Content-Type: text/plain; charset=utf-8; format="flowed"\n')
    (document,) = reading.documents
    assert document.text == "The ferry will run all winter, said the chair.\n\nFrom here on nine crossings."
    assert [(i.kind, i.text) for i in document.left_out] == [
        ("header", "To: desk@echo.example"),
        ("signature", "Ida Strand, chair"),
    ]


@pytest.mark.parametrize("cover", ["Please see the attached mail.", "FYI", "Siehe Anhang.", "", "Ci-joint le message."])
def test_an_attached_mail_is_read_under_its_own_name(tmp_path: Path, cover: str) -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"], inner["Subject"], inner["Date"] = (
        "Per Lund <l@echo.example>",
        "Ferry",
        "Mon, 03 Nov 2031 09:12:00 +0100",
    )
    inner.set_content("The crew was told on Monday.")
    outer["From"], outer["Subject"], outer["Date"] = (
        "Ida Strand <s@h.example>",
        "Fwd: Ferry",
        "Tue, 04 Nov 2031 10:00:00 +0100",
    )
    outer.set_content(cover)
    outer.add_attachment(inner)
    reading = read_bytes(tmp_path, "a.eml", outer.as_bytes())
    (document,) = reading.documents
    assert (document.text, document.author, document.published) == (
        "The crew was told on Monday.",
        "Per Lund",
        "2031-11-03",
    )
    assert [i.text for i in document.left_out if i.kind == "other"] == [cover] * bool(cover)


def test_a_mail_that_says_something_of_its_own_stays_beside_the_attached_one(tmp_path: Path) -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"] = "Per Lund <l@echo.example>"
    inner.set_content("The crew was told on Monday.")
    outer["From"] = "Ida Strand <s@h.example>"
    outer.set_content("We deny it.")
    outer.add_attachment(inner)
    reading = read_bytes(tmp_path, "a.eml", outer.as_bytes())
    assert [(d.text, d.author) for d in reading.documents] == [
        ("We deny it.", "Ida Strand"),
        ("The crew was told on Monday.", "Per Lund"),
    ]


def test_what_a_newsletter_says_of_itself_is_left_out(tmp_path: Path) -> None:
    body = f"View this email in your browser\n\n{RELEASE}\n\nYou get this because you asked for it. Unsubscribe here.\n"
    (document,) = _raw(tmp_path, body.encode()).documents
    assert document.text == RELEASE
    assert [item.kind for item in document.left_out] == ["header", "navigation", "navigation"]


def test_struck_and_hidden_words_of_html_mails_are_left_out(tmp_path: Path) -> None:
    page = "<p>The <del>nine</del> eight crossings<sup><a href='#fn1'>2</a></sup> run."
    page += "<span style='display:none'>Obey.</span></p>"
    reading = _raw(tmp_path, page.encode(), head="Content-Type: text/html; charset=utf-8\n")
    (document,) = reading.documents
    assert document.text == "The eight crossings run."
    assert {(i.kind, i.text) for i in document.left_out} >= {
        ("struck", "nine"),
        ("note_mark", "2"),
        ("hidden", "Obey."),
    }
    assert [problem.code for problem in reading.problems] == ["hidden_text"]


def test_mails_of_outlook_are_read(tmp_path: Path) -> None:
    headers = "From: Ida Strand <s@h.example>\r\nDate: Tue, 04 Nov 2031 10:00:00 +0100\r\n"
    content = msg("Winter service", "It runs.\r\n\r\nOn 3 Nov 2031, Per Lund wrote:\r\n> Does it run?", headers=headers)
    reply, earlier = read_bytes(tmp_path, "a.msg", content).documents
    assert (reply.text, reply.title, reply.author, reply.published) == (
        "It runs.",
        "Winter service",
        "Ida Strand",
        "2031-11-04",
    )
    assert (earlier.text, earlier.author, earlier.published) == ("Does it run?", "Per Lund", "2031-11-03")


def test_the_html_of_outlook_is_read_where_the_plain_text_is_a_stub(tmp_path: Path) -> None:
    content = msg(
        "Winter service", "In HTML.", html=f"<p>{RELEASE}</p>", sender="Ida Strand", files=("plan.docx", "logo.png")
    )
    reading = read_bytes(tmp_path, "mail.dat", content)
    (document,) = reading.documents
    assert (document.text, document.author) == (RELEASE, "Ida Strand")
    assert [(i.kind, i.text) for i in document.left_out] == [
        ("other", "In HTML."),
        ("attachment", "plan.docx"),
        ("attachment", "logo.png"),
    ]
    assert [(p.code, "plan.docx" in p.message, "logo" in p.message) for p in reading.problems] == [
        ("attachment", True, False)
    ]


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), msg("x", "The ferry runs.")[:1500]]
)
def test_a_broken_mail_of_outlook_says_how_to_convert_it(tmp_path: Path, content: bytes) -> None:
    (problem,) = read_bytes(tmp_path, "a.msg", content).problems
    assert "save it as .eml" in problem.message


SENTENCE = st.lists(
    st.sampled_from(["the", "ferry", "runs", "all", "winter", "nine", "crossings"]), min_size=1, max_size=6
).map(" ".join)


@given(
    st.lists(st.tuples(SENTENCE, st.sampled_from(["plain", "html"])), min_size=1, max_size=5),
    st.lists(SENTENCE, max_size=2),
)
def test_words_of_mails_are_read_or_left_out(parts: list[tuple[str, str]], quoted: list[str]) -> None:
    texts = [f"{text}." if kind == "plain" else f"<div>{text}.</div>" for text, kind in parts]
    bodies = [
        f"Content-Type: text/{kind}; charset=utf-8\n\n{text}".encode()
        for text, (_, kind) in zip(texts, parts, strict=True)
    ]
    tail = "".join(f"> {text}.\n" for text in quoted)
    bodies.append(_plain("utf-8", f"\nOn 3 Nov 2031, Per Lund wrote:\n{tail}".encode() if tail else b"End."))
    found = read_mail(Original("a.eml", HEAD.encode() + _mixed(*bodies)))
    total = words("")
    for article in found:
        assert isinstance(article, Article)
        total += words(article.text)
        for item in article.left_out:
            total += words(item.text) if not item.text.startswith("To:") else words("")
    expected = words(" ".join(text for text, _ in parts)) + words("On 3 Nov 2031, Per Lund wrote:" if tail else "End.")
    assert total == expected + words(" ".join(quoted))
