"""Read zip archives: each file inside is read on its own."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from pathlib import PurePath

from factcheck.inputs.archives import member, weigh
from factcheck.inputs.article import Inside, Original, Part, Unread, UnreadableError

MAX_BYTES = 80_000_000
"""Of all files of one archive together; they are held in memory."""

MAX_FILE = 60_000_000
IGNORED = re.compile(r"(?:^|/)(?:__MACOSX|\.[^/]+|Thumbs\.db|desktop\.ini)(?:/|$)")
"""What systems put into archives by themselves."""

NOT_WORDS_NAMES = ".css .js .mjs .woff .woff2 .ttf .otf .eot .ico .svg .map .gif .cdx .cdxj .idx "
NOT_WORDS = frozenset(NOT_WORDS_NAMES.split())
"""Parts of saved pages that hold no words."""


def read_zip(original: Original) -> list[Part]:
    """The files of a zip archive. Raises UnreadableError."""
    infos = weigh(original.content, "is a damaged archive; unpack it, or pack it again", code="binary")
    wanted = [info for info in infos if not info.is_dir() and not IGNORED.search(info.filename)]
    wanted = [info for info in wanted if PurePath(info.filename).suffix.lower() not in NOT_WORDS]
    if not wanted:
        raise UnreadableError("empty", "is an archive without files that could be read")
    parts: list[Part] = []
    room = MAX_BYTES
    with zipfile.ZipFile(io.BytesIO(original.content)) as archive:
        for info in sorted(wanted, key=lambda info: info.filename):
            name = _name(info)
            content = member(archive, info.filename, min(MAX_FILE, room)) if room > 0 else None
            if content is None:
                parts.append(
                    Unread("damaged", "is damaged, or longer than a file of an archive may be; unpack it", name)
                )
                continue
            room -= len(content)
            parts.append(Inside(name, content))
    return parts


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a file in an archive; old archives of Windows wrote it in another encoding than they say."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("utf-8")
    return " ".join(name.split())[:200]
