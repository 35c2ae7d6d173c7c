"""The report and its parts: what every output of factcheck is a view of.

Offsets are Unicode code points into `Document.text`; dates are ISO 8601. For every quote of every
claim `document.text[quote.start:quote.end] == quote.exact` holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from factcheck.errors import INCOMPLETE_STAGES, NOT_INCOMPLETE, NOTICES, REJECTED
from factcheck.views import ReportView, viewed, viewed_finding

Kind = Literal["assertion", "accusation", "official_position"]
Importance = Literal[0, 1, 2]
Voice = Literal["direct", "indirect", "mixed", "own", "anonymous"]
FindingKind = Literal["reversal", "dispute", "inconsistency"]
Severity = Literal["full", "partial"]
Tier = Literal["strong", "lead"]
Stage = Literal["read", "split", "extract", "ground", "who", "judge", "review"]
LeftOutKind = Literal[
    "navigation",  # menus, links to other articles, buttons, consent boxes
    "aside",  # boxes beside the article
    "article",  # another article on the same page or in the same mail
    "comments",  # what readers wrote
    "hidden",  # what a browser would not show
    "struck",  # deleted or struck through
    "footnote",
    "note_mark",  # the number or sign that points to a footnote
    "running_head",  # headers, footers and page numbers
    "header",  # header lines of a mail
    "attachment",
    "quoted_mail",  # an earlier mail below a reply
    "signature",
    "ruby",  # readings beside characters
    "caption",  # under a picture or a table
    "repeated",  # the same words again, e.g. in captions that roll up
    "markup",  # marks of a notation that are not words of the article
    "page",  # a page or part that could not be read
    "other",
]
Machine = Literal["transcribed", "recognised"]  # how words were made that may differ from what was said or printed
CountedBy = Literal["api", "tiktoken", "estimate"]
Rows = Literal["claims", "findings"]
Library = Literal["pandas", "polars"]


class Model(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mark(Model):
    """What begins at an offset of a document: a page of its original, a line of a scan, or a moment of a recording."""

    start: int
    page: int | None = None
    """Counted from 1."""
    time: str | None = None
    """From the beginning of the recording, `HH:MM:SS.mmm`."""
    box: tuple[int, int, int, int] | None = None
    """The place of a recognised line on its page: left, top, right, bottom, in points."""


class Origin(Model):
    """Where the text of a document came from, so that it can be fetched or opened again and compared."""

    media_type: str
    """Of the original, e.g. `text/html`."""
    sha256: str
    """Of the original's bytes as they came."""
    retrieved: str | None = None
    """When it was fetched (ISO 8601, UTC); null for files."""
    address: str | None = None
    """The address that answered, after redirects."""
    snapshot: str | None = None
    """The file name of the copy that was kept."""


class LeftOut(Model):
    """Words of an original that are not in the text, and why; together with the text they are all that it shows."""

    kind: LeftOutKind
    text: str
    """The words themselves, in the order of the original."""
    at: int
    """The offset (code points) in `Document.text` at which they stood; at its end for what came after."""
    page: int | None = None
    """The page of the original, counted from 1."""
    note: str = ""
    """What the kind does not say, e.g. the name of an attachment."""


class Correction(Model):
    """A paragraph in which a text corrects itself, and the sentence that it corrects; null where none could be told."""

    start: int
    end: int
    corrected_start: int | None = None
    corrected_end: int | None = None


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
    fields_from: dict[str, str] = {}
    """Where the title, the date and so on were found, e.g. `published` → `meta article:published_time`."""
    machine: Machine | None = None

    @property
    def name(self) -> str:
        """What messages call it: its path, else its title, else its id."""
        return self.path or self.title or self.id


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
    counted_by: CountedBy = "api"
    cost_usd: float | None = None
    priced_as_of: str | None = None
    """The month of the list that the cost rests on (ISO 8601); null for prices that the user set."""


RELIABILITY: tuple[CountedBy, ...] = ("api", "tiktoken", "estimate")


def added(a: Usage, b: Usage) -> Usage:
    """Two usages together, as reliable as the less reliable one; costs are left to whoever knows the prices."""
    return Usage(
        calls=a.calls + b.calls,
        replayed=a.replayed + b.replayed,
        input_tokens=a.input_tokens + b.input_tokens,
        output_tokens=a.output_tokens + b.output_tokens,
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
    problems: tuple[Problem, ...]

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
        claims = tuple(viewed(claim, self._documents) for claim in self.claims)
        return ReportView(claims, tuple(viewed_finding(f, self._claims, self._documents) for f in self.findings))

    def rows(self, what: Rows = "findings") -> list[dict[str, Any]]:
        """`claims` or `findings` as rows of plain values, a dict each: the columns of the CSV outputs.

        >>> report.rows("findings")[0]["a_speaker"]
        'Alexander Stubb'
        """
        made: list[dict[str, Any]] = _shown_by("tables").rows(self, what)
        return made

    def to_frame(self, what: Rows = "findings", *, library: Library | None = None) -> Any:
        """`claims` or `findings` as a data frame of pandas or polars, whichever is installed (pandas first).

        factcheck depends on neither; raises UsageError where none is there. `library` names the one to take.

        >>> report.to_frame("claims", library="polars").columns[:3]
        ['id', 'kind', 'speaker']
        """
        return _shown_by("frames").frame(self, what, library)

    def _repr_html_(self) -> str:
        """What a notebook shows: whether the run was complete, then the findings, then the claims."""
        shown: str = _shown_by("notebook").cell(self)
        return shown


def _shown_by(name: str) -> Any:
    """An output, loaded when it is asked for: outputs are views of the report, so it does not import them."""
    return import_module(f"factcheck.outputs.{name}")


IDENTITY = ("url", "publisher", "published", "title")
"""What makes two documents with one text two: who published it, where, when, under which title."""


def document_id(document: Document) -> str:
    """The id that a document's text and identifying fields give."""
    return content_id("d", document.text, *(getattr(document, name) for name in IDENTITY))


def said_on(claim: Claim, document: Document) -> str | None:
    """When a claim was made, as far as known: the date it was said, else the publication date (ISO)."""
    return claim.attribution.stated_on or document.published


def claim_id(document: str, spans: Iterable[tuple[int, int]], speaker: str | None) -> str:
    """The id of a claim: its document, its spans, and the speaker as the document names them."""
    return content_id("c", document, ",".join(f"{start}-{end}" for start, end in spans), speaker)


def carried(claim: Claim, document: Document) -> Claim:
    """The same claim in another document with the same text, e.g. at another outlet that ran the same wire copy.

    Raises ValueError where the text is another one.
    """
    if any(document.text[q.start : q.end] != q.exact for q in claim.quotes):
        raise ValueError(f"{document.name}: has another text than the document of {claim.id}")
    said = claim.attribution
    key = claim_id(document.id, [(q.start, q.end) for q in claim.quotes], said.as_written or said.speaker)
    return claim.model_copy(update={"id": key, "document_id": document.id})


def content_id(prefix: str, *parts: object) -> str:
    """A stable id: the prefix and 12 hex digits of a hash over the parts."""
    joined = "\x1f".join(str(part) for part in parts)
    return f"{prefix}-{hashlib.sha256(joined.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
