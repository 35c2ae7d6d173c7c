"""What `--evidence` names: for now files and folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from factcheck.errors import UsageError
from factcheck.inputs.loading import Fetching
from factcheck.models import Problem
from factcheck.settings import Settings
from factcheck.sources.files import Files
from factcheck.sources.results import Source


def sources_for(
    names: Sequence[str], settings: Settings, *, fetching: Fetching | None = None
) -> tuple[list[Source], list[Problem]]:
    """The sources of these names. Raises UsageError for a file or folder that is not there."""
    for name in names:
        if not Path(name).exists():
            raise UsageError(f"{name}: there is no such file or folder to look for evidence in")
    return [Files(Path(name), settings.index_folder(), fetching) for name in names], []
