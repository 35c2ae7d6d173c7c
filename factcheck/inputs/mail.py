"""Read mails, the text of a press release as it was sent, and pages that a browser saved in the form of a mail."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import NamedTuple

from factcheck.inputs.article import Article, Inside, Original, Part, UnreadableError, canonical
from factcheck.inputs.charsets import decoded, header
from factcheck.inputs.kinds import read_as
from factcheck.inputs.leftout import LeftOuts, plain, words_only
from factcheck.inputs.letters import MAX_NAME, Letter, compared, parts_of
from factcheck.text.dates import iso_date
from factcheck.text.invisible import line

SAVED_FROM = "Snapshot-Content-Location"
"""The header with which browsers save a page and its pictures in one file."""

MAX_SUBJECT = 500
MAX_PARTS = 500
MAX_DEPTH = 30
HEADERS = ("Sender", "To", "Cc", "Reply-To", "Organization")


class Bodies(NamedTuple):
    """What a mail holds, in its order."""

    texts: list[str]
    attached: list[Inside]
    files: list[str]
    notes: list[tuple[str, str]]


def read_mail(original: Original) -> list[Part]:
    """The articles of a mail: its own, earlier ones that it quotes, attached ones. Raises UnreadableError."""
    message = email.message_from_bytes(original.content, policy=email.policy.compat32)
    if address := _header(message, SAVED_FROM):
        return [_saved_page(original, line(address, MAX_SUBJECT))]
    left = LeftOuts()
    bodies = Bodies([], [], [], [])
    _gather(message, bodies, left)
    if not (bodies.texts or bodies.attached):
        raise UnreadableError("empty", "is a mail without a text")
    fields, fields_from = _fields(message)
    headers = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name))]
    text = "\n\n".join(text.strip("\n") for text in bodies.texts if text)
    letter = Letter(text, fields, fields_from, headers, bodies.attached, bodies.files, bodies.notes)
    return parts_of(letter, left)


def _saved_page(original: Original, address: str | None) -> Article:
    message = email.message_from_bytes(original.content, policy=email.policy.default)
    body = message.get_body(preferencelist=("html",))
    if not isinstance(body, EmailMessage):
        raise UnreadableError("empty", "is a saved page without a page")
    content = body.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    found = read_as("html", Original(original.place, content, "text/html", body.get_content_charset() or "utf-8"))
    page = next(part for part in found if isinstance(part, Article))
    return page._replace(fields={**page.fields, "url": page.fields.get("url") or address})


def _gather(message: Message, bodies: Bodies, left: LeftOuts) -> None:
    """Go through the parts of a mail; which one of several equal ones is read is decided on the way."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        if part.get_content_type() == "message/rfc822":
            bodies.attached.append(_attached(part, len(bodies.attached) + 1))
        elif part.get_content_type() == "multipart/alternative" and depth < MAX_DEPTH:
            waiting += [(inner, depth + 1) for inner in reversed(_chosen(part, bodies, left))]
        elif part.is_multipart():
            inner_parts = [inner for inner in part.get_payload() if isinstance(inner, Message)]
            if depth < MAX_DEPTH:
                waiting += [(inner, depth + 1) for inner in reversed(inner_parts)]
        elif _is_text(part):
            bodies.texts.append(_text(part, bodies, left))
        else:
            bodies.files.extend(_names(part))


def _attached(part: Message, number: int) -> Inside:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    content = inner.as_bytes(policy=email.policy.compat32) if isinstance(inner, Message) else b""
    names = _names(part)
    return Inside(names[0] if names else f"attached mail {number}", content, "message/rfc822")


