"""What all workers together may spend and how fast they may ask, counted in the database before every call."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

import httpx2
from sqlalchemy import func, select, update

from factcheck.errors import ModelError
from factcheck.ledger.connection import Ledger
from factcheck.llm import tokens
from factcheck.llm.budget import Budget, cost
from factcheck.llm.endpoint import Endpoint, as_text
from factcheck.llm.failures import retry_after
from factcheck.models import Usage
from factcheck.work.tables import limits as table

NAMES = ("calls", "tokens", "cost")
HELD = 10.0
"""Seconds without calls after an endpoint has asked for fewer and did not say for how long."""


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

    def state(self) -> State:
        """How it stands."""
        with self.ledger.beside() as connection:
            row = connection.execute(select(table)).mappings().one()
        return State(Spent(*(row[name] for name in NAMES)), Limits(*(row[name] for name in Limits._fields)))

    def set(self, limits: Limits) -> None:
        """Set those limits that are given; 0 takes one away."""
        changes = {name: value or None for name, value in limits._asdict().items() if value is not None}
        if changes:
            with self.ledger.beside() as connection:
                connection.execute(update(table).values(**changes))

    def reserve(self, wanted: Spent) -> bool:
        """Set aside what a call is expected to take; False where that passes a limit."""
        changed = update(table).values(_plus(wanted))
        for name, value in wanted._asdict().items():
            most = table.c[f"max_{name}"]
            changed = changed.where(most.is_(None) | (table.c[name] + value <= most))
        with self.ledger.beside() as connection:
            return connection.execute(changed.returning(table.c.id)).first() is not None

    def settle(self, difference: Spent) -> None:
        """A call took more or less than was set aside; what was set aside for one that was killed stays counted."""
        if any(difference):
            with self.ledger.beside() as connection:
                connection.execute(update(table).values(_plus(difference)))

    def turn(self) -> float:
        """Take the next turn; the seconds until it comes."""
        now = time.time()
        step = 60.0 / table.c.per_minute
        latest = func.greatest(table.c.next_at, now) + func.coalesce(step, 0.0)
        taken = update(table).values(next_at=latest).returning(table.c.next_at - func.coalesce(step, 0.0))
        with self.ledger.beside() as connection:
            return max(0.0, float(connection.execute(taken).scalar() or 0.0) - now)

    def hold(self, seconds: float) -> None:
        """No worker begins a call for so long."""
        until = time.time() + seconds
        with self.ledger.beside() as connection:
            connection.execute(update(table).values(next_at=func.greatest(table.c.next_at, until)))


def _plus(change: Spent) -> dict[str, Any]:
    return {name: table.c[name] + value for name, value in change._asdict().items()}


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
