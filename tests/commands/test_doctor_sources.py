"""`factcheck doctor` tries each source of evidence that is set, and says in one line what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from factcheck.commands.doctor import diagnose
from factcheck.settings import load_settings


def test_each_source_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "port.md").write_text("The harbour opened in May 2019.", encoding="utf-8")
    monkeypatch.setenv("FACTCHECK_GOOGLE_KEY", "google-secret-key")
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        if "factchecktools" in request.url.host:
            return httpx2.Response(400, json={"error": {"message": "API key not valid: google-secret-key"}})
        return httpx2.Response(200, json={"query": {"search": []}})

    names = (str(tmp_path / "port.md"), str(tmp_path / "none"), "wikipedia:fi", "google:", "brave:")
    settings = load_settings(evidence=names, cache=tmp_path / "cache", base_url="http://127.0.0.1:9/v1")
    checks = [c for c in diagnose(settings, network=httpx2.MockTransport(answer)) if c.name == "evidence"]
    assert all(check.optional for check in checks)
    lines = {check.message: check.ok for check in checks}
    assert [ok for line, ok in lines.items() if "port.md: answers, with 1 document" in line] == [True]
    assert [ok for line, ok in lines.items() if "wikipedia:fi: answers" in line] == [True]
    assert [ok for line, ok in lines.items() if "no such file" in line] == [False]
    assert [ok for line, ok in lines.items() if "does not accept" in line and "secret" in line] == [False]
    assert [ok for line, ok in lines.items() if "FACTCHECK_BRAVE_KEY" in line] == [False]
    assert len(checks) == 5
    assert not any("google-secret-key" in line for line in lines)
    assert {"fi.wikipedia.org", "factchecktools.googleapis.com"} <= set(asked)