def _chosen(part: Message, bodies: Bodies, left: LeftOuts) -> list[Message]:
    """The one of several versions that is read: the plain text, unless it only stands in place of the HTML."""
    inner = [item for item in part.get_payload() if isinstance(item, Message)]
    plains = [item for item in inner if item.get_content_type() == "text/plain"]
    rich = [item for item in inner if any(w.get_content_type() == "text/html" for w in item.walk())]
    if not plains or not rich:
        return plains[:1] or rich[-1:] or inner[-1:]
    page = next(item for item in rich[-1].walk() if item.get_content_type() == "text/html")
    said, shown = _text(plains[0], bodies, LeftOuts()), words_only(_text(page, Bodies([], [], [], []), LeftOuts()))
    rest = [item for item in rich[-1].walk() if not item.is_multipart() and item is not page]
    takes_html, place = compared(said, shown, left)
    bodies.texts.append(place)
    return [rich[-1]] if takes_html else [plains[0], *rest]


def _is_text(part: Message) -> bool:
    is_file = part.get_content_disposition() == "attachment"
    return part.get_content_type() in {"text/plain", "text/html"} and not is_file


def _text(part: Message, bodies: Bodies, left: LeftOuts) -> str:
    """The text of a part, with places for what of it is left out."""
    content = part.get_payload(decode=True)
    charset = part.get_content_charset()
    text, note = decoded(content if isinstance(content, bytes) else b"", charset)
    if note:
        bodies.notes.append(("charset", note))
    if part.get_content_type() == "text/html":
        from factcheck.inputs.fragments import text_of  # noqa: PLC0415  (the library for HTML is an extra)

        found, hidden = text_of(text, left, cited=True)
        if hidden:
            listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
            bodies.notes.append(("hidden_text", f"text that readers do not see was taken out ({listed})"))
        return found
    text = plain(canonical(text))
    return _flowed(text, part) if str(part.get_param("format", "")).lower() == "flowed" else text


def _flowed(text: str, part: Message) -> str:
    """Paragraphs whose lines were broken for sending in one line each again (RFC 3676)."""
    deletes = str(part.get_param("delsp", "")).lower() == "yes"
    lines: list[str] = []
    is_open, depth = False, 0
    for row in text.split("\n"):
        said = row.lstrip(">")
        level = len(row) - len(said)
        said = said.removeprefix(" ")
        if is_open and level == depth and said != "-- ":
            lines[-1] = (lines[-1].removesuffix(" ") if deletes else lines[-1]) + said
        else:
            lines.append(">" * level + " " * bool(level) + said)
        is_open, depth = said.endswith(" ") and said != "-- ", level
    return "\n".join(row if row == "-- " else row.rstrip(" ") for row in lines)


def _names(part: Message) -> list[str]:
    try:
        name = part.get_filename()
    except (ValueError, LookupError):
        name = None
    shown = line(_unfolded(name or ""), MAX_NAME)
    return [shown] if shown else []


def _fields(message: Message) -> tuple[dict[str, str | None], dict[str, str]]:
    name, address = parseaddr(_header(message, "From"))
    date = _header(message, "Date")
    found = {
        "title": line(_header(message, "Subject"), MAX_SUBJECT),
        "author": line(name or address, MAX_NAME),
        "published": iso_date(date) if date else None,
        "language": line(_header(message, "Content-Language"), 20),
    }
    places = {"title": "Subject", "author": "From", "published": "Date", "language": "Content-Language"}
    return found, {field: f"header {place}" for field, place in places.items() if found[field]}


def _header(message: Message, name: str) -> str:
    """A header as a person reads it."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), None)
    return _unfolded(str(raw)) if raw is not None else ""


def _unfolded(value: str) -> str:
    from email.header import decode_header  # noqa: PLC0415

    pieces = []
    try:
        found = decode_header(re.sub(r"\r?\n[ \t]+", " ", value))
    except (ValueError, LookupError):
        found = [(value, None)]
    for text, charset in found:
        if isinstance(text, bytes):
            try:
                pieces.append(decoded(text, charset or "us-ascii")[0])
            except UnreadableError:
                pieces.append(text.decode("ascii", "replace"))
        else:
            pieces.append(header(text))
    return header("".join(pieces)).strip()
