"""Answers that are broken on purpose: right ones mutated, and random ones that a schema's grammar allows."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import httpx2

from factcheck import Report
from factcheck.flow.evidence import Looking, add_evidence
from factcheck.inputs.documents import document_from_text
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
from factcheck.llm.arrival import Arrival
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Claim, Document, Evidence, Search
from factcheck.pipeline import check
from factcheck.sources.results import Found, Query, Result, as_evidence
from tests.support.odd_endpoints import spoken
from tests.support.scripted import completed, draft, extracted, judged, source
from tests.support.weighing import piece, together, weight

SCHEMAS: dict[str, type[Wire]] = {
    "extract": ExtractAnswer,
    "judge": JudgeAnswer,
    "repair": RepairAnswer,
    "review": ReviewAnswer,
    "who": WhoAnswer,
    "weigh": WeighAnswer,
    "weigh-review": WeighReviewAnswer,
}
OF_EVIDENCE = frozenset({"weigh", "weigh-review"})
"""Prompts that are asked where evidence is looked for."""

RELEASE = "The harbour bridge opened in June. It cost 41 million euros, the town's treasurer reports."
SLOWEST = 20.0
"""Seconds that a run over three short articles may take, on a slow machine."""

TEXTS = (
    "The harbour bridge will open in May, Ida Strand said. It cost 40 million euros.",
    "The harbour bridge will never open, Ida Strand said. It cost 90 million euros.",
    "An honest article stands here. Nobody answered oddly about it.",
)
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 7, 10**6, 10**30, 1.5, -0.0, "", " ", "1", "[1]", "A1", "N2", "0", "null", "true",
    "\x00", "\u202e", "{}", "[]", '{"a": 1}', "a" * 5000, "港", "\U0001f6f3", "1 " * 2000, "…", "⟦⟧",
    [], {}, [[]], [{}], {"s": 1, "words": "bridge"}, {"s": None}, [1, "bridge"], ["1 The harbour", 2, None],
    [None] * 50,
    {"": ""},
]  # fmt: skip
SPLICES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "\\",
    "\\u",
    "\\ud800",
    "NaN",
    "</think>",
    "```",
    "\n",
    "\x00",
    "\ufeff",
    "\u2028",
    "//",
]


class Attack(NamedTuple):
    """One broken answer: which prompt gets it, and the response."""

    name: str
    schema: str
    response: httpx2.Response


def right(schema: str) -> dict[str, Any]:
    """The answer that would be right, with findings and repairs to do."""
    pair = {
        "a": 1, "b": 3, "about": "the bridge", "same_thing": True, "reading": "r", "both_can_be_true": False,
        "speakers": "same", "moved": "no", "why": "w",
    }  # fmt: skip
    values: dict[str, Any] = {
        "extract": extracted(
            [source(1, "Ida Strand", role="mayor")],
            [draft(1, by=1, cue="said"), draft(2, "It cost", notes=["It = the bridge"]), draft(2, "words not there")],
        ),
        "judge": judged(pair, missed=[{"n": 90, "at": "A2", "words": "", "speaker": None, "kind": "assertion"}]),
        "repair": {"repairs": [{"n": 1, "at": ["2"]}]},
        "review": {"looks": [{"n": 1, "because": "b", "verdict": "clash"}]},
        "who": {"same": [{"members": [1, 2], "name": 1, "shown": 1}]},
        "weigh": together([weight(1, piece("A1", rel="conflicts", reading="r"), lacks="l"), weight(2, piece("A2"))]),
        "weigh-review": {"looks": [{"n": 1, "because": "b", "verdict": "conflicts"}]},
    }
    return dict(completed(schema, values[schema]))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values inside of a value, as far down as an answer can honestly go."""
    yield path
    if len(path) > 30:
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def mutated(schema: str, choose: random.Random) -> str:
    """A right answer with one to four faults, in its values or in its text."""
    return broken(right(schema), choose)


def broken(value: Any, choose: random.Random) -> str:
    """The JSON of a value with faults in its values or in its text; the value is changed, too."""
    for _ in range(choose.randint(0, 3)):
        value = _changed(value, choose)
    try:
        text = json.dumps(value, ensure_ascii=choose.random() < 0.5)
    except RecursionError:  # nested twice over
        text = '{"claims": ' + "[" * 2_000
    for _ in range(choose.randint(0, 2)):
        at = choose.randrange(len(text) + 1)
        kind = choose.randrange(5)
        if kind == 0:
            text = text[:at] + choose.choice(SPLICES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + choose.randint(1, 30) :]
        elif kind == 2:
            text = text[:at] + text[at : at + 40] * choose.choice([2, 30, 500]) + text[at:]
        elif kind == 3:
            text = choose.choice(["<think>{", "Draft: {}\n", "```json\n", '{"x": 1}\n', "[", "data: "]) + text
        else:
            text += choose.choice(["\n```", "{note}", text, "<|end|>", " {" * 2000, "\n" * 5000])
    return text


