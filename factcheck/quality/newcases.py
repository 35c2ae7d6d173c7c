"""A case of one's own: articles become a case, a first recording of its answers, and the accepted result."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from factcheck.errors import UsageError
from factcheck.inputs.documents import read
from factcheck.models import Document, Report
from factcheck.plural import counted
from factcheck.quality.evaluate import load_key
from factcheck.quality.regress import accept
from factcheck.quality.trials import Tape, run_trials
from factcheck.settings import Settings


class Made(NamedTuple):
    """A case that was made, in one line; what is missing, if it is not complete."""

    line: str
    undone: tuple[str, ...] = ()


def make_case(sources: Sequence[Path], folder: Path, name: str | None, settings: Settings, replay: Path | None) -> Made:
    """Write `cases/NAME.json`, `recordings/` and `accepted/NAME.json` in a folder.

    Answers that the folder holds already are not asked for again, so that a run which was cut off can be repeated;
    with `replay` they are copied from there. Raises UsageError for articles that cannot be read, and for a case that
    was accepted already.
    """
    reading = read([str(source) for source in sources])
    if reading.problems or not reading.documents:
        raise UsageError(reading.problems[0].message if reading.problems else "there is no article to make a case of")
    name = _slug(name or sources[0].resolve().stem)
    path, accepted = folder / "cases" / f"{name}.json", folder / "accepted"
    if (accepted / path.name).exists():
        raise UsageError(f"{path}: is a case already; choose another --name, or accept anew with `regress --update`")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(case_of(name, reading.documents), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
    tape = Tape(replay=replay, keep=folder / "recordings")
    (trial,) = run_trials([load_key(path)], settings, tape)[0].trials
    undone = tuple(dict.fromkeys(problem.message for problem in trial.problems if problem.leaves_undone))
    if not undone:
        accept(accepted, [trial])
    return Made(f"{path}: {_counts(trial.result, len(reading.documents))}", undone)


def case_of(name: str, documents: Sequence[Document]) -> dict[str, Any]:
    """The articles as a case; its lists of right answers are empty until somebody fills them in for `eval`."""
    rows: dict[str, dict[str, Any]] = {}
    for document in documents:
        label = _slug(Path(document.path or document.title or "article").stem)
        label = label if label not in rows else f"{label}-{len(rows) + 1}"
        fields = {"publisher": document.publisher, "title": document.title, "url": document.url}
        known = {key: value for key, value in {**fields, "language": document.language}.items() if value}
        rows[label] = {"id": label, "date": document.published, **known, "text": document.text}
    return {"id": name, "documents": list(rows.values()), "claims": [], "contradictions": [], "decoys": []}


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "case"


def _counts(result: Any, documents: int) -> str:
    found = result if isinstance(result, Report) else None
    counts = [(documents, "document"), (len(found.claims), "claim"), (len(found.findings), "finding")] if found else []
    return ", ".join(counted(number, noun) for number, noun in counts)
