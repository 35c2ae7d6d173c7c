"""Break originals of every kind in seeded ways, and read what comes out."""

from __future__ import annotations

import json
import random
import resource
import time
from collections.abc import Iterator
from typing import NamedTuple

from factcheck.inputs.article import Original, UnreadableError
from factcheck.inputs.kinds import FORMATS, Kind, kind_of
from factcheck.inputs.sandbox import Sandbox
from tests.support.build_docx import word
from tests.support.build_msg import msg
from tests.support.build_office import epub, odt, packed

TEXT = "The ferry between Lundby and the islands runs all winter, said Ida Strand. Nine crossings a day are kept."
MAIL = (
    "From: Ida Strand <s@h.example>\nSubject: =?utf-8?Q?F=C3=A4hre?=\nDate: Tue, 04 Nov 2031 10:00:00 +0100\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; format=flowed\n\n"
    f"{TEXT}\n\nOn 3 Nov 2031, Per Lund <p@e.example> wrote:\n> Does it run?\n\n-- \nIda\n--b\n"
    "Content-Type: text/html\n\n"
    f"<p>{TEXT}</p><blockquote>Yes</blockquote>\n--b\nContent-Type: message/rfc822\n\nFrom: a@b.example\n\nNo.\n--b--\n"
)
RECORD = {"title": "Ferry", "date": "04/11/2031", "text": TEXT, "author": [{"name": "Ida"}], "id": 7}
CUES = f"1\n00:00:01,000 --> 00:00:03,000\n{TEXT[:40]}\n\n2\n00:00:03,000 --> 00:00:05,000\n{TEXT[40:80]}\n"
TTML = (
    f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="3s">{TEXT[:30]}<br/>x</p>'
    f'<p begin="00:00:03:10" dur="2s">{TEXT[30:60]}</p></div></body></tt>'
)
ANSWER = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{TEXT}"
WARC = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://c.example/a\r\nWARC-Date: 2031-11-05T08:00:00Z\r\n"
    f"Content-Type: application/http\r\nContent-Length: {len(ANSWER)}\r\n\r\n{ANSWER}\r\n\r\n"
)
RTF = (
    "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}}{\\header H}\\f0 "
    + TEXT
    + "{\\footnote Not so.}\\par\\u8217?}"
)
FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>C</title><item><title>F</title><link>https://c.example/a</link>'
    f"<pubDate>Tue, 04 Nov 2031 10:00:00 GMT</pubDate><description>{TEXT}</description></item></channel></rss>"
)
ORIGINALS: dict[str, bytes] = {
    "a.md": f"---\ntitle: Ferry\ndate: 4 Nov 2031\ntags: [a, b]\n---\n{TEXT} ~~cut~~ <!-- x -->\n".encode(),
    "b.md": f'+++\ntitle = "Ferry"\ndate = 2031-11-04\n+++\n{TEXT}\n'.encode(),
    "a.txt": f"Ida Strand  0:03\n{TEXT}\n\nPer Lund  0:09\nYes.\n\nIda Strand  0:15\nThanks.\n".encode(),
    "a.srt": CUES.encode(),
    "a.vtt": ("WEBVTT\n\n" + CUES.replace(",000", ".000").replace("The", "<v Ida>The")).encode(),
    "a.sbv": f"0:00:01.000,0:00:03.000\n{TEXT}\n\n0:00:03.000,0:00:05.000\nYes.\n".encode(),
    "a.ass": (
        f"[Events]\nFormat: Start, End, Name, Text\nDialogue: 0:00:01.00,0:00:02.00,Ida,{{\\i1}}{TEXT}\n".encode()
    ),
    "a.ttml": TTML.encode(),
    "a.csv": f'sep=;\ntitle;date;text;x\nFerry;04/11/2031;"{TEXT}";7\nCrew;17/11/2031;It is told.;8\n'.encode(),
    "a.jsonl": f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n".encode(),
    "a.json": json.dumps({"articles": [RECORD, RECORD], "status": "ok"}).encode(),
    "a.rss": FEED.encode(),
    "a.eml": MAIL.encode(),
    "a.msg": msg(
        "Ferry", TEXT, html=f"<p>{TEXT}</p>", sender="Ida", headers="Date: Tue, 04 Nov 2031\r\n", files=("a.pdf",)
    ),
    "a.mbox": (
        b"From a@b Tue Nov  4 10:00:00 2031\n" + MAIL.encode() + b"\nFrom a@b Tue Nov  4 10:00:00 2031\nTo: c\n\nYes.\n"
    ),
    "a.docx": word([TEXT, "All winter."], title="Ferry"),
    "a.odt": odt(f"<text:h>Ferry</text:h><text:p>{TEXT}</text:p>"),
    "a.fodt": odt(f"<text:h>Ferry</text:h><text:p>{TEXT}</text:p>", flat=True),
    "a.rtf": RTF.encode(),
    "a.epub": epub({"a.xhtml": f"<h1>Ferry</h1><p>{TEXT}</p>", "b.xhtml": "<p>All winter.</p>"}),
    "a.zip": packed({"a.txt": TEXT, "b.eml": MAIL, "c.csv": "text\nx\n"}),
    "a.warc": WARC.encode(),
}
"""One original of every kind that is read here, by file name."""

