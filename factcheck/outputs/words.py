"""What the outputs say about claims and findings in words, the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.models import Claim, Document, Finding, Quote, Report
from factcheck.plural import counted
from factcheck.text.dates import span_of
from factcheck.text.frames import words_of
from factcheck.text.names import folded

LABELS = {
    "reversal": "position changed",
    "dispute": "statements disputed",
    "inconsistency": "article inconsistent",
}
"""The three kinds of findings; `kind_label` says more where the finding does."""

MOVES = {"softer": "position softened", "harder": "position hardened", "narrower": "position narrowed"}
REPORTS, FURTHER = "reports disagree", "report goes further than the speaker"
KINDS = {"assertion": "assertion", "accusation": "accusation", "official_position": "position"}

MEANINGS = {
    "full": "both cannot stand as they are",
    "partial": "one is softer, harder, narrower or hedged",
    "strong": "two looks of one model agree",
    "lead": "the second look did not agree, or there was none",
}
"""What severities and tiers say, for whoever asks."""

DISMISSALS = (
    "both can stand",
    "about different matters",
    "about different people",
    "a quote means something else in its context",
    "the change is explained in the text",
    "not worth pursuing",
)
"""Reasons for which a finding is dismissed most often; others are written out."""

SPEECH = {"direct": "direct speech", "indirect": "indirect speech", "mixed": "partly direct speech"}
SAYING = frozenset("STy")
"""Letters of verbs of saying in the lists of `text.frames`."""

MOST_ANSWERS = 3
"""Shown beside an accusation: a target may have spoken on one matter for years."""

Answers = Mapping[str, tuple[Claim, ...]]
"""For accusations: what their targets are reported to have said on the same matter, here or elsewhere."""


class Side(NamedTuple):
    """One of the statements of a finding with all that belongs beside it."""

    claim: Claim
    document: Document
    answers: tuple[Claim, ...]


def answers_in(report: Report) -> Answers:
    """The answers to all accusations of a report, the nearest ones, by the id of the accusation.

    Those that the comparison tied to it come first, then what the target says on the same matter.
    """
    tied: dict[str, list[Claim]] = {}
    for answer in report.answers:
        tied.setdefault(answer.accusation, []).append(report.claim(answer.answer))
    said: dict[tuple[str, str], list[Claim]] = {}
    for claim in report.claims:
        if claim.attribution.speaker and claim.kind != "accusation":
            said.setdefault((folded(claim.attribution.speaker), folded(claim.topic)), []).append(claim)
    found: dict[str, tuple[Claim, ...]] = {}
    for claim in report.claims:
        own = tied.get(claim.id, [])
        alike = said.get((folded(claim.target), folded(claim.topic)), ()) if claim.target else ()
        if own or (claim.kind == "accusation" and claim.target):
            found[claim.id] = _nearest(report, claim, own, [c for c in alike if c not in own and c.id != claim.id])
    return found


def _nearest(report: Report, claim: Claim, tied: Sequence[Claim], alike: Sequence[Claim]) -> tuple[Claim, ...]:
    """The few answers that were tied, stand in the same document or were published soonest before or after it."""
    day = _day(report, claim)

    def distance(answer: Claim) -> tuple[bool, int]:
        return answer.document_id != claim.document_id, abs(_day(report, answer) - day)

    kept = {c.id for c in [*sorted(tied, key=distance), *sorted(alike, key=distance)][:MOST_ANSWERS]}
    return tuple(c for c in (*tied, *alike) if c.id in kept)


def _day(report: Report, claim: Claim) -> int:
    span = span_of(report.document(claim.document_id).published or "")
    return span[0] if span else 0


def sides(report: Report, finding: Finding, answers: Answers) -> tuple[Side, Side]:
    """Both sides of a finding, the earlier one first."""
    first, second = (
        Side(claim, report.document(claim.document_id), answers.get(claim.id, ()))
        for claim in (report.claim(finding.a), report.claim(finding.b))
    )
    return first, second


def who(claim: Claim) -> str:
    """The speaker, or that the article says it itself."""
    return claim.attribution.speaker or "the article"


def source(side: Side) -> str:
    """The speaker, or whose own words they are, for places where the article is not named beside them."""
    return side.claim.attribution.speaker or f"{side.document.publisher or side.document.name} in its own words"


def quoted(claim: Claim) -> str:
    """The exact words, several stretches with an ellipsis between, and the page or moment at which they begin."""
    where = place(claim.quotes[0])
    return "“" + " … ".join(" ".join(q.exact.split()) for q in claim.quotes) + "”" + (f" ({where})" if where else "")


def charge(claim: Claim) -> str:
    """The kind of a claim, and against whom it is."""
    return KINDS[claim.kind] + (f" against {claim.target}" if claim.target else "")


def role(claim: Claim) -> str:
    """The speaker's office and organisation at the time, and for whom was spoken; empty if the text gives none."""
    said = claim.attribution
    known = said.role or ""
    body = said.organisation if said.organisation and said.organisation not in known else ""
    office = ", ".join(part for part in (known, body) if part)
    return "; ".join(part for part in (office, f"for {said.on_behalf_of}" if said.on_behalf_of else "") if part)


