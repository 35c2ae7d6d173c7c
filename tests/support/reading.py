"""What the tests of inputs share: expectations, a run on scripted answers, and what is checked on every document."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from factcheck.inputs import documents
from factcheck.inputs.documents import Fetching, Reading, read
from factcheck.inputs.loading import Loader
from factcheck.inputs.sandbox import sandbox
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prompts import load_prompts
from factcheck.models import Document, Report
from factcheck.pipeline import check
from factcheck.stages.extract import extraction_prompt
from factcheck.stages.split import split
from tests.support.scripted import Answer, transport, whole_sentences

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "inputs"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
LANGUAGES = sorted(name[5:7] for name in EXPECTED if name.startswith("page-"))


def words_of(language: str) -> list[str]:
    """The three paragraphs of the invented article in a language."""
    return list(EXPECTED[f"page-{language}.html"]["documents"][0]["holds"])


def read_bytes(folder: Path, name: str, content: bytes) -> Reading:
    """What reading a file of this name and content gives."""
    path = folder / name
    path.write_bytes(content)
    return read([path])


def read_together(folder: Path, files: Mapping[str, tuple[str, bytes]]) -> dict[str, Reading]:
    """What each of many files gives, by its key; all are read in one go, which starts the processes once."""
    paths = {}
    for number, (key, (name, content)) in enumerate(files.items()):
        paths[key] = folder / f"{number:03}" / name
        paths[key].parent.mkdir(parents=True)
        paths[key].write_bytes(content)
    readings = {key: Reading([], []) for key in paths}
    with sandbox(2) as processes, ThreadPoolExecutor(2) as pool:
        loader = Loader(processes, pool, Fetching())
        for key, loaded in zip(paths, loader.all(map(str, paths.values())), strict=True):
            documents._add(loaded, readings[key], {})  # each for itself, so that equal ones are no duplicates
    return readings


def flat(text: str) -> str:
    """Text without its line breaks, in the form in which it is compared."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def report_on(found: Sequence[Document], answer: Answer = whole_sentences) -> Report:
    """A run over documents with scripted answers; by default every sentence becomes a claim."""

    async def go() -> Report:
        chat = Chat(Endpoint("scripted", deadline=30), transport(answer))
        try:
            return await check(found, chat, load_prompts())
        finally:
            await chat.aclose()

    return asyncio.run(go())


def prompts_for(document: Document) -> str:
    """Everything that the model is shown of a document when claims are extracted."""
    prompt = load_prompts()["extract"]
    filled = [extraction_prompt(passage, prompt) for passage in split(document)]
    return "\n".join(message["content"] for item in filled for message in item.messages)


def assert_exact(found: Sequence[Document]) -> Report:
    """Every sentence of every document can be quoted exactly, with the page or time that its marks give."""
    report = report_on(found)
    assert {claim.document_id for claim in report.claims} == {document.id for document in found}
    for claim in report.claims:
        document = report.document(claim.document_id)
        for quote in claim.quotes:
            assert document.text[quote.start : quote.end] == quote.exact
            assert document.text[: quote.start].endswith(quote.prefix)
            assert document.text[quote.end :].startswith(quote.suffix)
            before = [mark for mark in document.marks if mark.start <= quote.start]
            assert (quote.page, quote.time) == ((before[-1].page, before[-1].time) if before else (None, None))
    for document in found:
        assert unicodedata.normalize("NFC", document.text) == document.text
        assert all(0 <= mark.start <= len(document.text) for mark in document.marks)
    return report
