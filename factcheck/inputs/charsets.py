"""Decode text whose encoding is declared, as programs mean the names of encodings and not as standards do."""

from __future__ import annotations

import codecs
import re

from factcheck.inputs.article import UnreadableError

MEANT = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "iso8859-8-i": "iso8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
}
"""Programs declare the first and write the second, of which the first is a part: so do browsers read them."""

ALIASES = {"iso-8859-8-i": "iso8859-8", "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac_roman", "x-sjis": "cp932"}
UNDEFINED = re.compile("[\udc80-\udcff]")
"""Bytes without a character in Windows-1252, as Python hands them on."""

CONTROLS = re.compile("[\x80-\x9f]")


def decoded(content: bytes, declared: str | None) -> tuple[str, str | None]:
    """The text of bytes, and a line that says so where it was not what was declared. Raises UnreadableError."""
    encoding = _meant(declared or "utf-8")
    if encoding is not None and (text := _tried(content, encoding)) is not None:
        return text, None
    said = f"its text is not {(declared or 'utf-8')[:20]}, as it says"
    for other in ("utf-8", "cp1252"):
        text = _tried(content, other) if other != encoding else None
        if text is not None and (other == "utf-8" or (encoding is not None and _is_plausible(text))):
            return text, f"{said}; it was read as {'UTF-8' if other == 'utf-8' else 'Windows-1252'}"
    raise UnreadableError("encoding", f"{said}; save it as text")


def _is_plausible(text: str) -> bool:
    """Whether a text may be Windows-1252: most of the letters of its languages are those of ASCII."""
    letters = [char for char in text if char.isalpha()]
    return sum(not char.isascii() for char in letters) * 3 <= len(letters)


def header(value: str) -> str:
    """The value of a header of a mail in which Windows-1252 was called Latin-1, or nothing at all."""
    if any("\udc80" <= char <= "\udcff" for char in value):
        raw = value.encode("utf-8", "surrogateescape")
        value = _tried(raw, "utf-8") or raw.decode("cp1252", "replace")
    return CONTROLS.sub(lambda match: match[0].encode("latin-1").decode("cp1252", "ignore"), value)


def _meant(label: str) -> str | None:
    """The codec that is meant by a label; None where there is none."""
    label = ALIASES.get(label.strip().strip("\"'").lower(), label.strip().strip("\"'"))
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return MEANT.get(name, name)


def _tried(content: bytes, encoding: str) -> str | None:
    """The text in this encoding, or None where it is not in it."""
    try:
        text = content.decode(encoding, "surrogateescape" if encoding == "cp1252" else "strict")
    except (UnicodeDecodeError, LookupError):
        return None
    return UNDEFINED.sub(lambda match: chr(ord(match[0]) - 0xDC00), text) if encoding == "cp1252" else text
