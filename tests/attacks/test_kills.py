"""Every command that writes, killed at any moment, loses nothing; `make bench` kills three hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kills import kill_each


def test_what_was_kept_outlives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    killed = kill_each(str(tmp_path / "desk.db"), tmp_path, 2, only=("review", "evidence"))
    assert killed.faults == []
