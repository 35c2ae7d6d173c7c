"""Turn one record, a row of a table or an object of JSON, into an article."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from factcheck.inputs.article import Article, Piece, Unread, canonical, joined
from factcheck.inputs.fields import WANTED, folded, known, left_out
from factcheck.inputs.leftout import LeftOuts, Settled, tidy
from factcheck.inputs.plain import clock
from factcheck.text.dates import Order

SEGMENTS = ("segments", "monologues", "utterances", "cues")
"""Where the JSON of transcripts holds what was said when."""

BODIES = ("rendered", "html", "plain", "text", "value")
"""Where objects that stand in place of a text hold it."""

HTML = re.compile(
    r"\s*<(?:!doctype|!--|html|head|body|p|div|section|article|h[1-6]|ul|ol|table|figure|blockquote|span|img|br)\b[^<>]*>"
    r"|[^<]{0,2000}(?:</(?:p|div|a|em|strong|b|i|span|li|h[1-6]|blockquote)>|<br\s*/?>)",
    re.IGNORECASE,
)
"""How a text begins that is markup."""

MAX_SEGMENTS = 100_000
MAX_PARAGRAPHS = 20_000


def article_of(record: Mapping[str, Any], where: str, order: Order | None = None) -> Article | Unread:
    """The article of a record whose fields have names that are known; `where` names the place of a field."""
    values = {str(name): value for name, value in record.items()}
    name = text_name(values)
    if name is None:
        given = ", ".join(n[:30] for n in list(values)[:8]) or "none"
        return Unread("columns", f"has no text, body or content; there are: {given}")
    body = _body(values[name])
    if body is None:
        return Unread("columns", "its text is not a string")
    spoken = _segments(values, body.text)
    body = spoken or body
    rest = {key: value for key, value in values.items() if key != name and not (spoken and key in SEGMENTS)}
    found = known(rest, where, order)
    notes = tuple(("front_matter", problem) for problem in found.problems)
    left = (*left_out(found.unused), *body.left_out)
    return Article(body.text, found.fields, body.marks, notes, left_out=left, fields_from=found.fields_from)


def text_name(values: Mapping[str, Any]) -> str | None:
    """The name under which the text stands: the first that holds any, else the first that is there."""
    names = {folded(name): name for name in reversed(list(values))}
    there = [names[wanted] for wanted in WANTED["text"] if wanted in names]
    return next((name for name in there if values[name]), there[0] if there else None)


def _body(value: Any) -> Settled | None:
    """A text, the HTML of one, or a list of its paragraphs; None where it is none of these."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in BODIES if isinstance(value.get(name), str)), None)
    if isinstance(value, str) and _is_html(value):
        from factcheck.inputs.fragments import text_of  # noqa: PLC0415  (the library for HTML is an extra)

        left = LeftOuts()
        return left.settle(canonical(tidy(text_of(value, left)[0])).strip())
    if isinstance(value, str):
        return Settled(canonical(value).strip(), (), ())
    if isinstance(value, Sequence) and value and all(isinstance(item, str) for item in value):
        return Settled(*joined([Piece(item, "\n\n") for item in value[:MAX_PARAGRAPHS]]), ())
    return None


def _is_html(text: str) -> bool:
    return HTML.match(text) is not None


def _segments(values: Mapping[str, Any], text: str) -> Settled | None:
    """The text of a transcript with the moment of each segment, if the segments are that text."""
    for name in SEGMENTS:
        items = values.get(name)
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            continue
        pieces = [
            Piece(str(item["text"]), " ", time=clock(float(item["start"])))
            for item in items[:MAX_SEGMENTS]
            if isinstance(item.get("text"), str) and _is_moment(item.get("start"))
        ]
        whole, marks = joined(pieces)
        if marks and whole.split() == text.split():
            return Settled(whole, marks, ())
    return None


def _is_moment(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**6
