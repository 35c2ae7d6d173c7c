"""What a worker says of itself: a line of JSON for each event, and figures for Prometheus where they are asked for."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

from factcheck.errors import UsageError
from factcheck.models import Usage
from factcheck.redaction import redacted

BUCKETS = (0.5, 1, 2, 5, 10, 20, 60, 120, 300, 900)
"""Seconds that a document takes."""


class Metrics:
    """Counts, and tells `write` of every event in a line."""

    def __init__(self, write: Callable[[str], None] = lambda line: None) -> None:
        self.write = write
        self.documents = self.undone = 0
        self.usage = Usage()
        self._figures: dict[str, Any] = {}

    def log(self, event: str, **fields: Any) -> None:
        """One line of JSON: when, what, and what belongs to it."""
        if event == "undone":
            self.undone += 1
            self._count("undone")
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        given = {name: value for name, value in fields.items() if value is not None}
        self.write(redacted(json.dumps({"at": at, "event": event, **given}, ensure_ascii=False)))

    def done(self, name: str, seconds: float) -> None:
        """A document is in the ledger, and compared."""
        self.documents += 1
        self._count("documents")
        if self._figures:
            self._figures["seconds"].observe(seconds)
        self.log("done", item=name, seconds=round(seconds, 3))

    def spent(self, usage: Usage, cost: float) -> None:
        """What the calls about a document took."""
        for name, value in (
            ("calls", usage.calls - usage.replayed),
            ("input_tokens", usage.input_tokens),
            ("output_tokens", usage.output_tokens),
            ("cost_usd", cost),
        ):
            self._count(name, value)

    def serve(self, place: str, queue: Callable[[], dict[str, int]]) -> None:
        """Answer Prometheus at HOST:PORT; `queue` counts jobs by status whenever it asks. Raises UsageError."""
        try:
            import prometheus_client as prometheus  # noqa: PLC0415  (an extra)
        except ModuleNotFoundError:
            raise UsageError("--metrics needs an extra: python3 -m pip install 'factcheck-desk[workers]'") from None
        registry = prometheus.CollectorRegistry()
        names = ("documents", "undone", "calls", "input_tokens", "output_tokens", "cost_usd")
        figures: dict[str, Any] = {
            name: prometheus.Counter(f"factcheck_{name}", f"{name} of this worker", registry=registry) for name in names
        }
        figures["seconds"] = prometheus.Histogram(
            "factcheck_document_seconds", "seconds that a document takes", buckets=BUCKETS, registry=registry
        )
        registry.register(_Queue(queue))
        host, _, port = place.rpartition(":")
        try:
            prometheus.start_http_server(int(port), host or "127.0.0.1", registry)
        except (OSError, ValueError, OverflowError) as error:
            raise UsageError(f"--metrics {place}: cannot be served there ({error}); name HOST:PORT") from None
        self._figures = figures

    def _count(self, name: str, value: float = 1) -> None:
        if self._figures:
            self._figures[name].inc(value)


class _Queue:
    """Jobs by status, counted when Prometheus asks."""

    def __init__(self, queue: Callable[[], dict[str, int]]) -> None:
        self.queue = queue

    def collect(self) -> list[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        family = GaugeMetricFamily("factcheck_jobs", "jobs of all workers by status", labels=["status"])
        for status, number in self.queue().items():
            family.add_metric([status], number)
        return [family]
