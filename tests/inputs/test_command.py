"""A page and a PDF from a server on this machine, checked from the command line to the report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from factcheck.commands.app import app
from factcheck.models import Report
from tests.support.build_pdf import Page, paragraphs, pdf
from tests.support.fault_server import serving
from tests.support.reading import FIXTURES, words_of
from tests.support.web import serving_pages


def factcheck(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run in an empty home folder, without a key."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "FACTCHECK_MODEL": "scripted"}
    command = [sys.executable, "-m", "factcheck", *arguments]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)


def test_a_page_and_a_pdf_are_checked_and_the_run_is_replayed_to_the_byte(tmp_path: Path) -> None:
    press = pdf([Page(paragraphs(words_of("en")[0])), Page(paragraphs("The mayor thanked the board for its work."))])
    pages: dict[str, Any] = {
        "/ferry": (200, {"Content-Type": "text/html"}, (FIXTURES / "page-de.html").read_bytes()),
        "/press.pdf": (200, {"Content-Type": "application/pdf"}, press),
    }
    with serving_pages(pages) as web, serving() as endpoint:
        sources = [f"{web.url}/ferry", f"{web.url}/press.pdf"]
        refused = factcheck(tmp_path, "check", *sources, "--base-url", endpoint.base_url)
        options = ["--format", "json", "--snapshot", "pages"]
        live = factcheck(
            tmp_path,
            "check",
            *sources,
            *options,
            "--allow-private",
            "--base-url",
            endpoint.base_url,
            "--record",
            "tape",
        )
        visits = len(web.hosts)
        replays = [factcheck(tmp_path, "check", *sources, *options, "--replay", "tape") for _ in range(2)]
    assert (refused.returncode, refused.stderr.count("--allow-private")) == (2, 2)
    assert (live.returncode, live.stderr) == (0, "")
    assert visits == len(web.hosts) == 2
    report = Report.model_validate_json(live.stdout)
    page, press_release = report.documents
    assert [d.url for d in report.documents] == sources
    for document in report.documents:
        assert document.origin
        assert document.origin.retrieved
        assert (tmp_path / "pages" / str(document.origin.snapshot)).exists()
    assert page.title == "Fähre fährt den ganzen Winter"
    assert press_release.marks[-1].page == 2
    quotes = [(q, report.document(c.document_id)) for c in report.claims for q in c.quotes]
    assert quotes
    assert all(document.text[quote.start : quote.end] == quote.exact for quote, document in quotes)
    assert {quote.page for quote, document in quotes if document is press_release} == {1}
    first, second = replays
    assert (first.returncode, first.stdout) == (0, second.stdout)
    assert json.loads(first.stdout)["documents"] == json.loads(live.stdout)["documents"]


def test_a_page_in_a_pipe_and_a_dry_run(tmp_path: Path) -> None:
    page = (FIXTURES / "page-ja.html").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "factcheck", "check", "-", "--dry-run", "--model", "gpt-4o"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=environment, input=page, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("1 document, 1 passage")


def test_a_dry_run_ends_as_the_run_would_where_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The quay will close in June, the mayor said.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 no more")
    run = ["check", "--dry-run", "--model", "m"]
    assert CliRunner().invoke(app, [*run, str(tmp_path / "a.md")]).exit_code == 0
    partly = CliRunner().invoke(app, [*run, str(tmp_path)])
    assert partly.exit_code == 4
    assert "1 document, 1 passage" in partly.stdout
    assert "not read: " in partly.stdout
    assert CliRunner().invoke(app, [*run, str(tmp_path / "b.pdf")]).exit_code == 2
