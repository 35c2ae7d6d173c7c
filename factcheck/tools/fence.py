"""Text of others is marked as data, in a fence that it cannot close, before a language model reads it."""

from __future__ import annotations

from factcheck.llm.prompts import tag_for
from factcheck.outputs.inert import as_json, visible
from factcheck.tools.shapes import NOTICE, Shape


def fenced(text: str) -> str:
    """Text between marks that do not occur in it, below the notice that it is data; offsets count within the marks."""
    shown = visible(text)
    tag = f"data-{tag_for([shown])}"
    return f"{NOTICE} It stands between <{tag}> and </{tag}>.\n<{tag}>\n{shown}\n</{tag}>"


def fenced_json(value: Shape) -> str:
    """A value as JSON between such marks; the notice stands before them, once."""
    return fenced(as_json(value.model_dump_json(exclude={"notice"}, exclude_none=True)))
