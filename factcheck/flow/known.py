"""What a ledger knows about claims from earlier runs: shown at once, and weighed again only beside what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from factcheck.flow.evidence import REPLACED
from factcheck.ledger.connection import Ledger
from factcheck.ledger.evidence import Found, Known
from factcheck.models import Check, Claim, Document, Evidence, Outcome, Report
from factcheck.order import in_time
from factcheck.stages.origins import origins

SPEAKS: Mapping[Outcome, frozenset[str]] = {
    "supported": frozenset({"supports"}),
    "conflicting": frozenset({"conflicts"}),
    "mixed": frozenset({"supports", "conflicts"}),
    "qualified": frozenset({"qualifies"}),
    "nothing_found": frozenset(),
}
"""What an outcome says that pieces do."""


@dataclass
class Memory:
    """What is known of a run's claims, and which documents each was found in or weighed against by now."""

    known: Known
    seen: dict[str, set[str]] = field(default_factory=dict)

    def settles(self, claim: str, found: Iterable[str]) -> bool:
        """Whether a claim was weighed before against all documents that were found for it now: no call is needed."""
        self.seen[claim] = set(found)
        before = self.known.found.get(claim)
        return before is not None and self.seen[claim] <= set(before.seen)

    def seen_for(self, claim: str) -> tuple[str, ...]:
        """Ids of the documents that were found for a claim in this run."""
        return tuple(sorted(self.seen.get(claim, ())))


def remembered(report: Report, ledger: Ledger) -> tuple[Report, Memory]:
    """The report with what is known of its own claims, derived anew beside their articles, and the memory of it."""
    own = [claim for claim in report.claims if claim.document_id in set(report.run.inputs)]
    memory = Memory(ledger.known(own))
    return with_found(report, memory.known.found, memory.known.documents), memory


def keep_found(before: Report, after: Report, memory: Memory, ledger: Ledger) -> Report:
    """Keep what was found about claims, and what was known of those that were not weighed again, and show both.

    What an earlier run found in documents that nobody found this time stays beside what is new.
    """
    now = {check.claim_id: check for check in after.checks}
    pieces: dict[str, list[Evidence]] = {}
    for piece in after.evidence:
        pieces.setdefault(piece.claim_id, []).append(piece)
    found = {
        key: _together(memory.known.found.get(key), Found(check, tuple(pieces.get(key, ())), memory.seen_for(key)))
        for key, check in now.items()
    }
    found = {**memory.known.found, **found}
    pages = {d.id: d for d in (*memory.known.documents.values(), *after.documents)}
    cleared = after.model_copy(update={"documents": before.documents, "evidence": (), "checks": ()})
    shown = with_found(cleared, found, pages)
    whole = [
        Found(check, tuple(e for e in shown.evidence if e.claim_id == check.claim_id), found[check.claim_id].seen)
        for check in shown.checks
    ]
    ledger.keep_evidence(whole, pages.values(), shown.run)
    return shown


def with_found(report: Report, found: Mapping[str, Found], pages: Mapping[str, Document]) -> Report:
    """The report with these checks and their evidence, in the order of its claims, with what code derives of it."""
    looked = [found[claim.id] for claim in report.claims if claim.id in found]
    evidence = [piece for one in looked for piece in one.evidence]
    if not looked:
        return report
    held = {d.id for d in report.documents}
    cited = in_time({e.document_id: pages[e.document_id] for e in evidence if e.document_id not in held}.values())
    documents = (*report.documents, *cited)
    homes = {d.id: d for d in documents}
    told = derived(evidence, homes, {c.id: c for c in report.claims})
    checks = tuple(one.check for one in looked)
    return report.model_copy(update={"documents": documents, "evidence": tuple(told), "checks": checks})


def derived(
    evidence: Sequence[Evidence], documents: Mapping[str, Document], claims: Mapping[str, Claim]
) -> list[Evidence]:
    """Evidence with what code derives of it; what was replaced before the statement stays dependent as it was."""
    made = origins(evidence, documents, claims, documents)
    return [
        new.model_copy(update={"independent": False, "dependence": old.dependence})
        if new.independent and old.dependence.startswith(REPLACED)
        else new
        for old, new in zip(evidence, made, strict=True)
    ]


def _together(before: Found | None, now: Found) -> Found:
    """What was found now, with what an earlier run found in documents that were not found this time."""
    if before is None:
        return now
    gone = set(before.seen) - set(now.seen)
    there = {piece.id for piece in now.evidence}
    more = tuple(piece for piece in before.evidence if piece.document_id in gone and piece.id not in there)
    seen = tuple(sorted({*before.seen, *now.seen}))
    if not more:
        return now._replace(seen=seen)
    says = SPEAKS[now.check.outcome] | {piece.relation for piece in more}
    searched = (*now.check.searched, *(s for s in before.check.searched if s not in now.check.searched))
    evidence = (*now.evidence, *more)
    check = Check(
        claim_id=now.check.claim_id,
        outcome=_outcome(says),
        searched=searched,
        evidence=tuple(piece.id for piece in evidence),
        leaves_out=now.check.leaves_out or before.check.leaves_out,
    )
    return Found(check, evidence, seen)


def _outcome(says: frozenset[str]) -> Outcome:
    if "conflicts" in says:
        return "mixed" if "supports" in says else "conflicting"
    return "qualified" if "qualifies" in says else "supported" if says else "nothing_found"
