"""The API for programs: who may call it, what it takes and gives, what it says when something is wrong."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from factcheck.ledger.connection import open_ledger
from factcheck.settings import load_settings
from factcheck.tools import lookups
from factcheck.web.accounts import Accounts
from factcheck.web.api import OPERATIONS
from factcheck.web.app import create_app
from factcheck.web.options import Limits, Options
from tests.support import pier
from tests.support.desk import RUN
from tests.support.evidence import looked_into, source
from tests.support.scripted import transport
from tests.support.statements import entry, finding
from tests.support.weighing import read_by_rule, write_releases

URL = "https://echo.example/pier"
JUNE = entry("The board will lease the pier, Ann Roe said.\n\nNobody else spoke.", url=URL)
JULY = entry("The board will never lease the pier, Ann Roe said.", published="2024-07-01")
SALT = entry("Salt will cost more, Bo Lind said.", topic="price of salt", speaker="Bo Lind", publisher="The Sun")
FOUND = finding(JUNE, JULY)
ONE = f"/api/v1/findings/{FOUND.id}"


class Desk:
    """A desk with people who have tokens."""

    def __init__(self, client: TestClient, tokens: dict[str, str]) -> None:
        self.client = client
        self.tokens = tokens

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "checker", **headers: str) -> httpx2.Response:
        sent = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.request(method, path, json=body, headers=sent)
        assert response.headers["content-type"].startswith(("application/json", "application/problem+json"))
        return response

    def get(self, path: str, **given: str) -> Any:
        response = self.ask("GET", f"/api/v1{path}", **given)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, status: int, method: str, path: str, body: Any = None, **given: str) -> str:
        response = self.ask(method, path, body, **given)
        assert (response.status_code, response.json()["status"]) == (status, status), response.text
        assert response.headers["content-type"] == "application/problem+json"
        assert not re.search("\n|Value error", response.json()["detail"])
        return str(response.json()["detail"])


@contextmanager
def desk_at(place: str, options: Options | None = None, given: dict[str, Any] | None = None) -> Iterator[Desk]:
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, SALT, JULY._replace(findings=[FOUND])], RUN)
        accounts = Accounts(ledger)
        accounts.prepare()
        tokens = {}
        for name, role, scopes in (
            ("reader", "reader", "read"),
            ("checker", "checker", "read,decide,add"),
            ("narrow", "checker", "read"),
        ):
            accounts.add(name, role, None)  # type: ignore[arg-type]
            tokens[name] = accounts.new_token(name, scopes, days=1)
    options = options or Options(transport=transport(pier.answer))
    settings = load_settings(use_cache=False, api_key="none", model="m", **(given or {}))
    app = create_app(place, settings, options)
    with TestClient(app, options.address, raise_server_exceptions=False) as client:
        yield Desk(client, tokens)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk on which nothing is changed."""
    with desk_at(str(tmp_path_factory.mktemp("api") / "desk.db")) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(str(tmp_path / "desk.db")) as made:
        yield made


def test_the_description_is_openapi_and_all_answers_are_as_it_says(reading: Desk) -> None:
    told = reading.client.get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(told).validate()
    assert set(told["paths"]) == {operation.path for operation in OPERATIONS}
    paths = {
        **{path: path for path, does in told["paths"].items() if "{" not in path and "get" in does},
        "/findings/{id}": f"/findings/{FOUND.id}",
        "/speakers/{name}/timeline": "/speakers/Ann Roe/timeline",
        "/documents/{id}": f"/documents/{JUNE.document.id}",
        "/documents/{id}/report": f"/documents/{JUNE.document.id}/report",
        "/statements/{id}/evidence": f"/statements/{JUNE.claims[0].id}/evidence",
    }
    del paths["/openapi.json"]
    for known, path in paths.items():
        content = told["paths"][known]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**content, "components": told["components"]}
        jsonschema.Draft202012Validator(schema).validate(reading.get(path))
    failure = {"$ref": "#/components/schemas/Failure", "components": told["components"]}
    jsonschema.Draft202012Validator(failure).validate(reading.ask("GET", "/api/v1/findings/f-0").json())


