"""The report and its parts: what every output of factcheck is a view of.

Offsets are Unicode code points into `Document.text`; dates are ISO 8601. For every quote of every
claim `document.text[quote.start:quote.end] == quote.exact` holds.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import Any, Literal

from pydantic import Field

from factcheck.errors import INCOMPLETE_STAGES, NOT_INCOMPLETE, NOTICES, REJECTED
from factcheck.originals import Correction, LeftOut, Machine, Mark, Model, Origin
from factcheck.plural import beginning
from factcheck.views import ReportView, view_of

Kind = Literal["assertion", "accusation", "official_position"]
Importance = Literal[0, 1, 2]
Voice = Literal["direct", "indirect", "mixed", "own", "anonymous"]
FindingKind = Literal["reversal", "dispute", "inconsistency"]
Severity = Literal["full", "partial"]
Tier = Literal["strong", "lead"]
Stage = Literal["read", "split", "extract", "ground", "who", "judge", "review", "sources", "weigh"]
Role = Literal["article", "evidence"]
Relation = Literal["supports", "conflicts", "qualifies"]
Outcome = Literal["supported", "conflicting", "mixed", "qualified", "nothing_found"]
Timing = Literal["before", "after", "undated"]  # of evidence, beside the statement
Nature = Literal["release", "report", "transcript", "opinion", "satire", "fact_check", "reference", "unknown"]
CountedBy = Literal["api", "tiktoken", "estimate"]
Rows = Literal["claims", "findings"]
Library = Literal["pandas", "polars"]


class Document(Model):
    """One article, interview or release; its text is made canonical once (NFC, line feeds), never changed."""

    id: str
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    """ISO date, possibly partial (`2014-06`)."""
    url: str | None = None
    path: str | None = None
    language: str | None = None
    author: str | None = None
    corrects: str | None = None
    """The address of an article that this one openly corrects."""
    retracts: str | None = None
    """The address of an article that this one withdraws."""
    sha256: str
    """Of the canonical text as UTF-8."""
    characters: int
    """Length of the canonical text in code points."""
    text: str
    origin: Origin | None = None
    """Null where the text was handed over by a program."""
    marks: tuple[Mark, ...] = ()
    """Pages or times, in the order of the text."""
    left_out: tuple[LeftOut, ...] = ()
    """What of the original is not in the text, in the order of the original."""
    corrections: tuple[Correction, ...] = ()
    fields_from: dict[str, str] = Field(default_factory=dict)
    """Where the title, the date and so on were found, e.g. `published` → `meta article:published_time`."""
    machine: Machine | None = None
    role: Role = "article"
    """Whether its own statements are looked at, or it was found as evidence for those of others."""

    @property
    def name(self) -> str:
        """What people call it: its path, else its title, else its first words, else its id."""
        return self.path or self.title or beginning(self.text) or self.id


class Quote(Model):
    """A span of a document, with up to 32 code points of its surroundings (W3C TextQuoteSelector)."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    page: int | None = None
    """The page of the original on which it begins."""
    time: str | None = None
    """The moment of the recording at which its part begins, `HH:MM:SS.mmm`."""
    machine: Machine | None = None


class Attribution(Model):
    """Who is committed to a claim, and how it reached the document."""

    speaker: str | None
    """The innermost person or body that is committed to it; null in the article's own voice."""
    role: str | None = None
    organisation: str | None = None
    on_behalf_of: str | None = None
    via: tuple[str, ...] = ()
    """Outlets or people it came through, from the speaker outward."""
    cue: str | None = None
    """The reporting verb, verbatim from the document."""
    voice: Voice
    as_written: str | None = None
    """What the document itself calls the speaker, where `speaker` is a name that another sentence gives."""
    known_from: str | None = None
    """Id of the document whose sentence shows that `as_written` is `speaker`; null where a person said so."""
    stated_on: str | None = None
    """The date it was said, if the text gives it (ISO, possibly partial); not the publication date."""


class Priority(Model):
    """How worthwhile it is to look for evidence about a claim, and why."""

    rank: int
    """Higher comes first; 0 where no evidence could settle it."""
    because: tuple[str, ...]
    """What the rank is made of, e.g. `figures`, `accusation`, in the order of their weight."""