def when(claim: Claim, document: Document) -> str:
    """The date it was said if the text gives it, and the date of publication."""
    said = [f"said {claim.attribution.stated_on}"] if claim.attribution.stated_on else []
    return ", ".join([*said, f"published {document.published}" if document.published else "undated"])


def speech(claim: Claim) -> str:
    """Whether the quoted words are the speaker's own or the article's account of them; empty for its own voice."""
    return SPEECH.get(claim.attribution.voice, "")


def through(claim: Claim) -> str:
    """The outlets or people through which it came; empty if it came directly."""
    return f"via {', '.join(claim.attribution.via)}" if claim.attribution.via else ""


def outlet(document: Document) -> str:
    """What a reader knows the document by: its publisher, else its name."""
    return document.publisher or document.name


def place(quote: Quote) -> str:
    """The page or the moment at which a quote begins, where the original has such, and whether a machine wrote it."""
    parts = [
        f"page {quote.page}" if quote.page is not None else "",
        f"at {quote.time}" if quote.time else "",
        f"{quote.machine} by a machine" if quote.machine else "",
    ]
    return ", ".join(part for part in parts if part)


def origin(side: Side) -> str:
    """In which role, when, where and through whom, in one line."""
    parts = (
        known_as(side.claim),
        role(side.claim),
        when(side.claim, side.document),
        outlet(side.document) if side.claim.attribution.speaker else "",
        place(side.claim.quotes[0]),
        through(side.claim),
    )
    return "; ".join(part for part in parts if part)


def status(finding: Finding) -> str:
    """Whether, and by whom, the finding was reviewed."""
    verdict = finding.verdict
    return f"{verdict.decision} by {verdict.by} on {verdict.on[:10]}" if verdict else "not reviewed"


def is_dismissed(finding: Finding) -> bool:
    """Whether somebody dismissed it; outputs for people fold it."""
    return finding.verdict is not None and finding.verdict.decision == "dismissed"


def remarks(finding: Finding) -> list[str]:
    """What the reviewer noted, and whether the finding still rests on its documents."""
    note = [f"Note by {finding.verdict.by}: {finding.verdict.note}"] if finding.verdict and finding.verdict.note else []
    return note + ([f"No longer rests on its documents: {finding.stale}"] if finding.stale else [])


def apart(finding: Finding) -> str:
    """The time between both sides, where both are dated to the day."""
    return counted(finding.days_apart, "day") + " apart" if finding.days_apart else ""


def kind_label(report: Report, finding: Finding) -> str:
    """What kind of finding it is, in words that name nobody who did not change."""
    first, second = sides(report, finding, {})
    own = [side.claim.attribution.speaker is None for side in (first, second)]
    if _goes_further(first, second) or _goes_further(second, first):
        return FURTHER
    if finding.kind == "reversal":
        return (
            MOVES.get(finding.moved or "", LABELS["reversal"]) if finding.severity == "partial" else LABELS["reversal"]
        )
    if all(own):
        return LABELS["inconsistency"] if first.document.id == second.document.id else REPORTS
    if any(own) and finding.severity == "partial":
        return FURTHER
    return LABELS[finding.kind]


def _goes_further(account: Side, said: Side) -> bool:
    """Whether one side is an outlet's account of a party and the other one that party's words, elsewhere."""
    is_cited = said.claim.attribution.speaker is not None and not _is_account(said)
    return _is_account(account) and is_cited and outlet(account.document) != outlet(said.document)


def _is_account(side: Side) -> bool:
    """Whether the article itself says what a party wants or does: its verb is none of saying ("Sweden wants to …")."""
    said, document = side.claim.attribution, side.document
    known = words_of(document.language, document.text) if said.cue and said.voice == "indirect" else None
    if said.speaker is None or said.via or known is None:
        return False
    return not any(known.kinds.get(word, "") in SAYING for word in (said.cue or "").split())


def parties(report: Report, finding: Finding) -> list[str]:
    """Whom a finding is about: the speakers or outlets; the body alone where it speaks through two mouths."""
    first, second = sides(report, finding, {})
    names = {folded(name): name for name in (_party(first), _party(second))}
    if finding.kind == "reversal" and len(names) > 1 and not (_is_account(first) or _is_account(second)):
        return _shared(first.claim, second.claim) or list(names.values())
    return list(names.values())