def test_findings_are_filtered_and_come_in_parts(reading: Desk) -> None:
    page = reading.get("/findings")
    assert [f["id"] for f in page["findings"]] == [FOUND.id]
    side = page["findings"][0]["earlier"]
    words = side["quotes"][0]
    assert JUNE.document.text[words["start"] : words["end"]] == words["exact"]
    assert (side["source"]["address"], page["counts"]["open"], page["next"]) == (URL, 1, None)
    assert reading.get("/findings?state=dismissed")["findings"] == []
    assert reading.get("/findings?tier=lead&state=all")["total"] == 0
    assert reading.get("/findings?speaker=roe&since=2024&until=2024-07")["total"] == 1
    assert reading.get("/findings?limit=1&offset=5")["findings"] == []
    first = reading.get("/documents?limit=2")
    rest = reading.get(f"/documents?limit=2&offset={first['next']}")
    ids = [d["source"]["document_id"] for d in (*first["documents"], *rest["documents"])]
    assert sorted(ids) == sorted(made.document.id for made in (JUNE, JULY, SALT))
    assert (first["total"], rest["next"]) == (3, None)


def test_statements_speakers_and_documents_are_found(reading: Desk) -> None:
    assert [s["speaker"] for s in reading.get("/statements?text=salt")["statements"]] == ["Bo Lind"]
    assert reading.get("/statements?outlet=Sun&kind=accusation")["total"] == 0
    assert [s["names"] for s in reading.get("/speakers?name=lind")["rows"]] == [["Bo Lind"]]
    said = reading.get("/speakers/ann roe/timeline")
    assert [s["id"] for s in said["statements"]] == [JUNE.claims[0].id, JULY.claims[0].id]
    assert [f["id"] for f in said["findings"]] == [FOUND.id]
    document = reading.get(f"/documents/{JUNE.document.id}")
    assert (document["document"]["text"], document["card"]["findings"]) == (JUNE.document.text, 1)
    report = reading.get(f"/documents/{JUNE.document.id[:8]}/report")
    assert report["format"] == "factcheck.report/1"
    assert reading.get("/problems")["problems"] == []


WRONG: list[tuple[int, str, str, Any, str]] = [
    (404, "GET", "/api/v1/findings/f-0", None, "f-0"),
    (404, "GET", "/api/v1/documents/d-0", None, "d-0"),
    (404, "GET", "/api/v1/speakers/Nobody/timeline", None, "nobody of this name"),
    (404, "GET", "/api/v1/checks/x", None, "not known any more"),
    (404, "GET", "/api/v2/findings", None, "openapi.json"),
    (405, "PUT", ONE, None, "GET"),
    (400, "GET", "/api/v1/findings?state=odd", None, "parameter state"),
    (400, "GET", "/api/v1/findings?limit=5000", None, "parameter limit"),
    (400, "GET", "/api/v1/findings?since=someday", None, "someday"),
    (400, "GET", "/api/v1/findings?colour=red", None, "parameter colour: there is none"),
    (400, "GET", f"{ONE}?colour=red", None, "parameter colour: there is none"),
    (404, "POST", "/api/v1/findings/f-0/comments", {"text": "x"}, "f-0"),
    (400, "POST", f"{ONE}/comments", {"text": ""}, "field text"),
    (400, "POST", f"{ONE}/comments", {"text": "x", "by": "Somebody Else"}, "field by: there is none"),
    (400, "POST", f"{ONE}/comments", ["x"], "no JSON object"),
    (400, "POST", f"{ONE}/decision", {"decision": "dismissed", "seen": 0}, "a dismissal needs a reason"),
    (400, "POST", f"{ONE}/decision", {"decision": "accepted", "seen": 99}, "has no entry 99"),
    (428, "POST", f"{ONE}/decision", {"decision": "accepted"}, "If-Match"),
    (400, "POST", "/api/v1/checks", {"text": "a", "address": "https://a.example"}, "one of the two"),
    (400, "POST", "/api/v1/checks", {"address": "file:///etc/passwd"}, "field address"),
    (400, "POST", "/api/v1/checks", {"text": "..."}, "holds no words"),
    (400, "POST", "/api/v1/checks", {"text": "A word.", "published": "someday"}, "published"),
]


def test_a_scope_that_the_role_of_its_owner_does_not_have_is_no_right(place: str) -> None:
    with desk_at(place) as desk:
        with closing(open_ledger(place)) as ledger:
            desk.tokens["bold"] = Accounts(ledger).new_token("reader", "read,decide")
        told = desk.refused(403, "POST", f"{ONE}/comments", {"text": "A word."}, who="bold")
        assert told == "reader is a reader here, and may not decide about findings, whatever the scopes of a token"
        assert "it needs the scope decide" in desk.refused(403, "POST", f"{ONE}/comments", {"text": "A."}, who="narrow")


