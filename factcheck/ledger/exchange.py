"""Take a ledger out as JSONL and in again: runs, documents with their claims, what was found, then decisions.

What comes in is proved again like a model's answer, line by line: a file may come from anybody.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from factcheck.errors import UsageError
from factcheck.ledger import evidence, log
from factcheck.ledger.connection import Ledger
from factcheck.ledger.evidence import exported, found_flaw, taken_in
from factcheck.ledger.incoming import Found, Incoming, add_found, add_incoming
from factcheck.ledger.rows import to_document
from factcheck.ledger.schema import (
    answers,
    claims,
    comparisons,
    documents,
    embeddings,
    findings,
    problems,
    runs,
    sources,
    ties,
)
from factcheck.ledger.store import Entry, load_claims, load_documents
from factcheck.ledger.vectors import unpacked
from factcheck.models import Answer, Claim, Document, Finding, Problem, Run, Tie, Usage
from factcheck.text.proof import claim_flaw, document_flaw, evidence_flaw, evidence_id_flaw, finding_flaw

FORMATS = ("factcheck.ledger/1", "factcheck.ledger/2", "factcheck.ledger/3")
"""Formats that are read; the last one is written. The first says nothing of comparisons: all documents had one;
the second has no evidence."""

TOGETHER = 500
"""Lines of one transaction when a ledger is read in."""

LONGEST = 64_000_000
"""Characters of one line that is read."""


def export(connection: Connection) -> Iterator[str]:
    """The lines of a whole ledger, in the order in which it grew; the same ledger gives the same lines."""
    yield _line("ledger", format=FORMATS[-1])
    for row in connection.execute(select(runs).order_by(runs.c.seq)).mappings():
        said = {name: row[name] for name in ("id", "tool", "model", "started")}
        yield _line("run", **said, prompts=json.loads(row["prompts"]), inputs=json.loads(row["inputs"] or "[]"))
    for row in connection.execute(select(documents).order_by(documents.c.seq)).mappings():
        yield _line("document", **_document(connection, dict(row)))
    for row in connection.execute(select(findings).order_by(findings.c.seq)).mappings():
        yield _line("finding", document=row["document_id"], finding=json.loads(row["body"]))
    for table, model in ((answers, Answer), (ties, Tie)):
        for row in connection.execute(select(table).order_by(table.c.seq)).mappings():
            yield _line(model.__name__.lower(), **{name: row[name] for name in model.model_fields})
    for row in connection.execute(select(problems).order_by(problems.c.seq)).mappings():
        yield _line("problem", problem={name: row[name] for name in Problem.model_fields}, run=row["run"])
    for row in connection.execute(select(sources).order_by(sources.c.seq)).mappings():
        page = to_document(dict(row)).model_dump(mode="json")
        yield _line("source", document=page, run=row["run"], added=row["added"])
    for kept, found in evidence.every(connection):
        yield _line("check", **exported(found), run=kept["run"], at=kept["at"])
    for decision in log.decisions(connection, *log.ACTIONS):
        yield _line("decision", **decision.model_dump())


def _line(kind: str, **values: Any) -> str:
    return json.dumps({"type": kind, **values}, ensure_ascii=False) + "\n"


def _document(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A document with all claims in it, those that a comparison noticed apart, and whether it was compared."""
    key = row["id"]
    found = select(claims.c.body, claims.c.noticed).where(claims.c.document_id == key).order_by(claims.c.seq)
    bodies = [(json.loads(body), noticed) for body, noticed in connection.execute(found)]
    done = connection.execute(select(comparisons).where(comparisons.c.document_id == key)).mappings().first()
    return {
        "document": to_document(row).model_dump(mode="json"),
        "claims": [body for body, noticed in bodies if not noticed],
        "noticed": [body for body, noticed in bodies if noticed],
        "embeddings": _vectors(connection, key),
        "recordings": json.loads(row["recordings"]),
        "run": row["run"],
        "added": row["added"],
        "machine": bool(row["machine"]),
        "compared": done and {"run": done["run"], "at": done["at"], "recordings": json.loads(done["recordings"])},
    }


def _vectors(connection: Connection, document: str) -> dict[str, dict[str, str]]:
    """The embeddings of a document's claims by model and claim, as base64 of their bytes."""
    query = select(embeddings.c.model, claims.c.id, embeddings.c.vector).join(
        claims, claims.c.seq == embeddings.c.claim
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query.where(claims.c.document_id == document).order_by(claims.c.seq)):
        found.setdefault(row.model, {})[row.id] = base64.b64encode(row.vector).decode()
    return found


