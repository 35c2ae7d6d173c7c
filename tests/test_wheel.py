"""A wheel built from the project works in an empty environment, from another folder, prompts included."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*arguments: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(a) for a in arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_works_alone(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    program = tmp_path / "env" / "bin" / "factcheck"
    listed = run(program, "prompts", cwd=tmp_path)
    assert str(tmp_path) in listed
    assert "extract.v2#" in listed
    report = run(
        program, "check", ROOT / "seeds" / "nato-2014", "--replay", ROOT / "fixtures" / "recordings", cwd=tmp_path
    )
    assert "position softened" in report
    page = run(
        program,
        "check",
        ROOT / "seeds" / "nato-2014",
        "--replay",
        ROOT / "fixtures" / "recordings",
        "-f",
        "html",
        cwd=tmp_path,
    )
    assert page.startswith("<!DOCTYPE html>")
    typed = run(
        python,
        "-c",
        "import factcheck, pathlib; print((pathlib.Path(factcheck.__file__).parent / 'py.typed').exists())",
        cwd=tmp_path,
    )
    assert typed.strip() == "True"
