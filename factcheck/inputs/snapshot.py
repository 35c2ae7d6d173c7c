"""Keep what was fetched, named by its hash, so that a quote can be proved later and a run replayed."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any, NamedTuple

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.fetch import Fetched, Hop

INDEX = "fetched.jsonl"
"""One line a fetch: what was asked for, what answered, when, with which headers, and the file that holds it."""

ENDINGS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/markdown": "md",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "text/vtt": "vtt",
}


_writing = threading.Lock()


class Kept(NamedTuple):
    """A fetched page and the file that holds it."""

    page: Fetched
    file: str | None


def keep(folder: Path, asked: str, page: Fetched) -> str:
    """Write a page into the folder and return its file name. Raises UnreadableError."""
    digest = hashlib.sha256(page.content).hexdigest()
    name = f"{digest}.{ENDINGS.get(page.media_type or '', 'bin')}"
    line = {"asked": asked, "file": name, "sha256": digest, **page._asdict(), "hops": [h._asdict() for h in page.hops]}
    del line["content"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).write_bytes(page.content)
        with _writing, (folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        reason = error.strerror or error
        raise UnreadableError("snapshot", f"was fetched, but {folder} cannot be written to ({reason})") from None
    return name


def kept(folder: Path | None, asked: str) -> Kept:
    """The newest copy of a page. Raises UnreadableError where there is none or it is not what was kept."""
    if folder is None:
        raise UnreadableError("replay_miss", "a replay never uses the network; give the --snapshot that holds the page")
    found = [line for line in _lines(folder) if line.get("asked") == asked]
    if not found:
        raise UnreadableError("replay_miss", f"is not in {folder}; run once without --replay to keep it there")
    line = found[-1]
    try:
        content = (folder / Path(str(line["file"])).name).read_bytes()
    except OSError as error:
        raise UnreadableError("replay_miss", f"its copy in {folder} cannot be read ({error.strerror})") from None
    if hashlib.sha256(content).hexdigest() != line["sha256"]:
        raise UnreadableError("snapshot", f"its copy in {folder} was changed since it was fetched")
    hops = tuple(Hop(**hop) for hop in line["hops"])
    values = {name: line[name] for name in ("address", "media_type", "charset", "retrieved")}
    return Kept(Fetched(content=content, hops=hops, **values), line["file"])


def _lines(folder: Path) -> list[dict[str, Any]]:
    try:
        text = (folder / INDEX).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line]
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        raise UnreadableError("snapshot", f"{folder / INDEX} cannot be read; take a copy of it from a backup") from None
