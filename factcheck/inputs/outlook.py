"""Read mails as Outlook saves them (.msg)."""

from __future__ import annotations

import struct
from email.utils import parseaddr
from typing import Any

from oxmsg import Message

from factcheck.inputs.article import Original, Part, UnreadableError, canonical
from factcheck.inputs.fragments import text_of
from factcheck.inputs.leftout import LeftOuts, plain, words_only
from factcheck.inputs.letters import MAX_NAME, Letter, compared, parts_of
from factcheck.text.dates import iso_date
from factcheck.text.invisible import line

MAX_SUBJECT = 500
MAX_ATTACHED = 500
SENDER_NAME = 0x0C1A
"""The number of a property of the format."""

BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, LookupError, struct.error, UnicodeError)
"""What the library raises where a file is not what it says."""

CONVERT = "open it in Outlook and save it as .eml or text"


def read_msg(original: Original) -> list[Part]:
    """The articles of a mail of Outlook. Raises UnreadableError."""
    try:
        message = Message.load(original.content)
    except BROKEN:
        raise UnreadableError("damaged", f"is damaged or no mail of Outlook; {CONVERT}") from None
    left = LeftOuts()
    said, shown, notes = _bodies(message, left)
    if not (said or shown):
        raise UnreadableError("empty", f"is a mail without a text that can be read; {CONVERT}")
    takes_html, place = compared(said, words_only(shown), left) if said and shown else (not said, "")
    fields, fields_from = _fields(message)
    people = ", ".join(filter(None, _recipients(message)))
    headers = [f"To: {people}"] if people else []
    text = place + "\n\n" * bool(place) + (shown if takes_html else said)
    return parts_of(Letter(text, fields, fields_from, headers, (), _files(message), notes), left)


def _bodies(message: Any, left: LeftOuts) -> tuple[str, str, list[tuple[str, str]]]:
    said = plain(canonical(_of(message, "body") or ""))
    markup = _of(message, "html_body") or ""
    if not markup:
        return said, "", []
    shown, hidden = text_of(markup, left, cited=True)
    listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
    notes = [("hidden_text", f"text that readers do not see was taken out ({listed})")] if hidden else []
    return said, shown, notes


def _of(message: Any, name: str) -> Any:
    """A property of a mail, or None where the file holds nonsense in its place."""
    try:
        return getattr(message, name)
    except BROKEN:
        return None


def _fields(message: Any) -> tuple[dict[str, str | None], dict[str, str]]:
    headers = _of(message, "message_headers") or {}
    sender = _of(message, "sender") or _sender(message)
    name, address = parseaddr(str(sender)) if sender and "@" in sender else (sender or "", "")
    date = next((value for key, value in headers.items() if key.lower() == "date"), None)
    sent = _of(message, "sent_date")
    published = (iso_date(str(date)) if date else None) or (sent.date().isoformat() if sent else None)
    fields = {
        "title": line(_of(message, "subject"), MAX_SUBJECT),
        "author": line(name or address, MAX_NAME),
        "published": published,
    }
    places = {
        "title": "property subject",
        "author": "property sender",
        "published": "header Date" if date else "property sent",
    }
    return fields, {field: place for field, place in places.items() if fields[field]}


def _sender(message: Any) -> str | None:
    """The name of the sender where no address stands beside it."""
    try:
        return str(message.properties.str_prop_value(SENDER_NAME) or "") or None
    except BROKEN:
        return None


def _recipients(message: Any) -> list[str]:
    people = _of(message, "recipients") or ()
    return [f"{_of(person, 'name') or ''} {_of(person, 'email_address') or ''}".strip() for person in people]


def _files(message: Any) -> list[str]:
    attached = (_of(message, "attachments") or ())[:MAX_ATTACHED]
    return [name for item in attached if (name := line(str(_of(item, "file_name") or ""), MAX_NAME))]
