"""A desk without a server: requests as a browser sends them, in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from starlette.testclient import TestClient

from factcheck.settings import load_settings
from factcheck.web.app import create_app
from factcheck.web.options import Options

HOME = "http://127.0.0.1:8765"


@contextmanager
def desk(place: str, options: Options | None = None, **settings: Any) -> Iterator[TestClient]:
    """A desk over a ledger, asked as its own pages ask it."""
    options = options or Options()
    app = create_app(place, load_settings(use_cache=False, **settings), options)
    headers = {"accept": "text/html", "origin": options.address, "sec-fetch-site": "same-origin"}
    with TestClient(app, options.address, headers=headers, raise_server_exceptions=False) as client:
        yield client


def csrf(html: str) -> str:
    """What the first form of a page carries."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    return found[1] if found else ""


def sign_in(client: TestClient, name: str, password: str = "") -> httpx2.Response:
    """Sign in through the form."""
    form = {"csrf": csrf(client.get("/login").text), "name": name, "password": password}
    return client.post("/login", data=form, follow_redirects=False)
