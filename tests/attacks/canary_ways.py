"""What the desk, its API, tools for language models, a ledger's commands, the keyring and workers say in a run."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy
from starlette.testclient import TestClient
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.ledger.connection import open_ledger
from factcheck.settings import load_settings
from factcheck.tools.checking import Checker
from factcheck.tools.webhook import begin, webhook_of
from factcheck.web.accounts import Accounts
from factcheck.web.app import create_app
from factcheck.web.options import Options
from tests.support import deskweb
from tests.support.desk import RUN
from tests.support.keyrings import ring_in_memory
from tests.support.statements import JULY, JUNE, finding

TEXT = "The ferry will stop in May, Ida Strand said."
OVER = {"done", "failed", "stopped"}
LISTS = ("findings", "statements", "speakers", "documents", "problems", "checks", "openapi.json")


def told(*words: str, given: str | None = None, **env: str) -> str:
    """All that a command says; raises what it raises."""
    result = CliRunner().invoke(app, list(words), input=given, env=env)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def await_news(place: Path) -> None:
    """A ledger with news that its webhook was not told yet."""
    with closing(open_ledger(str(place))) as ledger:
        hook = webhook_of(load_settings())
        assert hook
        begin(ledger, hook)
        ledger.keep([JUNE, JULY._replace(findings=[finding(JUNE, JULY)])], RUN)


def over_desk(address: str) -> dict[str, str]:
    """What a desk shows of an article that was added, and of its other pages."""
    await_news(Path("desk.db"))
    with deskweb.desk("desk.db", base_url=address, model="m", attempts=1) as client:
        deskweb.sign_in(client, "Mira")
        form = {"csrf": deskweb.csrf(client.get("/add").text), "text": TEXT}
        answer = client.post("/add", data=form, follow_redirects=False)
        place = answer.headers.get("location", "/")
        events = []
        for line in client.get(f"{place}/events").iter_lines():
            events.append(line)
            if line.startswith("data:") and json.loads(line[5:])["over"]:
                break
        paths = (place, "/", "/add", "/articles", "/log", "/search?q=ferry", "/api/v1/findings", "/api/v1/openapi.json")
        return {"events": "\n".join(events), **{path: client.get(path).text for path in paths}}


def over_api(address: str) -> dict[str, str]:
    """What a program is told that adds an article, waits for its check, and reads all lists."""
    with closing(open_ledger("desk.db")) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("robot", "checker", None)
        token = accounts.new_token("robot", "read,decide,add", days=1)
    options = Options()
    made = create_app("desk.db", load_settings(base_url=address, model="m", use_cache=False, attempts=1), options)
    with TestClient(made, options.address, raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {token}"
        started = client.post("/api/v1/checks", json={"text": TEXT})
        check = f"/api/v1/checks/{started.json()['id']}"
        end = time.monotonic() + 60
        while client.get(check).json()["state"] not in OVER:
            assert time.monotonic() < end
            time.sleep(0.02)
        paths = (check, *(f"/api/v1/{name}" for name in LISTS))
        return {"started": started.text, **{path: client.get(path).text for path in paths}}


def over_mcp(address: str) -> dict[str, str]:
    """What a language model's program is told by tools that ask the endpoint."""
    Client = pytest.importorskip("mcp", reason="the extra `mcp` is not installed").Client  # noqa: N806
    from factcheck.tools.mcp import tool_server

    async def go() -> dict[str, str]:
        settings = load_settings(base_url=address, model="m", use_cache=False, attempts=1)
        with closing(open_ledger("desk.db")) as ledger:
            async with Client(tool_server(Checker(settings), ledger)) as client:
                return {"tool": str(await client.call_tool("check_text", {"text": TEXT}))}

    return asyncio.run(go())


def over_ledger(address: str) -> dict[str, str]:
    """What a ledger's commands say and write after a check, and where there is no ledger."""
    at = ("--ledger", "desk.db")
    by = ("--by", "Mira", *at)
    nowhere = f"{address.split('/v1', maxsplit=1)[0].replace('http', 'postgresql', 1).rpartition(':')[0]}:1/desk"
    commands: list[tuple[str, ...]] = [
        ("check", "a.md", "b.md", *at),
        ("ledger", "status", *at),
        ("ledger", "verify", *at),
        ("ledger", "export", *at, "--out", "all.jsonl"),
        ("ledger", "import", "all.jsonl", "--ledger", "copy.db"),
        ("findings", *at, "--format", "json"),
        ("search", "ferry", *at),
        ("timeline", "Ida Strand", *at),
        ("speakers", "list", *at),
        ("speakers", "merge", "Ida Strand", "I. Strand", *by),
        ("speakers", "log", *at),
        ("review", "f-0", "accept", *by),
        ("report", *at, "--format", "html", "--out", "all.html"),
        ("ledger", "status", "--ledger", nowhere),
        ("findings", "--ledger", f"{nowhere}?password=tok-Canary.91~Q"),
    ]
    given = {"FACTCHECK_BASE_URL": address, "FACTCHECK_MODEL": "m"}
    return {" ".join(words[:2]) + words[-1][:4]: told(*words, **given) for words in commands}


def over_keys(address: str) -> dict[str, str]:
    """What is said where the key is in the keyring, and by the commands that keep, list and remove it."""
    key = os.environ["OPENAI_API_KEY"]
    given = {"FACTCHECK_BASE_URL": address, "FACTCHECK_MODEL": "m"}
    without = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    with patch.dict(os.environ, without, clear=True), ring_in_memory():
        said = {"set": told("keys", "set", given=f"{key}\n", **given)}
        for words in (("keys", "list"), ("check", "a.md", "--ledger", "desk.db"), ("doctor",), ("keys", "remove")):
            said[" ".join(words)] = told(*words, **given)
        return said


def over_worker(address: str, place: str) -> dict[str, str]:
    """What a worker logs, shows as figures and leaves in the database of a queue with a failing endpoint."""
    at = ("--ledger", place)
    home = f"http://{address.rpartition('@')[2].split('/', maxsplit=1)[0]}"
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        figures = f"127.0.0.1:{free.getsockname()[1]}"
    said = {"enqueue": told("enqueue", "a.md", "b.md", f"{home}/a", "--later", "--allow-private", *at)}
    given = {"FACTCHECK_BASE_URL": address, "FACTCHECK_MODEL": "m"}
    said["worker"] = told("worker", "--drain", "--allow-private", "--metrics", figures, *at, **given)
    with urllib.request.urlopen(f"http://{figures}/metrics") as answer:
        said["metrics"] = answer.read().decode()
    said["jobs"] = told("jobs", "list", "--format", "json", *at) + told("jobs", "list", *at)
    return said | {"database": rows_of(place)}


def rows_of(place: str) -> str:
    """All that the tables of a database hold."""
    with closing(open_ledger(place)) as ledger, ledger.reading() as connection:
        names = sqlalchemy.inspect(connection).get_table_names()
        found: list[Any] = [connection.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names]
    return "\n".join(str(tuple(row)) for rows in found for row in rows)
