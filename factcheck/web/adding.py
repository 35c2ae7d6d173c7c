"""Add articles: a text that is pasted, an address, files; see them being read and checked, then their findings."""

from __future__ import annotations

import asyncio
import functools
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from factcheck.errors import UsageError
from factcheck.inputs.documents import document_from_text
from factcheck.ledger.pages import DocumentDetail
from factcheck.models import Document
from factcheck.text.dates import iso_date
from factcheck.web.access import Person
from factcheck.web.cards import card_of
from factcheck.web.checks import Checked, FullError
from factcheck.web.desk import Desk
from factcheck.web.guard import Refusal
from factcheck.web.pages import render
from factcheck.web.routes import Call, page, person_of

EVERY = 0.4
"""Seconds between two looks at how far a check is."""

QUIET = 15.0
"""Seconds after which a word is sent even where nothing happened, so that proxies keep the connection."""

MOST_SHOWN = 50
"""Articles of one check that its page lists."""

FIELDS = ("title", "publisher", "published", "url")
KEPT = ("text", "address", *FIELDS)
"""What a form shows again that could not be used."""

LONGEST_FIELD = 500
ADDRESS = re.compile(r"https?://\S+\Z", re.IGNORECASE)


class Given(NamedTuple):
    """What somebody wants to have checked."""

    sources: list[str | Path | Document]
    title: str
    after: Callable[[], None]


def add(call: Call) -> Response:
    """The form."""
    return render(
        call,
        "add.html",
        recent=call.desk.checks.recent(8),
        message="",
        given=dict.fromkeys(("text", "address", *FIELDS), ""),
    )


def begin(call: Call) -> Response:
    """Take what was given, and go on to the page that shows how far it is."""
    try:
        given = _given(call)
    except (UsageError, ValueError) as error:
        kept = {name: call.text(name) for name in KEPT}
        return render(call, "add.html", 400, recent=call.desk.checks.recent(8), message=str(error), given=kept)
    try:
        work = functools.partial(call.desk.checking.check, given.sources, by=call.who.name)
        made = call.desk.checks.start(work, by=call.who.name, title=given.title, after=given.after)
    except FullError:
        given.after()
        raise Refusal(429, "too many checks wait already; try again when some of them are done") from None
    return RedirectResponse(f"/checks/{made.key}", 303)


def _given(call: Call) -> Given:
    """What a form holds: one of a text, an address, and files. Raises UsageError and ValueError."""
    text, where, files = call.form.get("text", ""), call.text("address"), call.files("files")
    filled = [bool(isinstance(text, str) and text.strip()), bool(where), bool(files)]
    if sum(filled) != 1:
        raise UsageError("give one of the three: a text, an address, or files")
    if where:
        if not ADDRESS.match(where):
            raise UsageError("an address begins with https:// or http://")
        return Given([where], where, lambda: None)
    if files:
        return _uploaded(files)
    return _pasted(call, str(text))


def _pasted(call: Call, text: str) -> Given:
    given = {name: call.text(name)[:LONGEST_FIELD] or None for name in FIELDS}
    published = given["published"]
    if published and iso_date(published) is None:
        raise UsageError(f"published: {published!r} is no date; write 2024-05-31, 2024-05 or 2024")
    known = {name: value for name, value in given.items() if value is not None}
    document = document_from_text(text, **known)
    return Given([document], document.name, lambda: None)


def _uploaded(files: list[UploadFile]) -> Given:
    """Files in a folder of their own, under names that lead nowhere; it is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="factcheck-desk-"))
    paths: list[str | Path | Document] = []
    for number, file in enumerate(files, 1):
        inner = folder / str(number)
        inner.mkdir()
        path = inner / safe_name(file.filename or "")
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        paths.append(path)
    names = ", ".join(Path(str(path)).name for path in paths[:3]) + (" …" if len(paths) > 3 else "")  # noqa: PLR2004
    return Given(paths, names, lambda: shutil.rmtree(folder, ignore_errors=True))


def safe_name(name: str) -> str:
    """The last part of a file's name with nothing in it that file systems take for more than letters."""
    last = re.split(r"[/\\\0]", name)[-1]
    kept = re.sub(r"[^\w.() -]+", "_", last).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:80]}{dot}{ending[:16]}" if stem else (kept[:80] or "file")


def progress(call: Call) -> Response:
    """How far a check is; at its end what it found."""
    checked = _known(call.desk, call.path("key"))
    found = [_kept(call.desk, key) for key in checked.report[:MOST_SHOWN]] if checked.is_over else []
    documents = [detail for detail in found if detail is not None]
    rows = {row.finding.id: row for detail in documents for row in detail.findings}
    return render(call, "check.html", checked=checked, documents=documents, cards=[card_of(r) for r in rows.values()])


def _kept(desk: Desk, key: str) -> DocumentDetail | None:
    """An article as the ledger has it; None where it was not kept, since the model could not be asked."""
    try:
        return desk.ledger.document(key)
    except UsageError:
        return None


def _known(desk: Desk, key: str) -> Checked:
    checked = desk.checks.get(key)
    if checked is None or checked.is_evidence:
        raise UsageError("this check is not known any more; what it kept is in the ledger")
    return checked


def stop(call: Call) -> Response:
    """End a check that waits or is under way."""
    key = call.path("key")
    require_own(_known(call.desk, key), call.who)
    call.desk.checks.stop(key, by=call.who.name)
    return RedirectResponse(f"/checks/{key}", 303)


def require_own(checked: Checked, person: Person) -> None:
    """Raise Refusal for a check of somebody else, unless an editor asks."""
    if checked.by != person.name and person.role != "editor":
        raise Refusal(403, f"{checked.by} began this check; they or an editor can stop it")


async def watch(request: Request) -> Response:
    """The same as server-sent events, until it is over."""
    desk: Desk = request.app.state.desk
    person = await desk.run(person_of, desk, request)
    if person is None or not person.may("read"):
        raise Refusal(401, "sign in first")
    key = request.path_params["key"]
    _known(desk, key)
    return StreamingResponse(_events(desk, key, request), media_type="text/event-stream")


async def _events(desk: Desk, key: str, request: Request) -> AsyncIterator[str]:
    told, quiet = -1, 0.0
    while not await request.is_disconnected():
        checked = desk.checks.get(key)
        if checked is None:
            return
        if checked.version != told:
            told, quiet = checked.version, 0.0
            yield f"data: {json.dumps(_said(checked))}\n\n"
        elif quiet > QUIET:
            quiet = 0.0
            yield ": still here\n\n"
        if checked.is_over:
            return
        await asyncio.sleep(EVERY)
        quiet += EVERY


def _said(checked: Checked) -> dict[str, object]:
    names = ("state", "documents", "done", "calls")
    return {**{name: getattr(checked, name) for name in names}, "over": checked.is_over}


ROUTES = (
    page("/add", add, needs="add"),
    page("/add", begin, needs="add", methods=("POST",)),
    page("/checks/{key}", progress),
    page("/checks/{key}/stop", stop, needs="add", methods=("POST",), name="stop_check"),
    Route("/checks/{key}/events", watch, name="watch"),
)
