"""Read what a text says of itself above its first line: YAML between `---`, TOML between `+++`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from factcheck.inputs.fields import known, left_out
from factcheck.originals import LeftOut

YAML = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
MAX_HEAD = 20_000
"""Characters of front matter; a longer head is no head, and YAML is slow."""

LISTED = 8
"""Names of fields that one note holds."""


class Head(NamedTuple):
    """The fields above a text, and where the text itself begins."""

    end: int = 0
    fields: Mapping[str, str | None] = {}
    fields_from: Mapping[str, str] = {}
    notes: tuple[tuple[str, str], ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class _NotAHeadError(Exception):
    """A head that cannot be read, and why."""


def front_matter(text: str) -> Head:
    """What the head of a canonical text says; what is wrong with it becomes notes."""
    for pattern, read in ((YAML, _yaml), (TOML, _toml)):
        if match := pattern.match(text):
            head = match[1] or ""
            try:
                return _head(read(head), match.end())
            except _NotAHeadError as error:
                whole = left_out({"front matter": " ".join(head.split())} if head.strip() else {})
                note = ("front_matter", f"the front matter {error} and was left out")
                return Head(match.end(), notes=(note,), left_out=whole)
    return Head()


def _head(values: Mapping[str, Any], end: int) -> Head:
    found = known(values, "front matter")
    notes = [("front_matter", problem) for problem in found.problems]
    unknown = [name for name in found.unused if not any(p.startswith(f"`{name}`") for p in found.problems)]
    if unknown:
        names = ", ".join(f"`{' '.join(name.split())[:40]}`" for name in unknown[:LISTED])
        more = f" and {len(unknown) - LISTED} more" if len(unknown) > LISTED else ""
        notes.append(("unknown_field", f"these fields of the front matter were not read: {names}{more}"))
    return Head(end, found.fields, found.fields_from, tuple(notes), left_out(found.unused))


def _yaml(head: str) -> Mapping[str, Any]:
    if len(head) > MAX_HEAD:
        raise _NotAHeadError(f"is longer than {MAX_HEAD:,} characters")
    try:
        values = yaml.load(head, Loader=yaml.BaseLoader) or {}  # noqa: S506  (strings only; `no` stays `no`)
    except yaml.YAMLError as error:
        raise _NotAHeadError(f"is not YAML (line {_line_of(error, head)})") from None
    except RecursionError:
        raise _NotAHeadError("is nested too deeply") from None
    if not isinstance(values, Mapping):
        raise _NotAHeadError("is not a list of `name: value` lines")
    return values


def _toml(head: str) -> Mapping[str, Any]:
    if len(head) > MAX_HEAD:
        raise _NotAHeadError(f"is longer than {MAX_HEAD:,} characters")
    try:
        return tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        raise _NotAHeadError(f"is not TOML ({str(error)[:80]})") from None
    except RecursionError:
        raise _NotAHeadError("is nested too deeply") from None


def _line_of(error: yaml.YAMLError, head: str) -> int:
    """The line of the file in which YAML stumbled."""
    mark = getattr(error, "problem_mark", None)
    before = mark.line if mark else head[: getattr(error, "position", 0)].count("\n")
    return int(before) + 2
