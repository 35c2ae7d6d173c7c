"""Runs with marked secrets at an endpoint that gives them back, and a search for them in all that was left behind."""

from __future__ import annotations

import base64
import html
import itertools
import json
import os
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

import sqlalchemy
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.llm import batch
from factcheck.redaction import forget_secrets
from tests.attacks import canary_ways
from tests.support.odd_endpoints import encodings
from tests.support.scripted import completed, draft, extracted, source

SECRETS = {
    "key": "sk-canary/Kq7+Zp2==x",
    "password": "p4ss&word-Canary",
    "query": "tok-Canary.91~Q",
    "google": "AIza-canary/9+Gx=Q",
    "brave": "BSA-canary~3&vVw.7",
    "hook": "hooks/T0PCanary/B7xx/Zq8-4711",
    "signature": "whsec_Q2FuYXJ5LW9mLXRoZS1ob29rLTQ3MTE=",
}
SAMPLE = 11


class Case(NamedTuple):
    """Where a secret is given back, in which form, which secret, and by which command."""

    place: str
    form: str
    secret: str
    command: str


class Reply(NamedTuple):
    """A response: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes


Place = Callable[[str, str], Reply]
"""From a secret in some form, as it stands inside of a JSON string, and the schema's name to a response."""


def said(text: str) -> str:
    """A JSON string around text that is already escaped."""
    return '"' + text + '"'


def failing(status: int, shape: str = '{"error": {"message": %s}}', **headers: str) -> Place:
    """A status with the secret in its body."""
    return lambda form, name: Reply(status, headers, (shape % said(f"bad {form} here")).encode("utf-8", "replace"))


def content(form: str, name: str) -> str:
    """A right answer with the secret in every text of it."""
    value = extracted([source(1, "Ida Strand", role="SECRET")], [draft(1, by=1, topic="SECRET", notes=["x = SECRET"])])
    empty = completed(name, {})
    return json.dumps(value if name.startswith("extract") else empty).replace("SECRET", form)


def answering(form: str, name: str) -> Reply:
    """An answer that repeats the secret in its texts."""
    return Reply(200, {"openai-version": "1"}, message({"content": content(form, name)}))


def message(fields: dict[str, Any], **more: Any) -> bytes:
    """A completion's body."""
    return json.dumps({"model": "m", "choices": [{"finish_reason": "stop", "message": fields}], **more}).encode()


def streamed(form: str, name: str) -> Reply:
    """An answer in pieces that cut the secret."""
    whole = content(form, name)
    pieces = [whole[i : i + 5] for i in range(0, len(whole), 5)]
    lines = "".join(f"data: {json.dumps({'choices': [{'delta': {'content': p}}]})}\n\n" for p in pieces)
    return Reply(200, {"content-type": "text/event-stream"}, lines.encode())


def header_safe(form: str) -> str:
    """What can stand in a header at all."""
    return "".join(c for c in form if " " <= c <= "~")


PLACES: dict[str, Place] = {
    **{f"status {n}": failing(n) for n in (400, 401, 403, 404, 409, 422, 429, 500, 503)},
    "status 400 as detail": failing(400, '{"detail": [{"msg": %s}]}'),
    "status 500 as text": lambda form, name: Reply(500, {}, f"oops {form}".encode("utf-8", "replace")),
    "error inside 200": failing(200),
    "error inside 200 as text": failing(200, '{"error": %s}'),
    "refusal": lambda form, name: Reply(
        200, {}, message({"content": None}).replace(b"null", said(form).encode()).replace(b'"content"', b'"refusal"')
    ),
    "no JSON": lambda form, name: Reply(200, {}, f"<html>{form}</html>".encode("utf-8", "replace")),
    "UTF-16": lambda form, name: Reply(200, {}, form.encode("utf-16-le", "replace")),
    "a moved address": lambda form, name: Reply(308, {"location": f"https://x.example/{header_safe(form)}"}, b""),
    "headers": lambda form, name: answering(form, name)._replace(headers={"openai-version": header_safe(form)}),
    "model": lambda form, name: Reply(
        200, {}, message({"content": content("x", name)}).replace(b'"m"', said(form).encode())
    ),
    "answer": answering,
    "stream": streamed,
    "malformed answer": lambda form, name: Reply(200, {}, message({"content": f'{{"{form}": 1}}'})),
    "unknown kind": lambda form, name: Reply(
        200, {}, message({"content": json.dumps(extracted([], [draft(1, kind="K")])).replace("K", form)})
    ),
}
LOOKED_INTO = ("evidence", "The ferry will stop in May.", "--allow-private", "--format", "json", "--evidence")
COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("check", "a.md", "b.md", "--ledger", "desk.db", "--format", "json"),
    "text": ("check", "a.md", "b.md", "--format", "text"),
    "page": ("check", "a.md", "--out", "page.html"),
    "record": ("extract", "a.md", "--record", "tape", "--format", "sarif", "--out", "out.sarif"),
    "doctor": ("doctor",),
    "google": (*LOOKED_INTO, "google:HOME/v1/claims:search"),
    "brave": (*LOOKED_INTO, "brave:HOME/res/search"),
    "searxng": (*LOOKED_INTO, "searxng:WITHIN/sx?token=QUERY"),
    "wikipedia": (*LOOKED_INTO, "wikipedia:WITHIN/w/api.php"),
    "claimreview": (*LOOKED_INTO, "claimreview:WITHIN/reviews.json?token=QUERY"),
    "evidence": ("check", "a.md", "--ledger", "desk.db", "--evidence", "google:HOME/g", "--evidence", "searxng:HOME"),
    "webhook": ("check", "a.md", "--ledger", "told.db", "--format", "json"),
    "batch": ("check", "a.md", "b.md", "--ledger", "desk.db", "--batch", "--format", "json"),
    "watch": ("watch", "run", "--once", "--allow-private", "--ledger", "watched.db"),
    **dict.fromkeys(("desk", "api", "mcp", "ledger", "keys", "worker"), ()),
}
WAYS: dict[str, Callable[[str], dict[str, str]]] = {
    "desk": canary_ways.over_desk,
    "api": canary_ways.over_api,
    "mcp": canary_ways.over_mcp,
    "ledger": canary_ways.over_ledger,
    "keys": canary_ways.over_keys,
}