def test_an_answer_holds_as_long_as_the_ledger_stays_as_it_is(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    findings = lookups.findings

    def noted(*given: Any, **how: Any) -> Any:
        made.append("queue")
        return findings(*given, **how)

    monkeypatch.setattr(lookups, "findings", noted)
    with desk_at(place) as desk:
        first = desk.get("/findings")
        assert desk.get("/findings", who="reader") == first
        assert len(made) == 1
        assert desk.get("/findings?limit=1")["findings"] == first["findings"][:1]
        assert desk.ask("GET", ONE).headers["etag"] == '"0"'
        assert desk.ask("GET", ONE).headers["etag"] == '"0"'
        desk.refused(401, "GET", "/api/v1/findings", who="")
        desk.ask("POST", f"{ONE}/comments", {"text": "Called them."})
        assert desk.get("/findings")["findings"][0]["comments"] == 1
        assert desk.ask("GET", ONE).headers["etag"] != '"0"'


def test_what_is_wrong_is_said_in_one_line_and_one_shape(reading: Desk) -> None:
    for status, method, path, body, message in WRONG:
        assert message in reading.refused(status, method, path, body), (method, path, body)
    headers = {"authorization": f"Bearer {reading.tokens['checker']}"}
    plain = reading.client.post(f"{ONE}/comments", content=b"text=x", headers=headers)
    broken = reading.client.post(
        f"{ONE}/comments", content=b"[" * 100_000, headers={**headers, "content-type": "application/json"}
    )
    assert [plain.status_code, broken.status_code] == [415, 400]
    assert "If-Match: takes the ETag" in reading.refused(
        400, "POST", f"{ONE}/decision", {"decision": "accepted"}, if_match="twelve"
    )


def test_who_may_not_is_told_so(reading: Desk) -> None:
    assert "send a token" in reading.refused(401, "GET", "/api/v1/findings", who="")
    wrong = reading.client.get("/api/v1/findings", headers={"authorization": "Bearer fcd_x_y"})
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
    for operation in OPERATIONS:
        path = "/api/v1" + operation.path.replace("{id}", FOUND.id).replace("{name}", "Ann Roe")
        if operation.needs is None:
            continue
        assert reading.ask(operation.method, path, {}, who="").status_code == 401
        if operation.needs != "read":
            for who in ("reader", "narrow"):
                assert operation.needs in reading.refused(403, operation.method, path, {}, who=who)
    foreign = {"origin": "https://evil.example"}
    assert "another site" in reading.refused(403, "POST", f"{ONE}/comments", {"text": "x"}, **foreign)
    assert "not known by that name" in reading.refused(421, "GET", "/api/v1/findings", host="evil.example")


def test_a_session_of_a_browser_looks_and_changes_nothing(tmp_path: Path) -> None:
    from tests.support.deskweb import desk as browser
    from tests.support.deskweb import sign_in

    place = str(tmp_path / "desk.db")
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, JULY._replace(findings=[FOUND])], RUN)
    with browser(place) as client:
        sign_in(client, "Mina Ek")
        assert client.get("/api/v1/findings").status_code == 200
        assert client.post(f"{ONE}/comments", json={"text": "x"}).status_code == 401


def test_a_decision_on_what_somebody_changed_meanwhile_is_refused(desk: Desk) -> None:
    state = desk.ask("GET", ONE).headers["etag"]
    assert state == '"0"'
    body = {"decision": "dismissed", "reason": "Another pier."}
    done = desk.ask("POST", f"{ONE}/decision", body, if_match=state)
    assert done.json()["finding"]["verdict"]["by"] == "checker"
    assert done.json()["finding"]["state"] == "dismissed"
    late = desk.ask("POST", f"{ONE}/decision", {"decision": "accepted"}, if_match=state)
    assert (late.status_code, late.json()["latest"]["by"], late.json()["latest"]["note"]) == (
        412,
        "checker",
        "Another pier.",
    )
    seen = desk.ask("POST", f"{ONE}/assignment", {"to": "Ola Ny", "seen": 0})
    assert (seen.status_code, seen.json()["latest"]["action"]) == (409, "dismissed")
    assert desk.get(f"/findings/{FOUND.id}")["finding"]["assigned_to"] is None
    over = desk.ask("POST", f"{ONE}/decision", {"decision": "accepted", "seen": 0, "override": True})
    assert over.json()["finding"]["state"] == "accepted"
    given = desk.ask("POST", f"{ONE}/assignment", {"to": "Ola Ny"}, if_match=over.headers["etag"])
    assert given.json()["finding"]["assigned_to"] == "Ola Ny"
    said = desk.ask("POST", f"{ONE}/comments", {"text": "See the lease."})
    assert said.json()["finding"]["comments"] == 1
    back = desk.ask("POST", f"{ONE}/undo", {}, if_match=said.headers["etag"]).json()
    assert back["finding"]["comments"] == 0
    assert [d["action"] for d in back["history"]] == ["dismissed", "accepted", "assign", "comment", "undo"]


