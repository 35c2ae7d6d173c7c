"""Serve a desk until somebody stops it."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from factcheck.errors import UsageError
from factcheck.web.options import Options

AT_ONCE = 200
"""Connections; live progress keeps one open for each page."""


class _Server(uvicorn.Server):
    """Says when it can be reached."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


def serve(app: Starlette, options: Options, *, ready: Callable[[], None], browse: bool = False) -> None:
    """Serve until Ctrl-C; `ready` is called once it can be reached. Raises UsageError where the port is taken."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        proxy_headers=options.url is not None,  # then the proxy on this machine says who it is asked by
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=5,
        ws="none",
    )
    with bound(options) as listening:

        def started() -> None:
            ready()
            if browse:
                webbrowser.open(options.address)

        with contextlib.suppress(KeyboardInterrupt):
            _Server(config, started).run([listening])


def bound(options: Options) -> socket.socket:
    """A socket at the port; asked for before anything else, so that a taken one is one line."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # named in full: only then does asyncio let small answers go at once, instead of 40 ms later
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"{options.host}:{options.port}: cannot be listened at ({error.strerror}); choose another --port"
        ) from None
    return listening
