"""Read foreign formats in processes of their own: what eats memory or time ends there, and the run goes on."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

from pydantic import ValidationError

from factcheck.inputs.article import Original, Part, UnreadableError
from factcheck.inputs.kinds import FORMATS, Kind
from factcheck.inputs.limits import CPU_SECONDS, MEMORY_BYTES
from factcheck.inputs.worker import Reply, Request

WALL_SECONDS = 40.0
"""A backstop for what waits instead of working; on a busy machine the processor time takes this long at most."""

MAX_REPLY = 200_000_000
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "SYSTEMROOT", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")
"""The environment of the process: no key is among it."""

START = "import sys; sys.path[:] = sys.argv[1:]; from factcheck.inputs.worker import serve; serve()"


class Sandbox:
    """A pool of reading processes, each started when it is first needed."""

    def __init__(self, size: int) -> None:
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._all = [_Process() for _ in range(size)]
        for process in self._all:
            self._idle.put(process)

    def read(self, kind: Kind, original: Original) -> list[Part]:
        """What an original holds. Raises UnreadableError, also when it had to be ended."""
        process = self._idle.get()
        try:
            return process.read(kind, original)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End all processes."""
        for process in self._all:
            process.end()


@contextlib.contextmanager
def sandbox(size: int) -> Iterator[Sandbox]:
    """A sandbox for the time of a reading."""
    pool = Sandbox(size)
    try:
        yield pool
    finally:
        pool.close()


class _Process:
    """One process, started anew after it was ended."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None

    def read(self, kind: Kind, original: Original) -> list[Part]:
        running = self._running if self._running and self._running.poll() is None else self._start()
        request = _request(kind, original)
        timer = threading.Timer(FORMATS[kind].seconds or WALL_SECONDS, running.kill)
        timer.start()
        try:
            line = _exchange(running, request.model_dump_json().encode() + b"\n", original.content)
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.end()
            raise UnreadableError(
                "bomb",
                f"could not be read within {CPU_SECONDS} seconds and {MEMORY_BYTES // 1_000_000} MB; "
                "it is damaged or built to use up the machine",
            )
        return _parts(line)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._running = subprocess.Popen(  # noqa: S603  (this Python, our own code)
            [sys.executable, "-P", "-c", START, *(path for path in sys.path if path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        return self._running

    def end(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.kill()
        running.wait()
        for pipe in (running.stdin, running.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _request(kind: Kind, original: Original) -> Request:
    place = original.place.encode("utf-8", "replace").decode()  # file names may hold bytes that are no text
    return Request(
        kind=kind,
        place=place,
        media_type=original.media_type,
        charset=original.charset,
        url=original.url,
        language=original.language,
        length=len(original.content),
    )


def _exchange(running: subprocess.Popen[bytes], head: bytes, content: bytes) -> bytes:
    """Send a request and wait for its line; empty or cut short when the process was ended."""
    assert running.stdin  # noqa: S101  (both are pipes)
    assert running.stdout  # noqa: S101
    sink: IO[bytes] = running.stdin
    with contextlib.suppress(OSError):
        sink.write(head)
        sink.write(content)
        sink.flush()
    return running.stdout.readline(MAX_REPLY)


def _parts(line: bytes) -> list[Part]:
    try:
        reply = Reply.model_validate_json(line)
    except ValidationError:
        raise UnreadableError("damaged", "was read into something that is no text; it may be built to") from None
    if reply.error:
        raise UnreadableError(*reply.error)
    return [part for _, part in reply.parts]
