"""Only a document from where the first one came supersedes it; whatever else says so is listed for a person."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.store import Entry, add, replaced
from factcheck.ledger.view import report_of
from factcheck.models import Document
from factcheck.originals import Origin
from tests.support.desk import RUN
from tests.support.statements import article, claim

URL = "https://echo.example/pier"


def kept(ledger: Ledger, *documents: Document) -> None:
    for document in documents:
        with ledger.writing() as connection:
            add(connection, [Entry(document, [claim(document)])], RUN)


def fetched(document: Document, address: str) -> Document:
    return document.model_copy(update={"origin": Origin(media_type="text/html", sha256="0", address=address)})


def state(ledger: Ledger, document: Document) -> tuple[str | None, list[str]]:
    """Why a document no longer stands, and the codes of what was said about any other."""
    with ledger.reading() as connection:
        gone = replaced(connection, [document.id]).get(document.id)
        ids = list(connection.exec_driver_sql("SELECT id FROM documents").scalars())
        return gone, [p.code for p in report_of(connection, ids, RUN).problems]


HONEST = article("The board will lease the pier, Ann Roe said.", url=URL)
FORGERIES: dict[str, dict[str, Any]] = {
    "a file with its address": {"url": URL, "publisher": "A Friend"},
    "a file without a publisher": {"url": URL, "publisher": None},
    "a file that retracts it": {"retracts": URL, "publisher": "The Moon"},
    "a file that corrects it": {"corrects": URL, "publisher": None},
}


@pytest.mark.parametrize("first", ["honest", "forged"])
@pytest.mark.parametrize("name", FORGERIES)
def test_a_file_of_another_origin_silences_nothing(place: str, name: str, first: str) -> None:
    forged = article("The board never said a word, Ann Roe said.", published="2024-05-01", **FORGERIES[name])
    with closing(open_ledger(place)) as ledger:
        kept(ledger, *((HONEST, forged) if first == "honest" else (forged, HONEST)))
        gone, codes = state(ledger, HONEST)
    assert gone is None
    assert codes == ["other_origin"]


def test_a_file_silences_no_page_that_was_fetched(place: str) -> None:
    page = fetched(HONEST, URL)
    forged = article("The board never said a word, Ann Roe said.", published="2024-05-01", url=URL)
    with closing(open_ledger(place)) as ledger:
        kept(ledger, page, forged)
        assert state(ledger, page) == (None, ["other_origin"])
        later = fetched(article("The board may lease the pier, Ann Roe said.", published="2024-06-01", url=URL), URL)
        kept(ledger, later)
        assert state(ledger, page)[0] == "a later version exists"


def test_a_page_of_another_site_silences_nothing(place: str) -> None:
    page = fetched(HONEST, URL)
    evil = article("The board never said a word, Ann Roe said.", published="2024-05-01", url=URL, retracts=URL)
    with closing(open_ledger(place)) as ledger:
        kept(ledger, page, fetched(evil, "https://evil.example/pier"))
        gone, codes = state(ledger, page)
    assert gone is None
    assert codes == ["other_origin", "other_origin"]


def test_the_same_origin_corrects_and_retracts(place: str) -> None:
    note = article("We were wrong, Ann Roe said.", published="2024-05-01", retracts=URL)
    with closing(open_ledger(place)) as ledger:
        kept(ledger, HONEST, note)
        assert state(ledger, HONEST) == ("retracted by The Echo on 2024-05-01", [])
