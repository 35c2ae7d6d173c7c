"""Checks that were asked for in the browser: a few at once, the others wait; how far each is, and what it found."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from factcheck.errors import FactcheckError
from factcheck.models import Document, Report
from factcheck.watching import Observer, Progress

KEPT = 200
"""Checks that are remembered; what they found is in the ledger."""

State = Literal["waiting", "reading", "checking", "done", "failed"]


class Check(Protocol):
    """`factcheck.check` with a ledger and settings."""

    def __call__(self, sources: Sequence[str | Path | Document], *, observe: Observer) -> Report:
        """Check sources, and tell how far it is."""


class FullError(Exception):
    """So many checks wait that no further one is taken."""


@dataclass(frozen=True)
class Checked:
    """A check as it stands at one moment."""

    key: str
    by: str
    title: str
    """What is checked, in a few words."""
    state: State = "waiting"
    documents: int = 0
    done: int = 0
    calls: int = 0
    report: tuple[str, ...] = ()
    """Ids of the documents that were read."""
    findings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    version: int = 0
    """Counts changes."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {"done", "failed"}


@dataclass
class Checks:
    """All checks of this desk since it was started."""

    check: Check
    at_once: int
    waiting: int
    _known: OrderedDict[str, Checked] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        """Threads for as many as may be under way."""
        self._pool = ThreadPoolExecutor(self.at_once, "check")

    def start(
        self, sources: Sequence[str | Path | Document], *, by: str, title: str, after: Callable[[], None]
    ) -> Checked:
        """Let sources be checked as soon as there is room; `after` is called at the end, whatever comes.

        Raises FullError where too many wait.
        """
        made = Checked(secrets.token_urlsafe(12), by, title)
        with self._lock:
            if sum(not c.is_over for c in self._known.values()) >= self.at_once + self.waiting:
                raise FullError
            self._known[made.key] = made
            while len(self._known) > KEPT:
                self._known.pop(next(key for key, c in self._known.items() if c.is_over))
        self._pool.submit(self._run, made.key, list(sources), after)
        return made

    def get(self, key: str) -> Checked | None:
        """A check as it stands now."""
        with self._lock:
            return self._known.get(key)

    def recent(self, number: int) -> list[Checked]:
        """The checks that were asked for last, the newest first."""
        with self._lock:
            return list(self._known.values())[::-1][:number]

    def close(self) -> None:
        """Let those that are under way come to an end, and begin no other."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, key: str, sources: Sequence[str | Path | Document], after: Callable[[], None]) -> None:
        def observe(progress: Progress) -> None:
            calls = progress.usage.calls + progress.usage.replayed
            self._change(key, state="checking", documents=progress.documents, done=progress.done, calls=calls)

        self._change(key, state="reading")
        try:
            report = self.check(sources, observe=observe)
        except FactcheckError as error:
            self._change(key, state="failed", problems=(str(error),))
        except Exception:
            logging.getLogger("factcheck.desk").exception("a check failed")
            self._change(key, state="failed", problems=("it failed; the log of the desk says more",))
        else:
            self._change(key, **_result(report))
        finally:
            after()

    def _change(self, key: str, **changes: object) -> None:
        with self._lock:
            known = self._known[key]
            self._known[key] = replace(known, version=known.version + 1, **changes)  # type: ignore[arg-type]


def _result(report: Report) -> dict[str, object]:
    """What remains of a report: ids; all else is in the ledger."""
    own = set(report.run.inputs)
    read = [d for d in report.documents if d.id in own]
    return {
        "state": "done" if read else "failed",
        "documents": len(read),
        "done": len(read),
        "report": tuple(d.id for d in read),
        "findings": tuple(f.id for f in report.findings),
        "problems": tuple(dict.fromkeys(p.message for p in report.problems)),
    }
