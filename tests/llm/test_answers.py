"""Schemas are strict and small; answers are read leniently where that is safe, and never guessed."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from factcheck.llm import answers as wire
from factcheck.llm.answers import (
    ExtractAnswer,
    JudgeAnswer,
    RepairAnswer,
    ReviewAnswer,
    WeighAnswer,
    WeighReviewAnswer,
    WhoAnswer,
    Wire,
    schema_of,
)
from factcheck.llm.parsing import Parsed, parse
from factcheck.llm.tokens import estimate
from factcheck.quality.onearchive import OneArchiveAnswer
from factcheck.quality.oneprompt import OnePromptAnswer

ANSWERS: list[type[Wire]] = [
    *(ExtractAnswer, JudgeAnswer, RepairAnswer, ReviewAnswer, WeighAnswer, WeighReviewAnswer, WhoAnswer),
    *(OneArchiveAnswer, OnePromptAnswer),
]
KEYWORDS = {"$defs", "$ref", "additionalProperties", "anyOf", "enum", "items", "properties", "required", "type"}

LOOK: dict[str, Any] = {"n": 1, "because": "another pier", "verdict": "fit"}
GOOD = json.dumps({"looks": [LOOK]})


A = TypeVar("A", bound=Wire)


def answered(parsed: Parsed[A]) -> A:
    assert parsed.answer is not None, parsed.errors
    return parsed.answer


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    below = [*schema.get("$defs", {}).values(), *schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    below += [schema["items"]] if "items" in schema else []
    for node in below:
        yield from _nodes(node)


def _depth(node: dict[str, Any], root: dict[str, Any]) -> int:
    """Levels of objects and lists, references followed."""
    if "$ref" in node:
        return _depth(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    below = [*node.get("properties", {}).values(), *node.get("anyOf", [])] + [node[k] for k in ("items",) if k in node]
    own = 1 if node.get("type") in {"object", "array"} else 0
    return own + max((_depth(child, root) for child in below), default=0)


def test_all_answers_are_checked_here() -> None:
    found = [kind for name, kind in vars(wire).items() if name.endswith("Answer")]
    assert sorted([*found, OneArchiveAnswer, OnePromptAnswer], key=str) == sorted(ANSWERS, key=str)


@pytest.mark.parametrize("answer", ANSWERS)
def test_schemas_keep_to_the_strict_subset(answer: type[Wire]) -> None:
    schema = schema_of(answer)
    objects = [node for node in _nodes(schema) if node.get("type") == "object"]
    assert objects
    assert "$defs" not in schema
    assert all(node["additionalProperties"] is False for node in objects)
    assert all(node["required"] == list(node["properties"]) for node in objects)
    assert {keyword for node in _nodes(schema) for keyword in node} <= KEYWORDS
    assert all(node.keys() & {"type", "anyOf", "$ref"} for node in _nodes(schema))
    assert _depth(schema, schema) <= 5


@pytest.mark.parametrize("answer", ANSWERS)
def test_schemas_are_sent_with_every_call_and_therefore_small(answer: type[Wire]) -> None:
    assert estimate(json.dumps(schema_of(answer))) < 600


def test_a_property_may_be_called_title() -> None:
    class Headed(Wire):
        title: str

    assert list(schema_of(Headed)["properties"]) == ["title"]


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        f"\n {GOOD} \n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```\n",
        f"Here are the looks:\n{GOOD}",
        f"Here you go:\n```json\n{GOOD}\n```\nAsk if you need more.",
        f"{GOOD}\nThat is all. :-}}",
    ],
    ids=["plain", "spaces", "fenced json", "fenced", "prose before", "fence in prose", "prose after"],
)
def test_an_answer_is_found_in_what_surrounds_it(content: str) -> None:
    parsed = parse(ReviewAnswer, content)
    assert parsed.errors == []
    assert parsed.answer == ReviewAnswer.model_validate({"looks": [LOOK]})


def test_text_inside_an_answer_is_left_alone() -> None:
    because = "```json\n{“港”} \\ \U0001f6f3 \u2028"
    parsed = parse(ReviewAnswer, json.dumps({"looks": [{**LOOK, "because": because}]}))
    assert answered(parsed).looks[0].because == because


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "no JSON object"),
        ("I cannot help with that.", "no JSON object"),
        ("[]", "no JSON object"),
        (GOOD[:-2], "not JSON"),
        (GOOD.replace('"n": 1', '"n": 1, "n": 2'), "“n” twice"),
        (GOOD.replace("1", "NaN"), "NaN"),
        (GOOD.replace("1", "-Infinity"), "-Infinity"),
        (GOOD.replace("1", "1" * 5000), "digits"),
        (GOOD.replace("pier", "\\ud83d"), "surrogate"),
        (GOOD.replace("because", "\\ud83d"), "surrogate"),
        ("{}", "looks"),
        (GOOD.replace("[", "[["), "not JSON"),
        (json.dumps({"looks": {"mood": "good"}}), "looks"),
        (json.dumps({"looks": None}), "looks"),
        (json.dumps({"looks": [LOOK], "mood": "good"}), "mood"),
        (json.dumps([LOOK, LOOK]), ""),
        ('{"looks": ' + "[" * 100_000, ""),
    ],
    ids=[
        "empty",
        "refusal",
        "empty list",
        "cut off",
        "duplicate key",
        "NaN",
        "Infinity",
        "huge number",
        "half character",
        "half character in a key",
        "missing list",
        "unbalanced",
        "object for list",
        "null for list",
        "extra field",
        "list of items",
        "endless nesting",
    ],
)
def test_an_answer_that_is_none_is_named_in_one_line(content: str, named: str) -> None:
    parsed = parse(ReviewAnswer, content)
    assert parsed.answer is None
    assert parsed.errors
    assert named in parsed.errors[0]
    assert all("\n" not in error for error in parsed.errors)


@pytest.mark.parametrize(
    "content",
    [f"{GOOD}\n{json.dumps({'looks': []})}", f"[{GOOD}, {json.dumps({'looks': []})}]"],
    ids=["one after the other", "in a list"],
)
def test_of_two_answers_none_is_taken_in_silence(content: str) -> None:
    assert parse(ReviewAnswer, content).errors


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"verdict": "maybe"}, "looks/1/verdict"),
        ({"n": "two"}, "looks/1/n"),
        ({"n": 1.5}, "looks/1/n"),
        ({"n": None}, "looks/1/n"),
        ({"because": 7}, "looks/1/because"),
        ({"mood": "good"}, "looks/1/mood"),
        ({"line\nbreak": 1}, "looks/1/"),
    ],
    ids=["unknown enum", "word for number", "fraction", "null", "number for text", "extra field", "key of two lines"],
)
def test_an_item_that_does_not_fit_is_dropped_and_named_and_the_others_are_kept(
    changed: dict[str, Any], place: str
) -> None:
    looks = [LOOK, {**LOOK, "n": 2, **changed}, {**LOOK, "n": 3}]
    parsed = parse(ReviewAnswer, json.dumps({"looks": looks}))
    assert [look.n for look in answered(parsed).looks] == [1, 3]
    (error,) = parsed.errors
    assert error.startswith(place)
    assert "\n" not in error


def test_items_of_several_lists_are_dropped_each_by_its_own_number() -> None:
    source = {"n": 1, "name": "Ida Strand", "role": None, "org": None, "for": None, "named": True}
    claim = {
        "at": ["1"],
        "by": 1,
        "via": [],
        "kind": "assertion",
        "target": None,
        "cue": "said",
        "voice": "direct",
        "on": None,
        "topic": "winter ferry",
        "notes": [],
        "check": 1,
    }
    content = {
        "sources": [{**source, "named": "?"}, source],
        "claims": [
            {**claim, "kind": "rumour", "voice": "sung"},
            claim,
            {**claim, "at": ["1", None]},
            {**claim, "by": 2},
        ],
        "corrections": [],
        "machine": False,
    }
    parsed = parse(ExtractAnswer, json.dumps(content))
    assert [source.name for source in answered(parsed).sources] == ["Ida Strand"]
    assert [claim.by for claim in answered(parsed).claims] == [1, 2]
    assert [error.split(":")[0] for error in parsed.errors] == [
        "sources/0/named",
        "claims/0/kind",
        "claims/0/voice",
        "claims/2/at/1",
    ]


def test_errors_can_be_written_as_utf_8() -> None:
    parsed = parse(ReviewAnswer, '{"\\ud83d": 1, "\\ud83d": 2}')
    assert parsed.errors
    assert "".join(parsed.errors).encode()
