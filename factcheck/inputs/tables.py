"""Read tables of articles, JSON lines and CSV: columns are found by their names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from factcheck.inputs.article import Article, Original, Part, Unread, UnreadableError, canonical
from factcheck.inputs.plain import decoded, iso_date
from factcheck.text.invisible import line

COLUMNS = {
    "text": (
        "text",
        "body",
        "content",
        "article",
        "articlebody",
        "fulltext",
        "maintext",
        "transcript",
        "texte",
        "texto",
    ),
    "title": ("title", "headline", "titel", "titre", "titulo", "título", "titolo"),
    "publisher": ("publisher", "source", "outlet", "site", "sitename", "newspaper", "medium", "quelle"),
    "published": (
        "published",
        "date",
        "publishedat",
        "publishdate",
        "publicationdate",
        "datepublished",
        "pubdate",
        "datum",
    ),
    "url": ("url", "link", "address", "canonicalurl", "permalink"),
    "language": ("language", "lang", "sprache", "langue", "idioma"),
    "author": ("author", "authors", "byline", "autor", "auteur"),
}
"""By preference; case, spaces, hyphens and underscores in a column's name do not matter."""

MAX_FIELD = 500
"""Characters of any column but the text."""

MAX_ROWS = 20_000
csv.field_size_limit(4_000_000)


def read_jsonl(original: Original) -> list[Part]:
    """One article a line; a line that is none is told apart. Raises UnreadableError."""
    lines = decoded(original.content).split("\n")
    rows = ((n, text) for n, text in enumerate(lines, 1) if text.strip())
    return _checked([_json_row(text, f"line {n}") for (n, text), _ in zip(rows, range(MAX_ROWS + 1), strict=False)])


def read_csv(original: Original) -> list[Part]:
    """One article a row below a row of column names. Raises UnreadableError."""
    text = decoded(original.content).replace("\0", "")
    head = text.split("\n", maxsplit=1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next(rows, [])
        columns = _columns(names)
        if "text" not in columns:
            given = ", ".join(n.strip()[:30] for n in names[:8]) or "none"
            raise UnreadableError("columns", f"has no column named text, body or content; there are: {given}")
        return _checked([_csv_row(row, columns, f"row {n}") for n, row in _numbered(rows)])
    except csv.Error as error:
        raise UnreadableError("damaged", f"is not CSV at line {rows.line_num} ({error})") from None


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for n, row in zip(range(2, MAX_ROWS + 3), rows, strict=False):
        if any(cell.strip() for cell in row):
            yield n, row


def _checked(parts: list[Part]) -> list[Part]:
    if not parts:
        raise UnreadableError("empty", "holds no rows")
    if len(parts) > MAX_ROWS:
        raise UnreadableError("too_long", f"holds more than {MAX_ROWS:,} rows; split it")
    return parts


def _columns(names: list[str]) -> dict[str, int]:
    """Where each field stands."""
    folded = ["".join(c for c in name.casefold() if c.isalnum()) for name in names]
    found = {field: next((folded.index(w) for w in wanted if w in folded), None) for field, wanted in COLUMNS.items()}
    return {field: at for field, at in found.items() if at is not None}


def _json_row(text: str, part: str) -> Part:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return Unread("damaged", "is not JSON", part)
    if not isinstance(row, dict):
        return Unread("damaged", "is not a JSON object", part)
    columns = _columns([str(name) for name in row])
    values = list(row.values())
    if "text" not in columns:
        given = ", ".join(str(n)[:30] for n in list(row)[:8]) or "none"
        return Unread("columns", f"has no text, body or content; there are: {given}", part)
    return _article({field: values[at] for field, at in columns.items()}, part)


def _csv_row(row: list[str], columns: Mapping[str, int], part: str) -> Part:
    if len(row) <= max(columns.values()):
        return Unread("damaged", "has fewer cells than there are columns", part)
    return _article({field: row[at] for field, at in columns.items()}, part)


def _article(values: Mapping[str, Any], part: str) -> Part:
    text = values["text"]
    if not isinstance(text, str):
        return Unread("columns", "its text is not a string", part)
    fields = {name: line(_string(value), MAX_FIELD) for name, value in values.items() if name != "text"}
    notes: tuple[tuple[str, str], ...] = ()
    if given := fields.get("published"):
        fields["published"] = iso_date(given)
        if fields["published"] is None:
            notes = (("front_matter", f"`{given[:40]}` is not a date like 2014-06-14 and was left out"),)
    return Article(canonical(text).strip(), fields, notes=notes, part=part)


def _string(value: Any) -> str | None:
    """A cell as a string: a list of authors is joined, an object with a name is that name."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_string, value))) or None
    if isinstance(value, dict):
        return _string(value.get("name"))
    return value if isinstance(value, str) else None
