"""The pages of the desk without a browser's scripts: who may see and do what, decisions, conflicts, filters, copies."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from factcheck.inputs.documents import document_from_text
from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry, add
from factcheck.models import Claim
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.web.accounts import Accounts
from factcheck.web.app import ROUTES
from factcheck.web.routes import NEEDS
from tests.support.desk import RUN
from tests.support.deskweb import csrf, desk, fill, invented, sign_in

PASSWORD = "a long enough secret"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    return path, fill(str(path), 6)


@pytest.fixture
def place(template: tuple[Path, list[str]], tmp_path: Path) -> str:
    (tmp_path / "desk.db").write_bytes(template[0].read_bytes())
    return str(tmp_path / "desk.db")


@pytest.fixture
def found(template: tuple[Path, list[str]]) -> list[str]:
    return template[1]


@pytest.fixture
def client(place: str) -> Iterator[TestClient]:
    with desk(place) as opened:
        sign_in(opened, "Mira")
        yield opened


def seen(html: str, key: str) -> str:
    match = re.search(rf'name="seen-{key}" value="(\d+)"', html)
    return match[1] if match else "0"


def act(client: TestClient, what: str, key: str, **form: str) -> httpx2.Response:
    page = client.get(f"/findings/{key}").text
    data = {"csrf": csrf(page), f"seen-{key}": seen(page, key), "act": f"{what}:{key}", "back": f"/findings/{key}"}
    return client.post("/decide", data={**data, **form})


@pytest.mark.parametrize("order", ["strongest", "newest"])
def test_the_next_finding_is_the_next_of_the_queue_that_somebody_came_from(client: TestClient, order: str) -> None:
    rows = re.findall(r'<li class="row \w+" id="(f-\w+)"', client.get(f"/?order={order}").text)
    ways = [client.get(f"/findings/{key}?order={order}").text for key in rows]
    after = [re.search(r'rel="next" data-key="j" href="/findings/(f-\w+)', page) for page in ways]
    assert [found and found[1] for found in after] == [*rows[1:], None]
    assert [f"← {n} of {len(rows)}" in page for n, page in enumerate(ways, 1)] == [True] * len(rows)


def test_the_queue_shows_what_is_open(client: TestClient, found: list[str]) -> None:
    page = client.get("/").text
    assert f"{len(found)} findings are open" in page
    assert all(f'id="{key}"' in page for key in found)
    act(client, "accept", found[0])
    page = client.get("/").text
    assert f'id="{found[0]}"' not in page
    assert f'id="{found[0]}"' in client.get("/?state=accepted").text


def test_only_what_stands_can_be_taken_back(client: TestClient, found: list[str]) -> None:
    act(client, "comment", found[0], note="Asked.")
    assert "Take back the last entry" in client.get(f"/findings/{found[0]}").text
    act(client, "undo", found[0])
    assert "Take back the last entry" not in client.get(f"/findings/{found[0]}").text


def test_decisions_are_kept_with_a_name_and_can_be_taken_back(client: TestClient, place: str, found: list[str]) -> None:
    key = found[1]
    page = act(client, "accept", key).text
    assert "accepted by Mira" in page
    assert "Done: accepted" in page
    entries = re.search(r'name="entries" value="(\d+)"', page)
    assert entries
    form = {"csrf": csrf(page), "act": "undo:", "entries": entries[1], "back": "/"}
    assert "Done: taken back" in client.post("/decide", data=form).text
    assert "not reviewed" in client.get(f"/findings/{key}").text
    page = act(client, "dismiss", key, reason="both can stand", note="see page 3").text
    assert "dismissed by Mira" in page
    assert "both can stand: see page 3" in page
    act(client, "comment", key, note="Asked the office.")
    act(client, "assign", key, to="Ben")
    page = client.get(f"/findings/{key}").text
    for words in ("Asked the office.", "gave it to Ben", "took back entry", "now <bdi>Ben</bdi>"):
        assert words in page
    with closing(open_ledger(place)) as ledger:
        assert [d.action for d in ledger.history(key)] == ["accepted", "undo", "dismissed", "comment", "assign"]
        assert {d.by for d in ledger.history(key)} == {"Mira"}


def test_a_dismissal_needs_a_reason(client: TestClient, found: list[str]) -> None:
    assert "needs a reason" in act(client, "dismiss", found[0]).text
    assert "not reviewed" in client.get(f"/findings/{found[0]}").text


def test_who_was_quicker_is_shown_and_overriding_is_explicit(place: str, found: list[str]) -> None:
    with desk(place) as mira, desk(place) as ben:
        sign_in(mira, "Mira")
        sign_in(ben, "Ben")
        key = found[2]
        page = ben.get(f"/findings/{key}").text
        act(mira, "dismiss", key, note="different years")
        form = {"csrf": csrf(page), f"seen-{key}": seen(page, key), "act": f"accept:{key}", "back": "/"}
        answer = ben.post("/decide", data=form)
        assert answer.status_code == 409
        for words in ("Somebody was quicker", "Mira", "different years", "Accept all the same"):
            assert words in answer.text
        assert "dismissed by Mira" in ben.get(f"/findings/{key}").text
        del form[f"seen-{key}"]
        assert ben.post("/decide", data=form).status_code == 409
        form |= {"override": "yes", "csrf": csrf(answer.text)}
        assert ben.post("/decide", data=form).status_code == 200
        assert "accepted by Ben" in ben.get(f"/findings/{key}").text


def test_several_at_once(client: TestClient, found: list[str]) -> None:
    page = client.get("/").text
    keys = found[:3]
    form = {"csrf": csrf(page), "act": "dismiss:", "reason": "not worth pursuing", "key": keys, "back": "/"}
    form |= {f"seen-{key}": seen(page, key) for key in keys}
    page = client.post("/decide", data=form).text
    assert "3 entries of yours: dismissed" in page
    assert f"{len(found) - 3} findings are open" in page
    entries = re.search(r'name="entries" value="([\d ]+)"', page)
    assert entries
    page = client.post("/decide", data={"csrf": csrf(page), "act": "undo:", "entries": entries[1], "back": "/"}).text
    assert f"{len(found)} findings are open" in page


@pytest.mark.parametrize(
    "query",
    ["tier=strong", "kind=dispute", "since=2011", "until=2012-05", "speaker=ada", "outlet=north", "assigned=-",
     "assigned=Mira", "text=harbour", "order=newest", "page=2", "page=x", "state=all&tier=lead", "state=stale"],
)  # fmt: skip
def test_filters_stand_in_the_address(client: TestClient, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 200


def test_filters_keep_what_fits(client: TestClient, place: str) -> None:
    with closing(open_ledger(place)) as ledger:
        rows = ledger.queue().rows
    strong = {row.finding.id for row in rows if row.finding.tier == "strong"}
    listed = set(re.findall(r'<li class="row \w+" id="(f-\w+)"', client.get("/?tier=strong").text))
    assert listed == strong
    assert 0 < len(strong) < len(rows)


@pytest.mark.parametrize("query", ["tier=loud", "state=x", "since=yesterday", "kind=lie"])
def test_a_filter_that_is_none_is_one_line(client: TestClient, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 404
    assert 'class="alert"' in answer.text


def test_every_address_of_a_finding_leads_to_it(client: TestClient, place: str, found: list[str]) -> None:
    with closing(open_ledger(place)) as ledger:
        detail = ledger.finding(found[0])
    for short in (found[0][:9], detail.row.pair):
        assert client.get(f"/findings/{short}", follow_redirects=False).headers["location"] == f"/findings/{found[0]}"
    a = detail.row.a
    page = client.get(f"/findings/{found[0]}").text
    for path in (f"/articles/{a.document.id}", f"/statements/{a.claim.id}"):
        assert path in page
        assert client.get(path).status_code == 200
    article = client.get(f"/articles/{a.document.id}?mark={a.claim.id}").text
    assert f'id="{a.claim.id}"' in article
    assert " hit" in article
    assert f"/findings/{found[0]}" in article
    name = a.claim.attribution.speaker or ""
    assert name in client.get(f"/speakers/{name}").text
    assert client.get(f"/statements/{found[0]}", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "path",
    ["/findings/f-000000000000", "/findings/%00", "/articles/d-zz", "/statements/..%2f..", "/speakers/Nobody%20Here",
     "/checks/x", "/findings/f-1/copy.exe", "/nothing"],
)  # fmt: skip
def test_what_is_not_there_is_one_line(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'class="alert"' in answer.text
    assert "Traceback" not in answer.text


def test_copies_have_both_sides_and_their_sources(client: TestClient, place: str, found: list[str]) -> None:
    with closing(open_ledger(place)) as ledger:
        row = ledger.finding(found[0]).row
    for kind, media in (("txt", "text/plain"), ("md", "text/markdown"), ("html", "text/html")):
        answer = client.get(f"/findings/{found[0]}/copy.{kind}")
        assert answer.headers["content-type"].startswith(media)
        for said in (row.a, row.b):
            assert said.claim.quotes[0].exact.split(" at ")[0] in answer.text
            assert (said.document.published or "-") in answer.text
        assert f"http://127.0.0.1:8765/findings/{found[0]}" in answer.text


def test_search_and_problems(client: TestClient, place: str) -> None:
    with closing(open_ledger(place)) as ledger:
        said = ledger.statements(limit=1).rows[0]
    word = said.claim.topic.split()[-1]
    page = client.get(f"/search?text={word}").text
    assert said.claim.id in page
    assert "0 statements" in client.get("/search?text=zzzzqq").text
    assert "None." in client.get("/problems").text


def test_who_is_who(client: TestClient, place: str) -> None:
    with closing(open_ledger(place)) as ledger:
        a, b = (row.names[0] for row in ledger.speakers(limit=2).rows)
    page = client.get("/people").text
    assert a in page
    page = client.post("/people", data={"csrf": csrf(page), "do": "merge", "a": a, "b": b, "note": "one person"}).text
    assert "Done: merged" in page
    assert f"<bdi>{a} = {b}</bdi>: the same" in page
    assert "one person" in page
    entry = re.search(r'name="entries" value="(\d+)"', page)
    assert entry
    page = client.post(
        "/decide", data={"csrf": csrf(page), "act": "undo:", "entries": entry[1], "back": "/people"}
    ).text
    assert "taken back" in page
    form = {"csrf": csrf(page), "do": "merge", "a": a, "b": "Nobody Here"}
    assert "nobody of this name" in client.post("/people", data=form).text


def test_enter_in_a_field_decides_nothing(client: TestClient, found: list[str], place: str) -> None:
    page = client.get("/").text
    form = {"csrf": csrf(page), "act": "", "key": found[0], f"seen-{found[0]}": "0"}
    client.post("/decide", data=form)
    with closing(open_ledger(place)) as ledger:
        assert ledger.history(found[0]) == []
        client.post("/decide", data={**form, "to": "Ben"})
        assert [(d.action, d.data["to"]) for d in ledger.history(found[0])] == [("assign", "Ben")]
    submits = re.findall(r'<button[^>]*(?:name="act" value="([^"]*)")', page.split('id="queue"')[1])
    assert submits[0] == ""


def test_an_editor_retracts_an_article_and_its_findings_become_stale(client: TestClient, found: list[str]) -> None:
    page = client.get(f"/findings/{found[0]}").text
    article = re.findall(r'href="(/articles/d-[^"?#]+)', page)[0]
    shown = client.get(article).text
    assert "say why" in client.post(f"{article}/retract", data={"csrf": csrf(shown)}).text
    answer = client.post(
        f"{article}/retract", data={"csrf": csrf(shown), "note": "Its <b>author</b> withdrew it."}
    ).text
    assert "Its &lt;b&gt;author&lt;/b&gt; withdrew it." in answer
    assert 'id="retract"' not in answer
    assert 'class="stale"' in client.get(f"/findings/{found[0]}").text
    assert client.post("/articles/d-none/retract", data={"csrf": csrf(shown), "note": "x"}).status_code == 404


FORMS = {
    ("POST", "/decide"): {"act": "comment:KEY", "note": "hello"},
    ("POST", "/people"): {"do": "merge", "a": "x", "b": "y"},
    ("POST", "/add"): {},
    ("POST", "/logout"): {},
    ("POST", "/login"): {},
}
ROLES = {"reader": {"read"}, "checker": {"read", "decide", "add"}, "editor": {"read", "decide", "add", "people"}}


FOR_PROGRAMS = ("/api/", "/mcp")
"""Addresses with tests of their own."""


def addresses() -> list[tuple[str, str]]:
    routes = [route for route in ROUTES if isinstance(route, Route) and not route.path.startswith(FOR_PROGRAMS)]
    return sorted({(m, r.path) for r in routes for m in (r.methods or ()) if m in {"GET", "POST"}})


def test_every_address_says_what_it_needs() -> None:
    for route in ROUTES:
        if not isinstance(route, Route) or route.path.startswith(FOR_PROGRAMS):
            continue
        needs = getattr(route.endpoint, NEEDS, "missing")
        free = route.path in {"/login", "/assets/{name}"}
        assert (needs in {None, "missing"}) == (free or route.name == "watch"), route.path


@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_role_reaches_what_it_may_and_no_more(place: str, found: list[str], role: str | None) -> None:
    with closing(open_ledger(place)) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mira", role or "reader", PASSWORD)  # type: ignore[arg-type]
        row = ledger.finding(found[0]).row
    parts = {"{key}": found[0], "{kind}": "txt", "{name:path}": row.a.claim.attribution.speaker or "", "{name}": "x"}
    keys = {"/articles/{key}": row.a.document.id, "/statements/{key}": row.a.claim.id, "/checks/{key}": "none"}
    needs = {
        (m, r.path): getattr(r.endpoint, NEEDS, None) for r in ROUTES if isinstance(r, Route) for m in r.methods or ()
    }
    with desk(place) as client:
        if role:
            sign_in(client, "Mira", PASSWORD)
        token = csrf(client.get("/problems").text)
        for method, path in addresses():
            need = needs[method, path]
            if path in {"/login", "/assets/{name}", "/logout", "/checks/{key}/events"}:
                continue
            real = path.replace("{key}", keys[path]) if path in keys else path
            for part, value in parts.items():
                real = real.replace(part, value)
            form = {k: v.replace("KEY", found[0]) for k, v in FORMS.get((method, path), {}).items()}
            sent = {**form, "csrf": token}
            answer = client.request(method, real, data=sent if method == "POST" else None, follow_redirects=False)
            allowed = role is not None and need in ROLES[role]
            refused = answer.status_code in {401, 403} or answer.headers.get("location", "").startswith("/login")
            assert refused != allowed, (role, method, real, answer.status_code)
        assert (client.get("/checks/none/events").status_code == 401) == (role is None)
    with closing(open_ledger(place)) as ledger:
        assert bool(ledger.history(found[0])) == (role in {"checker", "editor"})


def test_a_token_needs_its_scope(place: str, found: list[str]) -> None:
    with closing(open_ledger(place)) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mira", "editor", None)
        token = accounts.new_token("Mira", "read")
    with desk(place) as client:
        headers = {"authorization": f"Bearer {token}"}
        assert client.get(f"/findings/{found[0]}/copy.txt", headers=headers).status_code == 200
        form = {"act": f"comment:{found[0]}", "note": "x"}
        assert client.post("/decide", data=form, headers=headers).status_code == 403
        assert client.get("/", headers={"authorization": "Bearer fcd_x_y"}).status_code == 401


def test_a_checker_takes_no_merge_back(place: str) -> None:
    with closing(open_ledger(place)) as ledger:
        accounts = Accounts(ledger)
        accounts.prepare()
        accounts.add("Mira", "checker", PASSWORD)
        a, b = (row.names[0] for row in ledger.speakers(limit=2).rows)
        made = ledger.merge(a, b, by="Ed")
    with desk(place) as client:
        sign_in(client, "Mira", PASSWORD)
        form = {"csrf": csrf(client.get("/problems").text), "act": "undo:", "entries": str(made.seq)}
        assert client.post("/decide", data=form).status_code == 403


EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}<a href=javascript:alert(3)>"


def evil_entries() -> list[Entry]:
    """Two articles in which every field is hostile, with a finding between them."""
    made = []
    for n in (1, 2):
        text = f"Ann {EVIL} says {n} is right {EVIL}. She said so."
        fields = {"title": EVIL + str(n), "publisher": EVIL, "published": f"2020-0{n}-01", "author": EVIL}
        document = document_from_text(text, url="javascript:alert(4)", path=EVIL, language='en" onload="x', **fields)
        source = Source(f"Ann {EVIL}", role=EVIL)
        draft = Draft(document, (Pointer(1, ""),), source, "accusation", EVIL, "indirect", target=EVIL)
        claim = ground(draft)
        assert isinstance(claim, Claim)
        made.append(Entry(document, [claim]))
    finding = invented(random.Random(1), made[0].claims[0], made[1].claims[0], EVIL)
    return [made[0], made[1]._replace(findings=[finding])]


def test_a_script_in_any_field_is_text(tmp_path: Path) -> None:
    place = str(tmp_path / "evil.db")
    entries = evil_entries()
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, entries, RUN)
    key = next(f.id for e in entries for f in e.findings)
    speaker = httpx2.URL("http://x/").copy_with(path=f"/speakers/Ann {EVIL}").raw_path.decode()
    with desk(place) as client:
        sign_in(client, EVIL[:80])
        for what, form in (("comment", {"note": EVIL}), ("assign", {"to": EVIL[:80]}), ("dismiss", {"reason": EVIL})):
            act(client, what, key, **form)
        paths = ["/?state=all", f"/findings/{key}", f"/articles/{entries[0].document.id}", "/search?text=right",
                 f"/statements/{entries[0].claims[0].id}", speaker, "/people", "/problems", "/add",
                 f"/?state=all&text={EVIL}", f"/search?text={EVIL}", f"/findings/{key}?speaker={EVIL}"]  # fmt: skip
        for path in paths:
            page = client.get(path).text
            for live in ("<script>alert", "<img src=x", "<a href=javascript", 'href="javascript:', 'onload="', "49"):
                assert live not in re.sub(r"\w{12,}|\d\d\d\d-\S+|\d\d:\d\d", "", page), (path, live)
        assert "&lt;script&gt;" in client.get(f"/findings/{key}").text
        copied = client.get(f"/findings/{key}/copy.html").text
        assert "<script" not in copied
        assert "javascript:alert(4)" not in copied.replace("&#x27;", "")


def test_keys_and_prompts_never_reach_the_browser(place: str, found: list[str]) -> None:
    secret = "sk-very-secret-key-1234567890"
    with desk(place, api_key=secret, base_url="https://user:hunter22secret@llm.example/v1") as client:
        sign_in(client, "Mira")
        for path in ("/", f"/findings/{found[0]}", "/add", "/people", "/problems", "/search?text=a", "/nothing"):
            page = client.get(path)
            assert not any(s in page.text + str(page.headers) for s in (secret, "hunter22secret", "llm.example"))


def test_a_page_is_made_anew_when_the_ledger_changes(client: TestClient, place: str, found: list[str]) -> None:
    first = client.get("/").text
    with desk(place) as other:
        sign_in(other, "Ben & Co")
        other.get("/")
        page = other.get("/").text
        assert "Ben &amp; Co" in page
        assert "Mira" not in page
        assert csrf(page) != csrf(first)
        act(other, "accept", found[3])
    assert f'id="{found[3]}"' not in client.get("/").text
    assert client.app.state.desk.kept.name not in client.get("/").text  # type: ignore[attr-defined]
