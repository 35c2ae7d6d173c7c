"""The desk tells its webhook of new strong findings and of decisions, as long as it is open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from factcheck.errors import LedgerError
from factcheck.tools.webhook import Webhook, begin, deliver, webhook_of
from factcheck.web.desk import Desk

EVERY = 2.0
"""Seconds between two looks at what there is to tell."""


@contextlib.asynccontextmanager
async def telling(desk: Desk) -> AsyncIterator[None]:
    """Tell the webhook that is set, beside everything else."""
    hook = webhook_of(desk.settings, desk.options.address)
    if hook is None:
        yield
        return
    await asyncio.to_thread(begin, desk.ledger, hook)
    closing = asyncio.Event()
    task = asyncio.ensure_future(_tell(desk, hook, closing))
    try:
        yield
    finally:
        closing.set()
        await task  # a message that is under way is noted as taken before the ledger is closed


async def _tell(desk: Desk, hook: Webhook, closing: asyncio.Event) -> None:
    told: str | None = None
    while not closing.is_set():
        try:
            sent, problem = await asyncio.to_thread(deliver, desk.ledger, hook, most=1)
        except LedgerError as error:
            sent, problem = 0, str(error)
        if problem and problem != told:
            logging.getLogger("factcheck.desk").warning("webhook: %s; it is tried again", problem)
            told = problem
        if not sent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), EVERY)