def cases() -> list[Case]:
    """Every place with every form, secrets and commands in turn; more than 500."""
    turn = itertools.cycle(random.Random(7).sample(kinds := [*itertools.product(SECRETS, COMMANDS)], len(kinds)))
    pairs = itertools.product(PLACES, encodings("x"))
    return [Case(place, form, *next(turn)) for place, form in pairs for _ in range(2)]


def sampled(number: int = SAMPLE, *, workers: bool = True) -> list[Case]:
    """The same few of them at every run."""
    return random.Random(18).sample([case for case in cases() if workers or case.command != "worker"], number)


def with_password(place: str) -> str:
    """The address of a database with a secret in it; the servers of tests ask for none."""
    return sqlalchemy.make_url(place).set(password=SECRETS["password"]).render_as_string(hide_password=False)


def _json(data: bytes) -> dict[str, Any]:
    """A request's body; what is no JSON, e.g. a file of a batch, is empty."""
    try:
        return dict(json.loads(data))
    except ValueError:
        return {}


def found(form: str) -> bytes:
    """What services of evidence list, with the secret in every text, in the shapes of all of them at once."""
    review = {"publisher": {"name": "F SECRET"}, "url": "https://f.example/SECRET", "title": "SECRET"}
    page = {"url": "https://f.example/?q=SECRET", "title": "The ferry SECRET", "content": "SECRET"}
    text = "The ferry will stop in May. SECRET"
    value = {
        "claims": [{"text": text, "claimant": "SECRET", "claimReview": [{**review, "textualRating": "SECRET"}]}],
        "results": [page],
        "web": {"results": [page]},
        "unresponsive_engines": [["SECRET", "SECRET"]],
        "query": {
            "search": [{"title": "SECRET", "pageid": 7}],
            "pages": [{"pageid": 7, "title": "SECRET", "extract": text, "revisions": [{"timestamp": "SECRET"}]}],
        },
        "@graph": [{"@type": "ClaimReview", "claimReviewed": text, "author": {"name": "SECRET"}, "url": "SECRET"}],
    }
    return json.dumps(value).replace("SECRET", form).encode("utf-8", "replace")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ThreadingHTTPServer
    reply: Callable[[str], Reply]

    def do_POST(self) -> None:
        body = _json(self.rfile.read(int(self.headers["content-length"])))
        name = ((body.get("response_format") or {}).get("json_schema") or {}).get("name", "extract-v2")
        self._send(type(self).reply("hook" if self.path.startswith("/hooks") else name))

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for key, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(key, value)
        body = reply.body.replace(b"PORT", str(self.server.server_port).encode())
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        reply = FEED if path == "/feed" else PAGE if path == "/a" else type(self).reply("source")
        self._send(reply)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


