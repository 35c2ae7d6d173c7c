"""Reference documents on this machine: a file or folder of anything that is read, found by a local full-text index."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from factcheck.errors import LedgerError, ModelError
from factcheck.inputs.documents import ENDINGS, Fetching, Transcribe, read
from factcheck.ledger.vectors import Near, Vectors, packed
from factcheck.models import Problem, Search
from factcheck.sources.index import File, Index
from factcheck.sources.results import Embedding, Found, Query, Result, as_evidence, failed, is_within
from factcheck.stages.retrieve import WEIGHTS
from factcheck.text.orders import speaks_to_weigher
from factcheck.text.terms import terms_of

AT_ONCE = 500
"""Files that are read and kept together; what was kept stays if a run is ended."""

RECENT = 2_000_000_000
"""Nanoseconds within which a file may change twice with one time of change."""

NAMES = 0.5
"""What a name around a claim counts beside one in it."""

FADING = 0.85
"""What each further name counts less."""

EMBEDDED = 256
"""Parts whose vectors are asked for and kept together."""

NEAREST = 40
"""Parts that embeddings add to those with shared words."""

COSINE = 30.0
"""What a cosine counts in full: as much as two rare words."""

MORE = 3
"""How many times as many documents as wanted are looked up where a query has dates."""


class Files:
    """A file or folder; it is read when it is first asked, and only what changed since the last time."""

    def __init__(
        self,
        place: Path,
        cache: Path,
        fetching: Fetching | None = None,
        transcribe: Transcribe | None = None,
        *,
        name: str = "",
        embedding: Embedding | None = None,
    ) -> None:
        self.name = name or str(place)
        self.place = place
        self._cache = cache
        self._fetching = fetching or Fetching()
        self._transcribe = transcribe
        self._embedding = embedding
        self._lock = threading.Lock()
        self._problems: list[Problem] | None = None
        self._told = False
        self._index: Index | None = None

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The documents that fit each query best."""
        if not queries:
            return []
        near, problem = await self._near(queries, self._embedding) if self._embedding else ([], None)
        results = await asyncio.to_thread(self._search, queries, near)
        return [results[0]._replace(problems=[*results[0].problems, problem]), *results[1:]] if problem else results

    def update(self) -> list[Problem]:
        """Bring the index up to date; returns what cannot be read."""
        with self._lock:
            return self._updated(self._opened())

    async def _near(
        self, queries: Sequence[Query], embedding: Embedding
    ) -> tuple[list[dict[int, float]], Problem | None]:
        """For each query the parts that are nearest by embeddings; parts that have none yet get theirs first."""
        try:
            missing = await asyncio.to_thread(self._without_vectors, embedding.model)
            for at in range(0, len(missing), EMBEDDED):
                batch = missing[at : at + EMBEDDED]
                vectors = await embedding.embed([text for _, text in batch])
                rows = [(part, packed(vector)) for (part, _), vector in zip(batch, vectors, strict=True)]
                await asyncio.to_thread(self._opened().add_vectors, embedding.model, rows)
            asked = await embedding.embed([query.words for query in queries])
            wanted = {str(at): vector for at, vector in enumerate(asked)}
            found = await asyncio.to_thread(self._nearest, embedding.model, wanted)
        except (ModelError, LedgerError, sqlite3.Error, OSError, ValueError) as error:
            code = error.code if isinstance(error, ModelError) else "embeddings"
            message = f"{self.name}: searched by words alone, without embeddings: {error}"
            return [], Problem(stage="sources", code=code, message=message)
        return [{n.claim: COSINE * max(0.0, n.cosine) for n in found.get(key, ())} for key in wanted], None

    def _without_vectors(self, model: str) -> list[tuple[int, str]]:
        with self._lock:
            self._first_look()
            return self._opened().without_vectors(model)

    def _nearest(self, model: str, wanted: Mapping[str, Sequence[float]]) -> Mapping[str, Sequence[Near]]:
        with self._lock:
            vectors = Vectors()
            vectors.add(self._opened().vectors(model))
            return vectors.nearest(wanted, NEAREST)

    def _first_look(self) -> None:
        """Bring the index up to date, once in a run."""
        if self._problems is None:
            self._problems = self._updated(self._opened())

    def _search(self, queries: Sequence[Query], near: Sequence[Mapping[int, float]] = ()) -> list[Result]:
        with self._lock:
            if not self.place.exists():
                return failed(self.name, queries, code="missing", message="there is no such file or folder")
            try:
                self._first_look()
                told, self._told = ([] if self._told else self._problems or []), True
                return self._results(self._opened(), queries, told, near)
            except (sqlite3.Error, OSError) as error:
                message = f"its index in {self._cache} cannot be used ({error}); delete it, it is made anew"
                return failed(self.name, queries, code="index", message=message)

    def _results(
        self, index: Index, queries: Sequence[Query], problems: list[Problem], near: Sequence[Mapping[int, float]]
    ) -> list[Result]:
        limits = [q.limit * (MORE if q.since or q.until else 1) for q in queries]
        numbers = index.search_all([wanted(query) for query in queries], max(limits), near)
        held = index.load((number for row in numbers for number in row), self.name)
        results = []
        for at, (query, row) in enumerate(zip(queries, numbers, strict=True)):
            fitting = {held[n].document.id: held[n] for n in row if n in held and is_within(held[n].document, query)}
            found = list(fitting.values())
            hostile = {d.id for d in (f.document for f in found) if speaks_to_weigher(d.title, d.publisher, d.text)}
            honest = [f for f in found if f.document.id not in hostile]
            found = [*honest[: query.limit], *[f for f in found if f.document.id in hostile][: query.limit]]
            search = Search(source=self.name, query=query.words, hits=len(found))
            results.append(Result(found, search, [] if at else problems))
        return results

    def _opened(self) -> Index:
        if self._index is None:
            name = hashlib.sha256(
                f"{type(self).__name__} {self.place.resolve()}".encode("utf-8", "surrogatepass")
            ).hexdigest()[:16]
            self._index = Index(self._cache / f"{name}.sqlite")
        return self._index

    def _updated(self, index: Index) -> list[Problem]:
        if not self.place.exists():
            return [Problem(stage="sources", code="missing", message=f"{self.name}: there is no such file or folder")]
        known = index.files()
        now = {str(path): path.stat() for path in _files(self.place)}
        if gone := known.keys() - now.keys():
            index.remove(gone)
            known = index.files()
        changed = [path for path, state in now.items() if not _is_known(known.get(path), state)]
        for at in range(0, len(changed), AT_ONCE):
            self._read(index, changed[at : at + AT_ONCE], known)
        return [problem for file in index.files().values() for problem in file.problems]

    def _read(self, index: Index, paths: Sequence[str], known: Mapping[str, File]) -> None:
        """Read files whose content is another one than before."""
        started = time.time_ns()
        files = {path: _as_it_is(path, started) for path in paths}
        fresh = [p for p, f in files.items() if not f.sha256 or p not in known or known[p].sha256 != f.sha256]
        documents, told = self._contents(fresh)
        problems = _by_file(told, fresh)
        old = {path: known[path].problems for path in paths if path in known and path not in fresh}
        now = {**old, **problems}
        index.replace([f._replace(problems=tuple(now.get(p, ()))) for p, f in files.items()], documents)

    def _contents(self, paths: Sequence[str]) -> tuple[dict[str, list[Found]], list[Problem]]:
        """What files hold, by their paths, and what of them cannot be read."""
        reading = read(paths, fetching=self._fetching, transcribe=self._transcribe)
        found: dict[str, list[Found]] = {}
        for document in reading.documents:
            found.setdefault(document.path or "", []).append(Found(as_evidence(document), self.name))
        return found, reading.problems


