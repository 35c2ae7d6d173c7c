"""What a process that reads foreign formats may use up."""

from __future__ import annotations

MEMORY_BYTES = 800_000_000
"""Address space of the process, its libraries included; the longest honest reports take a third of it."""

CPU_SECONDS = 5
"""For one original; a PDF of a thousand pages takes most of it."""


def bound_memory() -> None:
    """Limit memory, and forbid writing files and dumping core, where the system can."""
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def bound(seconds: int) -> None:
    """Give the process so much processor time from now; the system ends it when that is used up."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
