"""Requests that go through a provider's Batch API: a transport like any other, whose answers take their time.

Requests are gathered until nothing more can be asked without an answer, and submitted together; what waits for an
answer waits as it does for a slow endpoint. A batch is noted on this machine before it is submitted, and an answer is
kept in the store before anybody sees it, so that a run that is killed pays for nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from factcheck.errors import ModelError
from factcheck.llm.batch_api import OVER, Batch, BatchApi, answered, refused, unanswered
from factcheck.llm.batch_journal import Journal, Noted
from factcheck.llm.batch_lines import Limits, Line, Outcome, Waiting, line_of, parts
from factcheck.llm.recordings import Store, asked_for

LEFT_OUT = frozenset({"service_tier"})
"""Parts of a request that a batch has no use for."""

PATHS = ("/chat/completions", "/embeddings", "/responses")
SUBMISSIONS = 5


class News(NamedTuple):
    """A line about a batch, and whether something did not go as it should."""

    line: str
    is_odd: bool = False


Tell = Callable[[News], None]


class Times(NamedTuple):
    """Seconds: a quiet time after the last request, between looks at a batch, and until a submission has arrived."""

    quiet: float = 3.0
    first_look: float = 5.0
    longest_look: float = 60.0
    settled: float = 30.0
    pause: float = 1.0


class BatchTransport(httpx2.AsyncBaseTransport):
    """Asks the endpoint at `base_url` in batches, and anything else through `inner` at once."""

    def __init__(
        self,
        store: Store,
        inner: httpx2.AsyncBaseTransport,
        base_url: str,
        folder: Path,
        *,
        tell: Tell = lambda news: None,
        times: Times | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.store = store
        self.inner = inner
        self.host = httpx2.URL(base_url).host
        self.journal = Journal(folder)
        self.tell = tell
        self.times = times or Times()
        self.limits = limits or Limits()
        self._gathered: dict[tuple[str, str], dict[str, Line]] = {}
        """By path and model: a batch has one of each."""
        self._waiting: dict[str, Waiting] = {}
        """Who waits for what was submitted, by custom ids."""
        self._earlier: set[str] = set()
        """Answers to what an earlier run submitted, that nobody has asked for yet."""
        self._arrivals = self._fresh = 0
        self._api: BatchApi | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering: asyncio.Task[None] | None = None
        self._accepted: set[str] = set()
        self._changed = asyncio.Condition()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Wait for the answer, which comes with a batch."""
        await request.aread()
        path = next((path for path in PATHS if request.url.path.endswith(path)), None)
        if path is None or request.url.host != self.host:
            return await self.inner.handle_async_request(request)
        if self._api is None:
            self._api = BatchApi(self.inner, request, self.times.pause)
            self._take_over(self._api)
        body = {name: value for name, value in json.loads(request.content).items() if name not in LEFT_OUT}
        outcome = await self._outcome(f"/v1{path}", body, fresh=request.headers.get("cache-control") == "no-cache")
        if isinstance(outcome, ModelError):
            raise outcome
        return httpx2.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)

    async def aclose(self) -> None:
        """Stop waiting; what was submitted stays noted for the next run."""
        tasks = [*self._tasks, *([self._gathering] if self._gathering else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.journal.close()
        await self.inner.aclose()

    async def _outcome(self, path: str, body: dict[str, Any], *, fresh: bool) -> Outcome:
        asked = asked_for(path, body)
        name = asked.key
        if fresh:
            self._fresh += 1
            name = f"{name}-{self.journal.run}-{self._fresh}"
        elif name in self._earlier:
            self._earlier.remove(name)
            if (kept := self.store.load(asked)) is not None:
                return kept
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if name in self._waiting:
            self._waiting[name].append(future)
        else:
            self._add(name, path, body, [future])
        return await future

    def _add(self, name: str, path: str, body: dict[str, Any], waiting: Waiting) -> None:
        """One more request for the next batch."""
        group = self._gathered.setdefault((path, str(body.get("model"))), {})
        group.setdefault(name, line_of(name, path, body)).waiting.extend(waiting)
        self._arrivals += 1
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gather())

    async def _gather(self) -> None:
        """Submit what waits, once no more comes."""
        while self._gathered:
            await self._quiet()
            gathered, self._gathered = self._gathered, {}
            for (path, _), lines in gathered.items():
                wanted = {name: line for name, line in lines.items() if line.is_wanted}
                for part in parts(wanted, self.limits):
                    self._waiting |= {name: line.waiting for name, line in part.items()}
                    self._begin(part, self._submit(path, part))

    async def _quiet(self) -> None:
        """Until no request has come for a while in which this program had nothing else to do."""
        loop, tick, quiet = asyncio.get_running_loop(), self.times.quiet / 10, 0
        while quiet < 10:  # noqa: PLR2004
            seen, before = self._arrivals, loop.time()
            await asyncio.sleep(tick)
            was_busy = loop.time() - before > 2 * tick + 0.05
            quiet = 0 if was_busy or self._arrivals != seen else quiet + 1

    def _begin(self, names: Sequence[str] | Mapping[str, Line], work: Coroutine[Any, Any, None]) -> None:
        """Do something for these requests beside everything else; they are told where it fails."""

        async def guarded() -> None:
            try:
                await work
            except ModelError as error:
                self._hand_out(tuple(names), error)
            except OSError as error:
                message = f"{error.filename or self.journal.folder}: {error.strerror or error}; batches are noted there"
                self._hand_out(tuple(names), ModelError("interrupted", message))

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_over(self, api: BatchApi) -> None:
        """Wait for what an earlier run submitted."""
        for noted in self.journal.left():
            self._waiting |= {name: [] for name in noted.ids}
            self._begin(noted.ids, self._taken_over(noted, api))

    async def _taken_over(self, noted: Noted, api: BatchApi) -> None:
        """Find a batch of an earlier run and wait for it; what never arrived is submitted if somebody asks for it."""
        if noted.batch is None and noted.submitting is not None:
            found = await self._found(noted, api)
            noted.batch = found.id if found else None
        if noted.batch is None:
            self._again(noted)
            return
        self.journal.note(noted)
        self.tell(News(f"batch {noted.batch}: {len(noted.ids):,} requests of an earlier run, still to be fetched"))
        await self._follow(noted, api)

    async def _found(self, noted: Noted, api: BatchApi) -> Batch | None:
        """The batch of a submission whose answer was not heard; one under way is given time to arrive."""
        while True:
            found = await api.find(noted.mark, noted.file)
            wait = (noted.submitting or 0.0) + self.times.settled - time.time()
            if found is not None or wait <= 0:
                return found
            await asyncio.sleep(min(wait, self.times.first_look))

    def _again(self, noted: Noted) -> None:
        """Put requests back among those that are gathered, as far as somebody waits for them."""
        bodies = self.journal.bodies(noted)
        self.journal.forget(noted)
        for name in noted.ids:
            waiting = [future for future in self._waiting.pop(name, []) if not future.done()]
            if waiting:
                self._add(name, noted.path, bodies[name], waiting)

    async def _submit(self, path: str, lines: Mapping[str, Line]) -> None:
        """Submit one file of requests, and wait for its answers."""
        api = self._api
        if api is None:
            return
        noted = self.journal.plan(path, [(name, line.content) for name, line in lines.items()])
        try:
            await self._submitted(noted, api)
        except ModelError as error:
            if not error.retryable:  # else the provider may have it, and the next run looks for it
                self.journal.forget(noted)
            raise
        self.tell(News(f"batch {noted.batch}: {len(noted.ids):,} requests submitted; their answers may take a day"))
        await self._follow(noted, api)

    async def _submitted(self, noted: Noted, api: BatchApi) -> None:
        """Upload and submit; where nobody knows whether a submission arrived, look before it is made again."""
        noted.file = await api.upload(f"{noted.mark}.jsonl", self.journal.content(noted))
        for left in reversed(range(SUBMISSIONS)):
            self.journal.submits(noted)
            try:
                noted.batch = (await api.create(noted.file, noted.path, noted.mark)).id
            except ModelError as error:
                if not error.retryable:
                    raise
                found = await self._found(noted, api)
                if found is None and not left:
                    raise
                noted.batch = found.id if found else None
            if noted.batch is not None:
                self.journal.note(noted)
                return

    async def _follow(self, noted: Noted, api: BatchApi) -> None:
        """Wait until a batch is over, keep its answers, and hand them out; it stays noted where that fails."""
        self._accepted.add(noted.mark)
        try:
            batch = await self._finished(str(noted.batch), api)
            outcomes = await self._outcomes(batch, noted, api) if batch is not None else {}
        finally:
            async with self._changed:
                self._accepted.discard(noted.mark)
                self._changed.notify_all()
        if batch is None:
            self.tell(
                News(
                    f"batch {noted.batch}: not known to the provider any more; its requests are asked again",
                    is_odd=True,
                )
            )
            self._again(noted)
        elif batch.is_over_limit:
            await self._in_turn(noted, batch)
        else:
            self._keep(noted, outcomes)
            self._say(batch, outcomes)
            self.journal.forget(noted)
            for name in noted.ids:
                self._hand_out([name], outcomes[name])

    async def _finished(self, batch: str, api: BatchApi) -> Batch | None:
        """A batch that is over; None where the provider does not know it."""
        wait, is_told = self.times.first_look, False
        while True:
            await asyncio.sleep(wait)
            wait = min(self.times.longest_look, wait * 1.5)
            try:
                seen = await api.get(batch)
            except ModelError as error:
                if error.status == httpx2.codes.NOT_FOUND:
                    return None
                if not error.retryable:
                    raise
                if not is_told:
                    self.tell(News(f"batch {batch}: {error}; looking again"))
                is_told = True
                continue
            if seen.status in OVER:
                return seen

    async def _outcomes(self, batch: Batch, noted: Noted, api: BatchApi) -> dict[str, Outcome]:
        """What came of every request, by its custom id, in whatever order the lines are."""
        if batch.status == "failed" and batch.output is None:
            return dict.fromkeys(noted.ids, refused(batch))
        wanted, found = set(noted.ids), dict[str, Outcome]()
        for file in (batch.output, batch.error):
            for line in await api.lines(file):
                name = line.get("custom_id")
                if name in wanted and not _is_answer(found.get(str(name))):
                    found[str(name)] = answered(line, batch)
        return {name: found.get(name) or unanswered(batch) for name in noted.ids}

    def _keep(self, noted: Noted, outcomes: Mapping[str, Outcome]) -> None:
        """Put answers into the store, before anybody tries to understand them."""
        bodies = self.journal.bodies(noted)
        for name, outcome in outcomes.items():
            if isinstance(outcome, httpx2.Response) and _is_answer(outcome):
                self.store.played.add(self.store.save(asked_for(noted.path, bodies[name]), outcome))
                if not self._waiting.get(name):
                    self._earlier.add(name)

    async def _in_turn(self, noted: Noted, batch: Batch) -> None:
        """Submit again what did not fit: when another batch is over, or in halves one after the other."""
        bodies = self.journal.bodies(noted)
        self.journal.forget(noted)
        lines = {n: line_of(n, noted.path, bodies[n])._replace(waiting=self._waiting.get(n, [])) for n in noted.ids}
        lines = {name: line for name, line in lines.items() if line.is_wanted}
        self.tell(
            News(
                f"batch {batch.id}: {batch.says}; its {len(noted.ids):,} requests are submitted again in turn",
                is_odd=True,
            )
        )
        if before := set(self._accepted):
            async with self._changed:
                await self._changed.wait_for(lambda: not before <= self._accepted)
            await self._submit(noted.path, lines)
        elif len(lines) == 1:
            self._hand_out(noted.ids, refused(batch))
        else:
            names = list(lines)
            for half in (names[: len(names) // 2], names[len(names) // 2 :]):
                await self._submit(noted.path, {name: lines[name] for name in half})

    def _hand_out(self, names: Sequence[str], outcome: Outcome) -> None:
        for name in names:
            for future in self._waiting.pop(name, []):
                if not future.done():
                    future.set_result(outcome)

    def _say(self, batch: Batch, outcomes: Mapping[str, Outcome]) -> None:
        """One line about a batch that is over."""
        good = sum(_is_answer(outcome) for outcome in outcomes.values())
        left = Counter(_why(outcome) for outcome in outcomes.values() if not _is_answer(outcome))
        why = ", ".join(f"{number:,} {reason}" for reason, number in left.most_common())
        line = f"batch {batch.id}: {batch.status}, {good:,} of {len(outcomes):,} requests answered"
        self.tell(News(f"{line}; {why}" if why else line, bool(left)))


def _is_answer(outcome: Outcome | None) -> bool:
    return isinstance(outcome, httpx2.Response) and outcome.status_code == httpx2.codes.OK


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, httpx2.Response):
        return f"with status {outcome.status_code}"
    return {"timeout": "expired", "interrupted": "cancelled"}.get(outcome.code, "missing")
