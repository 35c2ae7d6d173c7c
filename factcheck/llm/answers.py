"""The shapes that a model answers in: compact, strict, and separate from the report.

The prompts say what each field holds; schemas carry names and types only, because every token of them is
sent with every call. They follow the strict subset of structured outputs: every field required, no
defaults, no free-form objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from factcheck.models import Kind

PLACE = "place"
Place = Annotated[str, PLACE]
"""A sentence number, and behind a space the words if it is not the whole sentence."""


class Wire(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ALSO: ClassVar[Mapping[str, str]] = {}
    """Other names that models give to fields, which can mean nothing else."""

    MAY_LACK: ClassVar[Mapping[str, Any]] = {}
    """Fields that an answer may leave out, and what that means."""


class SourceWire(Wire):
    """A person or body that statements are attributed to, `n` being its number."""

    n: int
    name: str
    role: str | None
    org: str | None
    behalf: str | None = Field(alias="for")
    named: bool

    ALSO = {"organisation": "org", "organization": "org", "on_behalf_of": "for", "behalf": "for"}


class ClaimWire(Wire):
    """A statement: where it stands, who is committed to it (`by` a source, 0 for the article) and what it is."""

    at: list[Place]
    by: int
    via: list[str]
    kind: Literal["assertion", "accusation", "position"]
    target: str | None
    cue: str | None
    voice: Literal["direct", "indirect", "mixed"]
    on: str | None
    topic: str
    notes: list[str]
    check: Literal[0, 1, 2]

    ALSO = {"stated_on": "on", "source": "by", "importance": "check"}
    MAY_LACK = {"via": [], "notes": []}


class CorrectionWire(Wire):
    """A sentence `s` that corrects what the article said in sentence `of`, or what it had said `earlier`."""

    s: int
    of: int | None
    earlier: str


class ExtractAnswer(Wire):
    """The statements of a passage."""

    sources: list[SourceWire]
    claims: list[ClaimWire]
    corrections: list[CorrectionWire]
    machine: bool

    MAY_LACK = {"sources": [], "corrections": [], "machine": False}


class RepairWire(Wire):
    """The right places for rejected quote `n`."""

    n: int
    at: list[Place]


class RepairAnswer(Wire):
    """Places for all rejected quotes that have one."""

    repairs: list[RepairWire]


class MissedWire(Wire):
    """A side of a pair that extraction had not listed."""

    n: int
    at: str
    words: str
    speaker: str | None
    kind: Kind


class PairWire(Wire):
    """Two statements and the answers to the questions about them."""

    a: int
    b: int
    about: str
    same_thing: bool
    reading: str
    both_can_be_true: bool
    speakers: Literal["same", "different"]
    moved: Literal["no", "softer", "harder", "narrower", "other"]
    why: str


class ReplyWire(Wire):
    """A statement `by` which an accused party answers the accusation `to`."""

    to: int
    by: int


class JudgeAnswer(Wire):
    """The matters that several statements are about, all pairs that do not fit, and answers to accusations."""

    matters: list[str]
    missed: list[MissedWire]
    pairs: list[PairWire]
    answers: list[ReplyWire]

    MAY_LACK = {"matters": [], "missed": [], "answers": []}


class LookWire(Wire):
    """A second look at pair `n`."""

    n: int
    because: str
    verdict: Literal["fit", "moved", "clash", "denial"]


class ReviewAnswer(Wire):
    """A look at every pair."""

    looks: list[LookWire]


class PieceWire(Wire):
    """Sentences that do the same (`rel`) to statement `n`; `at` are places such as `B4`, in one source or several."""

    n: int
    at: list[Place]
    by: str | None
    why: str
    same: bool
    rel: Literal["supports", "conflicts", "qualifies", "replaced"]
    reading: str

    ALSO = {"relation": "rel", "same_thing": "same", "places": "at"}
    MAY_LACK = {"by": None, "same": True, "reading": ""}


class LackWire(Wire):
    """What statement `n` leaves out."""

    n: int
    what: str


class WeighAnswer(Wire):
    """What bears on statements, those on which nothing does, and sources that speak to their reader as a machine."""

    machine: list[str]
    pieces: list[PieceWire]
    nothing: list[int]
    lacks: list[LackWire]

    MAY_LACK = {"machine": [], "pieces": [], "lacks": []}


class WeighLookWire(Wire):
    """A second look at piece `n`."""

    n: int
    because: str
    verdict: Literal["other", "fits", "qualifies", "conflicts"]


class WeighReviewAnswer(Wire):
    """A look at every piece."""

    looks: list[WeighLookWire]


class GroupWire(Wire):
    """Entries that are one person or body, the one with the fullest name, and the one whose sentence shows it."""

    members: list[int]
    name: int
    shown: int


class WhoAnswer(Wire):
    """All groups of more than one entry."""

    same: list[GroupWire]


@cache
def schema_of(answer: type[Wire]) -> dict[str, Any]:
    """The strict JSON schema of an answer, without titles; definitions stand where they are used.

    So no name of a class is in a request, and renaming one makes no recording stale.
    """
    schema = answer.model_json_schema()
    bare: dict[str, Any] = _bare(schema, schema.pop("$defs", {}))
    return bare


def _bare(node: Any, definitions: dict[str, Any]) -> Any:
    """The schema without titles and class docstrings, which cost tokens and say nothing to a model."""
    if isinstance(node, list):
        return [_bare(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _bare(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    kept = {key: _bare(value, definitions) for key, value in node.items() if key not in {"title", "description"}}
    if "properties" in node:
        kept["properties"] = {name: _bare(value, definitions) for name, value in node["properties"].items()}
    return kept
