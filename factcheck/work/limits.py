"""What all workers together may spend and how fast they may ask, counted in the database before every call."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

import httpx2
from sqlalchemy import select, text, update

from factcheck.errors import ModelError
from factcheck.ledger.connection import Ledger
from factcheck.llm import tokens
from factcheck.llm.budget import Budget, cost
from factcheck.llm.endpoint import Endpoint, as_text
from factcheck.llm.failures import retry_after
from factcheck.models import Usage
from factcheck.work.tables import SOON
from factcheck.work.tables import limits as table

NAMES = ("calls", "tokens", "cost")
HELD = 10.0
"""Seconds without calls after an endpoint has asked for fewer and did not say for how long."""


FREE = 1.0
"""Seconds in which a worker asks without taking turns after it has seen that nobody needs to."""

_SPENT = ", ".join(f"{name} = {name} + :{name}" for name in NAMES)
_FITS = " AND ".join(f"(max_{name} IS NULL OR {name} + :{name} <= max_{name})" for name in NAMES)
_RESERVED = text(f"{SOON} UPDATE work_limits SET {_SPENT} FROM soon WHERE {_FITS} RETURNING id")  # noqa: S608  (our own names)
_SETTLED = text(f"{SOON} UPDATE work_limits SET {_SPENT} FROM soon")  # noqa: S608
_TURN = text(
    "UPDATE work_limits SET next_at = greatest(next_at, :now) + coalesce(60.0 / per_minute, 0.0) "
    "RETURNING next_at - coalesce(60.0 / per_minute, 0.0), per_minute"
)
_HELD = text("UPDATE work_limits SET next_at = greatest(next_at, :until)")


class Spent(NamedTuple):
    """Calls, tokens in and out, and US dollars."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


class Limits(NamedTuple):
    """What may be spent, and calls a minute; None for no limit."""

    max_calls: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    per_minute: float | None = None


class State(NamedTuple):
    """What was spent, calls under way included, and the limits."""

    spent: Spent
    limits: Limits


class SharedLimits:
    """The row that all workers count in."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._free_until = 0.0

    def state(self) -> State:
        """How it stands."""
        with self.ledger.beside() as connection:
            row = connection.execute(select(table)).mappings().one()
        return State(Spent(*(row[name] for name in NAMES)), Limits(*(row[name] for name in Limits._fields)))

    def set(self, limits: Limits) -> None:
        """Set those limits that are given; 0 takes one away."""
        changes = {name: value or None for name, value in limits._asdict().items() if value is not None}
        self._free_until = 0.0
        if changes:
            with self.ledger.beside() as connection:
                connection.execute(update(table).values(**changes))

    def reserve(self, wanted: Spent) -> bool:
        """Set aside what a call is expected to take; False where that passes a limit."""
        with self.ledger.singly(writes=True) as connection:
            return connection.execute(_RESERVED, wanted._asdict()).first() is not None

    def settle(self, difference: Spent) -> None:
        """A call took more or less than was set aside; what was set aside for one that was killed stays counted."""
        if any(difference):
            with self.ledger.singly(writes=True) as connection:
                connection.execute(_SETTLED, difference._asdict())

    @property
    def is_free(self) -> bool:
        """Whether a call may begin without a turn, as was looked up a moment ago."""
        return time.monotonic() < self._free_until

    def turn(self) -> float:
        """Take the next turn; the seconds until it comes. Where no rate is set, that is looked up once a second."""
        if self.is_free:
            return 0.0
        now = time.time()
        with self.ledger.singly(writes=True) as connection:
            begins, rate = connection.execute(_TURN, {"now": now}).one()
        wait = max(0.0, float(begins) - now)
        if rate is None and not wait:
            self._free_until = time.monotonic() + FREE
        return wait

    def hold(self, seconds: float) -> None:
        """No worker begins a call for so long."""
        self._free_until = 0.0
        with self.ledger.singly(writes=True) as connection:
            connection.execute(_HELD, {"until": time.time() + seconds})


class SharedBudget(Budget):
    """A budget that is kept for all workers together."""

    def __init__(self, endpoint: Endpoint, shared: SharedLimits) -> None:
        super().__init__(endpoint)
        self.shared = shared
        self._aside: list[tuple[Usage, Spent]] = []
        self._booked = Spent()

    async def reserve(self, body: dict[str, Any], expected: int, running: set[asyncio.Task[Any]]) -> Usage:  # noqa: ARG002
        """Set aside what a call is expected to take. Raises ModelError where it would pass a limit."""
        size = tokens.count(as_text(body), self.endpoint.model).tokens
        usage = Usage(calls=1, input_tokens=size, output_tokens=expected)
        wanted = self._spent(usage)
        if not await asyncio.to_thread(self.shared.reserve, wanted):
            raise ModelError("budget", "the next call could pass the workers' budget; see factcheck jobs budget")
        self._aside.append((usage, wanted))
        self._booked = _sum(self._booked, wanted)
        return usage

    def release(self, reserved: Usage) -> None:
        """A call ended, whatever it took."""
        found = next((one for one in self._aside if one[0] is reserved), None)
        if found is not None:
            self._aside.remove(found)

    async def settle(self) -> Spent:
        """Book what the calls since the last time really took; returns that."""
        due = self._spent(self.live)
        for _, wanted in self._aside:
            due = _sum(due, wanted)
        booked = self._booked
        difference = Spent(due.calls - booked.calls, due.tokens - booked.tokens, due.cost - booked.cost)
        self._booked = due
        await asyncio.to_thread(self.shared.settle, difference)
        return self._spent(self.live)

    def _spent(self, usage: Usage) -> Spent:
        prices = self.endpoint.prices
        money = cost(usage, prices) if prices else 0.0
        return Spent(usage.calls, usage.input_tokens + usage.output_tokens, money)


def _sum(a: Spent, b: Spent) -> Spent:
    return Spent(a.calls + b.calls, a.tokens + b.tokens, a.cost + b.cost)


class Paced(httpx2.AsyncBaseTransport):
    """Asks through `inner`, no more at once than this worker may, and no faster than all together may."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, shared: SharedLimits, concurrency: int) -> None:
        self.inner = inner
        self.shared = shared
        self.gate = asyncio.Semaphore(concurrency)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Wait for a turn, and ask."""
        async with self.gate:
            if not self.shared.is_free:
                await asyncio.sleep(await asyncio.to_thread(self.shared.turn))
            response = await self.inner.handle_async_request(request)
        if response.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            seconds = retry_after(response.headers)
            await asyncio.to_thread(self.shared.hold, HELD if seconds is None else seconds)
        return response

    async def aclose(self) -> None:
        """Stay open: the next document asks through it, too."""

    async def close(self) -> None:
        """Close connections."""
        await self.inner.aclose()
