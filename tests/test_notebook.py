"""The notebook of the documents runs from the first cell to the last, and shows what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MISSING = [n for n in ("nbclient", "ipykernel", "pandas", "matplotlib") if importlib.util.find_spec(n) is None]


@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}: pip install 'factcheck-desk[notebook]'")
@pytest.mark.filterwarnings("ignore")  # of the libraries that run it
def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("FACTCHECK_CACHE", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook: Any = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT / "docs")}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code" and not cell.outputs] == []
    assert any("image/png" in output.get("data", {}) for output in shown)
    printed = "".join(output.get("text", "") for output in shown)
    assert "Alexander Stubb | Stubb says that he wants Finland to become a member of NATO." in printed
    tables = "".join(output.get("data", {}).get("text/html", "") for output in shown)
    assert "<th>Alexander Stubb</th>" in tables


def test_the_notebook_is_kept_without_results() -> None:
    import json

    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)
