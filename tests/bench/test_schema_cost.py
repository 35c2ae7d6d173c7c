"""What white space and the names of fields cost in answers: the recorded ones, written in other ways.

Exact where the vocabulary of gpt-4 is here (`factcheck tokenizer cl100k_base`), else estimated, which is said.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from factcheck.llm.tokens import count

RECORDINGS = Path(__file__).parent.parent.parent / "fixtures" / "recordings"
MODEL = "gpt-4"


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The value with each name replaced by a single letter, or two."""
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {names[name]: renamed(one, names) for name, one in value.items()}
    return value


def short_names(value: Any) -> dict[str, str]:
    """A letter for every name in a value."""
    found: dict[str, None] = {}

    def visit(one: Any) -> None:
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
            visit(inner)
        found.update(dict.fromkeys(one if isinstance(one, dict) else ()))

    visit(value)
    letters = itertools.chain("abcdefghijklmnopqrstuvwxyz", (f"z{n}" for n in itertools.count()))
    return dict(zip(found, letters, strict=False))


def test_what_form_costs() -> None:
    cost: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(RECORDINGS.glob("*/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        answer = json.loads(record["response"]["body"])["choices"][0]["message"]["content"]
        value = json.loads(answer)
        close: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
        forms = {
            "no white space": json.dumps(value, **close),
            "a space behind each comma and colon": json.dumps(value, ensure_ascii=False),
            "indented by two": json.dumps(value, ensure_ascii=False, indent=2),
            "names of one letter, no white space": json.dumps(renamed(value, short_names(value)), **close),
        }
        cost[record["prompt"]].update({name: count(text, MODEL).tokens for name, text in forms.items()})
    print(f"\ncounted by {count('a', MODEL).counted_by}")
    for prompt, found in cost.items():
        least = found["no white space"]
        print(prompt, ", ".join(f"{name}: {n:,} ({n / least - 1:+.0%})" for name, n in found.items()))
    assert all(found["indented by two"] > found["no white space"] for found in cost.values())
