"""The few files that pages load: our own styles and scripts, and htmx; all from this desk, none from elsewhere."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from factcheck.outputs.page import ASSETS as PAGE

HERE = Path(__file__).parent / "assets"
FILES = {
    "page.css": PAGE / "page.css",
    "desk.css": HERE / "desk.css",
    "desk.js": HERE / "desk.js",
    "htmx.min.js": HERE / "htmx.min.js",
    "icon.svg": HERE / "icon.svg",
}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file with the name under which browsers may keep it."""

    content: bytes
    kind: str
    digest: str


@cache
def asset(name: str) -> Asset:
    """One of the files. Raises KeyError for another name."""
    content = FILES[name].read_bytes()
    return Asset(content, KINDS[FILES[name].suffix], hashlib.sha256(content).hexdigest()[:12])


def address_of(name: str) -> str:
    """Where pages load a file from; another content has another address."""
    return f"/assets/{name}?v={asset(name).digest}"


async def serve(request: Request) -> Response:
    """A file, to be kept by browsers."""
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("there is no such file\n", 404)
    found = asset(name)
    return Response(found.content, media_type=found.kind, headers={"cache-control": A_YEAR})


ROUTES = (Route("/assets/{name}", serve, name="asset"),)
