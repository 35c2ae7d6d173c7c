"""A local full-text index of documents, kept up to date by hash: one SQLite file for each file or folder of references.

SQLite's FTS5 holds the terms of each part of a document (see `text.terms`) and answers which parts have a term;
which of them matter is counted here, by how rare their terms are. The index is a cache: one that is broken, or that
another version made, is made anew. Any number of processes read it while one writes.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from factcheck.models import Document, Problem, Rating
from factcheck.sources.results import Found
from factcheck.text.orders import speaks_to_weigher
from factcheck.text.terms import keys_of

VERSION = 4
"""Of the tables and of the terms in them; an index of another version is made anew."""

PART = 1_500
"""Characters of a part, whole paragraphs where they are not longer: about a page's third, one matter."""

MOST_PARTS = 4_096
"""Parts of one document; the longest document that is read has fewer."""

COMMON = 1_000
"""Parts from which a term is too common to look for by itself; it still counts for parts that others found."""

RESCORED = 60
"""Parts for which common terms are counted, too."""

WAIT_SECONDS = 60.0
"""How long one process waits for another one that writes."""

SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, checked INTEGER, sha256 TEXT, problems TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, parts INTEGER NOT NULL, body TEXT NOT NULL, rating TEXT,
    nature TEXT, orders INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_of_files ON documents (path);
