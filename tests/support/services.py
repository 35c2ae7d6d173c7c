"""Services of evidence on this machine, answering as the published documents of their APIs say, or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Request(NamedTuple):
    """What a service was asked."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Reply(NamedTuple):
    """What goes back."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


Service = Callable[[Request], Reply]


class Services(ThreadingHTTPServer):
    """Remembers every request."""

    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.asked: list[Request] = []

    @property
    def url(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own matter."""


class _Handler(BaseHTTPRequestHandler):
    server: Services

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = Request(parts.path, query, {name.lower(): value for name, value in self.headers.items()})
        self.server.asked.append(request)
        reply = self.server.service(request)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


@contextmanager
def serving(service: Service) -> Iterator[Services]:
    """A server for the time of a test."""
    server = Services(service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply in JSON."""
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json; charset=utf-8", **headers})


def page(text: str, title: str) -> Reply:
    """An article on the web."""
    body = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    return Reply(body.encode(), 200, {"Content-Type": "text/html; charset=utf-8"})


PARAGRAPH = (
    "<p>The port of Pellby counted 4,210 ships in 2022, the harbour master said on Monday. That was a tenth more than "
    "in the year before, when ice had closed the sound for six weeks and the ferries stayed at their quays.</p>"
)


def google(request: Request) -> Reply:
    """The Fact Check Tools API."""
    if request.query.get("key") != "google-secret-key":
        error = {
            "code": 400,
            "message": f"API key not valid: {request.query.get('key')}.",
            "status": "INVALID_ARGUMENT",
        }
        return as_json({"error": error}, 400)
    review = {
        "publisher": {"name": "Pellby Facts", "site": "facts.example"},
        "url": "https://facts.example/ships",
        "title": "Did 9,000 ships call at Pellby?",
        "reviewDate": "2023-04-02T00:00:00Z",
        "textualRating": "Exaggerated",
        "languageCode": "en",
    }
    claim = {"text": "9,000 ships called at Pellby", "claimant": "A leaflet", "claimReview": [review]}
    return as_json({"claims": [claim], "nextPageToken": "CAo"})


def brave(request: Request) -> Reply:
    """Brave's Search API; the page that it lists is served as well."""
    if request.path == "/ships":
        return page(PARAGRAPH * 3, "Ships at Pellby")
    if request.headers.get("x-subscription-token") != "brave-secret-token":
        detail = "The provided subscription token is invalid."
        error = {"code": "SUBSCRIPTION_TOKEN_INVALID", "detail": detail, "status": 422}
        return as_json({"type": "ErrorResponse", "error": error}, 422)
    result = {"title": "Ships", "url": f"http://{request.headers['host']}/ships", "page_age": "2023-01-03T10:00:00"}
    return as_json({"type": "search", "web": {"type": "search", "results": [result]}})


def searxng(request: Request) -> Reply:
    """An instance of SearXNG that allows JSON."""
    if request.path == "/ships":
        return page(PARAGRAPH * 3, "Ships at Pellby")
    if request.query.get("format") != "json":
        return Reply(b"<html></html>", 200, {"Content-Type": "text/html"})
    result = {"url": f"http://{request.headers['host']}/ships", "title": "Ships", "content": "…", "engine": "some"}
    return as_json(
        {"query": request.query["q"], "number_of_results": 1, "results": [result], "unresponsive_engines": []}
    )


def mediawiki(request: Request) -> Reply:
    """MediaWiki's API, formatversion 2."""
    if request.query.get("list") == "search":
        return as_json({"batchcomplete": True, "query": {"search": [{"ns": 0, "title": "Pellby", "pageid": 77}]}})
    text = "Pellby is a port.\n\n\nTraffic\nIn 2022 its harbour handled 4,210 ships."
    found = {
        "pageid": 77, "ns": 0, "title": "Pellby", "extract": text, "pagelanguage": "en",
        "revisions": [{"revid": 123456, "parentid": 1, "timestamp": "2024-05-06T07:08:09Z"}],
        "canonicalurl": "https://en.wikipedia.org/wiki/Pellby",
    }  # fmt: skip
    return as_json({"batchcomplete": True, "query": {"pages": [found]}})