ODD = [
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\r",
    b"\r\n",
    b"<",
    b">",
    b"{",
    b"}",
    b"[",
    b'"',
    b"\\",
    b"&#xD800;",
    b"=?",
    b"\x1b",
    b"-->",
]
ODD += [
    b"9" * 400,
    b"e99999",
    b"../../../etc/passwd",
    "\u202e\ufdd2\ufdd3".encode(),
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"%n",
]


LONGEST = 600_000


class Outcome(NamedTuple):
    """What reading a broken original came to: a code, or `read`; and the seconds it took."""

    code: str
    seconds: float


def mutants(name: str, number: int, seed: int = 0) -> Iterator[bytes]:
    """So many broken forms of an original, the same for the same seed."""
    original = ORIGINALS[name]
    for n in range(number):
        dice = random.Random(f"{name} {seed} {n}")
        content = bytearray(original)
        for _ in range(dice.choice((1, 1, 2, 5, 20))):
            _mutate(content, dice)
        yield bytes(content[:LONGEST])


def _mutate(content: bytearray, dice: random.Random) -> None:
    """Break something in place."""
    at, end = sorted((dice.randrange(len(content) + 1), dice.randrange(len(content) + 1)))
    match dice.randrange(9):
        case 0:
            content[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            del content[at:end]
        case 2:
            content[at:at] = content[at:end]
        case 3:
            content[at:at] = dice.choice(ODD)
        case 4:
            content[at:at] = dice.choice(ODD) * dice.choice((10, 1000, 20_000))
        case 5:
            content[at:end] = content[at:end][::-1]
        case 6:
            content[at:at] = content[at:end] * (50 if len(content) < LONGEST // 50 else 1)
        case 7:
            _deeper(content, at, end, dice)
        case _:
            content[:] = content[at:end] or content


def _deeper(content: bytearray, at: int, end: int, dice: random.Random) -> None:
    """Nest a part of it without end."""
    opened, closed = dice.choice(
        ((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"{", b"}"), (b"(", b")"), (b"> ", b""))
    )
    depth = dice.choice((50, 900, 30_000))
    content[at:end] = opened * depth + bytes(content[at:end]) + closed * depth


def outcome(name: str, content: bytes, processes: Sandbox) -> Outcome:
    """Read an original as the product does; anything but a clean refusal is raised."""
    began = time.monotonic()
    original = Original(name, content)
    try:
        kind: Kind = kind_of(original)
        if FORMATS[kind].sandboxed:
            processes.read(kind, original)
        else:
            from factcheck.inputs.kinds import read_as

            read_as(kind, original)
        code = "read"
    except UnreadableError as error:
        code = error.code
        if "\n" in str(error).strip():
            raise AssertionError(str(error)) from error
    return Outcome(code, time.monotonic() - began)


def memory() -> int:
    """Bytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