class Claim(Model):
    """A statement whose words were found in its document."""

    id: str
    document_id: str
    text: str
    """The quoted words made to stand alone; everything that was added is in [brackets]."""
    kind: Kind
    quotes: tuple[Quote, ...]
    attribution: Attribution
    target: str | None = None
    """The party that an accusation is against, or at whose door a failing is laid."""
    target_as_written: str | None = None
    """What the document itself calls the target, where `target` is a name that another sentence gives."""
    topic: str
    """What the claim is about, without its stance, e.g. `Finland joins NATO`."""
    checkworthy: bool
    """Whether evidence could settle it."""
    importance: Importance = 1
    """0: no evidence could settle it; 1: evidence could; 2: it could, and much hangs on it."""
    priority: Priority | None = None
    """Null where nothing ranked it, e.g. in a report of an earlier version."""


class Verdict(Model):
    """What a named person decided about a finding."""

    decision: Literal["accepted", "dismissed"]
    by: str
    on: str
    """ISO 8601, UTC."""
    note: str = ""


class Finding(Model):
    """Two claims that do not fit together. Not reviewed until a named person says otherwise."""

    id: str
    kind: FindingKind
    severity: Severity
    tier: Tier
    a: str
    """Id of the earlier claim."""
    b: str
    explanation: str
    reading: str
    """The best case for how both could stand."""
    days_apart: int | None = None
    moved: Literal["softer", "harder", "narrower", "other"] | None = None
    """Which way the later side goes from the earlier one, where the same speaker or body moved."""
    verdict: Verdict | None = None
    """Null as long as nobody has reviewed it."""
    also: tuple[str, ...] = ()
    """Ids of claims that are the same statement as `a` or `b`, at other outlets."""
    stale: str | None = None
    """Why it no longer rests on what its documents say, e.g. that one was corrected since."""

    @property
    def stands(self) -> bool:
        """Whether nobody dismissed it and it still rests on its documents."""
        return not self.stale and (self.verdict is None or self.verdict.decision == "accepted")


class Rating(Model):
    """What somebody else concluded, in their words and with their name; never a conclusion of factcheck."""

    text: str
    by: str
    url: str | None = None


class Evidence(Model):
    """Words of another document that bear on a claim: whose, when, and what they do to it."""

    id: str
    claim_id: str
    document_id: str
    quotes: tuple[Quote, ...]
    relation: Relation
    why: str
    reading: str
    """The best case for how both can stand; empty for what supports."""
    origin_of: str | None = None
    """Id of the evidence for the same claim that this is a copy of, or that it only passes on."""
    independent: bool = True
    dependence: str = ""
    """Why it is not independent, e.g. that it is the speaker's own words."""
    replaced_by: str | None = None
    """Id of the evidence for the same claim in which the same body gives later figures of the same series."""
    timing: Timing = "undated"
    source: str
    """Where it was found, as the user named it, without secrets."""
    speaker: str | None = None
    said_on: str | None = None
    """ISO date, possibly partial."""
    nature: Nature = "unknown"
    rating: Rating | None = None
    strong: bool = False
    """Of what conflicts or qualifies: an independent second look agreed."""


class Search(Model):
    """One question to one source, and how much came of it."""

    source: str
    query: str
    hits: int
    problem: str | None = None


class Check(Model):
    """What was searched for one claim, and what came of it; never whether the claim is true."""

    claim_id: str
    outcome: Outcome
    searched: tuple[Search, ...]
    evidence: tuple[str, ...]
    """Ids, in the order in which they are shown."""
    leaves_out: str = ""
    """What the claim does not say and evidence does, e.g. the base of a percentage; in the model's words."""


class Answer(Model):
    """A reply of an accused party: the ids of an accusation and of the claim that answers it."""

    accusation: str
    answer: str


class Tie(Model):
    """A name or office that within one document stands for a person or body, and the sentence that shows it."""

    document_id: str
    written: str
    """The name or office as that document has it."""
    name: str
    """The fullest name of whom it stands for."""
    shown_in: str
    """Id of the document in which the sentence stands."""
    start: int
    """Code points [start, end) of the sentence in that document's text."""
    end: int


class Problem(Model):
    """Something that could not be done, and where."""

    stage: Stage
    code: str
    """One of `factcheck.errors.CODES`."""
    document_id: str | None = None
    message: str

    @property
    def leaves_undone(self) -> bool:
        """Whether something was not done, as against done and refused; such a run is incomplete."""
        unread = self.stage == "read" and self.code not in NOT_INCOMPLETE
        return unread or (self.stage in INCOMPLETE_STAGES and self.code not in REJECTED | NOTICES)


