"""Compare what the recorded cases give today with what was accepted, claim by claim and finding by finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from factcheck.errors import UsageError
from factcheck.models import Report
from factcheck.outputs.changes import claim_differences, finding_differences, outline
from factcheck.outputs.inert import github_message, github_property, visible
from factcheck.plural import counted
from factcheck.quality.dossiers import Dossier
from factcheck.quality.evaluate import Key
from factcheck.quality.suite import Verdicts
from factcheck.quality.trials import Trial

FORMAT = "factcheck.accepted/1"


class Change(NamedTuple):
    """One difference to what was accepted. `worse` ones make the run fail."""

    case: str
    message: str
    worse: bool


def snapshot(trial: Trial) -> dict[str, Any]:
    """What of a trial is accepted: places, kinds and names, in a stable order; no wording, no cost."""
    if isinstance(trial.result, Verdicts):
        verdicts = {
            v.pair.id: f"{v.finding.kind} {v.finding.severity} {v.finding.tier}" if v.finding else "none"
            for v in trial.result.verdicts
        }
        return {"format": FORMAT, "case": trial.case.name, "pairs": verdicts, "strays": len(trial.result.strays)}
    if isinstance(trial.case, Dossier):
        return {"format": FORMAT, "case": trial.case.name, "checks": _checks(trial.result, trial.case)}
    documents = trial.case.documents if isinstance(trial.case, Key) else {}
    labels = {document.id: label for label, document in documents.items()}
    return {"format": FORMAT, "case": trial.case.name, **outline(trial.result, labels)}


def _checks(report: Report, dossier: Dossier) -> dict[str, str]:
    """The outcome of each claim with its evidence: relations and documents."""
    labels = {d.id: key for key, d in (*dossier.articles.items(), *dossier.archive.items())}
    outcomes = {check.claim_id: check.outcome for check in report.checks}
    return {
        f"{n}: {labels[claim.document_id]} {claim.quotes[0].start}-{claim.quotes[-1].end}": "; ".join(
            [
                outcomes.get(claim.id, "not weighed"),
                *sorted(f"{e.relation} {labels[e.document_id]}" for e in report.evidence if e.claim_id == claim.id),
            ]
        )
        for n, claim in enumerate(dossier.claims, 1)
    }


def accept(folder: Path, trials: Iterable[Trial]) -> None:
    """Write today's results as the accepted ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for trial in trials:
        text = json.dumps(snapshot(trial), ensure_ascii=False, indent=1) + "\n"
        (folder / f"{trial.case.name}.json").write_text(text, encoding="utf-8")


def compare(folder: Path, trials: Iterable[Trial]) -> list[Change]:
    """All differences to the accepted results, case by case. Raises UsageError for a file that is none."""
    return [change for trial in trials for change in _compare_one(folder, trial)]


def _compare_one(folder: Path, trial: Trial) -> list[Change]:
    """Stale recordings are named first; what could still be replayed is compared all the same."""
    name, path = trial.case.name, folder / f"{trial.case.name}.json"
    misses = [p for p in trial.problems if p.code == "replay_miss"]
    changes = [Change(name, f"stale recordings: {p.message}", worse=True) for p in misses[:1]]
    if any(p.stage == "extract" for p in misses):
        return changes
    if not path.exists():
        return [*changes, Change(name, f"no accepted result {path}; accept it with --update", worse=True)]
    try:
        old, new = json.loads(path.read_text(encoding="utf-8")), snapshot(trial)
        if old["format"] != FORMAT:
            raise ValueError(f"its format is {old['format']}")
        found = claim_differences(old["claims"], new["claims"]) if misses and "claims" in old else differences(old, new)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is not an accepted result ({error}); write it anew with --update") from None
    return [*changes, *(Change(name, message, worse) for message, worse in found)]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """What was added, lost or changed, and whether that is worse. An added claim alone is not."""
    if "pairs" in old:
        return _pair_differences(old, new)
    if "checks" in old:
        before, now = old["checks"], new["checks"]
        return [
            (f"claim at {key}: {now.get(key, 'gone')}, was {before.get(key, 'not there')}", True)
            for key in dict.fromkeys([*before, *now])
            if before.get(key) != now.get(key)
        ]
    return [*claim_differences(old["claims"], new["claims"]), *finding_differences(old["findings"], new["findings"])]


def _pair_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, bool]]:
    ids = dict.fromkeys([*old["pairs"], *new["pairs"]])
    changed = [
        (f"pair {i}: {new['pairs'].get(i, 'gone')}, was {old['pairs'].get(i, 'not there')}", True)
        for i in ids
        if old["pairs"].get(i) != new["pairs"].get(i)
    ]
    if old["strays"] != new["strays"]:
        changed.append(
            (f"findings between pairs: {new['strays']}, were {old['strays']}", new["strays"] > old["strays"])
        )
    return changed


def terminal(changes: Sequence[Change], cases: int) -> str:
    """A line a change, and a sum."""
    lines = [visible(f"{'-' if c.worse else '+'} {c.case}: {c.message}") for c in changes]
    worse = sum(c.worse for c in changes)
    return "\n".join(
        [*lines, f"{counted(cases, 'case')}, {counted(len(changes), 'change')}, {worse} of them regressions"]
    )


def github(changes: Sequence[Change]) -> str:
    """GitHub annotations, one a change."""
    return "\n".join(
        f"::{'error' if c.worse else 'notice'} title={github_property(c.case)}::{github_message(c.message)}"
        for c in changes
    )


def junit(changes: Sequence[Change], cases: Sequence[str]) -> str:
    """A test case a case; it fails with its regressions."""
    root = ET.Element("testsuites", name="factcheck regress")
    suite = ET.SubElement(root, "testsuite", name="regress", tests=str(len(cases)))
    for name in cases:
        case = ET.SubElement(suite, "testcase", classname="regress", name=name)
        worse = [c.message for c in changes if c.case == name and c.worse]
        if worse:
            failure = ET.SubElement(case, "failure", message=visible(worse[0]))
            failure.text = visible("\n".join(worse))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)
