"""The project is installed under a name of its own: that of the import and the command is taken on the index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TAKEN = re.compile(r"(?<![-\w/])factcheck(?:\[[a-z,{]|==|>=)|pip install (?:-\S+ )*['\"]?factcheck(?![-\w.])")
"""What would install somebody else's library."""


def test_the_distribution_has_a_name_of_its_own_and_the_command_stays() -> None:
    assert PROJECT["name"] == "factcheck-desk"
    assert list(PROJECT["scripts"]) == ["factcheck"]


def test_nothing_tells_anybody_to_install_somebody_elses_library() -> None:
    texts = [ROOT / "pyproject.toml", ROOT / "Makefile", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    texts += [*(ROOT / "factcheck").rglob("*.py"), *ROOT.glob("*.y*ml")]
    found = [f"{p.name}: {hit[0]}" for p in texts for hit in TAKEN.finditer(p.read_text(encoding="utf-8"))]
    assert not found


def test_extras_that_name_others_name_this_distribution() -> None:
    every = PROJECT["optional-dependencies"]
    named = [one for needed in every.values() for one in needed if one.startswith("factcheck")]
    assert named
    for one in named:
        own, _, listed = one.partition("[")
        assert own == PROJECT["name"]
        assert set(listed.split("]")[0].split(",")) <= every.keys()
