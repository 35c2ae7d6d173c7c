"""Look into zip archives without unpacking more than a file of their kind can honestly hold."""

from __future__ import annotations

import io
import zipfile
import zlib

from factcheck.inputs.article import UnreadableError

MAX_UNPACKED = 200_000_000
"""Bytes of all parts; pictures are most of it in honest documents."""

MAX_RATIO = 200
"""Times that a part may unpack to; XML packs to a tenth or twentieth."""

MIN_RATIO_BYTES = 5_000_000
"""Below this a high ratio is only a very even file."""

MAX_MEMBERS = 10_000


def weigh(content: bytes, damaged: str, *, code: str = "damaged") -> list[zipfile.ZipInfo]:
    """The parts of an archive, refused where they unpack to too much. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableError(code, damaged) from None
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError("encrypted", "is protected by a password; save it without one")
    steep = any(p.file_size > MIN_RATIO_BYTES and p.file_size > MAX_RATIO * max(1, p.compress_size) for p in parts)
    if steep or sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_MEMBERS:
        raise UnreadableError("bomb", "unpacks to far more than a document can need; it may be built to")
    return parts


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes | None:
    """The bytes of one part, whatever its entry says of its size; None where it is damaged or longer than the limit."""
    try:
        with archive.open(name) as part:
            content = part.read(limit + 1)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return content if len(content) <= limit else None
