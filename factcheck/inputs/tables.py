"""Read tables of articles, JSON lines and CSV as spreadsheets write it: columns are found by their names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from factcheck.inputs.article import Article, Original, Part, Unread, UnreadableError
from factcheck.inputs.fields import WANTED, column_of, flat
from factcheck.inputs.plain import decoded
from factcheck.inputs.records import article_of
from factcheck.text.dates import Order, order_of

MAX_ROWS = 20_000
MAX_CELL = 4_000_000
DELIMITERS = ",;\t|"
SEPARATOR = "sep="
"""How the first line begins in which spreadsheets say what separates cells."""


class Row(NamedTuple):
    """A row by the names of its columns, and what messages call it."""

    values: Mapping[str, Any]
    part: str


def read_jsonl(original: Original) -> list[Part]:
    """One article a line; a line that is none is told apart. Raises UnreadableError."""
    lines = decoded(original.content).split("\n")
    rows = ((n, text) for n, text in enumerate(lines, 1) if text.strip())
    parts: list[Part | Row] = [
        _json_row(text, f"line {n}") for (n, text), _ in zip(rows, range(MAX_ROWS + 1), strict=False)
    ]
    return _articles(_checked(parts), "line")


def read_csv(original: Original) -> list[Part]:
    """One article a row below a row of column names. Raises UnreadableError."""
    csv.field_size_limit(MAX_CELL)
    text, delimiter = _delimited(decoded(original.content).replace("\0", ""))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next((row for row in rows if any(cell.strip() for cell in row)), [])
        if column_of("text", names) is None:
            given = ", ".join(n.strip()[:30] for n in names[:8]) or "none"
            raise UnreadableError("columns", f"has no column named text, body or content; there are: {given}")
        return _articles(_checked([_csv_row(row, names, f"row {n}") for n, row in _numbered(rows)]), "column")
    except csv.Error as error:
        raise UnreadableError("damaged", f"is not CSV at line {rows.line_num} ({error})") from None


def _delimited(text: str) -> tuple[str, str]:
    """The table itself and what separates its cells: as its first line says, else what stands most between names."""
    head, _, rest = text.partition("\n")
    first = head.strip().strip('"')
    if first.lower().startswith(SEPARATOR) and len(first) <= len(SEPARATOR) + 1:
        return rest, first[len(SEPARATOR) :] or "\t"
    first = next((row for row in text.split("\n", 20) if any(char.isalnum() for char in row)), "")
    names = re.sub(r'"[^"]*"', "", first)
    return text, max(DELIMITERS, key=names.count)


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for n, row in zip(range(2, MAX_ROWS + 3), rows, strict=False):
        if any(cell.strip() for cell in row):
            yield n, row


def _checked(parts: list[Part | Row]) -> list[Part | Row]:
    if not parts:
        raise UnreadableError("empty", "holds no rows")
    if len(parts) > MAX_ROWS:
        raise UnreadableError("too_long", f"holds more than {MAX_ROWS:,} rows; split it")
    return parts


def _articles(parts: list[Part | Row], where: str) -> list[Part]:
    """The articles of rows; what a column's other dates say of the order of day and month holds for all of them."""
    order = _order([part for part in parts if isinstance(part, Row)])
    return [_article(part, where, order) if isinstance(part, Row) else part for part in parts]


def _order(rows: list[Row]) -> Order | None:
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    at = column_of("published", names)
    return order_of(flat(row.values.get(names[at])) for row in rows) if at is not None else None


def _article(row: Row, where: str, order: Order | None) -> Article | Unread:
    found = article_of(row.values, where, order)
    return found._replace(part=row.part)


def _json_row(text: str, part: str) -> Part | Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return Unread("damaged", "is not JSON", part)
    if not isinstance(row, dict):
        return Unread("damaged", "is not a JSON object", part)
    return Row(row, part)


def _csv_row(row: list[str], names: list[str], part: str) -> Part | Row:
    used = [at for field in WANTED if (at := column_of(field, names)) is not None]
    if len(row) <= max(used):
        return Unread("damaged", "has fewer cells than there are columns", part)
    beyond = {f"column {n}": cell for n, cell in enumerate(row[len(names) :], len(names) + 1) if cell.strip()}
    return Row(dict(zip(_unique(names), row, strict=False)) | beyond, part)


def _unique(names: list[str]) -> list[str]:
    """Names of columns, of which a later one with the same name gets its number."""
    return [name if name not in names[:n] else f"{name} ({n + 1})" for n, name in enumerate(names)]
