"""Watching with one process: look at what is due, check what is new, tell the webhook, and wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import httpx2

from factcheck.api import check
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.models import Document
from factcheck.plural import counted
from factcheck.settings import Settings
from factcheck.tools.webhook import begin, deliver, webhook_of
from factcheck.work.polite import Guest
from factcheck.work.watch import Seen, next_look, note, watched

LONGEST_WAIT = 60.0
"""Seconds after which it is seen that another source was added."""


def watch(
    place: str,
    settings: Settings,
    guest_at: Callable[[Ledger], Guest],
    *,
    once: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    stopped: Callable[[], bool] = lambda: False,
    network: httpx2.AsyncBaseTransport | None = None,
) -> bool:
    """Look and check until `stopped`, or until nothing is due (`once`); whether all went well.

    Must not be called where an event loop runs. Raises UsageError, LedgerError, and ModelError where no key is good.
    """
    good, hook = True, webhook_of(settings)
    with closing(open_ledger(place, by=settings.by)) as ledger:
        guest = guest_at(ledger)
        if hook is not None:
            begin(ledger, hook)
        while not stopped():
            if not watched(ledger):
                tell("nothing is watched; add a source with: factcheck watch add FEED")
                return good
            if (seen := next_look(ledger, guest)) is not None:
                good = _dealt_with(place, ledger, seen, settings, guest, tell, network) and good
                if hook is not None and (problem := deliver(ledger, hook).problem):
                    tell(problem)
                continue
            if once:
                return good
            due = watched(ledger)[0].due - guest.clock.now()
            guest.clock.sleep(max(0.0, min(due, LONGEST_WAIT)))
    return good


def _dealt_with(
    place: str,
    ledger: Ledger,
    seen: Seen,
    settings: Settings,
    guest: Guest,
    tell: Callable[[str], None],
    network: httpx2.AsyncBaseTransport | None,
) -> bool:
    """Check what a look found; what could not be done is found again by the next one."""
    for problem in seen.problems:
        tell(problem)
    done = _checked(place, ledger, seen.documents, settings, tell, network) if seen.documents else True
    if done:
        note(ledger, seen, guest.clock.now())
    return done and not seen.problems


def _checked(
    place: str,
    ledger: Ledger,
    documents: list[Document],
    settings: Settings,
    tell: Callable[[str], None],
    network: httpx2.AsyncBaseTransport | None,
) -> bool:
    """Check documents and say what came of it; whether the ledger holds them all, compared."""
    report = check(documents, settings=settings, ledger=place, transport=network)
    strong = sum(f.tier == "strong" and f.stands for f in report.findings)
    tell(
        f"{len(documents)} new: {counted(len(report.claims), 'claim')}, "
        f"{counted(len(report.findings), 'finding')} ({strong} strong)"
    )
    for problem in report.problems:
        tell(problem.message)
    held = ledger.held([document.id for document in documents])
    return all(document.id in held and held[document.id].compared for document in documents)
