"""Show what was read from originals and what was not: fields with where they were found, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from factcheck.models import Document
from factcheck.originals import LeftOut, LeftOutKind
from factcheck.outputs.inert import visible

NOUNS: dict[LeftOutKind, tuple[str, str]] = {
    "article": ("other article", "other articles"),
    "aside": ("aside", "asides"),
    "attachment": ("attachment", "attachments"),
    "caption": ("caption", "captions"),
    "comments": ("readers' comment", "readers' comments"),
    "footnote": ("footnote", "footnotes"),
    "header": ("header", "headers"),
    "hidden": ("hidden passage", "hidden passages"),
    "markup": ("piece of markup", "pieces of markup"),
    "navigation": ("menu or list of links", "menus and lists of links"),
    "note_mark": ("footnote mark", "footnote marks"),
    "other": ("other passage", "other passages"),
    "page": ("unread page", "unread pages"),
    "quoted_mail": ("quoted mail", "quoted mails"),
    "repeated": ("repeated passage", "repeated passages"),
    "ruby": ("ruby reading", "ruby readings"),
    "running_head": ("running head", "running heads"),
    "signature": ("signature", "signatures"),
    "struck": ("struck passage", "struck passages"),
}
FIELDS = ("title", "author", "publisher", "published", "url", "language")
SHOWN = 60
"""Characters of a field or of what was left out that fit beside their name."""


def left_out_line(document: Document) -> str:
    """What was left out of a document, counted by kind, e.g. `2 asides, 1 footnote`; empty where nothing was."""
    counts = dict.fromkeys(NOUNS, 0)
    for item in document.left_out:
        counts[item.kind] += 1
    return ", ".join(f"{n} {NOUNS[kind][n != 1]}" for kind, n in counts.items() if n)


def correction_lines(document: Document) -> list[str]:
    """How a document corrects itself, a line each."""
    lines = []
    for item in document.corrections:
        line = f"corrects itself: “{_short(document.text[item.start : item.end])}”"
        if item.corrected_start is not None:
            line += f" on “{_short(document.text[item.corrected_start : item.corrected_end])}”"
        lines.append(line)
    return lines


def reading_lines(documents: Sequence[Document], *, full: bool) -> Iterator[str]:
    """All that is known of how documents were read, a line each; with `full` the words themselves, too."""
    for document in documents:
        address = document.origin.address if document.origin else None
        yield visible(document.path or address or "standard input")
        yield from (f"  {line}" for line in _fields(document))
        yield f"  {'read':<11} {_size(document.text)}"
        yield from (f"  {visible(line)}" for line in correction_lines(document))
        yield from (f"  {line}" for line in (_all(document) if full else _kinds(document)))
        yield ""


def _fields(document: Document) -> Iterator[str]:
    for name in FIELDS:
        value = getattr(document, name)
        if value:
            source = document.fields_from.get(name)
            yield visible(f"{name:<11} {_short(value)}{f'  ({source})' if source else ''}")
        elif name == "published":
            yield f"{name:<11} not found"


def _kinds(document: Document) -> Iterator[str]:
    """A line for each kind of what was left out."""
    by_kind: dict[LeftOutKind, list[LeftOut]] = {}
    for item in document.left_out:
        by_kind.setdefault(item.kind, []).append(item)
    for kind, (one, many) in NOUNS.items():
        if items := by_kind.get(kind):
            text = "\n".join(item.text for item in items)
            name = f"{len(items)} {one if len(items) == 1 else many}"
            yield visible(f"{'left out':<11} {name}, {_size(text)}: {_short(text or items[0].note)}")


def _all(document: Document) -> Iterator[str]:
    """The whole text, with what was left out in its place."""
    at = 0
    for item in sorted(document.left_out, key=lambda item: item.at):
        yield from _lines(document.text[at : item.at], "  ")
        note = f", {item.note}" if item.note else ""
        yield from _lines(f"[{NOUNS[item.kind][0]}{note}] {item.text}", "- ")
        at = item.at
    yield from _lines(document.text[at:], "  ")


def _lines(text: str, before: str) -> Iterator[str]:
    yield from (visible(f"{before}{line}") for line in text.split("\n") if line.strip())


def _size(text: str) -> str:
    words = len(text.split())
    return f"{words:,} word{'' if words == 1 else 's'}, {len(text):,} characters"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
