"""What a model was asked for (checks, evidence): a few at once, the others wait; how far each is, and what it found."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from factcheck.errors import FactcheckError
from factcheck.models import Document, Report
from factcheck.views import Event, FindingView, Listener
from factcheck.watching import Observer, Progress
from factcheck.web.stopping import Stop

KEPT = 200
"""Checks that are remembered; what they found is in the ledger."""

REPORTS = 20
"""Reports of evidence that are remembered; they are nowhere else."""

State = Literal["waiting", "reading", "checking", "done", "failed", "stopped"]


class Work(Protocol):
    """A check, or a search for evidence."""

    def __call__(self, *, observe: Observer, tell: Listener, stop: Stop) -> Report:
        """Do it, and tell how far it is. Raises asyncio.CancelledError where it is stopped."""


class FullError(Exception):
    """So many checks wait that no further one is taken."""


@dataclass(frozen=True)
class Checked:
    """A check as it stands at one moment."""

    key: str
    by: str
    title: str
    """What is checked, in a few words."""
    is_evidence: bool = False
    """Whether it looks for evidence on one statement, which the ledger does not keep."""
    state: State = "waiting"
    documents: int = 0
    done: int = 0
    calls: int = 0
    report: tuple[str, ...] = ()
    """Ids of the documents that were read; of a check that was stopped, those whose claims were there."""
    findings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    evidence: Report | None = None
    """Of a search for evidence, as long as it is remembered."""
    version: int = 0
    """Counts changes."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {"done", "failed", "stopped"}


@dataclass
class Checks:
    """All checks of this desk since it was started."""

    at_once: int
    waiting: int
    _known: OrderedDict[str, Checked] = field(default_factory=OrderedDict)
    _stops: dict[str, Stop] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        """Threads for as many as may be under way."""
        self._pool = ThreadPoolExecutor(self.at_once, "check")

    def start(
        self, work: Work, *, by: str, title: str, after: Callable[[], None] = lambda: None, is_evidence: bool = False
    ) -> Checked:
        """Let something be done as soon as there is room; `after` is called at the end, whatever comes.

        Raises FullError where too many wait.
        """
        made = Checked(secrets.token_urlsafe(12), by, title, is_evidence)
        with self._lock:
            if sum(not c.is_over for c in self._known.values()) >= self.at_once + self.waiting:
                raise FullError
            self._known[made.key], self._stops[made.key] = made, Stop()
            while len(self._known) > KEPT:
                self._known.pop(next(key for key, c in self._known.items() if c.is_over))
        self._pool.submit(self._run, made.key, work, after)
        return made

    def get(self, key: str) -> Checked | None:
        """A check as it stands now."""
        with self._lock:
            return self._known.get(key)

    def recent(self, number: int) -> list[Checked]:
        """The checks that were asked for last, the newest first."""
        with self._lock:
            return [c for c in reversed(self._known.values()) if not c.is_evidence][:number]

    def stop(self, key: str, *, by: str) -> None:
        """End a check that waits or is under way; what it kept stays. One that is over stays as it is."""
        with self._lock:
            known, stop = self._known.get(key), self._stops.get(key)
        if known is not None and stop is not None and not known.is_over:
            self._change(key, state="stopped", problems=(f"stopped by {by}; add it again to have the rest done",))
            stop.ask()

    def close(self) -> None:
        """End those that are under way, and begin no other."""
        with self._lock:
            under_way = list(self._stops.values())
        for stop in under_way:
            stop.ask()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, key: str, work: Work, after: Callable[[], None]) -> None:
        def observe(progress: Progress) -> None:
            calls = progress.usage.calls + progress.usage.replayed
            self._change(key, state="checking", documents=progress.documents, done=progress.done, calls=calls)

        stop = self._stops[key]
        try:
            if stop.asked:
                return
            self._change(key, state="reading")
            report = work(observe=observe, tell=lambda event: self._told(key, event), stop=stop)
        except asyncio.CancelledError:
            self._change(key, state="stopped")
        except FactcheckError as error:
            self._change(key, state="failed", problems=(str(error),))
        except Exception:
            logging.getLogger("factcheck.desk").exception("a check failed")
            self._change(key, state="failed", problems=("it failed; the log of the desk says more",))
        else:
            self._change(key, **(_looked(report) if self._known[key].is_evidence else _result(report)))
            self._forget()
        finally:
            with self._lock:
                self._stops.pop(key, None)
            after()

    def _forget(self) -> None:
        """Keep the last reports of evidence only."""
        with self._lock:
            held = [key for key, known in self._known.items() if known.evidence is not None]
            for key in held[:-REPORTS]:
                self._known[key] = replace(self._known[key], evidence=None)

    def _told(self, key: str, event: Event) -> None:
        """Remember what is there already, for a check that is stopped."""
        with self._lock:
            known = self._known[key]
        if isinstance(event, Document):
            self._change(key, report=(*known.report, event.id))
        elif isinstance(event, FindingView):
            self._change(key, findings=(*known.findings, event.id))

    def _change(self, key: str, **changes: object) -> None:
        """Note what became of a check; where it was stopped, nothing but what was found counts any more."""
        with self._lock:
            known = self._known[key]
            if known.state == "stopped":
                changes = {name: value for name, value in changes.items() if name in {"report", "findings"}}
            self._known[key] = replace(known, version=known.version + 1, **changes)  # type: ignore[arg-type]


def _looked(report: Report) -> dict[str, object]:
    """What remains of a search for evidence: all of it."""
    problems = tuple(dict.fromkeys(p.message for p in report.problems))
    return {"state": "done" if report.checks else "failed", "evidence": report, "problems": problems}


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