class Usage(Model):
    """What a run cost. Tokens are as the endpoint counts them unless `counted_by` says otherwise."""

    calls: int = 0
    replayed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    """Of the input tokens, those that the endpoint had from an earlier call and takes less for."""
    counted_by: CountedBy = "api"
    cost_usd: float | None = None
    priced_as_of: str | None = None
    """The month of the list that the cost rests on (ISO 8601); null for prices that the user set."""
    rate: Literal["standard", "batch", "flex"] = "standard"
    """The prices that the cost rests on: for answers at once, for batches, or for service_tier flex."""


RELIABILITY: tuple[CountedBy, ...] = ("api", "tiktoken", "estimate")


def added(a: Usage, b: Usage) -> Usage:
    """Two usages together, as reliable as the less reliable one; costs are left to whoever knows the prices."""
    return Usage(
        calls=a.calls + b.calls,
        replayed=a.replayed + b.replayed,
        input_tokens=a.input_tokens + b.input_tokens,
        output_tokens=a.output_tokens + b.output_tokens,
        cached_input_tokens=a.cached_input_tokens + b.cached_input_tokens,
        counted_by=max(a.counted_by, b.counted_by, key=RELIABILITY.index),
    )


class Run(Model):
    """How a report came about."""

    id: str
    tool: str
    started: str | None
    """ISO 8601; in a replay the time of the oldest recording that was played."""
    model: str
    prompts: dict[str, str]
    inputs: tuple[str, ...] = ()
    """Ids of the documents that it was given."""
    usage: Usage


class Report(Model):
    """The result of a run: documents, claims, findings, and everything that could not be done."""

    format: Literal["factcheck.report/1"] = "factcheck.report/1"
    run: Run
    documents: tuple[Document, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...] = ()
    """Replies of accused parties to accusations; a mere denial is one and no finding."""
    ties: tuple[Tie, ...] = ()
    """Who is who, as sentences of the documents show it."""
    evidence: tuple[Evidence, ...] = ()
    """What was found about claims in other documents; empty where nobody asked for it."""
    checks: tuple[Check, ...] = ()
    """What was searched and what came of it, one a claim that was looked into."""
    problems: tuple[Problem, ...]

    @property
    def articles(self) -> tuple[Document, ...]:
        """The documents whose own statements were looked at, without those that were found as evidence."""
        return tuple(document for document in self.documents if document.role == "article")

    @cached_property
    def _claims(self) -> dict[str, Claim]:
        return {claim.id: claim for claim in self.claims}

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    def claim(self, claim_id: str) -> Claim:
        """The claim with this id; raises KeyError."""
        return self._claims[claim_id]

    def document(self, document_id: str) -> Document:
        """The document with this id; raises KeyError."""
        return self._documents[document_id]

    @cached_property
    def view(self) -> ReportView:
        """Claims and findings that know each other: `report.view.findings[0].a.speaker`."""
        return view_of(self)

    def rows(self, what: Rows = "findings") -> list[dict[str, Any]]:
        """`claims` or `findings` as rows of plain values, a dict each: the columns of the CSV outputs.

        >>> report.rows("findings")[0]["a_speaker"]
        'Alexander Stubb'
        """
        return list(_shown_by("tables").rows(self, what))

    def to_frame(self, what: Rows = "findings", *, library: Library | None = None) -> Any:
        """The rows as a data frame of `library`, or of pandas or polars, whichever is there; UsageError without one.

        >>> report.to_frame("claims", library="polars").columns[:3]
        ['id', 'kind', 'speaker']
        """
        return _shown_by("frames").frame(self, what, library)

    def _repr_html_(self) -> str:
        """What a notebook shows: whether the run was complete, then the findings, then the claims."""
        return str(_shown_by("notebook").cell(self))


def _shown_by(name: str) -> Any:
    """An output, loaded when it is asked for: outputs are views of the report, so it does not import them."""
    return import_module(f"factcheck.outputs.{name}")


def said_on(claim: Claim, document: Document) -> str | None:
    """When a claim was made, as far as known: the date it was said, else the publication date (ISO)."""
    return claim.attribution.stated_on or document.published
