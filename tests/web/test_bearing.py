"""What bears on a statement stands on its page and on those of its findings, in exact words, and does nothing there."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from factcheck.ledger.connection import open_ledger
from factcheck.ledger.store import Entry
from factcheck.models import Rating
from tests.support.desk import RUN
from tests.support.deskweb import desk, sign_in
from tests.support.evidence import looked_into, source
from tests.support.statements import JULY, JUNE, finding

BOOKS = source("The pier was leased <b>for</b> 40 crowns, say the books.", publisher="Town <i>", published="2024-02-02")
ONE = JUNE.claims[0]


def filled(place: str) -> str:
    """A ledger with one finding, one side of which was looked into; returns the finding's id."""
    found = finding(JUNE, JULY)
    with closing(open_ledger(place)) as ledger:
        ledger.keep([JUNE, Entry(JULY.document, JULY.claims, findings=[found])], RUN)
        one = looked_into(ONE, [BOOKS])
        rating = Rating(text="half right <u>", by="The <em>Checkers", url=None)
        pieces = tuple(
            e.model_copy(update={"why": "<script>alert(1)</script>", "rating": rating}) for e in one.evidence
        )
        ledger.keep_evidence([one._replace(evidence=pieces)], [BOOKS], RUN)
    return found.id


def test_pages_show_what_bears_on_a_statement(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")
    key = filled(place)
    with desk(place) as client:
        sign_in(client, "Mira")
        for address in (f"/findings/{key}", f"/statements/{ONE.id}"):
            html = client.get(address).text
            assert "The pier was leased &lt;b&gt;for&lt;/b&gt; 40 crowns, say the books." in re.sub(
                "</?mark[^>]*>", "", html
            )
            assert "Town &lt;i&gt;" in html
            assert "known since 2024-02-02" in html
            assert "rated “half right &lt;u&gt;” by The &lt;em&gt;Checkers" in html
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
            assert "<script>alert" not in html
            assert "Searched: " in html
        assert "What bears on" not in client.get(f"/statements/{JULY.claims[0].id}").text