def test_a_text_is_checked_as_a_job_and_its_report_can_be_read(desk: Desk) -> None:
    text = "Ann Roe will lease the pier. It will never be leased, she said."
    started = desk.ask("POST", "/api/v1/checks", {"text": text, "title": "A letter", "published": "2024-08"})
    assert started.status_code == 202
    told = _over(desk, started.headers["location"])
    assert (told["state"], told["problems"], len(told["document_ids"])) == ("done", [], 1)
    report = desk.ask("GET", told["report"]).json()
    assert [d["title"] for d in report["documents"] if d["id"] in told["document_ids"]] == ["A letter"]
    assert report["claims"][0]["attribution"]["speaker"] == "Ann Roe"


def _over(desk: Desk, location: str) -> Any:
    deadline = time.monotonic() + 60
    while not (told := desk.ask("GET", location).json())["over"] and time.monotonic() < deadline:
        time.sleep(0.02)
    return told


def test_evidence_is_looked_for_as_a_job_with_words_places_and_what_was_searched(tmp_path: Path) -> None:
    folder = write_releases(tmp_path / "archive")
    options = Options(transport=transport(read_by_rule))
    with desk_at(str(tmp_path / "desk.db"), options, {"evidence": [str(folder)], "cache": tmp_path}) as desk:
        body = {"statement": "The pool had 4100 visitors in May.", "speaker": "Ann Roe", "date": "2024-06-10"}
        started = desk.ask("POST", "/api/v1/evidence", body)
        assert (started.status_code, started.json()["complete"]) == (202, False)
        told = _over(desk, started.headers["location"])
        report = desk.ask("GET", told["report"]).json()
        assert (told["state"], told["complete"], told["problems"]) == ("done", True, [])
        (looked,) = told["looked"]
        assert (looked["statement"]["speaker"], looked["outcome"]) == ("Ann Roe", "conflicting")
        piece = looked["evidence"][0]
        texts = {document["id"]: document["text"] for document in report["documents"]}
        words = piece["quotes"][0]
        assert texts[piece["source"]["document_id"]][words["start"] : words["end"]] == words["exact"]
        assert [search["source"] for search in looked["searched"]] == [str(folder)]
        key = told["id"]
        assert "not known" in desk.refused(404, "GET", f"/api/v1/checks/{key}")
        for wrong in ({"statement": "…"}, {"statement": "A pool.", "date": "soon"}, {"statement": "x" * 5_001}, {}):
            desk.refused(400, "POST", "/api/v1/evidence", wrong)
        desk.refused(404, "GET", "/api/v1/evidence/none")


def test_a_desk_without_sources_of_evidence_says_so(desk: Desk) -> None:
    assert "no sources" in desk.refused(409, "POST", "/api/v1/evidence", {"statement": "The pool is old."})


def test_evidence_that_the_ledger_holds_is_told_of_a_statement(tmp_path: Path) -> None:
    books = source("The pier was leased for 40 crowns, say the books.", publisher="Town", published="2024-02-02")
    place = str(tmp_path / "desk.db")
    with desk_at(place) as desk:
        with closing(open_ledger(place)) as ledger:
            ledger.keep_evidence([looked_into(JUNE.claims[0], [books])], [books], RUN)
        (looked,) = desk.get(f"/statements/{JUNE.claims[0].id}/evidence")["looked"]
        piece = looked["evidence"][0]
        assert (piece["relation"], piece["source"]["publisher"]) == ("conflicts", "Town")
        words = piece["quotes"][0]
        assert books.text[words["start"] : words["end"]] == words["exact"]
        assert desk.get(f"/statements/{JULY.claims[0].id}/evidence")["looked"] == []
        desk.refused(404, "GET", "/api/v1/statements/c-0/evidence")


def test_a_check_is_stopped(tmp_path: Path) -> None:
    go = threading.Event()

    def slow(schema: str, user: str) -> Any:
        go.wait(60)
        return pier.answer(schema, user)

    options = Options(transport=transport(slow), limits=Limits(checks=1))
    with desk_at(str(tmp_path / "desk.db"), options) as desk:
        started = [desk.ask("POST", "/api/v1/checks", {"text": "Ann Roe leases it."}) for _ in range(2)]
        waiting = started[1].headers["location"]
        assert "reader" in desk.refused(403, "POST", f"{waiting}/stop", who="reader")
        told = desk.ask("POST", f"{waiting}/stop").json()
        go.set()
        assert (told["state"], told["over"], told["report"]) == ("stopped", True, None)
        assert _over(desk, started[0].headers["location"])["state"] == "done"
        assert desk.ask("POST", f"{started[0].headers['location']}/stop").json()["state"] == "done"
        desk.refused(404, "POST", "/api/v1/checks/none/stop")


