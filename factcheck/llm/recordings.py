"""Requests and answers as readable files: record, replay, and a cache between runs.

One JSON file a request, under its prompt's name. The key covers everything that shapes an answer; the
response body is kept as it came. Recordings are httpx2 transports under the openai client, so live,
record and replay differ here only.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from factcheck.errors import ModelError
from factcheck.llm.completions import error_inside
from factcheck.llm.misses import changes, differing, nearest, shown
from factcheck.llm.responses import form_of, is_embedding, is_request, messages_of
from factcheck.redaction import redacted

FORMAT = "factcheck.recording/1"
REPLAYED = "x-factcheck-replayed"
ASKED = "factcheck_asked"
"""The extension of a request to a source of evidence that holds what identifies it: its parameters without keys."""

SEARCHES_LAST = datetime.timedelta(days=1)
"""How long the cache answers for a source of evidence; what the web holds changes, what a model says does not."""

FROM_CACHE, FROM_RECORDING = "cache", "recording"
KEPT_HEADERS = ("content-type", "openai-model", "openai-processing-ms", "openai-version")
NOT_IN_KEY = frozenset(
    {
        "stream",
        "user",
        "metadata",
        "service_tier",
        "store",
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
    }
)
"""What shapes no answer; a limit of the output only ends it, and what was cut off is asked for again."""

SCHEMA_NAME = re.compile(r"^The JSON schema of the answer, ([a-z-]+-v\d+):$", re.MULTILINE)
RESPONSES = "v1/responses"


class Request(NamedTuple):
    """What identifies a request: the end of its path and the parts of its body that shape the answer."""

    path: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """24 hex digits; the same request has the same key on every machine."""
        canonical = json.dumps([self.path, self.body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    @property
    def prompt(self) -> str:
        """The prompt's name and version, from the name of the answer's schema, wherever that is sent."""
        if is_embedding(self.body):
            return "embeddings"
        if "sound" in self.body:
            return "transcriptions"
        if "source" in self.body:
            return str(self.body["source"])
        written = SCHEMA_NAME.search(str((messages_of(self.body) or [{}])[0].get("content")))
        return str(form_of(self.body).get("name") or (written and written[1]) or "request").replace("-v", ".v")

    @property
    def name(self) -> str:
        """The file of the answer, within any folder of recordings."""
        return f"{self.prompt}/{self.key}.json"


class Store:
    """A folder of recordings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.played: set[Path] = set()
        self.oldest: str | None = None
        """When the oldest recording that was played had been made (ISO 8601)."""

    def path_of(self, request: Request) -> Path:
        """The file in which the answer to this request is, or would be, kept."""
        return self.folder / request.name

    def load(self, request: Request) -> httpx2.Response | None:
        """The recorded response, or None."""
        path = self.path_of(request)
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            kept = record["response"]
            encoded = kept.get("body_base64")
            body = base64.b64decode(encoded) if encoded is not None else kept["body"].encode("utf-8", "surrogatepass")
            made = record["recorded"]
            age = {"recorded": datetime.datetime.fromisoformat(made)}
            response = httpx2.Response(kept["status"], headers=kept["headers"], content=body, extensions=age)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # a torn or foreign file is no recording; it is replaced when the answer comes
        self.played.add(path)
        self.oldest = min(made, self.oldest or made)
        return response

    def save(self, request: Request, response: httpx2.Response) -> Path:
        """Write the response as it came, whole or not at all, in place of an older one."""
        body: dict[str, str]
        try:
            body = {"body": response.content.decode("utf-8")}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(response.content).decode("ascii")}
        record = {
            "format": FORMAT,
            "prompt": request.prompt,
            "answered_by": _answered_by(response),
            "recorded": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "request": {"path": request.path, **_readable(request.body)},
            "response": {
                "status": response.status_code,
                "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
                **body,
            },
        }
        path = self.path_of(request)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(redacted(json.dumps(record, indent=1, ensure_ascii=False)) + "\n")
        Path(temporary).replace(path)
        return path

    def forget(self, name: str) -> None:
        """Drop an answer that nobody could use, so that it is asked for again."""
        (self.folder / name).unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """All recordings, in a stable order."""
        return sorted(self.folder.glob("*/*.json"))

    def unplayed(self) -> list[Path]:
        """Recordings that nothing asked for since this store was opened."""
        return [path for path in self.files() if path not in self.played]

    def copy_played(self, folder: Path) -> None:
        """Copy every recording that was played, as it is, to another folder of recordings."""
        for path in self.played:
            place = folder / path.relative_to(self.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())

    def models(self) -> set[str]:
        """The models that the recordings were asked of."""
        records = [record for record in map(_read, self.files()) if record]
        return {str(r["request"].get("model")) for r in records if not {"sound", "source"} & r["request"].keys()}

    def explain_miss(self, request: Request) -> str:
        """Why there is no recording: the prompt, the nearest recording of the same text and how it differs."""
        kind = request.prompt.split(".v")[0]
        others = [(path, record) for path in self.files() if (record := _read(path))]
        same = [(str(path.relative_to(self.folder)), r) for path, r in others if r["prompt"].split(".v")[0] == kind]
        if not same:
            return f"no recording of {request.prompt} in {self.folder}; record it with --record {self.folder}"
        wanted = {"path": request.path, **_readable(request.body)}
        best = nearest(wanted, [(name, record["request"]) for name, record in same])
        if best is None:
            few = "the only recording" if len(same) == 1 else f"all {len(same)} recordings"
            return (
                f"no recording for this {request.prompt} request; {few} of {kind} in {self.folder} "
                f"{'is' if len(same) == 1 else 'are'} of other texts; record it with --record {self.folder}"
            )
        parts = ", ".join(differing(best.body, wanted)) or "nothing visible"
        return (
            f"no recording for this {request.prompt} request; the nearest, {best.name}, differs in {parts}; "
            f"record again with --record {self.folder}; what changed: {shown(changes(best.body, wanted))}"
        )


