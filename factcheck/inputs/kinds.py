"""Tell what an original is, by what was declared, how its name ends and how it begins; and find its reader."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import Literal, NamedTuple

from factcheck.inputs.article import Original, Part, Reader, UnreadableError

Kind = Literal["text", "html", "pdf", "docx", "captions", "csv", "jsonl", "feed", "mail", "picture", "sound"]


class Format(NamedTuple):
    """How a kind of original is read."""

    media_type: str
    module: str
    suffixes: tuple[str, ...]
    extra: str | None = None
    """What of factcheck[...] installs its library."""
    seconds: float | None = None
    """What reading one may take by the clock, where that is long: pages of pictures take seconds each."""
    sandboxed: bool = False
    """Whether its library needs a process of its own, because it cannot bound itself."""


SCANNING_SECONDS = 1800.0
FORMATS: dict[Kind, Format] = {
    "text": Format("text/plain", "plain", (".md", ".markdown", ".txt", ".text")),
    "html": Format("text/html", "pages", (".html", ".htm", ".xhtml"), "html", sandboxed=True),
    "pdf": Format("application/pdf", "pdf", (".pdf",), "pdf", SCANNING_SECONDS, sandboxed=True),
    "picture": Format(
        "image/png", "scans", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), "ocr", SCANNING_SECONDS, sandboxed=True
    ),
    "docx": Format(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
        (".docx",),
        "docx",
        sandboxed=True,
    ),
    "sound": Format("audio/mpeg", "sound", (".mp3", ".m4a", ".wav", ".ogg", ".oga", ".flac", ".mp4", ".webm")),
    "captions": Format("text/vtt", "captions", (".vtt", ".srt")),
    "csv": Format("text/csv", "tables", (".csv", ".tsv")),
    "jsonl": Format("application/jsonl", "tables", (".jsonl", ".ndjson")),
    "feed": Format("application/xml", "feeds", (".rss", ".atom", ".xml"), "html", sandboxed=True),
    "mail": Format("message/rfc822", "mail", (".eml", ".mhtml", ".mht"), sandboxed=True),
}
SOUND_TYPES = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
SUFFIXES: dict[str, Kind] = {suffix: kind for kind, form in FORMATS.items() for suffix in form.suffixes}
IN_FOLDERS = frozenset(SUFFIXES) - {".xml", *FORMATS["picture"].suffixes, *FORMATS["sound"].suffixes}
"""What is read from a folder; XML there is seldom a feed, pictures are seldom pages, recordings cost
money, and a file that is named may end
in anything."""

MEDIA_TYPES: dict[str, Kind] = {
    **{form.media_type: kind for kind, form in FORMATS.items()},
    "application/xhtml+xml": "html",
    "application/x-pdf": "pdf",
    **dict.fromkeys(("image/png", "image/jpeg", "image/tiff"), "picture"),
    **dict.fromkeys(SOUND_TYPES.values(), "sound"),
    "multipart/related": "mail",
    "text/markdown": "text",
    "text/x-markdown": "text",
    "application/x-subrip": "captions",
    "text/srt": "captions",
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

XML_HEAD = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
HTML_HEAD = re.compile(XML_HEAD + rb"(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL)
FEED_HEAD = re.compile(
    XML_HEAD + rb"(?:<!doctype[^>]*>\s*)?<(?:rss|feed|rdf:rdf|urlset|sitemapindex)[\s>]", re.IGNORECASE | re.DOTALL
)
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
    (b"GIF8", "is a picture; save it as .png to have its words recognised"),
    (b"\x1f\x8b", "is compressed; unpack it first"),
    (b"7z\xbc\xaf", "is an archive; unpack it first"),
    (b"Rar!\x1a", "is an archive; unpack it first"),
)


SOUNDS = re.compile(
    rb"ID3|OggS|fLaC|RIFF....WAVE|\x1aE\xdf\xa3|\xff[\xfb\xf3\xf2]|....ftyp(?:iso|mp4|M4A |M4V |qt  |dash|avc1)",
    re.DOTALL,
)
"""How recordings begin."""

OF_THEIR_OWN = frozenset({"pdf", "docx", "picture", "sound"})
"""What begins in a way that nothing else does, whatever it is called."""

PICTURES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}
"""Media types of pictures, by how they begin."""


def kind_of(original: Original) -> Kind:
    """What an original is. Raises UnreadableError for what cannot be read at all."""
    named = SUFFIXES.get(PurePath(original.place.split("?", maxsplit=1)[0]).suffix.lower())
    begins = _by_beginning(original.content, named)
    declared = original.media_type
    if declared is not None and declared not in VAGUE:
        kind = MEDIA_TYPES.get(declared)
        if kind is None and begins is None:
            raise UnreadableError("unsupported", f"is {declared[:80]}, which is not read; save its text to a file")
        return begins if begins in OF_THEIR_OWN or kind is None else kind  # type: ignore[return-value]
    if named in {None, "text"} and begins and (named is None or begins in OF_THEIR_OWN):
        return begins
    return named or "text"


def _by_beginning(content: bytes, named: Kind | None) -> Kind | None:
    head = content[:LOOKED_AT]
    if medium := _medium(head):
        return medium
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
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return "captions"
    return "mail" if MAIL_HEAD.match(head.replace(b"\r\n", b"\n")) else None


def _medium(head: bytes) -> Kind | None:
    """What is no text at all: pages, a picture, a recording."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(tuple(PICTURES)):
        return "picture"
    return "sound" if SOUNDS.match(head) and b"\0" in head else None


def media_type_of(kind: Kind, original: Original) -> str:
    """What the original turned out to be; what was declared where that says more."""
    declared = original.media_type
    is_markdown = kind == "text" and original.place.lower().endswith((".md", ".markdown"))
    if is_markdown or declared in {"text/markdown", "text/x-markdown"}:
        return "text/markdown"
    if kind == "sound":
        suffix = PurePath(original.place.split("?", maxsplit=1)[0]).suffix.lower()
        return SOUND_TYPES.get(suffix, declared or "audio/mpeg")
    if kind == "picture":
        return next((name for head, name in PICTURES.items() if original.content.startswith(head)), "image/png")
    return declared if kind == "feed" and declared else FORMATS[kind].media_type


def read_as(kind: Kind, original: Original) -> list[Part]:
    """What an original holds. Raises UnreadableError, also where the library for it is not installed."""
    form = FORMATS[kind]
    try:
        module = import_module(f"factcheck.inputs.{form.module}")
    except ModuleNotFoundError as error:
        if form.extra is None or str(error.name).startswith("factcheck"):
            raise
        raise UnreadableError(
            "extra", f"to read it, install: python3 -m pip install 'factcheck[{form.extra}]'"
        ) from None
    reader: Reader = getattr(module, f"read_{kind}")
    return list(reader(original))
