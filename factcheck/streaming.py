"""A run from programs of every kind: to its end, also where an event loop runs, and value by value while it goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from factcheck.models import Report
from factcheck.views import Event, Listener

T = TypeVar("T")


def run_to_end(running: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns; where an event loop runs in this thread, e.g. in a notebook, from a thread of its own.

    An interrupt, e.g. Ctrl-C, ends the coroutine, too.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(running)
    tasks: list[asyncio.Task[T]] = []

    async def in_thread() -> T:
        tasks.append(asyncio.ensure_future(running))
        return await tasks[0]

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(asyncio.run, in_thread())
        try:
            return done.result()
        except KeyboardInterrupt:
            for task in tasks:
                task.get_loop().call_soon_threadsafe(task.cancel)
            raise


async def told(run: Callable[[Listener], Awaitable[Report]]) -> AsyncGenerator[Event | Report, None]:
    """What a run tells while it goes on, and its report at last; a consumer that stops early ends the run."""
    events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def to_end() -> Report:
        try:
            return await run(events.put_nowait)
        finally:
            events.put_nowait(None)

    task = asyncio.ensure_future(to_end())
    try:
        while (event := await events.get()) is not None:
            yield event
        yield await task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
