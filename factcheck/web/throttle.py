"""Limits on how often something may happen, by whom."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 20_000
"""Whoever was not seen for longest is forgotten, so that many senders cannot fill the memory."""


class Throttle:
    """So many times within so many seconds for each key; what is spent comes back evenly."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.times = times
        self.seconds = seconds
        self.clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, *keys: str) -> bool:
        """Count one for each of these keys; False where one of them had none left."""
        with self._lock:
            return sum(self._take(key) for key in keys) == len(keys)

    def is_spent(self, *keys: str) -> bool:
        """Whether one of these keys has none left, without counting."""
        with self._lock:
            return any(self._level(key) + 1 > self.times for key in keys)

    def forgive(self, *keys: str) -> None:
        """Begin anew for these keys."""
        with self._lock:
            for key in keys:
                self._spent.pop(key, None)

    def _level(self, key: str) -> float:
        level, at = self._spent.get(key, (0.0, 0.0))
        return max(0.0, level - (self.clock() - at) * self.times / self.seconds)

    def _take(self, key: str) -> bool:
        level = self._level(key)
        free = level + 1 <= self.times
        self._spent[key] = (level + 1 if free else level, self.clock())
        self._spent.move_to_end(key)
        while len(self._spent) > MOST_KEYS:
            self._spent.popitem(last=False)
        return free
