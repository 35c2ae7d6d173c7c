"""The tools for language models at the desk: with a token, in its owner's name, and no further than its scopes."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from factcheck.ledger.connection import open_ledger
from factcheck.settings import load_settings
from factcheck.web.accounts import Accounts
from factcheck.web.app import create_app
from factcheck.web.options import Options
from tests.support import pier
from tests.support.desk import RUN
from tests.support.scripted import transport
from tests.support.serving import bound, serving
from tests.support.statements import JULY, JUNE, finding

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")

from mcp import Client
from mcp.client.streamable_http import streamable_http_client

FOUND = finding(JUNE, JULY)


def filled(place: str) -> dict[str, str]:
    """A ledger with a finding; tokens by scope."""
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, JULY._replace(findings=[FOUND])], RUN)
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mina Ek", "checker", None)
        return {scopes: accounts.new_token("Mina Ek", scopes, days=1) for scopes in ("read", "read,decide,add")}


async def _calls(url: str, token: str, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        return [await client.call_tool(name, given) for name, given in calls]


def test_a_token_reads_decides_and_adds_as_its_scopes_say(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    tokens = filled(place)
    listening = bound()
    options = Options(port=listening.getsockname()[1], transport=transport(pier.answer))
    app = create_app(place, load_settings(use_cache=False, api_key="none"), options)
    decision = {"finding_id": FOUND.id, "decision": "dismissed", "reason": "Another pier.", "seen": 0}
    text = {"text": "Ann Roe will lease the pier."}
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("list_findings", {}),
        ("decide_finding", decision),
        ("check_text", text),
    )
    with serving(app, listening) as address:
        read = asyncio.run(_calls(f"{address}/mcp", tokens["read"], *steps))
        every = asyncio.run(_calls(f"{address}/mcp", tokens["read,decide,add"], *steps, steps[1]))
    assert [result.is_error for result in read] == [False, True, True]
    assert "it needs the scope decide" in read[1].content[0].text
    assert "it needs the scope add" in read[2].content[0].text
    assert [result.is_error for result in every] == [False, False, False, True]
    assert every[1].structured_content["finding"]["verdict"]["by"] == "Mina Ek"
    assert every[2].structured_content["kept"]
    assert "Mina Ek was quicker" in every[3].content[0].text


def test_without_a_token_nothing_is_answered(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    filled(place)
    app = create_app(place, load_settings(use_cache=False, api_key="none"))
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"accept": "application/json, text/event-stream"}
    with TestClient(app, Options().address) as client:
        for headers in ({}, {"authorization": "Bearer fcd_none_none"}):
            response = client.post("/mcp", json=call, headers={**accept, **headers})
            assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        foreign = client.post("/mcp", json=call, headers={**accept, "origin": "https://evil.example"})
        assert foreign.status_code == 403
