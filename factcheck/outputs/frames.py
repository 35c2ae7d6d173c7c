"""Claims or findings as a data frame of pandas or polars, neither of which is needed for anything else."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_args

from factcheck.errors import UsageError
from factcheck.models import Library, Report, Rows
from factcheck.outputs.tables import COLUMNS, rows


def frame(report: Report, what: Rows, library: Library | None = None) -> Any:
    """The rows in a frame of this library, or of the first that is installed. Raises UsageError without one."""
    known: tuple[Library, ...] = get_args(Library)
    found = [name for name in ([library] if library else known) if name in known and find_spec(name)]
    if not found:
        wanted = library or " or ".join(known)
        raise UsageError(f"a data frame needs {wanted}: python3 -m pip install {library or known[0]}; or use .rows()")
    made = rows(report, what)
    columns = {name: [row[name] for row in made] for name in COLUMNS[what]}
    options = {"strict": False} if found[0] == "polars" else {}
    return import_module(found[0]).DataFrame(columns, **options)
