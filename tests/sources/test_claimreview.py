"""Prior fact-checks from feeds and pages, with the conclusions of those who wrote them, quoted under their names."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from factcheck.inputs.documents import Fetching
from factcheck.llm.recordings import Store
from factcheck.settings import load_settings
from factcheck.sources.named import sources_for
from factcheck.sources.results import Query, Result
from tests.support.services import Reply, serving

QUERY = Query("9,000 ships called at Pellby")


def record(claim: str, rating: str = "Exaggerated", **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://facts.example/ships",
        "claimReviewed": claim,
        "datePublished": "2023-04-02",
        "author": {"@type": "Organization", "name": "Pellby Facts", "url": "https://facts.example/"},
        "itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": "A leaflet"}},
        "reviewRating": {"@type": "Rating", "ratingValue": "2", "alternateName": rating},
        **more,
    }


SHIPS, SALT = record("9,000 ships called at Pellby"), record("Salt has doubled in price", url="https://facts.example/s")
ITEMS = [{"@type": "DataFeedItem", "item": [review]} for review in (SHIPS, SALT)]
FEED = {"@context": "https://schema.org", "@type": "DataFeed", "dataFeedElement": ITEMS}
LD = '<script type="application/ld+json">{}</script>'
FORMS = {
    "feed.json": json.dumps(FEED),
    "list.json": json.dumps([SALT, SHIPS]),
    "lines.txt": "\n".join(map(json.dumps, (SALT, SHIPS))),
    "scripts.txt": "\n".join(LD.format(json.dumps(review)) for review in (SALT, SHIPS)),
    "page.html": f"<html><head>{LD.format(json.dumps({'@graph': [{'@type': 'WebPage'}, SHIPS]}))}</head></html>",
    "bom.json": "\ufeff" + json.dumps(FEED),
}


def ask(name: str, cache: Path, **given: Any) -> Result:
    fetching = given.pop("fetching", Fetching(allow_private=True))
    sources, problems = sources_for([name], load_settings(cache=cache), fetching=fetching, **given)
    assert problems == []
    (result,) = asyncio.run(sources[0].search([QUERY]))
    return result


@pytest.mark.parametrize("form", FORMS)
def test_records_are_read_in_every_form(form: str, tmp_path: Path) -> None:
    (tmp_path / form).write_text(FORMS[form], encoding="utf-8")
    result = ask(f"claimreview:{tmp_path / form}", tmp_path / "cache")
    assert result.problems == []
    first = result.found[0]
    assert "9,000 ships called at Pellby" in first.document.text
    assert (first.nature, first.document.publisher, first.document.published) == (
        "fact_check",
        "Pellby Facts",
        "2023-04-02",
    )
    assert first.rating is not None
    assert (first.rating.text, first.rating.by, first.rating.url) == (
        "Exaggerated",
        "Pellby Facts",
        "https://facts.example/ships",
    )


@pytest.mark.parametrize("content", [b"", b"no json", b'{"a": [1, null]}', b"[" * 50_000, "é".encode("latin-1")])
def test_a_file_without_records_is_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_bytes(content)
    result = ask(f"claimreview:{tmp_path / 'feed.json'}", tmp_path / "cache")
    assert len(result.problems) == 1
    assert "feed.json" in result.problems[0].message
    assert "\n" not in result.problems[0].message


@pytest.mark.parametrize(
    "broken",
    [
        record("Ships", author="A name", reviewRating=None),
        record("Ships", author=[{"name": "One"}, {"name": "Two"}], reviewRating=[{"alternateName": "Half"}]),
        record("Ships\ud800", url=7, datePublished=2020),
        {"@type": ["Thing", "ClaimReview"]},
    ],
)
def test_odd_records_are_taken_as_far_as_they_go(broken: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_text(json.dumps([SHIPS, broken]), encoding="utf-8")
    result = ask(f"claimreview:{tmp_path / 'feed.json'}", tmp_path / "cache")
    assert "9,000 ships called at Pellby" in {f.document.title for f in result.found}


def test_a_feed_at_an_address_is_kept_and_replayed(tmp_path: Path) -> None:
    store = Store(tmp_path / "recorded")
    with serving(lambda request: Reply(FORMS["feed.json"].encode())) as server:
        name = f"claimreview:{server.url}/feed.json?token=very-secret-token"
        live = ask(name, tmp_path / "one", store=store, is_record=True)
    replayed = ask(name, tmp_path / "two", store=store, fetching=Fetching(replay=True))
    assert [f.document for f in replayed.found] == [f.document for f in live.found]
    assert live.found
    assert "very-secret-token" not in f"{live.search}{live.found[0].source}"


def test_a_feed_that_cannot_be_fetched_is_one_line(tmp_path: Path) -> None:
    with serving(lambda request: Reply(b"", 503)) as server:
        result = ask(f"claimreview:{server.url}/feed.json", tmp_path)
    assert [p.code for p in result.problems] == ["status"]
    assert result.search.problem
