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
    "odt",
    "rtf",
    "epub",
    "captions",
    "ttml",
    "csv",
    "jsonl",
    "json",
    "feed",
    "mail",
    "msg",
    "mbox",
    "zip",
    "warc",
    "picture",
    "sound",
]


class Format(NamedTuple):
    """How a kind of original is read."""

    media_type: str
    module: str
    suffixes: tuple[str, ...]
    extra: str | None = None
    """What of factcheck-desk[...] installs its library."""
    seconds: float | None = None
    """What reading one may take by the clock, where that is long: pages of pictures take seconds each."""
    sandboxed: bool = False
    """Whether its library needs a process of its own, because it cannot bound itself."""


SCANNING_SECONDS = 1800.0
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[Kind, Format] = {
    "text": Format("text/plain", "plain", (".md", ".markdown", ".txt", ".text")),
    "html": Format("text/html", "pages", (".html", ".htm", ".xhtml"), "html", sandboxed=True),
    "pdf": Format("application/pdf", "pdf", (".pdf",), "pdf", SCANNING_SECONDS, sandboxed=True),
    "docx": Format(WORD, "docx", (".docx", ".docm", ".dotx", ".dotm"), "docx", sandboxed=True),
    "odt": Format("application/vnd.oasis.opendocument.text", "odt", (".odt", ".ott", ".fodt"), "html", sandboxed=True),
    "rtf": Format("application/rtf", "rtf", (".rtf",), sandboxed=True),
    "epub": Format("application/epub+zip", "epub", (".epub",), "html", sandboxed=True),
    "captions": Format("text/vtt", "captions", (".vtt", ".srt", ".sbv", ".ass", ".ssa"), sandboxed=True),
    "ttml": Format("application/ttml+xml", "ttml", (".ttml", ".dfxp", ".itt"), "html", sandboxed=True),
    "csv": Format("text/csv", "tables", (".csv", ".tsv"), sandboxed=True),
    "jsonl": Format("application/jsonl", "tables", (".jsonl", ".ndjson"), sandboxed=True),
    "json": Format("application/json", "objects", (".json", ".jsonld"), sandboxed=True),
    "feed": Format("application/xml", "feeds", (".rss", ".atom", ".xml"), "feeds", sandboxed=True),
    "mail": Format("message/rfc822", "mail", (".eml", ".mhtml", ".mht"), "html", sandboxed=True),
    "msg": Format("application/vnd.ms-outlook", "outlook", (".msg",), "mail", sandboxed=True),
    "mbox": Format("application/mbox", "mailbox", (".mbox", ".mbx"), sandboxed=True),
    "zip": Format("application/zip", "zipped", (".zip", ".wacz"), sandboxed=True),
    "warc": Format("application/warc", "warc", (".warc", ".warc.gz"), "warc", sandboxed=True),
    "picture": Format(
        "image/png", "scans", (".png", ".jpg", ".jpeg", ".tif", ".tiff"), "ocr", SCANNING_SECONDS, sandboxed=True
    ),
    "sound": Format("audio/mpeg", "sound", (".mp3", ".m4a", ".wav", ".ogg", ".oga", ".flac", ".mp4", ".webm")),
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
NAMED_ONLY = frozenset({".xml", ".json", ".jsonld", ".zip"}).union(
    FORMATS["picture"].suffixes, FORMATS["sound"].suffixes
)
"""What is read where it is named, and not looked for in folders: it is seldom an article, or costs time or money."""

IN_FOLDERS = frozenset(SUFFIXES) - NAMED_ONLY
"""Endings of what is read from a folder."""

MEDIA_TYPES: dict[str, Kind] = {
    **{form.media_type: kind for kind, form in FORMATS.items()},
    "application/xhtml+xml": "html",
    "application/x-pdf": "pdf",
    **dict.fromkeys(("image/png", "image/jpeg", "image/tiff"), "picture"),
    **dict.fromkeys(SOUND_TYPES.values(), "sound"),
    "multipart/related": "mail",
    "text/markdown": "text",
    "text/x-markdown": "text",
    "text/rtf": "rtf",
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
    | {"application/gzip", "application/x-gzip"}
)
"""Types that servers declare for want of a better one: what the bytes say counts more."""

CERTAIN: dict[Kind, frozenset[Kind]] = {
    "text": frozenset({"pdf", "docx", "odt", "epub", "captions"}),
    "feed": frozenset({"ttml", "odt"}),
    "zip": frozenset({"docx", "odt", "epub"}),
}
"""Beginnings that count more than an ending: no file of that kind begins like that."""

XML_HEAD = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--(?>.*?-->)\s*)*)"
HTML_HEAD = re.compile(XML_HEAD + rb"(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL)
FEED_HEAD = re.compile(
    XML_HEAD + rb"(?:<!doctype[^>]*>\s*)?<(?:rss|feed|rdf:rdf|urlset|sitemapindex)[\s>]", re.IGNORECASE | re.DOTALL
)
CAPTIONS_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:WEBVTT(?:\s|$)|\s*1\s*\r?\n\d{1,2}:\d{2}:\d{2}[,.]\d{1,3} --> |\[Script Info\])"
)
TTML_HEAD = re.compile(XML_HEAD + rb"<(?:\w+:)?(?:tt|transcript|timedtext)[\s>]", re.IGNORECASE | re.DOTALL)
FODT_HEAD = re.compile(XML_HEAD + rb"<office:document[\s>]", re.DOTALL)
JSON_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*\{\s*")')
MBOX_HEAD = re.compile(rb"From \S+ [^\n]*\d{4}\r?\n[!-9;-~]+:")
MAIL_HEAD = re.compile(
    rb"(?:(?:received|return-path|delivered-to|from|to|cc|date|subject|message-id|mime-version):"
    rb"[^\n]*\n(?:[ \t][^\n]*\n)*){3}",
    re.IGNORECASE,
)
LOOKED_AT = 2048
"""Bytes in which a beginning is looked for; PDF allows 1,024 before its head."""

BEGINNINGS: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (HTML_HEAD, "html"),
    (FEED_HEAD, "feed"),
    (CAPTIONS_HEAD, "captions"),
    (TTML_HEAD, "ttml"),
    (FODT_HEAD, "odt"),
    (re.compile(rb"\s*\{\\rtf"), "rtf"),
    (re.compile(rb"WARC/\d"), "warc"),
    (JSON_HEAD, "json"),
    (MBOX_HEAD, "mbox"),
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old files of Office begin, mails of Outlook among them."""

MSG_INSIDE = "__substg1.0_".encode("utf-16-le")
ZIPPED = (
    (b"mimetypeapplication/epub+zip", "epub"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "odt"),
)
OTHER_OFFICE = (
    (b"xl/", "is a spreadsheet; save it as .csv"),
    (b"ppt/", "is a presentation; save it as .pdf or text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "is a spreadsheet; save it as .csv"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "is no text; save it as .pdf or text"),
)
FOREIGN = (
    (OLE, "is an old Office file or an encrypted one; save it as .docx without a password"),
    (b"GIF8", "is a picture; save it as .png to have its words recognised"),
    (b"\x1f\x8b", "is compressed; unpack it first"),
    (b"7z\xbc\xaf", "is an archive; unpack it first"),
    (b"Rar!\x1a", "is an archive; unpack it first"),
)
ENDING = re.compile(r"\.[a-z][a-z0-9_]{0,11}")
"""What is an ending, and not the rest of a name such as `St. Mary` or `release 4.3.2024`."""

SOUNDS = re.compile(
    rb"ID3|OggS|fLaC|RIFF....WAVE|\x1aE\xdf\xa3|\xff[\xfb\xf3\xf2]|....ftyp(?:iso|mp4|M4A |M4V |qt  |dash|avc1)",
    re.DOTALL,
)
"""How recordings begin."""

PICTURES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}
"""Media types of pictures, by how they begin."""

MEDIA: frozenset[Kind] = frozenset({"picture", "sound"})
OF_THEIR_OWN = MEDIA | {"pdf", "docx"}
"""What begins in a way that nothing else does, whatever it is declared to be."""


def kind_of(original: Original) -> Kind:
    """What an original is. Raises UnreadableError for what cannot be read at all."""
    named = named_kind(original.place)
    begins = _by_beginning(original.content, named)
    declared = original.media_type
    if declared is not None and declared not in VAGUE:
        kind = MEDIA_TYPES.get(declared)
        if kind is None and begins is None:
            raise UnreadableError("unsupported", f"is {declared[:80]}, which is not read; save its text to a file")
        return begins if begins in OF_THEIR_OWN or kind is None else kind  # type: ignore[return-value]
    if begins and (named is None or begins in MEDIA or begins in CERTAIN.get(named, ())):
        return begins
    if named is None and original.url is None and declared is None:
        _refuse_unknown(original.place, original.content)
    return named or "text"


def named_kind(place: str) -> Kind | None:
    """The kind that the ending of a name stands for."""
    name = place.split("?", maxsplit=1)[0].lower()
    return "warc" if name.endswith(".warc.gz") else SUFFIXES.get(PurePath(name).suffix)


def _refuse_unknown(place: str, content: bytes) -> None:
    """Raises UnreadableError where an ending is not known and the bytes are no plain words either."""
    ending = unknown_ending(place)
    if ending and content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"<", b"{", b"["}:
        raise UnreadableError(
            "unsupported", f"ends in {ending}, which is not known, and is no plain text; save its text as .txt"
        )


def unknown_ending(place: str) -> str | None:
    """The ending of a name, if it has one and it is not known here."""
    ending = PurePath(place).suffix.lower()
    return ending if named_kind(place) is None and ENDING.fullmatch(ending) else None


def _by_beginning(content: bytes, named: Kind | None) -> Kind | None:
    head = content[:LOOKED_AT]
    if medium := _medium(head):
        return medium
    if head.startswith(b"PK\x03\x04"):
        return _zipped(content, named)
    if head.startswith(OLE) and (named == "msg" or MSG_INSIDE in content):
        return "msg"
    for magic, message in FOREIGN:
        is_gzip = magic == b"\x1f\x8b" and named == "warc"
        if head.startswith(magic) and not is_gzip and (b"\0" in head or not magic.isalnum()):
            raise UnreadableError("binary", message)  # (a text may begin with these letters)
    for pattern, kind in BEGINNINGS:
        if pattern.match(head):
            return kind
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


def _zipped(content: bytes, named: Kind | None) -> Kind:
    """What a zip archive is: a document of an office program, a book, or files."""
    head, tail = content[:LOOKED_AT], content[-65_536:]
    if named == "docx" or b"word/" in head or b"word/document.xml" in tail:
        return "docx"
    for magic, kind in ZIPPED:
        if head[30:].startswith(magic):
            return kind  # type: ignore[return-value]
    for magic, message in OTHER_OFFICE:
        if head[30:].startswith(magic) or (magic.endswith(b"/") and b"[Content_Types].xml" in head and magic in tail):
            raise UnreadableError("binary", message)
    if named == "text":
        raise UnreadableError("binary", "is an archive or another office format; unpack it, or save it as text")
    return named if named in {"odt", "epub"} else "zip"


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
        install = f"python3 -m pip install 'factcheck-desk[{extra}]'"
        raise UnreadableError("extra", f"to read it, install: {install}") from None