def _changed(value: Any, choose: random.Random) -> Any:
    path = choose.choice(list(places(value)))
    if not path:
        wrapped = [value, [value], {"answer": value}, {"properties": value}, {"json": "{}"}]
        return choose.choice([*wrapped, *copy.deepcopy(ODD)])
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    kind = choose.randrange(5)
    if kind == 0 and isinstance(holder, dict):
        del holder[path[-1]]
    elif kind == 1 and isinstance(holder, list):
        holder.extend([holder[path[-1]]] * choose.choice([1, 3, 60]))
    elif kind == 2:
        holder[path[-1]] = _nested(holder[path[-1]], choose.choice([3, 40, 500, 900]))
    else:
        holder[path[-1]] = copy.deepcopy(choose.choice(ODD))
    return value


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def random_value(schema: dict[str, Any], choose: random.Random) -> Any:
    """A value that a grammar made from the schema allows: valid, and nonsense."""
    if "anyOf" in schema:
        return random_value(choose.choice(schema["anyOf"]), choose)
    if "enum" in schema:
        return choose.choice(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        return {name: random_value(inner, choose) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [random_value(schema["items"], choose) for _ in range(choose.choice([0, 1, 1, 2, 5]))]
    if kind == "string":
        words = " ".join(TEXTS).split()
        said = " ".join(choose.choices(words, k=choose.randint(0, 6)))
        return choose.choice(
            [said, str(choose.randint(-3, 9)), f"{choose.randint(0, 4)} {said}", choose.choice("AN") + "1"]
        )
    return {"integer": choose.randint(-2, 12), "boolean": choose.random() < 0.5, "null": None}.get(kind)


def response(text: str, choose: random.Random) -> httpx2.Response:
    """A text as a completion, or as something near it."""
    kind = choose.randrange(12)
    if kind == 0:
        return httpx2.Response(200, content=text.encode("utf-8", "replace"))
    if kind == 1:
        return spoken({"content": None, "tool_calls": [{"function": {"arguments": text}}]})
    if kind == 2:
        return spoken({"content": [{"type": "text", "text": text}, choose.choice(ODD)]})
    finish = choose.choice(["stop", "stop", "stop", "length", None, "tool_calls"])
    return spoken({"content": text}, finish=finish)


def attacks(mutations: int, random_ones: int, seed: int = 6) -> Iterator[Attack]:
    """Both kinds, over all schemas in turn; the same ones for the same seed."""
    choose = random.Random(seed)
    turn = itertools.cycle(SCHEMAS)
    for number in range(mutations):
        schema = next(turn)
        yield Attack(f"mutated {number}", schema, response(mutated(schema, choose), choose))
    for number in range(random_ones):
        schema = next(turn)
        text = json.dumps(random_value(schema_of(SCHEMAS[schema]), choose))
        yield Attack(f"random {number}", schema, spoken({"content": text}))


def survived(attack: Attack) -> tuple[Report, float]:
    """A run in which one prompt is answered in this way about the first two articles; raises what the run raises."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        schema = body["response_format"]["json_schema"]["name"].rsplit("-v", maxsplit=1)[0]
        user = body["messages"][1]["content"]
        if schema == attack.schema and "harbour bridge" in user:
            return httpx2.Response(attack.response.status_code, content=attack.response.content)
        if schema == "extract" and "honest" in user:
            return spoken({"content": json.dumps(extracted([], [draft(1)]))})
        return spoken({"content": json.dumps(right(schema))})

    async def go() -> Report:
        chat = Chat(Endpoint("m", deadline=SLOWEST), Arrival(httpx2.MockTransport(handle)))
        try:
            report = await check(documents(), chat, load_prompts())
            weighs = attack.schema in OF_EVIDENCE
            return await add_evidence(report, Looking([_Releases()]), chat, load_prompts()) if weighs else report
        finally:
            await chat.aclose()

    started = time.monotonic()
    report = asyncio.run(go())
    return report, time.monotonic() - started


class _Releases:
    """A source of evidence that gives one release to whatever it is asked."""

    name = "releases"

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        page = as_evidence(document_from_text(RELEASE, published="2024-06-20", publisher="Town Hall"))
        return [Result([Found(page, self.name)], Search(source=self.name, query=q.words, hits=1), []) for q in queries]


def documents() -> list[Document]:
    """Two articles about which answers are odd, and an honest one."""
    return [
        document_from_text(text, published=f"2024-01-0{day}", publisher="The Echo") for day, text in enumerate(TEXTS, 1)
    ]


def faults(attack: Attack) -> list[str]:
    """What one attack achieved; nothing, if all is well."""
    report, seconds = survived(attack)
    texts = {d.id: d.text for d in report.documents}
    quoting: list[Claim | Evidence] = [*report.claims, *report.evidence]
    found = [
        f"claim without its words: {q.exact!r}"
        for c in quoting
        for q in c.quotes
        if not q.exact or texts[c.document_id][q.start : q.end] != q.exact
    ]
    if not any(c.quotes[0].exact == "An honest article stands here." for c in report.claims):
        found.append("the honest article lost its claim")
    if seconds > SLOWEST:
        found.append(f"took {seconds:.0f} s")
    known = {c.id for c in report.claims}
    found += [f"finding without its claims: {f.id}" for f in report.findings if not {f.a, f.b} <= known]
    Report.model_validate_json(report.model_dump_json())
    return found
