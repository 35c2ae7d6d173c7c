"""Compare what the recorded cases give today with what was accepted, claim by claim and finding by finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from factcheck.errors import UsageError
from factcheck.models import Claim
from factcheck.quality.evaluate import Key
from factcheck.quality.scorecard import printable
from factcheck.quality.suite import Verdicts
from factcheck.quality.trials import Trial

FORMAT = "factcheck.accepted/1"
OVERLAP = 0.5
"""Share of the shorter span in common by which a moved claim is known again."""


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
    report, labels = trial.result, _labels(trial)
    claims = [_claim(c, labels) for c in report.claims]
    findings = [
        {
            "a": _claim(report.claim(f.a), labels)["at"],
            "b": _claim(report.claim(f.b), labels)["at"],
            "kind": f.kind,
            "severity": f.severity,
            "tier": f.tier,
            "words": f"{_short(report.claim(f.a))} × {_short(report.claim(f.b))}",
        }
        for f in report.findings
    ]
    return {
        "format": FORMAT,
        "case": trial.case.name,
        "claims": sorted(claims, key=_key),
        "findings": sorted(findings, key=lambda f: (f["a"], f["b"])),
    }


def _labels(trial: Trial) -> dict[str, str]:
    documents = trial.case.documents if isinstance(trial.case, Key) else {}
    return {document.id: label for label, document in documents.items()}


def _claim(claim: Claim, labels: Mapping[str, str]) -> dict[str, Any]:
    spans = ",".join(f"{q.start}-{q.end}" for q in claim.quotes)
    return {
        "at": f"{labels[claim.document_id]} {spans}",
        "kind": claim.kind,
        "speaker": claim.attribution.speaker,
        "target": claim.target,
        "words": _short(claim),
    }


def _short(claim: Claim) -> str:
    return " ".join(claim.quotes[0].exact.split())[:60]


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return (str(item["at"]), str(item["speaker"]))


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
        found = (
            _claim_differences(old["claims"], new["claims"]) if misses and "claims" in old else differences(old, new)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: is not an accepted result ({error}); write it anew with --update") from None
    return [*changes, *(Change(name, message, worse) for message, worse in found)]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """What was added, lost or changed, and whether that is worse. An added claim alone is not."""
    if "pairs" in old:
        return _pair_differences(old, new)
    return [*_claim_differences(old["claims"], new["claims"]), *_finding_differences(old["findings"], new["findings"])]


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


def _claim_differences(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, bool]]:
    changes: list[tuple[str, bool]] = []
    left = list(new)
    for was in old:
        now = next((c for c in left if c["at"] == was["at"]), None) or _moved(was, left)
        if now is None:
            changes.append((f"claim lost: {was['speaker']}: “{was['words']}”", True))
            continue
        left.remove(now)
        changes += _changed("claim", ("speaker", "kind", "target"), was, now)
        if now["at"] != was["at"]:
            changes.append(
                (f"claim changed span: “{now['words']}” at {now['at']}, was “{was['words']}” at {was['at']}", True)
            )
    return [*changes, *((f"claim added: {c['speaker']}: “{c['words']}”", False) for c in left)]


def _changed(
    what: str, fields: Sequence[str], was: Mapping[str, Any], now: Mapping[str, Any]
) -> list[tuple[str, bool]]:
    return [
        (f"{what} changed {field}: {now['words']}: {now[field]}, was {was[field]}", True)
        for field in fields
        if now[field] != was[field]
    ]


def _moved(was: Mapping[str, Any], left: Sequence[Mapping[str, Any]]) -> Any:
    """The claim that takes the place of an accepted one, by overlap and speaker."""
    alike = [c for c in left if c["speaker"] == was["speaker"] and _overlap(str(c["at"]), str(was["at"]))]
    return alike[0] if alike else None


def _overlap(a: str, b: str) -> bool:
    (doc_a, spans_a), (doc_b, spans_b) = (at.split(" ", 1) for at in (a, b))
    if doc_a != doc_b:
        return False
    return any(_common(s, t) >= OVERLAP for s in spans_a.split(",") for t in spans_b.split(","))


def _common(a: str, b: str) -> float:
    (a1, a2), (b1, b2) = ([int(n) for n in span.split("-")] for span in (a, b))
    return (min(a2, b2) - max(a1, b1)) / max(1, min(a2 - a1, b2 - b1))


def _finding_differences(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, bool]]:
    changes: list[tuple[str, bool]] = []
    left = list(new)
    for was in old:
        now = next((f for f in left if _overlap(f["a"], was["a"]) and _overlap(f["b"], was["b"])), None)
        if now is None:
            changes.append((f"finding lost: {was['kind']} {was['severity']}: {was['words']}", True))
            continue
        left.remove(now)
        changes += _changed("finding", ("kind", "severity", "tier"), was, now)
    return [*changes, *((f"finding added: {f['kind']} {f['severity']}: {f['words']}", True) for f in left)]


def terminal(changes: Sequence[Change], cases: int) -> str:
    """A line a change, and a sum."""
    lines = [f"{'-' if c.worse else '+'} {c.case}: {c.message}" for c in changes]
    worse = sum(c.worse for c in changes)
    return "\n".join([*lines, f"{cases} cases, {len(changes)} changes, {worse} of them regressions"])


def github(changes: Sequence[Change]) -> str:
    """GitHub annotations, one a change."""
    return "\n".join(
        f"::{'error' if c.worse else 'notice'} title={_property(c.case)}::{_data(c.message)}" for c in changes
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def junit(changes: Sequence[Change], cases: Sequence[str]) -> str:
    """A test case a case; it fails with its regressions."""
    root = ET.Element("testsuites", name="factcheck regress")
    suite = ET.SubElement(root, "testsuite", name="regress", tests=str(len(cases)))
    for name in cases:
        case = ET.SubElement(suite, "testcase", classname="regress", name=name)
        worse = [c.message for c in changes if c.case == name and c.worse]
        if worse:
            failure = ET.SubElement(case, "failure", message=printable(worse[0]))
            failure.text = printable("\n".join(worse))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)
