"""A desk tells its webhook what people decide while it is open."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from starlette.testclient import TestClient

from factcheck.ledger.connection import open_ledger
from factcheck.settings import load_settings
from factcheck.web.accounts import Accounts
from factcheck.web.app import create_app
from factcheck.web.options import Options
from tests.support.desk import RUN
from tests.support.receiver import receiver
from tests.support.statements import JULY, JUNE, finding

FOUND = finding(JUNE, JULY)


def test_a_decision_over_the_api_reaches_the_webhook(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, JULY._replace(findings=[FOUND])], RUN)
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mina Ek", "checker", None)
        token = accounts.new_token("Mina Ek", "read,decide", days=1)
    with receiver() as server:
        app = create_app(place, load_settings(use_cache=False, webhook=server.address()))
        headers = {"authorization": f"Bearer {token}"}
        with TestClient(app, Options().address, headers=headers) as client:
            body = {"decision": "accepted", "seen": 0}
            assert client.post(f"/api/v1/findings/{FOUND.id}/decision", json=body).status_code == 200
            assert server.arrived.acquire(timeout=60)
        event = server.came[0].event
    assert (event["type"], event["finding"]["id"], event["decision"]["by"]) == ("finding.decided", FOUND.id, "Mina Ek")
    assert event["address"] == f"{Options().address}/findings/{FOUND.id}"
    assert "webhook-signature" not in server.came[0].headers
