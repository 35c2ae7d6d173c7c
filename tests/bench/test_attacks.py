"""All canary runs; `make bench` runs them, `make test` a sample."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.canaries import cases, leaks


def test_no_canary_leaks(tmp_path: Path) -> None:
    found = {}
    for number, case in enumerate(cases()):
        folder = tmp_path / str(number)
        folder.mkdir()
        if places := leaks(case, folder):
            found[case] = places
    print(f"{len(cases())} canary runs, {len(found)} leaks")
    assert len(cases()) >= 500
    assert found == {}
