"""What is noted on this machine of batches, before anything is sent and until their answers are kept.

A batch is two files: its requests as they are uploaded, and how far it is. A run that was killed leaves them
behind, and the next one takes them over; those of a run that still lives are left alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

if sys.platform != "win32":
    import fcntl

FORMAT = "factcheck.batch/1"


@dataclasses.dataclass
class Noted:
    """A batch: its mark, the path that its requests ask, and how far it is."""

    mark: str
    path: str
    ids: tuple[str, ...]
    """The custom ids of its lines."""
    file: str | None = None
    """The provider's id of the uploaded file."""
    submitting: float | None = None
    """When it began to be submitted, in seconds since 1970; from then on the provider may have it."""
    batch: str | None = None
    """The provider's id of the batch."""


class Journal:
    """A folder of noted batches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = secrets.token_hex(6)
        self._held: list[IO[bytes]] = []
        self._is_begun = False

    def plan(self, path: str, lines: Sequence[tuple[str, bytes]]) -> Noted:
        """Note a batch and its requests (custom id and line)."""
        if not self._is_begun:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._is_begun = self._hold(self.run)
        noted = Noted(f"{self.run}-{secrets.token_hex(4)}", path, tuple(name for name, _ in lines))
        _write(self._lines(noted), b"\n".join(line for _, line in lines) + b"\n")
        self.note(noted)
        return noted

    def note(self, noted: Noted) -> None:
        """Write down how far a batch is; it is on the disk when this returns."""
        record = {"format": FORMAT, **dataclasses.asdict(noted)}
        _write(self.folder / f"{noted.mark}.json", json.dumps(record).encode())

    def submits(self, noted: Noted) -> None:
        """From now on the provider may have it."""
        noted.submitting = time.time()
        self.note(noted)

    def content(self, noted: Noted) -> bytes:
        """The requests as they are uploaded, a line each."""
        return self._lines(noted).read_bytes()

    def bodies(self, noted: Noted) -> dict[str, dict[str, Any]]:
        """The requests by their custom ids."""
        read = (json.loads(line) for line in self.content(noted).splitlines())
        return {line["custom_id"]: line["body"] for line in read}

    def forget(self, noted: Noted) -> None:
        """All answers are kept, or there will be none."""
        (self.folder / f"{noted.mark}.json").unlink(missing_ok=True)
        self._lines(noted).unlink(missing_ok=True)

    def left(self) -> list[Noted]:
        """Batches of runs that ended before they had all answers; they are this run's from now on."""
        runs = {path.stem for path in self.folder.glob("*.lock")}
        files = [path for run in sorted(runs) if self._hold(run) for path in sorted(self.folder.glob(f"{run}-*.json*"))]
        found = [noted for path in files if path.suffix == ".json" and (noted := self._read(path)) is not None]
        for path in files:
            if path.suffix == ".jsonl" and path.with_suffix(".json") not in files:  # nothing was sent of it
                path.unlink(missing_ok=True)
        return found

    def close(self) -> None:
        """Let go of what this run holds."""
        for file in self._held:
            file.close()
            if not any(self.folder.glob(f"{Path(file.name).stem}-*.json")):
                Path(file.name).unlink(missing_ok=True)
        self._held.clear()

    def _read(self, path: Path) -> Noted | None:
        try:
            record = json.loads(path.read_bytes())
            if record.pop("format") != FORMAT:
                return None
            noted = Noted(**{**record, "ids": tuple(record["ids"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return noted if self._lines(noted).exists() else None

    def _lines(self, noted: Noted) -> Path:
        return self.folder / f"{noted.mark}.jsonl"

    def _hold(self, run: str) -> bool:
        """Whether a run is this one, or over; another process finds it held until this one ends."""
        file = (self.folder / f"{run}.lock").open("ab")
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
        self._held.append(file)
        return True


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when it returns."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    with _opened(path.parent) as folder:
        if folder is not None:
            os.fsync(folder)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """The folder, so that its entries are on the disk, too, where a system has such a thing."""
    if sys.platform == "win32":
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
