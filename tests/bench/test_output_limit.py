"""How much longer an answer may be than the longest that was recorded."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

from factcheck.llm.endpoint import LEAST_OUTPUT, OUTPUT_MARGIN
from factcheck.llm.tokens import estimate
from factcheck.stages.extract import OUTPUT_SHARE
from factcheck.stages.judge import PAIR_TOKENS

RECORDINGS = Path(__file__).parent.parent.parent / "fixtures" / "recordings"


def expected(prompt: str, user: str) -> int:
    """The output that a stage expects, from the request alone."""
    if prompt == "extract":
        return OUTPUT_SHARE * sum(estimate(line) for line in re.findall(r"^\[\d+\] (.*)$", user, re.MULTILINE)) + 100
    return PAIR_TOKENS * (1 + len(re.findall(r"^  #?\d+", user, re.MULTILINE)) // 6)


def test_no_recorded_answer_comes_near_its_limit() -> None:
    room: dict[str, list[float]] = defaultdict(list)
    for path in sorted(RECORDINGS.glob("*/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        prompt = record["prompt"].split(".")[0]
        if prompt not in {"extract", "judge"}:
            continue
        user = "\n".join("\n".join(m["content"]) for m in record["request"]["messages"] if m["role"] == "user")
        answer = json.loads(record["response"]["body"])["choices"][0]["message"]["content"]
        room[prompt].append(max(LEAST_OUTPUT, OUTPUT_MARGIN * expected(prompt, user)) / estimate(answer))
    for prompt, found in room.items():
        print(f"{prompt}: {len(found)} answers, the limit is at least {min(found):.1f} times an answer")
    assert all(min(found) > 2 for found in room.values())
