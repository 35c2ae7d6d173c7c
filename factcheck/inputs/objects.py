"""Read JSON that holds one article or a list of them, at the top or inside of what a service wraps around it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from factcheck.inputs.article import Article, Original, Part, UnreadableError
from factcheck.inputs.fields import column_of, flat, left_out
from factcheck.inputs.plain import decoded
from factcheck.inputs.records import article_of, text_name
from factcheck.inputs.tables import read_jsonl
from factcheck.text.dates import Order, order_of

MAX_LOOKED_AT = 20_000
"""Objects in which articles are looked for."""

MAX_ARTICLES = 20_000
WRAPPERS = ("fields", "attributes", "_source", "node")
"""Where services hold the fields of an object apart from its other ones."""


def read_json(original: Original) -> list[Part]:
    """The articles of a JSON file. Raises UnreadableError where there is none."""
    try:
        whole = json.loads(decoded(original.content))
    except RecursionError:
        raise UnreadableError("bomb", "is nested beyond measure; it may be built to") from None
    except ValueError as error:
        if str(error).startswith("Extra data"):
            return read_jsonl(original)
        line = getattr(error, "lineno", None)
        raise UnreadableError("damaged", f"is not JSON{f' at line {line}' if line else ''}; save it again") from None
    records = _records(whole)
    if not records:
        given = ", ".join(str(n)[:30] for n in list(whole)[:8]) if isinstance(whole, Mapping) and whole else "none"
        raise UnreadableError(
            "columns", f"holds no article (no object with a text, body or content); its fields are: {given}"
        )
    if len(records) > MAX_ARTICLES:
        raise UnreadableError("too_long", f"holds more than {MAX_ARTICLES:,} articles; split it")
    order = _order(records)
    several = len(records) > 1
    parts: list[Part] = [
        article_of(r, "field", order)._replace(part=f"item {n}" if several else None) for n, r in enumerate(records, 1)
    ]
    return [*_with_rest(parts, whole, records)]


def _records(whole: Any) -> list[Mapping[str, Any]]:
    """The objects with a text that are nearest to the top: one, or those of one list."""
    waiting: deque[Any] = deque([whole])
    for _ in range(MAX_LOOKED_AT):
        if not waiting:
            break
        item = waiting.popleft()
        if isinstance(item, Mapping):
            record = _merged(item)
            if _has_text(record):
                return [record]
            waiting.extend(value for value in item.values() if isinstance(value, (Mapping, list)))
        elif isinstance(item, list):
            found = [_merged(inner) for inner in item if isinstance(inner, Mapping)]
            if any(_has_text(record) for record in found):
                return found
            waiting.extend(item[:MAX_LOOKED_AT])
    return []


def _merged(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with the fields that it holds apart."""
    inner = next((item[name] for name in WRAPPERS if isinstance(item.get(name), Mapping)), None)
    return item if inner is None else {**{k: v for k, v in item.items() if v is not inner}, **inner}


def _has_text(record: Mapping[str, Any]) -> bool:
    name = text_name(record)
    value = record[name] if name is not None else None
    if isinstance(value, Mapping):
        return any(isinstance(inner, str) for inner in value.values()) and not any(
            isinstance(inner, (Mapping, list)) for inner in value.values()
        )
    return isinstance(value, str) or (isinstance(value, list) and any(isinstance(inner, str) for inner in value))


def _order(records: list[Mapping[str, Any]]) -> Order | None:
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    at = column_of("published", names)
    return order_of(flat(record.get(names[at])) for record in records) if at is not None else None


def _with_rest(parts: list[Part], whole: Any, records: list[Mapping[str, Any]]) -> list[Part]:
    """The parts, and with the first article what stands around the articles."""
    if not isinstance(whole, Mapping) or not isinstance(parts[0], Article) or whole is records[0]:
        return parts
    around = {str(name): flat(value) for name, value in whole.items() if not isinstance(value, (Mapping, list))}
    extra = left_out({name: text for name, text in around.items() if text and name not in records[0]})
    return [parts[0]._replace(left_out=(*extra, *parts[0].left_out)), *parts[1:]]
