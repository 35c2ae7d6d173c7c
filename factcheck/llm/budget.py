"""What a run has spent and may still spend."""

from __future__ import annotations

import asyncio
from typing import Any

from factcheck.errors import ModelError
from factcheck.llm import tokens
from factcheck.llm.endpoint import Endpoint, as_text
from factcheck.llm.prices import Prices
from factcheck.models import Usage, added


class Budget:
    """The tokens that live calls took, and those that calls under way are expected to take."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.live = Usage()
        self._reserved = Usage()

    async def reserve(self, body: dict[str, Any], expected: int, running: set[asyncio.Task[Any]]) -> Usage:
        """Set aside what a call is expected to take; waits for calls under way before refusing it (ModelError)."""
        if self.endpoint.max_tokens is None and self.endpoint.max_cost is None:
            return Usage()
        size = tokens.count(as_text(body), self.endpoint.model).tokens
        wanted = Usage(input_tokens=size, output_tokens=expected)
        while (reason := self._over(wanted)) and running:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # let the finished call enter what it cost
        if reason:
            raise ModelError("budget", f"{reason}; raise --max-tokens or --max-cost to go on")
        self._reserved = added(self._reserved, wanted)
        return wanted

    def release(self, reserved: Usage) -> None:
        """A call ended, whatever it took."""
        self._reserved = Usage(
            input_tokens=self._reserved.input_tokens - reserved.input_tokens,
            output_tokens=self._reserved.output_tokens - reserved.output_tokens,
        )

    def _over(self, wanted: Usage) -> str | None:
        """Which limit the next call could pass, if any."""
        ahead = added(added(self.live, self._reserved), wanted)
        limit, money = self.endpoint.max_tokens, self.endpoint.max_cost
        if limit is not None and ahead.input_tokens + ahead.output_tokens > limit:
            return f"the next call could pass the limit of {limit:,} tokens"
        if money is not None and self.endpoint.prices and cost(ahead, self.endpoint.prices) > money:
            return f"the next call could pass the limit of {money:g} USD"
        return None


def cost(usage: Usage, prices: Prices) -> float:
    """US dollars; input that the endpoint had in its cache at the price for that, where there is one."""
    again = prices.input if prices.cached_input is None else prices.cached_input
    fresh = usage.input_tokens - usage.cached_input_tokens
    paid = fresh * prices.input + usage.cached_input_tokens * again + usage.output_tokens * prices.output
    return round(paid / 1_000_000, 6)