@dataclass
class _Reader:
    """Reads lines, proves them, and writes them many at a time."""

    ledger: Ledger
    version: int = 0
    runs: dict[str, Run] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    """Of this file, for claims and ties of later lines."""
    claims: dict[str, str] = field(default_factory=dict)
    """The claims of this file, with the documents that they stand in."""
    entries: list[Incoming] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    numbers: dict[int, int] = field(default_factory=dict)
    """Numbers of decisions in this file, with those that they have here."""
    decided: dict[str, int] | None = None
    new: int = 0

    def read(self, value: Any) -> None:
        """One line. Raises ValueError, KeyError, TypeError or AttributeError for what is none."""
        kind = value.pop("type")
        if not self.version:
            if kind != "ledger" or value.get("format") not in FORMATS:
                raise ValueError(f"it does not begin with the format {FORMATS[-1]}")
            self.version = FORMATS.index(value["format"]) + 1
            return
        readers: Mapping[str, Callable[[dict[str, Any]], None]] = {
            "run": self._run,
            "document": self._document,
            "finding": lambda v: self._finding(Finding.model_validate(v["finding"]), v["document"]),
            "answer": self._answer,
            "tie": self._tie,
            "problem": self._problem,
            "source": self._source,
            "check": self._check,
            "decision": self._decision,
        }
        if kind not in readers:
            raise ValueError(f"nobody writes lines of the type {str(kind)[:40]!r}")
        readers[kind](value)
        if len(self.entries) + len(self.found) >= TOGETHER:
            self.flush()

    def _run(self, value: dict[str, Any]) -> None:
        self.runs[value["id"]] = Run(**value, usage=Usage())

    def _known(self, run: str) -> Run:
        if run not in self.runs:
            raise ValueError(f"its run {str(run)[:40]} is not in the file before it")
        return self.runs[run]

    def _document(self, value: dict[str, Any]) -> None:
        document = Document.model_validate(value["document"])
        own = [Claim.model_validate(claim) for claim in value["claims"]]
        noticed = [Claim.model_validate(claim) for claim in value.get("noticed", ())]
        elsewhere = [c for c in own if c.document_id != document.id] if self.version == 1 else []
        _must(document_flaw(document))
        for claim in (*own, *noticed):
            home = document if claim not in elsewhere else self._home(claim.document_id)
            _must(claim_flaw(claim, home) or _renamed(claim))
            self.claims[claim.id] = home.id
        entry = Entry(
            document,
            [c for c in own if c not in elsewhere],
            recordings=_strings(value["recordings"]),
            machine=bool(value.get("machine", False)),
            problems=[Problem.model_validate(p) for p in value.get("problems", ())],
            compared=self.version == 1,
        )
        for model, vectors in value["embeddings"].items():
            by_claim = {key: unpacked(base64.b64decode(kept)) for key, kept in vectors.items()}
            entry = entry._replace(vectors=by_claim, embedded_by=model)
        done = value.get("compared")
        compared = (self._known(done["run"]), str(done["at"]), _strings(done["recordings"])) if done else None
        self.documents[document.id] = document
        incoming = Incoming(entry, [*noticed, *elsewhere], self._known(value["run"]), str(value["added"]), compared)
        self.entries.append(incoming)
        for finding in value.get("findings", ()):
            self._finding(Finding.model_validate(finding), document.id)

    def _home(self, key: str) -> Document:
        """A document of this file or of the ledger."""
        if key not in self.documents:
            with self.ledger.reading() as connection:
                self.documents |= load_documents(connection, [key])
        if key not in self.documents:
            raise ValueError(f"document {key} is neither in the file before it nor in the ledger")
        return self.documents[key]

    def _claim(self, key: str) -> str:
        """The document of a claim of this file or of the ledger."""
        if key not in self.claims:
            with self.ledger.reading() as connection:
                self.claims |= {c.id: c.document_id for c in load_claims(connection, claims.c.id, [key]).values()}
        if key not in self.claims:
            raise ValueError(f"claim {key} is neither in the file before it nor in the ledger")
        return self.claims[key]

    def _finding(self, finding: Finding, document: str) -> None:
        _must(finding_flaw(finding))
        if document not in {self._claim(finding.a), self._claim(finding.b)}:
            raise ValueError(f"finding {finding.id} has no side in the document whose comparison found it")
        if finding.verdict or finding.stale or finding.also:
            raise ValueError(f"finding {finding.id} holds what only decisions and documents say")
        self.found.findings.append((finding, document))

    def _answer(self, value: dict[str, Any]) -> None:
        answer = Answer.model_validate(value)
        self._claim(answer.accusation), self._claim(answer.answer)
        self.found.answers.append(answer)

    def _tie(self, value: dict[str, Any]) -> None:
        tie = Tie.model_validate(value)
        self._home(tie.document_id)
        if not 0 <= tie.start < tie.end <= len(self._home(tie.shown_in).text):
            raise ValueError(f"the sentence that shows who {tie.written} is does not stand in its document")
        self.found.ties.append(tie)

    def _problem(self, value: dict[str, Any]) -> None:
        problem = Problem.model_validate(value["problem"])
        if problem.document_id is not None:
            self._home(problem.document_id)
        self.found.problems.append((problem, self._known(value["run"])))

    def _source(self, value: dict[str, Any]) -> None:
        document = Document.model_validate(value["document"])
        _must(document_flaw(document))
        self.documents.setdefault(document.id, document)
        self.found.sources.append((document, self._known(value["run"]), str(value["added"])))

    def _check(self, value: dict[str, Any]) -> None:
        found = taken_in(value)
        self._claim(found.check.claim_id)
        for piece in found.evidence:
            _must(evidence_flaw(piece, self._source_of(piece.document_id)) or evidence_id_flaw(piece))
        _must(found_flaw(found))
        self.found.checks.append((found, self._known(value["run"]), str(value["at"])))

    def _source_of(self, key: str) -> Document:
        """A document of this file or of the ledger, whether it is an article or was found as evidence."""
        if key not in self.documents:
            with self.ledger.reading() as connection:
                self.documents |= evidence.documents_of(connection, [key])
        if key not in self.documents:
            raise ValueError(f"document {key} is neither in the file before it nor in the ledger")
        return self.documents[key]

    def _decision(self, value: dict[str, Any]) -> None:
        """A decision goes to the end of the log, unless it stands there already."""
        self.flush()
        decision = log.Decision.model_validate(value)
        with self.ledger.writing() as connection:
            if self.decided is None:
                self.decided = {_key(d): d.seq for d in log.decisions(connection, *log.ACTIONS)}
            self.numbers[decision.seq] = log.take_in(connection, decision, self.decided, self.numbers, _key)

    def flush(self) -> None:
        """Write what waits, in one transaction."""
        if not self.entries and not len(self.found):
            return
        with self.ledger.writing() as connection:
            self.new += add_incoming(connection, self.entries)
            add_found(connection, self.found)
        self.entries, self.found = [], Found()