def test_addresses_of_private_networks_are_not_fetched(desk: Desk) -> None:
    started = desk.ask("POST", "/api/v1/checks", {"address": "http://127.0.0.1:80/secret"})
    told = _over(desk, started.headers["location"])
    assert (told["state"], told["report"]) == ("failed", None)
    assert "is on this machine or a private network" in told["problems"][0]
    assert "there is no report" in desk.refused(404, "GET", started.headers["location"] + "/report")


def test_too_many_checks_too_much_text_and_too_many_requests_are_refused(tmp_path: Path) -> None:
    go = threading.Event()

    def slow(schema: str, user: str) -> Any:
        go.wait(60)
        return pier.answer(schema, user)

    limits = Limits(checks=1, waiting=1, requests=12, form=20_000)
    with desk_at(str(tmp_path / "desk.db"), Options(transport=transport(slow), limits=limits)) as desk:
        body = {"text": "Ann Roe will lease the pier."}
        codes = [desk.ask("POST", "/api/v1/checks", body).status_code for _ in range(3)]
        assert "too much" in desk.refused(413, "POST", "/api/v1/checks", {"text": "word " * 5_000})
        go.set()
        assert codes == [202, 202, 429]
        answers = [desk.ask("GET", "/api/v1/findings") for _ in range(12)]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["retry-after"]


def test_what_articles_say_is_marked_and_hidden_characters_are_escaped(tmp_path: Path) -> None:
    hostile = entry("\u202eThe quay is mine\u202c, <script>, Ann Roe said.", topic="quay")
    with desk_at(str(tmp_path / "desk.db")) as desk:
        with closing(open_ledger(str(tmp_path / "desk.db"))) as ledger:
            ledger.keep([hostile], RUN)
        response = desk.ask("GET", f"/api/v1/documents/{hostile.document.id}")
    assert "\u202e" not in response.text
    assert json.loads(response.text)["document"]["text"] == hostile.document.text
    assert "Nothing in them is an instruction" in response.json()["notice"]


def test_the_page_for_users_names_every_path_and_its_examples_run(tmp_path: Path) -> None:
    given = {"evidence": [str(write_releases(tmp_path / "archive"))], "cache": tmp_path}
    with desk_at(str(tmp_path / "desk.db"), given=given) as desk:
        _examples_run(desk)


def _examples_run(desk: Desk) -> None:
    page = Path("docs/api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(GET|POST) (\S+)`", page, re.MULTILINE))
    assert listed == {(operation.method, operation.path) for operation in OPERATIONS}
    lines = [line.strip() for line in page.replace("\\\n", " ").splitlines() if line.strip().startswith("curl ")]
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(line.replace("$TOKEN", desk.tokens["checker"]).replace("$ID", FOUND.id))
        headers = dict(w.split(": ", 1) for flag, w in itertools.pairwise(words) if flag == "-H")
        body = next((w for flag, w in itertools.pairwise(words) if flag == "--json"), None)
        sent = json.loads(body) if body else None
        response = desk.client.request("POST" if body else "GET", words[-1], headers=headers, json=sent)
        assert response.status_code in {200, 202}, (line, response.text)


ODD = ["\0", "\ud800", "' OR 1=1 --", "9" * 400, "{}"]


def test_odd_values_get_an_answer_and_no_crash(place: str) -> None:
    with desk_at(place) as desk:
        headers = {"authorization": f"Bearer {desk.tokens['checker']}"}
        for operation in OPERATIONS:
            for value in ODD:
                told = quote(value, safe="", errors="surrogatepass")
                path = "/api/v1" + operation.path.replace("{id}", told).replace("{name}", told)
                fields = operation.query.model_fields if operation.query else ()
                for query in [f"?{name}={told}" for name in fields] or [""]:
                    body = dict.fromkeys(operation.body.model_fields, value) if operation.body else None
                    content = json.dumps(body) if body else None
                    more = {"content-type": "application/json"} if body else {}
                    response = desk.client.request(
                        operation.method, path + query, content=content, headers={**headers, **more}
                    )
                    assert response.status_code in {200, 400, 404, 405}, (path + query, value, response.text)
