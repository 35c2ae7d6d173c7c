"""Claims and findings that know their report: `finding.a.speaker` in place of look-ups by id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # the report makes these views, so they do not import it
    from collections.abc import Mapping

    from factcheck.models import (
        Attribution,
        Claim,
        Document,
        Finding,
        FindingKind,
        Kind,
        Report,
        Severity,
        Tier,
        Verdict,
    )

Event: TypeAlias = "ClaimView | FindingView | Document"
"""What comes of a run while it goes on: a document whose claims are there, each of them, and each finding."""

Listener = Callable[["Event"], None]
"""Told of events as they come."""


@dataclass(frozen=True)
class ClaimView:
    """A claim with its document."""

    claim: Claim
    document: Document

    @property
    def id(self) -> str:
        """The claim's id (`c-…`)."""
        return self.claim.id

    @property
    def kind(self) -> Kind:
        """`assertion`, `accusation` or `official_position`."""
        return self.claim.kind

    @property
    def text(self) -> str:
        """The quoted words made to stand alone; additions are in [brackets]."""
        return self.claim.text

    @property
    def quote(self) -> str:
        """The exact words, several stretches with an ellipsis between."""
        return " … ".join(quote.exact for quote in self.claim.quotes)

    @property
    def attribution(self) -> Attribution:
        """Who is committed to it, in which role, and how it reached the document."""
        return self.claim.attribution

    @property
    def speaker(self) -> str | None:
        """Who is committed to it; None in the article's own voice."""
        return self.claim.attribution.speaker

    @property
    def role(self) -> str | None:
        """The speaker's office at that time, if the text gives it."""
        return self.claim.attribution.role

    @property
    def target(self) -> str | None:
        """The party that an accusation is against."""
        return self.claim.target

    @property
    def topic(self) -> str:
        """What it is about, without its stance."""
        return self.claim.topic

    @property
    def said_on(self) -> str | None:
        """When it was said, else published (ISO 8601, possibly partial); None if neither is known."""
        return self.claim.attribution.stated_on or self.document.published


@dataclass(frozen=True)
class FindingView:
    """A finding with both of its sides."""

    finding: Finding
    a: ClaimView
    """The earlier statement."""
    b: ClaimView
    also: tuple[ClaimView, ...] = ()
    """The same statements at other outlets."""

    @property
    def id(self) -> str:
        """The finding's id (`f-…`)."""
        return self.finding.id

    @property
    def kind(self) -> FindingKind:
        """`reversal`, `dispute` or `inconsistency`."""
        return self.finding.kind

    @property
    def severity(self) -> Severity:
        """`full`: both cannot stand; `partial`: one is softer, harder or narrower."""
        return self.finding.severity

    @property
    def tier(self) -> Tier:
        """`strong`: two looks agree; `lead`: worth a person's look."""
        return self.finding.tier

    @property
    def explanation(self) -> str:
        """What differs."""
        return self.finding.explanation

    @property
    def reading(self) -> str:
        """The best case for how both could stand."""
        return self.finding.reading

    @property
    def days_apart(self) -> int | None:
        """Days between both sides, where both are dated to the day."""
        return self.finding.days_apart

    @property
    def verdict(self) -> Verdict | None:
        """What a named person decided; None as long as nobody has."""
        return self.finding.verdict

    @property
    def stands(self) -> bool:
        """Whether nobody dismissed it and it still rests on its documents."""
        return self.finding.stands


@dataclass(frozen=True)
class ReportView:
    """The claims and findings of a report, in its order, without ids to look up."""

    claims: tuple[ClaimView, ...]
    findings: tuple[FindingView, ...]

    def by(self, speaker: str) -> list[ClaimView]:
        """What a speaker said, by their name as the report has it."""
        return [claim for claim in self.claims if claim.speaker == speaker]


def viewed(claim: Claim, documents: Mapping[str, Document]) -> ClaimView:
    """A claim with its document; raises KeyError for one that is not among these."""
    return ClaimView(claim, documents[claim.document_id])


def viewed_finding(finding: Finding, claims: Mapping[str, Claim], documents: Mapping[str, Document]) -> FindingView:
    """A finding with its sides; raises KeyError where one is not among these claims."""
    a, b = (viewed(claims[key], documents) for key in (finding.a, finding.b))
    return FindingView(finding, a, b, tuple(viewed(claims[key], documents) for key in finding.also if key in claims))


def view_of(report: Report) -> ReportView:
    """All claims and findings of a report as views."""
    claims, documents = {c.id: c for c in report.claims}, {d.id: d for d in report.documents}
    said = tuple(viewed(claim, documents) for claim in report.claims)
    return ReportView(said, tuple(viewed_finding(f, claims, documents) for f in report.findings))
