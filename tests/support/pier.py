"""Two articles about a pier, an endpoint that finds them to clash, and runs of the pipeline on such."""

from __future__ import annotations

import asyncio
from typing import Any

from factcheck.inputs.documents import document_from_text
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Document, Report
from factcheck.pipeline import check
from tests.support.scripted import Answer, draft, extracted, source, transport


def article(text: str, published: str = "2024-01-10", publisher: str = "The Echo") -> Document:
    return document_from_text(text, published=published, publisher=publisher)


def run(documents: list[Document], answer: Answer, seen: list[dict[str, Any]] | None = None, **limits: Any) -> Report:
    async def go() -> Report:
        chat = Chat(Endpoint("m", deadline=5, **limits), transport(answer, seen))
        try:
            return await check(documents, chat, load_prompts())
        finally:
            await chat.aclose()

    return asyncio.run(go())


def schemas(seen: list[dict[str, Any]]) -> list[str]:
    return [body["response_format"]["json_schema"]["name"].split("-")[0] for body in seen]


JUNE = "Ann Roe wants the pier leased this year. It rained."
JULY = "The pier will not be leased this year, Ann Roe said. Nobody else spoke."


def stubborn(schema: str, user: str) -> Any:
    """Ann Roe's two statements, found to clash by the judge and by the second look."""
    if schema.startswith("extract"):
        return extracted([source(1, "Ann Roe", role="chair")], [draft(1, by=1, kind="official_position")])
    if schema.startswith("judge"):
        pairs = [PAIR] if "#2 Ann Roe" in user else []
        return {"missed": [], "pairs": pairs}
    return {"looks": [{"n": 1, "because": "no room", "verdict": "clash"}]}


PAIR = {
    "a": 2,
    "b": 1,
    "about": "leasing the pier",
    "same_thing": True,
    "reading": "Plans change.",
    "both_can_be_true": False,
    "speakers": "same",
    "moved": "other",
    "why": "She wanted it leased, then not.",
}


def answer(schema: str, user: str) -> Any:
    """One statement an article; the judge finds that the pier cannot be leased and not leased."""
    if schema.startswith("extract"):
        who, topic = ("Ann Roe", "leasing the pier") if "Ann Roe" in user else ("Bo Lind", "price of salt")
        return extracted([source(1, who)], [draft(1, by=1, kind="official_position", topic=topic)])
    if schema.startswith("judge"):
        both = "will lease the pier" in user and "never be leased" in user
        return {"matters": [], "missed": [], "answers": [], "pairs": [PAIR] if both else []}
    return {"looks": [{"n": 1, "because": "no room", "verdict": "clash"}]}
