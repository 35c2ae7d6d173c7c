"""The socket that a desk listens at."""

from __future__ import annotations

import asyncio
import socket

import pytest

from factcheck.errors import UsageError
from factcheck.web.options import Options
from factcheck.web.serve import bound


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_small_answer_is_sent_at_once(host: str) -> None:
    sent_at_once: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        accepted = writer.get_extra_info("socket")
        sent_at_once.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def ask() -> None:
        try:
            listening = bound(Options(host=host, port=0))
        except UsageError:
            pytest.skip(f"this machine has no {host}")
        async with await asyncio.start_server(answer, sock=listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            writer.write(b"?")
            await reader.read()
            writer.close()

    asyncio.run(ask())
    assert sent_at_once == [1]


def test_a_port_that_is_taken_is_one_line() -> None:
    with bound(Options(port=0)) as first:
        first.listen()
        with pytest.raises(UsageError, match="choose another --port"):
            bound(Options(port=first.getsockname()[1]))
