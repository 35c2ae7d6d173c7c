"""Other ways to write the same value, as models write them: read where the meaning is certain, and counted.

Whatever could mean two things is left as it came, so that validation names it.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from factcheck.llm.answers import PLACE, Wire

NOTHING = frozenset({"", "null", "none", "n/a"})
"""What stands for no value where there may be none."""

YES_NO = {"true": True, "yes": True, "false": False, "no": False}
SAME_CHOICE = (
    ("false", "no"),
    ("false", 0),
    ("true", 1),
    ("official_position", "position"),
    ("position", "official_position"),
)
"""Other words for choices that can mean nothing else."""

NUMBER = re.compile(r"\s*[\[(#]?\s*(\d{1,9})\s*[\])]?\s*\.?\s*")
NUMBERS = re.compile(r"\s*\[?\d{1,9}\]?(?:\s*,\s*\[?\d{1,9}\]?)+\s*")
SENTENCE_KEYS = ("s", "sentence", "n", "number")
WORDS_KEYS = ("words", "quote", "text", "exact")
REMARKS = frozenset({"$schema", "comment", "comments", "confidence", "reasoning", "thinking", "thought", "thoughts"})
"""Fields that a model adds for itself; they say nothing about those that were asked for."""


class Told(Counter[str]):
    """How often which field was read from another form, e.g. `claims/via: null for a list`."""

    def note(self, path: str, what: str) -> None:
        """Count one."""
        self[f"{path}: {what}"] += 1


def coerced(value: Any, kind: type[Wire], told: Told, path: str = "") -> Any:
    """The object with its fields in the form that `kind` asks for, as far as that is certain."""
    value = _opened(value, told, path)
    if not isinstance(value, dict):
        return value
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    given = _named(value, kind, fields.keys(), told, path)
    for name, field in fields.items():
        place = f"{path}/{name}" if path else name
        nullable = NoneType in get_args(field.annotation)
        if name not in given or (given[name] is None and name in kind.MAY_LACK):
            if name in kind.MAY_LACK or (path and nullable):
                told.note(place, "missing" if name not in given else "null")
                given[name] = copy.copy(kind.MAY_LACK.get(name))
            continue
        if given[name] is None and not path:
            continue  # no list at all is not the same as an empty one
        given[name] = _fitted(given[name], field.annotation, told, place)
    return given


def _named(value: dict[str, Any], kind: type[Wire], names: Any, told: Told, path: str) -> dict[str, Any]:
    """The fields under the names that were asked for, without remarks."""
    given: dict[str, Any] = {}
    for key, inner in value.items():
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).replace("-", "_").lower()
        name = key if key in names else kind.ALSO.get(plain, plain)
        if name not in names and plain in REMARKS:
            told.note(path or ".", f"a remark ({plain})")
        elif name not in names or (name != key and name in value):
            given[key] = inner
        else:
            given[name] = inner
            if name != key:
                told.note(f"{path}/{name}" if path else name, "another name")
    return given


def _fitted(value: Any, annotation: Any, told: Told, path: str) -> Any:
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return _optional(value, annotation, told, path)
    if origin is list:
        return _listed(value, get_args(annotation)[0], told, path)
    if origin is Annotated:
        return _placed(value, told, path) if PLACE in get_args(annotation) else value
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return coerced(value, annotation, told, path)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str | int | float):
        told.note(path, "a list of one")
        value = value[0]
    return _scalar(value, annotation, told, path)


def _optional(value: Any, annotation: Any, told: Told, path: str) -> Any:
    if isinstance(value, str) and value.strip().lower() in NOTHING:
        told.note(path, "words for null")
        return None
    inner = next(kind for kind in get_args(annotation) if kind is not NoneType)
    return None if value is None else _fitted(value, inner, told, path)


def _listed(value: Any, item: Any, told: Told, path: str) -> Any:
    """A list, also where null stands for an empty one, or one item for a list of it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        opened = _loaded(value)
        if isinstance(opened, list):
            told.note(path, "a list as text")
            value = opened
    if value is None or (isinstance(value, str) and not value.strip()):
        told.note(path, "null for a list")
        return []
    if not isinstance(value, list):
        if not _is_item(value, item):
            return value
        told.note(path, "one item for a list")
        value = value.split(",") if isinstance(value, str) and NUMBERS.fullmatch(value) else [value]
    return [_fitted(one, item, told, path) for one in value]


def _is_item(value: Any, item: Any) -> bool:
    """Whether a value can be meant as the only item of a list."""
    if isinstance(item, type) and issubclass(item, Wire):
        return isinstance(value, dict) and bool(value.keys() & {f.alias or n for n, f in item.model_fields.items()})
    if get_origin(item) is Annotated:
        return isinstance(value, str | int | dict) and not isinstance(value, bool)
    return isinstance(value, str if item is str else str | int)


def _placed(value: Any, told: Told, path: str) -> Any:
    """A place as `12 words`, also from a number, from a pair, or from an object with a sentence and words."""
    sentence: Any = value
    words: Any = ""
    if isinstance(value, dict):
        if value.keys() - {*SENTENCE_KEYS, *WORDS_KEYS}:
            return value
        sentence = next((value[key] for key in SENTENCE_KEYS if key in value), "")
        words = next((value[key] for key in WORDS_KEYS if key in value), "") or ""
    elif isinstance(value, list) and len(value) == 2:  # noqa: PLR2004  (a sentence and its words)
        sentence, words = value
    number = NUMBER.fullmatch(sentence) if isinstance(sentence, str) else None
    if isinstance(sentence, int) and not isinstance(sentence, bool):
        sentence = str(sentence)
    elif isinstance(value, dict | list) and (number or sentence == ""):
        sentence = number[1] if number else ""
    else:
        return value
    if not isinstance(words, str):
        return value
    told.note(path, "a place in another form")
    return f"{sentence} {words}".strip()


def _scalar(value: Any, annotation: Any, told: Told, path: str) -> Any:
    text = value.strip().lower() if isinstance(value, str) else None
    if annotation is int and text and (number := NUMBER.fullmatch(text)):
        told.note(path, "text for a number")
        return int(number[1])
    if annotation is bool and text in YES_NO:
        told.note(path, "text for true or false")
        return YES_NO[text or ""]
    if get_origin(annotation) is Literal and (isinstance(value, bool) or value not in get_args(annotation)):
        return _chosen(value, get_args(annotation), told, path)
    return value


def _chosen(value: Any, choices: tuple[Any, ...], told: Told, path: str) -> Any:
    """The choice that a value can only mean: in other letters, as a number, as true or false."""
    text = re.sub(r"[\s-]+", "_", str(value).strip().lower())
    known = {str(choice): choice for choice in choices}
    known |= {other: choice for other, choice in SAME_CHOICE if choice in choices}
    if text not in known:
        return value
    told.note(path, "other letters for a choice")
    return known[text]


def _opened(value: Any, told: Told, path: str) -> Any:
    """An object that was written as text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        opened = _loaded(value)
        if isinstance(opened, dict):
            told.note(path or ".", "an object as text")
            return opened
    return value


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