def _shared(first: Claim, second: Claim) -> list[str]:
    """The body that both speak for, under its longer name where one article shortens it ("Corvane", "Corvane Line")."""
    pairs = [(a, b) for b in _spelled(second) for a in _spelled(first)]
    equal = [b for a, b in pairs if folded(a) == folded(b)]
    bodies = {
        name for claim in (first, second) for name in (claim.attribution.organisation, claim.attribution.on_behalf_of)
    }
    short = [max(a, b, key=len) for a, b in pairs if a in bodies and b in bodies and _begins(folded(a), folded(b))]
    return (equal or short)[:1]


def _begins(a: str, b: str) -> bool:
    return f"{a} ".startswith(f"{b} ") or f"{b} ".startswith(f"{a} ")


def _party(side: Side) -> str:
    said = None if _is_account(side) else side.claim.attribution.speaker
    return said or outlet(side.document)


def _spelled(claim: Claim) -> list[str]:
    said = claim.attribution
    return [name for name in (said.on_behalf_of, said.organisation, said.speaker) if name]


def known_as(claim: Claim) -> str:
    """What the article itself calls the speaker, where the name is known from elsewhere; else empty."""
    return f"“{claim.attribution.as_written}” in the article" if claim.attribution.as_written else ""


def label(report: Report, finding: Finding) -> str:
    """What kind of finding it is, how strong, and who has looked at it."""
    return " · ".join([kind_label(report, finding), *marks(finding)])


def marks(finding: Finding) -> list[str]:
    """How far it goes, how strong it is, who has looked at it, and the time between both sides."""
    return [part for part in (finding.severity, finding.tier, status(finding), apart(finding)) if part]


def heading(side: Side) -> str:
    """Who speaks on a side: of an article's account of what a party wants or does, the outlet, and of whom."""
    return f"{outlet(side.document)}, about {who(side.claim)}" if _is_account(side) else who(side.claim)


def elsewhere(report: Report, finding: Finding) -> list[Side]:
    """The same statements as reported by other documents."""
    known = {claim.id: claim for claim in report.claims} if finding.also else {}
    found = [known[key] for key in finding.also if key in known]
    return [Side(claim, report.document(claim.document_id), ()) for claim in found]


def topic(report: Report, finding: Finding) -> str:
    """What the finding is about: the later statement's topic, else the earlier one's."""
    return report.claim(finding.b).topic or report.claim(finding.a).topic


def message(report: Report, finding: Finding, answers: Answers) -> str:
    """A finding in lines of text: both speakers with their words, what differs, and how both could stand."""
    lines = [label(report, finding)]
    for side in sides(report, finding, answers):
        lines.append(f"{source(side)} ({origin(side)}), {charge(side.claim)}: {quoted(side.claim)}")
        lines += [f"{who(answer)} answers: {quoted(answer)}" for answer in side.answers]
    lines += [
        f"Also: {source(side)}, {outlet(side.document)}: {quoted(side.claim)}" for side in elsewhere(report, finding)
    ]
    what = [f"What differs: {finding.explanation}", f"How both could stand: {finding.reading}"]
    return "\n".join([*lines, *what, *remarks(finding)])


def totals(report: Report) -> str:
    """How many documents, claims, findings and problems there are."""
    strong = sum(f.tier == "strong" for f in report.findings)
    dismissed = sum(map(is_dismissed, report.findings))
    states = f"{strong} strong, {dismissed} dismissed" if dismissed else f"{strong} strong"
    parts = [
        counted(len(report.articles), "document"),
        counted(len(report.claims), "claim"),
        f"{counted(len(report.findings), 'finding')} ({states})",
    ]
    if report.checks or report.evidence:
        found = "piece" if len(report.evidence) == 1 else "pieces"
        looked = f"looked for on {counted(len(report.checks), 'claim')}"
        parts.append(f"{len(report.evidence)} {found} of evidence ({looked})")
    return ", ".join([*parts, counted(len(report.problems), "problem")])


RATES = {"standard": "", "batch": " for batches", "flex": " for flex"}


def cost(report: Report) -> str:
    """What the run asked, and what that cost."""
    usage = report.run.usage
    listed = f" by list prices of {usage.priced_as_of}{RATES[usage.rate]}" if usage.priced_as_of else ""
    money = f", {usage.cost_usd:.4f} USD{listed}" if usage.cost_usd is not None else ""
    by = "" if usage.counted_by == "api" else f" (counted by {usage.counted_by})"
    return (
        f"{report.run.model}: {counted(usage.calls, 'call')} ({usage.replayed} from recordings), "
        f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out{by}{money}"
    )
