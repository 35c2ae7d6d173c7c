"""A desk as a process of its own, which can be killed and started again at the same port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2


@contextmanager
def free_port() -> Iterator[int]:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        number = found.getsockname()[1]
    yield number


SERVE = """
import sys
from factcheck.web.app import create_app
from factcheck.web.options import Limits, Options
from factcheck.web.serve import serve
options = Options(port=int(sys.argv[2]), limits=Limits(requests=10**9))
serve(create_app(sys.argv[1], options=options), options, ready=lambda: None)
"""
"""All come from one machine here, so that they would share one sender's limit."""


class Server:
    """The process."""

    def __init__(self, place: str, port: int) -> None:
        self.command = [sys.executable, "-c", SERVE, place, str(port)]
        self.home = f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
        self.process = subprocess.Popen(self.command, env=environment, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            try:
                httpx2.get(f"{self.home}/assets/desk.css")
            except httpx2.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the desk does not start")

    def stop(self, how: int = signal.SIGTERM) -> None:
        assert self.process
        self.process.send_signal(how)
        self.process.wait()
