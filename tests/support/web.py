"""A web server on this machine that answers as it is told, byte for byte."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Page = tuple[int, dict[str, str], bytes]


class Web(ThreadingHTTPServer):
    """Pages by path; remembers the Host and the headers of each request."""

    daemon_threads = True

    def __init__(self, pages: Mapping[str, Page], drip: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = dict(pages)
        self.drip = drip
        self.hosts: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_port

    @property
    def url(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers.get("Host", ""))
        self.server.headers.append(dict(self.headers.items()))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Connection", "close")
        self.end_headers()
        if not self.server.drip:
            self.wfile.write(body)
        for byte in body if self.server.drip else b"":
            self.wfile.write(bytes([byte]))
            if self.server.released.wait(self.server.drip):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


@contextmanager
def serving_pages(pages: Mapping[str, Page], drip: float = 0.0) -> Iterator[Web]:
    """A server for the time of a test; `drip` is the seconds between two bytes of a body."""
    server = Web(pages, drip)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
        time.sleep(0)
