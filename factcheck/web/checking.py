"""Check what was given in the browser against the ledger, with the settings and guards of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.api import check, open_store, transcriber_for
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.models import Document, Problem, Report
from factcheck.settings import Settings
from factcheck.watching import Observer
from factcheck.web.options import Options


@dataclass(frozen=True)
class Checking:
    """`factcheck.check` with a ledger and settings; uploaded files go by their own names."""

    place: str
    settings: Settings
    options: Options

    def __call__(self, sources: Sequence[str | Path | Document], *, observe: Observer) -> Report:
        """Check sources, and tell how far it is. Raises UsageError and LedgerError."""
        files = [source for source in sources if isinstance(source, Path)]
        reading = self._uploaded(files) if files else Reading([], [])
        report = check(
            [*(source for source in sources if not isinstance(source, Path)), *reading.documents],
            settings=self.settings,
            replay=self.options.replay,
            ledger=self.place,
            allow_private=self.options.allow_private,
            observe=observe,
            errors="report",
            transport=self.options.transport,
        )
        return report.model_copy(update={"problems": (*reading.problems, *report.problems)})

    def _uploaded(self, files: Sequence[Path]) -> Reading:
        """Files as they were called where they came from, not where they are kept for the moment."""
        store = open_store(self.settings, record=None, replay=self.options.replay)
        transcribe = transcriber_for(self.settings, store, record=None, replay=self.options.replay)
        reading = read(files, fetching=Fetching(language=self.settings.language), transcribe=transcribe)
        return Reading(
            [document.model_copy(update={"path": _name(document.path)}) for document in reading.documents],
            [_renamed(problem, files) for problem in reading.problems],
        )


def _name(path: str | None) -> str | None:
    return Path(path).name if path else None


def _renamed(problem: Problem, files: Sequence[Path]) -> Problem:
    message = problem.message
    for file in files:
        message = message.replace(str(file), file.name)
    return problem.model_copy(update={"message": message})
