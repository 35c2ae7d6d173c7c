"""The shapes that a model answers in: compact, strict, and separate from the report.

The prompts say what each field holds; schemas carry names and types only, because every token of them is
sent with every call. They follow the strict subset of structured outputs: every field required, no
defaults, no free-form objects.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from factcheck.models import FindingKind, Kind, Severity, Voice
from factcheck.text.invisible import visible


class Wire(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceWire(Wire):
    """A person or body that statements are attributed to, `n` being its number."""

    n: int
    name: str
    role: str | None
    org: str | None
    behalf: str | None = Field(alias="for")
    named: bool


class ClaimWire(Wire):
    """A statement: where it stands, who is committed to it (`by` a source, 0 for the article) and what it is.

    A place in `at` is a sentence number, and behind a space the words if it is not the whole sentence.
    """

    at: list[str]
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


class RepairWire(Wire):
    """The right places for rejected quote `n`."""

    n: int
    at: list[str]


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


class LookWire(Wire):
    """A second look at pair `n`."""

    n: int
    because: str
    verdict: Literal["fit", "moved", "clash", "denial"]


class ReviewAnswer(Wire):
    """A look at every pair."""

    looks: list[LookWire]


class GroupWire(Wire):
    """Entries that are one person or body, the one with the fullest name, and the one whose sentence shows it."""

    members: list[int]
    name: int
    shown: int


class WhoAnswer(Wire):
    """All groups of more than one entry."""

    same: list[GroupWire]


class OneClaimWire(Wire):
    """A claim with all its fields, as the one-prompt alternative gives it."""

    n: int
    doc: str
    quote: str
    text: str
    kind: Kind
    speaker: str | None
    role: str | None
    organisation: str | None
    on_behalf_of: str | None
    via: list[str]
    cue: str | None
    voice: Voice
    stated_on: str | None
    target: str | None
    topic: str
    checkworthy: bool


class OneContradictionWire(Wire):
    """Two claims by number, and how they clash."""

    a: int
    b: int
    kind: FindingKind
    severity: Severity
    explanation: str
    reading: str


class OnePromptAnswer(Wire):
    """Everything about a dossier at once."""

    claims: list[OneClaimWire]
    contradictions: list[OneContradictionWire]


A = TypeVar("A", bound=Wire)


class Parsed(NamedTuple):
    """An answer, or None, and what was wrong with it; items of a list that did not fit are left out."""

    answer: Any
    errors: list[str]


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


def parse(answer: type[A], content: str) -> Parsed:
    """Read a model's answer; a list item that does not fit is dropped and named in `errors`."""
    try:
        value = _json(content)
    except ValueError as error:
        return Parsed(None, [_one_line(str(error))])
    errors: list[str] = []
    while True:
        try:
            return Parsed(answer.model_validate(value), errors)
        except ValidationError as error:
            places = [tuple(e["loc"]) for e in error.errors()]
            errors.extend(_one_line(f"{'/'.join(map(str, e['loc'])) or '.'}: {e['msg']}") for e in error.errors())
            if not _drop_items(value, places):
                return Parsed(None, errors)


def _one_line(message: str) -> str:
    """A message that quotes a model's words, fit for a line of output."""
    return " ".join(message.encode("utf-8", "replace").decode().split())


def _drop_items(value: Any, places: list[tuple[int | str, ...]]) -> bool:
    """Remove the list items that the errors point into; False when one lies outside of any list."""
    items = {place[:2] for place in places}
    if not isinstance(value, dict) or any(len(i) < 2 or not isinstance(i[1], int) for i in items):  # noqa: PLR2004
        return False
    for name, index in sorted(items, key=lambda item: (str(item[0]), -int(item[1]))):
        del value[name][int(index)]
    return True


FENCED = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)
THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""What reasoning models on local servers put before their answer."""


def _json(content: str) -> Any:
    """JSON as a model writes it: fenced or with prose around it is read, ambiguous JSON is not."""
    text = THOUGHTS.sub("", content)
    text = match[1] if (match := FENCED.match(text)) else text
    start = text.find("{")
    if start == -1:
        raise ValueError("the answer holds no JSON object")
    if text[:start].strip().endswith("["):
        raise ValueError("the answer is a list, not one JSON object")
    value, end = _object(text, start)
    if _another_object(text, end):
        raise ValueError("the answer holds more than one JSON object")
    if re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        raise ValueError("the answer holds half a character (a lone surrogate)")
    return _seen(value)


def _seen(value: Any) -> Any:
    """The value without characters that a terminal would act on or that nobody sees, in any of its strings."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_seen(item) for item in value]
    return {name: _seen(item) for name, item in value.items()} if isinstance(value, dict) else value


def _object(text: str, start: int) -> tuple[Any, int]:
    """The object that begins at `start`, and where it ends."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ValueError(f"the answer is not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None


def _another_object(text: str, end: int) -> bool:
    """Whether prose that follows an answer holds a second one."""
    start = text.find("{", end)
    while start != -1:
        try:
            _object(text, start)
        except ValueError:
            start = text.find("{", start + 1)
        else:
            return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"the answer has the key “{max(keys, key=keys.count)}” twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"the answer holds {name}, which is not JSON")
