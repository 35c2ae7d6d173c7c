"""Prior fact-checks from a file or an address: feeds of Data Commons, and ClaimReview records (schema.org) on pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.documents import Fetching
from factcheck.inputs.loading import is_address
from factcheck.models import Problem
from factcheck.redaction import keep_secrets_of, shown
from factcheck.sources.files import Files
from factcheck.sources.records import SCRIPT, review, reviews_in
from factcheck.sources.results import Found, Query, Result, failed

LONGEST = 400_000_000
"""Bytes of a feed; the one of Data Commons has about a quarter of that."""


class Reviews(Files):
    """A file of ClaimReview records, indexed like reference documents."""

    def _contents(self, paths: Sequence[str]) -> tuple[dict[str, list[Found]], list[Problem]]:
        found: dict[str, list[Found]] = {}
        problems: list[Problem] = []
        for path in paths:
            try:
                found[path] = _reviews(_read(Path(path)), self.name)
                if not found[path]:
                    raise UnreadableError("empty", "holds no ClaimReview records")
            except UnreadableError as error:
                problems.append(Problem(stage="read", code=error.code, message=f"{path}: {error}"))
        return found, problems


class Feed:
    """A feed or a page at an address: fetched once a run by the guarded fetcher, and kept with the snapshots."""

    def __init__(self, at: str, cache: Path, fetching: Fetching) -> None:
        keep_secrets_of(at)
        self.name = f"claimreview:{shown(at)}"
        self._address, self._cache, self._fetching = at, cache, fetching
        self._reviews: Reviews | None = None

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The records that fit each query best."""
        if not queries:
            return []
        if self._reviews is None:
            try:
                file = await asyncio.to_thread(self._fetched)
            except UnreadableError as error:
                return failed(self.name, queries, code=error.code, message=str(error))
            self._reviews = Reviews(file, self._cache, name=self.name)
        return await self._reviews.search(queries)

    def _fetched(self) -> Path:
        from factcheck.inputs import fetch, snapshot  # noqa: PLC0415  (httpx costs start-up time)

        folder = self._fetching.snapshot or self._cache / "feeds"
        if self._fetching.replay:
            page, file = snapshot.kept(self._fetching.snapshot or folder, self._address)
        else:
            page = fetch.fetch(self._address, allow_private=self._fetching.allow_private)
            file = snapshot.keep(folder, self._address, page)
        return folder / str(file)


def source(at: str, cache: Path, fetching: Fetching) -> Reviews | Feed:
    """The fact-checks in a file, or at an address."""
    if is_address(at):
        return Feed(at, cache, fetching)
    return Reviews(Path(at), cache, name=f"claimreview:{at}")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LONGEST:
            raise UnreadableError("too_long", f"is longer than {LONGEST:,} bytes; split it")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("encoding", "is not in UTF-8, as JSON is") from None
    except OSError as error:
        raise UnreadableError("unreadable", f"cannot be read ({error.strerror})") from None


def _reviews(text: str, name: str) -> list[Found]:
    """The records of a file: JSON, a JSON object a line, or a page with structured data."""
    found = (review(record, name) for data in _data(text) for record in reviews_in(data))
    return list({one.document.id: one for one in found if one}.values())


def _data(text: str) -> Iterator[Any]:
    if "<script" in text[:100_000].casefold():
        parts = [match[1] for match in SCRIPT.finditer(text)]
    else:
        whole = _json(text)
        if whole is not None:
            yield whole
            return
        parts = text.splitlines()
    yield from (data for part in parts if (data := _json(part)) is not None)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
