"""Tell what an original is, by what was declared, how its name ends and how it begins; and find its reader."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import Literal, NamedTuple

from factcheck.inputs.article import Original, Part, Reader, UnreadableError

Kind = Literal[
    "text",
    "html",
    "pdf",
    "docx",
    "captions",
    "ttml",
    "csv",
    "jsonl",
    "json",
    "feed",
    "mail",
]


class Format(NamedTuple):
    """How a kind of original is read."""

    media_type: str
    module: str
    suffixes: tuple[str, ...]
    extra: str | None = None
    """What of factcheck[...] installs its library."""
    sandboxed: bool = False
    """Whether its library needs a process of its own, because it cannot bound itself."""


FORMATS: dict[Kind, Format] = {
    "text": Format("text/plain", "plain", (".md", ".markdown", ".txt", ".text")),
    "html": Format("text/html", "pages", (".html", ".htm", ".xhtml"), "html", sandboxed=True),
    "pdf": Format("application/pdf", "pdf", (".pdf",), "pdf", sandboxed=True),
    "docx": Format(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
        (".docx",),
        "docx",
        sandboxed=True,
    ),
    "captions": Format("text/vtt", "captions", (".vtt", ".srt", ".sbv", ".ass", ".ssa"), sandboxed=True),
    "ttml": Format("application/ttml+xml", "ttml", (".ttml", ".dfxp", ".itt"), "html", sandboxed=True),
    "csv": Format("text/csv", "tables", (".csv", ".tsv"), sandboxed=True),
    "jsonl": Format("application/jsonl", "tables", (".jsonl", ".ndjson"), sandboxed=True),
    "json": Format("application/json", "objects", (".json", ".jsonld"), "html", sandboxed=True),
    "feed": Format("application/xml", "feeds", (".rss", ".atom", ".xml"), "html", sandboxed=True),
    "mail": Format("message/rfc822", "mail", (".eml", ".mhtml", ".mht"), sandboxed=True),
}
SUFFIXES: dict[str, Kind] = {suffix: kind for kind, form in FORMATS.items() for suffix in form.suffixes}
IN_FOLDERS = frozenset(SUFFIXES) - {".xml"}
"""What is read from a folder; XML there is seldom a feed, and a file that is named may end in anything."""

MEDIA_TYPES: dict[str, Kind] = {
    **{form.media_type: kind for kind, form in FORMATS.items()},
    "application/xhtml+xml": "html",
    "application/x-pdf": "pdf",
    "multipart/related": "mail",
    "text/markdown": "text",
    "text/x-markdown": "text",
    "application/x-subrip": "captions",
    "text/srt": "captions",
    "application/ld+json": "json",
    "application/feed+json": "json",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "text/xml": "feed",
}
VAGUE = frozenset(
    {"text/plain", "application/octet-stream", "binary/octet-stream", "application/zip", "text/xml", "application/xml"}
)
"""Types that servers declare for want of a better one: what the bytes say counts more."""

CERTAIN: dict[Kind, frozenset[Kind]] = {
    "text": frozenset({"pdf", "docx", "captions"}),
    "feed": frozenset({"ttml"}),
}
"""Beginnings that count more than an ending: no text begins like that."""

XML_HEAD = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
HTML_HEAD = re.compile(XML_HEAD + rb"(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL)
FEED_HEAD = re.compile(
    XML_HEAD + rb"(?:<!doctype[^>]*>\s*)?<(?:rss|feed|rdf:rdf|urlset|sitemapindex)[\s>]", re.IGNORECASE | re.DOTALL
)
CAPTIONS_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:WEBVTT(?:\s|$)|\s*1\s*\r?\n\d{1,2}:\d{2}:\d{2}[,.]\d{1,3} --> |\[Script Info\])"
)
TTML_HEAD = re.compile(XML_HEAD + rb"<(?:\w+:)?(?:tt|transcript|timedtext)[\s>]", re.IGNORECASE | re.DOTALL)
MAIL_HEAD = re.compile(
    rb"(?:(?:received|return-path|delivered-to|from|to|cc|date|subject|message-id|mime-version):"
    rb"[^\n]*\n(?:[ \t][^\n]*\n)*){3}",
    re.IGNORECASE,
)
LOOKED_AT = 2048
"""Bytes in which a beginning is looked for; PDF allows 1,024 before its head."""

FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "is an old Office file or an encrypted one; save it as .docx without a password",
    ),
    (b"{\\rtf", "is RTF; save it as .docx or as text"),
    (b"\x89PNG", "is a picture; recognise its text first, e.g. with tesseract"),
    (b"\xff\xd8\xff", "is a picture; recognise its text first, e.g. with tesseract"),
    (b"GIF8", "is a picture; recognise its text first, e.g. with tesseract"),
    (b"\x1f\x8b", "is compressed; unpack it first"),
    (b"7z\xbc\xaf", "is an archive; unpack it first"),
    (b"Rar!\x1a", "is an archive; unpack it first"),
    (b"ID3", "is a sound recording; transcribe it first"),
    (b"OggS", "is a sound recording; transcribe it first"),
)


def kind_of(original: Original) -> Kind:
    """What an original is. Raises UnreadableError for what cannot be read at all."""
    named = SUFFIXES.get(PurePath(original.place.split("?", maxsplit=1)[0]).suffix.lower())
    begins = _by_beginning(original.content, named)
    declared = original.media_type
    if declared is not None and declared not in VAGUE:
        kind = MEDIA_TYPES.get(declared)
        if kind is None and begins is None:
            raise UnreadableError("unsupported", f"is {declared[:80]}, which is not read; save its text to a file")
        return begins if begins in {"pdf", "docx"} or kind is None else kind  # type: ignore[return-value]
    if begins and (named is None or begins in CERTAIN.get(named, ())):
        return begins
    return named or "text"


def _by_beginning(content: bytes, named: Kind | None) -> Kind | None:
    head = content[:LOOKED_AT]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        if named == "docx" or b"word/" in content[:LOOKED_AT] or b"word/document.xml" in content[-65_536:]:
            return "docx"
        raise UnreadableError(
            "binary", "is an archive or another office format; unpack it, or save it as .docx or text"
        )
    for magic, message in FOREIGN:
        if head.startswith(magic) and (b"\0" in head or not magic.isalnum()):  # a text may begin with these letters
            raise UnreadableError("binary", message)
    if HTML_HEAD.match(head):
        return "html"
    if FEED_HEAD.match(head):
        return "feed"
    if CAPTIONS_HEAD.match(head):
        return "captions"
    if TTML_HEAD.match(head):
        return "ttml"
    return "mail" if MAIL_HEAD.match(head.replace(b"\r\n", b"\n")) else None


def read_as(kind: Kind, original: Original) -> list[Part]:
    """What an original holds. Raises UnreadableError, also where the library for it is not installed."""
    form = FORMATS[kind]
    try:
        module = import_module(f"factcheck.inputs.{form.module}")
        reader: Reader = getattr(module, f"read_{kind}")
        return list(reader(original))
    except ModuleNotFoundError as error:
        if str(error.name).startswith("factcheck"):
            raise
        extra = form.extra or "html"
        raise UnreadableError("extra", f"to read it, install: python3 -m pip install 'factcheck[{extra}]'") from None
