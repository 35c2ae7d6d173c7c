"""End a check that runs in another thread: what it had kept stays, calls under way are given up."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Stop:
    """A way to end one piece of work from outside."""

    asked: bool = False
    _task: asyncio.Task[Any] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self) -> None:
        """End the work, now or as soon as it begins."""
        with self._lock:
            self.asked, task = True, self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # it may be over, and its loop closed
                task.get_loop().call_soon_threadsafe(task.cancel)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work gives, in an event loop of its own. Raises asyncio.CancelledError where it was ended."""
        return asyncio.run(self._watched(work))

    async def _watched(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._lock:
            if self.asked:
                raise asyncio.CancelledError
            task = asyncio.ensure_future(work())
            self._task = task
        return await task
