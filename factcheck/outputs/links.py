"""Addresses that documents name, where they are addresses of the web."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
KEPT = ":/?#[]@!$&()*+,;=%~-._"


def address(url: str | None) -> str | None:
    """The address with everything percent-encoded that an address cannot hold, or None if it is not http(s)."""
    if url is None or not ADDRESS.match(url):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return quote(url, safe=KEPT, errors="replace") if host else None
