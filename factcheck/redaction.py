"""The one place that keeps secrets out of everything that is printed, kept or raised.

A secret is known by its value from the moment that it is read (a key, a password or a query of an address), and is
found in every encoding that occurs on the way of an answer: escaped for JSON or HTML, encoded for addresses, in base64
or hexadecimal digits, or with characters between that nobody sees.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

MASK = "[secret]"
SHORTEST = 8
"""Characters from which a value is looked for; shorter ones would be found in honest words."""

PLACEHOLDERS = frozenset(
    {"lm-studio", "no-key-required", "sk-no-key-required", "not-needed", "anything", "dummy-key"}
) | {"postgres"}
"""What people set as a key where none is needed, and the name of PostgreSQL's own user."""

UNSEEN = (
    r"(?:[\x00-\x08\x0e-\x1f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]"
    r"|\\{1,8}(?:u(?:00[01].|200[b-f]|206[0-4]|feff)|x00)){0,8}"
)
"""Characters that nobody sees, as such or escaped, between two that one does."""


_known: dict[str, re.Pattern[str]] = {}


def keep_secret(*values: str | None) -> None:
    """From now on these are masked wherever `redacted` looks; short ones and placeholders are not."""
    for value in values:
        if value and len(value) >= SHORTEST and value not in PLACEHOLDERS:
            _known.setdefault(value, _pattern(value))


def keep_secrets_of(address: str) -> None:
    """What lets one in is secret: user, password and the query of an address, of a database's query its passwords."""
    try:
        parts = urlsplit(address)
        given = [unquote(one) for one in (parts.username or "", parts.password or "")]
    except ValueError:
        return
    is_database = parts.scheme.startswith("postgres")  # whose query may name the folder of a socket
    values = [
        value
        for name, value in parse_qsl(parts.query)
        if name != "api-version" and (not is_database or "pass" in name.lower())
    ]
    raw = [one for one in (parts.username, parts.password) if one]
    keep_secret(*given, *raw, *values)


def shown(address: str) -> str:
    """An address without its user, password and query, for messages."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return redacted(address.rsplit("@", 1)[-1].split("?", 1)[0])
    host = f"[{host}]" if ":" in host else host
    query = "…" if parts.query else ""
    return redacted(urlunsplit((parts.scheme, f"{host}{port}", parts.path, query, "")))


def redacted(text: str) -> str:
    """The text with every known secret masked."""
    for pattern in _known.values():
        text = pattern.sub(MASK, text)
    return text


def redacted_bytes(data: bytes) -> bytes:
    """The same for bytes as they came; those without a secret are left byte for byte."""
    if not _known:
        return data
    text = data.decode("utf-8", "surrogateescape")
    clear = redacted(text)
    return data if clear == text else clear.encode("utf-8", "surrogateescape")


def forget_secrets() -> None:
    """Know none, as at the start of the process."""
    _known.clear()


def _pattern(secret: str) -> re.Pattern[str]:
    letters = UNSEEN.join(_letter(character) for character in secret)
    digits = "".join(f"(?i:{byte:02x})" for byte in secret.encode())
    return re.compile("|".join([letters, digits, *_base64(secret)]))


@cache
def _letter(character: str) -> str:
    """A character in all forms in which it may be written."""
    code = ord(character)
    percent = "".join(f"%(?:25){{0,4}}(?i:{byte:02x})" for byte in character.encode("utf-8", "surrogatepass"))
    forms = [
        rf"\\{{0,8}}{re.escape(character)}",
        percent,
        rf"\\{{1,8}}u(?i:{code:04x})",
        rf"&#(?:0{{0,8}}{code}|(?i:x0{{0,8}}{code:x}));?",
    ]
    if code < 256:  # noqa: PLR2004
        forms += [rf"\\{{1,8}}x(?i:{code:02x})", rf"%(?:25){{0,4}}(?i:{code:02x})"]
    return f"(?:{'|'.join(forms)})"


def _base64(secret: str) -> list[str]:
    """What base64 makes of a secret, whatever stands before and after it."""
    data = secret.encode()
    found = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        core = whole[first:last]
        found.append(r"\s{0,8}".join(rf"(?:\\{{0,8}}[{re.escape(c + {'+': '-', '/': '_'}.get(c, ''))}])" for c in core))
    return found