def read_in(ledger: Ledger, lines: Iterable[str], name: str) -> int:
    """Add an export to a ledger; what is there already stays as it is. Returns how many documents were new.

    Raises UsageError that names the line for anything that is no export, or does not hold; what came before it is kept.
    """
    reader, number = _Reader(ledger), 0
    try:
        for line in lines:
            number += 1
            if len(line) > LONGEST:
                raise ValueError(f"it has more than {LONGEST:,} characters")
            value = json.loads(line)
            if "\\ud" in line.lower():  # half a character may be written so, and no database takes it
                json.dumps(value, ensure_ascii=False).encode()
            reader.read(value)
        reader.flush()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        number += isinstance(error, UnicodeDecodeError)  # the line that could not even be read
        raise UsageError(f"{name}, line {number}: is no line of an exported ledger ({_reason(error)})") from None
    if not reader.version:
        raise UsageError(f"{name}: is empty and no exported ledger")
    return reader.new


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, UnicodeEncodeError):
        return "it holds half a character"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return " ".join(str(error).split())[:160]


def _must(flaw: str | None) -> None:
    if flaw:
        raise ValueError(flaw)


def _renamed(claim: Claim) -> str | None:
    """A ledger keeps the names that documents have; who is who stands in its ties."""
    said = claim.attribution
    other = said.as_written or said.known_from or claim.target_as_written
    return f"claim {claim.id} has a name that is not the one of its document" if other else None


def _strings(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise TypeError("the names of recordings are no list of words")
    return values


def _key(decision: log.Decision) -> str:
    return decision.model_copy(update={"seq": 0}).model_dump_json()
