"""Why a replay has no answer: the nearest recording of the same text, and the words in which the request differs."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

MOST_CHANGES, MOST_WORDS, AROUND, LONGEST = 3, 12, 4, 60
"""Changes that are shown, words of each side of one, words before and after it, and characters of a word."""

SAME_TEXT = 0.4
"""From this share of pairs of neighbouring words two requests are about one text; other articles share .21 at most,
measured on the recordings of the repository."""

FENCE = re.compile(r"<(/?)([a-z]+)-[0-9a-f]{4,12}>")
"""A tag around untrusted text; its digits go by the text, and so differ wherever a word does."""

LABEL = re.compile(r"^\s*\[[A-Z]*\d+\] ", re.MULTILINE)


class Nearest(NamedTuple):
    """A recording's name, its request, and how much of the text it shares with another request (0 to 1)."""

    name: str
    body: Mapping[str, Any]
    share: float


def nearest(wanted: Mapping[str, Any], recorded: Sequence[tuple[str, Mapping[str, Any]]]) -> Nearest | None:
    """The recording whose text is most alike; None where all are of other texts."""
    pairs = _pairs(_given(wanted))
    found = [Nearest(name, body, _share(pairs, _pairs(_given(body)))) for name, body in recorded]
    best = max(found, key=lambda one: (one.share, _alike(wanted, one.body)), default=None)
    return best if best and best.share >= SAME_TEXT else None


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The parts of a request that changed, in words: fields by their names, messages by their roles."""
    parts = [name for name in sorted({*old, *new} - {"messages", "input"}) if old.get(name) != new.get(name)]
    changed = (role for role, a, b in _messages(old, new) if _bare(a) != _bare(b))
    return parts + [f"the {role} message" for role in dict.fromkeys(changed)]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Each change with the words around it: `[-was-]`, `{+is now+}`; no two of them the same."""
    pairs = [
        (f"{name}: ", _value(old, name), _value(new, name)) for name in sorted({*old, *new} - {"messages", "input"})
    ]
    pairs += [("", _bare(a), _bare(b)) for _, a, b in _messages(old, new)]
    return list(dict.fromkeys(f"{head}{line}" for head, a, b in pairs if a != b for line in _word_diff(a, b)))


def shown(found: Sequence[str]) -> str:
    """The first changes in one line, and how many more there are."""
    more = f" (and {len(found) - MOST_CHANGES} more)" if len(found) > MOST_CHANGES else ""
    return "; ".join(found[:MOST_CHANGES]) + more


def _given(body: Mapping[str, Any]) -> str:
    """The text that a request is about: all but instructions, schema and settings."""
    parts = [text for role, text in _texts(body) if role != "system"]
    parts += [str(body[name]) for name in ("sound", "parameters") if name in body]
    return LABEL.sub("", _bare("\n".join(parts)))


def _texts(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Roles and contents, whichever name a request has for its messages."""
    given = body.get("messages") or body.get("input") or []
    items = [given] if isinstance(given, str) else given
    return [
        (str(m.get("role")), _joined(m.get("content"))) if isinstance(m, dict) else ("input", str(m)) for m in items
    ]


def _joined(content: Any) -> str:
    return "\n".join(map(str, content)) if isinstance(content, list) else str(content)


def _messages(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Role, old and new content of each message."""
    pairs = zip_longest(_texts(old), _texts(new), fillvalue=("", ""))
    return [(role or was, text, now) for (was, text), (role, now) in pairs]


def _bare(text: str) -> str:
    return FENCE.sub(r"<\1\2>", text)


def _value(body: Mapping[str, Any], name: str) -> str:
    """A field as text, structures spread so that words can be compared."""
    value = body.get(name, "nothing")
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=1024)
def _pairs(text: str) -> Counter[tuple[str, str]]:
    words = ["", *re.findall(r"\w+", text.lower()), ""]
    return Counter(pairwise(words))


def _share(a: Counter[tuple[str, str]], b: Counter[tuple[str, str]]) -> float:
    """Twice what both have, by what there is."""
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> int:
    """Among recordings of one text: how many fields are the same, and how many lines of the instructions."""
    lines = [{line for role, text in _texts(one) if role == "system" for line in text.split("\n")} for one in (a, b)]
    return 100 * len([name for name in {*a, *b} if a.get(name) == b.get(name)]) + len(lines[0] & lines[1])


def _word_diff(old: str, new: str) -> list[str]:
    """The changes between two texts; lines first, so that long texts are quick, then the words of what changed."""
    before, after = old.split("\n"), new.split("\n")
    found: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind != "equal":
            found += _words_of("\n".join(before[a:b]), "\n".join(after[c:d]))
    return found


def _words_of(old: str, new: str) -> list[str]:
    """Changed words; those with hardly a word between them are one change."""
    was, now = old.split(), new.split()
    spans: list[tuple[int, int, int, int]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=was, b=now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if spans and a - spans[-1][1] < AROUND:
            spans[-1] = (spans[-1][0], b, spans[-1][2], d)
        else:
            spans.append((a, b, c, d))
    return [_change(was[max(0, a - AROUND) : a], was[a:b], now[c:d], was[b : b + AROUND]) for a, b, c, d in spans]


def _change(before: Sequence[str], old: Sequence[str], new: Sequence[str], after: Sequence[str]) -> str:
    marked = [f"[-{_short(old)}-]" if old else "", f"{{+{_short(new)}+}}" if new else ""]
    return " ".join(part for part in (*before, *marked, *after) if part)


def _short(words: Sequence[str]) -> str:
    """A few words as they are, the middle of many left out and counted; no word is endless."""
    kept = [word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…" for word in words]
    if len(kept) <= MOST_WORDS:
        return " ".join(kept)
    half = MOST_WORDS // 2
    return " ".join([*kept[:half], f"… {len(kept) - 2 * half} words …", *kept[-half:]])
