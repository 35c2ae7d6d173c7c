"""How a desk is reached, what it lets through, and under which names browsers may call it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2

from factcheck.errors import UsageError

PORT = 8765


class Limits(NamedTuple):
    """What one person, or all together, may ask of a desk."""

    upload: int = 30_000_000
    """Bytes of one request with files."""
    form: int = 8_000_000
    """Bytes of one request without files: an article that is pasted."""
    files: int = 20
    checks: int = 2
    """Under way at once."""
    waiting: int = 20
    """Checks that may wait; further ones are refused."""
    requests: int = 900
    """Of one sender within a minute."""
    failures: int = 5
    """Wrong passwords for one name from one sender within a quarter of an hour."""
    failures_of_sender: int = 20
    """Wrong passwords from one sender, for whatever names."""
    failures_of_name: int = 60
    """Wrong passwords for one name, from whatever senders."""


class Options(NamedTuple):
    """How a desk is reached, and how it reads and checks."""

    host: str = "127.0.0.1"
    port: int = PORT
    url: str | None = None
    """The address that people type, where it is another one: behind a reverse proxy."""
    limits: Limits = Limits()
    replay: Path | None = None
    """Play answers from this folder, e.g. to show how it works without a model."""
    allow_private: bool = False
    """Fetch articles from private networks, too."""
    transport: httpx2.AsyncBaseTransport | None = None
    """Stands in for the model's endpoint."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.url is None and is_loopback(self.host)

    @property
    def address(self) -> str:
        """The address that people type, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def origins(self) -> frozenset[str]:
        """All that browsers may call this desk."""
        if self.url is not None:
            return frozenset({self.address})
        names = {self.host, "127.0.0.1", "localhost", "::1"} if self.is_loopback else {self.host}
        return frozenset(f"http://{f'[{name}]' if ':' in name else name}:{self.port}" for name in names)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.address.startswith("https://")


def check_reach(options: Options, *, accounts: bool) -> None:
    """Refuse what would be open to anybody, or reachable under no name. Raises UsageError."""
    if not accounts and not options.is_loopback:
        raise UsageError(
            f"{options.address}: others could reach this desk, and there are no accounts; "
            "open one with `factcheck desk users add NAME --role editor --ledger …`"
        )
    if options.url is None and options.host in {"0.0.0.0", "::", ""}:  # noqa: S104
        raise UsageError(f"--host {options.host}: say with --url under which address people open it")
    if options.url is not None:
        parts = urlsplit(options.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise UsageError(f"--url {options.url}: is none, e.g. https://desk.example.org, without a path")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
