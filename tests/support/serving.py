"""An ASGI application on a port of this machine, for the time of a test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serving(app: Any, listening: socket.socket | None = None) -> Iterator[str]:
    """The address of a server that runs this application in a thread, on a port that is bound already or any."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening] if listening else None,), daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(60)


def bound() -> socket.socket:
    """A socket at a free port of this machine."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made
