"""Tables opened with LibreOffice Calc, as spreadsheets of several countries open them: no formula, no cell in two.

Needs LibreOffice Calc (Debian: `apt-get install libreoffice-calc-nogui`), which `make` does not install.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import factcheck
from tests.outputs.test_hostile import made_of, strings

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SEPARATORS = {"comma": 44, "semicolon": 59, "tab": 9}
OFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice Calc is not installed")


def opened(text: str, separator: int, folder: Path) -> list[ET.Element]:
    """The rows of a table that hold something, as Calc reads it."""
    place = folder / "table.csv"
    place.write_bytes(text.encode())
    told = [f"--infilter=CSV:{separator},34,76,1", "--convert-to", "fods", "--outdir", str(folder), str(place)]
    home = f"-env:UserInstallation=file://{folder}/office"
    subprocess.run([str(OFFICE), home, "--headless", *told], check=True, capture_output=True, timeout=300)
    rows = ET.parse(folder / "table.fods").iter(f"{TABLE}table-row")
    return [row for row in rows if "".join(row.itertext()).strip()]


def formulas(rows: list[ET.Element]) -> list[str]:
    """What Calc would calculate."""
    return [cell.attrib[f"{TABLE}formula"] for row in rows for cell in row if f"{TABLE}formula" in cell.attrib]


def test_a_formula_would_be_seen(tmp_path: Path) -> None:
    assert formulas(opened('a,b\n"=1+1",x\n', 44, tmp_path)) == ["of:=1+1"]


@pytest.mark.parametrize("name", ["claims-csv", "findings-csv", "evidence-csv"])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_nothing_is_calculated_and_no_row_is_torn(name: str, separator: str, tmp_path: Path) -> None:
    text = factcheck.render(made_of(strings()), name)
    rows = opened(text, SEPARATORS[separator], tmp_path)
    assert formulas(rows) == []
    if separator == "comma":
        wanted = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) == len(wanted)
        assert {len([c for c in row if c.tag.endswith("table-cell")]) for row in rows[:1]} == {len(wanted[0])}
