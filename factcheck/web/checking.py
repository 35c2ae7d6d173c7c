"""Check what was given at the desk, or look for evidence, with the settings and guards of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.api import acheck, aevidence, open_store, transcriber_for
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.models import Document, Problem, Report, Usage
from factcheck.settings import Settings
from factcheck.views import Listener
from factcheck.watching import Observer, Progress
from factcheck.web.options import Options
from factcheck.web.stopping import Stop


@dataclass(frozen=True)
class Checking:
    """What a model is asked for, with a ledger and settings; uploaded files go by their own names."""

    place: str
    settings: Settings
    options: Options

    def check(
        self, sources: Sequence[str | Path | Document], *, by: str, observe: Observer, tell: Listener, stop: Stop
    ) -> Report:
        """Check sources in somebody's name. Raises UsageError, LedgerError, and CancelledError where it is stopped."""
        files = [source for source in sources if isinstance(source, Path)]
        reading = self._uploaded(files) if files else Reading([], [])
        report = stop.run(
            lambda: acheck(
                [*(source for source in sources if not isinstance(source, Path)), *reading.documents],
                settings=self.settings.model_copy(update={"by": by}),
                replay=self.options.replay,
                ledger=self.place,
                allow_private=self.options.allow_private,
                observe=observe,
                tell=tell,
                errors="report",
                transport=self.options.transport,
            )
        )
        return report.model_copy(update={"problems": (*reading.problems, *report.problems)})

    def evidence(
        self, statement: str, *, speaker: str | None, date: str | None, observe: Observer, stop: Stop, **_: object
    ) -> Report:
        """Look for what bears on a statement, in the sources of the settings. Raises as `check` does."""
        observe(Progress(1, 0, Usage()))
        return stop.run(
            lambda: aevidence(
                statement,
                speaker=speaker,
                date=date,
                settings=self.settings,
                replay=self.options.replay,
                allow_private=self.options.allow_private,
                transport=self.options.transport,
            )
        )

    def _uploaded(self, files: Sequence[Path]) -> Reading:
        """Files as they were called where they came from, not where they are kept for the moment."""
        store = open_store(self.settings, record=None, replay=self.options.replay)
        transcribe = transcriber_for(self.settings, store, record=None, replay=self.options.replay)
        fetching = Fetching(language=self.settings.language, allow_private=self.options.allow_private)
        reading = read(files, fetching=fetching, transcribe=transcribe)
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
