"""Compare the claims and findings of two reports: what was added, lost or changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from factcheck.models import Claim, Document, Quote, Report
from factcheck.outputs.evidence import OUTCOMES

OVERLAP = 0.5
"""Share of the shorter span in common by which a moved claim is known again."""


def diff(old: Report, new: Report) -> list[str]:
    """A line for each document, claim or finding that was added, lost or changed between two reports.

    Documents are the same when their address, path or text is; in one whose text was changed, words are looked
    for where they stand now.

    >>> factcheck.diff(report, report)
    []
    """
    keys = _same_documents(old, new)
    was = outline(_carried(old, new, keys), keys)
    now = outline(new, {document.id: document.id for document in new.documents})
    return [
        *_document_differences(old, new, keys),
        *(message for message, _ in claim_differences(was["claims"], now["claims"])),
        *(message for message, _ in finding_differences(was["findings"], now["findings"])),
        *_review_differences(old, new),
        *_check_differences(old, new),
    ]


def _same_documents(old: Report, new: Report) -> dict[str, str]:
    """For each old document the id of the new one that takes its place, else its own."""
    known: dict[tuple[str, str], str] = {}
    for document in new.documents:
        for name in _names(document):
            known.setdefault(name, document.id)
    return {d.id: next((known[name] for name in _names(d) if name in known), d.id) for d in old.documents}


def _names(document: Document) -> list[tuple[str, str]]:
    """What a document is known by, the surest first."""
    names = [("id", document.id), ("url", document.url), ("path", document.path), ("text", document.sha256)]
    return [(kind, name) for kind, name in names if name]


def _carried(old: Report, new: Report, keys: Mapping[str, str]) -> Report:
    """The old report with its claims where their words stand in the new texts; words that are gone stay put."""
    texts = {document.id: document.text for document in new.documents}
    claims = []
    for claim in old.claims:
        text = texts.get(keys[claim.document_id])
        if text is not None and text != old.document(claim.document_id).text:
            claim = claim.model_copy(update={"quotes": tuple(_found(q, text) for q in claim.quotes)})  # noqa: PLW2901
        claims.append(claim)
    return old.model_copy(update={"claims": tuple(claims)})


def _found(quote: Quote, text: str) -> Quote:
    """The quote at the place nearest to its old one, or past the end of the text where it is gone."""
    places = [found.start() for found in re.finditer(re.escape(quote.exact), text)]
    start = min(places, key=lambda at: abs(at - quote.start)) if places else len(text) + quote.start
    return quote.model_copy(update={"start": start, "end": start + len(quote.exact)})


def _document_differences(old: Report, new: Report, keys: Mapping[str, str]) -> list[str]:
    names = {document.id: document for document in new.documents}
    lost = [f"document lost: {d.name}" for d in old.articles if keys[d.id] not in names]
    changed = [
        f"document changed: {d.name}" for d in old.articles if keys[d.id] in names and names[keys[d.id]].text != d.text
    ]
    added = [f"document added: {d.name}" for d in new.articles if d.id not in set(keys.values())]
    return [*lost, *changed, *added]


def _review_differences(old: Report, new: Report) -> list[str]:
    """Findings that people decided about, or that went stale, in between."""
    before = {finding.id: finding for finding in old.findings}
    lines = []
    for finding in new.findings:
        was = before.get(finding.id)
        if was and was.verdict != finding.verdict:
            verdict = finding.verdict
            now = f"{verdict.decision} by {verdict.by}" if verdict else "not reviewed"
            lines.append(f"finding changed review: {finding.id}: {now}")
        if was and was.stale != finding.stale:
            lines.append(f"finding changed: {finding.id}: {finding.stale or 'rests on its documents again'}")
    return lines


def _check_differences(old: Report, new: Report) -> list[str]:
    """Claims of which another thing was found, or for which pieces of evidence came or went."""
    before, after = ({check.claim_id: check for check in report.checks} for report in (old, new))
    lines = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        words = _said(_claim((new if now else old).claim(key), {d.id: d.id for d in (*old.documents, *new.documents)}))
        outcomes = [OUTCOMES[check.outcome] if check else "not looked into" for check in (now, was)]
        if outcomes[0] != outcomes[1]:
            lines.append(f"evidence changed: {words}: {outcomes[0]}, was {outcomes[1]}")
        for check, other, what in ((now, was, "added"), (was, now, "lost")):
            gone = set(check.evidence if check else ()) - set(other.evidence if other else ())
            lines += [f"evidence {what}: {words}: {piece}" for piece in sorted(gone)]
    return lines


def outline(report: Report, labels: Mapping[str, str]) -> dict[str, Any]:
    """Places, kinds and names of claims and findings in a stable order; documents go by these labels."""
    claims = [_claim(c, labels) for c in report.claims]
    findings = [
        {
            "a": _claim(report.claim(f.a), labels)["at"],
            "b": _claim(report.claim(f.b), labels)["at"],
            "kind": f.kind,
            "severity": f.severity,
            "tier": f.tier,
            "words": " × ".join(f"{_who(c)}: {_short(c)}" for c in (report.claim(f.a), report.claim(f.b))),
        }
        for f in report.findings
    ]
    return {
        "claims": sorted(claims, key=_key),
        "findings": sorted(findings, key=lambda f: (f["a"], f["b"])),
    }


def _claim(claim: Claim, labels: Mapping[str, str]) -> dict[str, Any]:
    spans = ",".join(f"{q.start}-{q.end}" for q in claim.quotes)
    return {
        "at": f"{labels[claim.document_id]} {spans}",
        "kind": claim.kind,
        "speaker": claim.attribution.speaker,
        "target": claim.target,
        "words": _short(claim),
    }


def _who(claim: Claim) -> str:
    return claim.attribution.speaker or "the article"


def _short(claim: Claim) -> str:
    return " ".join(claim.quotes[0].exact.split())[:60]


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return (str(item["at"]), str(item["speaker"]))


def claim_differences(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, bool]]:
    """Claims that were lost, changed or added, and whether that is worse."""
    changes: list[tuple[str, bool]] = []
    left = list(new)
    for was in old:
        now = next((c for c in left if c["at"] == was["at"]), None) or _moved(was, left)
        if now is None:
            changes.append((f"claim lost: {_said(was)}", True))
            continue
        left.remove(now)
        changes += _changed("claim", ("speaker", "kind", "target"), was, now)
        if now["at"] != was["at"]:
            changes.append(
                (f"claim changed span: {_said(now)} at {now['at']}, was “{was['words']}” at {was['at']}", True)
            )
    return [*changes, *((f"claim added: {_said(c)}", False) for c in left)]


def _said(item: Mapping[str, Any]) -> str:
    """The words, and who said them; those of a finding name their speakers already."""
    return f"{item['speaker'] or 'the article'}: “{item['words']}”" if "speaker" in item else str(item["words"])


def _changed(
    what: str, fields: Sequence[str], was: Mapping[str, Any], now: Mapping[str, Any]
) -> list[tuple[str, bool]]:
    return [
        (f"{what} changed {field}: {_said(now)}: {now[field] or 'none'}, was {was[field] or 'none'}", True)
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


def finding_differences(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, bool]]:
    """Findings that were lost, changed or added; each is worth a look."""
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
