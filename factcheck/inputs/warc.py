"""Read web archives (WARC): each saved page is read on its own, with its address and the time it was saved."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from factcheck.inputs.article import Inside, Original, Part, Unread, UnreadableError
from factcheck.inputs.charsets import header

MAX_BYTES = 80_000_000
"""Of all pages of one archive together; they are held in memory."""

MAX_FILE = 60_000_000
READABLE = re.compile(r"text/(?:html|plain|markdown)|application/(?:xhtml\+xml|pdf|json|ld\+json|.*wordprocessingml.*)")
MAX_RECORDS = 200_000


def read_warc(original: Original) -> list[Part]:
    """The pages of a web archive, with the addresses and times at which they were saved. Raises UnreadableError."""
    found: list[Part] = []
    others, room = 0, MAX_BYTES
    try:
        for record in _records(original.content):
            part = _page(record, min(MAX_FILE, room))
            others += part is None
            found += [part] if part else []
            room -= len(part.content) if isinstance(part, Inside) else 0
            if room <= 0:
                found.append(Unread("limit", f"holds more than {MAX_BYTES:,} bytes of pages; the rest was not read"))
                break
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error, OSError, KeyError, AttributeError, UnicodeError):
        if not found:
            raise UnreadableError("damaged", "is damaged or no web archive (WARC)") from None
        found.append(Unread("damaged", f"is damaged after {len(found)} pages; what follows was not read"))
    if not found:
        raise UnreadableError("empty", f"is a web archive without pages ({others} other records)")
    return found


def _records(content: bytes) -> Iterator[Any]:
    for n, record in enumerate(ArchiveIterator(io.BytesIO(content), no_record_parse=False)):
        if n >= MAX_RECORDS:
            return
        yield record


def _page(record: Any, limit: int) -> Inside | Unread | None:
    """The page of a record that holds an answer with words, or None."""
    if record.rec_type not in {"response", "resource"}:
        return None
    headers = record.http_headers
    if headers is not None and not headers.get_statuscode().startswith("2"):
        return None
    declared = (headers.get_header("Content-Type") if headers else record.rec_headers.get_header("Content-Type")) or ""
    media_type, _, rest = declared.partition(";")
    if not READABLE.fullmatch(media_type.strip().lower()):
        return None
    address = _address(record)
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", rest, re.IGNORECASE)
    content = record.content_stream().read(limit + 1)
    if len(content) > limit:
        return Unread("too_long", "is longer than a page of an archive may be; save it on its own", address)
    return Inside(
        header(address)[:200],
        content,
        media_type.strip().lower(),
        charset[1] if charset else None,
        address if address.startswith(("http://", "https://")) else None,
        record.rec_headers.get_header("WARC-Date"),
    )


def _address(record: Any) -> str:
    return (record.rec_headers.get_header("WARC-Target-URI") or "page").strip("<> ")
