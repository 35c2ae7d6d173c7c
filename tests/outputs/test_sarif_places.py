"""Every result of SARIF has a relative address and a region, whatever kind of source it comes from."""

from __future__ import annotations

import json

import factcheck
from factcheck.originals import Origin
from tests.support.pier import JULY, JUNE, article, run, stubborn


def places(report: factcheck.Report) -> list[dict[str, object]]:
    log = json.loads(factcheck.render(report, "sarif"))
    (result,) = log["runs"][0]["results"]
    return [place["physicalLocation"] for place in [*result["locations"], *result["relatedLocations"]]]


def test_standard_input_and_fetched_pages_have_an_address_and_a_region() -> None:
    fetched = article(JULY, published="2024-02-10").model_copy(
        update={
            "origin": Origin(media_type="text/html", sha256="0" * 64, snapshot="a page.html"),
            "url": "https://x.org/a",
        }
    )
    later, earlier = places(run([article(JUNE), fetched], stubborn))[:2]
    assert later["artifactLocation"] == {"uri": "a%20page.html"}
    assert str(earlier["artifactLocation"]["uri"]).startswith("d-")  # type: ignore[index]
    for place in (later, earlier):
        region = place["region"]
        assert isinstance(region, dict)
        assert region["startLine"] == 1
        assert region["snippet"]["text"]
