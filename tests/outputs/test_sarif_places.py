"""Every result of SARIF has a relative address and a region, whatever kind of source it comes from."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import factcheck
from factcheck.inputs.documents import read
from factcheck.inputs.loading import Fetching
from factcheck.models import Document, Report
from factcheck.originals import Origin
from tests.support.build_docx import word
from tests.support.build_office import odt
from tests.support.build_pdf import Page, paragraphs, pdf
from tests.support.codescanning import complaints
from tests.support.pier import JULY, JUNE, article, run, stubborn
from tests.support.reports import bills
from tests.support.web import serving_pages

HTML = f"<html><body><article><h1>Pier</h1><p>{JULY}</p></article></body></html>"
SRT = f"1\n00:00:01,000 --> 00:00:04,000\n{JULY.split('. ')[0]}.\n"
KINDS: dict[str, Callable[[], bytes]] = {
    "a.md": JULY.encode,
    "a b ü.txt": JULY.encode,
    "a.html": HTML.encode,
    "a.srt": SRT.encode,
    "a.docx": lambda: word([JULY]),
    "a.odt": lambda: odt(f"<text:p>{JULY}</text:p>"),
    "a.pdf": lambda: pdf([Page(tuple(paragraphs(JULY)))]),
    "a.jsonl": lambda: json.dumps({"title": "Pier", "text": JULY}).encode(),
}


def logged(report: Report) -> dict[str, Any]:
    text = factcheck.render(report, "sarif")
    assert complaints(text) == []
    log: dict[str, Any] = json.loads(text)
    return log


def place(report: Report) -> dict[str, Any]:
    (result,) = logged(report)["runs"][0]["results"]
    found: dict[str, Any] = result["locations"][0]["physicalLocation"]
    return found


def compared(document: Document) -> Report:
    return run([article(JUNE), document.model_copy(update={"published": "2024-02-10"})], stubborn)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_has_a_relative_address_and_a_region(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in", name).write_bytes(KINDS[name]())
    (document,) = factcheck.read(Path("in")).documents
    found = place(compared(document))
    assert found["artifactLocation"] == {"uri": f"in/{name.replace(' ', '%20').replace('ü', '%C3%BC')}"}
    assert found["region"]["snippet"]["text"] in document.text


def test_a_file_outside_of_the_folder_is_relative_to_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "a.md").write_text(JULY, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    for source in (tmp_path / "a.md", Path("..", "a.md")):
        (document,) = factcheck.read(source).documents
        report = compared(document)
        base = logged(report)["runs"][0]["originalUriBaseIds"]["MACHINE"]["uri"]
        found = place(report)["artifactLocation"]
        assert found["uriBaseId"] == "MACHINE"
        assert base + found["uri"] == (tmp_path / "a.md").as_uri()
        assert os.fspath(tmp_path) not in found["uri"].split("/")


def test_a_page_from_the_web_points_at_its_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with serving_pages({"/a": (200, {"Content-Type": "text/html; charset=utf-8"}, HTML.encode())}) as web:
        address = f"http://127.0.0.1:{web.server_address[1]}/a"
        reading = read([address], fetching=Fetching(allow_private=True, snapshot=Path("pages")))
    (document,) = reading.documents
    uri = place(compared(document))["artifactLocation"]["uri"]
    assert uri.startswith("pages/")
    assert Path(uri).read_bytes() == HTML.encode()


def test_a_path_is_never_an_address_of_another_kind() -> None:
    named = article(JULY).model_copy(update={"path": "javascript:alert(1)"})
    assert place(compared(named))["artifactLocation"] == {"uri": "javascript%3Aalert%281%29"}


def test_what_has_no_file_has_a_name_by_its_id() -> None:
    fetched = article(JULY).model_copy(
        update={"origin": Origin(media_type="text/html", sha256="0" * 64), "url": "https://x.org/a"}
    )
    assert place(compared(fetched))["artifactLocation"] == {"uri": f"{fetched.id}.txt"}


def broken(change: Callable[[dict[str, Any]], Any], log: dict[str, Any]) -> list[str]:
    changed = copy.deepcopy(log)
    change(changed["runs"][0])
    return complaints(json.dumps(changed))


def test_the_rules_of_code_scanning_are_checked(tmp_path: Path) -> None:
    log = logged(bills(tmp_path))
    for change in (
        lambda r: r["results"][0].update(locations=[]),
        lambda r: r["results"][0].update(partialFingerprints={}),
        lambda r: r["results"][0].update(ruleId="unknown"),
        lambda r: r["results"][0]["message"].update(text=""),
        lambda r: r["results"][0]["locations"][0]["physicalLocation"]["region"].pop("endColumn"),
        lambda r: r["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="file:///a.md"),
        lambda r: r["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="../a.md"),
        lambda r: r["results"][0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"].update(uri="/a.md"),
        lambda r: r["tool"]["driver"]["rules"][0]["help"].update(text=""),
        lambda r: r["tool"]["driver"]["rules"][0]["fullDescription"].update(text="x" * 1025),
    ):
        assert broken(change, log), change
