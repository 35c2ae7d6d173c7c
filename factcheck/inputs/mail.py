"""Read mails, the text of a press release as it was sent, and pages that a browser saved in the form of a mail."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from email.utils import parseaddr

from factcheck.inputs.article import Article, Original, Part, UnreadableError, canonical
from factcheck.inputs.kinds import read_as
from factcheck.text.invisible import line

SAVED_FROM = "Snapshot-Content-Location"
"""The header with which browsers save a page and its pictures in one file."""

MAX_SUBJECT = 500
MAX_NAME = 200
DOCUMENTS = (".pdf", ".docx", ".doc", ".html", ".txt", ".md", ".odt", ".rtf")
"""Attachments that may hold an article; pictures and signatures do not."""


def read_mail(original: Original) -> list[Part]:
    """The one article of a mail; attachments are named and not read. Raises UnreadableError."""
    message = email.message_from_bytes(original.content, policy=email.policy.default)
    saved = message.get(SAVED_FROM)
    body = message.get_body(preferencelist=("html",) if saved else ("plain", "html"))
    if body is None or not isinstance(body, EmailMessage):
        raise UnreadableError("empty", "is a mail without a text")
    article = _article(body, original)
    if saved:
        address = line(str(saved), MAX_SUBJECT)
        return [article._replace(fields={**article.fields, "url": article.fields.get("url") or address})]
    fields = {**article.fields, **_fields(message)}
    return [article._replace(fields=fields, notes=(*article.notes, *_attached(message)))]


def _article(body: EmailMessage, original: Original) -> Article:
    content = body.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise UnreadableError("empty", "is a mail without a text")
    charset = body.get_content_charset() or "utf-8"
    if body.get_content_type() == "text/html":
        found = read_as("html", Original(original.place, content, "text/html", charset))
        return next(part for part in found if isinstance(part, Article))
    try:
        return Article(canonical(content.decode(charset)).strip())
    except (LookupError, UnicodeDecodeError):
        raise UnreadableError("encoding", f"its text is not {charset[:20]}, as it says; save it as text") from None


def _fields(message: EmailMessage) -> dict[str, str | None]:
    name, address = parseaddr(str(message.get("From", "")))
    sent = getattr(message.get("Date"), "datetime", None)
    return {
        "title": line(str(message.get("Subject", "")), MAX_SUBJECT),
        "author": line(name or address, MAX_NAME),
        "published": sent.date().isoformat() if sent else None,
        "language": line(str(message.get("Content-Language", "")), 20),
    }


def _attached(message: EmailMessage) -> list[tuple[str, str]]:
    names = [line(part.get_filename() or "", MAX_NAME) for part in message.iter_attachments()]
    readable = [name for name in names if name and name.lower().endswith(DOCUMENTS)]
    if not readable:
        return []
    return [("attachment", f"attachments were not read: {', '.join(readable)}; save and name them to read them")]
