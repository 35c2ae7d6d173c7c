"""A webhook is told of every new strong finding and every decision, in their order, whatever fails in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.errors import UsageError
from factcheck.inputs import addresses
from factcheck.ledger import outbox
from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.verify import verify
from factcheck.settings import load_settings
from factcheck.tools.webhook import FIRST, HELD, LONGEST, Webhook, begin, deliver, signature, waits, webhook_of
from tests.support.desk import RUN
from tests.support.newsroom import newsroom, write
from tests.support.receiver import Receiver, receiver
from tests.support.statements import JULY, JUNE, entry, finding

FOUND = finding(JUNE, JULY)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def ledger(place: str) -> Iterator[Ledger]:
    with closing(open_ledger(place)) as opened:
        opened.keep([JUNE], RUN)
        yield opened


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def hook_at(server: Receiver, clock: Clock | None = None, host: str = "127.0.0.1") -> Webhook:
    made = webhook_of(load_settings(webhook=server.address(host), webhook_secret=SECRET), "https://desk.example")
    assert made
    return replace(made, clock=clock or Clock())


def told(server: Receiver) -> list[tuple[str, str | None]]:
    events = [message.event for message in server.came]
    return [(event["type"], event["decision"]["action"] if event["decision"] else None) for event in events]


def test_the_signature_is_that_of_standard_webhooks() -> None:
    key, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    assert signature(SECRET, key, "1614265330", body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_new_findings_and_decisions_are_told_in_their_order(ledger: Ledger) -> None:
    with receiver() as server:
        hook = hook_at(server)
        ledger.keep([JULY._replace(findings=[FOUND])], RUN)
        begin(ledger, hook)
        assert deliver(ledger, hook).sent == 0  # what was there before is not news
        salt = entry("Salt will never cost more, Ann Roe said.", published="2024-08-01")
        lead = finding(JULY, salt).model_copy(update={"tier": "lead"})
        ledger.keep([salt._replace(findings=[finding(JUNE, salt), lead])], RUN)
        ledger.decide(FOUND.id, "dismissed", by="Mina <!channel>", note="Another *pier* & <https://evil.example|quay>.")
        ledger.comment(FOUND.id, "Hm.", by="Ola Ny")
        ledger.undo(FOUND.id, by="Ola Ny")
        ledger.undo(FOUND.id, by="Ola Ny")
        assert deliver(ledger, hook).sent == 3
        assert told(server) == [("finding.new", None), ("finding.decided", "dismissed"), ("finding.decided", "undo")]
        new, decided, undone = (message.event for message in server.came)
        side = new["finding"]["earlier"]["quotes"][0]
        assert JUNE.document.text[side["start"] : side["end"]] == side["exact"]
        assert new["text"].splitlines()[:2] == [
            "*Position changed* · Ann Roe · leasing the pier",
            "strong, not reviewed",
        ]
        assert f"Ann Roe: “{side['exact']}” (The Echo, 2024-06-01)" in new["text"]
        assert new["text"].endswith(f"<https://desk.example/findings/{new['finding']['id']}>")
        assert (decided["finding"]["id"], undone["finding"]["state"]) == (FOUND.id, "open")
        line = decided["text"].splitlines()[1]
        assert re.findall(r"[<>*]", line) == []
        assert "&lt;!channel&gt;" in line
        for message in server.came:
            headers = message.headers
            made = signature(SECRET, headers["webhook-id"], headers["webhook-timestamp"], message.body)
            assert headers["webhook-signature"] == made
    with ledger.reading() as connection:
        assert verify(connection) == []


def test_what_is_not_taken_is_tried_again_later_and_nothing_overtakes_it(ledger: Ledger) -> None:
    with receiver((500, {}), (429, {"retry-after": "900"}), (302, {"location": "http://127.0.0.1:9/"})) as server:
        clock = Clock()
        hook = hook_at(server, clock)
        begin(ledger, hook)
        ledger.keep([JULY._replace(findings=[FOUND])], RUN)
        ledger.decide(FOUND.id, "accepted", by="Mina Ek")
        assert "answered with 500" in str(deliver(ledger, hook).problem)
        assert deliver(ledger, hook) == (0, None)  # it is not due
        clock.now += FIRST
        assert "answered with 429" in str(deliver(ledger, hook).problem)
        clock.now += 899
        assert (deliver(ledger, hook).sent, len(server.came)) == (0, 2)
        clock.now += 1
        assert "answered with 302" in str(deliver(ledger, hook).problem)
        clock.now += LONGEST
        with closing(open_ledger_again(ledger)) as later:  # after a restart
            assert deliver(later, hook).sent == 2
        ids = [message.headers["webhook-id"] for message in server.came]
        assert ids == [FOUND.id] * 4 + [ids[-1]]
        assert told(server)[-1] == ("finding.decided", "accepted")
        assert waits(ledger, hook) == 0


def open_ledger_again(ledger: Ledger) -> Ledger:
    address = ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return open_ledger(ledger.place if ledger.is_sqlite else address)


def test_a_sender_that_dies_after_sending_loses_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as server:
        clock = Clock()
        hook = hook_at(server, clock)
        begin(ledger, hook)
        ledger.keep([JULY._replace(findings=[FOUND])], RUN)

        def die(*args: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(outbox, "taken", die)
            patch.setattr(outbox, "let_go", lambda *args: None)
            with pytest.raises(KeyboardInterrupt):
                deliver(ledger, hook)
        assert deliver(ledger, hook).sent == 0  # for a while it is still the other's
        clock.now += HELD
        assert deliver(ledger, hook).sent == 1
        assert [message.headers["webhook-id"] for message in server.came] == [FOUND.id] * 2


def test_a_message_that_is_refused_itself_holds_up_nothing_for_ever(ledger: Ledger) -> None:
    with receiver(*[(413, {})] * 5) as server:
        clock = Clock()
        hook = hook_at(server, clock)
        begin(ledger, hook)
        ledger.keep([JULY._replace(findings=[FOUND])], RUN)
        ledger.decide(FOUND.id, "accepted", by="Mina Ek")
        for _ in range(4):
            assert "answered with 413" in str(deliver(ledger, hook).problem)
            clock.now += LONGEST
        assert deliver(ledger, hook) == (1, None)
        assert told(server)[-1] == ("finding.decided", "accepted")


def test_a_name_that_leads_to_a_private_network_is_not_called(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "resolve", lambda host, port: ["127.0.0.1"])
    with receiver() as server:
        hook = hook_at(server, host="hooks.example")
        begin(ledger, hook)
        ledger.keep([JULY._replace(findings=[FOUND])], RUN)
        said = str(deliver(ledger, hook).problem)
        assert "is on this machine or a private network" in said
        assert "very-secret-path" not in said
        assert server.came == []
        clock = Clock()
        clock.now += FIRST
        assert deliver(ledger, replace(hook, private=True, clock=clock)).sent == 1


def test_a_webhook_that_cannot_be_one_is_said_in_one_line() -> None:
    for wrong in ("ftp://hooks.example/x", "hooks.example", "https://ann:secret@hooks.example/"):
        with pytest.raises(UsageError, match=r"setting webhook: .*is no address of a web server"):
            load_settings(webhook=wrong)
    with pytest.raises(UsageError, match="setting webhook_secret"):
        load_settings(webhook_secret="whsec_no base64!")


def test_a_check_with_a_ledger_tells_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    matters = [["bear"], ["bear"]]
    paths = write(tmp_path / "in", matters, unlisted=0)
    with newsroom() as endpoint, receiver((503, {})) as server:
        config = f'webhook = "{server.address()}"\nbase_url = "{endpoint.base_url}"\nuse_cache = false\n'
        (tmp_path / "factcheck.toml").write_text(config, encoding="utf-8")
        first = CliRunner().invoke(app, ["check", *map(str, paths), "--ledger", "desk.db"])
        assert first.exit_code == 0, first.output
        assert "webhook: 0 sent; 1 wait for the next run, or for `factcheck desk` (127.0.0.1: answered with 503)" in (
            first.stderr
        )
        with closing(open_ledger("desk.db")) as ledger, ledger.writing() as connection:
            connection.execute(outbox.deliveries.update().values(due=0))
        second = CliRunner().invoke(app, ["check", *map(str, paths), "--ledger", "desk.db"])
        assert "webhook: 1 sent" in second.stderr
        assert [name for name, _ in told(server)] == ["finding.new"] * 2
        assert "very-secret" not in first.output + second.output
