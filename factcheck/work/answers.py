"""Answers of documents under way are kept in the database as they come, so that no worker pays for one again."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable

import httpx2

from factcheck.errors import LedgerError
from factcheck.ledger.connection import Ledger
from factcheck.llm.completions import error_inside
from factcheck.llm.recordings import FROM_CACHE, REPLAYED, identified
from factcheck.work.items import Item, forget_answer, keep_answer

JSON = "application/json"
PATIENCE, PAUSE = 60.0, 0.5
"""Seconds that an answer waits for a database that does not answer, and between two tries."""


class Answered(httpx2.AsyncBaseTransport):
    """Answers requests about an item with what was answered before, and keeps what `inner` answers before it is used.

    Where the database stays away for a minute, `lost` is told, and the answer is used all the same.
    """

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, ledger: Ledger, item: Item, lost: Callable[[LedgerError], None]
    ) -> None:
        self.inner = inner
        self.ledger = ledger
        self.item = item
        self.lost = lost
        self._there = dict(item.answers)
        self._asked: dict[str, httpx2.Request] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer from the database, or ask."""
        content = await request.aread()
        asked = hashlib.sha256(request.url.raw_path + b"\n" + content).hexdigest()[:24]
        there = self._there.get(asked)
        if there is not None and request.headers.get("cache-control") != "no-cache":
            return httpx2.Response(200, headers={REPLAYED: FROM_CACHE, "content-type": JSON}, content=there.encode())
        response = await self.inner.handle_async_request(request)
        if response.status_code == httpx2.codes.OK and REPLAYED not in response.headers:
            self._asked[asked] = request
            await self._keep(asked, await response.aread())
        return response

    def forget(self, name: str) -> None:
        """Drop an answer that nobody could use, by the name that its recording would have."""
        for asked in [asked for asked, request in self._asked.items() if identified(request).name == name]:
            self._there.pop(asked, None)
            try:
                forget_answer(self.ledger, self.item.id, asked)
            except LedgerError as error:
                self.lost(error)

    async def aclose(self) -> None:
        """Stay open, as `inner` does."""

    async def _keep(self, asked: str, content: bytes) -> None:
        end = time.monotonic() + PATIENCE
        try:
            body = content.decode()
        except UnicodeDecodeError:
            return None  # no JSON, which whoever asked will say
        if error_inside(body):
            return None  # it would be all that is ever heard about this document
        while True:
            try:
                return await asyncio.to_thread(keep_answer, self.ledger, self.item.id, asked, body)
            except LedgerError as error:
                if time.monotonic() > end:
                    return self.lost(error)
            await asyncio.sleep(PAUSE)
