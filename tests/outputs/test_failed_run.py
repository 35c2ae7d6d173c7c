"""The page of a run that failed says so before anything else, and never that there were no claims."""

from __future__ import annotations

import factcheck
from factcheck.outputs.page import page
from tests.support.pier import JUNE


def failed() -> factcheck.Report:
    settings = factcheck.load_settings(model="m", base_url="https://api.example/v1", use_cache=False)
    return factcheck.check(text=JUNE, settings=settings, errors="report")


def test_a_failed_run_says_so_first_on_the_page() -> None:
    shown = page(failed())
    assert "<h1>This run failed</h1>" in shown
    assert shown.index('role="alert"') < shown.index('class="intro"')
    assert "OPENAI_API_KEY" in shown
    assert "No claims found" not in shown