FEED = Reply(
    200,
    {"content-type": "application/rss+xml"},
    b'<rss version="2.0"><channel><title>E</title><item><link>http://127.0.0.1:PORT/a</link></item></channel></rss>',
)
PAGE = Reply(
    200,
    {"content-type": "text/html"},
    b"<html><body><article><h1>Ferry</h1><p>The ferry will stop in May, Ida Strand said.</p></article></body></html>",
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Quiet: a client went away."""


def reply_of(case: Case, form: str, name: str) -> Reply:
    """The response to a prompt, by its name, or to a service's client."""
    if name == "source" and case.place in {"answer", "model", "stream", "unknown kind"}:
        return Reply(200, {}, found(form))
    return PLACES[case.place](form, name)


@contextmanager
def echoing(case: Case) -> Iterator[int]:
    """A server that gives the secret back; its port."""
    form = encodings(SECRETS[case.secret])[case.form]
    inner = form if case.form in {"JSON escapes", "some JSON escapes", "twice escaped"} else json.dumps(form)[1:-1]
    handler = type("Handler", (_Handler,), {"reply": staticmethod(lambda name: reply_of(case, inner, name))})
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def leaks(case: Case, folder: Path, place: str | None = None) -> list[str]:
    """Where a secret was left behind by one run; empty if nowhere. Workers need an empty PostgreSQL ledger."""
    (folder / "a.md").write_text("The ferry will stop in May, Ida Strand said.", encoding="utf-8")
    (folder / "b.md").write_text("The ferry will never stop, Ida Strand said.", encoding="utf-8")
    before = Path.cwd()
    forget_secrets()
    with echoing(case) as port, patch.dict(os.environ, _environment(folder, port), clear=True):
        os.chdir(folder)
        try:
            shown = _run(case, port, folder, place)
        finally:
            os.chdir(before)
    written = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    written |= {name: text.encode("utf-8", "surrogateescape") for name, text in shown.items()}
    return [f"{place}: {name}" for place, data in written.items() for name, s in SECRETS.items() if holds(data, s)]


def _environment(folder: Path, port: int) -> dict[str, str]:
    """What a desk sets: keys of all services, and a webhook with a secret in its address."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "FACTCHECK_"))}
    return kept | {
        "OPENAI_API_KEY": SECRETS["key"],
        "FACTCHECK_GOOGLE_KEY": SECRETS["google"],
        "FACTCHECK_BRAVE_KEY": SECRETS["brave"],
        "FACTCHECK_WEBHOOK": f"http://127.0.0.1:{port}/{SECRETS['hook']}",
        "FACTCHECK_WEBHOOK_SECRET": SECRETS["signature"],
        "FACTCHECK_CACHE": str(folder / "kept"),
        "FACTCHECK_ATTEMPTS": "1",
        "FACTCHECK_PAUSE": "0",
    }


def _run(case: Case, port: int, folder: Path, place: str | None) -> dict[str, str]:
    """What a command says, by stream or page."""
    within = f"http://desk:{SECRETS['password'].replace('&', '%26')}@127.0.0.1:{port}"
    address = f"{within}/v1?token={SECRETS['query']}"
    if case.command == "worker":
        assert place is not None
        return canary_ways.over_worker(address, with_password(place))
    if case.command in WAYS:
        return WAYS[case.command](address)
    parts = {"HOME": f"http://127.0.0.1:{port}", "WITHIN": within, "QUERY": SECRETS["query"]}
    command = list(COMMANDS[case.command])
    for name, value in parts.items():
        command = [part.replace(name, value) for part in command]
    if case.command == "webhook":
        canary_ways.await_news(folder / "told.db")
    if case.command == "watch":
        CliRunner().invoke(app, ["watch", "add", f"{parts['HOME']}/feed", "--ledger", "watched.db"])
    quick = patch.multiple("factcheck.sources.asking", PAUSE=0.01, LONGEST_WAIT=0.1)
    given = {"FACTCHECK_BASE_URL": address, "FACTCHECK_MODEL": "m"}
    with quick, patch("factcheck.llm.batch.Times", lambda: QUICKLY):
        result = CliRunner().invoke(app, command, env=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return {"stdout": result.stdout, "stderr": result.stderr}


QUICKLY = batch.Times(0.05, 0.02, 0.05, 0.2, 0.02)


TOKEN = re.compile(r"[A-Za-z0-9+/_-]{16,}")


def holds(data: bytes, secret: str) -> bool:
    """Whether a secret can be read out of data, by whoever tries the usual encodings."""
    plain = data.decode("utf-8", "replace")
    seen = {plain}
    for _ in range(4):
        seen |= {decoded for text in seen for decoded in (unquote(text), html.unescape(text), unescaped(text))}
    thin = {re.sub(r"[\x00\u200b]", "", text) for text in seen}
    if any(secret in text for text in thin):
        return True
    core = secret.encode()[3:-3]
    return any(core in inside for token in TOKEN.findall(plain.replace("\\/", "/")) for inside in packed(token))


def unescaped(text: str) -> str:
    """JSON escapes undone, however often they were escaped."""
    return re.sub(
        r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), re.sub(r"\\+(?=[u/])", r"\\", text).replace("\\/", "/")
    )


def packed(token: str) -> Iterator[bytes]:
    """What a run of letters is in base64, from each place where it may begin, and in hexadecimal digits."""
    if re.fullmatch(r"[0-9a-fA-F]+", token):
        yield bytes.fromhex(token[: len(token) // 2 * 2])
    for start in range(4):
        part = token[start:]
        part = part[: len(part) // 4 * 4]
        if part:
            yield base64.b64decode(part.replace("-", "+").replace("_", "/"))