CREATE VIRTUAL TABLE IF NOT EXISTS parts USING fts5 (keys, detail = none, tokenize = 'ascii');
CREATE TABLE IF NOT EXISTS vectors (part INTEGER PRIMARY KEY, model TEXT NOT NULL, vector BLOB NOT NULL);
"""


class File(NamedTuple):
    """A file as it was when it was read last: its size, when it was changed and looked at (nanoseconds), its hash."""

    path: str
    size: int
    changed: int
    checked: int
    sha256: str
    problems: tuple[Problem, ...] = ()


class Index:
    """The index of one file or folder. Raises sqlite3.Error where its file cannot be used at all."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _opened(file)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def files(self) -> dict[str, File]:
        """What was read, by path."""
        rows = self._connection.execute("SELECT path, size, changed, checked, sha256, problems FROM files")
        return {
            path: File(path, size, changed, checked, sha256, _problems(kept))
            for path, size, changed, checked, sha256, kept in rows
        }

    def replace(self, files: Sequence[File], documents: Mapping[str, Sequence[Found]]) -> None:
        """Put files and the documents in them (by path) in the place of what was known of them, all or nothing."""
        with self._writing() as db:
            for file in files:
                known = db.execute("SELECT sha256 FROM files WHERE path = ?", (file.path,)).fetchone()
                if known is None or known[0] != file.sha256:
                    self._drop(file.path)
                    for found in documents.get(file.path, ()):
                        self._add(file.path, found)
                problems = json.dumps([problem.model_dump() for problem in file.problems])
                db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", (*file[:5], problems))

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files; those that were left out as copies of them are read again."""
        with self._writing() as db:
            for path in paths:
                self._drop(path)
                db.execute("DELETE FROM files WHERE path = ?", (path,))
            db.execute("""UPDATE files SET changed = -1, sha256 = '' WHERE problems LIKE '%"code": "duplicate"%'""")

    def search(self, wanted: Mapping[str, float], limit: int, near: Mapping[int, float] | None = None) -> list[int]:
        """The numbers of the documents that fit these terms (with their weights) best; `near` adds to parts' scores."""
        return self.search_all([wanted], limit, [near or {}])[0]

    def search_all(
        self, wanted: Sequence[Mapping[str, float]], limit: int, near: Sequence[Mapping[int, float]] = ()
    ) -> list[list[int]]:
        """The same for several questions at once; a term that several of them have is looked up once.

        Documents that speak to the program that weighs them come behind the others, and take nothing from them: neither
        a place nor a term's rarity.
        """
        rows = self._connection.execute("SELECT number, parts, orders FROM documents").fetchall()
        hostile = {number: parts for number, parts, orders in rows if orders}
        held = max(1, len(rows) - len(hostile))
        keys = {key for weights in wanted for key in weights}
        found = {key: self._parts_with(key, COMMON + sum(hostile.values())) for key in keys}
        clean = {key: [p for p in parts if p // MOST_PARTS not in hostile][:COMMON] for key, parts in found.items()}
        ordering = {key: [p for p in parts if p // MOST_PARTS in hostile] for key, parts in found.items()}
        every = []
        for at, weights in enumerate(wanted):
            close = near[at] if near else {}
            others = {part: value for part, value in close.items() if part // MOST_PARTS not in hostile}
            best = self._best(weights, clean, held, limit, others)
            every.append(best + (self._best(weights, ordering, held, limit, {}) if hostile else []))
        return every

    def load(self, numbers: Iterable[int], source: str) -> dict[int, Found]:
        """Documents by their numbers, with what was kept of them, as found in this source."""
        query = "SELECT number, body, rating, nature FROM documents WHERE number = ?"
        rows = (self._connection.execute(query, (number,)).fetchone() for number in dict.fromkeys(numbers))
        return {
            number: Found(
                Document.model_validate_json(body),
                source,
                Rating.model_validate_json(rating) if rating else None,
                nature,
            )
            for number, body, rating, nature in filter(None, rows)
        }

    def without_vectors(self, model: str) -> list[tuple[int, str]]:
        """The parts that have no vector of this model yet, with their text."""
        rows = self._connection.execute("SELECT number, body, parts FROM documents ORDER BY number").fetchall()
        have = {part for (part,) in self._connection.execute("SELECT part FROM vectors WHERE model = ?", (model,))}
        return [
            (number * MOST_PARTS + at, part)
            for number, body, parts in rows
            if any(number * MOST_PARTS + at not in have for at in range(parts))
            for at, part in enumerate(parts_of(Document.model_validate_json(body)))
            if number * MOST_PARTS + at not in have
        ]

    def add_vectors(self, model: str, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Keep vectors of parts."""
        with self._writing() as db:
            rows = ((part, model, vector) for part, vector in vectors)
            db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def vectors(self, model: str) -> list[tuple[int, bytes]]:
        """The vectors of parts, in the order of their numbers."""
        query = "SELECT part, vector FROM vectors WHERE model = ? ORDER BY part"
        return self._connection.execute(query, (model,)).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _drop(self, path: str) -> None:
        db = self._connection
        for number, parts in db.execute("SELECT number, parts FROM documents WHERE path = ?", (path,)).fetchall():
            first, last = number * MOST_PARTS, number * MOST_PARTS + parts
            db.execute("DELETE FROM parts WHERE rowid >= ? AND rowid < ?", (first, last))
            db.execute("DELETE FROM vectors WHERE part >= ? AND part < ?", (first, last))
        db.execute("DELETE FROM documents WHERE path = ?", (path,))

    def _add(self, path: str, found: Found) -> None:
        document, _, rating, nature = found
        parts = parts_of(document)
        body = document.model_dump_json(exclude_defaults=True)
        orders = speaks_to_weigher(document.title, document.publisher, document.text)
        row = (path, len(parts), body, rating.model_dump_json() if rating else None, nature, orders)
        insert = "INSERT INTO documents (path, parts, body, rating, nature, orders) VALUES (?, ?, ?, ?, ?, ?)"
        number = self._connection.execute(insert, row).lastrowid
        assert number is not None  # noqa: S101  (sqlite3 gives one after each INSERT)
        rows = ((number * MOST_PARTS + at, " ".join(keys_of(part))) for at, part in enumerate(parts))
        self._connection.executemany("INSERT INTO parts (rowid, keys) VALUES (?, ?)", rows)

    def _parts_with(self, key: str, limit: int) -> list[int]:
        query = "SELECT rowid FROM parts WHERE parts MATCH ? LIMIT ?"
        return [part for (part,) in self._connection.execute(query, (f'"{key}"', limit))]

    def _best(
        self,
        wanted: Mapping[str, float],
        found: Mapping[str, Sequence[int]],
        held: int,
        limit: int,
        near: Mapping[int, float],
    ) -> list[int]:
        worth = {key: weight * math.log(1 + held / (1 + len(found[key]))) for key, weight in wanted.items()}
        votes: Counter[int] = Counter()
        for key, value in worth.items():
            if len(found[key]) < COMMON:
                for part in found[key]:
                    votes[part] += value  # type: ignore[assignment]  # a Counter of floats
        if not votes:  # only common words: any of them will do
            votes.update(part for key in wanted for part in found[key][:RESCORED])
        for part, cosine in near.items():
            votes[part] += cosine  # type: ignore[assignment]
        common = [key for key in wanted if len(found[key]) >= COMMON]
        return self._documents(self._rescored(votes, {key: worth[key] for key in common}), limit)

    def _rescored(self, votes: Counter[int], worth: Mapping[str, float]) -> list[tuple[float, int]]:
        """The parts with the most votes, with what common terms add."""
        scored = []
        for part, vote in votes.most_common(RESCORED):
            keys: set[str] = set()
            if worth:
                row = self._connection.execute("SELECT keys FROM parts WHERE rowid = ?", (part,)).fetchone()
                keys = set(row[0].split()) if row else keys
            scored.append((vote + sum(value for key, value in worth.items() if key in keys), part))
        return sorted(scored, key=lambda row: (-row[0], row[1]))

    def _documents(self, scored: Sequence[tuple[float, int]], limit: int) -> list[int]:
        return list(dict.fromkeys(part // MOST_PARTS for _, part in scored))[:limit]


def _problems(kept: str) -> tuple[Problem, ...]:
    return tuple(Problem.model_validate(problem) for problem in json.loads(kept))


def parts_of(document: Document) -> list[str]:
    """A document's text in parts of whole paragraphs, each with the title, publisher and date in front."""
    head = "\n".join(filter(None, (document.title, document.publisher, document.published)))
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", document.text):
        for piece in _pieces(paragraph):
            if parts and len(parts[-1]) + len(piece) <= PART:
                parts[-1] += f"\n{piece}"
            else:
                parts.append(piece)
    return [f"{head}\n{part}" for part in parts[:MOST_PARTS]]


def _pieces(paragraph: str) -> list[str]:
    """A paragraph, cut between words where it is longer than a part."""
    pieces = []
    while len(paragraph) > PART:
        cut = paragraph.rfind(" ", PART // 2, PART)
        cut = PART if cut < 0 else cut
        pieces.append(paragraph[:cut])
        paragraph = paragraph[cut:]
    return [*pieces, paragraph]


def _opened(file: Path) -> sqlite3.Connection:
    """The file of an index with its tables; what is none, or one of another version, is made anew."""
    try:
        return _with_tables(file)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    return _with_tables(file)


def _with_tables(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in {0, VERSION}:
            raise sqlite3.DatabaseError("another version")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT;")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