class RecordingTransport(httpx2.AsyncBaseTransport):
    """Plays from a store, asks `inner` for what is not there, and keeps what was paid for, which errors are not.

    With `inner` None nothing reaches the network. With `read` False every request is asked again, and what a source of
    evidence refuses is kept, too, so that a replay tells the same.
    """

    def __init__(self, store: Store, inner: httpx2.AsyncBaseTransport | None, *, read: bool = True) -> None:
        self.store = store
        self.inner = inner
        self.read = read

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer from the store, or live."""
        await request.aread()
        asked = identified(request)
        fresh = self.inner is not None and request.headers.get("cache-control") == "no-cache"
        kept = self.store.load(asked) if self.read and not fresh else None
        if kept is not None and not (self.inner and _is_old(request, kept)):
            kept.headers[REPLAYED] = FROM_CACHE if self.inner else FROM_RECORDING
            return kept
        if self.inner is None:
            raise ModelError("replay_miss", self.store.explain_miss(asked))
        response = await self.inner.handle_async_request(request)
        if response.status_code == httpx2.codes.OK or (ASKED in request.extensions and not self.read):
            await response.aread()  # keep the answer before anyone tries to understand it
            if ASKED in request.extensions or not error_inside(response.content.decode("utf-8", "replace")):
                self.store.played.add(self.store.save(asked, response))
        return response

    async def aclose(self) -> None:
        """Close the live transport."""
        if self.inner is not None:
            await self.inner.aclose()


def recording_name(body: dict[str, Any]) -> str:
    """The name under which the answer to a request is kept, if it is."""
    path = "audio/transcriptions" if "file" in body else "chat/completions"
    path = RESPONSES if is_request(body) else "v1/embeddings" if is_embedding(body) else path
    return Request(path, _shaping(body)).name


def asked_for(path: str, body: dict[str, Any]) -> Request:
    """What identifies the request with this path, of which the last two parts count, and this body."""
    end = RESPONSES if is_request(body) else "/".join(path.rstrip("/").split("/")[-2:])
    return Request(end, _shaping(body))


def _is_old(request: httpx2.Request, kept: httpx2.Response) -> bool:
    """Whether a kept answer is a search's and too old to stand for a new one."""
    made: datetime.datetime = kept.extensions["recorded"]
    return ASKED in request.extensions and datetime.datetime.now(datetime.UTC) - made > SEARCHES_LAST


def identified(request: httpx2.Request) -> Request:
    """What identifies a request as it goes out."""
    if ASKED in request.extensions:
        return Request("search", request.extensions[ASKED])
    kind = request.headers.get("content-type", "")
    body = _form(request.content, kind) if kind.startswith("multipart/") else json.loads(request.content)
    return asked_for(request.url.path, body)


def _form(content: bytes, kind: str) -> dict[str, Any]:
    """The fields of a form; of a file its name and its bytes."""
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    fields: dict[str, Any] = {}
    for part in content.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name, file = (re.search(rf'[; ]{word}="([^"]*)"'.encode(), head) for word in ("name", "filename"))
        value = value.removesuffix(b"\r\n")
        if name:
            key = name[1].decode("utf-8", "replace")
            fields[key] = (file[1].decode("utf-8", "replace"), value) if file else value.decode("utf-8", "replace")
    return fields


def _shaping(body: dict[str, Any]) -> dict[str, Any]:
    """The parts of a request that shape its answer; a recording of sound by its hash, whatever its file is called."""
    if "file" in body:
        sound = hashlib.sha256(body["file"][1]).hexdigest()
        return {"sound": sound, **{k: body[k] for k in ("model", "language", "response_format") if body.get(k)}}
    return {k: v for k, v in body.items() if k not in NOT_IN_KEY}


def _readable(body: dict[str, Any]) -> dict[str, Any]:
    """The request with its messages as lists of lines, so that a change reads as a diff."""
    name = _messages_name(body)
    if name is None:
        return body
    split = {**body, name: [{**m, "content": str(m["content"]).split("\n")} for m in body[name]]}
    return {**split, "instructions": str(body["instructions"]).split("\n")} if is_request(body) else split


def _messages_name(body: dict[str, Any]) -> str | None:
    """What a request calls its messages; None where it has none."""
    return "input" if is_request(body) else "messages" if "messages" in body else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        complete = (
            record["format"] == FORMAT
            and record["prompt"]
            and any(record["request"].get(part) for part in ("messages", "input", "sound", "source"))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if complete else None


def _answered_by(response: httpx2.Response) -> str | None:
    try:
        model = json.loads(response.content).get("model")
    except (ValueError, AttributeError, RecursionError):
        return None
    return model.encode("utf-8", "replace").decode() if isinstance(model, str) else None