def wanted(query: Query) -> dict[str, float]:
    """The terms of a query with their weights."""
    weights: dict[str, float] = {}
    names = [(name, NAMES * FADING**at) for at, name in enumerate(query.names)]
    for text, part in ((query.words, 1.0), *names):
        for term in terms_of(text):
            weights[term.key] = max(weights.get(term.key, 0.0), part * WEIGHTS[term.kind])
    return weights


def _files(place: Path) -> Iterator[Path]:
    """The file, or all files in a folder that are of a kind that is read."""
    if not place.is_dir():
        yield place
        return
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder, name)
            if name.lower().endswith(ENDINGS) and path.is_file():
                yield path


def _is_known(file: File | None, state: os.stat_result) -> bool:
    """Whether a file is as it was read, as far as can be told without opening it."""
    if file is None or file.size != state.st_size or file.changed != state.st_mtime_ns:
        return False
    return state.st_mtime_ns < file.checked - RECENT


def _as_it_is(path: str, now: int) -> File:
    try:
        state = Path(path).stat()
        return File(path, state.st_size, state.st_mtime_ns, now, hashlib.sha256(Path(path).read_bytes()).hexdigest())
    except OSError:
        return File(path, -1, -1, now, "")


def _by_file(problems: Iterable[Problem], paths: Sequence[str]) -> dict[str, list[Problem]]:
    """Problems by the file that their message begins with."""
    found: dict[str, list[Problem]] = {}
    longest = sorted(paths, key=len, reverse=True)
    for problem in problems:
        path = next((p for p in longest if problem.message.startswith(p)), "")
        found.setdefault(path, []).append(problem)
    return found
