"""From the text of an answer to its shape: thoughts, fences, wrappers and prose are passed by, nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from factcheck.llm.answers import Wire
from factcheck.llm.coercion import Told, coerced
from factcheck.text.invisible import visible

A = TypeVar("A", bound=Wire)

LONGEST = 1_000_000
"""Characters of an answer that are read; about sixty times what the longest honest one takes."""

DEEPEST = 32
"""Levels of an answer; the deepest shape has five, wrappers and places in other forms add a few."""

ENDS = 100
"""Places at each end of a text at which an object may begin that are tried."""

OBJECT = re.compile(r'\{(?=\s*["}])')
THOUGHT_ENDS = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad|seed:think)>"
    r"|\[/THINK\]|<\|channel\|>final[^<]{0,40}<\|message\|>|◁/think▷|<\|/think\|>"
    r"|<\|end_of_thought\|>|<\|begin_of_solution\|>|<\|END_THINKING\|>|<channel\|>",
    re.IGNORECASE,
)
"""What models on many servers put between their thoughts and their answer."""

COMMA = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|,(?=\s*[}\]])', re.DOTALL)
"""A string, or a comma before the end of a list or an object."""


class Parsed(NamedTuple, Generic[A]):
    """An answer, or None; what was wrong with it (items that did not fit are left out); what was read otherwise."""

    answer: A | None
    errors: list[str]
    told: Told


class _Found(NamedTuple):
    """What begins like an object: where, its value or why it is none, and whether it has a name of the answer."""

    start: int
    end: int
    value: Any
    error: str | None
    is_alike: bool


def parse(answer: type[A], content: str) -> Parsed[A]:
    """Read a model's answer; a list item that does not fit is dropped and named in `errors`. Never raises."""
    if len(content) > LONGEST:
        return Parsed(None, [f"the answer is longer than {LONGEST:,} characters"], Told())
    try:
        parsed = _parsed(answer, content)
        if parsed.answer is None and (plain := COMMA.sub(_without_comma, content)) != content:
            mended = _parsed(answer, plain)
            if mended.answer is not None:
                mended.told.note(".", "a comma too many")
                return mended
    except RecursionError:
        return Parsed(None, ["the answer is nested too deeply"], Told())
    return parsed


def _without_comma(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else ""


def _parsed(answer: type[A], content: str) -> Parsed[A]:
    names = frozenset(field.alias or name for name, field in answer.model_fields.items())
    text = _unquoted(content)
    found = list(_found(text, 0, names))
    cut = max((match.end() for match in THOUGHT_ENDS.finditer(text)), default=0)
    if cut and not text.lstrip().startswith(("{", "```")):  # else the mark may be a part of a string
        after = [one for one in found if one.start >= cut] or list(_found(text, cut, names))
        found = after if any(one.is_alike for one in after) else found
    alike = [one for one in found if one.is_alike]
    if not alike:
        return _none(answer, found)
    parsed = _fit(answer, alike[-1])
    if parsed.answer is not None and _is_unclear(answer, alike, parsed, text):
        return Parsed(None, ["the answer holds more than one JSON object"], Told())
    return parsed


def _none(answer: type[A], found: list[_Found]) -> Parsed[A]:
    """Why there is no answer in a text."""
    if not found:
        return Parsed(None, ["the answer holds no JSON object"], Told())
    return _fit(answer, next((one for one in found if one.error), found[-1]))


def _is_unclear(answer: type[A], alike: list[_Found], parsed: Parsed[A], text: str) -> bool:
    """Whether another answer stands right before the last one, with no word about which of them holds."""
    if len(alike) == 1 or re.search(r"\w", text[alike[-2].end : alike[-1].start]):
        return False
    before = _fit(answer, alike[-2]).answer
    return before is not None and before != parsed.answer


def _fit(answer: type[A], found: _Found) -> Parsed[A]:
    """An object as an answer: unwrapped, its values in the form that was asked for, items that do not fit left out."""
    told = Told()
    if found.error is not None:
        return Parsed(None, [_one_line(found.error)], told)
    value = coerced(found.value, answer, told)
    errors: list[str] = []
    while True:
        try:
            return Parsed(answer.model_validate(value), errors, told)
        except ValidationError as error:
            places = [tuple(e["loc"]) for e in error.errors()]
            errors.extend(_one_line(f"{'/'.join(map(str, e['loc'])) or '.'}: {e['msg']}") for e in error.errors())
            if not _drop_items(value, places):
                return Parsed(None, errors, told)


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


def _unquoted(content: str) -> str:
    """The text itself, where a server wrote it as one JSON string."""
    text = content.strip()
    if text.startswith('"') and text.endswith('"'):
        try:
            inner = json.loads(text)
        except ValueError:
            return content
        return inner if isinstance(inner, str) else content
    return content


def _found(text: str, start: int, names: frozenset[str]) -> Iterator[_Found]:
    """Everything that begins like a JSON object and does not stand inside of another, in order."""
    places = [match.start() for match in OBJECT.finditer(text, start)]
    if len(places) > 2 * ENDS:
        places = [*places[:ENDS], *places[-ENDS:]]
    end = start
    for place in places:
        if place < end:
            continue
        try:
            value, end = _object(text, place)
            value = _unwrapped(_seen(value), names)
            yield _Found(place, end, value, None, bool(names & value.keys()))
        except ValueError as error:
            first = re.compile(r'\{\s*"([^"\\]{0,40})"').match(text, place)
            yield _Found(place, place, None, str(error), bool(first and first[1] in names))


def _unwrapped(value: dict[str, Any], names: frozenset[str], depth: int = 3) -> dict[str, Any]:
    """The answer inside of an object that only names it, e.g. `{"answer": {…}}` or a schema's `properties`."""
    if depth == 0 or names & value.keys():
        return value
    inner = [_unwrapped(one, names, depth - 1) for one in map(_opened, value.values()) if isinstance(one, dict)]
    alike = [one for one in inner if names & one.keys()]
    return alike[0] if len(alike) == 1 else value


def _opened(value: Any) -> Any:
    """An object that stands inside of a string, as the arguments of a tool do."""
    if not (isinstance(value, str) and value.lstrip().startswith("{")):
        return value
    try:
        return _seen(_object(value, value.index("{"))[0])
    except ValueError:
        return value


def _seen(value: Any, depth: int = DEEPEST) -> Any:
    """The value without characters that a terminal would act on or that nobody sees. Raises ValueError."""
    if depth == 0:
        raise ValueError("the answer is nested too deeply")
    if isinstance(value, str):
        if re.search("[\ud800-\udfff]", value):
            raise ValueError("the answer holds half a character (a lone surrogate)")
        return visible(value)
    if isinstance(value, list):
        return [_seen(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_seen(name, depth - 1): _seen(item, depth - 1) for name, item in value.items()}
    return value


def _object(text: str, start: int) -> tuple[Any, int]:
    """The object that begins at `start`, and where it ends. Raises ValueError."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, strict=False)
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ValueError(f"the answer is not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"the answer has the key “{max(keys, key=keys.count)}” twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"the answer holds {name}, which is not JSON")
