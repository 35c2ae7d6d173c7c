"""What all requests of a desk share: the ledger, the accounts, the checks under way, and the limits."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from factcheck.ledger.connection import Ledger
from factcheck.settings import Settings
from factcheck.web.accounts import Accounts
from factcheck.web.checking import Checking
from factcheck.web.checks import Checks
from factcheck.web.kept import Kept
from factcheck.web.options import Options, check_reach
from factcheck.web.suggested import Suggestions
from factcheck.web.throttle import Throttle

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 4
"""Requests that use the database at once; more would only wait for each other, and each connection takes memory."""


@dataclass(frozen=True)
class Desk:
    """An open desk."""

    ledger: Ledger
    place: str
    """Of the ledger, as it was named."""
    settings: Settings
    options: Options
    accounts: Accounts
    names: bool
    """Whether a name alone is enough to sign in."""
    requests: Throttle
    logins: Throttle
    logins_of_sender: Throttle
    logins_of_name: Throttle
    checks: Checks
    checking: Checking
    suggestions: Suggestions
    kept: Kept = field(default_factory=Kept)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "desk"))

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that may wait for the database in one of a few threads."""
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.pool, call)

    def close(self) -> None:
        """Close all connections."""
        self.checks.close()
        self.suggestions.close()
        self.pool.shutdown()
        self.ledger.close()


def desk_of(ledger: Ledger, place: str, settings: Settings, options: Options) -> Desk:
    """A desk over an open ledger. Raises UsageError where it would be open to anybody."""
    accounts, limits = Accounts(ledger), options.limits
    accounts.prepare()
    known = accounts.any()
    check_reach(options, accounts=known)
    quarter = 15 * 60
    return Desk(
        ledger,
        place,
        settings,
        options,
        accounts,
        names=not known,
        requests=Throttle(limits.requests, 60),
        logins=Throttle(limits.failures, quarter),
        logins_of_sender=Throttle(limits.failures_of_sender, quarter),
        logins_of_name=Throttle(limits.failures_of_name, quarter),
        checks=Checks(at_once=limits.checks, waiting=limits.waiting),
        checking=Checking(place, settings, options),
        suggestions=Suggestions(ledger, place),
    )
